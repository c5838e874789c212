"""What keeps the store small and its due times sane."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import select, update

from storage.schedule import ROBOTS_KEPT
from storage.schema import host, listing, look_count, request, robots

COUNTERS_KEPT = timedelta(days=90)
REQUESTS_KEPT = timedelta(days=1)
JUMP = timedelta(minutes=2)


def sweep(connection: sa.Connection, now: datetime) -> None:
    """Drop old counters, robots files and requests; mend due times after the clock was set back."""
    connection.execute(look_count.delete().where(look_count.c.hour < now - COUNTERS_KEPT))
    connection.execute(robots.delete().where(robots.c.fetched_at < now - ROBOTS_KEPT))
    connection.execute(request.delete().where(request.c.asked_at < now - REQUESTS_KEPT))
    # A look in the future can only be one from before the clock was set back: its next would come a jump too late.
    ahead = listing.c.last_look_at > now + JUMP
    hosts = connection.execute(select(listing.c.host).where(ahead, listing.c.next_look_at.is_not(None)).distinct())
    if names := hosts.scalars().all():
        connection.execute(
            update(listing).where(ahead, listing.c.next_look_at.is_not(None)).values(next_look_at=now, last_look_at=now)
        )
        connection.execute(
            update(host)
            .where(host.c.name.in_(names))
            .values(next_due_at=now, next_allowed_at=now + timedelta(seconds=30))
        )
