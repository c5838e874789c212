"""`dateline try match`: one query put to one text, without a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from scheduler.query.grammar import QueryError, parse
from scheduler.query.matcher import Matcher, Text, compile_rules
from storage.text import one_line


def try_match(record: Mapping[str, Any]) -> dict[str, Any]:
    """{"query", "text", "title"?, "language"?, "lists"?} -> {"match", "spans"}, or {"error"} for a query that is none
    or a record of another shape.

    `spans` are [start, end] in the characters of `text`; empty where the words stand in the title alone.
    """
    faults = list(_faults(record))
    if faults:
        return {"error": faults[0]}
    lists = record.get("lists") or {}
    try:
        matcher = _compiled(record["query"], tuple((name, tuple(of)) for name, of in lists.items()))
    except QueryError as reason:
        return {"error": f"the query cannot be used, {reason}"}
    text = Text(record.get("title") or "", record["text"], language=record.get("language") or "")
    match = matcher.match(text).get("")
    return {"match": match is not None, "spans": [list(span) for span in match.body] if match else []}


def _faults(record: Mapping[str, Any]) -> Iterator[str]:
    """What is no text, and no list of texts, where one is asked for; a null is what is left out."""
    for key in ("query", "text"):
        if not isinstance(record[key], str):
            yield f'"{key}" must be a text'
    for key in ("title", "language"):
        if not isinstance(record.get(key) or "", str):
            yield f'"{key}" must be a text'
    lists = record.get("lists") or {}
    if not isinstance(lists, dict):
        yield '"lists" must be an object of names, each with a list of texts: {"leaders": ["Kim Jong Un"]}'
        return
    for name, of in lists.items():
        if not isinstance(of, list) or not all(isinstance(one, str) for one in of):
            yield f'"lists": {one_line(name, 100)} must be a list of texts'


@lru_cache(maxsize=100)
def _compiled(query: str, lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Matcher:
    return compile_rules({"": parse(query, dict(lists))})
