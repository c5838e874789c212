"""What is promised, whatever is killed and whenever: checked against the newspaper, the store and the postbox."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from scheduler.demo.texts import made_up
from storage.model.telling import DeliveryState
from storage.schema.articles import address, article, change, revision
from storage.schema.looking import source
from storage.schema.telling import alert, delivery, delivery_alert, notice
from tests.running import Running, config_text, dateline

WAITING = (DeliveryState.OPEN, DeliveryState.PENDING, DeliveryState.PAUSED)


class World:
    """A Dateline, the newspaper that it watches and the postbox that it tells.

    The rule is "alarm"; every other article has that word.
    """

    def __init__(self, running: Running, newspaper: Newspaper, postbox: Postbox) -> None:
        self.running, self.newspaper, self.postbox = running, newspaper, postbox
        self.titles: dict[str, str] = {}  # by URL

    def write_config(self, sources: Mapping[str, str] | None = None, **changed: Any) -> None:
        sources = sources or {"courier": self.newspaper.sitemap_url}
        self.running.write(config_text(self.running.port, sources, self.postbox, **changed))

    def publish(self, count: int = 2) -> list[str]:
        urls = []
        for _ in range(count):
            number = len(self.titles) + 1
            title, paragraphs = made_up(number)
            title = f"{'Alarm' if number % 2 else 'Calm'} {number}: {title}"
            urls.append(self.newspaper.publish(title, paragraphs))
            self.titles[urls[-1]] = title
        return urls

    def edit(self, url: str) -> None:
        """Let the headline match where it did not, and the other way round."""
        title = self.titles[url]
        was, is_ = ("Alarm", "Calm") if title.startswith("Alarm") else ("Calm", "Alarm")
        self.newspaper.edit(url, was, is_)
        self.titles[url] = title.replace(was, is_)

    @property
    def arrivals(self) -> list[str]:
        """The ids of what came, in the order of coming, repeats too: attempts at the webhook, then mails."""
        mails = [str(mail.message["Message-ID"]).strip("<>").partition("@")[0] for mail in self.postbox.received_mail]
        return [hook.id for hook in self.postbox.attempts] + mails

    async def first_look(self, **config: Any) -> None:
        """Start with two articles of history, and wait until they are stored."""
        self.write_config(**config)
        self.publish()
        await self.running.start()
        await self.running.until(
            lambda: (
                self.running.count(source, source.c.first_completed_at.is_not(None)) == 1
                and self.running.count(article) == len(self.titles)
            ),
            "the first look",
        )

    async def settled(self) -> None:
        """Wait until all that was published is stored, judged and sent, and hold it against the promises."""
        await self.running.until(self._is_settled, "everything to be stored, judged and sent")
        self.check_stored()
        self.check_alerts()
        self.check_deliveries()

    def _is_settled(self) -> bool:
        # In the order of an article's way: what is stored while this asks is then seen unjudged, or unsent.
        self.hasten_what_failed()
        return self.shown() == self.titles and self.running.count(article) >= len(self.titles) and self.is_told()

    def hasten_what_failed(self) -> None:
        """A page whose reader was killed is tried again in minutes; here at once."""
        if self.running.count(address, address.c.failures > 0):
            self.running.time_passes()

    def is_told(self) -> bool:
        """Whether every change that is stored was judged, and all that is to be told of them was sent.

        One question at one moment: a notice becomes a delivery, and a delivery that is sent may leave a notice.
        """
        waits = (
            sa.exists().where(change.c.matched_at.is_(None)),
            sa.exists().where(delivery.c.state.in_(WAITING)),
            sa.exists().where(notice.c.told_at.is_(None)),
        )
        return not self.running.read(sa.select(sa.or_(*waits)))[0][0]

    def shown(self) -> dict[str, str]:
        """The titles that are stored, by address."""
        newest = (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number)
        query = (
            sa.select(address.c.url, revision.c.title)
            .join(article, article.c.id == address.c.article_id)
            .join(revision, newest)
        )
        return {row.url: row.title for row in self.running.read(query)}

    def check_stored(self) -> None:
        """Every article stands there once, with revisions from 1 on, and as it was last printed."""
        assert self.shown() == self.titles
        assert self.running.count(article) == len(self.titles)
        numbers = defaultdict(list)
        for row in self.running.read(sa.select(revision.c.article_id, revision.c.number)):
            numbers[row.article_id].append(row.number)
        assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())

    def check_alerts(self) -> None:
        """Every change that is no history and matches has one alert, and every alert one delivery a channel."""
        before, after = revision.alias("before"), revision.alias("after")
        changes = self.running.read(
            sa.select(change.c.id, before.c.title.label("was"), after.c.title.label("is_"))
            .join(before, before.c.id == change.c.before_id, isouter=True)
            .join(after, after.c.id == change.c.after_id, isouter=True)
            .where(~change.c.history, change.c.cls != "label")
        )
        matching = [row.id for row in changes if "alarm" in f"{row.was} {row.is_}".lower()]
        assert sorted(row.change_id for row in self.running.read(sa.select(alert.c.change_id))) == sorted(matching)
        told = Counter(
            (row.alert_id, row.channel)
            for row in self.running.read(
                sa.select(delivery_alert.c.alert_id, delivery.c.channel).join(
                    delivery, delivery.c.id == delivery_alert.c.delivery_id
                )
            )
        )
        ids = [row.id for row in self.running.read(sa.select(alert.c.id))]
        assert told == Counter((one, channel) for one in ids for channel in ("hook", "mail"))

    def check_deliveries(self) -> None:
        """Each arrived under its own id, and every repeat with the same bytes; nothing came that is not known."""
        hooks, mails = defaultdict(set), defaultdict(set)
        for hook in self.postbox.attempts:
            hooks[hook.id].add(hook.body)
        for mail in self.postbox.received_mail:
            mails[str(mail.message["Message-ID"]).strip("<>").partition("@")[0]].add(mail.content)
        assert all(len(bodies) == 1 for bodies in (*hooks.values(), *mails.values()))
        for channel, came in (("hook", {hook.id for hook in self.postbox.received_hooks}), ("mail", set(mails))):
            rows = self.running.read(sa.select(delivery.c.id, delivery.c.state).where(delivery.c.channel == channel))
            assert {row.state for row in rows} <= {DeliveryState.SENT}
            assert came == {row.id for row in rows}
        told = [one["id"] for [body] in hooks.values() for one in _alerts(body)]
        assert len(told) == len(set(told)), "an alert came under two ids"


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[World]:
    """A world that is opened and not begun: for a module whose tests share one."""
    newspaper, postbox = Newspaper(), Postbox(secret="whsec_ZGVtb25zdHJhdGlvbiBzZWNyZXQgb25seQ==")
    await newspaper.start()
    await postbox.start()
    try:
        async with dateline(folder) as running:
            yield World(running, newspaper, postbox)
    finally:
        await postbox.stop()
        await newspaper.stop()


def _alerts(body: bytes) -> list[dict[str, int]]:
    content = json.loads(body)
    return list(content["data"]["alerts"]) if content["type"] == "alerts" else []
