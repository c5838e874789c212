"""A worker that hangs although it is alive gives no pulse, and one that is slow gives it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.fetch import Fetched
from crawler.politeness import LONGEST_CRAWL_DELAY
from crawler.pulse import SLACK, Pulse
from crawler.settings import CrawlerSettings
from crawler.spider import LookSpider
from crawler.walk import now
from storage.model.looking import Claim, Validators
from storage.schedule import Schedule
from storage.store import Store
from storage.writer import Writer
from tests.crawler.test_walk import Walker
from tests.storage.watch import GAZETTE, Watch

SETTINGS = CrawlerSettings("Dateline/test", timeout=timedelta(minutes=2))
ONE_STEP_S = (LONGEST_CRAWL_DELAY + SETTINGS.timeout).total_seconds()
TOO_LONG_S = ONE_STEP_S + SLACK.total_seconds() + 1


class Clock:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def test_a_step_may_take_as_long_as_a_host_asks_for() -> None:
    """Five minutes before a request, and an answer that comes at the last moment: as often as one likes."""
    clock = Clock()
    pulse = Pulse(SETTINGS, clock)
    for _ in range(100):
        clock.s += ONE_STEP_S
        assert pulse.gets_on
        pulse.stir()


def test_a_pause_that_the_config_asks_for_may_be_longer() -> None:
    """An hour between two requests, say: that is how it was meant."""
    clock = Clock()
    pulse = Pulse(CrawlerSettings("Dateline/test", delay=timedelta(hours=1)), clock)
    clock.s += 3600
    assert pulse.gets_on


def test_nothing_comes_to_its_end_any_more() -> None:
    clock = Clock()
    pulse = Pulse(SETTINGS, clock)
    clock.s += TOO_LONG_S
    assert not pulse.gets_on
    pulse.stir()
    assert pulse.gets_on


class Silent:
    """A host that is asked and never heard of again, whatever its time limit: as where a lock is never given back."""

    def __init__(self, asked: asyncio.Event) -> None:
        self.asked = asked

    async def fetch(self, url: str, *, validators: Validators, delay: timedelta) -> Fetched:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
async def walker(store: Store, tmp_path: Path) -> AsyncIterator[Walker]:
    writer = Writer(store)
    yield Walker(Watch(store, now()), writer, tmp_path / "snapshots")
    await asyncio.to_thread(writer.close)


class FullDisk(Schedule):
    """Its database may not grow."""

    def claim_due_hosts(self, connection: sa.Connection, **asked: Any) -> list[Claim]:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.exec_driver_sql("CREATE TABLE large AS SELECT zeroblob(1000000) AS bytes")
        return super().claim_due_hosts(connection, **asked)


def spider_of(walker: Walker, pulse: Pulse, schedule: Schedule | None = None) -> LookSpider:
    made = LookSpider(
        rooms=lambda _: walker.rooms,
        schedule=schedule or walker.watch.schedule,
        worker="worker 1",
        concurrency=2,
        until_idle=False,
        stir=pulse.stir,
    )
    made.crawler = None
    return made


async def turns(spider: LookSpider, number: int) -> None:
    """Let it go round: each turn it looks whether there is something to claim."""
    for _ in range(number):
        spider.wake.set()
        while spider.wake.is_set():  # noqa: ASYNC110  (it clears it itself)
            await asyncio.sleep(0.01)


async def drained(spider: LookSpider) -> None:
    async for _ in spider.start():
        raise AssertionError("it yields nothing")


async def test_a_worker_with_nothing_to_do_gets_on(walker: Walker) -> None:
    clock = Clock()
    pulse = Pulse(SETTINGS, clock)
    spider = spider_of(walker, pulse)
    running = asyncio.create_task(drained(spider))
    clock.s += TOO_LONG_S
    await turns(spider, 2)
    assert pulse.gets_on
    walker.rooms.stopping.set()
    spider.wake.set()
    await running


async def test_a_walk_that_never_ends_takes_the_pulse_away(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spider goes round all the same, and finds nothing else due."""
    clock, asked = Clock(), asyncio.Event()
    pulse = Pulse(SETTINGS, clock)
    monkeypatch.setattr(walker.site, "fetch", Silent(asked).fetch)
    walker.watch.config(GAZETTE)
    spider = spider_of(walker, pulse)
    running = asyncio.create_task(drained(spider))
    await asked.wait()
    clock.s += TOO_LONG_S
    await turns(spider, 3)
    assert not pulse.gets_on
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_worker_waits_for_room_on_the_disk(walker: Walker) -> None:
    """Another one in its place would find none either."""
    clock = Clock()
    pulse = Pulse(SETTINGS, clock)
    spider = spider_of(walker, pulse, FullDisk(walker.watch.store))
    running = asyncio.create_task(drained(spider))
    clock.s += TOO_LONG_S
    await turns(spider, 2)
    assert pulse.gets_on
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_worker_that_can_claim_nothing_does_not_get_on(walker: Walker) -> None:
    """Whatever keeps it from the database: it looks at nothing."""
    clock = Clock()
    pulse = Pulse(SETTINGS, clock)
    await asyncio.to_thread(walker.rooms.writer.close)
    spider = spider_of(walker, pulse)
    running = asyncio.create_task(drained(spider))
    clock.s += TOO_LONG_S
    await turns(spider, 3)
    assert not pulse.gets_on
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
