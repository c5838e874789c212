"""Wires the rooms: starts clock, page and worker, takes a new config over, and stops cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from errno import EADDRINUSE
from socket import AF_INET, AF_INET6, create_server
from time import monotonic
from typing import Any

import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from crawler.worker import hold_lock
from scheduler import pipeline, steps
from scheduler.config import BrokenConfig, Config, load_config
from scheduler.heartbeat import Heartbeat
from scheduler.steps import utc_now
from scheduler.supervisor import Supervisor
from scheduler.taking_over import take_over, telling, worker_settings
from scheduler.web.app import make_app
from scheduler.web.feeds import Feeds
from scheduler.web.rulebook import Rulebook
from scheduler.web.stopping import Stopping
from storage import health, requests
from storage.archive import Archive
from storage.counts import counted_since
from storage.fates import Fates
from storage.snapshots import Snapshots
from storage.store import Store, open_store
from storage.text import one_line
from storage.writer import Writer

log = logging.getLogger("dateline.daemon")

TICK_S = 1
SWEEP_S = 60
RETAIN_S = 3600  # between two looks at whether retention is due; it is once a day
JUMP_S = 5.0
LATE_TICK_S = 30.0
FIRST_BEAT_S = 10.0  # for the worker to come up


class AlreadyRunning(Exception):
    """Another Dateline runs on this data folder."""


class CannotListen(Exception):
    """The address of the page cannot be opened: another program has it, or it is not this machine's."""


class Server(uvicorn.Server):
    """uvicorn without its signal handlers: the daemon has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Daemon:
    """One process of plain asyncio: no Scrapy, no Twisted, no page parsing. It starts and watches one worker."""

    def __init__(self, config: Config, clock: Callable[[], datetime] = utc_now) -> None:
        self._config, self._clock = config, clock
        self._lock = hold_lock(config.data / "daemon.lock")
        if self._lock is None:
            holder = (config.data / "daemon.lock").read_text(encoding="utf-8").strip()
            raise AlreadyRunning(
                f"another Dateline (process {holder}) runs on {config.data}: stop it, or name another [daemon] data"
            )
        self._store: Store = open_store(config.store_url, migrate=True)
        self._writer = Writer(self._store)
        self._telling = telling(config)
        # What is wrong with the config that was to be taken over; the old one is in force.
        self._refused: list[str] = []
        self._archive = Archive(self._store)
        self._feeds = Feeds(self._archive, config.rules, config.tables.feed, config.base_url, lists=config.lists)
        self._supervisor = Supervisor(worker_settings(config), self._wake, lambda: self._spawn(self._tell_hung()))
        self._ticking, self._reloading = asyncio.Lock(), asyncio.Lock()
        self._woken = False
        self._sending: dict[str, asyncio.Task[int]] = {}
        self._undelivered: dict[str, str] = {}  # channels whose deliveries end in an error of our own, and which
        self._last_tick = monotonic()  # that came to its end
        self._settled = self._last_tick - SWEEP_S
        self._retaining, self._retain_from = False, monotonic()
        self._indexing = False
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, ready: Callable[[str], None] = lambda _: None) -> None:
        """Run until SIGTERM or SIGINT. `ready` gets the page's address once it answers.

        Raises CannotListen.
        """
        await self._writer.do(lambda connection: take_over(connection, self._config, self._clock()))
        await self._sweep()  # the clock may have been set back while nobody was here
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._spawn_reload)
        server, serving = await self._serve()
        clock = AsyncIOScheduler(timezone="UTC")
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        clock.add_job(self._tick, "interval", seconds=TICK_S, id="tick", **options)
        clock.add_job(self._sweep, "interval", seconds=SWEEP_S, id="sweep", **options)
        clock.start()
        working = asyncio.create_task(self._supervisor.run())
        watching = asyncio.create_task(self._watch_clock(clock))
        beating = asyncio.create_task(self._beat())
        ready(self._config.base_url)
        log.info("started pid=%d page=%s data=%s", os.getpid(), self._config.base_url, self._config.data)
        ended = asyncio.create_task(self._stop.wait())
        await asyncio.wait({ended, serving, working}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        clock.pause()  # not shutdown: that would cancel a tick half-way
        watching.cancel()
        beating.cancel()
        await self._supervisor.stop()
        async with self._ticking:
            clock.shutdown(wait=False)
        for task in (*self._sending.values(), *self._tasks):
            task.cancel()  # a delivery that is cut off here is repeated with the same id
        await asyncio.gather(*self._sending.values(), *self._tasks, return_exceptions=True)
        server.should_exit = True
        await asyncio.gather(serving, working, return_exceptions=True)
        ended.cancel()
        await asyncio.to_thread(self._writer.close)
        self._store.close()

    async def _serve(self) -> tuple[Server, asyncio.Task[None]]:
        (host, port), base_url = self._config.address, self._config.base_url
        assert self._config.links.key is not None
        stopping = Stopping(self._config.links.key, self._store, self._writer, self._channels_of, self._clock)
        app = make_app(
            self._archive,
            Fates(self._store),
            self._feeds,
            self.health,
            base_url,
            host,
            rulebook=Rulebook(self._store, lambda: self._config, self._clock),
            trouble=self.trouble,
            stopping=stopping,
        )
        options = uvicorn.Config(
            app,
            host=host,
            port=port,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=200,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=3,
        )
        server = Server(options)
        try:
            socket = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET)
        except OSError as reason:
            words = os.strerror(reason.errno) if reason.errno else str(reason)
            mend = ": stop what listens there, or name another port" if reason.errno == EADDRINUSE else ""
            raise CannotListen(f"[daemon] listen {self._config.tables.daemon.listen}: {words}{mend}") from None
        self.address = socket.getsockname()[:2]
        return server, asyncio.create_task(server.serve([socket]))

    def _channels_of(self) -> dict[str, tuple[str, ...]]:
        return {one.name: one.channels for one in self._config.rules}

    # The clock

    def _wake(self) -> None:
        """The worker stored something: do not wait for the tick. Many wakes during a tick make one more."""
        if not self._woken:
            self._woken = True
            self._spawn(self._tick())

    async def _tick(self) -> None:
        async with self._ticking:
            self._woken = False
            began = monotonic()
            confirm = self._config.tables.changes.confirm
            try:
                if began >= self._settled + self._settle_every_s:
                    self._settled = began
                    await steps.settle_removals(self._store, self._writer, confirm, self._clock)
                await steps.settle_edits(self._store, self._writer, confirm, self._clock)
                await pipeline.raise_alerts(self._store, self._writer, self._telling, self._clock)
                for name in await pipeline.close(self._store, self._writer, self._telling, self._clock):
                    self._send(name)
                await self._answer_requests()
                if not self._indexing:
                    self._indexing = True
                    self._spawn(self._index())
                self._last_tick = monotonic()
            except Exception:
                # Nothing is lost: what was not judged or not sent still says so in its column. The next tick tries.
                log.exception("tick failed")

    async def _sweep(self) -> None:
        try:
            await steps.sweep(self._writer, self._telling.plans.due_at, self._clock)
        except Exception:
            log.exception("sweep failed")
        # Beside it: retention takes seconds. Where its end cannot be noted, it is not begun again every minute.
        if not self._retaining and monotonic() >= self._retain_from:
            self._retaining = True
            self._spawn(self._retain())

    async def _retain(self) -> None:
        try:
            self._retain_from = monotonic() + RETAIN_S
            snapshots = Snapshots(self._config.data / "snapshots")
            await steps.retain(self._store, snapshots, self._config.limits, self._clock, self._stop.is_set)
        except Exception:
            log.exception("retention failed")
        finally:
            self._retaining = False

    async def _index(self) -> None:
        try:
            await steps.index(self._store, self._writer, self._stop.is_set)
        except Exception:
            log.exception("indexing failed")  # what waits says so in its column: the next tick tries
        finally:
            self._indexing = False

    @property
    def _settle_every_s(self) -> float:
        """Once a minute; more often where `confirm` is short."""
        return min(SWEEP_S, self._config.tables.changes.confirm.total_seconds() / 24)

    def _send(self, name: str) -> None:
        """Deliver for a channel in a task of its own, unless one is at it."""
        if name in self._sending or name not in self._telling.channels:
            return
        deliver = pipeline.deliver(self._store, self._writer, lambda: self._telling, name, self._clock)
        task = asyncio.create_task(deliver)
        self._sending[name] = task

        def done(task: asyncio.Task[int]) -> None:
            del self._sending[name]
            self._undelivered.pop(name, None)
            if not task.cancelled() and (reason := task.exception()) is not None:
                self._undelivered[name] = type(reason).__name__
                log.error("delivering failed channel=%s", name, exc_info=reason)

        task.add_done_callback(done)

    async def _watch_clock(self, clock: AsyncIOScheduler) -> None:
        """APScheduler sleeps by the wall clock and would sleep for the day that it was set back by."""
        wall, steady = self._clock(), monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            drift = (self._clock() - wall).total_seconds() - (monotonic() - steady)
            wall, steady = self._clock(), monotonic()
            if abs(drift) > JUMP_S:
                log.warning("the clock jumped seconds=%.0f", drift)
                for name, every_s in (("tick", TICK_S), ("sweep", SWEEP_S)):
                    clock.reschedule_job(name, trigger="interval", seconds=every_s)
                self._spawn(self._sweep())
                self._supervisor.look()

    async def _beat(self) -> None:
        """Call the dead man's switch while all is well, from the first minute on."""
        pulse = Heartbeat(self._writer, self._clock)
        await asyncio.sleep(min(FIRST_BEAT_S, self._config.tables.daemon.heartbeat_every.total_seconds()))
        while True:
            daemon = self._config.tables.daemon
            if daemon.heartbeat is not None:
                await pulse.beat(daemon.heartbeat, [*self.health(), *await self._unheard()])
            await asyncio.sleep(daemon.heartbeat_every.total_seconds())

    async def _tell_hung(self) -> None:
        words = (
            "It was alive and got nothing done, so it was ended, and another one looks on where it stopped. Nothing is "
            "lost; should it happen again, the log says more."
        )
        try:
            await self._writer.do(lambda c: health.tell_daily(c, "the crawl worker hung", words, self._clock()))
        except Exception:
            log.exception("cannot tell that the worker hung")

    async def _unheard(self) -> list[str]:
        """That nobody can be told anything: where the only channel is paused, so is the notice that it is. Of the
        switch alone: a restart would mend nothing."""
        names = set(self._config.channels)
        try:
            paused = await asyncio.to_thread(Fates(self._store).paused_channels)
        except Exception as reason:
            return [f"the database cannot be read ({type(reason).__name__})"]
        if names and names <= {one.name for one in paused}:
            return [f"every channel is paused: {', '.join(sorted(names))}"]
        return []

    # Asked from outside

    async def _answer_requests(self) -> None:
        """`dateline once` beside this daemon: a row asks, and is answered when the looks are done."""
        with self._store.reader() as connection:
            asked = requests.unanswered(connection)
        for one in asked:
            if one.begun_at is None:
                await self._writer.do(lambda c, one=one: requests.begin(c, one, self._clock()))  # type: ignore[misc]
                self._supervisor.look()
                continue
            with self._store.reader() as connection:
                if self._sending or not requests.is_worked_off(connection, one.begun_at, self._clock()):
                    continue
                words = counted_since(connection, one.begun_at)
            await self._writer.do(lambda c, one=one, words=words: requests.answer(c, one, words, self._clock()))  # type: ignore[misc]

    def _spawn_reload(self) -> None:
        self._spawn(self.reload())

    async def reload(self) -> None:
        """Take config.toml over anew; a broken one is refused, said, and the old one stays."""
        async with self._reloading:
            await self._take_over_anew()

    async def _take_over_anew(self) -> None:
        # Ten thousand rules take seconds to read and compile: in a thread, while the old ones are in force.
        try:
            config = await asyncio.to_thread(load_config, self._config.path)
            compiled = await asyncio.to_thread(telling, config)
        except Exception as reason:  # whatever goes wrong with the new one, the old one stays
            if not isinstance(reason, BrokenConfig):
                log.exception("config refused")
            error = f"an error of Dateline's own, {type(reason).__name__}; its log says more"
            broken = reason if isinstance(reason, BrokenConfig) else BrokenConfig([error])
            for fault in broken.faults:
                log.error("config refused: %s", fault)
            words = "\n".join([*broken.faults, "The config before is in force; mend this one and reload."])
            self._refused = list(broken.faults)
            await self._writer.do(lambda c: health.tell(c, "the config was refused", words, self._clock()))
            return
        self._refused = []
        fixed = ("store_url", "data", "base_url", "address")
        if changed := [name for name in fixed if getattr(config, name) != getattr(self._config, name)]:
            log.warning("config: only the next start takes over %s", ", ".join(changed))
            # The worker, too, goes on with the database and the folder that this daemon works with.
            old = self._config
            config = replace(config, store_url=old.store_url, data=old.data, base_url=old.base_url, links=old.links)
            for channel in config.channels.values():
                channel.lead_to(old.links)
        # Between two ticks: what a tick under way judges by the old rules is judged for good, and a rule that is loaded
        # meanwhile would never be asked of it.
        async with self._ticking:
            await self._writer.do(lambda connection: take_over(connection, config, self._clock(), self._config))
            self._telling = compiled
        settings = worker_settings(config)
        self._feeds.take_over(config.rules, config.tables.feed, config.lists)
        self._config = config
        if settings != self._supervisor.settings:
            self._supervisor.restart(settings)
        else:
            self._supervisor.look()
        log.info("config taken over sources=%d rules=%d", len(config.sources), len(config.rules))

    def trouble(self) -> list[str]:
        """What a person should look at while the daemon does its work; empty when there is nothing."""
        return [f"the config was refused, the one before is in force: {one_line(one, 300)}" for one in self._refused]

    def health(self) -> list[str]:
        """Why the daemon cannot do its work, in words; empty when it can."""
        wrong = []
        if monotonic() - self._last_tick > LATE_TICK_S:
            wrong.append(f"no tick has come to its end for {LATE_TICK_S:g} s; the log says why")
        if not self._supervisor.is_alive:
            wrong.append("the worker does not run")
        elif self._supervisor.keeps_ending:
            wrong.append("the worker ends as soon as it was started, again and again; the log says why")
        elif self._supervisor.hangs:
            wrong.append("the worker hung and was ended; the next one has given no sign of life yet")
        for name, error in self._undelivered.items():
            wrong.append(f"delivering through {name} fails by an error of Dateline's own, {error}; its log says more")
        return wrong

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
