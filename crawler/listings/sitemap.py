"""Sitemaps: Google's news sitemap, a plain urlset, an index of further ones, a list of addresses, or a feed.

https://www.sitemaps.org/protocol.html says what they are.
"""

from __future__ import annotations

import html
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from heapq import heappush, heappushpop

from lxml import etree

from crawler import charset
from crawler.extract import markup
from crawler.extract.dates import read_date
from crawler.extract.metadata import same_site
from crawler.fault import LookFault
from crawler.feeds import as_listing, read_feed
from crawler.pages import MAX_BYTES, Page
from storage.model.articles import When
from storage.model.looking import Link, ListingPage, Outcome
from storage.text import MAX_TITLE, one_line, public_url

MAX_LINKS = 2000  # the newest; Google's news sitemaps hold at most 1,000
MAX_SITEMAPS = 3  # that an index is followed to
MAX_URLS = 50_000  # that a sitemap or an index may name, by the protocol
_MAX_OLDER = 2000
_MAX_ODD_DATES = 100  # what is not in ISO 8601 can take 25 ms to read
_MAX_UNZIPPED = 4 * MAX_BYTES
_CHUNK = 65_536
_FEEDS = ("rss", "feed", "RDF", "rdf", "channel")
_IS_NEWS = re.compile(r"news|post|article|latest|recent", re.IGNORECASE)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
# sitemap-2026-11.xml, 2026/11/22.xml, posts_202611.xml.gz
_NAMED_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_ADDRESS = re.compile(rb"https?://\S+", re.IGNORECASE)
_BEGIN = re.compile(rb"<(?:\?xml\s|(?:\w+:)?(?:urlset|sitemapindex|rss|feed|rdf)\b)", re.IGNORECASE)
_END = re.compile(rb"</(?:\w+:)?(?:urlset|sitemapindex)\s*>\s*$", re.IGNORECASE)
_CDATA_OR_AND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:amp|lt|gt|quot|apos|#\d+|#[xX][0-9a-fA-F]+);)", re.DOTALL
)


def read(page: Page) -> ListingPage:
    """Return the MAX_LINKS newest links of a sitemap, those with a date first; of an index its sitemaps, newest first.

    An index is followed to its MAX_SITEMAPS newest `listings`; the others are `older`. Raises LookFault(TOO_LARGE |
    NOT_WHOLE | UNREADABLE). Nothing outside is loaded and no entity replaced; what breaks off keeps what came before.
    """
    body = _unzipped(page.body).lstrip(b"\xef\xbb\xbf \t\r\n")
    days = _Days(page)
    rows = _Newest(days)
    if _ADDRESS.match(body):
        for line in body.splitlines()[:MAX_URLS]:
            if found := _ADDRESS.fullmatch(line.strip()):
                rows.add({"loc": found[0].decode("utf-8", "replace")}, page)
        return ListingPage(rows.newest())
    maps: dict[str, str] = {}
    name, language = "", ""
    for element in _elements(_mended(markup.bounded(charset.decode(body, page.content_type)).lstrip().encode())):
        name = _name(element)
        if name == "url":
            fields = _fields(element)
            language = language or fields.get("language", "")
            rows.add(fields, page)
        elif name == "sitemap" and len(maps) < MAX_URLS:
            fields = _fields(element)
            # Of the same site, as the protocol has it: another's listings are no work that a site may give us.
            address = public_url(fields.get("loc", ""), page.url)
            if address and same_site(address, page.url):
                maps.setdefault(address, fields.get("lastmod", ""))
    if name in _FEEDS:
        return as_listing(read_feed(replace(page, body=body)), page.url)
    if name not in ("urlset", "sitemapindex"):
        raise LookFault(Outcome.UNREADABLE, "the page is no sitemap")
    newest = _newest_first(maps, days)
    older = newest[MAX_SITEMAPS:][:_MAX_OLDER]
    return ListingPage(rows.newest(), newest[:MAX_SITEMAPS], older, language=one_line(language, 20))


class _Days:
    """Reads the dates of one sitemap, each text once, and only so many that are slow to read."""

    def __init__(self, page: Page) -> None:
        self._page, self._known, self._odd = page, dict[str, When | None](), _MAX_ODD_DATES

    def read(self, stated: str) -> When | None:
        if stated not in self._known:
            if not _ISO_DAY.match(stated):
                self._odd -= 1
            is_read = stated and (self._odd >= 0 or _ISO_DAY.match(stated))
            page = self._page
            self._known[stated] = (
                read_date(stated, now=page.fetched_at, origin="list", timezone=page.timezone) if is_read else None
            )
        return self._known[stated]

    def moment(self, *stated: str) -> float:
        """Return the first date that can be read as a number to sort by, 0 if none."""
        return next((when.moment.timestamp() for one in stated if (when := self.read(one))), 0.0)


class _Newest:
    """The newest links of a sitemap: of 50,000 never more than MAX_LINKS are held."""

    def __init__(self, days: _Days) -> None:
        self._days, self._seen = days, set[int]()
        self._heap: list[tuple[float, int, str, dict[str, str]]] = []

    def add(self, fields: dict[str, str], page: Page) -> None:
        address = public_url(fields.get("loc", ""), page.url)
        if not address or hash(address) in self._seen or len(self._seen) == MAX_URLS:
            return
        self._seen.add(hash(address))
        moment = self._days.moment(fields.get("publication_date", ""), fields.get("lastmod", ""))
        row = (moment, -len(self._seen), address, fields)  # of one moment, those named first
        if len(self._heap) < MAX_LINKS:
            heappush(self._heap, row)
        else:
            heappushpop(self._heap, row)

    def newest(self) -> tuple[Link, ...]:
        """Return the links, newest first and then as they are named."""
        return tuple(
            Link(
                url=address,
                # Titles are often escaped twice.
                title=one_line(html.unescape(fields.get("title", "")[: MAX_TITLE * 4]), MAX_TITLE),
                published=self._days.read(fields.get("publication_date", "")),
                lastmod=one_line(fields.get("lastmod", ""), 60),
            )
            for _, _, address, fields in sorted(self._heap, key=lambda row: row[:2], reverse=True)
        )


def _newest_first(maps: dict[str, str], days: _Days) -> tuple[str, ...]:
    """Return the addresses of an index: news before others, then by lastmod, by the day in their name, the last first.

    Archives are numbered or named by month, and most grow at their end.
    """
    keys = {}
    for number, (address, lastmod) in enumerate(maps.items()):
        named = _NAMED_DAY.findall(address)
        is_news = _IS_NEWS.search(address.rsplit("/", 1)[-1]) is not None
        keys[address] = (is_news, days.moment(lastmod), named[-1] if named else ("", "", ""), number)
    return tuple(sorted(maps, key=lambda one: keys[one], reverse=True))


def _elements(body: bytes) -> Iterator[etree._Element]:
    """Yield the rows of a sitemap as they end, each emptied after its use, and then the root."""
    # UTF-8 of our own making, in bounds: halves of characters get into lxml's tree and fail when they are asked for.
    parser = etree.XMLPullParser(
        encoding="utf-8", events=("end",), tag=("{*}url", "{*}sitemap"),
        resolve_entities=False, no_network=True, load_dtd=False,
        recover=True, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    root = None
    try:
        for at in range(0, len(body), _CHUNK):
            parser.feed(body[at : at + _CHUNK])
            for _, element in parser.read_events():
                yield element
                element.clear()
        root = parser.close()
    except (etree.XMLSyntaxError, ValueError):
        pass
    # What only ends with the file, because that broke off, may hold a part of an address.
    for _, element in parser.read_events() if _END.search(body, max(len(body) - 200, 0)) else ():
        yield element
    if root is None:
        raise LookFault(Outcome.UNREADABLE, "the page is no sitemap")
    yield root


def _mended(body: bytes) -> bytes:
    """Return the XML from its beginning on, with "&" written as "&amp;" where an address has it bare."""
    if not body.startswith(b"<") and (begin := _BEGIN.search(body, 0, 20_000)):
        body = body[begin.start() :]
    if b"<!ENTITY" in body[:100_000] or b"\0" in body[:8]:
        return body
    return _CDATA_OR_AND.sub(lambda found: b"&amp;" if found[0] == b"&" else found[0], body)


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
    # Not etree.QName, which refuses what a prefix that nobody declared leaves in the name.
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""
