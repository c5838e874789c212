"""What a feed says, whatever its format, before anyone decides which of its entries may be looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extract import markup
from crawler.fault import LookFault
from storage.model.articles import When
from storage.text import MAX_TITLE, clean, one_line

MAX_ENTRIES = 2000
_MAX_SUMMARY = 2000
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*+>|&#?\w+;")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed. `title` and `summary` are plain text, "" where it has none; `updated` is as written.

    `url` is absolute where the feed lets us make it so, else as stated: it may be "", or no address to be followed.
    `original` is the article's own address where `url` only leads to it (FeedBurner's origLink).
    """

    id: str
    url: str
    title: str
    published: When | None
    updated: str
    summary: str
    original: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its entries in its order, MAX_ENTRIES at most. `older` are pages with older entries (RFC 5005)."""

    title: str
    language: str
    entries: tuple[Entry, ...]
    older: tuple[str, ...] = ()


def text_of(value: object, limit: int) -> str:
    """Return a text of a feed as one line; markup in it, escaped or not, is read as markup. "" of what is no text."""
    text = value[: limit * 10] if isinstance(value, str) else ""
    if _MARKUP.search(text):
        try:
            text = markup.flowing(markup.tree(f"<div>{text}</div>"))
        except LookFault:
            text = re.sub(r"<[^>]*>", " ", text)
    return one_line(clean(text), limit)


def title_of(value: object) -> str:
    return text_of(value, MAX_TITLE)


def summary_of(value: object) -> str:
    return text_of(value, _MAX_SUMMARY)
