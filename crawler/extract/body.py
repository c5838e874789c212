"""The text of an article on a page that nobody described, as plain paragraphs and as HTML."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from html import escape

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.content import Content, find_content
from crawler.extract.kinds import NO_KINDS, Kinds, content_by, kinds_of
from crawler.fault import LookFault
from storage.model.looking import Outcome
from storage.text import MAX_BODY, clean

MAX_ELEMENTS = 30_000  # the largest of 770 real pages had 6,100
_LEAST = 250  # characters from which on a text stated in JSON-LD may stand in for a body that was not found
_IMAGE = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")


@dataclass(frozen=True, slots=True)
class Body:
    """`text`: paragraphs joined by a blank line; `html`: the same, sanitised. Both "" where no body was found.

    `ends_in_wall`: the page asks there to subscribe for reading on. `holder` is the innermost element of the page that
    holds all of the text, None where it was not found in one; `kinds` are those of the blocks in it.
    """

    text: str
    html: str
    ends_in_wall: bool = False
    holder: HtmlElement | None = field(default=None, compare=False)
    kinds: Kinds = NO_KINDS


def read_body(
    root: HtmlElement, url: str, *, title: str = "", stated_text: str = "", kinds: Kinds | None = None
) -> Body:
    """Return the article's body.

    With `kinds` the last element of the page's body holds the article, whose blocks are mostly of these kinds.

    `stated_text` (JSON-LD articleBody) is taken where less than half as much can be found on the page, as on pages
    that scripts draw. The headline is no part of the body. The tree stays as it is. Raises LookFault(TOO_LARGE).
    """
    if root.xpath("count(//*)") > MAX_ELEMENTS:
        raise LookFault(Outcome.TOO_LARGE, f"the page has more than {MAX_ELEMENTS:,} elements")
    stated = _from_text(stated_text) if len(stated_text) >= _LEAST else Body("", "")
    holders = root.xpath("/html/body/*[last()]") if kinds else []
    content = content_by(kinds, holders[0], title) if kinds and holders else None
    known = content is not None
    content = content or find_content(root, title, stated.text)
    text = clean("\n\n".join(content.texts)) if content else ""
    if len(text) * 2 < len(stated.text):
        return stated
    if content is None:
        return Body("", "")
    holder = _above([content.row.blocks[index].element for index in content.kept])
    seen = NO_KINDS if known else kinds_of(content, holder, title)
    return Body(text, _html_of(content, url), content.ends_in_wall, holder, seen)


def body_of(element: HtmlElement, url: str, *, paragraphs: list[str] | None = None) -> Body:
    """Return a body that a site file found: an element, and its paragraphs where the file has chosen among them."""
    text = "\n\n".join(markup.paragraphs(element) if paragraphs is None else paragraphs)
    if paragraphs is None:
        return Body(clean(text), markup.sanitised(element, url))
    return Body(clean(text), _as_html(paragraphs))


def _html_of(content: Content, url: str) -> str:
    """Return the article in the page's own markup: a copy without the texts and the images that are not of it."""
    row, kept = content.row, set(content.kept)
    first, last = content.kept[0], content.kept[-1]
    shown = {
        piece
        for index, block in enumerate(row.blocks[first : last + 1], first)
        if index in kept or (block.is_caption and not content.out[index])
        for piece in block.pieces
    }
    images = {one for index, one in row.images if first <= index <= last + 1 and _is_shown(content, index, one)}
    top = _above([row.blocks[index].element for index in content.kept] + list(images))
    copy = deepcopy(top)
    copy.tail = None
    pairs = list(zip(top.iter(), copy.iter(), strict=True))
    for one, its_copy in pairs:
        if one.text and (one, False) not in shown:
            its_copy.text = None
        if one is not top and one.tail and (one, True) not in shown:
            its_copy.tail = None
    for one, its_copy in reversed(pairs):
        is_empty = not len(its_copy) and not (its_copy.text or "").strip() and one.tag not in ("br", "source")
        if not isinstance(one.tag, str) or (one not in images if one.tag == "img" else is_empty):
            its_copy.drop_tree()
        elif one.tag in markup.BLOCKS and one.tag not in markup.TAGS and _holds_text(its_copy):
            its_copy.tag = "p"
    return markup.sanitised(copy, url)


def _holds_text(element: HtmlElement) -> bool:
    """Does a text stand in it that is no other block's?"""
    return not any(child.tag in markup.BLOCKS for child in element) and bool(
        (element.text or "").strip() or any((child.tail or "").strip() for child in element)
    )


def _is_shown(content: Content, index: int, image: HtmlElement) -> bool:
    """Is it a picture of the article: in none of its frames, and no link to another page?"""
    for one in image.iterancestors():
        if one in content.framing:
            return False
        if one.tag == "figure":
            return True
        if one.tag == "a":
            return (one.get("href") or "").lower().split("?")[0].endswith(_IMAGE)
        if one is content.top:
            return True
    return True


def _above(elements: list[HtmlElement]) -> HtmlElement:
    """Return the innermost element that holds them all."""
    chain = [elements[0], *elements[0].iterancestors()]
    places = {one: place for place, one in enumerate(chain)}
    highest = 0
    for one in dict.fromkeys(elements[1:]):
        above: HtmlElement | None = one
        while above is not None and above not in places:
            above = above.getparent()
        highest = max(highest, places[above] if above is not None else len(chain) - 1)
    return chain[highest]


def _from_text(text: str) -> Body:
    if "</p>" in text or "<br" in text:
        text = "\n".join(markup.paragraphs(markup.tree(text)))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    paragraphs = [line for line in lines if line]
    return Body(clean("\n\n".join(paragraphs)), _as_html(paragraphs))


def _as_html(paragraphs: list[str]) -> str:
    return clean(
        "\n".join(f"<p>{escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in paragraphs), MAX_BODY
    )
