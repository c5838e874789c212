"""Front pages and section pages: which of the links are articles, without a selector for any site.

An article's link is told by what readers see (a headline: long, in a heading), by where it stands (not in navigation),
and by its address; then by its kin: links whose addresses have one shape stand or fall together.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from lxml.html import HtmlElement

from crawler.extract import doubt, markup
from crawler.extract.dates import read_date
from crawler.extract.metadata import is_home, page_title, same_site
from crawler.extract.published import date_in_url
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model import Link, ListingPage, Outcome, When
from storage.text import MAX_TITLE, one_line, public_url

MAX_ANCHORS = 5000
MAX_LINKS = 500
_MAX_ROW_LINKS = 30  # an element with more is no row of a list
_ENOUGH = 4  # points that make an article's link

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_FRAME = frozenset(("nav", "footer", "header"))
_FRAME_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|pagination|pager|social|share|tags?|tagcloud|author"
    r"|byline|login|cookie|lang|language|skip-link)(?=$|[\s_-])",
    re.IGNORECASE,
)
_NO_ARTICLE = re.compile(
    r"/(?:tags?|category|categories|authors?|autor(?:en)?|profile|users?|page/\d+|log-?in|sign-?in|register|subscri\w*"
    r"|account|contact\w*|kontakt|privacy\w*|datenschutz|terms\w*|impressum|search|suche|rss|feeds?|sitemap|cookies?"
    r"|newsletters?|advertis\w*|cdn-cgi|wp-(?:admin|login)\S*)(?:[/?.]|$)",
    re.IGNORECASE,
)
# Sections at one site and pages about the site at another: what is below them with a headline of its own may be news.
_MAY_BE = re.compile(
    r"/(?:topics?|themen?|people|about\w*|jobs|careers|help|faq|archives?|shop|store)(?:[/?.]|$)", re.I
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|rss|css|js|docx?|xlsx?)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d{5,}|[0-9a-f]{12,}")
_WORDS = re.compile(r"[^\W_]+")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]")  # scripts that say more in fewer letters
_DATED = re.compile(r"date|time|publish|meta|posted", re.IGNORECASE)


@dataclass(slots=True)
class _Candidate:
    """What is known of one address from all the links that lead to it."""

    url: str
    anchor: HtmlElement  # the link with the best title
    title: str = ""
    in_heading: bool = False
    in_frame: bool = True
    points: int = 0


def read(page: Page) -> ListingPage:
    """Return the page's articles in page order, with titles and the dates beside them.

    Raises LookFault(UNREADABLE) where there are none, and what `refuse_walls` raises.
    """
    root = markup.document(page)
    title = page_title(root)
    doubt.refuse_walls(root, page, [title])
    found = _candidates(root, page)
    addresses = {one.url for one in found}
    language = one_line(root.get("lang") or page.language, 20)
    for one in found:
        one.points = _points(one)
        is_open = -2 <= one.points < _ENOUGH and not one.in_frame and one.title
        if is_open and _date_beside(one, page, language, addresses):
            one.points += 6
    chosen = _with_kin(found)[:MAX_LINKS]
    if not chosen:
        raise LookFault(Outcome.UNREADABLE, "no links to articles were found on the page")
    links = tuple(
        Link(
            one.url,
            one.title,
            _date_beside(one, page, language, addresses) or date_in_url(one.url, now=page.fetched_at),
        )
        for one in chosen
    )
    return ListingPage(links, title=title, language=language)


def _candidates(root: HtmlElement, page: Page) -> list[_Candidate]:
    base = _base(root, page.url)
    here = page.url.split("#")[0]
    found: dict[str, _Candidate] = {}
    for number, anchor in enumerate(root.iter("a")):
        if number >= MAX_ANCHORS:
            break
        address = public_url(anchor.get("href") or "", base).split("#")[0]
        if not address or address == here or not same_site(address, page.url) or is_home(address):
            continue
        if _FILE.search(urlsplit(address).path):
            continue
        one = found.setdefault(address, _Candidate(address, anchor))
        heading = _heading(anchor)
        title = one_line(markup.flowing(anchor if heading is None else heading) or _unseen(anchor), MAX_TITLE)
        better = (heading is not None) > one.in_heading or (
            (heading is not None) == one.in_heading and len(title) > len(one.title)
        )
        if title and better:
            one.title, one.anchor, one.in_heading = title, anchor, heading is not None
        one.in_frame = one.in_frame and _in_frame(anchor)
    return list(found.values())


def _heading(anchor: HtmlElement) -> HtmlElement | None:
    """Return the heading that a link stands in, or holds; what a card says besides its headline is no title."""
    inside = next((one for one in anchor.iter() if one.tag in _HEADINGS and markup.flowing(one)), None)
    if inside is not None:
        return inside
    around = anchor.getparent()
    for _ in range(3):
        if around is None:
            return None
        if around.tag in _HEADINGS:
            return anchor
        around = around.getparent()
    return None


def _unseen(anchor: HtmlElement) -> str:
    """Return what a link without text says to those who cannot see it: links laid over a card, and pictures."""
    picture = anchor.find(".//img")
    return anchor.get("aria-label") or anchor.get("title") or (picture is not None and picture.get("alt")) or ""


def _in_frame(anchor: HtmlElement) -> bool:
    inside_article = False
    for around in anchor.iterancestors():
        inside_article = inside_article or around.tag == "article"
        if around.tag in _FRAME and not (around.tag == "header" and inside_article):
            return True
        if around.tag in ("body", "main", "html"):
            return False
        names = " ".join((around.get(name) or "")[:200] for name in ("class", "id", "role"))
        if (
            len(names) > 2
            and not inside_article
            and around.tag in ("ul", "div", "ol", "p", "section", "span", "td")
            and _FRAME_NAMES.search(names)
        ):
            return True
    return False


def _points(one: _Candidate) -> int:
    """Weigh what a link looks like; _ENOUGH makes an article."""
    parts = urlsplit(one.url)
    slug = parts.path.rstrip("/").rsplit("/", 1)[-1]
    words = len(_WORDS.findall(slug))
    length = len(one.title) + len(_DENSE.findall(one.title))
    points = 0
    points += 3 if length >= 40 else 2 if length >= 25 else 0 if length >= 15 else -2
    points += 2 if one.in_heading else 0
    points += 2 if words >= 4 else 1 if words == 3 or "%" in slug else 0
    points += 3 if re.search(r"/(?:19|20)\d\d[/-]?(?:\d\d|[a-z]{3})[/-]?\d{0,2}", parts.path) else 0
    points += 2 if _NUMBER.search(f"{slug}?{parts.query}") else 0
    points -= 0 if not one.in_frame else 3 if length < 40 else 1  # a menu has no headlines
    is_slug = words >= 4 or _NUMBER.search(slug)
    points -= 5 if _NO_ARTICLE.search(parts.path) or (_MAY_BE.search(parts.path) and not is_slug) else 0
    return points


def _with_kin(found: list[_Candidate]) -> list[_Candidate]:
    """Keep the links with enough points, and let addresses of one shape decide about those near the line."""
    kin: dict[str, list[_Candidate]] = defaultdict(list)
    for one in found:
        kin[_shape(one.url)].append(one)
    kept = []
    for one in found:
        group = kin[_shape(one.url)]
        share = sum(each.points >= _ENOUGH for each in group) / len(group)
        bonus = 3 if share >= 0.6 and len(group) >= 3 else -2 if share <= 0.25 and len(group) >= 4 else 0
        if one.title and one.points + bonus >= _ENOUGH:
            kept.append(one)
    return kept


def _shape(url: str) -> str:
    """Return what addresses of one kind share: host, depth, first part, kinds of the others, keys of the query."""
    parts = urlsplit(url)
    pieces = parts.path.strip("/").split("/")
    kinds = [_kind(piece) for piece in pieces[1:]] if len(pieces) > 1 else [_kind(pieces[0])]
    first = _kind(pieces[0]) if len(pieces) > 1 and pieces[0].isdigit() else pieces[0] if len(pieces) > 1 else ""
    keys = ",".join(key for key, _ in parse_qsl(parts.query))
    return f"{parts.hostname}/{first}/{'/'.join(kinds)}?{keys}"


def _kind(piece: str) -> str:
    if piece.isdigit():
        return "9" * min(len(piece), 5)
    dot = piece.rsplit(".", 1)[-1] if "." in piece else ""
    words = len(_WORDS.findall(piece))
    return f"{'long' if words >= 4 else 'mid' if words >= 2 else 'one'}{'#' if _NUMBER.search(piece) else ''}.{dot[:5]}"


def _date_beside(one: _Candidate, page: Page, language: str, addresses: set[str]) -> When | None:
    """Return the date nearest to the link, in an element that holds no other candidate."""
    around: HtmlElement | None = one.anchor
    for _ in range(6):
        if around is None or around.tag in ("body", "main", "html"):
            break
        if _other_addresses(around, one.url, addresses, page.url):
            break
        for text in _stated(around):
            if when := read_date(text, now=page.fetched_at, origin="list", language=language, timezone=page.timezone):
                return when
        around = around.getparent()
    return None


def _other_addresses(element: HtmlElement, url: str, addresses: set[str], base: str) -> bool:
    for number, link in enumerate(element.iter("a")):
        address = public_url(link.get("href") or "", base).split("#")[0]
        if number == _MAX_ROW_LINKS:
            return True
        if address != url and address in addresses and not _NO_ARTICLE.search(urlsplit(address).path):
            return True
    return False


def _stated(element: HtmlElement) -> Iterator[str]:
    """Yield texts that may be dates: <time>, then short elements whose names say so, then short ones with a year."""
    for one in element.iter("time"):
        yield one.get("datetime") or markup.flowing(one)
    for one in element.iter("span", "p", "div", "small", "em", "i", "td", "nobr", "dd", "li"):
        if len(one) > 2:
            continue
        text = markup.flowing(one)
        named = _DATED.search(f"{one.get('class')} {one.get('id')}")
        if 6 <= len(text) <= 40 and (named or re.match(r"\W?(?:19|20)\d\d\W|.*\b(?:19|20)\d\d\W?$", text)):
            yield text


def _base(root: HtmlElement, url: str) -> str:
    stated = root.find(".//base")
    return public_url(stated.get("href") or "", url) or url if stated is not None else url
