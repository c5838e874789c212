"""Search in the archive: candidates from the index, the newest first, until the matcher has held for a page of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduler.holding import Holding
from scheduler.nearest import instead
from scheduler.query.grammar import Lists, parse
from scheduler.query.matcher import Match
from scheduler.query.page import is_named
from storage.archive import Archive, ArchivedArticle
from storage.narrowing import narrow
from storage.query import Query, terms
from storage.text import one_line

MOST_LOOKED_AT = 1000  # articles that one request judges: about half a second at worst
MOST_CHARS = 20_000_000  # of their texts
PAGE, CHUNK = 20, 100  # candidates read at a time: a page and one more at first, which most queries need


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: `since` and `until` are about when an article was first seen; `before` is where a page before ended."""

    query: str
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    lists: Lists = field(default_factory=dict)  # of the config, that the query may name


@dataclass(frozen=True, slots=True)
class Hit:
    found: ArchivedArticle
    match: Match


@dataclass(frozen=True, slots=True)
class Found:
    """One page, the newest first. `before` asks for the next one, None where nothing is further back.

    `looked_at` articles were judged for it: a page that is not `full` has a next one where that was all that one
    request may do; behind one that is there are more for certain. `unsearched` are still to be indexed, and may be
    missing. `strange` are sentences about sources of the query that there are not: a clause may name what is still to
    come, but where it is a slip nothing is found.
    """

    hits: tuple[Hit, ...]
    before: int | None
    looked_at: int
    unsearched: int
    full: bool = False
    strange: tuple[str, ...] = ()


def search(archive: Archive, asked: Asked, limit: int = PAGE) -> Found:
    """Answer a search: for a thread, some milliseconds. Raises QueryError."""
    query = parse(asked.query, asked.lists)
    return replace(_found(archive, asked, query, limit), strange=tuple(_strange(archive, query)))


def _strange(archive: Archive, query: Query) -> Iterator[str]:
    named = dict.fromkeys(term for term in terms(query) if term.field == "source")
    known = archive.known_sources() if named else []
    for term in named:
        if not any(is_named(one, term) for one in known):
            name = f"{one_line(term.text, 80)}{'*' if term.prefix else ''}"
            yield f"There is no source {name!r}; {instead(term.text, known)}."


def _found(archive: Archive, asked: Asked, query: Query, limit: int) -> Found:
    holding, wanted = Holding(archive, query), narrow(query)
    unsearched = archive.unsearched() if wanted is not None else 0
    bounds = archive.ids_between(asked.since, asked.until) if asked.since or asked.until else (-1, None)
    if bounds is None:
        return Found((), None, 0, unsearched)
    after, last = bounds
    before = min((one for one in (asked.before, last) if one is not None), default=None)
    hits: list[Hit] = []
    looked_at = chars = 0
    size = min(limit + 1, CHUNK)
    while looked_at < MOST_LOOKED_AT and chars < MOST_CHARS:
        ids = archive.candidates(wanted, before=before, after=after, limit=size)
        for one, match in holding.among(ids):
            chars += len(one.article.body)
            if _is_within(one, asked):
                hits.append(Hit(one, match))
            if len(hits) > limit:  # one more than the page: there is a next one
                last_shown = hits[limit - 1].found.place.id
                return Found(tuple(hits[:limit]), last_shown, looked_at + len(ids), unsearched, full=True)
        looked_at += len(ids)
        if len(ids) < size:
            return Found(tuple(hits), None, looked_at, unsearched)
        before, size = ids[-1], CHUNK
    return Found(tuple(hits), before, looked_at, unsearched)


def _is_within(one: ArchivedArticle, asked: Asked) -> bool:
    seen = one.place.first_seen_at
    return (asked.since is None or seen >= asked.since) and (asked.until is None or seen < asked.until)
