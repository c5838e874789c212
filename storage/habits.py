"""How a source behaves, read for its rhythm: how much it publishes, and whether it edits what is old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import func, select

from storage.diff import LABEL
from storage.model.articles import ChangeKind
from storage.rhythm import Habits
from storage.schema.articles import address, article, change
from storage.verdict import COMPLETED

LOOKED_BACK = timedelta(days=90)
KEPT = timedelta(hours=1)
MOST_CHANGES = 5000  # the newest, of all sources; they are read in a transaction that others wait for
MOST_DAYS = 5000


class KnownHabits:
    """The habits of sources, in the caller's transaction; what is edited late is read once an hour.

    `reach` is the age from which on an edit is late.
    """

    def __init__(self, reach: timedelta) -> None:
        self._reach = reach
        self._lively: frozenset[int] = frozenset()
        self._read_at: datetime | None = None
        self._seen: dict[tuple[int, datetime], int] = {}

    def of(self, connection: sa.Connection, source_id: int, first_seen_at: datetime, now: datetime) -> Habits:
        return Habits(
            self._seen_on_the_day_of(connection, source_id, first_seen_at, now),
            source_id in self._lively_sources(connection, now),
        )

    def _lively_sources(self, connection: sa.Connection, now: datetime) -> frozenset[int]:
        if self._read_at is None or not self._read_at <= now < self._read_at + KEPT:
            self._lively = frozenset(_edited_late(connection, self._reach, now))
            self._read_at = now
        return self._lively

    def _seen_on_the_day_of(
        self, connection: sa.Connection, source_id: int, first_seen_at: datetime, now: datetime
    ) -> int:
        day = first_seen_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if (known := self._seen.get((source_id, day))) is not None:
            return known
        until = day + timedelta(days=1)
        query = select(func.count()).where(
            address.c.source_id == source_id, address.c.first_seen_at >= day, address.c.first_seen_at < until
        )
        number = int(connection.execute(query.select_from(address)).scalar_one())
        if until <= now:  # a day that is not over may still grow
            if len(self._seen) >= MOST_DAYS:
                self._seen.clear()
            self._seen[source_id, day] = number
        return number


def _edited_late(connection: sa.Connection, reach: timedelta, now: datetime) -> set[int]:
    """The sources of which an article was edited or removed lately that was older than this by then."""
    newest = (
        select(change.c.article_id, change.c.seen_at)
        .where(change.c.kind != sa.literal_column(f"'{ChangeKind.ADDED}'"), change.c.seen_at >= now - LOOKED_BACK)
        # Neither of these is a source that edits, and what changed everywhere at once is none either.
        .where(change.c.cls.not_in((LABEL, COMPLETED)), change.c.mass_id.is_(None))
        .order_by(change.c.seen_at.desc())
        .limit(MOST_CHANGES)
        .subquery()
    )
    age = sa.type_coerce(newest.c.seen_at, sa.BigInteger) - sa.type_coerce(article.c.first_seen_at, sa.BigInteger)
    late = (
        select(article.c.source_id)
        .join(newest, newest.c.article_id == article.c.id)
        .where(age >= reach // timedelta(microseconds=1))
        .distinct()
    )
    return set(connection.execute(late).scalars())
