"""`dateline once`: one round over every source, with everything that follows, then the end."""

from __future__ import annotations

import asyncio
import math
import signal
import sys
from typing import Any

from crawler.worker import EXIT_LOCKED, EXIT_RECYCLED, hold_lock
from scheduler import pipeline, steps
from scheduler.config import Config
from scheduler.steps import utc_now
from scheduler.supervisor import Supervisor
from scheduler.taking_over import take_over, telling, worker_settings
from storage import requests, sources
from storage.counts import counted_since, every_source_failed
from storage.snapshots import Snapshots
from storage.store import Connection, Store, open_store
from storage.text import counted
from storage.writer import Writer

ASK_EVERY_S = 0.5


class WorkerFailed(Exception):
    """The round could not be made: the worker ended early. Its log says why."""


async def run_once(config: Config, *, due_only: bool) -> tuple[dict[str, Any], bool]:
    """Make the round, or let the daemon that runs on the same data make it.

    Answers the counts of the round, and whether every source failed.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # `dateline add` sends it to who holds the lock; it would end us
    while (lock := hold_lock(config.data / "daemon.lock")) is None:
        if (answer := await _ask_daemon(config, due_only)) is not None:
            return answer
    store = open_store(config.store_url, migrate=True)
    writer = Writer(store)
    try:
        return await _round(config, store, writer, due_only)
    finally:
        writer.close()
        store.close()
        lock.close()


async def _round(config: Config, store: Store, writer: Writer, due_only: bool) -> tuple[dict[str, Any], bool]:
    begun, tell = utc_now(), telling(config)

    def prepare(connection: Connection) -> None:
        take_over(connection, config, begun)
        if not due_only:
            sources.due_now(connection, begun)

    await writer.do(prepare)
    progress = asyncio.create_task(_show_progress(store, begun))
    confirm = config.tables.changes.confirm
    try:
        await _look(config)
        await steps.settle_removals(store, writer, confirm, utc_now, within_s=math.inf)
        if await steps.settle_edits(store, writer, confirm, utc_now):
            # Their siblings are asked whether the site changed and not the articles; nobody else would look today.
            await _look(config)
            await steps.settle_edits(store, writer, confirm, utc_now)
    finally:
        progress.cancel()
    await pipeline.raise_alerts(store, writer, tell, utc_now)
    names = await pipeline.close(store, writer, tell, utc_now)
    # A channel that is slow or failing keeps only itself waiting; what was not sent is pending, and due next time.
    await asyncio.gather(*(pipeline.deliver(store, writer, lambda: tell, name, utc_now) for name in names))
    await steps.retain(store, Snapshots(config.data / "snapshots"), config.limits, utc_now, lambda: False)
    await steps.index(store, writer, lambda: False)
    with store.reader() as connection:
        return counted_since(connection, begun), every_source_failed(connection, begun)


async def _look(config: Config) -> None:
    """Have a worker look at all that is due. Raises WorkerFailed."""
    supervisor = Supervisor(worker_settings(config, until_idle=True), lambda: None)
    while (status := await supervisor.run_once()) == EXIT_RECYCLED:
        pass
    if status != 0:
        held = "another worker runs on this data folder" if status == EXIT_LOCKED else f"it ended with {status}"
        raise WorkerFailed(f"the worker could not look: {held}")


async def _ask_daemon(config: Config, due_only: bool) -> tuple[dict[str, Any], bool] | None:
    """Answers None where the daemon ended before it had answered: the round is ours then."""
    store = open_store(config.store_url)
    begun = utc_now()
    number = store.write(lambda connection: requests.ask(connection, "due" if due_only else "once", begun))
    progress = asyncio.create_task(_show_progress(store, begun))
    try:
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            with store.reader() as connection:
                answer = requests.answer_to(connection, number)
                if answer is not None:
                    return answer, every_source_failed(connection, begun)
            if (free := hold_lock(config.data / "daemon.lock")) is not None:
                free.close()
                store.write(lambda connection: requests.withdraw(connection, number))
                return None
    finally:
        progress.cancel()
        store.close()


async def _show_progress(store: Store, begun: Any) -> None:
    """One line that counts, on a terminal; nothing elsewhere."""
    while sys.stderr.isatty():
        await asyncio.sleep(ASK_EVERY_S)
        with store.reader() as connection:
            counts = counted_since(connection, begun)
        sys.stderr.write(f"\r{counted(counts['looks'], 'look')}, {counts['new']} new, {counts['edited']} edited \033[K")
        sys.stderr.flush()
