"""What the archive holds, for readers: pages, feeds, `status`. It only reads."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from storage import mass, search, tombstones
from storage.changes import load_changes
from storage.chronicle import LATE, Asked, Chronicle
from storage.lineage import Copy, lineage
from storage.mass import Mass, Member
from storage.model.articles import Article, Change, ChangeKind, Revision
from storage.model.looking import SourceState
from storage.model.telling import DeliveryState
from storage.narrowing import Wanted
from storage.rows import BROKEN_ROW, article_from, classes_from, revision_from
from storage.schema.articles import address, article, article_source, change, revision
from storage.schema.looking import source
from storage.schema.telling import alert, delivery
from storage.store import Store
from storage.text import iso
from storage.watched import WatchedSource, watched
from storage.whereabouts import Whereabouts, whereabouts

log = logging.getLogger("dateline.archive")

STRIP = timedelta(hours=48)
MOST_UNSEARCHED = 500  # articles that are not indexed, that a search judges all the same


class Place(NamedTuple):
    """Where an article stands in the archive, which is in order of first sight; the later, the greater."""

    first_seen_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class ArchivedArticle:
    """An article as it stands in its newest revision. `sources` begins with the one that it was first seen at."""

    place: Place
    guid: str
    url: str  # the lead address
    sources: tuple[str, ...]
    updated_at: datetime
    removed_at: datetime | None
    history: bool
    number: int  # of the revision
    article: Article
    story: str = ""  # guid of the article with which its story began; "": not placed yet


@dataclass(frozen=True, slots=True)
class Biography:
    """An article with all that happened to it: revisions from the first on, changes from the newest back."""

    newest: ArchivedArticle
    revisions: tuple[Revision, ...]
    changes: tuple[Change, ...]
    whereabouts: Whereabouts
    story: tuple[Copy, ...] = ()  # from the first on, itself among them; one entry where it stands alone


@dataclass(frozen=True, slots=True)
class DownSource:
    name: str
    since: datetime
    message: str


class Archive:
    """The questions that readers ask. Each method is one consistent, short read, safe to call from any thread.

    `chronicle` answers what happened to the articles after they were first seen.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.chronicle = Chronicle(store)

    def masses(self) -> list[Mass]:
        """All mass events, the newest first; may be empty."""
        with self._store.reader() as connection:
            return mass.events(connection)

    def mass(self, number: int) -> tuple[Mass, list[Member]] | None:
        """One mass event with all of its articles; None where there is none of this number."""
        with self._store.reader() as connection:
            try:
                one = mass.event(connection, number)
            except mass.NoSuchMass:
                return None
            return one, mass.members(connection, one)

    def version(self) -> tuple[int, int]:
        """A value that differs whenever a change was written since. Cheap; a new source of an old article is none."""
        newest = select(func.coalesce(func.max(change.c.id), 0)).scalar_subquery()
        with self._store.reader() as reading:
            row = reading.execute(select(newest, func.count()).where(change.c.id > newest - LATE)).one()
        return row[0], row[1]

    def places(self, *, sources: Sequence[str] = (), before: Place | None = None, limit: int = 100) -> list[Place]:
        """The newest articles by first sight, newest first; of any of the named sources, of all if none is named."""
        with self._store.reader() as reading:
            if not sources:
                return _places(reading, article.c.first_seen_at, article.c.id, sa.true(), before, limit)
            ids = reading.execute(select(source.c.id).where(source.c.name.in_(sources))).scalars().all()
            # A range of one index for each source; one query with IN would sort all of their articles.
            of, at = article_source.c.source_id, article_source.c.first_seen_at
            each = [_places(reading, at, article_source.c.article_id, of == one, before, limit) for one in ids]
        return list(islice(_unique(heapq.merge(*each, reverse=True)), limit))

    def candidates(
        self, wanted: Wanted | None, *, before: int | None = None, after: int | None = None, limit: int = 100
    ) -> list[int]:
        """Articles that may hold what is wanted (None: all), by id, which is the order in which they were stored; the
        newest first, only those with an id below `before` and above `after`. Those that are not indexed yet are among
        them, unless `unsearched` says that they are many."""
        with self._store.reader() as reading:
            few = wanted is not None and search.waiting(reading) <= MOST_UNSEARCHED
            return search.candidates(reading, wanted, before=before, after=after, with_waiting=few, limit=limit)

    def unsearched(self) -> int:
        """How many articles a search misses, until they are indexed; a few are judged without, and none is missed."""
        with self._store.reader() as reading:
            number = search.waiting(reading)
        return number if number > MOST_UNSEARCHED else 0

    def ids_between(self, since: datetime | None, until: datetime | None) -> tuple[int, int] | None:
        """Bounds for `candidates`, as (after, before), of what was first seen from `since` on and before `until`; None
        where nothing was."""
        with self._store.reader() as reading:
            return search.ids_between(reading, since, until)

    def changed_after(self, mark: int, limit: int) -> list[tuple[int, Place]]:
        """The newest changes with an id above `mark`, newest first, each with the place of its article.

        Some with a lower id are among them: they may have been written later. The caller knows which are new to it.
        """
        query = (
            select(change.c.id, article.c.first_seen_at, article.c.id)
            .join(article, article.c.id == change.c.article_id)
            .where(change.c.id > mark - LATE)
            .order_by(change.c.id.desc())
            .limit(limit)
        )
        with self._store.reader() as reading:
            return [(change_id, Place(at, id_)) for change_id, at, id_ in reading.execute(query)]

    def marks(self, ids: Sequence[int]) -> list[tuple[object, ...]]:
        """What tells whether any of these articles would be shown differently: equal lists, equal articles."""
        listed_by = (
            select(func.count()).where(article_source.c.article_id == article.c.id).correlate(article).scalar_subquery()
        )
        # The times as the numbers that they are kept as: nothing is made of a value that may be broken.
        times = [sa.type_coerce(column, sa.BigInteger) for column in (article.c.updated_at, article.c.removed_at)]
        columns = (article.c.id, article.c.number, article.c.lead_id, *times)
        with self._store.reader() as reading:
            rows = reading.execute(select(*columns, listed_by).where(article.c.id.in_(ids)).order_by(article.c.id))
            return [tuple(row) for row in rows]

    def articles(self, ids: Sequence[int]) -> list[ArchivedArticle]:
        """These articles, in the order of the ids; ids that are not known, or cannot be read, are left out."""
        try:
            found = self._found(ids)
        except BROKEN_ROW:
            found = {}
            for one in ids:
                try:
                    found |= self._found([one])
                except BROKEN_ROW as reason:
                    log.error("an article's row cannot be read article=%d reason=%r", one, reason)
        return [found[one] for one in ids if one in found]

    def _found(self, ids: Sequence[int]) -> dict[int, ArchivedArticle]:
        with self._store.reader() as reading:
            return {one.place.id: one for one in _articles(reading, article.c.id.in_(ids))}

    def happened(self, ids: Sequence[int]) -> dict[int, set[tuple[str, str, bool, tuple[str, ...]]]]:
        """Kind and class of all changes of these articles, whether the headline changed, and the classes beside; each
        once."""
        before, after = revision.alias("before"), revision.alias("after")
        retitled = func.coalesce(before.c.title != after.c.title, sa.false())
        query = (
            select(change.c.article_id, change.c.kind, change.c.cls, retitled, change.c.also)
            .join(before, before.c.id == change.c.before_id, isouter=True)
            .join(after, after.c.id == change.c.after_id, isouter=True)
            .where(change.c.article_id.in_(ids))
            .distinct()
        )
        found: dict[int, set[tuple[str, str, bool, tuple[str, ...]]]] = {one: set() for one in ids}
        with self._store.reader() as reading:
            for article_id, kind, cls, is_retitled, also in reading.execute(query):
                found[article_id].add((kind, cls, bool(is_retitled), classes_from(also)))
        return found

    def newest(self, limit: int = 50, *, sources: Sequence[str] = ()) -> list[ArchivedArticle]:
        """The newest articles by first sight, newest first."""
        return self.articles([place.id for place in self.places(sources=sources, limit=limit)])

    def changes(self, limit: int = 50) -> list[Change]:
        """The newest changes to what was there before, newest first, with their diffs: those that are told alone."""
        return self.chronicle.changes([one.id for one in self.chronicle.newest(Asked(), limit=limit)])

    def biography(self, guid: str) -> Biography | None:
        """An article with its revisions and changes; None if there is none of that guid."""
        with self._store.reader() as reading:
            newest = next(_articles(reading, article.c.guid == guid), None)
            if newest is None:
                return None
            known = select(revision).where(revision.c.article_id == newest.place.id).order_by(revision.c.number)
            ids = select(change.c.id).where(change.c.article_id == newest.place.id)
            ids = ids.order_by(change.c.seen_at.desc(), change.c.id.desc())
            return Biography(
                newest=newest,
                revisions=tuple(revision_from(row) for row in reading.execute(known)),
                changes=tuple(load_changes(reading, reading.execute(ids).scalars().all())),
                whereabouts=whereabouts(reading, newest.place.id),
                story=tuple(lineage(reading, newest.place.id)),
            )

    def was_dropped(self, guid: str) -> bool:
        """Was there an article of that guid, which a person dropped?"""
        with self._store.reader() as reading:
            return bool(tombstones.known(reading, guid))

    def down(self) -> list[DownSource]:
        """Every source that is watched and down, by name."""
        query = (
            select(source.c.name, source.c.state_since, source.c.message)
            .where(source.c.state == SourceState.DOWN, source.c.enabled, source.c.retired_at.is_(None))
            .order_by(source.c.name)
        )
        with self._store.reader() as reading:
            return [DownSource(*row) for row in reading.execute(query)]

    def source_names(self) -> list[str]:
        """Every source that is watched, by name."""
        query = select(source.c.name).where(source.c.retired_at.is_(None)).order_by(source.c.name)
        with self._store.reader() as reading:
            return list(reading.execute(query).scalars())

    def known_sources(self) -> list[str]:
        """Every source that is, or was, there, by name."""
        with self._store.reader() as reading:
            return list(reading.execute(select(source.c.name).order_by(source.c.name)).scalars())

    def knows_source(self, name: str) -> bool:
        """Is, or was, there a source of that name?"""
        with self._store.reader() as reading:
            return reading.execute(select(source.c.id).where(source.c.name == name)).first() is not None

    def sources(self, now: datetime) -> list[WatchedSource]:
        """Every source that is watched, by name, with its looks of the 48 hours before `now`."""
        with self._store.reader() as reading:
            return watched(reading, now, since=now - STRIP)

    def status(self, now: datetime) -> dict[str, object]:
        """What `dateline status --json` prints: sources, and how much there is of everything."""
        with self._store.reader() as reading:
            sources = watched(reading, now, since=None)
            return {
                "sources": [
                    {
                        "name": one.name,
                        "state": str(one.state),
                        "since": iso(one.since),
                        "last_look": iso(one.last_look),
                        "next_look": iso(one.next_look),
                        "articles": one.articles,
                        "message": one.message,
                        "dropped": {"looks": one.dropped, "host": one.host, "delay_s": one.delay.total_seconds()},
                        "layouts": [
                            {"known": each.is_known, "since": iso(each.since), "message": each.message}
                            for each in one.layouts
                        ],
                    }
                    for one in sources
                ],
                "articles": _count(reading, article),
                "addresses": _count(reading, address),
                "revisions": _count(reading, revision),
                "changes": _count_by(reading, change.c.kind, ChangeKind),
                "alerts": _count(reading, alert),
                "deliveries": _count_by(reading, delivery.c.state, DeliveryState),
            }


def _places(
    reading: sa.Connection,
    at: sa.Column[datetime],
    id_: sa.Column[int],
    where: sa.ColumnElement[bool],
    before: Place | None,
    limit: int,
) -> list[Place]:
    query = select(at, id_).where(where).order_by(at.desc(), id_.desc()).limit(limit)
    if before is not None:
        query = query.where(sa.tuple_(at, id_) < sa.tuple_(sa.literal(before.first_seen_at, at.type), before.id))
    return [Place(*row) for row in reading.execute(query)]


def _unique(places: Iterable[Place]) -> Iterator[Place]:
    """Each place once; equal ones stand side by side."""
    last = None
    for place in places:
        if place != last:
            yield place
        last = place


_began = article.alias("began")


def _articles(reading: sa.Connection, which: sa.ColumnElement[bool]) -> Iterator[ArchivedArticle]:
    rows = reading.execute(
        select(
            article.c.id,
            article.c.guid,
            article.c.source_id,
            article.c.first_seen_at,
            article.c.updated_at,
            article.c.removed_at,
            article.c.history,
            article.c.number,
            _began.c.guid.label("story"),
            address.c.url,
            *(revision.c[name] for name in ("title", "body", "html", "published", "language", "meta")),
        )
        .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
        .join(address, address.c.id == article.c.lead_id)
        .join(_began, _began.c.id == article.c.story_id, isouter=True)
        .where(which)
    ).all()
    listed_by = reading.execute(
        select(article_source.c.article_id, source.c.id, source.c.name)
        .join(source, source.c.id == article_source.c.source_id)
        .where(article_source.c.article_id.in_([row.id for row in rows]))
    ).all()
    for row in rows:
        names = [(one.id != row.source_id, one.name) for one in listed_by if one.article_id == row.id]
        yield ArchivedArticle(
            place=Place(row.first_seen_at, row.id),
            guid=row.guid,
            url=row.url,
            sources=tuple(name for _, name in sorted(names)),
            updated_at=row.updated_at,
            removed_at=row.removed_at,
            history=row.history,
            number=row.number,
            article=article_from(row),
            story=row.story or "",
        )


def _count(reading: sa.Connection, table: sa.Table) -> int:
    return int(reading.execute(select(func.count()).select_from(table)).scalar_one())


def _count_by(reading: sa.Connection, column: sa.Column[str], words: type[StrEnum]) -> dict[str, int]:
    """How many rows there are for each of the words, also for those without a row."""
    rows = reading.execute(select(column.label("word"), func.count().label("number")).group_by(column))
    return {str(word): 0 for word in words} | {row.word: row.number for row in rows}
