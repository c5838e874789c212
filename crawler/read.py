"""`read_article` and `read_listing`: from a page to what it says, by its site's file or by the generic way."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import cast
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler import sites
from crawler.extract import body, byline, doubt, live, markup, metadata, missing, parts, wall
from crawler.extract.dateline import date_of, read_dateline
from crawler.extract.kinds import Kinds
from crawler.extract.language import read_language
from crawler.extract.published import date_in_url, read_published, visible_dates
from crawler.extract.title import headline, visible_headlines
from crawler.extract.zone import doubts_of_dates, with_zone
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.articles import Article
from storage.model.looking import ListingPage, Outcome
from storage.text import MAX_TITLE, one_line

LISTINGS = ("feed", "sitemap", "wordpress", "html")
_ADDRESSES = re.compile(rb"https?://[^\s<>]++\s*+(?:$|https?://)", re.IGNORECASE)  # a sitemap as plain text
_WEB_PAGE = re.compile(rb"<!doctype\s+html|<html\b", re.IGNORECASE)
_ITEMS = re.compile(rb"\"items\"\s{0,20}:\s{0,20}\[")


def read_article(page: Page) -> Article:
    """Return the article that the page shows.

    Raises LookFault: NOT_ASKED_FOR, LOGIN, NOT_WHOLE, UNREADABLE, TOO_LARGE.
    """
    if (read := site_reader(page)) is not None:
        return read(page)
    return read_any(page, markup.document(page))[0]


def site_reader(page: Page) -> Callable[[Page], Article] | None:
    """Return how the site's file reads articles; None where there is none, or it leaves them to the generic way."""
    return cast(Callable[[Page], Article] | None, getattr(_site(page), "read_article", None))


def read_listing(page: Page, kind: str = "") -> tuple[str, ListingPage]:
    """Return what a listing shows, and the kind of reader that read it: a name of LISTINGS, or `html` by a site's file.

    An empty `kind` is found out. Raises LookFault(UNREADABLE) where nothing of that kind can be read, and LOGIN.
    """
    kind = kind or _kind(page)
    if kind not in LISTINGS:
        raise LookFault(Outcome.UNREADABLE, f"there is no listing of kind {kind!r}: it is one of {', '.join(LISTINGS)}")
    site = _site(page) if kind == "html" else None
    reader = cast(Callable[[Page], ListingPage], site.read_listing if site else _listing(kind).read)
    try:
        return kind, reader(page)
    except LookFault as fault:
        if kind != "html" and fault.outcome in (Outcome.UNREADABLE, Outcome.NOT_WHOLE):
            _refuse_walls(page)
        raise


def _refuse_walls(page: Page) -> None:
    """What came in place of a feed or a sitemap may be a login form, a captcha or the like, as a web page."""
    if _WEB_PAGE.search(page.body[:4096]):
        root = markup.document(page)
        titles = [metadata.page_title(root), *metadata.headings(root)[:1]]
        doubt.refuse_walls(root, page, [one for one in titles if one])


def site_name(page: Page) -> str:
    """Return the name of the site's file: the one that the source names, else the one of its host, else "".

    A site whose articles the generic way reads as well has a file with a `read_listing` alone.
    """
    return page.site or _hosts().get((urlsplit(page.url).hostname or "").removeprefix("www."), "")


def _site(page: Page) -> ModuleType | None:
    name = site_name(page)
    return import_module(f"crawler.sites.{name}") if name else None


@cache
def _hosts() -> dict[str, str]:
    """Return the names of all site files by the hosts that they say they are for."""
    names = [one.name for one in iter_modules(sites.__path__)]
    return {host: name for name in names for host in import_module(f"crawler.sites.{name}").HOSTS}


def _listing(kind: str) -> ModuleType:
    return import_module(f"crawler.listings.{kind}")


def _kind(page: Page) -> str:
    """What the page is by its first element: servers call feeds text/html, text/plain and worse."""
    start = page.body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"\x1f\x8b") or _ADDRESSES.match(start):
        return "sitemap"
    if start.startswith(b"{"):
        return "feed" if b"jsonfeed.org" in start or _ITEMS.search(page.body) else "html"
    if start.startswith(b"["):
        return "wordpress" if b"/wp/v2/" in start or b'"date_gmt"' in start or "/wp/v2/" in page.url else "html"
    start = start[max(start.find(b"<?xml"), 0) :]  # servers put their own errors in front of it
    first = re.search(rb"<(?![?!])\s*(?:[\w-]+:)?([\w-]+)", re.sub(rb"<!--.*?(?:-->|$)", b"", start, flags=re.DOTALL))
    name = first[1].lower() if first else b""
    if name in (b"rss", b"feed", b"rdf", b"channel"):
        return "feed"
    return "sitemap" if name in (b"urlset", b"sitemapindex") else "html"


def read_any(page: Page, root: HtmlElement, kinds: Kinds | None = None) -> tuple[Article, body.Body]:
    """Return the article that the tree of a page shows, and its body with where that stands. `kinds` as in `read_body`.

    Raises LookFault as `read_article`.
    """
    stated = metadata.read_metadata(root, page)
    headings, page_title = metadata.headings(root), metadata.page_title(root)
    titles = [one for one in (page_title, *headings[:1]) if one]
    doubt.refuse_walls(root, page, titles, is_article=stated.is_article)
    missing.refuse_missing(root, page, titles, is_article=stated.is_article)
    title = headline(stated.titles, visible_headlines(root, page_title), page_title, stated.site_names, page.url)
    doubt.refuse_lists(root, page, title or page_title, is_article=stated.is_article)
    entries = live.read_live(root, page.url)
    text = entries or body.read_body(root, page.url, title=title, stated_text=stated.text, kinds=kinds)
    if not text.text or doubt.is_frame(page, text.text, headings, is_article=stated.is_article):
        raise LookFault(Outcome.UNREADABLE, "no article was found on the page")
    title = title or (one_line(page.listed.title, MAX_TITLE) if page.listed else "") or one_line(text.text, 120)
    language = read_language(stated.language, page.language, f"{title} {text.text}")
    dateline = read_dateline(text.text)
    published = (
        with_zone(stated.published, stated.clocks, visible_dates(root, page, language, title, with_clock=True))
        if stated.published
        else read_published(root, page, language, title) or date_of(dateline, now=page.fetched_at, language=language)
    )
    article = Article(
        title=title,
        body=text.text,
        html=text.html,
        published=published,
        modified=stated.modified,
        authors=byline.read_authors(root, stated.authors, title=title, text=text.text),
        language=language,
        section=stated.section,
        image=stated.image,
        canonical_url=stated.canonical_url,
        dateline=dateline,
        teaser=wall.is_teaser(root, page.url, text.text, ends_in_wall=text.ends_in_wall),
        live=entries is not None,
        next_page=parts.next_page(root, page.url),
        doubts=(
            *stated.doubts,
            *doubts_of_dates(published, stated.modified, date_in_url(page.url, now=page.fetched_at)),
        ),
    )
    return article, text
