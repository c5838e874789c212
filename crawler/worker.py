"""A crawl worker: one process, one Scrapy engine, one spider, for as long as the daemon holds its stdin open."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

from crawler.settings import CrawlerSettings
from storage import ladder
from storage.rhythm import Rhythm
from storage.store import Store, open_store
from storage.writer import Writer

log = logging.getLogger("dateline.worker")

MEMORY_LIMIT = 400 << 20  # resident; past it the worker drains and the daemon starts a fresh one
MEMORY_CHECK_S = 30.0
DRAIN_S = 5.0  # after SIGTERM: the daemon, which ends after it, has ten seconds in all
ORPHAN_S = 3.0  # after stdin closed: the daemon is gone, and the next one wants the lock
LOG_FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"
LOG_DATES = "%Y-%m-%dT%H:%M:%S%z"
EXIT_LOCKED = 3
EXIT_RECYCLED = 4
CHANGED, GETS_ON = b".", b","  # what a byte to the daemon says: something was stored; or only that we do not hang


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a worker is told by its daemon, as one line of JSON on its stdin. Only the daemon reads config.toml."""

    store_url: str
    data: str
    crawler: CrawlerSettings
    revisit: tuple[timedelta, ...]
    confirm: timedelta = timedelta(days=1)
    sample: int = 0
    up_to: timedelta = timedelta(days=90)
    until_idle: bool = False  # end when nothing is due any more: `dateline once`
    log_level: int = logging.INFO

    def to_json(self) -> str:
        return json.dumps(
            {
                "store_url": self.store_url,
                "data": self.data,
                "crawler": self.crawler.to_json(),
                "revisit": [one.total_seconds() for one in self.revisit],
                "confirm": self.confirm.total_seconds(),
                "sample": self.sample,
                "up_to": self.up_to.total_seconds(),
                "until_idle": self.until_idle,
                "log_level": self.log_level,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> WorkerSettings:
        told = json.loads(text)
        return cls(
            store_url=told["store_url"],
            data=told["data"],
            crawler=CrawlerSettings.from_json(told["crawler"]),
            revisit=tuple(timedelta(seconds=one) for one in told["revisit"]),
            confirm=timedelta(seconds=told["confirm"]),
            sample=told["sample"],
            up_to=timedelta(seconds=told["up_to"]),
            until_idle=told["until_idle"],
            log_level=told["log_level"],
        )


def read_settings(stdin: int) -> WorkerSettings:
    """Read the first line of stdin and not a byte more: what follows are wakes."""
    line = bytearray()
    while not line.endswith(b"\n"):
        if not (byte := os.read(stdin, 1)):
            raise SystemExit("the worker's settings ended before their line did")
        line += byte
    return WorkerSettings.from_json(line.decode())


def run_worker(settings: WorkerSettings, *, wakes: int | None = None, changed: int | None = None) -> int:
    """Work until told to end; answers the exit status.

    `wakes` is a descriptor that carries a byte for "look" and whose end is ours; `changed` one that we write a byte
    to when something was stored, and another while we get on. Both may be None: a worker started by hand ends with
    SIGTERM.
    """
    lock = hold_lock(Path(settings.data) / "worker.lock")
    if lock is None:
        log.error("another worker runs on this data folder; it holds %s/worker.lock", settings.data)
        return EXIT_LOCKED
    from scrapy.utils.reactor import install_reactor

    from crawler.pool import Pool

    pool = Pool()  # before reactor and store: its fork server must inherit neither
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed  # its type knows nothing of asyncio's
    status: list[int] = []
    loop = asyncio.get_event_loop_policy().get_event_loop()

    async def main() -> None:
        try:
            status.append(await _work(settings, pool, wakes, changed))
        except BaseException:
            log.exception("the worker ended")
            status.append(1)
        finally:
            reactor.stop()

    begun: list[asyncio.Task[None]] = []
    reactor.callWhenRunning(lambda: begun.append(loop.create_task(main())))
    reactor.run(installSignalHandlers=False)
    pool.close()
    lock.close()
    return status[0]


def hold_lock(path: Path) -> IO[str] | None:
    """Take the lock that ends with this process; None where another holds it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def holder(path: Path) -> int | None:
    """The process that holds a lock; None where none does, or where it takes it or gives it back just now."""
    if not path.exists():
        return None
    if (free := hold_lock(path)) is not None:
        free.close()
        return None
    said = path.read_text(encoding="utf-8").strip()
    return int(said) if said.isdigit() else None


async def _work(settings: WorkerSettings, pool: Any, wakes: int | None, changed: int | None) -> int:
    from scrapy.crawler import AsyncCrawlerRunner

    from crawler.fetch import Fetcher
    from crawler.ledger import Ledger
    from crawler.lessons import Lessons
    from crawler.link_lessons import LinkLessons
    from crawler.pulse import Pulse
    from crawler.settings import scrapy_settings
    from crawler.spider import LookSpider
    from crawler.walk import MOST_WAITING_PAGES, Rooms, now
    from storage.articles import Articles
    from storage.furniture import KnownFurniture
    from storage.gone import round_of
    from storage.looks import Looks
    from storage.schedule import Schedule
    from storage.snapshots import Snapshots

    store = open_store(settings.store_url)
    writer = Writer(store)
    rhythm = Rhythm(settings.revisit, settings.sample, settings.up_to)
    schedule, looks = Schedule(store), Looks(rhythm, settings.confirm)
    stopping, pulse = asyncio.Event(), Pulse(settings.crawler)
    pool.on_answered = pulse.stir
    status = [0]
    spiders: list[LookSpider] = []

    def stop(reason: str, grace_s: float, code: int = 0) -> None:
        """Drain: end what is under way, claim nothing more; a hard end if that takes too long."""
        if not stopping.is_set():
            log.info("worker stops reason=%s", reason)
            status[0] = code
            stopping.set()
            for spider in spiders:
                spider.wake.set()
        asyncio.get_running_loop().call_later(grace_s, os._exit, code)

    def rooms(crawler: Any) -> Rooms:
        spiders.append(crawler.spider)
        fetcher = Fetcher(crawler, settings.crawler)
        fetcher.on_answered = pulse.stir
        fetcher.robots.on_fetched = lambda file: keep(lambda connection: looks.keep_robots(connection, file))
        articles = Articles(round_of(settings.confirm), settings.confirm)
        return Rooms(
            store=store,
            writer=writer,
            ledger=Ledger(writer, looks, articles, schedule),
            looks=looks,
            articles=articles,
            snapshots=Snapshots(Path(settings.data) / "snapshots"),
            fetcher=fetcher,
            pool=pool,
            links=LinkLessons(store, keep),
            lessons=Lessons(store, keep),
            furniture=KnownFurniture(now),
            changed=lambda: _poke(changed, CHANGED),
            waiting=asyncio.Semaphore(MOST_WAITING_PAGES),
            stopping=stopping,
        )

    kept: set[asyncio.Task[Any]] = set()

    def keep(write: Callable[[Any], None]) -> None:
        task = asyncio.create_task(writer.do(write))
        kept.add(task)
        task.add_done_callback(kept.discard)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, signal.Signals(number).name, DRAIN_S)
    if wakes is not None:
        os.set_blocking(wakes, False)
        loop.add_reader(wakes, _woken, wakes, spiders, lambda: stop("the daemon is gone", ORPHAN_S))
    memory = asyncio.create_task(_watch_memory(lambda: stop("memory limit", DRAIN_S, EXIT_RECYCLED)))
    beating = asyncio.create_task(pulse.beat(lambda: _poke(changed, GETS_ON)))
    try:
        # The lock is ours: whoever held claims is dead.
        await writer.do(lambda connection: schedule.free_claims(connection, now(), settings.crawler.delay))
        await _climb(store, writer, rhythm, now())
        await _unless(stopping, pool.warm_up())
        runner = AsyncCrawlerRunner(scrapy_settings(settings.crawler))
        await runner.crawl(
            LookSpider,
            rooms=rooms,
            schedule=schedule,
            worker=f"worker {os.getpid()}",
            concurrency=settings.crawler.concurrency,
            until_idle=settings.until_idle,
            stir=pulse.stir,
        )
        if kept:
            await asyncio.wait(kept)
        if not any(spider.is_done for spider in spiders):
            log.error("the spider ended early; the log above says why")
            return 1
    finally:
        memory.cancel()
        beating.cancel()
        if wakes is not None:
            loop.remove_reader(wakes)
        writer.close()
        store.close()
    return status[0]


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do this, and leave it where the worker is told to end meanwhile: it then ends in order, and not the hard way."""
    working, told = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    await asyncio.wait({working, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if working.done():
        working.result()
    working.cancel()


async def _climb(store: Store, writer: Writer, rhythm: Rhythm, now: datetime) -> None:
    """What was planned by another ladder of looks again goes by this one."""
    with store.reader() as connection:
        ids = ladder.planned_otherwise(connection, rhythm, now)
    for start in range(0, len(ids), ladder.MOST_MOVED):
        some = ids[start : start + ladder.MOST_MOVED]
        await writer.do(partial(ladder.climb, ids=some, rhythm=rhythm, now=now))
    if ids:
        log.info("another ladder of looks again moved=%d", len(ids))


def _woken(wakes: int, spiders: list[Any], gone: Callable[[], None]) -> None:
    with suppress(BlockingIOError):
        if os.read(wakes, 4096):
            for spider in spiders:
                spider.wake.set()
        else:
            asyncio.get_running_loop().remove_reader(wakes)
            gone()


def _poke(changed: int | None, what: bytes) -> None:
    """One byte tells the daemon; a full pipe or a daemon that is gone costs it a tick."""
    if changed is not None:
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(changed, what)


async def _watch_memory(too_much: Callable[[], None]) -> None:
    page_size = os.sysconf("SC_PAGE_SIZE")
    while True:
        await asyncio.sleep(MEMORY_CHECK_S)
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * page_size  # noqa: ASYNC240  (procfs)
        if resident > MEMORY_LIMIT:
            too_much()


def main() -> int:
    """Settings and wakes on stdin, changes on stdout, the log on stderr; answers the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the daemon ends us in order
    settings = read_settings(0)
    logging.basicConfig(stream=sys.stderr, level=settings.log_level, format=LOG_FORMAT, datefmt=LOG_DATES)
    for chatty in ("scrapy", "twisted", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # For ourselves alone: another process that held it would keep the daemon listening after our end, and what anything
    # prints belongs into the log.
    changed = os.dup(1)
    os.dup2(2, 1)
    os.set_blocking(changed, False)
    return run_worker(settings, wakes=0, changed=changed)
