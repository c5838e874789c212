"""The ladder of looks again was changed in the config: what was planned by the one before climbs the new one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select, update

from storage.rhythm import Rhythm
from storage.schedule import is_again
from storage.schema.articles import address
from storage.schema.looking import source
from storage.sources import due_at

MOST_MOVED = 5_000  # in a transaction, which others wait for
_MICROSECOND = timedelta(microseconds=1)


def planned_otherwise(connection: sa.Connection, rhythm: Rhythm, now: datetime) -> list[int]:
    """The addresses whose next look is planned for later than their next time on the ladder, or not at all; for a
    reading connection, at the start of a worker, which goes by this ladder from then on.

    None where it was planned by the same ladder. What was planned sooner is none of them: the look behind that one goes
    by the new ladder. Nor is what failed or may be gone, which has times of its own.
    """
    if not rhythm.ladder:
        return []
    watched = select(source.c.id).where(source.c.enabled, source.c.retired_at.is_(None))
    query = select(address.c.id).where(address.c.source_id.in_(watched), _is_otherwise(rhythm, now))
    return list(connection.execute(query).scalars())


def climb(connection: sa.Connection, ids: Collection[int], rhythm: Rhythm, now: datetime) -> None:
    """Plan the next look at these for their next time on the ladder, and have their hosts due then; MOST_MOVED at a
    time. What has moved on since it was read is passed over."""
    planned = sa.type_coerce(_planned_at(rhythm, now), address.c.next_look_at.type)
    moved = connection.execute(
        update(address)
        .where(address.c.id.in_(ids), _is_otherwise(rhythm, now))
        .values(next_look_at=planned)
        .returning(address.c.host, address.c.next_look_at)
    )
    earliest: dict[str, datetime] = {}
    for row in moved.all():
        earliest[row.host] = min(row.next_look_at, earliest.get(row.host, row.next_look_at))
    for name, at in earliest.items():
        due_at(connection, name, at)


def _is_otherwise(rhythm: Rhythm, now: datetime) -> sa.ColumnElement[bool]:
    is_later = sa.type_coerce(address.c.next_look_at, sa.BigInteger) > _planned_at(rhythm, now)
    return sa.and_(
        address.c.first_seen_at > _still_ahead(max(rhythm.ladder), rhythm, now),
        is_again(address),
        address.c.fault == "",
        address.c.gone_since.is_(None),
        address.c.tombstone_id.is_(None),
        address.c.next_look_at.is_(None) | is_later,
    )


def _planned_at(rhythm: Rhythm, now: datetime) -> sa.ColumnElement[Any]:
    """In microseconds: at the end of the time over which a step is spread, so that none of it is looked at twice."""
    seen_at = sa.type_coerce(address.c.first_seen_at, sa.BigInteger)
    return sa.case(
        *(
            (address.c.first_seen_at > _still_ahead(step, rhythm, now), seen_at + step // _MICROSECOND)
            for step in sorted(set(rhythm.ladder))
        )
    )


def _still_ahead(step: timedelta, rhythm: Rhythm, now: datetime) -> datetime:
    """What was first seen after this has surely not had its look at this step, however early in its spread."""
    return now - step * (1 - rhythm.spread)
