"""Pages that list older articles: the next page of a list, or the archives of earlier months."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.links import Addresses
from crawler.extract.rows import line
from crawler.pages import Page
from storage.identity import address_key
from storage.model.looking import Link

MAX_OLDER = 24
_MAX_ANCHORS = 10_000
_MAX_WORDS = 30  # characters of a link that turns the page

_NEXT = re.compile(
    r"[\W_]*(?:(?:go to )?(?:the )?next(?: page| posts?| articles| results)?"
    r"|older(?: posts?| entries| articles| stories)?"
    r"|(?:load|show|view|see) more(?: \w+){0,2}|more (?:posts|articles|stories|news)|nächste(?: seite)?|weiter"
    r"|ältere(?: beiträge| artikel)?|mehr (?:laden|anzeigen)|suivante?s?|page suivante|plus ancien\w*|siguientes?"
    r"|página siguiente|más antiguas|próxim[ao]s?|seguinte|successiv[ao]|volgende|nästa|neste|næste|następna|dalej"
    r"|следующая(?: страница)?|вперёд|вперед|далее|показать ещё|наступна|다음(?: ?페이지)?|더 ?보기"
    r"|下一页|下一頁|下页|次へ|次のページ|もっと見る|加载更多|التالي|التالية|بعدی|sonraki|หน้าถัดไป|berikutnya|tiếp)[\W_]*|[>»›→]",
    re.IGNORECASE,
)
_TURNS = re.compile(r"(?:^|[\s_-])(?:next|older|load-?more|show-?more)(?=$|[\s_-])", re.IGNORECASE)
_HELD = ("data-url", "data-href", "data-next-url", "data-next", "data-next-page", "data-ajax-url")
# A page's number as systems write it: in the query, as a part of the path, or behind a file's name (Chinese ones).
_NUMBERED = re.compile(
    r"(?<=[?&])(?:page|paged|pg|p|pn|pageno|page_?num|pageindex|curpage|nowpage|cpage|seite|start|offset|limitstart"
    r"|from|skip)=(\d{1,6})(?=&|$)|/(?:page|seite|pagina|p)[/-](\d{1,6})(?=[/?.]|$)"
    r"|(?<=/)(?:index|list|default)_(\d{1,5})(?=\.s?html?)",
    re.IGNORECASE,
)
_MONTH = re.compile(r"/((?:19|20)\d\d)(?:[/-]?(0[1-9]|1[0-2]))?(?:[/-]?(0[1-9]|[12]\d|3[01]))?/?(?:index\.\w{2,5})?$")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"/(?:19|20)\d\d")


def next_pages(root: HtmlElement, page: Page, links: tuple[Link, ...], addresses: Addresses) -> tuple[str, ...]:
    """Return pages of the site that list older articles, the next one first; usually one, at most MAX_OLDER.

    Never the page itself, one of its `links`, a page with a lower number or an archive of a later day: following the
    answer always leads on.
    """
    turning = _Turning(root, page, links, addresses)
    for found in (turning.stated(), turning.said(), turning.numbered(), turning.held()):
        for url in found:
            return (url,)
    return tuple(turning.archives())[:MAX_OLDER]


class _Turning:
    def __init__(self, root: HtmlElement, page: Page, links: tuple[Link, ...], addresses: Addresses) -> None:
        self._root = root
        self._addresses = addresses
        self._own = address_key(page.url)
        self._articles = {link.url for link in links}
        self._number = _number(page.url)
        self._day = _day(page.url)
        self._today = page.fetched_at.strftime("%Y%m%d")
        self._anchors = [one for number, one in enumerate(root.iter("a")) if number < _MAX_ANCHORS and one.get("href")]

    def stated(self) -> Iterator[str]:
        for one in [*self._root.iter("link"), *self._anchors]:
            if "next" in (one.get("rel") or "").lower().split() and (url := self._led_on(one.get("href") or "")):
                yield url

    def said(self) -> Iterator[str]:
        """Yield where links lead that say so: in words, to those who cannot see them, or by their names."""
        for one in self._anchors:
            href = one.get("href") or ""
            # A slider's arrow or a headline's "more" leads to no numbered or dated page, nor to one of a query.
            if "?" not in href and not _DIGIT.search(href):
                continue
            text = line(one)
            said = (text, one.get("aria-label") or "", one.get("title") or "")
            in_words = any(len(each) <= _MAX_WORDS and _NEXT.fullmatch(each) for each in said)
            parent = one.getparent()
            named = one.get("class") or "", (parent.get("class") or "") if parent is not None else ""
            by_name = len(text) <= _MAX_WORDS and any(_TURNS.search(each[:200]) for each in named)
            if not (in_words or by_name):
                continue
            url = self._led_on(href)
            if url and (_number(url)[1] or _day(url) or _is_query_of(url, self._addresses.absolute("."))):
                yield url

    def numbered(self) -> Iterator[str]:
        """Yield the lowest page above this one, of all that are numbered as this one is."""
        stem, current = self._number
        found = []
        for one in self._anchors:
            href = one.get("href") or ""
            is_numbered = _DIGIT.search(href) and _NUMBERED.search(self._addresses.absolute(href))
            url = self._led_on(href) if is_numbered else ""
            if url and (each := _number(url))[1] > current and each[0] == stem:
                found.append((each[1], url))
        if found:
            yield min(found)[1]

    def held(self) -> Iterator[str]:
        """Yield the address that a "load more" button keeps for its script."""
        for one in self._root.iter("button", "a", "div", "span"):
            for name in _HELD:
                value = one.get(name) or ""
                if ("/" in value or "?" in value) and _is_button(one) and (url := self._led_on(value)):
                    yield url

    def archives(self) -> list[str]:
        """Return the archives before this page's own day, the newest first; of months where there are any."""
        days: dict[str, str] = {}
        for one in self._anchors:
            href = one.get("href") or ""
            url = self._led_on(href) if _DIGIT.search(href) and _day(self._addresses.absolute(href)) else ""
            if url and (day := _day(url)) and (not self._day or day < self._day):
                days.setdefault(day, url)
        months = {day: url for day, url in days.items() if len(day) == 6} or days
        return [months[day] for day in sorted(months, reverse=True)] if len(months) > 1 or self._day else []

    def _led_on(self, href: str) -> str:
        """Return where a link leads if that is another list of the site, and not one that leads back."""
        url = self._addresses.absolute(href).split("#")[0] if not href.startswith("#") else ""
        if not url or url in self._articles or not self._addresses.same_site(url) or address_key(url) == self._own:
            return ""
        stem, number = _number(url)
        if stem == self._number[0] and number <= self._number[1]:
            return ""
        day = _day(url)
        if day and (day > self._today[: len(day)] or (self._day and day >= self._day and not number)):
            return ""
        return url


def _number(url: str) -> tuple[str, int]:
    """Return the address without the page's number, and the number; 0 where it states none."""
    found = _NUMBERED.search(url)
    if found is None:
        return _stem(url), 0
    return _stem(url[: found.start()] + url[found.end() :]), int(next(filter(None, found.groups()), "0"))


def _stem(url: str) -> str:
    without = re.sub(r"/(?:index|list|default)?(?:\.s?html?|\.php)?$", "", url.rstrip("?&").replace("?&", "?"))
    return without.partition("://")[2].removeprefix("www.").rstrip("/")


def _day(url: str) -> str:
    """Return the year, month or day that an archive's address ends with, as digits."""
    found = _MONTH.search(urlsplit(url).path) if "/" in url and _YEAR.search(url) else None
    return "".join(part for part in found.groups() if part) if found else ""


def _is_query_of(url: str, base: str) -> bool:
    """Whether an address is one of the list's own script: `?cursor=`, `?before=`."""
    return bool(urlsplit(url).query) and url.startswith(base.split("?")[0])


def _is_button(element: HtmlElement) -> bool:
    names = f"{(element.get('class') or '')[:200]} {(element.get('id') or '')[:100]}"
    text = line(element) if len(element) < 5 else ""
    return bool(re.search(r"more|next|older", names, re.I)) or (
        len(text) <= _MAX_WORDS and _NEXT.fullmatch(text) is not None
    )
