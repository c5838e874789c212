"""Looks again for which their host has no time: found by their wait, moved on to a later time, counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, exists, select, update

from storage import health
from storage.schedule import Release, held, is_again
from storage.schema.articles import address
from storage.schema.looking import host

MOST_MOVED = 200  # in a transaction, which others wait for


@dataclass(frozen=True, slots=True)
class Waiting:
    """A look again that waits for its host's time."""

    address_id: int
    source_id: int
    key: bytes
    first_seen_at: datetime
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class MovedOn:
    """A look again with its new time, None: no more, and how many looks that drops."""

    look: Waiting
    planned_at: datetime | None
    dropped: int


def waiting_too_long(
    connection: sa.Connection, ended: Sequence[Release], longer_than: timedelta
) -> Iterator[tuple[Release, list[Waiting]]]:
    """The hosts of these claims with the looks again that have waited so long, the oldest first; those of lost claims
    are left to their new holder."""
    if not ended:
        return
    names = {one.claim.host for one in ended}
    until = max(one.at for one in ended) - longer_than
    crowded = set(connection.execute(_CROWDED, {"hosts": list(names), "until": until}).scalars())
    if not crowded:
        return
    kept = held(connection, [one.claim for one in ended if one.claim.host in crowded])
    room = MOST_MOVED
    for one in ended:
        if (one.claim.host, one.claim.epoch) not in kept or not room:
            continue
        values = {"host": one.claim.host, "until": one.at - longer_than, "room": room}
        rows = connection.execute(_OLDEST, values).all()
        room -= len(rows)
        yield one, [Waiting(row.id, row.source_id, row.key, row.first_seen_at, row.next_look_at) for row in rows]


def move_on(connection: sa.Connection, looks: Sequence[MovedOn], now: datetime) -> None:
    """Plan those of which something was dropped for their new time, and count what was dropped."""
    moved = [one for one in looks if one.dropped]
    if moved:
        connection.execute(_MOVED, [{"of": one.look.address_id, "at": one.planned_at} for one in moved])
        health.count_dropped(connection, [(one.look.source_id, now, one.dropped) for one in moved])


_is_crowded = (
    exists()
    .where(address.c.host == host.c.name, is_again(address), address.c.next_look_at <= bindparam("until"))
    .correlate(host)
)
_CROWDED = select(host.c.name).where(host.c.name.in_(bindparam("hosts", expanding=True)), _is_crowded)
_OLDEST = (
    select(address.c.id, address.c.source_id, address.c.key, address.c.first_seen_at, address.c.next_look_at)
    .where(
        address.c.host == bindparam("host"),
        is_again(address),
        address.c.next_look_at <= bindparam("until"),
        address.c.gone_since.is_(None),
    )
    .order_by(address.c.next_look_at)
    .limit(bindparam("room", type_=sa.Integer()))
)
_MOVED = (
    update(address)
    .where(address.c.id == bindparam("of"))
    .values(next_look_at=bindparam("at", type_=address.c.next_look_at.type))
)
