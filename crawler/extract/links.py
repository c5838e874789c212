"""The links of a page: where each leads, what it is called, and whether it stands in the page's frame."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.metadata import is_home, same_site
from crawler.extract.rows import Rows, line
from storage.identity import tells_fragments_apart
from storage.text import MAX_TITLE, one_line, public_url

MAX_ANCHORS = 5000

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_FRAME = frozenset(("nav", "footer", "header"))
_FRAME_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|pagination|pager|social|share|tags?|tagcloud|author"
    r"|byline|login|cookie|lang|language|skip-link)(?=$|[\s_-])",
    re.IGNORECASE,
)
NO_ARTICLE = re.compile(
    r"/(?:tags?|tagged|category|categories|authors?|autor(?:en)?|profile|users?|page/\d+|log-?in|sign-?in|register"
    r"|subscri\w*|account|contact\w*|kontakt|privacy\w*|datenschutz|terms\w*|impressum|search|suche|rss|feeds?|sitemap"
    r"|(?:privacy|cookie)-policy[\w-]*|terms-(?:and-conditions|(?:of|for)-(?:use|service))[\w-]*|legal-notice|aviso-legal"
    r"|cookies?|newsletters?|advertis\w*|cdn-cgi|wp-(?:admin|login)\S*)(?:[/?.]|$)",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|rss|css|js|docx?|xlsx?)$", re.IGNORECASE)
_KICKER = re.compile(r"kicker|eyebrow|overline|rubric|dachzeile|spitzmarke|category|section-name", re.IGNORECASE)
_LABEL = re.compile(
    r"\W*(?:read|see|view|show|learn|continue|full|more|all|explore|details|weiter|mehr|lire|leer|leggi|подробнее|читать"
    r"|далее|더\s?보기|자세히|続きを|もっと|阅读|閱讀|更多|详细|المزيد|اقرأ)",
    re.IGNORECASE,
)
_LABEL_LENGTH = 25


@dataclass(slots=True)
class Candidate:
    """What is known of one address from all the links that lead to it."""

    url: str
    anchor: HtmlElement  # the link with the best title
    title: str = ""
    in_heading: bool = False
    in_frame: bool = True
    points: int = 0
    shape: str = ""
    hrefs: set[str] = field(default_factory=set)  # as the page spells them


def candidates(root: HtmlElement, addresses: Addresses) -> tuple[list[Candidate], Rows]:
    """Return the addresses of the page's own site in page order, each once, and the rows that they stand in."""
    found: dict[str, Candidate] = {}
    anchors: list[tuple[HtmlElement, str]] = []
    frames: dict[tuple[HtmlElement, bool], bool] = {}
    for number, anchor in enumerate(root.iter("a")):
        if number >= MAX_ANCHORS:
            break
        address = addresses.own(anchor.get("href") or "")
        anchors.append((anchor, address if address and not NO_ARTICLE.search(urlsplit(address).path) else ""))
        if address:
            one = found.setdefault(address, Candidate(address, anchor))
            one.hrefs.add(anchor.get("href") or "")
            _take_title(one, anchor)
            one.in_frame = one.in_frame and _in_frame(anchor, frames)
    rows = Rows(anchors)
    _replace_labels(list(found.values()), rows)
    return list(found.values()), rows


class Addresses:
    """Where a page's links lead; most of them stand there more than once."""

    def __init__(self, root: HtmlElement, url: str) -> None:
        stated = root.find(".//base")
        self._base = public_url(stated.get("href") or "", url) or url if stated is not None else url
        self._page = url
        self._here = url.split("#")[0]
        self._absolute: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._sites: dict[str, bool] = {}

    def absolute(self, href: str) -> str:
        """Return the public URL that the link means, with its fragment, or ""."""
        if (known := self._absolute.get(href)) is None:
            known = self._absolute[href] = public_url(href, self._base) if href.strip() else ""
        return known

    def own(self, href: str) -> str:
        """Return the page of this site that a link leads to, "" for others, files, the home page and this page."""
        if (known := self._known.get(href)) is None:
            known = self._known[href] = self._own(self.absolute(href))
        return known

    def same_site(self, url: str) -> bool:
        host = urlsplit(url).netloc
        if (known := self._sites.get(host)) is None:
            known = self._sites[host] = same_site(url, self._page)
        return known

    def _own(self, whole: str) -> str:
        address = whole.split("#")[0]
        if not address or address == self._here or not self.same_site(address) or is_home(address):
            return ""
        if _FILE.search(urlsplit(address).path):
            return ""
        return whole if "#" in whole and tells_fragments_apart(whole) else address


def _take_title(one: Candidate, anchor: HtmlElement) -> None:
    heading = _heading(anchor)
    title = _said(anchor if heading is None else heading) or one_line(_unseen(anchor), MAX_TITLE)
    better = (heading is not None) > one.in_heading or (
        (heading is not None) == one.in_heading and len(title) > len(one.title)
    )
    if title and better:
        one.title, one.anchor, one.in_heading = title, anchor, heading is not None


def _said(element: HtmlElement) -> str:
    """Return an element's text without the kicker over its headline, unless there is nothing else."""
    if len(element):
        without = " ".join(markup.paragraphs(element, skip=_is_kicker, line_breaks=False))
        if without:
            return one_line(without, MAX_TITLE)
    return one_line(line(element), MAX_TITLE)


def _is_kicker(element: HtmlElement) -> bool:
    return bool(_KICKER.search(element.get("class") or ""))


def _replace_labels(found: list[Candidate], rows: Rows) -> None:
    """Give links that say "Read more" the headline of their row; words shared by several links are no title."""
    same = Counter(one.title for one in found)
    for one in found:
        # "Press Review" may head several articles of a list; "Read more" does so in vain.
        if one.in_heading and one.title and (same[one.title] < 3 or not _LABEL.match(one.title)):
            continue
        short = len(one.title) < _LABEL_LENGTH
        if not one.title or (short and (same[one.title] >= 3 or _LABEL.match(one.title))):
            heading = rows.heading(one.anchor, one.url)
            said = _said(heading) if heading is not None else ""
            if said and said != one.title:
                one.title = said
            elif same[one.title] >= 3:
                one.title = ""


def _heading(anchor: HtmlElement) -> HtmlElement | None:
    """Return the heading that a link stands in, or holds; what a card says besides its headline is no title."""
    if len(anchor):
        inside = next((one for one in anchor.iter(*_HEADINGS) if line(one)), None)
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
    said = anchor.get("aria-label") or anchor.get("title")
    return said or (picture is not None and (picture.get("alt") or picture.get("title"))) or ""


def _in_frame(anchor: HtmlElement, frames: dict[tuple[HtmlElement, bool], bool]) -> bool:
    """Whether a link stands in a menu, a footer or the like; `frames` keeps what is known of the elements round it."""
    inside_article = False
    passed: list[tuple[HtmlElement, bool]] = []
    answer = False
    for around in anchor.iterancestors():
        inside_article = inside_article or around.tag == "article"
        key = (around, inside_article)
        if (known := frames.get(key)) is not None:
            answer = known
            break
        passed.append(key)
        if around.tag in ("body", "main", "html"):
            break
        if _is_frame(around, inside_article):
            answer = True
            break
    frames.update(dict.fromkeys(passed, answer))
    return answer


def _is_frame(around: HtmlElement, inside_article: bool) -> bool:
    if around.tag in _FRAME:
        return not (around.tag == "header" and inside_article)
    if inside_article or around.tag not in ("ul", "div", "ol", "p", "section", "span", "td"):
        return False
    names = " ".join((around.get(name) or "")[:200] for name in ("class", "id", "role"))
    return len(names) > 2 and _FRAME_NAMES.search(names) is not None
