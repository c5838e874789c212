"""Named lists of a config: their variants stand in a query in the place of the name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

from lark import Token

from scheduler.nearest import instead
from scheduler.query.leaves import WITHIN, Named, NoSuchList, QueryError, in_field, refuse, term
from storage.query import And, Near, Not, Or, Query
from storage.text import clean

MOST_VARIANTS = 50_000  # that the lists of one query stand for, each as often as it is named
DEEPEST_LIST = 20  # lists within lists
Lists = Mapping[str, Sequence[str]]
Frozen = tuple[tuple[str, tuple[str, ...]], ...]  # the same, to be hashed
NO_LISTS: Lists = {}

# What means something in a query and would be looked for as it is in a list.
_QUERY = re.compile(
    r"(^|\s)(AND|OR|NOT|NEAR/\d+)(\s|$)|^[a-z]+:|^/.*/$|^\W*=|^[\"“”„‟].*[\"“”„‟]$|\*.*\S|^[-@]"
    r"|\S[~^][\d.]*$|\||\w\?\w"  # of other languages
)

_EXACT = re.compile(rf'="(?:[^"]|{WITHIN})+"')


def variant(text: str) -> Query:
    """One variant of a list: words that stand together, name* that may go on, ="as it is written", or @another list.

    Raises QueryError.
    """
    text = text.strip()
    token = Token("WORD", text)
    if re.fullmatch(r"@\w+", text):
        return cast(Query, Named(text[1:], 1))
    if _EXACT.fullmatch(text):
        return term(clean(text[2:-1]), token, exact=True)
    if _QUERY.search(text):
        refuse(
            f"{text!r} reads like a query: a list holds names as they are, name* that may go on, "
            '="as it is written" and @another_list',
            token,
        )
    bare = text.rstrip("*＊")
    return term(clean(bare), token, prefix=bare != text)


def with_lists(query: Any, lists: Frozen) -> Query:
    """The tree with each list in the place of its name. Raises QueryError."""
    return _Placing(lists).placed(query)


@lru_cache(maxsize=4)  # a thousand rules may name a list of five thousand
def _worked_out(lists: Frozen) -> dict[str, tuple[Query, ...]]:
    """What is known of these lists so far: filled as they are named."""
    return {}


class _Placing:
    """One query while its lists are put into it; each list is worked out once for all queries."""

    def __init__(self, lists: Frozen) -> None:
        self._lists = dict(lists)
        self._left = MOST_VARIANTS
        self._known = _worked_out(lists) if lists else {}

    def placed(self, query: Any) -> Query:
        match query:
            case Named():
                return self._listed(query)
            case And() | Or():
                return replace(query, parts=tuple(dict.fromkeys(map(self.placed, query.parts))))
            case Not():
                return Not(self.placed(query.part))
            case Near():
                return Near(self.placed(query.one), self.placed(query.other), query.words)
        return cast(Query, query)

    def _listed(self, named: Named) -> Query:
        parts = self._variants(named.name, named.column, ())
        self._left -= len(parts)
        if self._left < 0:
            raise QueryError(f"its lists stand for more than {MOST_VARIANTS:,} names: make several rules", named.column)
        whole: Query = Or(parts, named.name)
        if named.field:
            whole = in_field(whole, named.field, named.column)
        return cast(Query, in_field(whole, "stem", named.column) if named.stem else whole)

    def _variants(self, name: str, column: int, within: tuple[str, ...]) -> tuple[Query, ...]:
        if name not in self._lists:
            known = [f"@{one}" for one in sorted(self._lists)]
            said = instead(f"@{name}", known) if known else "the config has no [lists]"
            raise NoSuchList(
                f'there is no list @{name}; {said}. To look for the sign itself write "@{name}" in quotes',
                column,
                within[-1] if within else "",
            )
        if name in within:
            way = " @".join(within[within.index(name) :])
            raise QueryError(f"the list @{name} holds itself, by way of @{way}", column, name)
        if len(within) >= DEEPEST_LIST:
            raise QueryError(f"more than {DEEPEST_LIST} lists within lists", column, name)
        if name not in self._known:
            found: dict[Query, None] = {}
            for one in self._lists[name]:
                made: object = variant(one)
                inner = self._variants(made.name, column, (*within, name)) if isinstance(made, Named) else (made,)
                found |= dict.fromkeys(cast(tuple[Query, ...], inner))
                if len(found) > MOST_VARIANTS:
                    raise QueryError(f"the list @{name} holds more than {MOST_VARIANTS:,} names", column, name)
            self._known[name] = tuple(found)
        return self._known[name]
