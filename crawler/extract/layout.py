"""The fast way to read: where an article stands on a source's pages, learned from those that were read in full.

A page is cut down to its head and the element that held the articles before, and what is left is read as any page is:
most of a page's bytes, and of the time to read it, are menus and scripts. What is learned is one start tag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.body import Body
from crawler.extract.frame import WALL
from crawler.extract.kinds import NO_KINDS, Kinds
from storage.model.articles import Article
from storage.text import fold

MOST_LAYOUTS = 4  # of one source: articles, videos, live blogs, opinion
ENOUGH_PAGES = 3  # that were read in full
ENOUGH_AGREED = 2  # of the latest pages, that a layout read as the full method did
_LEAST_SHARE = 0.3  # of the shortest text that was learned from: less is doubtful
_MOST_STRAY = 10  # paragraphs outside the element, over twice as many as ever: the text may have moved there

_MOST_ROUND = 8  # elements round an article that are tried: each costs a look at all tags of the page
_FIELDS = ("published", "modified", "authors", "section", "image")
_HELD = ("title", "published", "modified", "authors", "language", "teaser", "live", "next_page")  # against each other

_HEAD_END = re.compile(r"</head\s*>|<body\b", re.IGNORECASE)
# What is not closed reaches to the end of the page, so that time grows with length alone.
_NOT_LD = re.compile(r"<(script|style)\b(?![^>]*ld\+json)[^>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BESIDE = re.compile(
    r"<(script)\b[^>]*ld\+json[^>]*>.*?(?:</script\s*>|\Z)|<(h1|time)\b.*?(?:</\2\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_PARAGRAPH = re.compile(r"<p[\s>]", re.IGNORECASE)
_BESIDE_WALL = 5000  # characters behind the article in which a wall would stand
_WALL_NAMED = re.compile(
    r"(?:class|id)=[\"'][^\"'<>]{0,100}(?:pay-?wall|piano-|subscription-wall|regwall)", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+")
_NUMBERED = re.compile(r"""[^"'<>\s]{0,20}?[/=_,-][2-9]\d?/?["'.&]""")  # what ends the address of a second page


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which a source's pages are laid out.

    `opening` is a pattern of the start tag of the element that holds the article; it matches once on a page. `pages`
    were learned from, the latest `agreed` of them in a row without a difference. `shortest` is the length of the
    shortest text, `stray` the most paragraphs that stood outside the element, `fields` what every page stated, `kinds`
    how its paragraphs are marked up.
    """

    opening: str
    pages: int = 1
    agreed: int = 0
    shortest: int = 0
    stray: int = 0
    fields: tuple[str, ...] = ()
    kinds: Kinds = NO_KINDS

    @property
    def is_known(self) -> bool:
        """May pages be read by it alone?"""
        return self.pages >= ENOUGH_PAGES and self.agreed >= ENOUGH_AGREED


@dataclass(frozen=True, slots=True)
class Cut:
    """A page cut down by `layout`: HTML to be read in place of the page, and how many paragraphs it leaves out."""

    layout: Layout
    text: str
    stray: int


def cut(text: str, url: str, layouts: Sequence[Layout]) -> Cut | None:
    """Return the page cut down by the first layout that fits it, None where none does, or where the text may go on at
    another address (links to further pages of it stand outside), or ends in a wall that stands behind it."""
    if layouts and _may_go_on(text, url):
        return None
    for layout in layouts:
        if (window := _window(text, layout.opening)) is not None:
            start, end = window
            if _WALL_NAMED.search(text, end, end + _BESIDE_WALL) or WALL.search(text[end : end + _BESIDE_WALL]):
                return None
            stray = len(_PARAGRAPH.findall(text)) - len(_PARAGRAPH.findall(text, start, end))
            return Cut(layout, _reduced(text, start, end), stray)
    return None


def is_doubtful(taken: Cut, article: Article) -> str:
    """Return why what was read from the cut is not to be trusted, "" where it is: the text is short or may have moved,
    or the page states less than all before it did."""
    layout = taken.layout
    if len(article.body) < layout.shortest * _LEAST_SHARE:
        return f"the text is short: {len(article.body)} characters, where {layout.shortest} were the least"
    if taken.stray > 2 * layout.stray + _MOST_STRAY:
        return f"{taken.stray} paragraphs stand elsewhere, where {layout.stray} were the most"
    missing = [name for name in layout.fields if name not in _stated(article)]
    return f"nothing is stated as {' and '.join(missing)}, which every page stated" if missing else ""


def agree(one: Article, other: Article) -> str:
    """Return in which field two readings of one page differ, "" where they say the same."""
    if fold(one.body) != fold(other.body):
        return "body"
    if one.published and other.published and one.published.moment == other.published.moment:
        # Which zone a moment is shown in may stand elsewhere on the page.
        other = replace(other, published=one.published)
    return next((name for name in _HELD if getattr(one, name) != getattr(other, name)), "")


def learned(
    layouts: Sequence[Layout], text: str, body: Body, article: Article, *, agreed: Layout | None
) -> tuple[Layout, ...]:
    """Return the layouts after one more page that was read in full, the latest used first.

    `agreed` is the layout that had read it to the same.
    """
    opening = agreed.opening if agreed else _opening(text, body.holder)
    if not opening or (window := _window(text, opening)) is None:
        return tuple(layouts)
    stray = len(_PARAGRAPH.findall(text)) - len(_PARAGRAPH.findall(text, *window))
    known = next((one for one in layouts if one.opening == opening), None)
    if known is None:
        mine = Layout(opening, shortest=len(article.body), stray=stray, fields=_stated(article), kinds=body.kinds)
    else:
        mine = replace(
            known,
            pages=known.pages + 1,
            agreed=known.agreed + 1 if agreed else 0,
            shortest=min(known.shortest, len(article.body)),
            stray=max(known.stray, stray),
            fields=tuple(name for name in known.fields if name in _stated(article)),
            kinds=known.kinds.merged(body.kinds),
        )
    return (mine, *(one for one in layouts if one.opening != opening))[:MOST_LAYOUTS]


def relearned(layouts: Sequence[Layout], wrong: Layout) -> tuple[Layout, ...]:
    """Return the layouts without what was learned of one that read a page otherwise than the full method did."""
    return tuple(replace(one, pages=1, agreed=0) if one.opening == wrong.opening else one for one in layouts)


def _may_go_on(text: str, url: str) -> bool:
    """Is there a link to this address with a number behind it?"""
    name = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    at = text.find(name) if name else -1
    while at >= 0:
        if _NUMBERED.match(text, at + len(name)):
            return True
        at = text.find(name, at + len(name))
    return False


def _stated(article: Article) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if getattr(article, name))


def _window(text: str, opening: str) -> tuple[int, int] | None:
    """Return where the element begins and ends, None where its start tag does not stand on the page just once."""
    found = re.finditer(opening, text)
    first = next(found, None)
    if first is None or next(found, None) is not None:
        return None
    tag = re.match(r"<(\w+)", first[0])
    assert tag is not None
    # What stands in comments and scripts opens and closes nothing.
    name = re.escape(tag[1])
    edges = re.compile(
        rf"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<(/?){name}\b", re.IGNORECASE | re.DOTALL
    )
    depth = 1
    for edge in edges.finditer(text, first.end()):
        if edge[2] is None:
            continue
        depth += -1 if edge[2] else 1
        if depth == 0:
            return first.start(), edge.start()
    return None


def _reduced(text: str, start: int, end: int) -> str:
    head_end = _HEAD_END.search(text)
    at = head_end.start() if head_end and head_end.start() < start else 0
    # JSON-LD, headlines and times stand anywhere; those inside the window are there already.
    beside = [one[0] for part in ((at, start), (end, len(text))) for one in _BESIDE.finditer(text, *part)]
    return f"{_NOT_LD.sub('', text[:at])}</head><body>{''.join(beside)}{_NOT_LD.sub('', text[start:end])}</body></html>"


def _opening(text: str, holder: HtmlElement | None) -> str:
    """Return a pattern of the start tag of the innermost element round the article whose tag stands just once."""
    for _ in range(_MOST_ROUND):
        if holder is None or holder.tag in ("body", "html"):
            break
        for raw in re.findall(rf"<{re.escape(str(holder.tag))}\b[^>]*>", text, re.IGNORECASE):
            if _is_of(raw, holder):
                opening = _NUMBER.sub(r"\\d+", re.escape(raw))
                if _window(text, opening) is not None:
                    return opening
                break
        holder = holder.getparent()
    return ""


def _is_of(raw: str, element: HtmlElement) -> bool:
    """Does the start tag have the element's attributes, all of them?"""
    plain = html.unescape(raw)
    return raw.count("=") >= len(element.attrib) and all(
        name in plain.lower() and value in plain for name, value in element.attrib.items()
    )
