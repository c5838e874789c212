"""KCNA Watch (kcnawatch.org), an archive that copies North Korean media: WordPress, lists and article pages.

Each page carries the date of the visit and 16 teasers of the newest articles ("More From"), so it changes every day
though its article does not: they are a listing and never body. Its feeds are for members; that is said, not gone round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.agency import plain_paragraphs
from crawler.extract.body import body_of
from crawler.extract.dateline import read_dateline
from crawler.extract.dates import read_date
from crawler.extract.doubt import refuse_walls
from crawler.extract.language import read_language
from crawler.extract.metadata import headings, page_title, read_metadata
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.articles import Article, When
from storage.model.looking import Link, ListingPage, Outcome
from storage.text import MAX_TITLE, fold, one_line, public_url

HOSTS = ("kcnawatch.org",)

# `Date: 14/09/2023 | Source: KCNA.kp (En) | Read original version at source`; the day comes first.
_HEADER = re.compile(r"Date:\s*(?P<date>\d{1,2}/\d{1,2}/\d{4})\s*\|\s*Source:\s*(?P<source>[^|]{1,80})", re.IGNORECASE)
_LANGUAGE = re.compile(r"\((?P<name>[A-Za-z]{2})\)\s*$")
_LANGUAGES = {
    "en": "en",
    "kr": "ko",
    "kp": "ko",
    "cn": "zh",
    "ch": "zh",
    "jp": "ja",
    "ru": "ru",
    "es": "es",
    "sp": "es",
    "fr": "fr",
}
_ARTICLE = re.compile(r"^/(?:newstream|periodical|articles?)/(?:[^/]+/)?\d{6,}[-\w]*/")
_SOURCE_LIST = re.compile(r"^/(?:newstream/|article/\d+/)$")
_SOURCE = re.compile(r"^/article/(?P<source>\d+)/$")
_MORE = "/wp-admin/admin-ajax.php"
_MORE_ROWS = 10
_NO_TEXT = re.compile(
    r"(?:^|[\s_-])(?:more-|related|share|social|popup|paywall|articled-date|article-desc|visit-date)", re.I
)
_MEMBERS = "the page is for members of KCNA Watch"


def read_article(page: Page) -> Article:
    """Return the article with its `original_url`, which ties the copy to the original.

    Raises LookFault(LOGIN | NOT_ASKED_FOR | UNREADABLE).
    """
    root = _document(page)
    text = next(iter(root.find_class("article-content")), None)
    if text is None:
        if next(_articles(root, page), None):
            raise LookFault(Outcome.NOT_ASKED_FOR, "a list of articles came in place of the article")
        raise LookFault(Outcome.UNREADABLE, "there is no article-content on the page")
    paragraphs, _ = plain_paragraphs(markup.paragraphs(text, skip=_is_no_text, line_breaks=False))
    header, title = _header(root), _title(root, page)
    if paragraphs and fold(paragraphs[0]) == fold(title):
        paragraphs = paragraphs[1:]
    if not paragraphs or not title:
        raise LookFault(Outcome.UNREADABLE, "the article has no text" if title else "the article has no headline")
    body = body_of(text, page.url, paragraphs=paragraphs)
    source = one_line(header["source"], 80) if header else ""
    named = _LANGUAGE.search(source)
    stated = read_metadata(root, page)
    return Article(
        title=title,
        body=body.text,
        html=body.html,
        published=_published(header["date"] if header else "", page),
        language=read_language(_LANGUAGES.get(named["name"].lower(), "") if named else "", page.language, body.text),
        section=source,
        image=stated.image,
        canonical_url=stated.canonical_url,
        original_url=_original(root, page),
        dateline=read_dateline(body.text),
    )


def read_listing(page: Page) -> ListingPage:
    """Return the rows of a list page, of the fragment behind "load more", or the teasers of an article page.

    The lists of single sources, as the menu names them, are `listings` of the home page alone. What "load more" asks
    for is `older`; an empty fragment is the end of the list. Raises LookFault(LOGIN | UNREADABLE).
    """
    if not page.body.strip() and urlsplit(page.url).path == _MORE:
        return ListingPage(())
    root = _document(page)
    links: dict[str, Link] = {}
    for link in _articles(root, page):
        known = links.get(link.url)
        if known is None or (known.published is None and link.published):
            links[link.url] = link
    lists = [public_url(one.get("href") or "", page.url) for one in root.iter("a")]
    sections = dict.fromkeys(one for one in lists if one and _SOURCE_LIST.match(urlsplit(one).path))
    is_home = urlsplit(page.url).path in ("", "/")
    if not links and not (is_home and sections):
        raise LookFault(Outcome.UNREADABLE, "there is no list of articles on the page")
    return ListingPage(
        tuple(links.values()),
        listings=tuple(sections) if is_home else (),
        older=_more(page.url),
        title=one_line(page_title(root), 200),
    )


def _more(url: str) -> tuple[str, ...]:
    """Return the address behind "load more" of a source's list, and of each fragment; other lists name no source."""
    parts = urlsplit(url)
    if found := _SOURCE.match(parts.path):
        source, begin = found["source"], _MORE_ROWS
    elif parts.path == _MORE:
        asked = parse_qs(parts.query)
        source, at = asked.get("id", [""])[0], asked.get("from", [""])[0]
        if not re.fullmatch(r"\d{1,6}", source) or not re.fullmatch(r"\d{1,6}", at):
            return ()
        begin = int(at) + _MORE_ROWS
    else:
        return ()
    query = f"action=get_cat_by_source&die=true&from={begin}&to={_MORE_ROWS}&sort=&id={source}"
    address = public_url(f"{_MORE}?{query}", url)
    return (address,) if address else ()


def _document(page: Page) -> HtmlElement:
    if "member-form" in urlsplit(page.url).path:
        raise LookFault(Outcome.LOGIN, _MEMBERS)
    root = markup.document(page)
    refuse_walls(root, page, [page_title(root), *headings(root)[:1]])
    # Every page has the form in a hidden popup; where it is all there is, it is a wall.
    has_content = bool(root.find_class("article-content")) or any(_articles(root, page))
    if root.find_class("nk-paywall-free-member-form") and not has_content:
        raise LookFault(Outcome.LOGIN, _MEMBERS)
    return root


def _articles(root: HtmlElement, page: Page) -> Iterator[Link]:
    """Yield the rows: `.article-desc`, or an h4 inside `#latest_article_wrapper`; the first link is the title."""
    rows = root.find_class("article-desc") or root.xpath("//*[@id='latest_article_wrapper']//h4")
    for row in rows:
        for link in row.iter("a"):
            address = public_url(link.get("href") or "", page.url).split("#")[0]
            title = one_line(markup.flowing(link), MAX_TITLE)
            if title and _ARTICLE.match(urlsplit(address).path):
                yield Link(address, title, _row_date(row, page))
                break


def _row_date(row: HtmlElement, page: Page) -> When | None:
    after = "following::*[self::h4 or contains(@class, 'articled-date')][1][not(self::h4)]"
    dates = row.find_class("articled-date") or (row.xpath(after) if row.tag == "h4" else [])
    text = markup.flowing(dates[0]) if dates else ""
    return read_date(text, now=page.fetched_at, origin="list", language="en") if text else None


def _published(stated: str, page: Page) -> When | None:
    found = read_date(stated, now=page.fetched_at, origin="text", day_first=True) if stated else None
    return found or (page.listed.published if page.listed else None)


def _header(root: HtmlElement) -> re.Match[str] | None:
    """Find the line by its words and not by its class, in the smallest element that holds all of it."""
    holders = root.xpath("//body//*[contains(., 'Date:') and contains(., 'Source:')]")
    return next((found for one in reversed(holders) if (found := _HEADER.search(markup.flowing(one)))), None)


def _title(root: HtmlElement, page: Page) -> str:
    stated = [*(markup.flowing(one) for one in root.find_class("article-title")), *headings(root)]
    fallback = re.sub(r"\s*[|–-]\s*KCNA Watch\s*$", "", page_title(root))
    listed = page.listed.title if page.listed else ""
    return one_line(next((one for one in (*stated, fallback, listed) if one.strip()), ""), MAX_TITLE)


def _original(root: HtmlElement, page: Page) -> str:
    for link in root.iter("a"):
        if "original version" in markup.flowing(link).lower():
            return public_url(link.get("href") or "", page.url)
    return ""


def _is_no_text(element: HtmlElement) -> bool:
    return (
        element.tag in ("form", "aside", "h1")
        or _NO_TEXT.search(f"{element.get('class')} {element.get('id')}") is not None
    )
