"""The query language of rules, feeds and search: from a text to a query tree, or to words that say what is wrong.

missile rocket            both words, anywhere in title or body; the same as missile AND rocket
"ballistic missile"       a phrase; missile* goes on: missiles
(iran OR iraq) NOT oil    operators in capitals; NOT binds closest, then AND, then OR
title:missile             in the title alone; title:(iran OR iraq) for several
source:kcna               from the source of that name; source:kcna* by its beginning
change:edited:headline    what happened to it: added, edited, removed, restored, edited:CLASS
"""

from __future__ import annotations

import re
from typing import Any, Never

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from scheduler.kinds import ASKED
from scheduler.query.folding import Folded
from storage.query import And, Field, Not, Or, Query, Term, anchors
from storage.text import clean

LONGEST = 5000  # characters of a query
DEEPEST = 40  # brackets within brackets: the tree is walked by recursion
FIELDS: tuple[Field, ...] = ("title", "source", "change")
_FIELD = re.compile(r"(?:title|source):")

# Curly and full-width quotes open and close a phrase as straight ones do: they are what word processors and mail put
# in their place. A field's colon stands at once behind its name; every other word with a colon is refused further
# down, for its writer took it for a field.
_GRAMMAR = r"""
    ?start: any
    ?any: all (_OR all)*
    ?all: one (_AND? one)*
    ?one: _NOT one -> no
        | FIELD leaf -> within
        | CHANGE -> change
        | leaf
    ?leaf: WORD -> word
        | PHRASE -> phrase
        | _OPEN any _CLOSE

    _AND.3: /AND(?![^\s()（）"“”„‟＂])/
    _OR.3: /OR(?![^\s()（）"“”„‟＂])/
    _NOT.3: /NOT(?![^\s()（）"“”„‟＂])/
    FIELD.2: /(title|source):/
    CHANGE.2: /change:[^\s()（）"“”„‟＂]*/
    PHRASE: /"[^"]*"|[“”„‟][^“”„‟]*[“”„‟]|＂[^＂]*＂/
    WORD: /[^\s()（）"“”„‟＂]+/
    _OPEN: /[(（]/
    _CLOSE: /[)）]/
    %ignore /\s+/
"""


class QueryError(Exception):
    """A query that cannot be used. `message` says what is wrong and the mend; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        self.message, self.column = message, column
        super().__init__(message, column)

    def __str__(self) -> str:
        return f"at column {self.column}: {self.message}"


def parse(query: str) -> Query:
    """Read a query. Raises QueryError."""
    if len(query) > LONGEST:
        raise QueryError(f"longer than {LONGEST:,} characters: make several rules of it", LONGEST + 1)
    if not query.strip():
        raise QueryError("the query is empty: write at least one word", 1)
    _check_depth(query)
    try:
        tree: Query = _PARSER.parse(query)
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise QueryError(_in_words(error, query), _column(error, query)) from None
    if anchors(tree) is None:
        raise QueryError(
            "it would hold for nearly everything, since a NOT alone is enough: name a word that must be there, "
            "such as north NOT south",
            1,
        )
    return tree


@v_args(inline=True)
class _Builder(Transformer[Token, Query]):
    """Builds the tree bottom up while the text is read."""

    def word(self, token: Token) -> Query:
        _check_word(token)
        text = clean(str(token))
        return _term(text.rstrip("*") if text.endswith("*") else text, token, prefix=text.endswith("*"))

    def phrase(self, token: Token) -> Query:
        return _term(clean(str(token)[1:-1]), token)

    def within(self, field: Token, part: Query) -> Query:
        return _in_field(part, "title" if field.startswith("title") else "source", field.column or 1)

    def change(self, token: Token) -> Query:
        name = str(token).removeprefix("change:")
        if name not in ASKED:
            said = f"change:{name} is no kind of change" if name else "nothing stands after change:"
            _refuse(f"{said}; there are: {', '.join(ASKED)}. For several write change:added OR change:removed", token)
        return Term(name, "change")

    def no(self, part: Query) -> Query:
        return part.part if isinstance(part, Not) else Not(part)

    def all(self, *parts: Query) -> Query:
        return And(tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))))

    def any(self, *parts: Query) -> Query:
        return Or(tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))))


def _term(text: str, token: Token, *, prefix: bool = False) -> Term:
    folded = Folded(text).text
    if not any(char.isalnum() for char in folded):
        _refuse(f"{str(token)!r} has no letter and no digit to look for", token)
    if prefix and len(folded) == 1 and folded < "\u0e00":
        _refuse(f"{str(token)!r} would hold for nearly everything: write at least two letters before the *", token)
    return Term(text, prefix=prefix)


def _in_field(query: Query, field: Field, column: int) -> Query:
    if isinstance(query, Term):
        if query.field:
            raise QueryError(f"{query.field}: stands inside {field}: ; a word is looked for in one field only", column)
        return Term(query.text, field, query.prefix)
    if isinstance(query, Not):
        return Not(_in_field(query.part, field, column))
    return type(query)(tuple(_in_field(part, field, column) for part in query.parts))


def _check_word(token: Token) -> None:
    text = str(token)
    if text in ("AND", "OR", "NOT"):
        _refuse(f'nothing stands before {text}: add a word; or write "{text}" in quotes to look for it', token)
    if text.upper() in ("AND", "OR", "NOT"):
        _refuse(f'write {text.upper()} in capitals; or "{text}" in quotes if you look for the word', token)
    if text.startswith("-") and len(text) > 1:
        _refuse(f"to leave a word out write NOT {text[1:]}; to look for the sign itself put it in quotes", token)
    if "*" in text.rstrip("*") or text.endswith("**"):
        _refuse(f'{text!r}: a * can only end a word; to look for the sign itself write "{text}" in quotes', token)
    field, colon, _ = text.partition(":")
    if colon and re.fullmatch(r"[^\W\d_]+", field):
        _refuse(
            f"{field}: is no field; there are title:, source: and change: . "
            f'To look for it as it is write "{text}" in quotes',
            token,
        )


def _check_depth(query: str) -> None:
    depth = 0
    for place, char in enumerate(query):
        depth += (char in "(（") - (char in ")）")
        if depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} brackets within brackets", place + 1)


def _refuse(message: str, token: Token) -> Never:
    raise QueryError(message, token.column or 1)


def _in_words(error: UnexpectedInput, query: str) -> str:
    if isinstance(error, UnexpectedCharacters):
        return "the quote that opens here is never closed: add one more, or leave this one out"
    if not isinstance(error, UnexpectedToken):
        return "this cannot be read as a query"
    token, accepted = error.token, error.accepts or set()
    before = query[: token.start_pos].split() if token.type != "$END" else query.split()
    last = before[-1] if before else ""
    if token.type == "$END":
        if "_CLOSE" in accepted:
            return "a bracket is never closed: add )"
        return f"nothing stands after {last.rstrip(':')}: add a word, or leave it out"
    if token.type == "_CLOSE":
        if not accepted & {"_CLOSE", "$END"} and last:
            return f"nothing stands between {last} and this bracket: add a word"
        return "this bracket was never opened: leave it out, or add ( before"
    return f"nothing stands before {token}: add a word, or leave it out"


def _column(error: UnexpectedInput, query: str) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(query.rstrip()) + 1
    return (error.pos_in_stream or 0) + 1


_PARSER: Any = Lark(_GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)
