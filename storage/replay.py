"""What was judged in the past, in the order in which it was judged: for rules that are tried on it once more."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from storage.changes import readable_changes
from storage.model.articles import Change, ChangeKind
from storage.schema.articles import article, article_source, change


@dataclass(frozen=True, slots=True)
class Judging:
    """A change as it was judged `at` that time; None: it waits to be. `history` and `mass_id` say that no rule was
    asked then: a first look listed it, or it is told as part of a mass event."""

    change: Change
    at: datetime | None
    history: bool
    mass_id: int | None
    story_id: int | None
    source_id: int  # where its article was first seen
    is_twice: bool = False  # it was judged another time as well, when another source showed its article


@dataclass(frozen=True, slots=True)
class Past:
    """Ids of changes in the order in which they were judged. An article that another source showed later was judged
    twice; `firsts` is 1 for the first time, when its first source alone was known."""

    ids: array[int]
    firsts: bytearray

    def __len__(self) -> int:
        return len(self.ids)

    def portions(self, size: int) -> Iterator[list[tuple[int, bool]]]:
        for at in range(0, len(self.ids), size):
            pairs = zip(self.ids[at : at + size], self.firsts[at : at + size], strict=True)
            yield [(one, bool(first)) for one, first in pairs]


def past(connection: sa.Connection, since: datetime) -> Past:
    """All that was judged of what was seen since then; eight bytes each."""
    return _past(connection, change.c.seen_at >= since)


def of_story_before(connection: sa.Connection, story_id: int, since: datetime) -> Past:
    """What was judged of a story's articles that was seen before that time; may be empty."""
    members = select(article.c.id).where(article.c.story_id == story_id)
    return _past(connection, change.c.article_id.in_(members) & (change.c.seen_at < since))


def waiting(connection: sa.Connection, since: datetime) -> int:
    """How many changes that were seen since then were not judged yet."""
    query = select(func.count()).where(change.c.matched_at.is_(None), change.c.seen_at >= since)
    return int(connection.execute(query).scalar_one())


def load(connection: sa.Connection, wanted: Sequence[tuple[int, bool]]) -> list[Judging]:
    """These, in their order; what somebody or the disk broke is left out and logged."""
    ids = list(dict.fromkeys(one for one, _ in wanted))
    rows = {row.id: row for row in connection.execute(_KNOWN.where(change.c.id.in_(ids)))}
    changes = {one.id: one for one in readable_changes(connection, ids)}
    return [
        _judging(changes[one], rows[one], is_first=is_first)
        for one, is_first in wanted
        if one in changes and one in rows
    ]


def _judging(one: Change, row: Any, *, is_first: bool) -> Judging:
    is_asked = not row.history and row.mass_id is None
    is_twice = one.kind is ChangeKind.ADDED and len(one.sources) > 1 and is_asked
    if is_first:
        one = replace(one, sources=one.sources[:1])
    return Judging(
        change=one,
        at=one.seen_at if is_first else row.matched_at,
        history=row.history,
        mass_id=row.mass_id,
        story_id=row.story_id,
        source_id=row.source_id,
        is_twice=is_twice,
    )


def _past(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Past:
    both = _JUDGED.where(where).union_all(_JUDGED_FIRST.where(where)).subquery()
    ids, firsts = array("q"), bytearray()
    rows = connection.execution_options(yield_per=10_000).execute(
        select(both.c.id, both.c.first).order_by(both.c.at, both.c.id, both.c.first.desc())
    )
    for row in rows:
        ids.append(row.id)
        firsts.append(row.first)
    return Past(ids, firsts)


_JUDGED = select(change.c.id, change.c.matched_at.label("at"), sa.literal(0).label("first")).where(
    change.c.matched_at.is_not(None)
)
_sources = (
    select(func.count()).where(article_source.c.article_id == change.c.article_id).correlate(change).scalar_subquery()
)
# When it was judged first is not kept: right after it was seen, mostly.
_JUDGED_FIRST = select(change.c.id, change.c.seen_at.label("at"), sa.literal(1).label("first")).where(
    change.c.matched_at > change.c.seen_at,
    change.c.kind == str(ChangeKind.ADDED),
    ~change.c.history,
    change.c.mass_id.is_(None),
    _sources > 1,
)
_KNOWN = select(
    *(change.c[name] for name in ("id", "matched_at", "history", "mass_id")),
    article.c.story_id,
    article.c.source_id,
).join(article, article.c.id == change.c.article_id)
