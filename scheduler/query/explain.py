"""Why a query holds for a text or not: clause by clause, with what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scheduler.query.implied import Together
from scheduler.query.matcher import Match
from scheduler.query.page import Page
from scheduler.query.spelling import said
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, And, Not, Or, Published, Query, Term, parts_of
from storage.text import one_line

MOST_FOUND = 5  # places of a clause that are named


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a query. `found` are what stands in the text, as "title: Missile test"; empty where nothing does.
    `parts` are empty for a leaf."""

    said: str
    holds: bool
    found: tuple[str, ...]
    parts: tuple[Clause, ...] = ()


def explain(query: Query, text: Text) -> Clause:
    """Every part of a query by itself."""
    return _explained(query, text, _matches(query, text))


def is_leaf(query: Query) -> bool:
    """A list of the config is one thing to its reader."""
    return not isinstance(query, And | Or | Not) or (isinstance(query, Or) and bool(query.name))


def leaves_of(query: Query) -> Iterator[Query]:
    if is_leaf(query):
        yield query
    else:
        for part in parts_of(query):
            yield from leaves_of(part)


def _matches(query: Query, text: Text) -> dict[Query, Match]:
    """Those leaves that hold: all of them are looked for in one pass, however many there are."""
    return Together(list(dict.fromkeys(leaves_of(query)))).matches(text)


def holds(query: Query, matches: Mapping[Query, Match]) -> bool:
    if is_leaf(query):
        return query in matches
    each = (holds(part, matches) for part in parts_of(query))
    if isinstance(query, Not):
        return not next(each)
    return all(each) if isinstance(query, And) else any(each)


def _explained(query: Query, text: Text, matches: Mapping[Query, Match]) -> Clause:
    if not is_leaf(query):
        name = "not" if isinstance(query, Not) else "all of" if isinstance(query, And) else "any of"
        parts = tuple(_explained(part, text, matches) for part in parts_of(query))
        return Clause(name, holds(query, matches), (), parts)
    match = matches.get(query)
    found: tuple[str, ...] = ()
    if match is not None:
        source = Page(text).source
        places = (f"{hit.field}: {_around(source(hit.field), hit.start, hit.end)}" for hit in match.hits)
        found = tuple(dict.fromkeys(places))[:MOST_FOUND]
    return Clause(said(query), match is not None, found or _known(query, text))


def found_in(clause: Clause) -> tuple[str, ...]:
    """The places by which a query holds, as `Clause.found`: none of a part that does not, none under a NOT."""
    if not clause.holds or clause.said == "not":
        return ()
    inner = (place for part in clause.parts for place in found_in(part))
    return tuple(dict.fromkeys((*clause.found, *inner)))


def _around(source: str, start: int, end: int) -> str:
    before, after = source[max(0, start - 40) : start], source[end : end + 40]
    more = "…" if end + 40 < len(source) else ""
    return one_line(f"{'…' if start > 40 else ''}{before}[{source[start:end]}]{after}{more}")


def _known(query: Query, text: Text) -> tuple[str, ...]:
    """What is known of the article where the query asks for that, whether it fits or not."""
    if isinstance(query, Published):
        return (f"published {text.published.moment:%Y-%m-%d}",) if text.published else ("the article has no date",)
    if not isinstance(query, Term) or query.field not in VALUE_FIELDS:
        return ()
    return tuple(f"{query.field}: {one_line(one)}" for one in _values(query.field, text))[:MOST_FOUND]


def _values(field: str, text: Text) -> Iterator[str]:
    match field:
        case "source":
            yield from text.sources
        case "lang":
            yield text.language or "not known"
        case "change":
            yield from sorted(text.changes)
        case "story":
            yield text.story or "not known"
        case _:
            yield from text.urls
