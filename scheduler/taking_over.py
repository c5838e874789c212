"""What a config means for those who go by it: the worker's settings, the stages of telling, the rows of the store."""

from __future__ import annotations

import logging
from datetime import datetime

from crawler.settings import CrawlerSettings
from crawler.worker import WorkerSettings
from scheduler.config import Config
from scheduler.judge import Rules
from scheduler.pipeline import Telling
from scheduler.sending import Channel
from scheduler.timing import Timed
from storage import by_hand, outbox, sources, unnamed
from storage.store import Connection

log = logging.getLogger("dateline.tell")

# Of a channel: when and in what words it tells. That mends nothing, and who sets a limit since the receiver asked to
# wait must not have it asked sooner.
_MENDS_NOTHING = frozenset((*Timed.model_fields, "limit", "subject", "text", "html"))


def worker_settings(config: Config, *, until_idle: bool = False) -> WorkerSettings:
    tables = config.tables
    return WorkerSettings(
        store_url=config.store_url,
        data=str(config.data),
        crawler=CrawlerSettings(
            user_agent=tables.crawler.user_agent,
            contact=tables.crawler.contact,
            delay=tables.crawler.delay,
            concurrency=tables.crawler.concurrency,
            timeout=tables.crawler.timeout,
            max_page=tables.crawler.max_page,
            allow_addresses=tuple(tables.crawler.allow_addresses),
        ),
        revisit=tables.changes.revisit,
        confirm=tables.changes.confirm,
        sample=tables.changes.sample,
        up_to=tables.changes.up_to,
        until_idle=until_idle,
        log_level=logging.getLogger().getEffectiveLevel(),
    )


def telling(config: Config) -> Telling:
    tables = config.tables
    return Telling(
        rules=Rules(config.rules, config.lists),
        channels=config.channels,
        tell=tables.daemon.tell,
        retry=tables.delivery.retry,
        plans=config.plans,
    )


def take_over(connection: Connection, config: Config, now: datetime, before: Config | None = None) -> None:
    """Make the store say what the config says: sources, rules and channels, in one transaction. What gathers or is held
    goes by the new plan at once, and nowhere where its rule is not to be told any more. A paused channel that is
    reached otherwise than in the config `before` is tried at once."""
    sources.take_over(connection, config.sources, now)
    outbox.take_over_rules(connection, config.rules, now)
    outbox.take_over_channels(connection, config.channels, now)
    if dropped := unnamed.drop_unnamed(connection, config.rules, config.channels, now):
        log.warning("deliveries dropped number=%d reason=%s", dropped, unnamed.NOT_NAMED)
    if taken_up := unnamed.take_up_named(connection, config.rules, config.channels, now):
        log.info("deliveries taken up again number=%d", taken_up)
    outbox.take_over_plans(connection, config.plans.due_at, now)
    if before is not None and (probed := by_hand.probe(connection, _mended(before, config), now)):
        log.info("paused channels are tried number=%d reason=%s", len(probed), "the config has them anew")


def _mended(before: Config, after: Config) -> list[str]:
    """The channels that are reached otherwise, also by a secret that was changed where it lies."""

    def keys(one: Channel) -> list[object]:
        return [type(one), *(getattr(one, name) for name in type(one).model_fields if name not in _MENDS_NOTHING)]

    old = before.channels
    return [name for name, one in after.channels.items() if name not in old or keys(one) != keys(old[name])]
