"""kcna.kp, the Korean Central News Agency, in its layouts of 2022 (February) and 2026 (July).

The date stands in the list, a day without a clock: `[2026.7.19.]`, until October 2024 `[Juche113.2.11.]`. Names of the
leaders are wrapped in inline tags with no-break spaces inside. Of each list the first page is enough for a monitor;
further ones answer to POST alone, with a token of the session, so none are named as `older`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.agency import plain_paragraphs
from crawler.extract.body import body_of
from crawler.extract.dateline import date_of, read_dateline
from crawler.extract.dates import read_date
from crawler.extract.doubt import refuse_walls
from crawler.extract.metadata import headings, page_title, same_site
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.articles import Article, When
from storage.model.looking import Link, ListingPage, Outcome
from storage.text import MAX_TITLE, one_line, public_url

HOSTS = ("kcna.kp",)

_LANGUAGES = {"kp": "ko", "en": "en", "cn": "zh", "ru": "ru", "es": "es", "jp": "ja"}
_ARTICLE = re.compile(r"^/(?:[a-z]{2}/)?article/(?:q/[0-9a-f]{32,128}\.kcmsf|detail/[0-9a-f]{32})$")
_SECTION = re.compile(r"^/(?:[a-z]{2}/)?(?:category/articles/q/[0-9a-f]{32,128}\.kcmsf|article/list/[0-9a-f]{32})$")
_LABEL = re.compile(
    r"[\[(]\s*(?:Juche|주체|主体|チュチェ)?\s*\d{2,4}[.年]\s*\d{1,2}[.月]\s*\d{1,2}[.日]?\s*[\])]", re.IGNORECASE
)


def read_article(page: Page) -> Article:
    """Return the article; its date is the list's, else its sign-off's, else its dateline's.

    Raises LookFault: NOT_ASKED_FOR where the home page came instead, LOGIN, UNREADABLE.
    """
    root = markup.document(page)
    refuse_walls(root, page, [page_title(root), *headings(root)[:1]])
    title, text = _layout_2022(root) or _layout_2026(root) or ("", None)
    if text is None:
        if any(_articles(root, page)):
            raise LookFault(Outcome.NOT_ASKED_FOR, "a list of articles came in place of the article")
        raise LookFault(Outcome.UNREADABLE, "neither the layout of 2022 nor that of 2026")
    paragraphs, signed = plain_paragraphs(markup.paragraphs(text, skip=_is_frame, line_breaks=False))
    if not paragraphs or not title:
        raise LookFault(Outcome.UNREADABLE, "the article has no text" if title else "the article has no headline")
    body = body_of(text, page.url, paragraphs=paragraphs)
    language = _language(page)
    dateline = read_dateline(body.text)
    listed = page.listed.published if page.listed else None
    label = next((markup.flowing(one) for one in root.find_class("publish-time")), "") or signed
    signed_on = read_date(found[0], now=page.fetched_at, origin="text") if (found := _LABEL.search(label)) else None
    image = next((address for one in text.iter("img") if (address := public_url(one.get("src") or "", page.url))), "")
    return Article(
        title=title,
        body=body.text,
        html=body.html,
        published=listed or signed_on or date_of(dateline, now=page.fetched_at, language=language),
        language=language,
        image=image,
        dateline=dateline,
    )


def read_listing(page: Page) -> ListingPage:
    """Return the articles of a section, or of all tiles of the home page, and the sections of the menu as `listings`.

    Sections come and go within weeks, so the menu is read at every look. Raises LookFault(UNREADABLE) for a page with
    neither, which is what a list without its session looks like.
    """
    root = markup.document(page)
    refuse_walls(root, page, [page_title(root), *headings(root)[:1]])
    links: dict[str, Link] = {}
    for address, title, published in _articles(root, page):
        known = links.get(address)
        if known is None or (known.published is None and published):
            links[address] = Link(address, title, published)
    # Desktop menu, mobile menu and tiles name the same sections; only the home page is asked for them.
    sections = dict.fromkeys(
        address for address, _ in _addresses(root, page.url) if _SECTION.match(urlsplit(address).path)
    )
    here = public_url(page.url)
    if not links and not sections:
        raise LookFault(Outcome.UNREADABLE, "neither articles nor sections are on the page")
    is_section = _SECTION.match(urlsplit(here).path) is not None
    return ListingPage(
        tuple(links.values()),
        listings=() if is_section else tuple(one for one in sections if one != here),
        title=one_line(page_title(root), 200),
        language=_language(page),
    )


def _layout_2022(root: HtmlElement) -> tuple[str, HtmlElement] | None:
    title = next(iter(root.find_class("article-main-title")), None)
    frame = next(iter(root.find_class("article-content-body")), None)
    if title is None or frame is None:
        return None
    return _title(title), next(iter(frame.find_class("content-wrapper")), frame)


def _layout_2026(root: HtmlElement) -> tuple[str, HtmlElement] | None:
    """`main article div.container` with the headline in an h1, which a second, empty one follows."""
    for frame in root.xpath("//main//article"):
        titles = [one for one in frame.iter("h1") if markup.flowing(one)]
        if titles and any(True for _ in frame.iter("p")):
            return _title(titles[0]), next(iter(frame.find_class("container")), frame)
    return None


def _title(element: HtmlElement) -> str:
    return one_line(markup.flowing(element), MAX_TITLE)


def _is_frame(element: HtmlElement) -> bool:
    """Headlines, buttons to the photos, related photos and the sign-off are no text of the article."""
    css = element.get("class") or ""
    return element.tag in ("h1", "aside", "form") or "gallery_button" in css or "publish-time" in css


def _articles(root: HtmlElement, page: Page) -> Iterator[tuple[str, str, When | None]]:
    """Yield address, headline and date of each row; a row is the nearest element round the link that holds a label."""
    for address, link in _addresses(root, page.url):
        if not _is_article(address):
            continue
        title = _LABEL.sub("", _title(link)).strip()
        if not title:
            continue  # a picture that leads to the same article
        yield address, title, _row_date(link, page)


def _is_article(address: str) -> bool:
    return _ARTICLE.match(urlsplit(address).path) is not None


def _row_date(link: HtmlElement, page: Page) -> When | None:
    row = link
    for _ in range(4):
        if found := _LABEL.search(markup.flowing(row)):
            return read_date(found[0], now=page.fetched_at, origin="list")
        parent = row.getparent()
        if parent is None or len({one for one, _ in _addresses(parent, page.url) if _is_article(one)}) > 1:
            break
        row = parent
    return None


def _addresses(root: HtmlElement, base: str) -> Iterator[tuple[str, HtmlElement]]:
    """Yield the links within the site and the page's language; the languages are sites of their own."""
    language = _segment(base)
    for link in root.iter("a"):
        address = public_url(link.get("href") or "", base).split("#")[0]
        if address and same_site(address, base) and (language not in _LANGUAGES or _segment(address) == language):
            yield address, link


def _segment(url: str) -> str:
    """Return the first part of the path: the language."""
    return urlsplit(url).path.lstrip("/").split("/", 1)[0]


def _language(page: Page) -> str:
    return _LANGUAGES.get(_segment(page.url), page.language)
