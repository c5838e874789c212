"""The query language of rules, feeds and search: from a text to a query tree, or to words that say what is wrong.

missile rocket            both words, anywhere in title or body; the same as missile AND rocket
"ballistic missile"       a phrase; missile* goes on: missiles; stem:attack is attacked and attacking too
="Café"                   as it is written, its case and its accents too
(iran OR iraq) NOT oil    operators in capitals; NOT binds closest, then AND, then OR; -oil is NOT oil
kim NEAR/5 missile        with at most five words between them, in any order
/KN-?[0-9]{2}/            a regular expression (RE2), small and capital letters alike
@kim_jong_un              the names of a list of the config
title:missile             in the title alone; title:(iran OR iraq) for several; so body: author: section:
source:kcna* site:kcna.kp lang:ko url:/en/ story:ID
published:>2026-01-01     also >= < <= and published:2026-03 for a month
change:edited:headline    what happened to it: added, edited, removed, restored, edited:CLASS
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Never, cast

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from scheduler.kinds import ASKED
from scheduler.query.dates import period
from scheduler.query.folding import Folded
from scheduler.query.patterns import compiled
from storage.query import (
    TEXT_FIELDS,
    VALUE_FIELDS,
    And,
    Field,
    Near,
    Not,
    Or,
    Published,
    Query,
    Regex,
    Term,
    holds_for_nothing,
    parts_of,
)
from storage.text import clean

LONGEST = 5000  # characters of a query
DEEPEST = 40  # brackets within brackets: the tree is walked by recursion
FURTHEST = 100  # words of a NEAR
Lists = Mapping[str, Sequence[str]]
NO_LISTS: Lists = {}

_FIELDS = (*TEXT_FIELDS, *(one for one in VALUE_FIELDS if one != "change"), "stem")
_NAMED = ", ".join(f"{one}:" for one in (*_FIELDS, "published", "change"))

# Curly and full-width quotes open and close a phrase as straight ones do: they are what word processors and mail put
# in their place. A field's colon stands at once behind its name; every other word with a colon is refused further
# down, for its writer took it for a field.
_END = r'(?![^\s()（）"“”„‟＂])'
_GRAMMAR = rf"""
    ?start: any
    ?any: all (_OR all)*
    ?all: one (_AND? one)*
    ?one: (_NOT | _MINUS) one -> no
        | near
    ?near: leaf (NEAR leaf)*
    ?leaf: WORD -> word
        | PHRASE -> phrase
        | EXACT -> exact
        | REGEX -> regex
        | LIST -> named
        | PUBLISHED -> published
        | CHANGE -> change
        | FIELD leaf -> within
        | _OPEN any _CLOSE

    _AND.3: /AND{_END}/
    _OR.3: /OR{_END}/
    _NOT.3: /NOT{_END}/
    _MINUS.3: /-(?=[^\s-])/
    NEAR.3: /NEAR\/[0-9]+{_END}/
    FIELD.2: /({"|".join(_FIELDS)}):/
    CHANGE.2: /change:[^\s()（）"“”„‟＂]*/
    PUBLISHED.2: /published:[^\s()（）"“”„‟＂]*/
    EXACT.2: /="[^"]*"|=[“”„‟][^“”„‟]*[“”„‟]/
    REGEX.2: /\/(?:[^\/\\\n]|\\.)+\/{_END}/
    LIST.2: /@[^\s()（）"“”„‟＂]+/
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


def parse(query: str, lists: Lists = NO_LISTS) -> Query:
    """Read a query; `lists` are those of the config, each with its variants as they are written there.

    Raises QueryError.
    """
    named = {name: tuple(variants) for name, variants in lists.items()} if "@" in query else {}
    return _parse(query, tuple(named.items()))


@lru_cache(maxsize=20_000)  # the rules of a config are read to check it, and again to be compiled
def _parse(query: str, lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Query:
    if len(query) > LONGEST:
        raise QueryError(f"longer than {LONGEST:,} characters: make several rules of it", LONGEST + 1)
    if not query.strip():
        raise QueryError("the query is empty: write at least one word", 1)
    _check_depth(query)
    try:
        tree = _with_lists(_PARSER.parse(query), dict(lists), ())
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise QueryError(_in_words(error, query), _column(error, query)) from None
    if holds_for_nothing(tree):
        raise QueryError(
            "it would hold for nearly everything, since a NOT alone is enough: name a word that must be there, "
            "such as north NOT south",
            1,
        )
    return tree


def variant(text: str) -> Query:
    """One variant of a list: words that stand together, name* that may go on, ="as it is written", or @another list.

    Raises QueryError.
    """
    text = text.strip()
    if text.startswith("@") and text[1:].isidentifier():
        return cast(Query, _Named(text[1:], 1))
    token = Token("WORD", text)
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        return _term(clean(text[2:-1]), token, exact=True)
    return _term(clean(text.rstrip("*")), token, prefix=text.endswith("*"))


@v_args(inline=True)
class _Builder(Transformer[Token, Query]):
    """Builds the tree bottom up while the text is read."""

    def word(self, token: Token) -> Query:
        _check_word(token)
        text = clean(str(token))
        return _term(text.rstrip("*") if text.endswith("*") else text, token, prefix=text.endswith("*"))

    def phrase(self, token: Token) -> Query:
        return _term(clean(str(token)[1:-1]), token)

    def exact(self, token: Token) -> Query:
        return _term(clean(str(token)[2:-1]), token, exact=True)

    def regex(self, token: Token) -> Query:
        return Regex(_pattern(str(token)[1:-1].replace("\\/", "/"), token))

    def named(self, token: Token) -> Query:
        return _Named(str(token)[1:], token.column or 1)  # type: ignore[return-value]

    def published(self, token: Token) -> Query:
        try:
            return Published(*period(str(token).removeprefix("published:")))
        except ValueError as reason:
            _refuse(str(reason), token)

    def within(self, field: Token, part: Query) -> Query:
        return cast(Query, _in_field(part, str(field)[:-1], field.column or 1))

    def near(self, first: Query, *rest: Any) -> Query:
        near: list[Query] = []
        parts, tokens = [first, *rest[1::2]], rest[::2]
        for token, one, other in zip(tokens, parts, parts[1:], strict=False):
            words = int(str(token)[5:][:9])
            if words > FURTHEST:
                _refuse(f"{token} reaches too far: at most NEAR/{FURTHEST}", token)
            for part in (one, other):
                if not _is_words(part):
                    _refuse(f"beside {token} stand words, phrases, or several of them joined by OR in brackets", token)
            near.append(Near(one, other, words))
        whole: Query = near[0] if len(near) == 1 else And(tuple(near))
        return whole

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
        return Or(
            tuple(
                inner for part in parts for inner in (part.parts if isinstance(part, Or) and not part.name else (part,))
            )
        )


class _Named:
    """A list by its name, until it is known what it holds."""

    def __init__(self, name: str, column: int, field: str = "", stem: bool = False) -> None:
        self.name, self.column, self.field, self.stem = name, column, field, stem


def _with_lists(query: Any, lists: Lists, within: tuple[str, ...]) -> Query:
    """The tree with each list in the place of its name."""
    match query:
        case _Named():
            return _listed(query, lists, within)
        case And() | Or():
            return replace(query, parts=tuple(_with_lists(part, lists, within) for part in query.parts))
        case Not():
            return Not(_with_lists(query.part, lists, within))
        case Near():
            return Near(_with_lists(query.one, lists, within), _with_lists(query.other, lists, within), query.words)
    return cast(Query, query)


def _listed(named: _Named, lists: Lists, within: tuple[str, ...]) -> Query:
    if named.name not in lists:
        there = f"there are: {', '.join('@' + one for one in sorted(lists))}" if lists else "the config has no [lists]"
        raise QueryError(
            f'there is no list @{named.name}; {there}. To look for the sign itself write "@{named.name}" in quotes',
            named.column,
        )
    if named.name in within:
        raise QueryError(f"the list @{named.name} holds itself, by way of @{' @'.join(within)}", named.column)
    parts: list[Query] = []
    for one in lists[named.name]:
        found: object = variant(one)
        if isinstance(found, _Named):
            inner = _Named(found.name, named.column)
            parts += parts_of(_listed(inner, lists, (*within, named.name)))
        else:
            parts.append(cast(Query, found))
    whole: Query = Or(tuple(dict.fromkeys(parts)), named.name)
    if named.field:
        whole = _in_field(whole, named.field, named.column)
    return cast(Query, _in_field(whole, "stem", named.column) if named.stem else whole)


def _term(text: str, token: Token, *, prefix: bool = False, exact: bool = False) -> Term:
    folded = Folded(text).text
    if not any(char.isalnum() for char in folded):
        _refuse(f"{str(token)!r} has no letter and no digit to look for", token)
    if prefix and len(folded) == 1 and folded < "\u0e00":
        _refuse(f"{str(token)!r} would hold for nearly everything: write at least two letters before the *", token)
    return Term(text, prefix=prefix, exact=exact)


def _pattern(pattern: str, token: Token) -> str:
    try:
        found = compiled(pattern)
    except ValueError as why:
        _refuse(f"the regular expression cannot be used: {why} (RE2 has no look-around and no back-references)", token)
    if found.search(""):
        _refuse("the regular expression would hold for every text, since it holds for an empty one", token)
    return pattern


def _is_words(query: Any) -> bool:
    if isinstance(query, Term):
        return query.field not in VALUE_FIELDS
    return isinstance(query, _Named) or (isinstance(query, Or) and all(map(_is_words, query.parts)))


def _in_field(query: Any, field: str, column: int) -> Any:
    if isinstance(query, _Named):
        name = query.field if field == "stem" else field
        return _Named(query.name, query.column, name, stem=query.stem or field == "stem")
    if isinstance(query, Published):
        raise QueryError(f"published: stands inside {field}: ; write them beside each other", column)
    if isinstance(query, Term | Regex):
        if field == "stem":
            return _stemmed(query, column)
        if query.field:
            raise QueryError(f"{query.field}: stands inside {field}: ; a word is looked for in one field only", column)
        if isinstance(query, Regex) and field == "url":  # a path stands between slashes too
            return Term(f"/{query.pattern}/", "url")
        if isinstance(query, Regex) and field in VALUE_FIELDS:
            raise QueryError(f"{field}: takes no regular expression; title:, body:, author: and section: do", column)
        return replace(query, field=cast(Field, field))
    if isinstance(query, Not):
        return Not(_in_field(query.part, field, column))
    if isinstance(query, Near):
        return Near(_in_field(query.one, field, column), _in_field(query.other, field, column), query.words)
    return replace(query, parts=tuple(_in_field(part, field, column) for part in query.parts))


def _stemmed(query: Term | Regex, column: int) -> Term:
    if not isinstance(query, Term) or query.field in VALUE_FIELDS or query.exact or query.prefix or " " in query.text:
        raise QueryError("stem: takes single words, such as stem:attack or stem:(attack OR strike)", column)
    return replace(query, stem=True)


def _check_word(token: Token) -> None:
    text = str(token)
    if text in ("AND", "OR", "NOT"):
        _refuse(f'nothing stands before {text}: add a word; or write "{text}" in quotes to look for it', token)
    if text.upper() in ("AND", "OR", "NOT"):
        _refuse(f'write {text.upper()} in capitals; or "{text}" in quotes if you look for the word', token)
    if text == "NEAR" or text.startswith("NEAR/"):
        _refuse('write how many words may lie between: kim NEAR/5 missile; or "NEAR" in quotes for the word', token)
    if "*" in text.rstrip("*") or text.endswith("**"):
        _refuse(f'{text!r}: a * can only end a word; to look for the sign itself write "{text}" in quotes', token)
    field, colon, _ = text.partition(":")
    if colon and re.fullmatch(r"[^\W\d_]+", field):
        _refuse(
            f'{field}: is no field; there are {_NAMED}. To look for it as it is write "{text}" in quotes',
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
