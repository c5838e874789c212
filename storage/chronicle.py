"""What happened to articles after they were first seen, in the order of time: single changes and mass events.

A change stands here once it is decided that it is told alone: while its round has not closed it may still turn out to
be part of an event. Edits of typography alone stand here only where they are asked for by their class.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from storage import mass
from storage.changes import readable_changes
from storage.diff import LABEL
from storage.mass import Mass, Member
from storage.model.articles import Change, ChangeKind, EditClass
from storage.rows import classes_text
from storage.schema.articles import article, article_source, change, revision
from storage.schema.articles import mass as event
from storage.schema.looking import source
from storage.store import Store

LATE = 1000  # change ids: how far back one may still appear, where a lower id commits after a higher (PostgreSQL)
_AT_ONCE = 500  # ids in one statement
_DAY_US = 86_400_000_000


class Occasion(NamedTuple):
    """When a change was seen, and which one it is; the later, the greater."""

    seen_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes: of any of these sources (all if none is named), of one kind, of one class. "" is any."""

    sources: tuple[str, ...] = ()
    kind: str = ""
    cls: str = ""

    def has_event(self, one: Mass) -> bool:
        """Is a mass event among them? It has no class."""
        return not self.cls and self.kind in ("", one.kind) and (not self.sources or one.source in self.sources)


class Chronicle:
    """Each method is one consistent, short read, safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def version(self) -> tuple[int, ...]:
        """A value that differs whenever a change was decided on, or a mass event moved on, since. Cheap."""
        newest = select(func.coalesce(func.max(change.c.id), 0)).scalar_subquery()
        late = select(func.count()).where(change.c.id > newest - LATE).scalar_subquery()
        waiting = select(func.count()).where(change.c.matched_at.is_(None)).scalar_subquery()
        stages = (event.c.id, event.c.told_at, event.c.ended_at)
        found = select(newest, late, waiting, *map(func.count, stages), func.coalesce(func.sum(event.c.articles), 0))
        with self._store.reader() as reading:
            return tuple(reading.execute(found.select_from(event)).one())

    def newest(self, asked: Asked, *, before: Occasion | None = None, limit: int = 100) -> list[Occasion]:
        """The newest single changes, newest first; older than `before`."""
        query = _occasions(asked).order_by(change.c.seen_at.desc(), change.c.id.desc()).limit(limit)
        if before is not None:
            at = sa.literal(before.seen_at, change.c.seen_at.type)
            query = query.where(sa.tuple_(change.c.seen_at, change.c.id) < sa.tuple_(at, before.id))
        with self._store.reader() as reading:
            return [Occasion(row.seen_at, row.id) for row in reading.execute(query)]

    def frontier(self, limit: int) -> tuple[int, frozenset[int]] | None:
        """The highest id of a change, and the ids of those that are not decided on: what is decided later is among
        these, or has an id of about that height or above. None where more than `limit` wait."""
        waiting = select(change.c.id).where(change.c.matched_at.is_(None)).limit(limit + 1)
        with self._store.reader() as reading:
            ids = frozenset(reading.execute(waiting).scalars())
            highest = reading.execute(select(func.coalesce(func.max(change.c.id), 0))).scalar_one()
        return (highest, ids) if len(ids) <= limit else None

    def decided_since(self, asked: Asked, highest: int, waited: Collection[int], limit: int) -> list[Occasion]:
        """What may have been decided on since `frontier` answered these, in no order; some were so before: those whose
        ids lie close below. At most `limit` of each part."""
        query, wanted = _occasions(asked), sorted(waited)
        with self._store.reader() as reading:
            above = query.where(change.c.id > highest - LATE).order_by(change.c.id.desc()).limit(limit)
            found = {Occasion(row.seen_at, row.id) for row in reading.execute(above)}
            for start in range(0, len(wanted), _AT_ONCE):
                rows = reading.execute(query.where(change.c.id.in_(wanted[start : start + _AT_ONCE])))
                found.update(Occasion(row.seen_at, row.id) for row in rows)
        return list(found)

    def changes(self, ids: Sequence[int]) -> list[Change]:
        """These changes, in the order of the ids; ids that are not known, or cannot be read, are left out."""
        with self._store.reader() as reading:
            return readable_changes(reading, ids)

    def marks(self, ids: Sequence[int]) -> list[tuple[object, ...]]:
        """What tells whether any of these changes would be shown differently: equal lists, equal changes. Each begins
        with when it was seen and its id; in the order of the ids."""
        listed_by = (
            select(func.count()).where(article_source.c.article_id == article.c.id).correlate(article).scalar_subquery()
        )
        query = (
            select(change.c.seen_at, change.c.id, article.c.lead_id, listed_by)
            .join(article, article.c.id == change.c.article_id)
            .where(change.c.id.in_(ids))
        )
        with self._store.reader() as reading:
            found = {row.id: tuple(row) for row in reading.execute(query)}
        return [found[one] for one in ids if one in found]

    def events(self, asked: Asked, limit: int = 100) -> list[Mass]:
        """The newest mass events that were told, by when they were; newest first."""
        with self._store.reader() as reading:
            told = [one for one in mass.events(reading) if one.told_at is not None and asked.has_event(one)]
        return list(islice(sorted(told, key=told_at, reverse=True), limit))

    def members(self, one: Mass, limit: int) -> list[Member]:
        """The first articles of a mass event."""
        with self._store.reader() as reading:
            return mass.members(reading, one, limit)

    def days(self, asked: Asked, since: datetime) -> dict[tuple[date, str], int]:
        """How many single changes of each kind were seen on each day (UTC) from that of `since` on; not those days
        without any."""
        first = datetime.combine(since.astimezone(UTC), datetime.min.time(), UTC)
        day = (sa.type_coerce(change.c.seen_at, sa.BigInteger) // _DAY_US).label("day")
        found = _occasions(asked).with_only_columns(day, change.c.kind, func.count()).where(change.c.seen_at >= first)
        with self._store.reader() as reading:
            rows = reading.execute(found.group_by(day, change.c.kind)).all()
        return {(date(1970, 1, 1) + timedelta(days=days), kind): number for days, kind, number in rows}


def told_at(one: Mass) -> datetime:
    """When an event stands in the chronicle. Raises ValueError for one that was not told."""
    if one.told_at is None:
        raise ValueError(f"mass event {one.id} was not told")
    return one.told_at


def _occasions(asked: Asked) -> sa.Select[tuple[datetime, int]]:
    # The first condition stands in the words of a partial index: a bound value would not find it.
    query = select(change.c.seen_at, change.c.id).where(
        sa.text("kind <> 'added'"),
        change.c.matched_at.is_not(None),
        change.c.mass_id.is_(None),
        change.c.history.is_(False),
    )
    query = query.where(_is_of_class(asked.cls) if asked.cls else change.c.cls != LABEL)
    if asked.kind:
        query = query.where(change.c.kind == asked.kind)
    return query.where(_is_of(asked.sources)) if asked.sources else query


def _is_of_class(cls: str) -> sa.ColumnElement[bool]:
    """As rules ask for it: every edit that is of the class as well; of the headline is every one with another."""
    of_class = (change.c.cls == cls) | change.c.also.contains(classes_text((cls,)), autoescape=True)
    if cls != EditClass.HEADLINE:
        return of_class
    before, after = revision.alias("before"), revision.alias("after")
    titles = select(before.c.title).where(before.c.id == change.c.before_id).correlate(change).scalar_subquery()
    others = select(after.c.title).where(after.c.id == change.c.after_id).correlate(change).scalar_subquery()
    is_told = change.c.cls.not_in((LABEL, str(EditClass.COMPLETED)))
    return of_class | ((change.c.kind == str(ChangeKind.EDITED)) & is_told & (titles != others))


def _is_of(names: Iterable[str]) -> sa.ColumnElement[bool]:
    ids = select(source.c.id).where(source.c.name.in_(list(names)))
    return (
        select(article_source.c.article_id)
        .where(article_source.c.article_id == change.c.article_id, article_source.c.source_id.in_(ids))
        .exists()
    )
