"""`dateline try match`: one query put to one text, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from scheduler.query.grammar import QueryError, parse
from scheduler.query.matcher import Matcher, Text, compile_rules


def try_match(record: Mapping[str, Any]) -> dict[str, Any]:
    """{"query", "text", "title"?, "language"?, "lists"?} -> {"match", "spans"}, or {"error"} for a query or lists that
    are none.

    `spans` are [start, end] in the characters of `text`; empty where the words stand in the title alone.
    """
    lists = record.get("lists") or {}
    if not isinstance(lists, dict) or not all(map(_is_list, lists.values())):
        return {"error": 'lists are written as {"kims": ["Kim Jong-un", "김정은"]}'}
    try:
        matcher = _compiled(_text(record["query"]), tuple((name, tuple(of)) for name, of in lists.items()))
    except QueryError as reason:
        return {"error": f"the query cannot be used, {reason}"}
    text = Text(_text(record.get("title")), _text(record["text"]), language=_text(record.get("language")))
    match = matcher.match(text).get("")
    return {"match": match is not None, "spans": [list(span) for span in match.body] if match else []}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


@lru_cache(maxsize=100)
def _compiled(query: str, lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Matcher:
    return compile_rules({"": parse(query, dict(lists))})
