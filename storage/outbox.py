"""Alerts and their deliveries: what is to be told, to whom, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import func, select, update

from storage import health
from storage.changes import load_changes
from storage.model import Alert, Change, Delivery, DeliveryState, Notice, RuleConfig
from storage.schema import alert, change, channel, delivery, delivery_alert, notice, rule

MOST_ALERTS_A_DELIVERY = 50
PAUSE_AFTER = 3  # faults of a channel in a row
NO_SUCH_CHANNEL = "no such channel in the config"


@dataclass(frozen=True, slots=True)
class Judged:
    """That a rule held for a change. `untold` is the one reason why no delivery is made; "" makes them."""

    change_id: int
    rule: str
    holds: Literal["now", "no longer", "still"]
    words: tuple[str, ...]
    channels: tuple[str, ...]
    untold: str = ""


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery to be attempted now. `probes`: its channel is paused, and this one attempt finds out whether still."""

    delivery: Delivery
    probes: bool


# Config taken over


def take_over_rules(connection: sa.Connection, rules: Iterable[RuleConfig], now: datetime) -> None:
    """A rule holds for changes seen from its first load on; one that left and comes back starts anew."""
    there = {row.name: row for row in connection.execute(select(rule))}
    wanted = {one.name: one for one in rules}
    for name, one in wanted.items():
        if name not in there:
            connection.execute(rule.insert().values(name=name, query=one.query, loaded_at=now))
        elif there[name].retired_at is not None:
            values = {"query": one.query, "loaded_at": now, "retired_at": None}
            connection.execute(update(rule).where(rule.c.name == name).values(values))
        elif there[name].query != one.query:
            connection.execute(update(rule).where(rule.c.name == name).values(query=one.query))
    gone = [name for name, row in there.items() if name not in wanted and row.retired_at is None]
    connection.execute(update(rule).where(rule.c.name.in_(gone)).values(retired_at=now))


def take_over_channels(connection: sa.Connection, names: Iterable[str], now: datetime) -> None:
    """Deliveries of a channel that is gone wait as "no such channel"; they go on when it is back."""
    there = {row.name: row for row in connection.execute(select(channel))}
    wanted = set(names)
    for name in wanted - there.keys():
        connection.execute(channel.insert().values(name=name, failures=0, error=""))
    for name, row in there.items():
        if name in wanted and row.retired_at is not None:
            connection.execute(update(channel).where(channel.c.name == name).values(retired_at=None))
            if row.paused_at is None:
                _resume(connection, name, row.retired_at, now)
        elif name not in wanted and row.retired_at is None:
            connection.execute(update(channel).where(channel.c.name == name).values(retired_at=now))
            _hold(connection, name, NO_SUCH_CHANNEL)


# Raising alerts


def unmatched(connection: sa.Connection, most: int) -> list[Change]:
    """The oldest changes that were not judged yet. No cursor: on PostgreSQL a lower id may commit later."""
    ids = connection.execute(select(change.c.id).where(change.c.matched_at.is_(None)).order_by(change.c.id).limit(most))
    return load_changes(connection, ids.scalars().all())


def rules_loaded_at(connection: sa.Connection) -> dict[str, datetime]:
    rows = connection.execute(select(rule.c.name, rule.c.loaded_at).where(rule.c.retired_at.is_(None)))
    return {row.name: row.loaded_at for row in rows}


def raise_alerts(
    connection: sa.Connection, change_ids: Sequence[int], judged: Sequence[Judged], now: datetime, wait: timedelta
) -> int:
    """Write, in the caller's one transaction, that these changes are judged, and the alerts and deliveries that follow.

    A change that was judged meanwhile is passed over whole. Answers how many alerts were raised.
    """
    fresh = set(
        connection.execute(
            update(change)
            .where(change.c.id.in_(change_ids), change.c.matched_at.is_(None))
            .values(matched_at=now)
            .returning(change.c.id)
        ).scalars()
    )
    raised = [one for one in judged if one.change_id in fresh]
    gathering: dict[tuple[str, str], tuple[str, int]] = {}
    for one in raised:
        alert_id = connection.execute(
            alert.insert()
            .values(
                change_id=one.change_id,
                rule=one.rule,
                holds=one.holds,
                words=json.dumps(one.words, ensure_ascii=False),
                created_at=now,
                untold=one.untold or ("" if one.channels else "no channel"),
            )
            .returning(alert.c.id)
        ).scalar_one()
        for name in () if one.untold else one.channels:
            delivery_id, held = gathering.get((name, one.rule)) or _open(connection, name, one.rule, now, wait)
            if held >= MOST_ALERTS_A_DELIVERY:
                delivery_id, held = _new_delivery(connection, name, one.rule, now, now + wait), 0
            connection.execute(delivery_alert.insert().values(delivery_id=delivery_id, alert_id=alert_id))
            gathering[name, one.rule] = (delivery_id, held + 1)
    return len(raised)


def take_notices(connection: sa.Connection, channels: Sequence[str], now: datetime) -> int:
    """Make a delivery of every notice for each of the operator's channels but the one that it is about."""
    rows = connection.execute(select(notice).where(notice.c.told_at.is_(None)).order_by(notice.c.id).limit(100)).all()
    for row in rows:
        text = json.dumps(asdict(Notice(row.subject, row.text)), ensure_ascii=False)
        for name in channels:
            if name != row.channel:
                _new_delivery(connection, name, "", now, now, notice_json=text)
        connection.execute(update(notice).where(notice.c.id == row.id).values(told_at=now))
    return len(rows)


def close(connection: sa.Connection, now: datetime) -> int:
    """Deliveries that have gathered long enough are due; those of a channel that is paused or gone wait with it."""
    ready = connection.execute(
        select(delivery.c.id, channel.c.paused_at, channel.c.retired_at, channel.c.error, channel.c.name)
        .join(channel, channel.c.name == delivery.c.channel, isouter=True)
        .where(delivery.c.state == DeliveryState.OPEN, delivery.c.closes_at <= now)
    ).all()
    for row in ready:
        values: dict[str, object] = {"state": DeliveryState.PENDING, "next_attempt_at": now}
        if row.name is None or row.retired_at is not None:
            values = {"state": DeliveryState.PAUSED, "error": NO_SUCH_CHANNEL}
        elif row.paused_at is not None:
            values = {"state": DeliveryState.PAUSED, "error": row.error}
        connection.execute(update(delivery).where(delivery.c.id == row.id).values(values))
    return len(ready)


# Delivering


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


def next_due(connection: sa.Connection, name: str, now: datetime) -> DueDelivery | None:
    """The delivery that this channel attempts next, oldest first; None where it has nothing to do now."""
    state = connection.execute(select(channel).where(channel.c.name == name)).one_or_none()
    if state is None or state.retired_at is not None:
        return None
    wanted = select(delivery).where(delivery.c.channel == name).order_by(delivery.c.created_at).limit(1)
    if state.paused_at is not None:
        if state.probe_at is None or state.probe_at > now:
            return None
        row = connection.execute(wanted.where(delivery.c.state == DeliveryState.PAUSED)).one_or_none()
    else:
        row = connection.execute(
            wanted.where(delivery.c.state == DeliveryState.PENDING, delivery.c.next_attempt_at <= now)
        ).one_or_none()
    if row is None:
        return None
    return DueDelivery(_delivery_from(connection, row), probes=state.paused_at is not None)


def keep_payload(connection: sa.Connection, delivery_id: str, payload: bytes, now: datetime) -> None:
    """Keep the bytes of the first attempt before it is made: every repeat is the same message."""
    values = {"payload": payload, "first_attempt_at": now}
    connection.execute(
        update(delivery).where(delivery.c.id == delivery_id, delivery.c.payload.is_(None)).values(values)
    )


def sent(connection: sa.Connection, one: DueDelivery, now: datetime) -> None:
    values = {"state": DeliveryState.SENT, "sent_at": now, "attempts": one.delivery.attempts + 1, "error": ""}
    connection.execute(update(delivery).where(delivery.c.id == one.delivery.id).values(values))
    _channel_works(connection, one.delivery.channel, now)


def later(
    connection: sa.Connection, one: DueDelivery, reason: str, again_at: datetime, give_up: timedelta, now: datetime
) -> None:
    """The message was not taken for now. Given up once it has been tried for `give_up`."""
    _channel_works(connection, one.delivery.channel, now)
    if not _given_up_late(connection, one, reason, give_up, now):
        _postpone(connection, one, reason, again_at)


def give_up(connection: sa.Connection, one: DueDelivery, reason: str, now: datetime) -> None:
    """The message can never be delivered: shown, told to the operator, and to be sent again by hand."""
    _channel_works(connection, one.delivery.channel, now)
    _give_up(connection, one, reason, now)


def channel_failed(
    connection: sa.Connection, one: DueDelivery, reason: str, again_at: datetime, give_up: timedelta, now: datetime
) -> None:
    """The channel itself failed. The third time in a row pauses it: one delivery probes at `again_at`, the others
    wait without spending attempts."""
    name = one.delivery.channel
    row = connection.execute(select(channel).where(channel.c.name == name)).one()
    values: dict[str, object] = {"failures": row.failures + 1, "error": reason}
    if one.probes:
        values["probe_at"] = again_at
    elif row.failures + 1 >= PAUSE_AFTER and row.paused_at is None:
        values |= {"paused_at": now, "probe_at": again_at}
    connection.execute(update(channel).where(channel.c.name == name).values(values))
    if one.probes:
        return
    if not _given_up_late(connection, one, reason, give_up, now):
        _postpone(connection, one, reason, again_at)
    if "paused_at" in values:
        _hold(connection, name, reason)
        health.tell(
            connection,
            f"the channel {name} is paused",
            f"The channel {name} failed {row.failures + 1} times in a row: {reason}. Its deliveries wait; "
            "one of them tries again from time to time.",
            now,
            channel=name,
        )


def send_again(connection: sa.Connection, delivery_id: str, now: datetime) -> bool:
    """Make a given-up delivery pending again, under its id; False where there is none such."""
    values = {"state": DeliveryState.PENDING, "next_attempt_at": now, "first_attempt_at": now, "error": ""}
    given_up = (delivery.c.id == delivery_id) & (delivery.c.state == DeliveryState.GIVEN_UP)
    return connection.execute(update(delivery).where(given_up).values(values)).rowcount > 0


def delivery_counts(connection: sa.Connection) -> Mapping[str, int]:
    rows = connection.execute(select(delivery.c.state, func.count()).group_by(delivery.c.state))
    return {str(state): 0 for state in DeliveryState} | dict(rows.tuples())


def _open(connection: sa.Connection, name: str, rule_name: str, now: datetime, wait: timedelta) -> tuple[str, int]:
    """The delivery that gathers for this rule and channel, and how many alerts it holds; a new one if there is none."""
    row = connection.execute(
        select(delivery.c.id, func.count(delivery_alert.c.alert_id))
        .join(delivery_alert, delivery_alert.c.delivery_id == delivery.c.id)
        .where(
            delivery.c.channel == name,
            delivery.c.rule == rule_name,
            delivery.c.state == DeliveryState.OPEN,
            delivery.c.closes_at > now,
        )
        .group_by(delivery.c.id)
        .order_by(delivery.c.created_at.desc())
        .limit(1)
    ).one_or_none()
    if row is not None:
        return row[0], row[1]
    return _new_delivery(connection, name, rule_name, now, now + wait), 0


def _new_delivery(
    connection: sa.Connection, name: str, rule_name: str, now: datetime, closes_at: datetime, notice_json: str = ""
) -> str:
    delivery_id = uuid4().hex
    connection.execute(
        delivery.insert().values(
            id=delivery_id,
            channel=name,
            rule=rule_name,
            state=DeliveryState.OPEN,
            created_at=now,
            closes_at=closes_at,
            notice=notice_json,
        )
    )
    return delivery_id


def _delivery_from(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> Delivery:
    alerts = connection.execute(
        select(alert)
        .join(delivery_alert, delivery_alert.c.alert_id == alert.c.id)
        .where(delivery_alert.c.delivery_id == row.id)
        .order_by(alert.c.id)
    ).all()
    changes = {one.id: one for one in load_changes(connection, [one.change_id for one in alerts])}
    return Delivery(
        id=row.id,
        channel=row.channel,
        rule=row.rule,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        attempts=row.attempts,
        payload=row.payload,
        alerts=tuple(
            Alert(one.id, one.rule, one.holds, tuple(json.loads(one.words)), changes[one.change_id]) for one in alerts
        ),
        notice=Notice(**json.loads(row.notice)) if row.notice else None,
        error=row.error,
        next_attempt_at=row.next_attempt_at,
    )


def _channel_works(connection: sa.Connection, name: str, now: datetime) -> None:
    row = connection.execute(select(channel).where(channel.c.name == name)).one_or_none()
    if row is None or (not row.failures and row.paused_at is None):
        return
    values = {"failures": 0, "paused_at": None, "probe_at": None, "error": ""}
    connection.execute(update(channel).where(channel.c.name == name).values(values))
    if row.paused_at is not None:
        _resume(connection, name, row.paused_at, now)
        health.tell(
            connection,
            f"the channel {name} works again",
            f"The channel {name} works again; it was paused since {row.paused_at:%Y-%m-%d %H:%M} UTC. "
            "What waited is on its way.",
            now,
        )


def _hold(connection: sa.Connection, name: str, reason: str) -> None:
    waiting = (delivery.c.channel == name) & (delivery.c.state == DeliveryState.PENDING)
    connection.execute(update(delivery).where(waiting).values(state=DeliveryState.PAUSED, error=reason))


def _resume(connection: sa.Connection, name: str, since: datetime, now: datetime) -> None:
    """What waited is due again, and the time of the pause does not count as time of its own attempts."""
    paused = (delivery.c.channel == name) & (delivery.c.state == DeliveryState.PAUSED)
    first = sa.type_coerce(delivery.c.first_attempt_at, sa.BigInteger)
    shift = (now - since) // timedelta(microseconds=1)
    connection.execute(
        update(delivery)
        .where(paused)
        .values(state=DeliveryState.PENDING, next_attempt_at=now, first_attempt_at=first + shift, error="")
    )


def _postpone(connection: sa.Connection, one: DueDelivery, reason: str, again_at: datetime) -> None:
    values = {
        "state": DeliveryState.PENDING,
        "attempts": one.delivery.attempts + 1,
        "next_attempt_at": again_at,
        "error": reason,
    }
    connection.execute(update(delivery).where(delivery.c.id == one.delivery.id).values(values))


def _given_up_late(connection: sa.Connection, one: DueDelivery, reason: str, after: timedelta, now: datetime) -> bool:
    first = connection.execute(select(delivery.c.first_attempt_at).where(delivery.c.id == one.delivery.id)).scalar_one()
    if first is None or now - first < after:
        return False
    _give_up(connection, one, f"{reason} (tried for {after.days} days)", now)
    return True


def _give_up(connection: sa.Connection, one: DueDelivery, reason: str, now: datetime) -> None:
    values = {"state": DeliveryState.GIVEN_UP, "attempts": one.delivery.attempts + 1, "error": reason}
    connection.execute(update(delivery).where(delivery.c.id == one.delivery.id).values(values))
    if one.delivery.notice is None:  # a notice about a notice would never end
        health.tell(
            connection,
            f"a delivery to {one.delivery.channel} was given up",
            f"The delivery {one.delivery.id} of the rule {one.delivery.rule} to {one.delivery.channel} was given up: "
            f"{reason}. Send it again with: dateline tell --again {one.delivery.id}",
            now,
            channel=one.delivery.channel,
        )
