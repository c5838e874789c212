"""Front pages and section pages: which of the links are articles, without a selector for any site.

An article's link is told by what readers see (a headline: long, in a heading), by where it stands (not in navigation),
and by its address; then by its kin: links whose addresses have one shape stand or fall together.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract import doubt, markup
from crawler.extract.dates import read_date
from crawler.extract.links import NO_ARTICLE, Addresses, Candidate, candidates
from crawler.extract.metadata import page_title
from crawler.extract.pagination import next_pages
from crawler.extract.published import date_in_url
from crawler.extract.rows import Rows
from crawler.extract.selection import selected
from crawler.extract.shapes import NUMBER, WORDS, LinkShape, shape
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.articles import When
from storage.model.looking import Link, ListingPage, Outcome
from storage.text import one_line

MAX_LINKS = 500
_ENOUGH = 4  # points that make an article's link
_ENOUGH_BELOW = 2  # addresses below another that make it a section
_MOST_DATES = 3  # texts beside one link that are tried

# Sections at one site and pages about the site at another: what is below them with a headline of its own may be news.
_MAY_BE = re.compile(
    r"/(?:topics?|themen?|people|about\w*|jobs|careers|help|faq|archives?|shop|store)(?:[/?.]|$)", re.I
)
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]")  # scripts that say more in fewer letters
_DATE_IN_PATH = re.compile(r"/(?:19|20)\d\d[/-]?(?:\d\d|[a-z]{3})[/-]?\d{0,2}")


def read(page: Page) -> ListingPage:
    """Return the page's articles in page order, with titles and the dates beside them, and the pages of older ones.

    Raises LookFault(UNREADABLE) where there are none, and what `refuse_walls` raises.
    """
    root = markup.document(page)
    title = page_title(root)
    doubt.refuse_walls(root, page, [title])
    language = one_line(root.get("lang") or page.language, 20)
    addresses = Addresses(root, page.url)
    found, rows = candidates(root, addresses)
    dates = _Dates(rows, page, language)
    chosen = _named(root, page.select, found) if page.select else _judged(found, dates, page)
    chosen = chosen[:MAX_LINKS]
    if not chosen:
        raise LookFault(Outcome.UNREADABLE, "no links to articles were found on the page")
    links = tuple(
        Link(one.url, one.title, dates.beside(one) or date_in_url(one.url, now=page.fetched_at)) for one in chosen
    )
    return ListingPage(links, older=next_pages(root, page, links, addresses), title=title, language=language)


def _named(root: HtmlElement, selector: str, found: list[Candidate]) -> list[Candidate]:
    """Return the candidates that the selector names, by the addresses of the links that match."""
    by_anchor = {href: one for one in found for href in one.hrefs}
    named = (by_anchor.get(anchor.get("href") or "") for anchor in selected(root, selector))
    chosen = list({one.url: one for one in named if one is not None}.values())
    if not chosen:
        raise LookFault(Outcome.UNREADABLE, f"no link that matches select = {selector!r} leads to a page of the site")
    return chosen


def _judged(found: list[Candidate], dates: _Dates, page: Page) -> list[Candidate]:
    known = {name: LinkShape(articles, others) for name, articles, others in page.known_shapes}
    sections = _sections(found)
    for one in found:
        one.shape = shape(one.url)
        lesson = known[one.shape].points() if one.shape in known else 0
        one.points = _points(one) + lesson - (5 if one.url.rstrip("/") in sections else 0)
        is_open = -2 <= one.points < _ENOUGH and not one.in_frame and one.title
        if is_open and dates.beside(one):
            one.points += 6
    return _with_kin(found)


def _sections(found: list[Candidate]) -> set[str]:
    """Return the addresses, without a last slash, that several others lie below: sections, whatever they are called."""
    below: Counter[str] = Counter()
    for one in found:
        parent = one.url.split("?")[0].rstrip("/")
        for _ in range(4):
            parent = parent.rpartition("/")[0]
            below[parent] += 1
    return {parent for parent, number in below.items() if number >= _ENOUGH_BELOW}


class _Dates:
    """The dates beside links, each looked for once."""

    def __init__(self, rows: Rows, page: Page, language: str) -> None:
        self._rows, self._page, self._language = rows, page, language
        self._known: dict[str, When | None] = {}
        self._read: dict[str, When | None] = {}

    def beside(self, one: Candidate) -> When | None:
        """Return the date nearest to the link, in an element that holds no other candidate."""
        if one.url not in self._known:
            self._known[one.url] = self._nearest(one)
        return self._known[one.url]

    def _nearest(self, one: Candidate) -> When | None:
        for number, text in enumerate(self._rows.stated(one.anchor, one.url)):
            if number == _MOST_DATES:
                break
            if text not in self._read:
                now, zone = self._page.fetched_at, self._page.timezone
                self._read[text] = read_date(text, now=now, origin="list", language=self._language, timezone=zone)
            if when := self._read[text]:
                return when
        return None


def _points(one: Candidate) -> int:
    """Weigh what a link looks like; _ENOUGH makes an article."""
    parts = urlsplit(one.url)
    slug = parts.path.rstrip("/").rsplit("/", 1)[-1]
    words = len(WORDS.findall(slug))
    length = len(one.title) + len(_DENSE.findall(one.title))
    points = 0
    points += 3 if length >= 40 else 2 if length >= 25 else 0 if length >= 15 else -2
    points += 2 if one.in_heading else 0
    points += 2 if words >= 4 else 1 if words == 3 or "%" in slug else 0
    points += 3 if _DATE_IN_PATH.search(parts.path) else 0
    points += 2 if NUMBER.search(f"{slug}?{parts.query}") or parts.fragment else 0
    points -= 0 if not one.in_frame else 3 if length < 40 else 1  # a menu has no headlines
    is_slug = words >= 4 or NUMBER.search(slug)
    points -= 5 if NO_ARTICLE.search(parts.path) or (_MAY_BE.search(parts.path) and not is_slug) else 0
    return points


def _with_kin(found: list[Candidate]) -> list[Candidate]:
    """Keep the links with enough points, and let addresses of one shape decide about those near the line."""
    kin: dict[str, list[Candidate]] = defaultdict(list)
    for one in found:
        kin[one.shape].append(one)
    bonus = {}
    for name, group in kin.items():
        share = sum(each.points >= _ENOUGH for each in group) / len(group)
        bonus[name] = 3 if share >= 0.6 and len(group) >= 3 else -2 if share <= 0.25 and len(group) >= 4 else 0
    return [one for one in found if one.title and one.points + bonus[one.shape] >= _ENOUGH]
