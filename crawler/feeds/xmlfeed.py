"""RSS, RDF, CDF and Atom: feedparser reads them, from bytes alone (a str it may open as a path or an address)."""

from __future__ import annotations

import re
from typing import Any

from crawler.extract import markup
from crawler.extract.dates import read_date
from crawler.extract.metadata import same_site
from crawler.fault import LookFault
from crawler.feeds.entry import MAX_ENTRIES, Entry, Feed, summary_of, text_of, title_of
from crawler.pages import Page
from storage.model.articles import When
from storage.model.looking import Outcome
from storage.text import one_line, public_url

_AS_SENT = {"sanitize_html": False, "resolve_relative_uris": False}  # we clean what we keep
_DECLARED = re.compile(r"(<\?xml[^>]{0,100}?)\s+encoding\s*=\s*[\"'][^\"']*[\"']", re.IGNORECASE)
_MAX_EMPTY = 100_000  # characters; feedparser falls back to a slow parser for what is not well-formed
_BEGIN = re.compile(r"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)
_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_XML = re.compile(r"<(?:\?xml\s|(?:\w+:)?(?:rss|feed|rdf|channel)\b)", re.IGNORECASE)
# How "<" and "<?" begin in what Python names, and browsers do not know (XML 1.0, appendix F.1).
_WIDE = {
    b"\x00\x00\xfe\xff": "utf-32", b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\x00<": "utf-32-be",
    b"<\x00\x00\x00": "utf-32-le", b"\x00<\x00?": "utf-16-be", b"<\x00?\x00": "utf-16-le", b"Lo\xa7\x94": "cp037",
}  # fmt: skip
_OLDER = ("next", "prev-archive")  # RFC 5005, sections 3 and 4


def read_feed(page: Page) -> Feed:
    """Return what a feed in XML says.

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
    title = text_of(parsed.feed.get("title"), 200)
    if not parsed.get("version") and not parsed.entries and (not title or "html" in parsed.feed):
        raise LookFault(Outcome.UNREADABLE, "the page is no feed")
    language = one_line(str(parsed.feed.get("language") or page.language), 20)
    stated = [link.get("href") for link in parsed.feed.get("links", ()) if link.get("rel") in _OLDER]
    older = (public_url(one, page.url) for one in stated if isinstance(one, str))
    return Feed(
        title=title,
        language=language,
        entries=tuple(_entry(one, page, language) for one in parsed.entries[:MAX_ENTRIES]),
        older=tuple(dict.fromkeys(one for one in older if one and one != page.url and same_site(one, page.url))),
    )


def _prepared(page: Page) -> bytes:
    """Return the feed as UTF-8 in bounds: a charset's name never reaches Python's codecs, nor endless tags the parser.

    Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE).
    """
    wide = _WIDE.get(page.body[:4])
    text = page.text() if wide is None else page.body.decode(wide, "replace").lstrip("\ufeff")
    if not re.match(r"\s*+(?:<[?!]|$)", text) and (begin := _XML.search(text, 0, 20_000)):
        text = text[begin.start() :]  # what a server says in front of the feed, mostly of its own errors
    text = text[: text.rfind(">") + 1]  # what breaks off may do so within an address or a title
    text = markup.bounded(_DECLARED.sub(r"\1", text.lstrip(), count=1))
    if len(text) > _MAX_EMPTY and not _BEGIN.search(text):
        raise LookFault(Outcome.UNREADABLE, "the feed has no entries")
    begins = [found.start() for found in _BEGIN.finditer(text)]
    if len(begins) > MAX_ENTRIES:
        end = max((found.end() for found in _END.finditer(text)), default=len(text))
        text = text[: begins[MAX_ENTRIES]] + text[end:]
    return text.encode()


def _entry(one: Any, page: Page, language: str) -> Entry:
    # By dict: asked by itself, feedparser answers `updated` with `published`, and warns.
    published, updated = _text(dict.get(one, "published")), _text(dict.get(one, "updated"))
    content: Any = next(iter(one.get("content") or ()), {})
    return Entry(
        id=one_line(_text(one.get("id")), 500),
        url=_address(one, page.url),
        original=public_url(_text(one.get("feedburner_origlink"))),
        title=title_of(one.get("title")),
        published=_date(published, page, language) or _date(updated, page, language),
        updated=one_line(updated if updated != published else "", 60),
        summary=summary_of(one.get("summary") or content.get("value")),
    )


def _address(one: Any, base: str) -> str:
    """Return where the article is: its alternate link, else a guid that is an address, else any; a file comes last."""
    links = [link for link in one.get("links", ()) if isinstance(link.get("href"), str)]
    alternate = [link["href"] for link in links if link.get("rel", "alternate") == "alternate"]
    others = sorted((link.get("rel") == "enclosure", number) for number, link in enumerate(links))
    guid = _text(one.get("id"))
    stated = [*alternate, _text(one.get("link")), guid if re.match(r"https?://", guid) else ""]
    stated += [links[number]["href"] for _, number in others]
    stated = [each.strip() for each in stated if each.strip()]
    followed = (address for each in stated if (address := public_url(each, base)))
    return next(followed, one_line(stated[0], 500) if stated else "")


def _date(stated: str, page: Page, language: str) -> When | None:
    # Not by feedparser's own readers, which make a first of January of "2003" and a wrong day of "2004-július-13".
    if not stated:
        return None
    return read_date(stated, now=page.fetched_at, origin="feed", timezone=page.timezone, language=language)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
