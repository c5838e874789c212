"""The leaves of a query: what one word, phrase, pattern or name of a list may be, and in which field."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Never, cast

from lark import Token

from scheduler.nearest import instead
from scheduler.query import foreign
from scheduler.query.folding import fold_text
from scheduler.query.patterns import compiled
from storage.query import TEXT_FIELDS, VALUE_FIELDS, Field, Near, Not, Or, Published, Regex, Term

FIELDS = (*TEXT_FIELDS, *(one for one in VALUE_FIELDS if one != "change"), "stem")
_NAMED = (*FIELDS, "published", "change")
# The sign of an abbreviation in Hebrew, which its keyboards have as a quote: צה"ל.
WITHIN = '(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])'
_HOST = re.compile(r"\w[\w.-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*")


class QueryError(Exception):
    """A query that cannot be used. `message` says what is wrong and the mend; `column` counts from 1. `in_list` is the
    list in which the fault is, "" for the query itself."""

    def __init__(self, message: str, column: int, in_list: str = "") -> None:
        self.message, self.column, self.in_list = message, column, in_list
        super().__init__(message, column, in_list)

    def __str__(self) -> str:
        return f"at column {self.column}: {self.message}"


class NoSuchList(QueryError):
    """A query names a list that is not known."""


class TooLoose(QueryError):
    """A query that holds for nearly everything, since a NOT alone is enough."""


def refuse(message: str, token: Token) -> Never:
    raise QueryError(message, column_of(token))


def column_of(token: Token) -> int:
    """Where a token begins in the whole query, from 1 on: the line ends of a long one count as a character."""
    return (token.start_pos or 0) + 1


@dataclass(frozen=True, slots=True)
class Named:
    """A list by its name, until it is known what it holds."""

    name: str
    column: int
    field: str = ""
    stem: bool = False


@dataclass(frozen=True, slots=True)
class Denied(Not):
    """A NOT as it was read, with where it stands in the query: a fault of it is told there."""

    column: int = 1


def term(text: str, token: Token, *, prefix: bool = False, exact: bool = False) -> Term:
    folded = text.lower() if text.isascii() else fold_text(text)
    if not (folded[:1].isalnum() or any(map(str.isalnum, folded))):
        refuse(f"{str(token)!r} has no letter and no digit to look for: leave it out", token)
    if prefix and len(folded) == 1 and folded < "\u0e00":
        refuse(f"{str(token)!r} would hold for nearly everything: write at least two letters before the *", token)
    return Term(text, prefix=prefix, exact=exact)


def pattern_of(pattern: str, token: Token) -> str:
    try:
        found = compiled(pattern)
    except ValueError as why:
        refuse(f"the regular expression cannot be used: {why} (RE2 has no look-around and no back-references)", token)
    if found.search(""):
        refuse("the regular expression would hold for every text, since it holds for an empty one", token)
    return pattern


def is_words(query: Any) -> bool:
    if isinstance(query, Term):
        return query.field not in VALUE_FIELDS
    return isinstance(query, Named) or (isinstance(query, Or) and all(map(is_words, query.parts)))


def fields_of(query: Any) -> frozenset[str]:
    """The fields in which words may stand, of what `is_words`."""
    if isinstance(query, Or):
        return frozenset[str]().union(*map(fields_of, query.parts))
    return frozenset((query.field,)) if query.field else frozenset(("title", "body"))


def in_field(query: Any, field: str, column: int) -> Any:
    if isinstance(query, Named):
        return replace(query, stem=True) if field == "stem" else replace(query, field=field)
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
        if isinstance(query, Term):
            _check_value(query, field, column)
            return query._replace(field=cast(Field, field))
        return replace(query, field=cast(Field, field))
    if isinstance(query, Not):
        return replace(query, part=in_field(query.part, field, column))
    if isinstance(query, Near):
        return Near(in_field(query.one, field, column), in_field(query.other, field, column), query.words)
    return replace(query, parts=tuple(in_field(part, field, column) for part in query.parts))


def _check_value(query: Term, field: str, column: int) -> None:
    """What no article can have is a slip: a search for it would find nothing, and say nothing."""
    if query.prefix and field in VALUE_FIELDS and field != "source":
        raise QueryError(f"{field}: takes no *", column)
    if field == "site" and not _HOST.fullmatch(query.text):
        raise QueryError("site: takes a host alone, such as site:kcna.kp: no http://, port or path", column)
    if field == "lang" and not _LANGUAGE.fullmatch(query.text):
        raise QueryError("lang: takes a code, such as lang:ko or lang:zh-TW", column)


def _stemmed(query: Term | Regex, column: int) -> Term:
    if not isinstance(query, Term) or query.field in VALUE_FIELDS or query.exact or query.prefix or " " in query.text:
        raise QueryError("stem: takes single words, such as stem:attack or stem:(attack OR strike)", column)
    return query._replace(stem=True)


_BEFORE = {
    "+": "every word must be there anyway: leave the + out and write {}",
    "!": "write -{} for what must not be there",
    ":": "a field's name stands at once before the colon: write title:{}",
    "=": 'write ="{}" for what must be as it is written',
}


_SENTENCE = ",;:…，。、；：！？"


def said_word(token: Token) -> str:
    """A word without the signs of a sentence around it: the full stop that ends one, and stays in U.S."""
    text = str(token)
    if text.isalnum():
        return text
    bare = text.lstrip("¿¡…").rstrip(f"!?{_SENTENCE}")
    if bare.endswith(".") and "." not in bare[:-1]:
        bare = bare[:-1]
    return bare or text


def check_word(token: Token) -> None:
    text = str(token)
    if foreign.is_plain(text):
        return
    if text in ("AND", "OR", "NOT"):
        or_takes = ", or NEAR or a field, which take words alone" if text == "NOT" else ""
        refuse(f'nothing stands before {text}{or_takes}: add a word; or write "{text}" in quotes to look for it', token)
    if re.fullmatch(r"NEAR/[0-9]+", text):
        refuse(f"nothing stands before {text}: kim NEAR/5 missile", token)
    if re.fullmatch(r"AND|OR|NOT|NEAR/[0-9]+", text.upper()):
        refuse(f'write {text.upper()} in capitals; or "{text}" in quotes if you look for the word', token)
    if text == "NEAR" or text.startswith("NEAR/"):
        refuse('write how many words may lie between: kim NEAR/5 missile; or "NEAR" in quotes for the word', token)
    if text.startswith("--") and text.strip("-"):
        refuse(f'one minus is enough: {text[1:]}; or write "{text}" in quotes to look for it as it is', token)
    if text.startswith("-") and any(map(str.isalnum, text)):
        refuse(f'the minus stands before the field or the whole: write -title:fire, or "{text}" in quotes', token)
    if re.fullmatch(r"/.+/\w+", text):
        refuse("write the regular expression between slashes alone: /fire/; small and capital letters are alike", token)
    if text[0] in "+!:=" and len(text) > 1:
        refuse(f'{_BEFORE[text[0]].format(text[1:])}; or write "{text}" in quotes to look for the sign', token)
    if said := foreign.mend(text.rstrip(_SENTENCE) or text):
        in_quotes = f'; or write "{text}" in quotes to look for it as it is' if any(map(str.isalnum, text)) else ""
        refuse(f"{said}{in_quotes}", token)
    if "*" in text.rstrip("*") or text.endswith("**"):
        refuse(f'{text!r}: a * can only end a word; to look for the sign itself write "{text}" in quotes', token)
    field, colon, behind = text.partition(":")
    if colon and re.fullmatch(r"[^\W\d_]+", field) and not behind.startswith("//"):
        if field.lower() in (*FIELDS, "published", "change"):
            refuse(f"write {field.lower()}: in small letters", token)
        here = foreign.field_for(field, behind)
        there_are = f"write {here}" if here else instead(field, _NAMED)
        refuse(f'{field}: is no field; {there_are}. To look for it as it is write "{text}" in quotes', token)


def check_phrase(text: str, token: Token) -> None:
    """Refuse a * in the place of a whole word, which other languages know."""
    if re.search(r"(^|\s)\*+(\s|$)", text):
        refuse('a * stands for no word: write kim NEAR/1 un; or ="kim * un" to look for the sign itself', token)
