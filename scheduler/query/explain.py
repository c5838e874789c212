"""Why a query holds for a text or not: clause by clause, with what was found and the smallest change that flips it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scheduler.query.matcher import Match, compile_rules
from scheduler.query.spelling import said
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, And, Not, Or, Published, Query, Regex, Term, parts_of
from storage.text import one_line

MOST_FOUND = 5  # places of a clause that are named
MOST_WAYS = 32  # of turning a part, that are weighed against each other


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


def flips(query: Query, text: Text) -> tuple[str, ...]:
    """The fewest things that would have to be otherwise for the query to hold where it does not, or not to where it
    does, in words; of several such sets the first. Empty where nothing would do: the query contradicts itself. Of a
    query with hundreds of clauses that share words it may be a few more than the fewest."""
    matches = _matches(query, text)
    ways = _ways(query, not _holds(query, matches), matches)
    turned = [(leaf, wanted) for leaf, wanted in ways[0].items() if (leaf in matches) != wanted] if ways else []
    return tuple(dict.fromkeys(_in_words(leaf, wanted) for leaf, wanted in turned))


def _is_leaf(query: Query) -> bool:
    """A list of the config is one thing to its reader."""
    return not isinstance(query, And | Or | Not) or (isinstance(query, Or) and bool(query.name))


def _leaves(query: Query) -> Iterator[Query]:
    if _is_leaf(query):
        yield query
    else:
        for part in parts_of(query):
            yield from _leaves(part)


def _matches(query: Query, text: Text) -> dict[Query, Match]:
    """Those leaves that hold: all of them are looked for in one pass, however many there are."""
    leaves = list(dict.fromkeys(_leaves(query)))
    found = compile_rules({str(number): leaf for number, leaf in enumerate(leaves)}).match(text)
    return {leaves[int(number)]: match for number, match in found.items()}


def _holds(query: Query, matches: Mapping[Query, Match]) -> bool:
    if _is_leaf(query):
        return query in matches
    each = (_holds(part, matches) for part in parts_of(query))
    if isinstance(query, Not):
        return not next(each)
    return all(each) if isinstance(query, And) else any(each)


def _explained(query: Query, text: Text, matches: Mapping[Query, Match]) -> Clause:
    if not _is_leaf(query):
        name = "not" if isinstance(query, Not) else "all of" if isinstance(query, And) else "any of"
        parts = tuple(_explained(part, text, matches) for part in parts_of(query))
        return Clause(name, _holds(query, matches), (), parts)
    match = matches.get(query)
    found: tuple[str, ...] = ()
    if match is not None:
        sources = {"title": text.title, "body": text.body, "section": text.section, "author": "\n\n".join(text.authors)}
        places = (f"{hit.field}: {_around(sources[hit.field], hit.start, hit.end)}" for hit in match.hits)
        found = tuple(dict.fromkeys(places))[:MOST_FOUND]
    return Clause(said(query), match is not None, found or _known(query, text))


def found_in(clause: Clause) -> tuple[str, ...]:
    """The places by which a query holds, as `Clause.found`: none of a part that does not, none under a NOT."""
    if not clause.holds or clause.said == "not":
        return ()
    inner = (place for part in clause.parts for place in found_in(part))
    return tuple(dict.fromkeys((*clause.found, *inner)))


Way = dict[Query, bool]  # leaves, and whether each is to hold


def _ways(query: Query, wanted: bool, matches: Mapping[Query, Match]) -> list[Way]:
    """How a part comes to be as wanted, the ways with the fewest leaves that must turn first.

    What is so already stands in a way as well: the same leaf may be wanted otherwise in another part, and no way
    wants both. Only so many ways are kept of each part: all of them are as many as the products of its parts.
    """
    if _is_leaf(query):
        return [{query: wanted}]
    if isinstance(query, Not):
        return _ways(query.part, not wanted, matches)
    each = (_ways(part, wanted, matches) for part in parts_of(query))
    if isinstance(query, And) != wanted:  # one of them is enough
        return _fewest((way for ways in each for way in ways), matches)
    whole: list[Way] = [{}]
    for ways in each:
        both = (
            one | other for one in whole for other in ways if all(one.get(leaf, to) == to for leaf, to in other.items())
        )
        whole = _fewest(both, matches)
    return whole


def _fewest(ways: Iterable[Way], matches: Mapping[Query, Match]) -> list[Way]:
    turned = (
        (sum((leaf in matches) != to for leaf, to in way.items()), number, way) for number, way in enumerate(ways)
    )
    return [way for _, _, way in sorted(turned, key=lambda one: one[:2])[:MOST_WAYS]]


def _in_words(leaf: Query, wanted: bool) -> str:
    if isinstance(leaf, Published) or (isinstance(leaf, Term) and leaf.field in VALUE_FIELDS):
        return f"if it were {'' if wanted else 'not '}{said(leaf)}"
    where = "title or body"
    if isinstance(leaf, Term | Regex) and leaf.field:
        where = leaf.field
        leaf = leaf._replace(field="") if isinstance(leaf, Term) else Regex(leaf.pattern)
    return f"if {where} {'held' if wanted else 'did not hold'} {said(leaf)}"


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
