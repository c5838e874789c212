"""Ten thousand pending deliveries through a fast webhook, beside bare posts of the same bytes to the same receiver."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import sqlalchemy as sa

from bench.figure import Figure
from scheduler import pipeline
from scheduler.channels.webhook import Channel
from scheduler.judge import Rules
from scheduler.pipeline import Telling
from storage import outbox
from storage.identity import address_key
from storage.model.articles import Article
from storage.model.looking import SourceConfig
from storage.model.telling import RuleConfig
from storage.rows import article_values
from storage.schema.articles import address, article, article_source, change, revision
from storage.schema.telling import delivery
from storage.sources import take_over
from storage.store import Store, open_store
from storage.writer import Writer

DELIVERIES, BESIDE, SECOND = 10_000, 2000, timedelta(seconds=1)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
RETRY = (timedelta(seconds=5),)


def run() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-m", "bench._receiver"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as receiver,
    ):
        assert receiver.stdout and receiver.stdin
        url = f"http://127.0.0.1:{receiver.stdout.readline().strip()}"
        store = open_store(f"sqlite:///{Path(folder) / 'd.db'}", migrate=True)
        try:
            return asyncio.run(_measured(store, url))
        finally:
            store.close()
            receiver.stdin.close()


async def _measured(store: Store, url: str) -> list[Figure]:
    _fill(store, ("fast",), DELIVERIES)
    took, sent = await _timed(_drain(store, url, ("fast",)))
    with store.reader() as connection:
        payloads = list(connection.execute(sa.select(delivery.c.payload)).scalars())
    assert sent == len(payloads) == DELIVERIES
    floor, _ = await _timed(lambda: _bare(f"{url}/fast", payloads))
    # Some more beside a channel that never answers.
    _fill(store, ("fast", "hanging"), BESIDE)
    beside, _ = await _timed(_drain(store, url, ("fast", "hanging")))
    each, note = 1000 / DELIVERIES, f"{DELIVERIES / took:.0f}/s"
    return [
        Figure(
            "a delivery drained, webhook", took * each, "ms", bar=5, floor=floor * each, note=note, bar_in_unit=True
        ),
        Figure("the same beside a hanging channel", beside * 1000 / BESIDE, "ms", bar=1.3, floor=took * each),
    ]


def _fill(store: Store, channels: tuple[str, ...], number: int) -> None:
    """So many articles, an alert for each, and a delivery of it for each channel; none was attempted."""
    with store.writer() as connection:
        outbox.take_over_rules(connection, [RuleConfig("ferry", "ferry")], NOW)
        outbox.take_over_channels(connection, channels, NOW)
        begin = connection.execute(sa.select(sa.func.coalesce(sa.func.max(article.c.id), 0))).scalar_one()
        if not begin:
            take_over(connection, [SourceConfig("one", "http://one.example/")], NOW)
        ids = range(begin + 1, begin + number + 1)
        seen = {"source_id": 1, "first_seen_at": NOW, "history": False}
        stands = {"updated_at": NOW, "number": 1}
        rows = [seen | stands | {"id": one, "guid": str(one), "lead_id": one, "story_id": one} for one in ids]
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(article.insert(), rows)
        places = [(one, f"http://one.example/{one}") for one in ids]
        connection.execute(
            address.insert(),
            [
                seen | {"id": one, "key": address_key(url), "url": url, "host": "one.example", "article_id": one}
                for one, url in places
            ],
        )
        connection.execute(
            article_source.insert(), [{"source_id": 1, "article_id": one, "first_seen_at": NOW} for one in ids]
        )
        made = {"number": 1, "seen_at": NOW}
        for one in ids:
            text = article_values(Article(f"Ferry {one} sails", f"The ferry {one} sails again. " * 40))
            text |= {"id": one, "article_id": one, "address_id": one, "fingerprint": b""}
            connection.execute(revision.insert().values(made | text))
        added = {"kind": "added", "seen_at": NOW, "history": False}
        connection.execute(change.insert(), [added | {"id": one, "article_id": one, "after_id": one} for one in ids])
    for start in range(0, number, 500):
        some = ids[start : start + 500]
        with store.writer() as connection:
            for one in some:
                judged = [outbox.Judged(one, "ferry", "now", ("ferry",), channels)]
                outbox.raise_alerts(connection, [one], judged, NOW, lambda rule, channel, at: at - SECOND)
            outbox.close(connection, NOW)


def _drain(store: Store, url: str, names: tuple[str, ...]) -> Callable[[], Awaitable[int]]:
    """Deliver all that the first of these channels has to, while the others are at it as well."""

    async def drain() -> int:
        writer = Writer(store)
        channels = {
            name: Channel.model_validate({"name": name, "type": "webhook", "url": f"{url}/{name}"}) for name in names
        }
        telling = Telling(Rules([]), channels, (), RETRY)
        first, *others = [
            asyncio.create_task(pipeline.deliver(store, writer, lambda: telling, name, lambda: datetime.now(UTC)))
            for name in names
        ]
        sent = await first
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.to_thread(writer.close)
        return sent

    return drain


async def _bare(url: str, payloads: list[bytes]) -> None:
    """The floor: the same number under way, nothing kept."""
    waiting = iter(payloads)

    async def post(session: aiohttp.ClientSession) -> None:
        for payload in waiting:
            async with session.post(url, data=payload) as answer:
                await answer.read()

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as posting:
        for _ in range(Channel.at_once):
            posting.create_task(post(session))


async def _timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    began = monotonic()
    result = await work()
    return monotonic() - began, result
