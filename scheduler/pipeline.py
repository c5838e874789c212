"""From a judged change to a sent delivery: the stages in their order, one job each. Read it from top to bottom.

    judge     which rules hold for a change                     rules.judge, one transaction with the next
    group     an alert joins what gathers for its rule and channel, or opens it   outbox.raise_alerts, Plan.due_at
    story     a story that a rule has told from another source is not told again  outbox.raise_alerts
    digest    when all that has gathered is due                 timing.Plan, digest.Digest
    close     what has gathered is due                          outbox.close
    order     of one story, what came first goes first          turns.in_turn
    quiet     not now: hold what must not ring                  quiet.Quiet
    limit     no more than a channel may carry; the rest as one limit.admit, summaries.sum_up
    render    put it into words, and keep the bytes             message.message_of, deliveries.keep_payloads
    send      one attempt, several at once                      Channel.send
    record    sent, later, given up, or the channel is at fault deliveries

What a stage decides is written before the next one acts on it, so that a kill between any two loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from traceback import format_tb

from scheduler.judge import Rules, hears_of_mass
from scheduler.limit import Limit, admit
from scheduler.places import Find
from scheduler.rendering import message_of
from scheduler.sending import Channel, ChannelFault, MessageFault, TryLater
from scheduler.steps import place_stories
from scheduler.timing import QUIET_HOURS, Plans
from storage import deliveries, health, notices, outbox, summaries
from storage.deliveries import DueDelivery
from storage.model.articles import Change
from storage.model.telling import Delivery
from storage.store import Connection, Store
from storage.writer import Writer

log = logging.getLogger("dateline.tell")

CHANGES_AT_ONCE = 200
ROUND = 40  # deliveries of a channel that are taken, rendered and sent together
RENDERED_HERE = 20  # alerts of a message that is put into words on the loop
LETTERS_HERE = 50_000  # of texts that are judged, or put into words, on the loop: a megabyte of Korean takes 2 s
GIVE_UP = timedelta(days=3)
QUIET_PROBE = timedelta(minutes=10)  # until it is seen whether a paused channel has got something that may ring
LONGEST_SEND_S = 120.0  # over all time limits of a channel's own


@dataclass(frozen=True, slots=True)
class Telling:
    """What the stages need of the config: replaced as a whole by a reload."""

    rules: Rules
    channels: Mapping[str, Channel]
    tell: tuple[str, ...]
    retry: tuple[timedelta, ...]
    plans: Plans = field(default_factory=Plans)

    def most_alerts(self, channel: str) -> int:
        """How many alerts a message through this channel may hold."""
        known = self.channels.get(channel)
        return known.most_alerts if known is not None else outbox.MOST_ALERTS_A_DELIVERY

    def of_mass(self, kind: str, source: str) -> list[tuple[str, str]]:
        """The rules that ask for such changes of that source, each with each of its channels."""
        hearing = [one for one in self.rules.by_name.values() if hears_of_mass(one, kind, source)]
        return [(one.name, channel) for one in hearing for channel in one.channels]


# Judge, group


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
        raised += await writer.do(
            partial(_write, changes=changes, judged=judged, broken=broken, now=now, telling=telling)
        )
        if judged:
            log.info("alerts raised=%d changes=%d", len(judged), len(changes))


async def _judged(
    rules: Rules, changes: Sequence[Change], loaded_at: Mapping[str, datetime], now: datetime
) -> tuple[list[outbox.Judged], list[tuple[Change, list[str]]]]:
    """The alerts of these changes, and the changes on which rules raised an error, with the names of these: they must
    hold up neither other changes nor other rules."""
    judged: list[outbox.Judged] = []
    broken: list[tuple[Change, list[str]]] = []
    for change in changes:
        try:
            if _letters([change]) > LETTERS_HERE:
                judged += await asyncio.to_thread(rules.judge, change, loaded_at, now)
            else:
                judged += rules.judge(change, loaded_at, now)
        except Exception:
            log.exception("cannot judge change=%d url=%s", change.id, change.url)
            alone, names = await asyncio.to_thread(rules.judge_apart, change, loaded_at, now)
            judged += alone
            broken.append((change, names))
        await asyncio.sleep(0)  # a portion of long pages must not hold up a feed
    return judged, broken


def _letters(changes: Iterable[Change]) -> int:
    """How much text these changes are about, before and after."""
    stand = (one for change in changes for one in (change.before, change.after) if one is not None)
    return sum(len(one.article.body) + len(one.article.title) for one in stand)


def _write(
    connection: Connection,
    *,
    changes: Sequence[Change],
    judged: Sequence[outbox.Judged],
    broken: Sequence[tuple[Change, Sequence[str]]],
    now: datetime,
    telling: Telling,
) -> int:
    anew = outbox.listed_meanwhile(connection, changes)  # the next portion has them
    for change, names in broken:
        if change.id in anew:
            continue
        which = (
            f"These rules could not be tried: {', '.join(names[:20])}" if names else "All rules were tried one by one"
        )
        words = f"{which}, on {change.url}, by an error of Dateline's own; its log says which."
        health.tell(connection, "an article could not be judged", words, now)
    ids = [change.id for change in changes if change.id not in anew]
    return outbox.raise_alerts(connection, ids, judged, now, telling.plans.due_at, telling.most_alerts)


# Close


async def close(store: Store, writer: Writer, telling: Telling, clock: Callable[[], datetime]) -> list[str]:
    """Make deliveries of notices, and due what has gathered; answers the channels with something to do."""
    with store.reader() as connection:
        waiting = outbox.has_gathered(connection, clock()) or notices.untaken(connection, clock())
    if waiting:

        def write(connection: Connection) -> None:
            notices.take_notices(connection, telling.tell, clock(), telling.of_mass, telling.plans.due_at)
            outbox.close(connection, clock())

        await writer.do(write)
    with store.reader() as connection:
        return deliveries.due_channels(connection, clock())


# Order, quiet, limit, render, send, record


async def deliver(
    store: Store, writer: Writer, in_force: Callable[[], Telling], name: str, clock: Callable[[], datetime]
) -> int:
    """Send what is due for one channel, round by round, until nothing is; answers how many were sent.

    Each channel runs in a task of its own: a slow one delays nobody else. `in_force` is asked before each round: who
    sets a limit while ten thousand messages are on their way wants to see it held.
    """
    sent = 0
    while (channel := (telling := in_force()).channels.get(name)) is not None:
        with store.reader() as connection:
            due = deliveries.next_due(connection, name, clock(), ROUND, _rings(telling.plans, name, clock()))
        if not due:
            break
        asked = [one for one in due if one.by_hand]  # by a person, who knows what hour it is
        due = [one for one in due if not one.by_hand]
        due = await _not_asked_to_wait(store, writer, name, due, clock())
        ringing = await _not_quiet(writer, telling, due, clock())
        admitted = await _within_limit(store, writer, channel, ringing, telling.plans, clock)
        ready = await _rendered(writer, channel, [*asked, *admitted], telling.rules.places, clock)
        sent += await _send(writer, channel, ready, telling.retry, clock)
    return sent


def _rings(plans: Plans, channel: str, now: datetime) -> Callable[[str], bool]:
    """Whether a rule may ring now through this channel."""
    return lambda rule: plans.quiet_until({rule}, channel, now) <= now


async def _not_asked_to_wait(
    store: Store, writer: Writer, name: str, due: list[DueDelivery], now: datetime
) -> list[DueDelivery]:
    """None, while the receiver asked for fewer messages: they are due when that is over. A probe goes by its pause."""
    if not due or due[0].probes:
        return due
    with store.reader() as connection:
        until = deliveries.waits_until(connection, name)
    if until is None or until <= now:
        return due
    await writer.do(lambda c: deliveries.hold_due(c, name, until, deliveries.ASKED_TO_WAIT, now))
    return []


async def _not_quiet(writer: Writer, telling: Telling, due: Sequence[DueDelivery], now: datetime) -> list[DueDelivery]:
    """Those that may ring now; the others are held until their quiet hours end."""
    rules = {one.delivery.id: {alert.rule for alert in one.delivery.alerts} or {""} for one in due}
    until = {id: telling.plans.quiet_until(of, due[0].delivery.channel, now) for id, of in rules.items()}
    for at in sorted({at for at in until.values() if at > now}):
        held = [one for one in due if until[one.delivery.id] == at]
        again_at = min(at, now + QUIET_PROBE) if held[0].probes else at
        await writer.do(partial(deliveries.hold_until, due=held, at=again_at, why=QUIET_HOURS))
    return [one for one in due if until[one.delivery.id] <= now]


async def _within_limit(
    store: Store,
    writer: Writer,
    channel: Channel,
    due: Sequence[DueDelivery],
    plans: Plans,
    clock: Callable[[], datetime],
) -> Sequence[DueDelivery]:
    """As many as the channel may carry now. Without room all wait; where there is one place for several, they are
    made one delivery, which the next round finds."""
    limit, now = channel.limit, clock()
    if limit is None or not due:
        return due
    with store.reader() as connection:
        sent_at = summaries.sent_within(connection, channel.name, limit.span, now)
        waiting = 1 if due[0].probes else summaries.due_count(connection, channel.name, now)
    number, rest = admit(waiting, limit.room(sent_at))
    if rest == "wait":
        await _wait_for_room(writer, due, limit, limit.free_at(sent_at), now)
    elif rest == "summary" and number == 0 and due[0].delivery.payload is None:
        # Of all that is due, and not of this round alone: what must not ring now is left out.
        rings, most = _rings(plans, channel.name, now), channel.most_alerts
        if await writer.do(lambda c: summaries.sum_up(c, channel.name, now, rings, most)):
            return []
        return due[:1]  # they are of two kinds, or wait for another: one by one then
    return due[: max(number, 1)] if rest == "summary" else due[:number]


async def _wait_for_room(writer: Writer, due: Sequence[DueDelivery], limit: Limit, at: datetime, now: datetime) -> None:
    why = f"over the channel's limit of {limit}"
    name = due[0].delivery.channel
    if due[0].probes:
        await writer.do(lambda c: deliveries.hold_until(c, due, at, why))
    else:
        await writer.do(lambda c: deliveries.hold_due(c, name, at, why, now))


Ready = tuple[DueDelivery, bytes]


async def _rendered(
    writer: Writer, channel: Channel, due: Sequence[DueDelivery], find: Find, clock: Callable[[], datetime]
) -> list[Ready]:
    """Each with its bytes, which are kept before they are first sent; what cannot be put into words is given up. Bytes
    that were for a channel of another type are no message here: they are made anew."""
    ready: list[Ready] = []
    fresh: dict[str, bytes] = {}
    faults: list[str] = []
    for one in due:
        payload = one.delivery.payload
        if payload is None or not channel.wrote(payload):
            try:
                payload, fault = await _in_words(channel, one.delivery, clock(), find)
                fresh[one.delivery.id] = payload
                faults += [fault] if fault else []
            except MessageFault as fault:
                await _give_up(writer, one, fault.reason, clock(), answered=False)
                continue
            await asyncio.sleep(0)  # a feed is not to wait for forty messages
        ready.append((one, payload))
    if fresh:
        foreign = [one.delivery.id for one in due if one.delivery.payload is not None and one.delivery.id in fresh]
        await writer.do(lambda c: deliveries.keep_payloads(c, fresh, clock(), anew=foreign))
    if faults:
        words = f"{faults[0]}. Its messages go out in Dateline's own form. Mend it and run `dateline check`."
        await writer.do(lambda c: health.tell_daily(c, f"the template of {channel.name} failed", words, clock()))
    return ready


async def _in_words(channel: Channel, one: Delivery, now: datetime, find: Find) -> tuple[bytes, str]:
    is_long = _letters(alert.change for alert in one.alerts) > LETTERS_HERE
    if is_long or len(one.alerts) > RENDERED_HERE:  # of five hundred it takes a second
        return await asyncio.to_thread(render, channel, one, now, find)
    return render(channel, one, now, find)


def render(channel: Channel, one: Delivery, now: datetime, find: Find) -> tuple[bytes, str]:
    """The bytes of a delivery, and why the channel's own templates were not used, "" where they were. Raises
    MessageFault, whatever else goes wrong."""
    try:
        message = message_of(one, now, channel.voice, find)
        return channel.render(message), message.fault
    except MessageFault:
        raise
    except Exception as reason:
        log.exception("cannot render id=%s", one.id)
        raise MessageFault(f"it cannot be rendered: {type(reason).__name__}") from reason


async def _send(
    writer: Writer,
    channel: Channel,
    ready: Sequence[Ready],
    retry: Sequence[timedelta],
    clock: Callable[[], datetime],
) -> int:
    """Attempt all of these, several at once; one after the other where the channel has just failed. Once it fails, no
    other attempt is begun: what is left is due as before."""
    queue: Iterator[Ready] = iter(ready)
    came_of: list[str] = []

    async def work() -> None:
        for one, payload in queue:
            came_of.append(await attempt(writer, channel, one, payload, retry, clock))
            if "failed" in came_of:
                return

    at_once = 1 if any(one.channel_failures for one, _ in ready) else channel.at_once
    async with asyncio.TaskGroup() as working:
        for _ in range(min(at_once, len(ready))):
            working.create_task(work())
    return came_of.count("sent")


async def attempt(
    writer: Writer,
    channel: Channel,
    due: DueDelivery,
    payload: bytes,
    retry: Sequence[timedelta],
    clock: Callable[[], datetime],
) -> str:
    """Make one attempt and record what came of it: "sent", "later", "given up", or "failed" by the channel's fault.

    What ends at the same time is written together (`storage.writer`).
    """
    one = due.delivery
    # A paused channel is probed by its own measure: its deliveries spend no attempts.
    earlier = due.channel_failures if due.probes else one.attempts
    try:
        async with asyncio.timeout(LONGEST_SEND_S):
            answer = await channel.send(payload, delivery_id=one.id, now=clock())
    except MessageFault as fault:
        await _give_up(writer, due, fault.reason, clock(), answered=True)
        return "given up"
    except TryLater as fault:
        reason, at = fault.reason, clock() + back_off(retry, one.attempts, fault.retry_after)
        await writer.do(lambda c: deliveries.later(c, due, reason, at, GIVE_UP, clock()))
        log.warning("delivery later id=%s channel=%s at=%s reason=%s", one.id, one.channel, f"{at:%FT%TZ}", reason)
        return "later"
    except Exception as raised:
        failure = _of_the_channel(raised)
        reason, is_gone, is_busy = failure.reason, failure.is_gone, failure.is_busy
        # All of a busy channel's wait as long: what one of them has behind it is not theirs.
        at = clock() + back_off(retry, due.channel_failures if is_busy else earlier, failure.retry_after)
        failed = partial(deliveries.channel_failed, at_once=is_gone, is_busy=is_busy)
        await writer.do(lambda c: failed(c, due, reason, at, GIVE_UP, clock()))
        log.warning("channel failed id=%s channel=%s at=%s reason=%s", one.id, one.channel, f"{at:%FT%TZ}", reason)
        return "failed"
    await writer.do(lambda c: deliveries.sent(c, due, clock(), answer or "", channel.reaches))
    log.info("delivered id=%s channel=%s rule=%s alerts=%d", one.id, one.channel, one.rule, len(one.alerts))
    return "sent"


def _of_the_channel(fault: Exception) -> ChannelFault:
    """Why the channel failed, in words without a secret, and what its server asked for."""
    if isinstance(fault, ChannelFault):
        return fault
    if isinstance(fault, TimeoutError):
        return ChannelFault(f"no answer within {LONGEST_SEND_S:g} s")
    # Booked like a fault of the channel: it would be tried at every tick else. Its message may hold a secret.
    log.error("sending failed error=%s\n%s", type(fault).__name__, "".join(format_tb(fault.__traceback__)))
    return ChannelFault(f"an error of Dateline's own, {type(fault).__name__}; its log says more")


async def _give_up(writer: Writer, due: DueDelivery, reason: str, now: datetime, *, answered: bool) -> None:
    await writer.do(lambda c: deliveries.give_up(c, due, reason, now, answered=answered))
    log.error("delivery given up id=%s channel=%s reason=%s", due.delivery.id, due.delivery.channel, reason)


def back_off(retry: Sequence[timedelta], attempts: int, asked: timedelta | None = None) -> timedelta:
    """How long to wait after this many earlier attempts: the config's steps, the last one for ever, with up to a
    quarter of jitter so that what failed together does not come back together; never sooner than was asked for."""
    step = retry[min(attempts, len(retry) - 1)]
    jittered = step * (1 + random.random() / 4)  # noqa: S311  (no secret)
    return max(jittered, asked or timedelta(0))
