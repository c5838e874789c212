"""rodong.rep.kp, Rodong Sinmun, in its layouts of before 2022, of 2023 and of 2025.

Since 2022 the query of an address is base64: `12@2024-08-01-H003@15@1@@0@1` is the article, then its category and its
place there; a search names it `8@2024-08-01-H003@19@@keyword@n`. One article has many addresses, known by its day and
serial alone: `same_address` folds them. A page that is none of the layouts is said to be so: a change of layout that
nobody noticed cost one public collector every article of ten months.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.agency import plain_paragraphs
from crawler.extract.body import body_of
from crawler.extract.dateline import read_dateline
from crawler.extract.dates import read_date
from crawler.extract.doubt import refuse_walls
from crawler.extract.language import read_language
from crawler.extract.metadata import headings, page_title, same_site
from crawler.extract.people import names
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.articles import Article, When
from storage.model.looking import Link, ListingPage, Outcome
from storage.text import MAX_TITLE, fold, one_line, public_url

HOSTS = ("rodong.rep.kp",)

_MAX_ANCHORS = 5000
_LANGUAGES = {"en": "en", "ko": "ko", "cn": "zh"}
_KEY = re.compile(r"(?P<day>20\d\d-\d\d-\d\d)-[A-Z]?\d{1,6}")
_SECTION = re.compile(r"\d{1,3}@@\d{1,3}@")
_NO_PAGE = re.compile(r"^(?:알수 없는 주소|unknown address)", re.IGNORECASE)
_AFTER_DAY = re.compile(  # `Feb. 19, 2026 Thursday [Photo]`, `2025年 10月 10日 星期五`: what follows is no date
    r"^.*?\d{4}(?:\s*[年년]\s*\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일]|(?:\s*\.\s*\d{1,2}){2}\.?)?", re.DOTALL
)


def same_address(url: str) -> str:
    """Return one address for all of an article's, the form that the site used until 2022; others as they are.

    `http://HOST/en/index.php?strPageID=SF01_02_01&newsID=2024-08-01-H003`. It names the article and is not promised to
    be answered: what is fetched stays as it was listed.
    """
    key = _key(url)
    if not key:
        return url
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, f"strPageID=SF01_02_01&newsID={key}", ""))


def read_article(page: Page) -> Article:
    """Return the article; its day is the page's, else that of its serial, which every address holds.

    Raises LookFault: NOT_ASKED_FOR where a list came instead, NOT_FOUND for the page for unknown addresses, UNREADABLE.
    """
    root = markup.document(page)
    titles = [page_title(root), *headings(root)[:1]]
    refuse_walls(root, page, titles)
    if any(_NO_PAGE.match(one) for one in titles):
        raise LookFault(Outcome.NOT_FOUND, "the site knows no such address")
    found = _layout_2025(root) or _layout_2023(root) or _layout_old(root)
    if found is None:
        if next(_articles(root, page), None):
            raise LookFault(Outcome.NOT_ASKED_FOR, "a list of articles came in place of the article")
        raise LookFault(Outcome.UNREADABLE, "none of the layouts of 2018, 2023 and 2025")
    title, elements, stated, signed = found
    lines = [one for element in elements for one in markup.paragraphs(element, line_breaks=False)]
    paragraphs, _ = plain_paragraphs(lines)
    if not paragraphs or not title:
        raise LookFault(Outcome.UNREADABLE, "the article has no text" if title else "the article has no headline")
    body = body_of(root, page.url, paragraphs=paragraphs)
    address = page.listed.url if page.listed and _key(page.listed.url) else page.url
    return Article(
        title=one_line(title, MAX_TITLE),
        body=body.text,
        html=body.html,
        published=_date(stated, page, "text")
        or (page.listed.published if page.listed else None)
        or _key_day(address, page),
        authors=names(signed),
        language=read_language(_language(page), page.language, f"{title} {body.text}"),
        canonical_url=public_url(same_address(address)) if _key(address) else "",
        dateline=read_dateline(body.text),
    )


def read_listing(page: Page) -> ListingPage:
    """Return the articles of a list, each once however many addresses it has; of the home page also its sections.

    Raises LookFault(UNREADABLE) for a page with neither.
    """
    root = markup.document(page)
    refuse_walls(root, page, [page_title(root), *headings(root)[:1]])
    links: dict[str, Link] = {}
    for address, title, published in _articles(root, page):
        same = public_url(same_address(address))
        known = links.setdefault(same, Link(address, title, published, same=same))
        if not known.title and title:  # a picture that leads to the article came first
            links[same] = Link(known.url, title, published, same=same)
    parts = urlsplit(page.url)
    is_home = not parts.query and parts.path.strip("/").removesuffix("index.php").strip("/") in ("", *_LANGUAGES)
    sections = [one for one, _ in _addresses(root, page.url) if _SECTION.match(_asked(one))] if is_home else []
    if not links and not sections:
        raise LookFault(Outcome.UNREADABLE, "neither articles nor sections are on the page")
    return ListingPage(
        tuple(links.values()),
        listings=tuple(dict.fromkeys(sections)),
        title=one_line(page_title(root), 200),
        language=_language(page),
    )


_Found = tuple[str, list[HtmlElement], str, list[str]]  # headline, elements of the text, the day as written, signatures


def _layout_2025(root: HtmlElement) -> _Found | None:
    """`div#article-date` in a header, then `#articleContent` with p.TitleP, TextP, MarkP and the signature, WriterP."""
    frame = next(iter(root.xpath("//*[@id='articleContent']")), None)
    if frame is None:
        return None
    titles = [text for one in frame.find_class("TitleP") if (text := markup.flowing(one))]
    signed = [markup.flowing(one) for one in frame.find_class("WriterP")]
    paper = {fold(markup.flowing(one)) for one in root.xpath("//*[@id='article-homepage']")}
    texts = [one for one in frame.iter("p") if not {"TitleP", "WriterP"} & set((one.get("class") or "").split())]
    return " ".join(titles), texts, _text_of_id(root, "article-date"), [one for one in signed if fold(one) not in paper]


def _layout_2023(root: HtmlElement) -> _Found | None:
    title = next(iter(root.find_class("news_Title")), None)
    if title is None:
        return None
    day = next((markup.flowing(one) for one in root.find_class("NewsDate")), "")
    return markup.flowing(title), list(root.find_class("ArticleContent")), day, []


def _layout_old(root: HtmlElement) -> _Found | None:
    """Paragraphs of one class, the first with words is the headline; no day is on the page."""
    paragraphs = [one for one in root.find_class("ArticleContent") if markup.flowing(one)]
    return (markup.flowing(paragraphs[0]), paragraphs[1:], "", []) if paragraphs else None


def _text_of_id(root: HtmlElement, name: str) -> str:
    return next((markup.flowing(one) for one in root.xpath("//*[@id=$name]", name=name)), "")


def _articles(root: HtmlElement, page: Page) -> Iterator[tuple[str, str, When | None]]:
    """Yield address, headline and day of each link to an article; the day is the row's, else that of the serial."""
    for address, link in _addresses(root, page.url):
        if not _key(address):
            continue
        row = next((one for one in link.iterancestors() if one.tag in ("li", "tr", "div")), link)
        dates = [*row.find_class("news_date"), *row.find_class("NewsDate")]
        stated = markup.flowing(dates[0]) if len(dates) == 1 else ""
        yield address, one_line(markup.flowing(link), MAX_TITLE), _date(stated, page, "list") or _key_day(address, page)


def _date(stated: str, page: Page, origin: str) -> When | None:
    found = _AFTER_DAY.match(stated)
    return read_date(found[0], now=page.fetched_at, origin=origin) if found else None


def _addresses(root: HtmlElement, base: str) -> Iterator[tuple[str, HtmlElement]]:
    """Yield the links within the site and the page's language; the languages are sites of their own."""
    language = _segment(base)
    for link in islice(root.iter("a"), _MAX_ANCHORS):
        address = public_url(link.get("href") or "", base).split("#")[0]
        if address and same_site(address, base) and (language not in _LANGUAGES or _segment(address) == language):
            yield address, link


def _asked(url: str) -> str:
    """Return what a query says, decoded; "" where it is not base64. The site is careless with the padding."""
    packed = unquote(urlsplit(url).query).rstrip("=").replace("-", "+").replace("_", "/")
    if not 4 <= len(packed) <= 1024 or not re.fullmatch(r"[A-Za-z0-9+/]+", packed):
        return ""
    return b64decode(packed[: len(packed) - (len(packed) % 4 == 1)] + "===").decode("utf-8", "replace")


def _key(url: str) -> str:
    """Return day and serial of the article that an address names, "" where it names none."""
    query = urlsplit(url).query
    stated = parse_qs(query).get("newsID", [""])[0] if "newsID=" in query else (*_asked(url).split("@"), "")[1]
    return stated if _KEY.fullmatch(stated) else ""


def _key_day(url: str, page: Page) -> When | None:
    found = _KEY.fullmatch(_key(url))
    return read_date(found["day"], now=page.fetched_at, origin="url") if found else None


def _segment(url: str) -> str:
    return urlsplit(url).path.lstrip("/").split("/", 1)[0]


def _language(page: Page) -> str:
    return _LANGUAGES.get(_segment(page.url), "")
