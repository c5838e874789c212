"""Why a query holds for a text or not: clause by clause, with what was found and the smallest change that flips it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.query.matcher import compile_rules
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, And, Near, Not, Or, Published, Query, Regex, Term
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
    match = compile_rules({"": query}).match(text).get("")
    if isinstance(query, And | Or) and not (isinstance(query, Or) and query.name):
        parts = tuple(explain(part, text) for part in query.parts)
        return Clause("all of" if isinstance(query, And) else "any of", match is not None, (), parts)
    if isinstance(query, Not):
        return Clause("not", match is not None, (), (explain(query.part, text),))
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


def flips(query: Query, text: Text) -> tuple[str, ...]:
    """The fewest things that would have to be otherwise for the query to hold where it does not, or not to where it
    does, in words; never empty."""
    holds = "" in compile_rules({"": query}).match(text)
    return tuple(dict.fromkeys(_in_words(leaf, is_wanted) for leaf, is_wanted in _flips(query, text, not holds)))


def _flips(query: Query, text: Text, wanted: bool) -> list[tuple[Query, bool]]:
    """The smallest set of leaves that must turn for a part to become as wanted; empty if it is so already."""
    if ("" in compile_rules({"": query}).match(text)) == wanted:
        return []
    if isinstance(query, Not):
        return _flips(query.part, text, not wanted)
    if isinstance(query, And | Or) and not (isinstance(query, Or) and query.name):
        each = [_flips(part, text, wanted) for part in query.parts]
        if isinstance(query, And) == wanted:  # all of them must be so
            return [one for part in each for one in part]
        return min(each, key=len)
    return [(query, wanted)]


def _in_words(leaf: Query, wanted: bool) -> str:
    words = said(leaf)
    if isinstance(leaf, Term) and leaf.field in VALUE_FIELDS:
        return f"if it were {words}" if wanted else f"if it were not {words}"
    if isinstance(leaf, Published):
        return f"if it were {words}" if wanted else f"if it were not {words}"
    where = leaf.field if isinstance(leaf, Term | Regex) and leaf.field else "title or body"
    return f"if {where} held {words}" if wanted else f"if {where} did not hold {words}"


def said(query: Query) -> str:
    """A query as one would write it."""
    match query:
        case Term():
            return _term(query)
        case Regex():
            return (f"{query.field}:" if query.field else "") + f"/{query.pattern}/"
        case Published():
            since, until = (f"{one:%Y-%m-%d}" if one else "" for one in (query.since, query.until))
            return " ".join(f"published:{sign}{day}" for sign, day in ((">=", since), ("<", until)) if day)
        case Near():
            return f"{_bracketed(query.one)} NEAR/{query.words} {_bracketed(query.other)}"
        case Not():
            return f"NOT {_bracketed(query.part)}"
        case And():
            return " ".join(map(_bracketed, query.parts))
    return f"@{query.name}" if query.name else " OR ".join(map(_bracketed, query.parts))


def _bracketed(query: Query) -> str:
    plain = isinstance(query, Term | Regex | Published) or (isinstance(query, Or) and query.name)
    return said(query) if plain else f"({said(query)})"


def _term(term: Term) -> str:
    text = f'"{term.text}"' if " " in term.text or term.text.upper() in ("AND", "OR", "NOT") else term.text
    if term.exact:
        text = f'="{term.text}"'
    elif term.prefix:
        text += "*"
    return (f"{term.field}:" if term.field else "") + ("stem:" if term.stem else "") + text


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
            yield from text.story
        case _:
            yield from text.urls
