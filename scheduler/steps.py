"""What the clock calls beside telling: settle what many looks say together, place stories, sweep, retain."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import repeat
from time import monotonic

from storage import mass, mass_edits, mass_removals, outbox, retaining, search, stories, upkeep
from storage.retention import Limits
from storage.snapshots import Snapshots
from storage.store import Connection, Store
from storage.writer import Writer

log = logging.getLogger("dateline.tell")

SETTLED_WITHIN_S = 5.0  # of a tick, in which nothing is told: the rest of a purge is recorded a minute later
PLACED_A_TICK = 200  # that nobody waits for
PLACED_AT_ONCE = 20  # articles in their stories: a millisecond or two of the loop and of the writer for each


async def settle_removals(
    store: Store,
    writer: Writer,
    confirm: timedelta,
    clock: Callable[[], datetime],
    within_s: float = SETTLED_WITHIN_S,
) -> None:
    """Confirm what is gone, singly or as one event; a portion a transaction, for so many seconds: what is suspected is
    read anew for each, and of a purge of 35,000 that takes a second or two. The next call goes on."""

    def read() -> mass_removals.Suspected | None:
        with store.reader() as connection:
            suspected = mass_removals.suspect(connection, clock(), confirm)
            return suspected if suspected.pending or mass.events(connection, only_open=True) else None

    more, until = True, monotonic() + within_s
    while more and monotonic() < until and (suspected := await asyncio.to_thread(read)):
        more = await writer.do(partial(mass_removals.settle, suspected=suspected, now=clock(), confirm=confirm))


async def settle_edits(store: Store, writer: Writer, confirm: timedelta, clock: Callable[[], datetime]) -> bool:
    """See whether edits that wait for their round are the site's and not the articles'; answers whether some go on
    waiting."""

    def read() -> list[mass_edits.Waiting] | None:
        with store.reader() as connection:
            if not mass_edits.is_any_waiting(connection) and not mass.events(connection, only_open=True):
                return None
            return mass_edits.waiting(connection)

    if (found := await asyncio.to_thread(read)) is None:
        return False
    await writer.do(partial(mass_edits.settle, found=found, now=clock(), confirm=confirm))
    with store.reader() as connection:
        return mass_edits.is_any_waiting(connection)


async def place_stories(store: Store, writer: Writer) -> None:
    """Give every article its story that waits to be judged, in the order in which they were stored; and some of the
    others, which may be a whole archive."""
    for awaited in (True, False):
        for _ in range(PLACED_A_TICK // PLACED_AT_ONCE) if not awaited else repeat(None):
            with store.reader() as connection:
                found = stories.unplaced(connection, PLACED_AT_ONCE, awaited=awaited)
            if not found:
                break
            await writer.do(partial(stories.place, found=found))


async def index(store: Store, writer: Writer, is_stopped: Callable[[], bool]) -> None:
    """Index for search what waits, the newest first, and take out the words of what was dropped; a portion a
    transaction, with a pause as long as each took, so that nothing else has to wait."""
    while not is_stopped():
        began = monotonic()
        entries = await asyncio.to_thread(_next_entries, store)
        if entries:
            await writer.do(partial(search.put, entries=entries))
        elif not await writer.do(search.purge):
            return
        await asyncio.sleep(monotonic() - began)


def _next_entries(store: Store) -> list[search.Entry]:
    with store.reader() as connection:
        return search.next_entries(connection)


async def sweep(writer: Writer, due_at: outbox.DueAt, clock: Callable[[], datetime]) -> None:
    """Once a minute: drop old counters and robots.txt, mend what a clock that jumped left in the future."""

    def write(connection: Connection) -> None:
        now = clock()
        upkeep.sweep(connection, now)
        outbox.replan(connection, due_at, now)

    await writer.do(write)


async def retain(
    store: Store, snapshots: Snapshots, limits: Limits, clock: Callable[[], datetime], is_stopped: Callable[[], bool]
) -> None:
    """Once a day: let go the bytes that are too old or too many. In a thread: it reads all of their folder."""
    try:
        if not retaining.is_due(snapshots, clock()):
            return
        came_to = await asyncio.to_thread(retaining.retain, store, snapshots, limits, clock(), is_stopped=is_stopped)
    except OSError as reason:  # the folder cannot be read: no reason to call a round a failure
        log.error("retention failed reason=%s", reason)
        return
    if came_to.files:
        by = " ".join(f"{why}={one.files}" for why, one in came_to.gone.items())
        log.info("retention files=%d bytes=%d %s", came_to.files, came_to.size, by)


def utc_now() -> datetime:
    return datetime.now(UTC)
