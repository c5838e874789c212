"""What the clock calls: raise alerts, deliver, sweep. A kill between any two loses nothing."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from scheduler.judge import Rules
from scheduler.message import message_of
from scheduler.sending import Channel, ChannelFault, MessageFault, TryLater
from storage import deliveries, outbox, upkeep
from storage.deliveries import DueDelivery
from storage.model import Delivery
from storage.store import Connection, Store
from storage.writer import Writer

log = logging.getLogger("dateline.tell")

CHANGES_AT_ONCE = 200
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


async def raise_alerts(store: Store, writer: Writer, telling: Telling, clock: Callable[[], datetime]) -> int:
    """Judge what was not judged yet and write alerts with their deliveries; answers how many alerts."""
    raised = 0
    while True:
        with store.reader() as connection:
            changes = outbox.unmatched(connection, CHANGES_AT_ONCE)
            loaded_at = outbox.rules_loaded_at(connection)
        if not changes:
            return raised
        now = clock()
        judged = [one for change in changes for one in telling.rules.judge(change, loaded_at, now)]
        ids = [change.id for change in changes]
        raised += await writer.do(
            partial(outbox.raise_alerts, change_ids=ids, judged=judged, now=now, wait=telling.wait)
        )
        if judged:
            log.info("alerts raised=%d changes=%d", len(judged), len(changes))


async def close(store: Store, writer: Writer, telling: Telling, clock: Callable[[], datetime]) -> list[str]:
    """Make deliveries of notices and of what has gathered long enough; answers the channels with something to do."""
    with store.reader() as connection:
        waiting = outbox.has_open(connection, clock())
    if waiting:

        def write(connection: Connection) -> None:
            outbox.take_notices(connection, telling.tell, clock())
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
        async with asyncio.timeout(LONGEST_SEND_S):
            await channel.send(payload, delivery_id=one.id, now=clock())
    except MessageFault as fault:
        reason = fault.reason
        await writer.do(lambda c: deliveries.give_up(c, due, reason, clock()))
        log.error("delivery given up id=%s channel=%s reason=%s", one.id, one.channel, reason)
    except TryLater as fault:
        reason, at = fault.reason, clock() + back_off(retry, one.attempts, fault.retry_after)
        await writer.do(lambda c: deliveries.later(c, due, reason, at, GIVE_UP, clock()))
        log.warning("delivery later id=%s channel=%s at=%s reason=%s", one.id, one.channel, f"{at:%FT%TZ}", reason)
    except (ChannelFault, TimeoutError) as fault:
        after = fault.retry_after if isinstance(fault, ChannelFault) else None
        reason = fault.reason if isinstance(fault, ChannelFault) else f"no answer within {LONGEST_SEND_S:g} s"
        at = clock() + back_off(retry, one.attempts, after)
        await writer.do(lambda c: deliveries.channel_failed(c, due, reason, at, GIVE_UP, clock()))
        log.warning("channel failed id=%s channel=%s at=%s reason=%s", one.id, one.channel, f"{at:%FT%TZ}", reason)
    else:
        await writer.do(lambda c: deliveries.sent(c, due, clock()))
        log.info("delivered id=%s channel=%s rule=%s alerts=%d", one.id, one.channel, one.rule, len(one.alerts))
        return True
    return False


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


def utc_now() -> datetime:
    return datetime.now(UTC)
