"""RSS, RDF and Atom: feedparser reads them, from bytes alone (a str it may open as a path or an address)."""

from __future__ import annotations

import re
from typing import Any

from crawler.extract import markup
from crawler.extract.dates import read_date
from crawler.fault import LookFault
from crawler.pages import MAX_BYTES, Page
from storage.model import Link, ListingPage, Outcome, When
from storage.text import MAX_TITLE, clean, one_line, public_url

MAX_LINKS = 2000
_MAX_SUMMARY = 2000


def read(page: Page) -> ListingPage:
    """Return the feed's links in its order, each once; an entry without any address is left out.

    Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE). Entities are inert: expat refuses those that grow, and
    feedparser loads none from outside. A feed that breaks off keeps what came before.
    """
    if len(page.body) > MAX_BYTES:
        raise LookFault(Outcome.TOO_LARGE, f"the feed has {len(page.body):,} bytes, read are at most {MAX_BYTES:,}")
    if not page.body.strip():
        raise LookFault(Outcome.NOT_WHOLE, "the server sent an empty feed")
    import feedparser

    headers = {"content-type": page.content_type or "application/xml", "content-location": page.url}
    parsed = feedparser.parse(page.body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        raise LookFault(Outcome.UNREADABLE, "the page is no feed")
    language = one_line(str(parsed.feed.get("language") or page.language), 20)
    links: dict[str, Link] = {}
    for one in parsed.entries[:MAX_LINKS]:
        if address := _address(one, page.url):
            links.setdefault(address, _link(one, address, page, language))
    return ListingPage(tuple(links.values()), title=_plain(parsed.feed.get("title"), 200), language=language)


def _link(one: Any, address: str, page: Page, language: str) -> Link:
    modified = _text(one.get("updated")) if one.get("updated") != one.get("published") else ""
    return Link(
        url=address,
        title=_plain(one.get("title"), MAX_TITLE),
        published=_date(one.get("published") or one.get("created"), page, language)
        or _date(one.get("updated"), page, language),
        lastmod=one_line(modified, 60),
        summary=_plain(one.get("summary"), _MAX_SUMMARY),
    )


def _address(one: Any, base: str) -> str:
    """Return where the article is: its alternate link, else its first, else a guid that is an address; "" if none."""
    links = [link for link in one.get("links", ()) if link.get("href")]
    alternate = [link["href"] for link in links if link.get("rel", "alternate") == "alternate"]
    guid = _text(one.get("id"))
    stated = [*alternate, _text(one.get("link")), guid if re.match(r"https?://", guid) else ""]
    return next((address for each in stated if each and (address := public_url(each, base))), "")


def _date(stated: Any, page: Page, language: str) -> When | None:
    text = _text(stated)
    if not text:
        return None
    return read_date(text, now=page.fetched_at, origin="feed", timezone=page.timezone, language=language)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(value: Any, limit: int) -> str:
    """Return a text of the feed as one line; markup in it, escaped or not, is read as markup."""
    text = _text(value)[: limit * 10]
    if re.search(r"<[a-zA-Z/!]|&[#\w]+;", text):
        try:
            text = markup.flowing(markup.tree(f"<div>{text}</div>"))
        except LookFault:
            text = re.sub(r"<[^>]*>", " ", text)
    return one_line(clean(text), limit)
