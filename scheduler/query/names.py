"""Words with capitals side by side: perhaps the parts of a name, which a text may join or part in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from storage.query import TEXT_FIELDS, And, Field, Not, Or, Query, Term

LONGEST_NAME = 6  # words


def with_names(query: Query) -> Query:
    """The tree in which words with capitals side by side also hold as one name: Kim Jong Un is in "Kim Jong-un", where
    neither Jong nor Un is a word by itself. It holds wherever the words hold."""
    match query:
        case And():
            parts = tuple(_named(query.parts))
            return parts[0] if len(parts) == 1 else And(parts)
        case Or() if not query.name and not all(isinstance(part, Term) for part in query.parts):
            return Or(tuple(one for part in query.parts for one in _ways(with_names(part))))
        case Not():
            return Not(with_names(query.part))
    return query


def _ways(part: Query) -> tuple[Query, ...]:
    """A name and its words are two ways more of what they are a way of: an Or has no Or in it but a list."""
    return part.parts if isinstance(part, Or) and not part.name else (part,)


def _named(parts: tuple[Query, ...]) -> Iterator[Query]:
    for field, run in groupby(parts, key=_field_of_name):
        words = tuple(run)
        if field is not None and 2 <= len(words) <= LONGEST_NAME:
            together = " ".join(one.text for one in words if isinstance(one, Term))
            yield Or((Term(together, field), And(words)))
        else:
            yield from map(with_names, words)


def _field_of_name(part: Query) -> Field | None:
    """The field of a word that may be part of a name; None for all else."""
    if not isinstance(part, Term) or part.prefix or part.stem or part.exact:
        return None
    if part.field and part.field not in TEXT_FIELDS:
        return None
    is_name = part.text[:1].isupper() and part.text.replace("-", "").isalpha()
    return part.field if is_name else None
