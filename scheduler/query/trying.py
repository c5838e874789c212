"""`dateline try match`: one query put to one text, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from scheduler.query.grammar import QueryError, parse
from scheduler.query.matcher import Matcher, Text, compile_rules


def try_match(record: Mapping[str, Any]) -> dict[str, Any]:
    """{"query", "text", "title"?, "language"?, "lists"?} -> {"match", "spans"}, or {"error"} for a query that is none.

    `spans` are [start, end] in the characters of `text`; empty where the words stand in the title alone.
    """
    try:
        lists = record.get("lists") or {}
        matcher = _compiled(str(record["query"]), tuple((name, tuple(of)) for name, of in lists.items()))
    except QueryError as reason:
        return {"error": f"the query cannot be used, {reason}"}
    text = Text(str(record.get("title") or ""), str(record["text"]), language=str(record.get("language") or ""))
    match = matcher.match(text).get("")
    return {"match": match is not None, "spans": [list(span) for span in match.body] if match else []}


@lru_cache(maxsize=100)
def _compiled(query: str, lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Matcher:
    return compile_rules({"": parse(query, dict(lists))})
