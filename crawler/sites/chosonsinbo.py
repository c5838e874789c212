"""chosonsinbo.com, the Choson Sinbo of Japan's Koreans: WordPress in Korean, below /jp/ in Japanese, /en/ in English.

Articles are read by the generic way. Its best listing is WordPress's own: /wp-json/wp/v2/posts has `modified`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.dates import read_date
from crawler.extract.doubt import refuse_walls
from crawler.extract.metadata import headings, page_title, same_site
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.articles import When
from storage.model.looking import Link, ListingPage, Outcome
from storage.text import MAX_TITLE, one_line, public_url

HOSTS = ("chosonsinbo.com",)

_MAX_ANCHORS = 5000
_MAX_ROW_LINKS = 30
_LANGUAGES = {"jp": "ja", "en": "en"}
_ARTICLE = re.compile(r"^/(?:(?P<language>[a-z]{2})/)?20\d\d/\d\d/[^/]+/?$")
_DAY = re.compile(r"\b20\d\d\s?[./年년-]\s?\d{1,2}\s?[./月월-]\s?\d{1,2}\s?[日일]?")


def read_listing(page: Page) -> ListingPage:
    """Return the articles in the page's language, in page order. Raises LookFault(UNREADABLE) where there are none."""
    root = markup.document(page)
    refuse_walls(root, page, [page_title(root), *headings(root)[:1]])
    links: dict[str, Link] = {}
    for address, link in _articles(root, page):
        title = one_line(markup.flowing(link), MAX_TITLE)
        if title and (address not in links or len(title) > len(links[address].title)):
            links[address] = Link(address, title, _row_date(link, page))
    if not links:
        raise LookFault(Outcome.UNREADABLE, "there is no list of articles on the page")
    older = root.xpath("//link[@rel='next'] | //a[contains(concat(' ', @class, ' '), ' next ')]")
    return ListingPage(
        tuple(links.values()),
        older=tuple(dict.fromkeys(one for each in older if (one := public_url(each.get("href") or "", page.url)))),
        title=page_title(root),
        language=_LANGUAGES.get(_segment(page), "ko"),
    )


def _articles(root: HtmlElement, page: Page) -> Iterator[tuple[str, HtmlElement]]:
    """Yield the articles' links; the languages are sites of their own, and each links to the others' newest."""
    language = _segment(page) if _segment(page) in _LANGUAGES else None
    for link in islice(root.iter("a"), _MAX_ANCHORS):
        address = public_url(link.get("href") or "", page.url).split("#")[0]
        found = _ARTICLE.match(urlsplit(address).path)
        if found and found["language"] == language and same_site(address, page.url):
            yield address, link


def _row_date(link: HtmlElement, page: Page) -> When | None:
    """The day in the nearest element round the link, as long as that holds no other article's link."""
    row = link
    for _ in range(4):
        stated = next((one.get("datetime") for one in row.iter("time") if one.get("datetime")), "")
        if not stated and (found := _DAY.search(markup.flowing(row))):
            stated = found[0]
        if stated:
            return read_date(stated, now=page.fetched_at, origin="list", timezone=page.timezone)
        parent = row.getparent()
        if parent is None or _is_shared(parent, page):
            break
        row = parent
    return None


def _is_shared(row: HtmlElement, page: Page) -> bool:
    """Whether it holds more than one article, or more links than a row of a list has."""
    links = list(islice(row.iter("a"), _MAX_ROW_LINKS + 1))
    return len(links) > _MAX_ROW_LINKS or len({one for one, _ in _articles(row, page)}) > 1


def _segment(page: Page) -> str:
    return urlsplit(page.url).path.lstrip("/").split("/", 1)[0]
