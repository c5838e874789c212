"""When an article was published, where its metadata do not say: <time>, the listing, its address, its visible text."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any

from lxml.html import HtmlElement

from crawler.extract.dates import read_date, stated
from crawler.extract.markup import flowing
from crawler.extract.order import is_ambiguous, puts_day_first
from crawler.extract.title import after_headline, headline_element
from crawler.pages import Page
from storage.model.articles import When

_URL_DAY = re.compile(r"/((?:19|20)\d\d)([/-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_URL_NAMED = re.compile(r"/((?:19|20)\d\d)/(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/(\d\d?)/", re.IGNORECASE)
_NAMED = re.compile(r"date|publish|posted|pubtime|timestamp", re.IGNORECASE)
_DATED = re.compile(r"\d{4}|\d[./-]\d\d?[./-]\d\d|[年년]")
_CLOCK = re.compile(r"\d[:.h]\d\d")
_SAYS_UPDATED = re.compile(
    r"(?:last )?(?:updated|modified|edited)|aktualisiert|mis à jour|actualizad|更新|수정|обновлен", re.IGNORECASE
)
_OTHERS = re.compile(
    r"comment|related|teaser|sidebar|recommend|promo|popular|most-?read|copyright|next|prev", re.IGNORECASE
)
_NO_TEXT = frozenset(("script", "style", "title", "option", "a", "noscript", "h1", "h2", "h3"))
_WITHIN = 150  # elements round the headline that are looked at
_MODIFIED = re.compile(r"modif|update|edited|aktualis", re.IGNORECASE)


def read_published(root: HtmlElement, page: Page, language: str, title: str) -> When | None:
    """Return the best of what is left: <time> at the headline, the listing's date, the address, a date in the text.

    An address gives a day; where the listing gives the same day with a clock, the listing is taken.
    """
    listed = page.listed.published if page.listed else None
    return (
        next(visible_dates(root, page, language, title), None)
        or listed
        or date_in_url(page.url, now=page.fetched_at)
        or _by_text(root, page)
    )


def visible_dates(
    root: HtmlElement, page: Page, language: str, title: str, *, with_clock: bool = False
) -> Iterator[When]:
    """Yield the dates that stand at the headline, best marked first: not those of an update.

    `with_clock`: those beside which no clock stands may be left out, unread. Reading a date can take 10 ms.
    """
    dated = {"now": page.fetched_at, "language": language, "timezone": page.timezone}
    yield from _by_time(root, dated, page.url, with_clock=with_clock)
    heading = headline_element(root, title)
    if heading is None:
        return
    for one in islice(chain(after_headline(heading), _before(heading)), _WITHIN):
        text = one.text or ""
        if not (6 <= len(text) <= 120 and _DATED.search(text)) or one.tag in _NO_TEXT or _is_of_others(one):
            continue
        line = flowing(one)
        if with_clock and not _has_clock(one):
            continue
        if len(line) <= 80 and not _SAYS_UPDATED.match(line) and (when := _read(line, "text", root, page.url, dated)):
            yield _with_clock_beside(one, when, root, page.url, dated)


def _read(text: str, origin: str, root: HtmlElement, url: str, dated: dict[str, Any]) -> When | None:
    """Read a date; the page is asked for its order of day and month once, and only where that matters."""
    if "day_first" not in dated and is_ambiguous(text):
        dated["day_first"] = puts_day_first(root, url, dated["language"])
    return read_date(text, origin=origin, **dated)


def _with_clock_beside(one: HtmlElement, when: When, root: HtmlElement, url: str, dated: dict[str, Any]) -> When:
    """Return the day with the clock of the element beside it: <time>3 May 2026</time> <time>21:44</time>."""
    above = one.getparent()
    if when.precision != "day" or above is None or not 1 < len(above) <= 4:
        return when
    line = flowing(above)
    both = _read(line, when.origin, root, url, dated) if len(line) <= 80 and _CLOCK.search(line) else None
    return both if both and both.precision != "day" and _shows_day(both, when) else when


def _shows_day(both: When, day: When) -> bool:
    return stated(both)[:10] == stated(day)


def _before(heading: HtmlElement) -> Iterator[HtmlElement]:
    for above in (heading, *islice(heading.iterancestors(), 2)):
        for beside in islice(above.itersiblings(preceding=True), 5):
            yield from islice(beside.iter(), 20)


def _is_of_others(one: HtmlElement) -> bool:
    above = (one, *islice(one.iterancestors(), 6))
    return any(
        each.tag in ("aside", "nav", "footer") or _OTHERS.search(f"{each.get('class')} {each.get('id')}")
        for each in above
    )


def date_in_url(url: str, *, now: datetime) -> When | None:
    """Return the day that an address holds, /2026/07/05/ or /2026/jul/05/ or /2026-07-05-, None if it holds none."""
    if found := _URL_DAY.search(url):
        return read_date(f"{found[1]}-{found[3]}-{found[4]}", now=now, origin="url")
    if found := _URL_NAMED.search(url):
        return read_date(f"{found[3]} {found[2]} {found[1]}", now=now, origin="url")
    return None


def _has_clock(one: HtmlElement) -> bool:
    """Does a clock stand in it or beside it?"""
    above = one.getparent()
    beside = above is not None and 1 < len(above) <= 4 and _CLOCK.search(flowing(above))
    return bool(beside or _CLOCK.search(f"{one.get('datetime')} {flowing(one)}"))


def _by_time(root: HtmlElement, dated: dict[str, Any], url: str, *, with_clock: bool = False) -> Iterator[When]:
    for element in _time_elements(root):
        if with_clock and not _has_clock(element):
            continue
        if _MODIFIED.search(f"{element.get('class')} {element.get('itemprop')} {element.get('id')}"):
            continue
        for text in (element.get("datetime"), element.get("content"), flowing(element)):
            if text and (when := _read(text, "time", root, url, dated)):
                yield _with_clock_beside(element, when, root, url, dated)
                break


def _time_elements(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield elements that may hold the date: marked as such, then <time> near the headline, then a lone <time>."""
    yield from root.xpath("(//*[@itemprop='datePublished' or @pubdate])[position() <= 3]")
    for heading in root.xpath("(//h1)[position() <= 2]"):
        around = heading
        for _ in range(4):
            around = around.getparent()
            if around is None or around.tag in ("body", "html"):
                break
            if times := list(around.iter("time"))[:3]:
                yield from times
                break
    yield from _named_dates(root)
    times = list(root.iter("time"))
    if len({(one.get("datetime"), flowing(one)) for one in times[:20]}) == 1:
        yield times[0]


def _named_dates(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield short elements near the headline whose class or id says that they are a date."""
    for heading in root.xpath("(//h1)[position() <= 2]"):
        around = heading
        for _ in range(3):
            around = around.getparent()
            if around is None or around.tag in ("body", "html"):
                break
            for one in list(around.iter("span", "p", "div", "li", "small", "em", "dd"))[:200]:
                if len(one) <= 2 and _NAMED.search(f"{one.get('class')} {one.get('id')}") and len(flowing(one)) <= 60:
                    yield one


def _by_text(root: HtmlElement, page: Page) -> When | None:
    """Return what htmldate makes of the page without its guessing mode (which answers 1 January when in doubt)."""
    from htmldate import find_date

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    latest = (page.fetched_at.astimezone(UTC) + timedelta(days=1)).replace(tzinfo=None)
    try:
        found = find_date(root, extensive_search=False, original_date=True, url=page.url, max_date=latest)
    except (ValueError, TypeError, OverflowError, AttributeError, IndexError):
        return None
    return read_date(found, now=page.fetched_at, origin="text") if found else None
