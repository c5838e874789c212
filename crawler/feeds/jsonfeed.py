"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from crawler.extract.dates import read_date
from crawler.fault import LookFault
from crawler.feeds.entry import MAX_ENTRIES, Entry, Feed, summary_of, text_of, title_of
from crawler.pages import Page
from storage.model.looking import Outcome
from storage.text import one_line, public_url


def read_feed(page: Page) -> Feed:
    """Return what a JSON Feed says. Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE)."""
    try:
        said = json.loads(page.text().lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise LookFault(Outcome.UNREADABLE, "the page is no JSON, or it breaks off") from None
    items = said.get("items") if isinstance(said, dict) else None
    if not isinstance(items, list):
        raise LookFault(Outcome.UNREADABLE, "the page is no JSON Feed: it has no items")
    language = one_line(_text(said, "language") or page.language, 20)
    entries = tuple(_entry(item, page, language) for item in items[:MAX_ENTRIES] if isinstance(item, dict))
    older = public_url(next_url, page.url) if (next_url := _text(said, "next_url")) else ""
    return Feed(text_of(said.get("title"), 200), language, entries, (older,) if older else ())


def _entry(item: dict[str, Any], page: Page, language: str) -> Entry:
    # Numbers are no ids by the specification, but are to be taken as such.
    number = item.get("id")
    name = str(number) if isinstance(number, int | float) else _text(item, "id")
    stated = _text(item, "url") or _text(item, "external_url") or (name if name.startswith("http") else "")
    dates = [_text(item, "date_published"), _text(item, "date_modified")]
    read = (read_date(one, now=page.fetched_at, origin="feed", timezone=page.timezone) for one in dates if one)
    return Entry(
        id=one_line(name, 500),
        url=(public_url(stated, page.url) or one_line(stated, 500)) if stated else "",
        title=title_of(item.get("title")),
        published=next((when for when in read if when), None),
        updated=one_line(dates[1], 60),
        summary=summary_of(item.get("summary") or item.get("content_text") or item.get("content_html")),
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value.strip() if isinstance(value, str) else ""
