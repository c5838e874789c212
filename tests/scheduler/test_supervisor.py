"""The supervisor keeps a worker that gets on, and stops when it is told to, whatever it is about to do."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from crawler.settings import CrawlerSettings
from crawler.worker import EXIT_LOCKED, WorkerSettings, hold_lock
from scheduler.supervisor import Supervisor
from storage.store import Store

SOON_S = 180.0  # for what takes a second or two on a machine that has nothing else to do


def settings(store_url: str, folder: Path) -> WorkerSettings:
    return WorkerSettings(store_url, str(folder), CrawlerSettings("Dateline/test"), ())


async def test_stopped_while_a_worker_is_being_started(store: Store, tmp_path: Path) -> None:
    """A worker whose start was under way when `stop` came is ended, too, and no other follows."""
    supervisor = Supervisor(settings(str(store.url), tmp_path), lambda: None)
    running = asyncio.create_task(supervisor.run())
    await asyncio.sleep(0)
    assert not supervisor.is_alive
    await supervisor.stop()
    async with asyncio.timeout(SOON_S):
        await running
    assert not supervisor.is_alive


async def test_stopped_between_two_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`stop` does not wait for the back-off after a worker that failed: there is no database."""
    monkeypatch.setattr("scheduler.supervisor.LONGEST_BACK_OFF_S", 10 * SOON_S)
    supervisor = Supervisor(settings(f"sqlite:///{tmp_path}/none.db", tmp_path), lambda: None)
    supervisor.failures = 100
    running = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(SOON_S):
        while supervisor.failures == 100:  # noqa: ASYNC110  (a counter, not an event)
            await asyncio.sleep(0.01)
        await supervisor.stop()
        await running


async def test_a_worker_that_ends_again_and_again_is_not_well(tmp_path: Path) -> None:
    """Not even while the next one is alive for a moment: the dead man's switch would be called in it."""
    supervisor = Supervisor(settings(f"sqlite:///{tmp_path}/none.db", tmp_path), lambda: None)
    supervisor.failures = 3
    running = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(SOON_S):
        while not supervisor.is_alive:  # noqa: ASYNC110  (a process, not an event)
            await asyncio.sleep(0.01)
        assert supervisor.keeps_ending
        await supervisor.stop()
        await running


async def test_the_worker_of_a_killed_daemon_is_waited_for(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends within seconds, and looks meanwhile: nothing is unwell."""
    monkeypatch.setattr("scheduler.supervisor.TOO_OFTEN", 1)
    held = hold_lock(tmp_path / "worker.lock")
    assert held is not None
    supervisor = Supervisor(settings(str(store.url), tmp_path), lambda: None)
    running = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(SOON_S):
        while f"worker ended status={EXIT_LOCKED}" not in caplog.text:  # noqa: ASYNC110  (another's lines)
            await asyncio.sleep(0.01)
    assert not supervisor.keeps_ending
    held.close()
    await supervisor.stop()
    await running


async def test_a_worker_that_cannot_be_started_is_started_later(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that has no process to give for now ends no daemon."""
    monkeypatch.setattr("sys.executable", f"{tmp_path}/no-python")
    supervisor = Supervisor(settings(str(store.url), tmp_path), lambda: None)
    running = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(SOON_S):
        while not supervisor.failures and not running.done():  # noqa: ASYNC110  (a counter, not an event)
            await asyncio.sleep(0.01)
        assert not running.done()
        await supervisor.stop()
        await running


async def heard(supervisor: Supervisor) -> int:
    """Wait until the present worker has said that it gets on; answers its process id."""
    while supervisor.hangs or not supervisor.is_alive:  # noqa: ASYNC110  (a process, not an event)
        await asyncio.sleep(0.01)
    assert supervisor._process is not None
    return supervisor._process.pid


async def test_a_worker_that_hangs_is_ended_and_followed_by_another(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alive, and nothing comes of it: until the next one has said something nothing is well."""
    monkeypatch.setattr("scheduler.supervisor.LISTEN_S", 0.1)
    monkeypatch.setattr("scheduler.supervisor.MOST_SILENT", 10**6)
    hung: list[bool] = []
    supervisor = Supervisor(settings(str(store.url), tmp_path), lambda: None, lambda: hung.append(supervisor.hangs))
    supervisor.hangs = True  # as after one before: the first sign of life takes it away
    running = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(SOON_S):
        first = await heard(supervisor)
        os.kill(first, signal.SIGSTOP)
        monkeypatch.setattr("scheduler.supervisor.MOST_SILENT", 5)
        while not hung:  # noqa: ASYNC110  (another's call)
            await asyncio.sleep(0.01)
        monkeypatch.setattr("scheduler.supervisor.MOST_SILENT", 10**6)
        assert hung == [True]
        assert await heard(supervisor) != first
        await supervisor.stop()
        await running


def below(process: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for one in map(int, started) for each in (one, *below(one))]


async def test_a_worker_that_stands_still_with_all_its_processes_is_followed_by_another(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has started outlives it here, stopped as well, and keeps nobody waiting for its last word."""
    supervisor = Supervisor(settings(str(store.url), tmp_path), lambda: None)
    supervisor.hangs = True
    running = asyncio.create_task(supervisor.run())
    stopped: list[int] = []
    try:
        async with asyncio.timeout(SOON_S):
            first = await heard(supervisor)
            while len(stopped := below(first)) < 3:  # noqa: ASYNC110  (tracker, fork server and reader of pages)
                await asyncio.sleep(0.01)
            for process in stopped:
                os.kill(process, signal.SIGSTOP)
            os.kill(first, signal.SIGKILL)
            while await heard(supervisor) == first:  # noqa: ASYNC110  (a process, not an event)
                await asyncio.sleep(0.01)
            await supervisor.stop()
            await running
    finally:
        for process in stopped:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
        running.cancel()


async def test_a_worker_that_only_says_that_it_gets_on_wakes_nobody(store: Store, tmp_path: Path) -> None:
    """Nothing was stored: there is nothing to judge."""
    changed: list[bool] = []
    supervisor = Supervisor(settings(str(store.url), tmp_path), lambda: changed.append(True))
    supervisor.hangs = True
    running = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(SOON_S):
        await heard(supervisor)
        await supervisor.stop()
        await running
    assert changed == []
