"""`dateline try read` and `try list`: the reader alone, offline, one JSON object in and one out."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.extract.dates import stated
from crawler.fault import LookFault
from crawler.pages import MAX_BYTES, Page
from crawler.read import read_article, read_listing


def try_read(record: dict[str, Any]) -> dict[str, Any]:
    """Answer {"file", "url", "charset"?} with the article's fields; `seconds` is CPU time. {"error"} where it fails.

    Dates are as the page states them: without a clock or a zone where it gave none.
    """
    try:
        page = page_of(record)
        begun = time.process_time()
        article = read_article(page)
        seconds = time.process_time() - begun
    except (LookFault, OSError, ValueError) as fault:
        return {"file": record.get("file"), "error": str(fault)}
    return {
        "file": record["file"],
        "title": article.title,
        "body": article.body,
        "published": stated(article.published) if article.published else None,
        "modified": stated(article.modified) if article.modified else None,
        "authors": list(article.authors),
        "language": article.language,
        "image": article.image,
        "canonical_url": article.canonical_url,
        "seconds": round(seconds, 6),
    }


def try_list(record: dict[str, Any]) -> dict[str, Any]:
    """Answer {"file", "url"} with the links of a listing, in page order. {"error"} where it fails."""
    try:
        _, listing = read_listing(page_of(record))
    except (LookFault, OSError, ValueError) as fault:
        return {"file": record.get("file"), "error": str(fault)}
    links = [
        {"url": one.url, "title": one.title} | ({"published": stated(one.published)} if one.published else {})
        for one in listing.links
    ]
    return {"file": record["file"], "links": links}


def page_of(record: dict[str, Any]) -> Page:
    """Return the page of {"file", "url", "charset"?, "content_type"?}; the file may end in .gz.

    Raises OSError and ValueError with words that name the fault.
    """
    for key in ("file", "url"):
        if not isinstance(record.get(key), str) or not record[key]:
            raise ValueError(f'the line has no "{key}"')
    path = Path(record["file"])
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        body = file.read(MAX_BYTES + 1)
    charset, content_type = record.get("charset"), record.get("content_type", "text/html")
    return Page(
        url=record["url"],
        body=body,
        content_type=f"text/html; charset={charset}" if isinstance(charset, str) else str(content_type),
        fetched_at=datetime.now(UTC),
    )
