"""kcna.co.jp, the archive of KCNA in Japan: pages of 1997-2009 hold a day's stories, later ones one story each.

Many stories stand in one page, told apart by `#n`; a page of many is read for the story that its address names. A
year's calendar names the days. Headline and text have no class: what stands between two anchors, or below the line
with the day, is a story, and its first line is the headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.agency import plain_paragraphs
from crawler.extract.body import body_of
from crawler.extract.dateline import date_of, read_dateline
from crawler.extract.dates import read_date
from crawler.extract.doubt import refuse_walls
from crawler.extract.language import read_language
from crawler.extract.metadata import page_title, same_site
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.articles import Article, When
from storage.model.looking import Link, ListingPage, Outcome
from storage.text import MAX_TITLE, one_line, public_url

HOSTS = ("kcna.co.jp",)

_NUMBER = re.compile(r"\d{1,3}")
_MARK = "\ue000"  # begins a line that stands for an anchor; no page has it in its text
_RULE = "\ue001"
# /item/2004/200410/news10/27.htm, /item/1997/9703/news3/01.htm: a day
_DAY = re.compile(r"/item\w*/(?P<year>\d{4})/\d{4,6}/news(?P<month>\d{1,2})/(?P<day>\d{2})\w*\.html?$")
# /item/2010/201002/news06/20100206-13ee.html: a story
_STORY = re.compile(r"/item\w*/\d{4}/\d{4,6}/news\d{1,2}/(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)-\d+\w*\.html?$")
_CALENDAR = re.compile(r"/calendar[\w-]*\.html?$")
_ENGLISH = re.compile(r"\d-?ee?\.html?$")
_DATED = re.compile(  # `December 1. 2011 Juche 100`, `주체100(2011)년 12월 1일`
    r"^(?:calendar\s*>>\s*)?(?P<day>[A-Z][a-z]{2,8}\.?\s*\d{1,2}[.,]?\s*\d{4}|(?:주체\s*\d{2,3}\s*)?\(?\d{4}\)?\s*[년年][^\n]{3,16}[일日])"
    r"\s*\.?\s*(?:\(?\s*Juche\s*\d{2,3}\s*\)?)?\s*\.?$",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"^(?:calendar\s*>>|copyright\b|\(c\)\s*korea news service|(?:go )?(?:back )?(?:to )?top\b)", re.IGNORECASE
)
_NEWEST_DAYS = 2  # of a calendar are looked at again: a late story still comes in under yesterday


def read_article(page: Page) -> Article:
    """Return the story that the address names by its fragment, or the only one of the page.

    Raises LookFault: NOT_ASKED_FOR for a calendar, NOT_FOUND where the page has no such story, UNREADABLE.
    """
    root = markup.document(page)
    refuse_walls(root, page, [page_title(root)])
    asked = urlsplit(page.listed.url if page.listed else page.url).fragment
    if _days(root, page.url):
        raise LookFault(Outcome.NOT_ASKED_FOR, "a calendar came in place of the article")
    day, stories = _stories(root, page)
    if not stories:
        raise LookFault(Outcome.UNREADABLE, "neither an anchor nor a line with the day leads to a story")
    if asked and asked not in stories:
        raise LookFault(Outcome.NOT_FOUND, f"the page has no story #{asked}")
    if not asked and len(stories) > 1:
        raise LookFault(Outcome.NOT_ASKED_FOR, f"the page has {len(stories)} stories, and the address names none")
    title, *lines = stories[asked or next(iter(stories))]
    paragraphs, _ = plain_paragraphs(lines)
    if not paragraphs:
        raise LookFault(Outcome.UNREADABLE, "the article has no text")
    body = body_of(root, page.url, paragraphs=paragraphs)
    language = read_language(
        "en" if _ENGLISH.search(urlsplit(page.url).path) else "", page.language, f"{title} {body.text}"
    )
    dateline = read_dateline(body.text)
    return Article(
        title=one_line(title, MAX_TITLE),
        body=body.text,
        html=body.html,
        published=day
        or _url_day(page.url, page)
        or (page.listed.published if page.listed else None)
        or date_of(dateline, now=page.fetched_at, language=language),
        language=language,
        dateline=dateline,
    )


def read_listing(page: Page) -> ListingPage:
    """Return the stories that a page links to or holds itself; of a calendar its newest days, the rest is `older`.

    Links keep their fragments. Raises LookFault(UNREADABLE) for a page without stories, days and calendars.
    """
    root = markup.document(page)
    refuse_walls(root, page, [page_title(root)])
    here = urldefrag(public_url(page.url)).url
    links: dict[str, Link] = {}
    for address, anchor in _addresses(root, page.url):
        title = one_line(markup.flowing(anchor), MAX_TITLE)
        if title and _is_story(address):
            links.setdefault(address, Link(address, title, _url_day(address, page)))
    calendars = _unique(root, page.url, _CALENDAR)
    days = _days(root, page.url)
    if not days and _DAY.search(urlsplit(here).path):
        day, stories = _stories(root, page)
        for number, story in stories.items():
            address = f"{here}#{number}" if number else here
            if len(story) > 1:
                links[address] = Link(address, one_line(story[0], MAX_TITLE), day or _url_day(here, page))
    if not links and not days and not calendars:
        raise LookFault(Outcome.UNREADABLE, "neither stories nor days are on the page")
    ordered = sorted(days, key=_numbers, reverse=True)
    return ListingPage(
        tuple(links.values()),
        listings=tuple(ordered[:_NEWEST_DAYS]),
        older=(*ordered[_NEWEST_DAYS:], *sorted((one for one in calendars if one != here), reverse=True)),
        title=one_line(page_title(root), 200),
    )


def _stories(root: HtmlElement, page: Page) -> tuple[When | None, dict[str, list[str]]]:
    """Return the day, and the lines of each story by its number; "" for the one story of a page without anchors.

    The first line of a story is its headline. Marks every anchor in the tree by a line of its own.
    """
    anchors: dict[str, HtmlElement] = {}
    for one in root.iter():
        number = one.get("name") or one.get("id") or "" if isinstance(one.tag, str) else ""
        if one.tag not in ("meta", "input", "html", "body") and _NUMBER.fullmatch(number):
            anchors.setdefault(number, one)
    for number, one in anchors.items():
        _mark(one, _MARK + number)
    for one in list(root.iter("hr")):
        _mark(one, _RULE)
    day: When | None = None
    stories: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in _lines(root):
        if line.startswith(_MARK):
            lines = stories.setdefault(line.removeprefix(_MARK), [])
        elif line == _RULE:
            lines = (
                lines if lines is None or len(lines) < 2 else None
            )  # a rule ends a story, or stands below its headline
        elif found := _DATED.match(line):
            day = day or read_date(found["day"].replace(".", " "), now=page.fetched_at, origin="text")
            if not anchors and not stories:
                lines = stories.setdefault("", [])
        elif lines is not None and not _FRAME.match(line):
            lines.append(line)
    return day, {number: told for number, told in stories.items() if told}


def _mark(element: HtmlElement, text: str) -> None:
    line = etree.SubElement(element, "p")
    element.remove(line)
    line.text = text
    element.addprevious(line)


def _lines(root: HtmlElement) -> Iterator[str]:
    for paragraph in markup.paragraphs(root):
        yield from paragraph.split("\n")


def _days(root: HtmlElement, base: str) -> list[str]:
    """Return the days that a calendar names; a page of stories leads to none but itself."""
    here = urldefrag(public_url(base)).url
    return [one for one in _unique(root, base, _DAY) if "#" not in one and one != here]


def _unique(root: HtmlElement, base: str, pattern: re.Pattern[str]) -> list[str]:
    found = (one for one, _ in _addresses(root, base) if pattern.search(urlsplit(one).path))
    return list(dict.fromkeys(found))


def _addresses(root: HtmlElement, base: str) -> Iterator[tuple[str, HtmlElement]]:
    """Yield the links of the site but the broken ones: `(EmptyReference!)`, `//contents/`."""
    for link in root.iter("a"):
        stated = (link.get("href") or "").strip()
        address = public_url(stated, base) if stated and "EmptyReference" not in stated else ""
        if address and same_site(address, base) and "//contents/" not in urlsplit(address).path:
            yield address, link


def _is_story(address: str) -> bool:
    parts = urlsplit(address)
    return bool(_STORY.search(parts.path)) or bool(_DAY.search(parts.path) and _NUMBER.fullmatch(parts.fragment))


def _url_day(address: str, page: Page) -> When | None:
    path = urlsplit(address).path
    found = _STORY.search(path) or _DAY.search(path)
    return (
        read_date("-".join(found.group("year", "month", "day")), now=page.fetched_at, origin="url") if found else None
    )


def _numbers(address: str) -> tuple[int, ...]:
    found = _DAY.search(urlsplit(address).path)
    return tuple(int(one) for one in found.group("year", "month", "day")) if found else ()
