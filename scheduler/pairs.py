"""`dateline try same`: two texts compared, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage.model.articles import Article
from storage.same import Seen, relate
from storage.text import clean


def try_same(record: Mapping[str, Any]) -> dict[str, Any]:
    """{"a", "b": {"id"?, "url", "title", "body"}} -> {"relation", "similarity"}, or {"error"} for what is no pair.

    `relation` is same, edited, copy or different; `similarity` is how much of the shorter text stands in the other.
    """
    try:
        one, other = _seen(record, "a"), _seen(record, "b")
    except ValueError as reason:
        return {"error": str(reason)}
    related = relate(one, other)
    return {"relation": str(related.relation), "similarity": round(related.similarity, 4)}


def _seen(record: Mapping[str, Any], name: str) -> Seen:
    said = record.get(name)
    if not isinstance(said, Mapping):
        raise ValueError(f'the line has no "{name}" with url, title and body')
    if "body" not in said:
        raise ValueError(f'"{name}" has no body: a text is {{"url", "title", "body"}}')
    url, title, body = (said.get(key) or "" for key in ("url", "title", "body"))
    if not all(isinstance(one, str) for one in (url, title, body)):
        raise ValueError(f'"{name}": url, title and body are texts')
    if not title and not body:
        raise ValueError(f'"{name}" has neither title nor body')
    return Seen(url, Article(clean(title), clean(body)))
