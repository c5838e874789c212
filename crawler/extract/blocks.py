"""A page as a row of blocks: each run of text that a reader sees as one, and the elements that span several of them.

An element spans a range of the row, so what any element holds is a difference of two sums: to weigh every container of
a page costs no more than one walk over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from lxml.html import HtmlElement

from crawler.extract import frame
from crawler.extract.markup import BLOCKS

_BREAK = "\x1e"  # never in a page's text: `tree` drops control characters
_ENDS = (".", "!", "?", "…", "。", "！", "？", '"', "”", "»", "“", "।", "؟", ":", "」", "』", ")", "’", "'")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


Piece = tuple[HtmlElement, bool]  # where a text stands in the tree: an element's `text`, or if True its `tail`


@dataclass(slots=True)
class Block:
    """`element` is the innermost block element round the text, `links` the characters of it that are links."""

    text: str
    element: HtmlElement
    tag: str
    links: int
    pieces: list[Piece]
    is_caption: bool = False

    size: int = field(init=False)  # characters; those of a dense writing count twice
    is_prose: bool = field(init=False)  # a sentence or more, and not a link

    def __post_init__(self) -> None:
        self.size = len(self.text) * (2 if "\u3040" <= self.text[len(self.text) // 2] <= "\u9fff" else 1)
        self.is_prose = (
            self.size >= 25
            and self.links * 2 <= len(self.text)
            and not (self.is_caption or self.is_heading)
            and (self.size >= 80 or (self.text.endswith(_ENDS) and (self.size >= 40 or self.text[-1] != ":")))
        )

    @property
    def is_heading(self) -> bool:
        return self.tag in _HEADINGS

    @property
    def kind(self) -> tuple[str, str, str]:
        """How it is marked up: what stands in one article side by side is mostly marked up alike."""
        above = self.element.getparent()
        name = above.get("class", "") if above is not None else ""
        return self.tag, self.element.get("class", ""), name


@dataclass(slots=True)
class Row:
    """The blocks in reading order, and the range of them that each block element and each framing element spans."""

    blocks: list[Block] = field(default_factory=list)
    spans: dict[HtmlElement, tuple[int, int]] = field(default_factory=dict)
    frames: list[tuple[HtmlElement, frame.Kind]] = field(default_factory=list)
    images: list[tuple[int, HtmlElement]] = field(default_factory=list)  # with the index of the block that follows

    def within(self, element: HtmlElement) -> range:
        return range(*self.spans.get(element, (0, 0)))


def row_of(top: HtmlElement) -> Row:
    """Return the row of what stands in `top`: one walk, iterative, so that depth costs no stack."""
    row = Row()
    blocks, spans, frames = row.blocks, row.spans, row.frames
    texts: list[str] = []
    pieces: list[Piece] = []
    links = anchors = captions = 0
    holders: list[tuple[HtmlElement, str]] = [(top, "body")]

    def end_block() -> None:
        nonlocal links, texts, pieces
        if texts:
            if text := _joined("".join(texts)):
                element, tag = holders[-1]
                blocks.append(Block(text, element, tag, min(links, len(text)), pieces, captions > 0))
            texts, pieces = [], []
        links = 0

    stack: list[tuple[HtmlElement, str, bool]] = [(top, "body", False)]
    while stack:
        element, tag, closing = stack.pop()
        if not closing:
            kind = frame.by_tag(element, tag)
            if kind is not frame.Kind.SILENT:
                if tag in BLOCKS:
                    end_block()
                    holders.append((element, tag))
                    spans[element] = (len(blocks), 0)
                elif tag == "br" and texts:
                    follower = element.getnext()
                    if follower is not None and follower.tag == "br" and not (element.tail or "").strip():
                        end_block()
                    else:
                        texts.append(_BREAK)
                elif tag == "img":
                    row.images.append((len(blocks), element))
                anchors += tag == "a"
                captions += tag in ("figcaption", "figure")
                if kind is not None:
                    end_block()
                    spans[element] = (len(blocks), 0)
                    frames.append((element, kind))
                if text := element.text:
                    texts.append(text)
                    pieces.append((element, False))
                    if anchors:
                        links += len(text.strip())
                stack.append((element, tag, True))
                stack += [
                    (child, child.tag, False) if isinstance(child.tag, str) else (child, "", True)
                    for child in reversed(element)
                ]
                continue
        elif tag:
            if tag in BLOCKS or element in spans:
                end_block()
                spans[element] = (spans[element][0], len(blocks))
            if tag in BLOCKS:
                holders.pop()
            anchors -= tag == "a"
            captions -= tag in ("figcaption", "figure")
        if element is not top and (tail := element.tail):
            texts.append(tail)
            pieces.append((element, True))
            if anchors:
                links += len(tail.strip())
    end_block()
    return row


def _joined(text: str) -> str:
    if _BREAK not in text:
        return " ".join(text.split())
    return "\n".join(line for each in text.split(_BREAK) if (line := " ".join(each.split())))


def sums(weights: Iterable[float]) -> list[float]:
    """Return the running sums, 0 first: the weight of a range is a difference."""
    return list(accumulate(weights, initial=0.0))
