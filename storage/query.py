"""The query tree: what a rule, a feed or a search asks for. scheduler/query reads it from text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Field = Literal["", "title", "body", "author", "section", "source", "site", "lang", "url", "story", "change"]
TEXT_FIELDS: tuple[Field, ...] = ("title", "body", "author", "section")  # "" is title or body
VALUE_FIELDS: tuple[Field, ...] = ("source", "site", "lang", "url", "story", "change")


class Term(NamedTuple):
    """Words that stand together, as the user wrote them: never empty, one word or the words of a phrase.

    `field` "" means title or body; a field of VALUE_FIELDS asks for what is known of the article and not for its
    words. With `prefix` the last word may go on. `exact`: with its accents and its capitals. `stem`: any
    form of the word, by the language of the text. A tuple, since 10,000 rules look up their terms for every article,
    and it is hashed ten times as fast.
    """

    text: str
    field: Field = ""
    prefix: bool = False
    exact: bool = False
    stem: bool = False


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression of RE2, looked for in the text as it stands; `field` as that of a Term."""

    pattern: str
    field: Field = ""


@dataclass(frozen=True, slots=True)
class Published:
    """The article's stated date lies in [since, until), both aware UTC; None: open on that side."""

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Near:
    """Both parts stand in one field with at most `words` words between them, in any order. Each part is a Term, or
    an Or of such parts."""

    one: Query
    other: Query
    words: int


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold. Two or more, none of them an And."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds. Two or more, none of them an Or without a name.

    `name` is that of the list of the config for which it stands; a list may have one part.
    """

    parts: tuple[Query, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold. The part is no Not."""

    part: Query


Query = Term | Regex | Published | Near | And | Or | Not


def anchors(query: Query) -> frozenset[Term] | None:
    """Terms of which at least one must hold wherever the query does; None where it can hold without any.

    Of the parts of an And one is enough: the one whose terms are words, and long, since few texts have them.
    """
    if isinstance(query, Term):
        return frozenset((query,))
    if isinstance(query, Not | Regex | Published):
        return None
    parts = (query.one, query.other) if isinstance(query, Near) else query.parts
    found = [anchors(part) for part in parts]
    if isinstance(query, Or):
        return None if None in found else frozenset().union(*(one for one in found if one is not None))
    return min((one for one in found if one is not None), key=_commonness, default=None)


def _commonness(terms: frozenset[Term]) -> tuple[bool, int]:
    return any(term.field in VALUE_FIELDS for term in terms), -min(len(term.text) for term in terms)


def terms(query: Query) -> Iterator[Term]:
    """Every term of a query, those under a Not too, as often as they stand in it."""
    if isinstance(query, Term):
        yield query
    else:
        for part in parts_of(query):
            yield from terms(part)


def parts_of(query: Query) -> tuple[Query, ...]:
    """What a query is made of; empty for a leaf."""
    match query:
        case And() | Or():
            return query.parts
        case Near():
            return (query.one, query.other)
        case Not():
            return (query.part,)
    return ()


def holds_for_nothing(query: Query) -> bool:
    """Does it hold for a text of which nothing is asked for that it has: is a NOT alone enough?"""
    match query:
        case Not():
            return not holds_for_nothing(query.part)
        case And():
            return all(map(holds_for_nothing, query.parts))
        case Or():
            return any(map(holds_for_nothing, query.parts))
    return False
