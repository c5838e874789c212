"""Where in a stored text stands what made a rule hold. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from scheduler.query.matcher import Match, Span, compile_rules, places
from scheduler.query.spelling import said
from scheduler.query.text import Text
from storage.model.articles import Revision
from storage.model.telling import Alert
from storage.query import Near, Or, Query, parts_of

MOST_VARIANTS = 20  # that are named


@dataclass(frozen=True, slots=True)
class Places:
    """Spans of the title and the body as they are stored, in order, may overlap. `variants` are the terms and patterns
    of the query that stand there, each once, as it writes them; empty where the words alone are known."""

    title: tuple[Span, ...] = ()
    body: tuple[Span, ...] = ()
    variants: tuple[str, ...] = ()


Find = Callable[[Alert, Revision], Places]  # the places of an alert in one of the texts of its change


def by_query(match: Match) -> Places:
    return Places(match.title, match.body, tuple(dict.fromkeys(hit.variant for hit in match.hits))[:MOST_VARIANTS])


def by_words(alert: Alert, stands: Revision) -> Places:
    """All that can be said where the query is not known any more. A word alone is no place: the US of ="US" is found
    in "us" as well."""
    title, body = (tuple(places(text, alert.words)) for text in (stands.article.title, stands.article.body))
    return Places(title, body)


def of_lists(query: Query, text: Text) -> dict[str, tuple[str, ...]]:
    """By clause of the query, as `explain` says it, which names of its lists stand in a text: a list is one clause to
    its reader, and does not say by which of its names it holds."""
    clauses = list(_with_lists(query))
    found = compile_rules({str(number): one for number, one in enumerate(clauses)}).match(text)
    named: dict[str, tuple[str, ...]] = {}
    for number, match in found.items():
        name = said(clauses[int(number)])  # title:@boats and @boats are said alike
        named[name] = tuple(dict.fromkeys((*named.get(name, ()), *by_query(match).variants)))
    return named


def _with_lists(query: Query) -> Iterator[Query]:
    """The clauses that name a list: the list itself, or a NEAR of it."""
    if isinstance(query, Or) and query.name:
        yield query
        return
    inner = (one for part in parts_of(query) for one in _with_lists(part))
    if isinstance(query, Near):
        yield from (query for _ in islice(inner, 1))
    else:
        yield from inner


def together(each: Sequence[Places]) -> Places:
    """The places of several alerts in one text."""
    return Places(
        tuple(sorted({span for one in each for span in one.title})),
        tuple(sorted({span for one in each for span in one.body})),
        tuple(dict.fromkeys(variant for one in each for variant in one.variants)),
    )
