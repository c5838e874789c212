"""The query tree: what a rule, a feed or a search asks for. scheduler/query reads it from text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Field = Literal["", "title", "source", "change"]


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand together, as the user wrote them: never empty, one word or the words of a phrase.

    `field` "" means title or body. "title" searches the title alone; "source" names a source, whole or, with `prefix`,
    by its beginning; "change" a kind of change, as a rule's `on` does. With `prefix` the last word may go on.
    """

    text: str
    field: Field = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold. Two or more, none of them an And."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds. Two or more, none of them an Or."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold. The part is no Not."""

    part: Query


Query = Term | And | Or | Not


def anchors(query: Query) -> frozenset[Term] | None:
    """Terms of which at least one must hold wherever the query does; None where it can hold without any.

    Of the parts of an And one is enough: the first that does not name a source or a change, which many texts share.
    """
    if isinstance(query, Term):
        return frozenset((query,))
    if isinstance(query, Not):
        return None
    found = [anchors(part) for part in query.parts]
    if isinstance(query, And):
        held = [one for one in found if one is not None]
        return min(held, key=lambda one: any(term.field in ("source", "change") for term in one), default=None)
    return None if None in found else frozenset().union(*(one for one in found if one is not None))
