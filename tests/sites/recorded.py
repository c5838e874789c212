"""A recorded page and what is read from it, as its HTML and JSON files have them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from crawler.extract.dates import read_date, stated
from crawler.pages import Page
from crawler.read import read_article, read_listing
from storage.model.articles import Article
from storage.model.looking import Link, ListingPage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def page_of(body: bytes, record: dict[str, Any]) -> Page:
    """Return the page as it came when it was recorded: `fetched_at` counts, because years may be inferred from it.

    `body` is UTF-8, whatever it was when it came.
    """
    fetched_at = datetime.fromisoformat(record["fetched_at"]) if "fetched_at" in record else NOW
    listed = None
    if "listed" in record:
        said = record["listed"]
        url = urljoin(record["url"], said.get("url", ""))
        listed = Link(url, said["title"], read_date(said["published"], now=fetched_at, origin="list"))
    return Page(
        url=record["url"],
        body=body,
        content_type="text/html; charset=utf-8",
        fetched_at=fetched_at,
        site=record.get("site", ""),
        listed=listed,
    )


def read(page: Page, reads: str) -> dict[str, Any]:
    """Return what the page's reader says, as JSON has it. Raises LookFault."""
    return as_recorded(read_article(page) if reads == "article" else read_listing(page)[1])


def as_recorded(found: Article | ListingPage) -> dict[str, Any]:
    if isinstance(found, ListingPage):
        links = [[one.url, one.title, stated(one.published) if one.published else None] for one in found.links]
        return {"links": links, "listings": list(found.listings), "older": list(found.older)}
    names = ("title", "body", "language", "section", "image", "canonical_url", "original_url")
    said: dict[str, Any] = {name: getattr(found, name) for name in names}
    said |= {name: stated(when) for name in ("published", "modified") if (when := getattr(found, name))}
    dateline = found.dateline
    return said | {
        "authors": list(found.authors),
        "dateline": [dateline.place, dateline.date, dateline.agency] if dateline else None,
    }
