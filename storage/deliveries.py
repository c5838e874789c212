"""Deliveries on their way: which is next, and what became of an attempt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage import health
from storage.changes import load_changes
from storage.model.telling import Alert, Delivery, DeliveryState
from storage.rows import notice_from
from storage.schema.telling import alert, channel, delivery, delivery_alert
from storage.turns import in_turn

PAUSE_AFTER = 3  # faults of a channel in a row
NO_SUCH_CHANNEL = "no such channel in the config"
PUT_OFF_FOR = timedelta(hours=2)  # longer than greylisting lasts (RFC 6647, section 2.1)
BUSY_FOR = timedelta(minutes=10)  # of asking for fewer messages, and a channel is at fault
ASKED_TO_WAIT = "its receiver asked to wait"  # as `held`, of all that a channel has to send
BY_HAND = "asked for by hand"  # as `held`: this one attempt goes past quiet hours and limits


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery to be attempted now. `probes`: its channel is paused, and this one attempt finds out whether still; it
    was due at `probe_at`.

    `channel_failures`: faults of its channel in a row. `by_hand`: a person asked for this attempt.
    """

    delivery: Delivery
    probes: bool
    channel_failures: int = 0
    probe_at: datetime | None = None

    @property
    def by_hand(self) -> bool:
        return self.delivery.held == BY_HAND


def due_channels(connection: sa.Connection, now: datetime) -> list[str]:
    """Channels with something to do now: a pending delivery, or a probe."""
    pending = select(delivery.c.channel).where(
        delivery.c.state == DeliveryState.PENDING, delivery.c.next_attempt_at <= now
    )
    probes = (
        select(delivery.c.channel)
        .join(channel, channel.c.name == delivery.c.channel)
        .where(delivery.c.state == DeliveryState.PAUSED, channel.c.probe_at <= now, channel.c.retired_at.is_(None))
    )
    return list(connection.execute(pending.union(probes)).scalars())


def next_due(
    connection: sa.Connection,
    name: str,
    now: datetime,
    most: int = 1,
    rings: Callable[[str], bool] = lambda rule: True,
) -> list[DueDelivery]:
    """The deliveries that this channel attempts next, oldest first, none that waits for an earlier one of its story;
    empty where it has nothing to do now.

    A paused channel is probed with what a person asked for, else with its oldest and its newest in turn: if it is the
    one message that the other side cannot bear, the others do not wait behind it for ever. Those of rules that may ring
    now, by `rings`, go first: what is urgent does not wait for the morning behind what is not.
    """
    state = connection.execute(select(channel).where(channel.c.name == name)).one_or_none()
    if state is None or state.retired_at is not None:
        return []
    probes = state.paused_at is not None
    if probes:
        if state.probe_at is None or state.probe_at > now:
            return []
        newest = bool((state.failures - PAUSE_AFTER) % 2)
        paused = delivery.c.state == DeliveryState.PAUSED
        rules = connection.execute(select(delivery.c.rule).where(delivery.c.channel == name, paused).distinct())
        quiet = [one for one in rules.scalars() if not rings(one)]
        found: Iterator[str] = chain(
            in_turn(connection, name, paused & (delivery.c.held == BY_HAND)),
            in_turn(connection, name, paused & delivery.c.rule.not_in(quiet), newest=newest),
            in_turn(connection, name, paused, newest=newest),
        )
    else:
        found = in_turn(connection, name, is_due(now))
    ids = list(islice(found, 1 if probes else most))
    return [DueDelivery(one, probes, state.failures, state.probe_at) for one in load(connection, ids)]


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    return (delivery.c.state == DeliveryState.PENDING) & (delivery.c.next_attempt_at <= now)


def load(connection: sa.Connection, ids: Sequence[str]) -> list[Delivery]:
    """These deliveries with all that they tell of, in the order of the ids; ids that are not known are left out."""
    rows = connection.execute(select(delivery).where(delivery.c.id.in_(ids))).all()
    alerts = connection.execute(
        select(alert, delivery_alert.c.delivery_id)
        .join(delivery_alert, delivery_alert.c.alert_id == alert.c.id)
        .where(delivery_alert.c.delivery_id.in_(ids))
        .order_by(alert.c.id)
    ).all()
    changes = {one.id: one for one in load_changes(connection, list({one.change_id for one in alerts}))}
    told: dict[str, list[Alert]] = {}
    for one in alerts:
        raised = Alert(one.id, one.rule, one.holds, tuple(json.loads(one.words)), changes[one.change_id])
        told.setdefault(one.delivery_id, []).append(raised)
    loaded = {row.id: _delivery_from(row, told.get(row.id, ())) for row in rows}
    return [loaded[one] for one in ids if one in loaded]


def _delivery_from(row: sa.Row[Any], alerts: Sequence[Alert]) -> Delivery:
    return Delivery(
        id=row.id,
        channel=row.channel,
        rule=row.rule,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        attempts=row.attempts,
        payload=row.payload,
        alerts=tuple(alerts),
        notice=notice_from(row.notice),
        error=row.error,
        next_attempt_at=row.next_attempt_at,
        held=row.held,
    )


# Before an attempt


def keep_payloads(
    connection: sa.Connection, payloads: Mapping[str, bytes], now: datetime, anew: Sequence[str] = ()
) -> None:
    """Keep the bytes of the first attempts before they are made: every repeat is the same message. Those `anew` had
    others, and begin as if they were never attempted."""
    if anew:
        connection.execute(update(delivery).where(delivery.c.id.in_(anew)).values(payload=None))
    if payloads:
        rows = [{"of": one, "bytes": payload, "at": now} for one, payload in payloads.items()]
        connection.execute(_KEEP_PAYLOAD, rows)


def hold_until(connection: sa.Connection, due: Sequence[DueDelivery], at: datetime, why: str) -> None:
    """These wait until then and spend no attempt; `why` is shown. A probe waits with its channel. What a person has
    asked for meanwhile is due."""
    for one in due:
        if one.probes:
            connection.execute(update(channel).where(channel.c.name == one.delivery.channel).values(probe_at=at))
    ids = [one.delivery.id for one in due if not one.probes]
    pending = delivery.c.id.in_(ids) & (delivery.c.state == DeliveryState.PENDING) & (delivery.c.held != BY_HAND)
    connection.execute(update(delivery).where(pending).values(next_attempt_at=at, held=why))


def hold_due(connection: sa.Connection, name: str, at: datetime, why: str, now: datetime) -> None:
    """All that is due for a channel by itself waits until then."""
    mine = (delivery.c.channel == name) & is_due(now) & (delivery.c.held != BY_HAND)
    connection.execute(update(delivery).where(mine).values(next_attempt_at=at, held=why))


def waits_until(connection: sa.Connection, name: str) -> datetime | None:
    """Until when the receiver of a channel asked to wait; None where it did not. May lie in the past."""
    asked = (delivery.c.channel == name) & (delivery.c.state == DeliveryState.PENDING)
    until = select(func.max(delivery.c.next_attempt_at)).where(asked, delivery.c.held == ASKED_TO_WAIT)
    latest: datetime | None = connection.execute(until).scalar_one()
    return latest


# After an attempt


def sent(connection: sa.Connection, one: DueDelivery, now: datetime, answer: str = "", to: str = "") -> None:
    """The other side has taken it over; `answer` is what it said, in a line, `to` whom it reached."""
    values = {
        "state": DeliveryState.SENT,
        "sent_at": now,
        "attempts": one.delivery.attempts + 1,
        "error": "",
        "held": "",
        "answer": answer,
        "sent_to": to,
        "ended_at": None,  # where it was dropped while it was under way
    }
    connection.execute(update(delivery).where(delivery.c.id == one.delivery.id).values(values))
    _channel_works(connection, one.delivery.channel, now)


def later(
    connection: sa.Connection, one: DueDelivery, reason: str, again_at: datetime, give_up: timedelta, now: datetime
) -> None:
    """The message was not taken for now. Given up once it has been tried for `give_up`. Where nothing else of its
    channel was taken for `PUT_OFF_FOR` either, the operator is told: nobody would hear of a full mailbox for days."""
    _channel_works(connection, one.delivery.channel, now)
    if _given_up_late(connection, one, reason, give_up, now):
        return
    _postpone(connection, one, reason, again_at)
    if _tried_for(connection, one, now) >= PUT_OFF_FOR and one.delivery.notice is None:
        _tell_of_silence(connection, one, reason, now)


def give_up(connection: sa.Connection, one: DueDelivery, reason: str, now: datetime, *, answered: bool = True) -> None:
    """The message can never be delivered: shown, told to the operator, and to be sent again by hand.

    `answered`: the channel said so, and thereby works; False for a message that never reached it.
    """
    if answered:
        _channel_works(connection, one.delivery.channel, now)
    _give_up(connection, one, reason, now)


def channel_failed(
    connection: sa.Connection,
    one: DueDelivery,
    reason: str,
    again_at: datetime,
    give_up: timedelta,
    now: datetime,
    *,
    at_once: bool = False,
    is_busy: bool = False,
) -> None:
    """The channel itself failed. The third time in a row, or `at_once`, pauses it: one delivery probes at `again_at`,
    the others wait without spending attempts. One that `is_busy` works: all that it has to send waits until `again_at`,
    and it is paused only where that lasts for `BUSY_FOR`, or has gone on for so long.

    Attempts that were under way together fail together, and count once.
    """
    name = one.delivery.channel
    row = connection.execute(select(channel).where(channel.c.name == name)).one()
    failures = max(row.failures, one.channel_failures + 1)
    lasts = failures >= PAUSE_AFTER
    if is_busy:
        lasts = again_at - now >= BUSY_FOR or (lasts and _tried_for(connection, one, now) >= BUSY_FOR)
    values: dict[str, object] = {"failures": failures, "error": reason}
    if one.probes:
        if is_busy or row.probe_at == one.probe_at:  # not so where somebody mended it while this was under way
            values["probe_at"] = again_at
    elif row.paused_at is None and (at_once or lasts):
        # Of attempts that were under way together each may have been asked to wait as long as it likes.
        values |= {"paused_at": now, "probe_at": max(again_at, waits_until(connection, name) or again_at)}
    elif row.paused_at is not None and is_busy:
        values["probe_at"] = max(again_at, row.probe_at or again_at)
    connection.execute(update(channel).where(channel.c.name == name).values(values))
    if one.probes:
        connection.execute(update(delivery).where(delivery.c.id == one.delivery.id).values(held=""))
        return
    if not _given_up_late(connection, one, reason, give_up, now):
        _postpone(connection, one, reason, again_at, held=ASKED_TO_WAIT if is_busy else "")
    if "paused_at" in values:
        often = "" if failures < PAUSE_AFTER else f" {failures} times in a row"
        health.tell(
            connection,
            f"the channel {name} is paused",
            f"The channel {name} failed{often}: {reason}. Its deliveries wait; "
            "one of them tries again from time to time.",
            now,
            about=f"channel {name}",
            channel=name,
        )
    if "paused_at" in values or row.paused_at is not None:
        hold(connection, name, reason)


def _channel_works(connection: sa.Connection, name: str, now: datetime) -> None:
    row = connection.execute(select(channel).where(channel.c.name == name)).one_or_none()
    if row is None or (not row.failures and row.paused_at is None):
        return
    values = {"failures": 0, "paused_at": None, "probe_at": None, "error": ""}
    connection.execute(update(channel).where(channel.c.name == name).values(values))
    if row.paused_at is not None:
        resume(connection, name, row.paused_at, now)
        if row.retired_at is not None:  # it left the config while it was probed
            hold(connection, name, NO_SUCH_CHANNEL)
        health.tell(
            connection,
            f"the channel {name} works again",
            f"The channel {name} works again; it was paused since {row.paused_at:%Y-%m-%d %H:%M} UTC. "
            "What waited is on its way.",
            now,
            about=f"channel {name}",
        )


def hold(connection: sa.Connection, name: str, reason: str) -> None:
    waiting = (delivery.c.channel == name) & (delivery.c.state == DeliveryState.PENDING)
    connection.execute(update(delivery).where(waiting).values(state=DeliveryState.PAUSED, error=reason, held=""))


def resume(connection: sa.Connection, name: str, since: datetime, now: datetime) -> None:
    """What waited is due again, and the time of the pause does not count as time of its own attempts."""
    paused = (delivery.c.channel == name) & (delivery.c.state == DeliveryState.PAUSED)
    first = sa.type_coerce(delivery.c.first_attempt_at, sa.BigInteger)
    shift = (now - since) // timedelta(microseconds=1)
    # One that was first attempted by a probe waited for less than the whole pause.
    moved = sa.case(
        (delivery.c.first_attempt_at > since, sa.literal(now, delivery.c.sent_at.type)), else_=first + shift
    )
    connection.execute(
        update(delivery)
        .where(paused)
        .values(state=DeliveryState.PENDING, next_attempt_at=now, first_attempt_at=moved, error="", held="")
    )


def _postpone(connection: sa.Connection, one: DueDelivery, reason: str, again_at: datetime, held: str = "") -> None:
    """It waits for its next attempt; with its channel where that left the config while it was under way."""
    values: dict[str, object] = {
        "state": DeliveryState.PENDING,
        "attempts": one.delivery.attempts + 1,
        "next_attempt_at": again_at,
        "error": reason,
        "held": held,
    }
    of = select(channel.c.retired_at).where(channel.c.name == one.delivery.channel)
    if connection.execute(of).scalar() is not None:
        values |= {"state": DeliveryState.PAUSED, "error": NO_SUCH_CHANNEL, "held": ""}
    connection.execute(update(delivery).where(_still_waits(one)).values(values))


def _given_up_late(connection: sa.Connection, one: DueDelivery, reason: str, after: timedelta, now: datetime) -> bool:
    if _tried_for(connection, one, now) < after:
        return False
    _give_up(connection, one, f"{reason} (tried for {after.days} days)", now)
    return True


def _tell_of_silence(connection: sa.Connection, one: DueDelivery, reason: str, now: datetime) -> None:
    name = one.delivery.channel
    first = select(delivery.c.first_attempt_at).where(delivery.c.id == one.delivery.id).scalar_subquery()
    # What a clock that was set back has left in the future does not count.
    since = delivery.c.sent_at.between(first, now)
    taken = select(delivery.c.id).where(delivery.c.channel == name, since).limit(1)
    if connection.execute(taken).first() is None:
        health.tell_daily(
            connection,
            f"nothing sent through {name} is taken in full",
            f"All that is sent through {name} is put off, for {PUT_OFF_FOR // timedelta(hours=1)} hours or more, or a "
            f"part of it: {reason}. Each message is tried again, for three days.",
            now,
            about=f"channel {name}",
            channel=name,
        )


def _tried_for(connection: sa.Connection, one: DueDelivery, now: datetime) -> timedelta:
    first = connection.execute(select(delivery.c.first_attempt_at).where(delivery.c.id == one.delivery.id)).scalar_one()
    return timedelta(0) if first is None else now - first


def _give_up(connection: sa.Connection, one: DueDelivery, reason: str, now: datetime) -> None:
    values = {
        "state": DeliveryState.GIVEN_UP,
        "attempts": one.delivery.attempts + 1,
        "error": reason,
        "held": "",
        "ended_at": now,
    }
    done = connection.execute(update(delivery).where(_still_waits(one)).values(values))
    if done.rowcount and one.delivery.notice is None:  # a notice about a notice would never end
        health.tell(
            connection,
            f"a delivery to {one.delivery.channel} was given up",
            f"The delivery {one.delivery.id} of the rule {one.delivery.rule} to {one.delivery.channel} was given up: "
            f"{reason}. Send it again with: dateline deliveries retry {one.delivery.id}",
            now,
            about=f"channel {one.delivery.channel}",
        )


def _still_waits(one: DueDelivery) -> sa.ColumnElement[bool]:
    """Not so where a person dropped it while it was under way."""
    waits = (DeliveryState.PENDING, DeliveryState.PAUSED)
    return (delivery.c.id == one.delivery.id) & delivery.c.state.in_(waits)


_KEEP_PAYLOAD = (
    update(delivery)
    .where(delivery.c.id == bindparam("of"), delivery.c.payload.is_(None))
    .values(payload=bindparam("bytes"), first_attempt_at=bindparam("at"))
)
