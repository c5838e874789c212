"""What keeps the store small and its due times sane."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.model.telling import DeliveryState
from storage.schedule import ROBOTS_KEPT
from storage.schema.articles import address, article, change, mass
from storage.schema.looking import host, listing, look_count, request, robots
from storage.schema.telling import channel, delivery, rule

COUNTERS_KEPT = timedelta(days=90)
REQUESTS_KEPT = timedelta(days=1)
JUMP = timedelta(minutes=2)
# From when on something is reckoned: a ladder of looks, a removal, a doubt, an event. From a time that is still to come
# it would not begin for as long.
_BEGAN: tuple[tuple[sa.Column[Any], ...], ...] = (
    tuple(
        address.c[one]
        for one in (
            "first_seen_at",
            "last_look_at",
            "gone_since",
            "ahead_since",
            "doubted_since",
            "doubted_at",
            "fault_since",
        )
    ),
    (article.c.lost_at,),
    (mass.c.began_at, mass.c.told_at),
)


def sweep(connection: sa.Connection, now: datetime) -> None:
    """Drop old counters, robots files and requests; mend due times after the clock was set back."""
    connection.execute(look_count.delete().where(look_count.c.hour < now - COUNTERS_KEPT))
    connection.execute(robots.delete().where(robots.c.fetched_at < now - ROBOTS_KEPT))
    connection.execute(request.delete().where(request.c.asked_at < now - REQUESTS_KEPT))
    newest = connection.execute(select(func.max(listing.c.last_look_at))).scalar()
    if newest is not None and newest - now > JUMP:
        _move_back(connection, newest - now, now)


def _move_back(connection: sa.Connection, by: timedelta, now: datetime) -> None:
    """A look in the future can only be one from before the clock was set back. What was planned then is moved by
    as much: nothing is silent for the length of the jump, and what a server asked for still holds."""
    for column, where in (
        (listing.c.next_look_at, listing.c.last_look_at > now),
        (address.c.next_look_at, func.coalesce(address.c.last_look_at, address.c.first_seen_at) > now),
        (change.c.due_at, change.c.matched_at.is_(None) & (change.c.due_at > now)),
        (delivery.c.closes_at, (delivery.c.state == DeliveryState.OPEN) & (delivery.c.closes_at > now)),
        (delivery.c.next_attempt_at, delivery.c.next_attempt_at > now),
        (channel.c.probe_at, channel.c.probe_at > now),
        (rule.c.loaded_at, rule.c.loaded_at > now),  # else it would hold for nothing that is seen until then
        (host.c.next_due_at, host.c.next_due_at > now),
        (host.c.again_until, host.c.again_until > now),
    ):
        connection.execute(update(column.table).where(where).values({column: _earlier(column, by)}))
    connection.execute(update(listing).where(listing.c.last_look_at > now).values(last_look_at=now))
    for began in _BEGAN:
        values = {one: sa.case((one > now, sa.literal(now, one.type)), else_=one) for one in began}
        connection.execute(update(began[0].table).where(sa.or_(*(one > now for one in began))).values(values))
    held_back = connection.execute(select(host).where(host.c.next_allowed_at > now)).all()
    if held_back:
        connection.execute(
            update(host).where(host.c.name == bindparam("of")).values(next_allowed_at=bindparam("allowed")),
            [
                {"of": row.name, "allowed": max(row.next_allowed_at - by, now + timedelta(seconds=row.delay_s))}
                for row in held_back
            ],
        )


def _earlier(column: sa.Column[Any], by: timedelta) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, sa.BigInteger) - by // timedelta(microseconds=1)
