"""RSS, RDF and Atom: feedparser reads them, from bytes alone (a str it may open as a path or an address)."""

from __future__ import annotations

import re
from typing import Any

from crawler.extract import markup
from crawler.extract.dates import read_date
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model import Link, ListingPage, Outcome, When
from storage.text import MAX_TITLE, clean, one_line, public_url

MAX_LINKS = 2000
_MAX_SUMMARY = 2000
_AS_SENT = {"sanitize_html": False, "resolve_relative_uris": False}  # we clean what we keep
_DECLARED = re.compile(r"(<\?xml[^>]{0,100}?)\s+encoding\s*=\s*[\"'][^\"']*[\"']", re.IGNORECASE)
_MAX_EMPTY = 100_000  # characters; feedparser falls back to a slow parser for what is not well-formed
_BEGIN = re.compile(r"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)
_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)


def read(page: Page) -> ListingPage:
    """Return the feed's first MAX_LINKS links in its order, each once; an entry without any address is left out.

    Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE). Entities are inert: expat refuses those that grow, and
    feedparser loads none from outside. A feed that breaks off keeps what came before.
    """
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", "content-location": page.url}
    prepared = _prepared(page)
    try:
        parsed = feedparser.parse(prepared, response_headers=headers, **_AS_SENT)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError) as reason:
        # What is not well-formed goes to its lenient parser, which trips over ends without a beginning (`</width>`).
        raise LookFault(Outcome.UNREADABLE, f"the feed is too broken to read ({type(reason).__name__})") from None
    if not parsed.get("version") and not parsed.entries:
        raise LookFault(Outcome.UNREADABLE, "the page is no feed")
    language = one_line(str(parsed.feed.get("language") or page.language), 20)
    links: dict[str, Link] = {}
    for one in parsed.entries:
        if address := _address(one, page.url):
            links.setdefault(address, _link(one, address, page, language))
    return ListingPage(tuple(links.values()), title=_plain(parsed.feed.get("title"), 200), language=language)


def _prepared(page: Page) -> bytes:
    """Return the feed as UTF-8 in bounds: a charset's name never reaches Python's codecs, nor endless tags the parser.

    Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE).
    """
    text = markup.bounded(_DECLARED.sub(r"\1", page.text(), count=1))
    if len(text) > _MAX_EMPTY and not _BEGIN.search(text):
        raise LookFault(Outcome.UNREADABLE, "the feed has no entries")
    ends = [found.end() for found in _END.finditer(text)]
    if len(ends) > MAX_LINKS:
        text = text[: ends[MAX_LINKS - 1]] + text[ends[-1] :]
    return text.encode()


def _link(one: Any, address: str, page: Page, language: str) -> Link:
    # By dict: asked by itself, feedparser answers `updated` with `published`, and warns.
    published, updated = _text(dict.get(one, "published")), _text(dict.get(one, "updated"))
    return Link(
        url=address,
        title=_plain(one.get("title"), MAX_TITLE),
        published=_date(published, page, language) or _date(updated, page, language),
        lastmod=one_line(updated if updated != published else "", 60),
        summary=_plain(one.get("summary"), _MAX_SUMMARY),
    )


def _address(one: Any, base: str) -> str:
    """Return where the article is: its alternate link, else its first, else a guid that is an address; "" if none."""
    links = [link for link in one.get("links", ()) if link.get("href")]
    alternate = [link["href"] for link in links if link.get("rel", "alternate") == "alternate"]
    guid = _text(one.get("id"))
    stated = [*alternate, _text(one.get("link")), guid if re.match(r"https?://", guid) else ""]
    return next((address for each in stated if each and (address := public_url(each, base))), "")


def _date(stated: str, page: Page, language: str) -> When | None:
    if not stated:
        return None
    return read_date(stated, now=page.fetched_at, origin="feed", timezone=page.timezone, language=language)


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
