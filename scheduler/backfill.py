"""`dateline backfill SOURCE --since DATE`: a wish in the store, carried out by the daemon, or here if none runs."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import datetime

from crawler.worker import EXIT_LOCKED, EXIT_RECYCLED, hold_lock
from scheduler.config import Config
from scheduler.once import WorkerFailed
from scheduler.steps import utc_now
from scheduler.supervisor import Supervisor
from scheduler.taking_over import take_over, worker_settings
from storage import backfill
from storage.backfill import BackfillState
from storage.store import Store, open_store
from storage.text import counted

ASK_EVERY_S = 0.5


async def run_backfill(config: Config, name: str, since: datetime) -> BackfillState:
    """Begin or go on with a source's back-fill and wait for its end; a kill here or there loses nothing.

    Raises NotWatched and WorkerFailed.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # `dateline add` sends it to who holds the lock; it would end us
    number = 0
    while (lock := hold_lock(config.data / "daemon.lock")) is None:
        store = open_store(config.store_url)
        try:
            number = number or store.write(lambda connection: backfill.begin(connection, name, since, utc_now()))
            if (state := await _wait_for_daemon(config, store, number)) is not None:
                return state
        finally:
            store.close()
    store = open_store(config.store_url, migrate=True)
    try:
        store.write(lambda connection: take_over(connection, config, utc_now()))
        number = number or store.write(lambda connection: backfill.begin(connection, name, since, utc_now()))
        await _work(config, store, number)
        return _state(store, number)
    finally:
        store.close()
        lock.close()


def in_words(state: BackfillState) -> str:
    oldest = f", back to {state.oldest:%Y-%m-%d}" if state.oldest else ""
    waiting = f", {state.waiting} still to be read" if state.waiting else ""
    how = state.message or ("done" if state.done_at else "under way")
    counts = f"{counted(state.pages, 'page')}, {state.found} found{waiting}{oldest}"
    return f"{state.source}, since {state.since:%Y-%m-%d}: {counts}; {how}"


def is_done(state: BackfillState) -> bool:
    return state.done_at is not None and not state.waiting


async def _wait_for_daemon(config: Config, store: Store, number: int) -> BackfillState | None:
    """None where the daemon ended before it was done: it is ours then."""
    while True:
        state = _state(store, number)
        _show(state)
        if is_done(state):
            return state
        if (free := hold_lock(config.data / "daemon.lock")) is not None:
            free.close()
            return None
        await asyncio.sleep(ASK_EVERY_S)


async def _work(config: Config, store: Store, number: int) -> None:
    """Let a worker do what is due until nothing is; the pages wait for each other, so that is to the end."""

    async def progress() -> None:
        while True:
            _show(_state(store, number))
            await asyncio.sleep(ASK_EVERY_S)

    showing = asyncio.create_task(progress())
    try:
        supervisor = Supervisor(worker_settings(config, until_idle=True), lambda: None)
        while (status := await supervisor.run_once()) == EXIT_RECYCLED:
            pass
    finally:
        showing.cancel()
    if status != 0:
        held = "another worker runs on this data folder" if status == EXIT_LOCKED else f"it ended with {status}"
        raise WorkerFailed(f"the worker could not look: {held}")


def _state(store: Store, number: int) -> BackfillState:
    with store.reader() as connection:
        return backfill.states(connection, number)[0]


def _show(state: BackfillState) -> None:
    """One line that counts, on a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{in_words(state)}\033[K")
        sys.stderr.flush()
