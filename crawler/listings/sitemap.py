"""Sitemaps: Google's news sitemap, a plain urlset, and an index of further ones (https://www.sitemaps.org/protocol.html)."""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Iterator

from lxml import etree

from crawler import charset
from crawler.extract import markup
from crawler.extract.dates import read_date
from crawler.extract.metadata import same_site
from crawler.fault import LookFault
from crawler.pages import MAX_BYTES, Page
from storage.model import Link, ListingPage, Outcome, When
from storage.text import MAX_TITLE, one_line, public_url

MAX_LINKS = 2000  # the newest; Google's news sitemaps hold at most 1,000
MAX_SITEMAPS = 3  # that an index is followed to
_MAX_UNZIPPED = 4 * MAX_BYTES
_IS_NEWS = re.compile(r"news|post|article|latest|recent", re.IGNORECASE)


def read(page: Page) -> ListingPage:
    """Return the links of a sitemap, those with a date first and newest first; of an index, its newest `listings`.

    Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE). Nothing outside is loaded and no entity replaced; a sitemap
    that breaks off keeps what came before.
    """
    root = _root(markup.bounded(charset.decode(_unzipped(page.body), page.content_type)))
    if _name(root) == "sitemapindex":
        return ListingPage((), listings=_newest_sitemaps(root, page))
    if _name(root) != "urlset":
        raise LookFault(Outcome.UNREADABLE, "the page is no sitemap")
    links: dict[str, Link] = {}
    language = ""
    for url in _children(root, "url"):
        fields = _fields(url)
        language = language or fields.get("language", "")
        if address := public_url(fields.get("loc", ""), page.url):
            links.setdefault(address, _link(address, fields, page))
    newest = sorted(links.values(), key=lambda one: -_moment(one.published, one.lastmod, page))
    return ListingPage(tuple(newest[:MAX_LINKS]), language=one_line(language, 20))


def _link(address: str, fields: dict[str, str], page: Page) -> Link:
    stated = fields.get("publication_date", "")
    return Link(
        url=address,
        title=one_line(fields.get("title", ""), MAX_TITLE),
        published=_date(stated, page) if stated else None,
        lastmod=one_line(fields.get("lastmod", ""), 60),
    )


def _newest_sitemaps(root: etree._Element, page: Page) -> tuple[str, ...]:
    """Return at most MAX_SITEMAPS addresses: news before others, then by lastmod, then the last ones named.

    Archives are numbered or named by month, and grow at their end.
    """
    named: dict[str, tuple[bool, float, int]] = {}
    for number, one in enumerate(_children(root, "sitemap")):
        fields = _fields(one)
        # Of the same site, as the protocol has it: another's listings are no work that a site may give us.
        address = public_url(fields.get("loc", ""), page.url)
        if address and same_site(address, page.url):
            is_news = _IS_NEWS.search(address.rsplit("/", 1)[-1]) is not None
            named.setdefault(address, (is_news, _moment(None, fields.get("lastmod", ""), page), number))
    return tuple(sorted(named, key=lambda one: named[one], reverse=True)[:MAX_SITEMAPS])


def _root(text: str) -> etree._Element:
    # UTF-8 of our own making, in bounds: halves of characters get into lxml's tree and fail when they are asked for.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(text.lstrip("\ufeff \t\r\n").encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise LookFault(Outcome.UNREADABLE, "the page is no sitemap")
    return root


def _unzipped(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        if not body.strip():
            raise LookFault(Outcome.NOT_WHOLE, "the server sent an empty sitemap")
        return body
    try:
        reader = zlib.decompressobj(wbits=31)
        text = reader.decompress(body, _MAX_UNZIPPED)
    except zlib.error:
        raise LookFault(Outcome.UNREADABLE, "the sitemap is no gzip") from None
    if reader.unconsumed_tail:
        raise LookFault(Outcome.TOO_LARGE, f"the sitemap unpacks to more than {_MAX_UNZIPPED:,} bytes")
    if not reader.eof:
        raise LookFault(Outcome.NOT_WHOLE, "the sitemap breaks off")
    return text


def _children(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in root if _name(one) == name)


def _fields(element: etree._Element) -> dict[str, str]:
    """Return the texts under an element by local name, the first of each; those of images and videos are not."""
    found: dict[str, str] = {}
    waiting = deque(element)
    while waiting:
        one = waiting.popleft()
        name = _name(one)
        if name in ("news", "publication"):
            waiting.extend(one)
        elif name and one.text and one.text.strip():
            found.setdefault(name, one.text.strip())
    return found


def _name(element: etree._Element) -> str:
    # Not by QName, which refuses the names that the recovering parser lets through.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _date(stated: str, page: Page) -> When | None:
    return read_date(stated, now=page.fetched_at, origin="list", timezone=page.timezone) if stated else None


def _moment(published: When | None, lastmod: str, page: Page) -> float:
    """Return when as a number to sort by, 0 if unknown."""
    when = published or _date(lastmod, page)
    return when.moment.timestamp() if when else 0.0
