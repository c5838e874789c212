"""What the clock calls: raise alerts, deliver, sweep. A kill between any two loses nothing."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import repeat
from traceback import format_tb

from scheduler.judge import Rules, hears_of_mass
from scheduler.message import message_of
from scheduler.sending import Channel, ChannelFault, MessageFault, TryLater
from storage import (
    deliveries,
    health,
    mass,
    mass_edits,
    mass_removals,
    outbox,
    removals,
    retaining,
    stories,
    upkeep,
)
from storage.deliveries import DueDelivery
from storage.model import Change, Delivery
from storage.retention import Limits
from storage.snapshots import Snapshots
from storage.store import Connection, Store
from storage.writer import Writer

log = logging.getLogger("dateline.tell")

CHANGES_AT_ONCE = 200
PLACED_A_TICK = 200  # that nobody waits for
PLACED_AT_ONCE = 20  # articles in their stories: a millisecond or two of the loop and of the writer for each
GIVE_UP = timedelta(days=3)
LONGEST_SEND_S = 120.0  # over all time limits of a channel's own


@dataclass(frozen=True, slots=True)
class Telling:
    """What the steps need of the config: replaced as a whole by a reload."""

    rules: Rules
    channels: Mapping[str, Channel]
    tell: tuple[str, ...]
    retry: tuple[timedelta, ...]
    wait: timedelta
    confirm: timedelta

    def of_mass(self, kind: str, source: str) -> list[str]:
        """The channels of all rules that ask for such changes of that source."""
        return [
            name for one in self.rules.by_name.values() if hears_of_mass(one, kind, source) for name in one.channels
        ]


async def settle_removals(store: Store, writer: Writer, telling: Telling, clock: Callable[[], datetime]) -> None:
    """Confirm what is gone, singly or as one event; a portion a transaction."""
    more = True
    while more:
        with store.reader() as connection:
            suspected = removals.pending(connection)
            if not suspected and not mass.events(connection, only_open=True):
                return
        more = await writer.do(partial(mass_removals.settle, suspected=suspected, now=clock(), confirm=telling.confirm))


async def settle_edits(store: Store, writer: Writer, telling: Telling, clock: Callable[[], datetime]) -> bool:
    """See whether edits that wait for their round are the site's and not the articles'; answers whether some go on
    waiting."""
    with store.reader() as connection:
        found = mass_edits.waiting(connection)
        if not found and not mass.events(connection, only_open=True):
            return False
    await writer.do(partial(mass_edits.settle, found=found, now=clock(), confirm=telling.confirm))
    with store.reader() as connection:
        return bool(mass_edits.waiting(connection))


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


async def raise_alerts(store: Store, writer: Writer, telling: Telling, clock: Callable[[], datetime]) -> int:
    """Judge what was not judged yet and write alerts with their deliveries; answers how many alerts."""
    raised = 0
    while True:
        await place_stories(store, writer)
        with store.reader() as connection:
            changes = outbox.unmatched(connection, CHANGES_AT_ONCE, clock())
            loaded_at = outbox.rules_loaded_at(connection)
        if not changes:
            return raised
        now = clock()
        judged, broken = await _judged(telling.rules, changes, loaded_at, now)
        write = partial(_write, changes=changes, judged=judged, broken=broken, now=now, wait=telling.wait)
        raised += await writer.do(write)
        if judged:
            log.info("alerts raised=%d changes=%d", len(judged), len(changes))


async def _judged(
    rules: Rules, changes: Sequence[Change], loaded_at: Mapping[str, datetime], now: datetime
) -> tuple[list[outbox.Judged], list[Change]]:
    """The alerts of these changes, and the changes that raised an error: they must not hold up the others for ever."""
    judged: list[outbox.Judged] = []
    broken: list[Change] = []
    for change in changes:
        try:
            judged += rules.judge(change, loaded_at, now)
        except Exception:
            log.exception("cannot judge change=%d url=%s", change.id, change.url)
            broken.append(change)
        await asyncio.sleep(0)  # a page of a megabyte takes half a second: a portion of them must not hold up a feed
    return judged, broken


def _write(
    connection: Connection,
    *,
    changes: Sequence[Change],
    judged: Sequence[outbox.Judged],
    broken: Sequence[Change],
    now: datetime,
    wait: timedelta,
) -> int:
    for change in broken:
        words = f"No rule could be tried on {change.url}, by an error of Dateline's own; its log says which."
        health.tell(connection, "an article could not be judged", words, now)
    return outbox.raise_alerts(connection, [change.id for change in changes], judged, now, wait)


async def close(store: Store, writer: Writer, telling: Telling, clock: Callable[[], datetime]) -> list[str]:
    """Make deliveries of notices and of what has gathered long enough; answers the channels with something to do."""
    with store.reader() as connection:
        waiting = outbox.has_open(connection, clock())
    if waiting:

        def write(connection: Connection) -> None:
            outbox.take_notices(connection, telling.tell, clock(), telling.of_mass)
            outbox.close(connection, clock())

        await writer.do(write)
    with store.reader() as connection:
        return deliveries.due_channels(connection, clock())


async def deliver(store: Store, writer: Writer, telling: Telling, name: str, clock: Callable[[], datetime]) -> int:
    """Attempt what is due for one channel, oldest first, until nothing is; answers how many were sent.

    One channel at a time: a slow one delays nobody else, since each runs in a task of its own.
    """
    sent = 0
    while (channel := telling.channels.get(name)) is not None:
        with store.reader() as connection:
            due = deliveries.next_due(connection, name, clock())
        if due is None:
            break
        sent += await attempt(writer, channel, due, telling.retry, clock)
    return sent


async def attempt(
    writer: Writer, channel: Channel, due: DueDelivery, retry: Sequence[timedelta], clock: Callable[[], datetime]
) -> bool:
    """Make one attempt and book what came of it. The bytes are kept before they are first sent."""
    one = due.delivery
    try:
        payload = one.payload or await _first_payload(writer, channel, one, clock)
    except MessageFault as fault:
        await _give_up(writer, due, fault.reason, clock(), answered=False)
        return False
    # A paused channel is probed by its own measure: its deliveries spend no attempts.
    earlier = due.channel_failures if due.probes else one.attempts
    try:
        async with asyncio.timeout(LONGEST_SEND_S):
            await channel.send(payload, delivery_id=one.id, now=clock())
    except MessageFault as fault:
        await _give_up(writer, due, fault.reason, clock(), answered=True)
    except TryLater as fault:
        reason, at = fault.reason, clock() + back_off(retry, one.attempts, fault.retry_after)
        await writer.do(lambda c: deliveries.later(c, due, reason, at, GIVE_UP, clock()))
        log.warning("delivery later id=%s channel=%s at=%s reason=%s", one.id, one.channel, f"{at:%FT%TZ}", reason)
    except Exception as fault:
        reason, after = _of_the_channel(fault)
        at = clock() + back_off(retry, earlier, after)
        await writer.do(lambda c: deliveries.channel_failed(c, due, reason, at, GIVE_UP, clock()))
        log.warning("channel failed id=%s channel=%s at=%s reason=%s", one.id, one.channel, f"{at:%FT%TZ}", reason)
    else:
        await writer.do(lambda c: deliveries.sent(c, due, clock()))
        log.info("delivered id=%s channel=%s rule=%s alerts=%d", one.id, one.channel, one.rule, len(one.alerts))
        return True
    return False


def _of_the_channel(fault: Exception) -> tuple[str, timedelta | None]:
    """Why the channel failed, in words without a secret, and what its server asked for."""
    if isinstance(fault, ChannelFault):
        return fault.reason, fault.retry_after
    if isinstance(fault, TimeoutError):
        return f"no answer within {LONGEST_SEND_S:g} s", None
    # Booked like a fault of the channel: it would be tried at every tick else. Its message may hold a secret.
    log.error("sending failed error=%s\n%s", type(fault).__name__, "".join(format_tb(fault.__traceback__)))
    return f"an error of Dateline's own, {type(fault).__name__}; its log says more", None


async def _give_up(writer: Writer, due: DueDelivery, reason: str, now: datetime, *, answered: bool) -> None:
    await writer.do(lambda c: deliveries.give_up(c, due, reason, now, answered=answered))
    log.error("delivery given up id=%s channel=%s reason=%s", due.delivery.id, due.delivery.channel, reason)


async def _first_payload(writer: Writer, channel: Channel, one: Delivery, clock: Callable[[], datetime]) -> bytes:
    try:
        payload = channel.render(message_of(one, clock()))
    except MessageFault:
        raise
    except Exception as reason:
        log.exception("cannot render id=%s", one.id)
        raise MessageFault(f"it cannot be rendered: {type(reason).__name__}") from reason
    await writer.do(lambda c: deliveries.keep_payload(c, one.id, payload, clock()))
    return payload


def back_off(retry: Sequence[timedelta], attempts: int, asked: timedelta | None = None) -> timedelta:
    """How long to wait after this many earlier attempts: the config's steps, the last one for ever, with up to a
    quarter of jitter so that what failed together does not come back together; never sooner than was asked for."""
    step = retry[min(attempts, len(retry) - 1)]
    jittered = step * (1 + random.random() / 4)  # noqa: S311  (no secret)
    return max(jittered, asked or timedelta(0))


async def sweep(writer: Writer, clock: Callable[[], datetime]) -> None:
    """Once a minute: drop old counters and robots.txt, mend what a clock that jumped left in the future."""
    await writer.do(lambda connection: upkeep.sweep(connection, clock()))


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
