"""Rows of a list: how far round a link everything is about that link, and what stands there: headline and date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from crawler.extract import markup

_MOST_LINKS = 30  # an element with more is no row of a list
_MOST_LEVELS = 6
_MOST_READ = 150  # elements of a row
_STATING = ("span", "p", "div", "small", "em", "i", "td", "nobr", "dd", "dt", "li")
_DATED = re.compile(r"date|time|publish|meta|posted", re.IGNORECASE)
_YEAR_AT_AN_END = re.compile(r"\W?(?:19|20)\d\d\W|.*\b(?:19|20)\d\d\W?$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MOST_BEFORE = 200  # characters, white space included, in which a short text has its year
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class Rows:
    """The elements round the links of a page, each with the one address that it is about, if it is about one."""

    def __init__(self, anchors: Iterable[tuple[HtmlElement, str]]) -> None:
        """`anchors` are all links of the page; the address is "" for those that own no row (tags, other sites)."""
        self._owner: dict[HtmlElement, str] = {}
        self._links: dict[HtmlElement, int] = {}
        for anchor, address in anchors:
            around: HtmlElement | None = anchor
            for _ in range(_MOST_LEVELS):
                if around is None or around.tag in ("body", "main", "html"):
                    break
                self._links[around] = self._links.get(around, 0) + 1
                if address and self._owner.setdefault(around, address) != address:
                    self._owner[around] = "several"  # no address: those have a scheme
                around = around.getparent()

    def around(self, anchor: HtmlElement, address: str) -> Iterator[HtmlElement]:
        """Yield the link and what is round it, the nearest first, as long as all of it is about this address."""
        around: HtmlElement | None = anchor
        for _ in range(_MOST_LEVELS):
            if (
                around is None
                or self._owner.get(around, address) != address
                or around.tag in ("body", "main", "html")
                or self._links.get(around, 0) > _MOST_LINKS
            ):
                return
            yield around
            around = around.getparent()

    def heading(self, anchor: HtmlElement, address: str) -> HtmlElement | None:
        """Return the nearest heading with text in the link's row."""
        for element in self.around(anchor, address):
            for number, one in enumerate(element.iter(*_HEADINGS)):
                if number < _MOST_READ and line(one):
                    return one
        return None

    def stated(self, anchor: HtmlElement, address: str) -> Iterator[str]:
        """Yield texts that may be dates, the nearest first: <time>, elements named so, short ones with a year."""
        seen: set[HtmlElement] = set()
        for element in self.around(anchor, address):
            for one in element.iter("time"):
                if one not in seen:
                    seen.add(one)
                    yield one.get("datetime") or line(one)
            for one in element.iter(*_STATING):
                if len(seen) > _MOST_READ:
                    return
                if len(one) > 2 or one in seen:
                    continue
                seen.add(one)
                named = _DATED.search(f"{one.get('class')} {one.get('id')}")
                if not named and not _YEAR.search("".join(one.itertext())[:_MOST_BEFORE]):
                    continue  # most elements end here, before the costlier reading as blocks
                text = line(one)
                if 6 <= len(text) <= 40 and (named or _YEAR_AT_AN_END.match(text)):
                    yield text


def line(element: HtmlElement) -> str:
    """Return what `markup.flowing` does; at once for a visible element without children, as most links are."""
    return markup.flowing(element) if len(element) else " ".join((element.text or "").split())
