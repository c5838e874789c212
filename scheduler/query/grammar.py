"""The query language of rules, feeds and search: from a text to a query tree, or to words that say what is wrong.

missile rocket            both words, anywhere in title or body; the same as missile AND rocket
"ballistic missile"       a phrase; missile* goes on: missiles; stem:attack is attacked and attacking too
="Café"                   with its accents and its capitals: CAFÉ too, not cafe nor café
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
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from scheduler.kinds import ASKED
from scheduler.nearest import instead
from scheduler.query.dates import period
from scheduler.query.leaves import (
    FIELDS,
    WITHIN,
    Denied,
    Named,
    NoSuchList,
    QueryError,
    TooLoose,
    check_phrase,
    check_word,
    column_of,
    fields_of,
    in_field,
    is_words,
    pattern_of,
    refuse,
    said_word,
    term,
)
from scheduler.query.lists import NO_LISTS, Lists, variant, with_lists
from scheduler.query.names import with_names
from storage.query import And, Near, Not, Or, Published, Query, Regex, Term, holds_for_nothing, parts_of
from storage.text import clean

__all__ = [
    "DEEPEST",
    "LONGEST",
    "NO_LISTS",
    "Lists",
    "NoSuchList",
    "QueryError",
    "TooLoose",
    "lists_in",
    "parse",
    "variant",
]

LONGEST = 5000  # characters of a query
DEEPEST = 40  # brackets within brackets: the tree is walked by recursion
FURTHEST = 100  # words of a NEAR
MOST_NEARS = 10  # of a query: each tries the places of one side against those of the other

# Curly and full-width quotes open and close a phrase as straight ones do: they are what word processors and mail put
# in their place. A field's colon stands at once behind its name; every other word with a colon is refused further
# down, for its writer took it for a field. An address has signs of its own, and is read to its end. A config may have
# ten thousand rules: AND and OR take the white space around them along, a leaf is no step of its own where it may
# stand alone, and brackets around plain words and phrases with OR between them, which most rules are made of, are read
# as one: more than half of its work is spared.
_BRACKET = re.compile("[(（)）]")
_IN_QUOTES = rf'"[^"]*(?:{WITHIN}[^"]*)*"'
_QUOTES = '"“”„‟＂«»「」『』《》'
_END = rf"(?![^\s()（）{_QUOTES}])"
_SINGLE = rf"'[^'\s][^']*'{_END}|‘[^‘\s][^‘]*?’{_END}"
_PLAIN = r'(?:(?!(?:AND|OR|NOT)\b)[^\W_]+(?:[-\'’.][^\W_]+)*\*?|"[^"]*")'
_ANY_OF = rf"[(（]\s*{_PLAIN}(?:\s+OR\s+{_PLAIN})+\s*[)）]"
_EACH = re.compile(r'"[^"]*"|[^\s()（）"]+')
_LEAF = "ANY_OF | WORD | PHRASE | EXACT | REGEX | LIST | PUBLISHED | CHANGE | URL | within | _OPEN any _CLOSE"
_GRAMMAR = rf"""
    ?start: any
    ?any: all (_OR all)*
    ?all: {_LEAF} | near | no | one (_AND? one)+
    ?one: {_LEAF} | near | no
    ?leaf: {_LEAF}
    near: leaf (NEAR leaf)+
    no: (NOT | MINUS) one
    within: FIELD leaf

    _AND.3: /\s*AND{_END}\s*/
    _OR.3: /\s*OR{_END}\s*/
    NOT.3: /NOT{_END}/
    MINUS.3: /-(?=[^\s-])/
    NEAR.3: /NEAR\/[0-9]+{_END}/
    FIELD.2: /({"|".join(FIELDS)}):/
    CHANGE.2: /change:[^\s()（）{_QUOTES}]*/
    PUBLISHED.2: /published:[^\s()（）{_QUOTES}]*/
    URL.3: /url:[^\s()（）{_QUOTES}]+/
    ANY_OF.4: /{_ANY_OF}/
    EXACT.2: /={_IN_QUOTES}|=[“”„‟][^“”„‟]*[“”„‟]/
    REGEX.2: /\/(?:[^\/\\\n]|\\.)+\/{_END}/
    LIST.2: /@[^\s()（）{_QUOTES}]+/
    PHRASE.1: /{_IN_QUOTES}|[“”„‟][^“”„‟]*[“”„‟]|＂[^＂]*＂|«[^»]*»|「[^」]*」|『[^』]*』|《[^》]*》|{_SINGLE}/
    WORD: /[^\s()（）{_QUOTES}]+(?:{WITHIN}[^\s()（）{_QUOTES}]+)*/
    _OPEN: /[(（]/
    _CLOSE: /[)）]/
    %ignore /\s+/
"""


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
    query = query.encode("utf-8", "replace").decode()  # lone surrogates, of a terminal that is not UTF-8
    if not query.strip():
        raise QueryError("the query is empty: write at least one word", 1)
    _check_depth(query)
    if len(nears := list(re.finditer(r"\bNEAR/\d", query))) > MOST_NEARS:
        raise QueryError(f"more than {MOST_NEARS} NEAR: make several rules of it", nears[MOST_NEARS].start() + 1)
    try:
        read = _PARSER.parse(query)
        tree = with_names(with_lists(read, lists) if "@" in query else read)
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise QueryError(_in_words(error, query), _column(error, query)) from None
    if holds_for_nothing(read):
        raise TooLoose(
            "it would hold for nearly everything, since a NOT alone is enough: name a word that must be there, "
            "such as north NOT south",
            _loose_at(read),
        )
    return tree


def _loose_at(query: Query) -> int:
    """Of a query that holds for nothing, the column of the first NOT that is enough for it."""
    if isinstance(query, Denied):
        return query.column
    return next(_loose_at(part) for part in parts_of(query) if holds_for_nothing(part))


@lru_cache(maxsize=20_000)
def lists_in(query: str) -> frozenset[str]:
    """The names of the lists that a query names, as it is written: not those that stand within these lists. The query
    is one that `parse` has taken."""
    return frozenset(_named(_PARSER.parse(query))) if "@" in query else frozenset()


def _named(query: Any) -> Iterator[str]:
    if isinstance(query, Named):
        yield query.name
    for part in parts_of(query):
        yield from _named(part)


@v_args(inline=True)
class _Builder(Transformer[Token, Query]):
    """Builds the tree bottom up while the text is read: of each terminal a leaf, of each rule what stands above."""

    def WORD(self, token: Token) -> Query:
        return _word(token)

    def PHRASE(self, token: Token) -> Query:
        return _phrase(token)

    def ANY_OF(self, token: Token) -> Query:
        return _joined(Or, *_each_of(token))

    def EXACT(self, token: Token) -> Query:
        return term(clean(str(token)[2:-1]), token, exact=True)

    def REGEX(self, token: Token) -> Query:
        return Regex(pattern_of(str(token)[1:-1].replace("\\/", "/"), token))

    def LIST(self, token: Token) -> Query:
        return Named(str(token)[1:], column_of(token))  # type: ignore[return-value]

    def PUBLISHED(self, token: Token) -> Query:
        try:
            return Published(*period(str(token).removeprefix("published:")))
        except ValueError as reason:
            refuse(str(reason), token)

    def within(self, field: Token, part: Query) -> Query:
        return cast(Query, in_field(part, str(field)[:-1], column_of(field)))

    def near(self, first: Query, *rest: Any) -> Query:
        near: list[Query] = []
        parts, tokens = [first, *rest[1::2]], rest[::2]
        for token, one, other in zip(tokens, parts, parts[1:], strict=False):
            words = int(str(token)[5:][:9])
            if words > FURTHEST:
                refuse(f"{token} reaches too far: at most NEAR/{FURTHEST}", token)
            for part in (one, other):
                if not is_words(part):
                    refuse(f"beside {token} stand words, phrases, or several of them joined by OR in brackets", token)
            if not fields_of(one) & fields_of(other):
                refuse(f"both sides of {token} must stand in one field, such as title:(kim NEAR/5 missile)", token)
            near.append(Near(one, other, words))
        whole: Query = near[0] if len(near) == 1 else And(tuple(near))
        return whole

    def URL(self, token: Token) -> Query:
        return cast(Query, in_field(_going_on(clean(said_word(token)[4:]), token), "url", column_of(token)))

    def CHANGE(self, token: Token) -> Query:
        name = str(token).removeprefix("change:")
        if name not in ASKED:
            said = f"change:{name} is no kind of change" if name else "nothing stands after change:"
            refuse(f"{said}; {instead(name, ASKED)}. For several write change:added OR change:removed", token)
        return Term(name, "change")

    def no(self, sign: Token, part: Query) -> Query:
        return part.part if isinstance(part, Not) else Denied(part, column_of(sign))

    def all(self, *parts: Query) -> Query:
        return _joined(And, *(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))))

    def any(self, *parts: Query) -> Query:
        return _joined(Or, *(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))))


def _joined(kind: type[And] | type[Or], *parts: Query) -> Query:
    each = tuple(dict.fromkeys(parts))
    return kind(each) if len(each) > 1 else each[0]


def _each_of(bracket: Token) -> Iterator[Term]:
    """The words and phrases between the brackets, each as if it had been read by itself."""
    for found in _EACH.finditer(bracket):
        if (text := found.group()) != "OR":
            one = Token("WORD", text, (bracket.start_pos or 0) + found.start())
            yield _phrase(one) if text[0] == '"' else _word(one)


def _word(token: Token) -> Term:
    check_word(token)
    return _going_on(clean(said_word(token)), token)


def _phrase(token: Token) -> Term:
    text = clean(str(token)[1:-1])
    if "*" in text:
        check_phrase(text, token)
    return _going_on(text, token)


def _going_on(text: str, token: Token) -> Term:
    bare = text.rstrip("*＊")
    is_open = bare not in ("", text)
    return term(bare if is_open else text, token, prefix=is_open)


def _check_depth(query: str) -> None:
    depth = 0
    for found in _BRACKET.finditer(query):
        depth += 1 if found.group() in "(（" else -1
        if depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} brackets within brackets", found.start() + 1)


def _in_words(error: UnexpectedInput, query: str) -> str:
    if isinstance(error, UnexpectedCharacters):
        return "the quote that opens here is never closed: add one more, or leave this one out"
    if not isinstance(error, UnexpectedToken):
        return "this cannot be read as a query"
    token, accepted = error.token, error.accepts or set()
    said = str(token).strip()
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
    if last.startswith("NEAR/") or last.endswith(":"):
        return f"behind {last} stands a word, a phrase or a bracket, not {said}"
    return f"nothing stands before {said}: add a word, or leave it out"


def _column(error: UnexpectedInput, query: str) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(query.rstrip()) + 1
    at = error.pos_in_stream or 0
    return len(query) - len(query[at:].lstrip()) + 1


_PARSER: Any = Lark(_GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)
