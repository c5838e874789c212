"""What must stand in every text for which a query holds: the question that the index of search can answer. Pure.

It may let through too much, never too little: a part of a query that it does not know does not narrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from storage.index_tokens import LONGEST, pairs, runs
from storage.query import And, Near, Or, Query, Term
from storage.spellings import other_spellings

MOST_SPANNED = 8  # words of a phrase that a text may write as one
MOST_WORDS = 4  # of a phrase, that are asked for: the longest
_SHARED = 3  # letters that all forms of a word have in common, as scheduler/query/stems.py has it
_IN_WORDS = ("", "title", "body")  # fields whose words stand in the index
_COUNTED = re.compile(r"(\d{4,})[^\W\d]")
_KNOWN = ("text", "field", "prefix", "exact", "stem")  # `exact` only narrows further


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the index; with `prefix` any that begins so."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Wanted, ...]


Wanted = Token | All | Either


def narrow(query: Query) -> Wanted | None:
    """What the index must hold of a text; None where the query can hold for any."""
    if isinstance(query, Term):
        return _of_term(query)
    if isinstance(query, And):
        parts = [wanted for part in query.parts if (wanted := narrow(part)) is not None]
        return _all(parts) if parts else None
    if isinstance(query, Or):
        either = [narrow(part) for part in query.parts]
        return None if None in either else _either(wanted for wanted in either if wanted is not None)
    if isinstance(query, Near):
        return narrow(And((query.one, query.other)))
    return None


def _of_term(term: Term) -> Wanted | None:
    said = (term.text, *other_spellings(term))
    either = [_of_spelling(term._replace(text=one)) for one in said]
    return None if None in either else _either(wanted for wanted in either if wanted is not None)


def _of_spelling(term: Term) -> Wanted | None:
    # A property of a term that did not exist when this was written may make it hold for other words.
    usual = term._field_defaults.items()
    is_known = all(getattr(term, name) == value for name, value in usual if name not in _KNOWN)
    if not is_known or term.field not in _IN_WORDS:
        return None
    found = runs(term.text)
    if not found:
        return None
    if term.stem:
        (run, is_glued), *others = found
        is_plain = not others and not is_glued and len(run) == len(term.text) >= _SHARED
        return Token(run[:_SHARED], prefix=True) if is_plain else None
    wanted: list[Wanted] = []
    words: list[str] = []
    for place, (run, is_glued) in enumerate(found):
        if not is_glued:
            words.append(run)
        if words and (is_glued or place == len(found) - 1):
            wanted += _of_words(words, prefix=term.prefix and not is_glued)
            words = []
        if is_glued:
            wanted += [Token(pair) for pair in pairs(run)] or [Token(run, prefix=True)]
    return _all(wanted)


def _of_words(words: list[str], *, prefix: bool) -> list[Wanted]:
    """Words side by side: each stands alone or joined to its neighbours, as the parts of a name may be."""

    def tokens(word: str, *, prefix: bool) -> Iterator[Token]:
        yield Token(word[:LONGEST], prefix)
        if counted := _COUNTED.match(word):  # a text may write 10000km as 10,000km, of which the index has the number
            yield Token(counted[1][:LONGEST])

    last = len(words) - 1
    longest = sorted(range(len(words)), key=lambda at: len(words[at]), reverse=True)[:MOST_WORDS]
    return [
        _either(
            token
            for first in range(max(0, at - MOST_SPANNED + 1), at + 1)
            for end in range(at, min(last, first + MOST_SPANNED - 1) + 1)
            for token in tokens("".join(words[first : end + 1]), prefix=prefix and end == last)
        )
        for at in sorted(longest)
    ]


def _all(parts: Iterable[Wanted]) -> Wanted:
    each = tuple(dict.fromkeys(parts))
    return each[0] if len(each) == 1 else All(each)


def _either(parts: Iterable[Wanted]) -> Wanted:
    each = tuple(dict.fromkeys(parts))
    return each[0] if len(each) == 1 else Either(each)
