"""A query as one would write it: read again, it is the same."""

from __future__ import annotations

import re

from lark import Token

from scheduler.query.leaves import QueryError, check_word, said_word
from storage.query import And, Near, Not, Or, Published, Query, Regex, Term

_PARTED = re.compile(r'[\s()（）"“”„‟＂«»「」『』《》]')
_CURLY = re.compile("[“”„‟]")
_OF_OTHERS = ("@", "/", "-", "=", "'", "‘")  # with which a list, a pattern, a NOT or a phrase begins


def said(query: Query) -> str:
    match query:
        case Term():
            return _term(query)
        case Regex():
            pattern = query.pattern.replace("/", "\\/")
            return (f"{query.field}:" if query.field else "") + f"/{pattern}/"
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
    text = term.text + "*" * term.prefix
    if term.exact or not _is_word(term):
        is_plain = '"' not in text or _CURLY.search(text)  # with both: the straight ones are within words of Hebrew
        text = f'"{text}"' if is_plain else f"“{text}”"
    before = (f"{term.field}:" if term.field else "") + ("stem:" if term.stem else "")
    return before + "=" * term.exact + text


def _is_word(term: Term) -> bool:
    """Is it read as it is without quotes?"""
    if term.field == "change":  # which takes none
        return True
    text = term.text + "*" * term.prefix  # U.S. is a word, and U.S.* is taken for a pattern
    if _PARTED.search(text) or said_word(Token("WORD", text)) != text:
        return False
    if term.field == "url":
        return True
    try:
        check_word(Token("WORD", text))
    except QueryError:
        return False
    return not text.startswith(_OF_OTHERS)
