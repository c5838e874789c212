"""What a person does with deliveries: look at them, send one again, drop one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.deliveries import BY_HAND, NO_SUCH_CHANNEL, load
from storage.model.telling import Alert, DeliveryState, Notice
from storage.rows import notice_from
from storage.schema.telling import channel, delivery, delivery_alert
from storage.text import one_line
from storage.turns import in_turn

SHORTEST_BEGINNING = 4  # of an id, that stands for all of it
SHOWN = 8  # letters of an id, where no other begins so
MOST_CANDIDATES = 5
AT_ONCE = 500  # ids in a statement
_ENDED = (DeliveryState.GIVEN_UP, DeliveryState.DROPPED)


class NotDone(Exception):
    """It cannot be done with this delivery; the message says why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery with all that is recorded of it. `alerts` counts them; `held` is why it waits although it is due."""

    id: str
    channel: str
    rule: str  # "" for a notice
    notice: Notice | None
    state: DeliveryState
    alerts: int
    attempts: int
    created_at: datetime
    closes_at: datetime
    first_attempt_at: datetime | None
    next_attempt_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    error: str
    held: str
    answer: str
    sent_to: str


def listed(
    connection: sa.Connection,
    *,
    states: Sequence[str] = (),
    channel: str = "",
    rule: str = "",
    most: int = 50,
    id: str = "",
) -> list[Listed]:
    """Deliveries, the newest first; of all states, channels and rules where none is asked for."""
    alerts = select(func.count()).where(delivery_alert.c.delivery_id == delivery.c.id).scalar_subquery()
    query = select(delivery, alerts.label("alerts"))
    wanted = ((delivery.c.channel, channel), (delivery.c.rule, rule), (delivery.c.id, id))
    query = query.where(*(column == value for column, value in wanted if value))
    if states:
        query = query.where(delivery.c.state.in_(states))
    rows = connection.execute(query.order_by(delivery.c.created_at.desc(), delivery.c.turn.desc()).limit(most))
    return [_listed(row) for row in rows]


def alerts_of(connection: sa.Connection, delivery_id: str) -> tuple[Alert, ...]:
    return tuple(alert for one in load(connection, [delivery_id]) for alert in one.alerts)


def named(connection: sa.Connection, beginning: str) -> str:
    """The id that this is, or that begins so. Raises NotDone where there is none, or more than one."""
    if not beginning.strip():
        raise NotDone(f"the id is empty: write at least {SHORTEST_BEGINNING} letters of one that is listed")
    if connection.execute(select(delivery.c.id).where(delivery.c.id == beginning)).first():
        return beginning
    begins_so = delivery.c.id.startswith(beginning, autoescape=True)
    query = select(delivery.c.id, delivery.c.channel, delivery.c.rule).where(begins_so).order_by(delivery.c.id)
    is_long = len(beginning) >= SHORTEST_BEGINNING
    rows = connection.execute(query.limit(MOST_CANDIDATES + 1)).all() if is_long else []
    if len(rows) == 1:
        return str(rows[0].id)
    why = "there is no such delivery" if is_long else f"write at least {SHORTEST_BEGINNING} letters of its id"
    if rows:
        short = short_ids(connection, [row.id for row in rows])
        named = (f"{short[row.id]} ({row.channel}, {row.rule or 'a notice'})" for row in rows[:MOST_CANDIDATES])
        others = " and others" if len(rows) > MOST_CANDIDATES else ""
        why = f"several deliveries begin so: {', '.join(named)}{others}; write more of it"
    raise NotDone(f"{one_line(beginning, 100)}: {why}")


def short_ids(connection: sa.Connection, ids: Sequence[str]) -> dict[str, str]:
    """Of each of these ids a beginning that no other delivery's has, which `named` takes for all of it."""
    short: dict[str, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        for one, *beside in connection.execute(_BESIDE, {"ids": ids[start : start + AT_ONCE]}):
            alike = max(_alike(one, other or "") for other in beside)
            short[one] = one[: max(SHOWN, alike + 1)]
    return short


def retry(connection: sa.Connection, delivery_id: str, now: datetime, *, is_one_of_many: bool = False) -> str:
    """Have a delivery attempted now, under its id and with its bytes; answers in words what comes of it. Quiet hours
    and limits do not hold that attempt; what comes after it they do. `is_one_of_many`: nobody chose it, so that they
    hold it as any other.

    One that was given up or dropped has three days and all of its attempts before it. Raises NotDone.
    """
    row = connection.execute(select(delivery).where(delivery.c.id == delivery_id)).one_or_none()
    if row is None:
        raise NotDone(f"{delivery_id}: there is no such delivery")
    state = connection.execute(select(channel).where(channel.c.name == row.channel)).one()
    if row.state == DeliveryState.SENT:
        raise NotDone(f"{delivery_id}: it was sent at {row.sent_at:%Y-%m-%d %H:%M} UTC")
    values: dict[str, object] = {"state": DeliveryState.PENDING, "next_attempt_at": now}
    values["held"] = "" if is_one_of_many else BY_HAND
    if row.state in _ENDED:
        # One that was never attempted begins with its attempt; the bytes of another are those of its first.
        first = now if row.first_attempt_at is not None else None
        values |= {"attempts": 0, "error": "", "ended_at": None, "first_attempt_at": first}
    now_due = "it is due now; neither quiet hours nor a limit holds it"
    within = ", within quiet hours and its channel's limit" if is_one_of_many else ""
    said = f"it is pending again{within}" if row.state in _ENDED else now_due
    if state.retired_at is not None:
        values |= {"state": DeliveryState.PAUSED, "error": NO_SUCH_CHANNEL}
        said = f"it waits for the channel {row.channel}, which is not in the config"
    elif state.paused_at is not None:
        values |= {"state": DeliveryState.PAUSED, "error": state.error}
        connection.execute(update(channel).where(channel.c.name == row.channel).values(probe_at=now))
        said = f"it waits with the channel {row.channel}, which is paused and is probed now"
    connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(values))
    its_turn = in_turn(connection, row.channel, delivery.c.id == delivery_id)
    if values["state"] == DeliveryState.PENDING and next(its_turn, None) is None:
        what = "about the same source or channel" if row.notice else "of its story"
        said = f"it goes once the earlier messages {what} have gone, which this channel is told in order"
    return said


def probe(connection: sa.Connection, names: Iterable[str], now: datetime) -> list[str]:
    """Have those of these channels that are paused tried now, since somebody mended them; answers which."""
    paused = channel.c.name.in_(list(names)) & channel.c.paused_at.is_not(None) & channel.c.retired_at.is_(None)
    return list(
        connection.execute(update(channel).where(paused).values(probe_at=now).returning(channel.c.name)).scalars()
    )


def given_up(connection: sa.Connection, channel: str = "") -> list[str]:
    """The ids of what was given up, the oldest first: of one channel, or of all."""
    query = select(delivery.c.id).where(delivery.c.state == DeliveryState.GIVEN_UP)
    if channel:
        query = query.where(delivery.c.channel == channel)
    return list(connection.execute(query.order_by(delivery.c.created_at, delivery.c.turn)).scalars())


def drop(connection: sa.Connection, delivery_id: str, reason: str, now: datetime) -> None:
    """Send a delivery never: it stays, and it and its alerts say by whom and why. Raises NotDone."""
    words = f"dropped by hand: {one_line(reason, 300)}" if reason.strip() else "dropped by hand"
    waits = (delivery.c.id == delivery_id) & delivery.c.state.not_in((DeliveryState.SENT, DeliveryState.DROPPED))
    values = {"state": DeliveryState.DROPPED, "error": words, "held": "", "next_attempt_at": None, "ended_at": now}
    if not connection.execute(update(delivery).where(waits).values(values)).rowcount:
        state = connection.execute(select(delivery.c.state).where(delivery.c.id == delivery_id)).scalar()
        why = f"it is {state} already" if state else "there is no such delivery"
        raise NotDone(f"{delivery_id}: {why}")


def _alike(one: str, other: str) -> int:
    """With how many of the same letters both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


# In their order, no other id has more letters in common with one than the two beside it.
_other = delivery.alias("other")
_BESIDE = select(
    delivery.c.id,
    select(func.max(_other.c.id)).where(_other.c.id < delivery.c.id).scalar_subquery(),
    select(func.min(_other.c.id)).where(_other.c.id > delivery.c.id).scalar_subquery(),
).where(delivery.c.id.in_(bindparam("ids", expanding=True)))


def _listed(row: sa.Row[tuple[object, ...]]) -> Listed:
    values = {name: getattr(row, name) for name in Listed.__slots__}
    values["notice"] = notice_from(values["notice"])
    values["state"] = DeliveryState(values["state"])
    return Listed(**values)
