"""Which blocks of a page are the article: the element that holds most prose for its chaff, and what of it is text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Row, row_of, sums
from crawler.extract.frame import WALL, Kind
from storage.text import fold

_LEAVES = frozenset({"p", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt", "figure"})
_LEAST = 250
BELOW = 15  # blocks round the end of a text among which its wall stands
_LETTERS = re.compile(r"[\W_]+")
# How a line begins that leads away from the text. Whole phrases: "Share prices fell" is news.
_ALSO = re.compile(
    r"^[\W_]*(?:(?:read|see|watch|listen|learn|find out)(?: more| also| next| now| it here|:)|click here"
    r"|sign up (?:for|to)"
    r"|subscribe (?:to|now|here)|follow (?:us|@|\w+(?: \w+){0,2} on)"
    r"|related(?:$|:| \w+$| (?:articles|stories|news|content))"
    r"|recommended(?:$|:| for you)|advertisement\W*$|share (?:this|on|via)|more (?:from|on)\b|(?:photo|image|source) ?:"
    r"|lesen sie (?:auch|hier|mehr|dazu)|lies auch|mehr zum thema|auch interessant|anzeige\W*$|(?:foto|quelle) ?:"
    r"|lire aussi|à lire (?:aussi|également)|le[ae] también|leer más|te puede interesar|leggi anche|les også|læs også"
    r"|läs också|l[e]{1,2}s ook|(?:leia|veja) também|lue myös|(?:czytaj|zobacz) też|przeczytaj (?:też|także)"
    r"|чита(?:йте|ть) также|смотрите также|подписывайтесь на|ilgili haber|baca juga|xem thêm"
    r"|関連記事|相关阅读|관련기사"
    r"|ये भी पढ़ें|यह भी पढ़ें|اقرأ أيضا)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Content:
    """What of a page is its article.

    `kept` are the indexes of the row's blocks that are its text, in reading order, never empty; `top` is the container
    that was chosen (a lead may stand above it). `out` says of each block whether it is frame, `framing` are the
    elements that are nothing else.
    """

    row: Row
    top: HtmlElement
    kept: tuple[int, ...]
    out: list[bool]
    framing: frozenset[HtmlElement]

    @property
    def texts(self) -> list[str]:
        return [self.row.blocks[index].text for index in self.kept]

    @property
    def ends_in_wall(self) -> bool:
        """Does the page ask, where the text ends, to subscribe for reading on?"""
        end = self.kept[-1] + 1
        return any(is_wall(one) for one in self.row.blocks[end : end + BELOW])


def letters(text: str) -> str:
    """Return what two texts are compared by where marks, spaces and case say nothing."""
    return _LETTERS.sub("", fold(text)).casefold()


def find_content(root: HtmlElement, title: str, stated: str = "") -> Content | None:
    """Return the article of a page, None where there is no text at all.

    `title` is its headline, `stated` its text as JSON-LD has it: where the page shows most of it, the container is the
    one that holds it and little else. The tree stays as it is.
    """
    body = root.find("body")
    top = body if body is not None else root
    row = row_of(top)
    blocks = row.blocks
    if not blocks:
        return None
    head = _headline(blocks, letters(title))
    out = _framing(row, head)
    best = _densest(row, out, head, None)
    if len(stated) >= _LEAST:
        known = letters(stated)
        matched = [len(mine := letters(one.text)) >= 12 and mine in known for one in blocks]
        agreed = sum(len(one.text) for one, is_in in zip(blocks, matched, strict=True) if is_in)
        prose = sum(len(blocks[index].text) for index in row.within(best) if blocks[index].is_prose)
        if agreed * 2 >= max(len(stated), prose):
            best = _densest(row, out, head, matched)
    kept = _text_of(row, row.within(best), out, title, head)
    lead = _lead(row, head, row.spans[best][0], out)
    if not lead + kept:
        return None
    framing = frozenset(
        one
        for one, kind in row.frames
        if kind in (Kind.OUT, Kind.UNSURE) and all(out[index] for index in row.within(one))
    )
    return Content(row, best, tuple(lead + kept), out, framing)


def _densest(row: Row, out: list[bool], head: int, matched: list[bool] | None) -> HtmlElement:
    """Return the container that the most speaks for: it gains by prose and loses by links and scraps."""
    weights = [
        0.0 if is_out else _weight(one, None if matched is None else matched[index])
        for index, (one, is_out) in enumerate(zip(row.blocks, out, strict=True))
    ]
    total = sums(weights)
    bodies = {element for element, kind in row.frames if kind is Kind.BODY}
    best, most = next(iter(row.spans)), 0.0
    for element, (start, end) in row.spans.items():
        if element.tag in _LEAVES:
            continue
        mine = (total[end] - total[start]) * (1.2 if element in bodies else 1.0) * (0.6 if end <= head else 1.0)
        if mine >= most and mine > 0:
            best, most = element, mine
    return _narrowed(row, best, total) if most else best


def _narrowed(row: Row, best: HtmlElement, total: list[float]) -> HtmlElement:
    """Go down to where the prose stands that is marked up alike: what differs from it below the text is teasers."""
    blocks, spans = row.blocks, row.spans
    while True:
        start, end = spans[best]
        below = [(total[b] - total[a], one) for one in best.iterchildren() if one in spans for a, b in [spans[one]]]
        if not below:
            return best
        mine, child = max(below, key=lambda each: each[0])
        if mine < 0.6 * (total[end] - total[start]) or child.tag in _LEAVES:
            return best
        inner = row.within(child)
        if inner == range(start, end):
            best = child
            continue
        kinds = {blocks[index].kind for index in inner if blocks[index].is_prose}
        alike = sum(
            blocks[index].size
            for index in range(start, end)
            if index not in inner and total[index + 1] > total[index] and blocks[index].kind in kinds
        )
        if alike > 0.08 * mine:
            return best
        best = child


def _weight(block: Block, is_stated: bool | None) -> float:
    """What a block speaks for its container; `is_stated` says whether JSON-LD has it, None if it has no text."""
    if is_stated:
        return block.size
    if block.is_prose:
        return block.size if is_stated is None else -0.5 * block.size
    if block.is_heading or block.is_caption:
        return -10.0
    return -20.0 if block.links >= 0.9 * len(block.text) else -5.0


def _headline(blocks: list[Block], title: str) -> int:
    """Return the index of the headline: the first heading that reads like the title, else the first h1, else -1."""
    first = -1
    for index, one in enumerate(blocks):
        if one.is_heading:
            mine = letters(one.text)
            if title and len(mine) > 10 and (mine == title or mine in title or title in mine):
                return index
            if one.tag == "h1" and first < 0:
                first = index
    return first


def _framing(row: Row, head: int) -> list[bool]:
    """Say of each block whether it is frame. What holds the headline or much of the prose is none, by any name."""
    prose = sums(one.size if one.is_prose else 0 for one in row.blocks)
    spans = [(*row.spans[element], kind) for element, kind in row.frames]
    # One excerpt leads into the article, several are of others.
    named = Counter(name for element, kind in row.frames if "excerpt" in (name := element.get("class", "").lower()))
    spans = [
        (start, end, Kind.UNSURE if kind is Kind.LEAD and named[element.get("class", "").lower()] > 2 else kind)
        for (start, end, kind), (element, _) in zip(spans, row.frames, strict=True)
    ]
    never = _covered(len(row.blocks), [(start, end) for start, end, kind in spans if kind is Kind.OUT])
    outside = sum(one.size for one, is_out in zip(row.blocks, never, strict=True) if one.is_prose and not is_out)
    framing = [
        (start, end)
        for start, end, kind in spans
        if (kind is Kind.OUT or (kind is Kind.UNSURE and prose[end] - prose[start] <= 0.4 * outside))
        and not start <= head < end
    ]
    out = _covered(len(row.blocks), framing)
    left = sum(one.size for one, is_out in zip(row.blocks, out, strict=True) if one.is_prose and not is_out)
    most = max((prose[end] - prose[start] for start, end in framing), default=0)
    if left < _LEAST <= most and left * 3 < most:  # names that mislead: the article itself was taken for frame
        out = _covered(len(out), [(start, end) for start, end in framing if (prose[end] - prose[start]) * 2 <= most])
    for start, end, kind in spans:
        if kind is Kind.CAPTION and prose[end] - prose[start] <= 0.4 * outside:
            for index in range(start, end):
                row.blocks[index].is_caption, row.blocks[index].is_prose = True, False
    return out


def _covered(length: int, spans: list[tuple[int, int]]) -> list[bool]:
    edges = [0] * (length + 1)
    for start, end in spans:
        edges[start] += 1
        edges[end] -= 1
    return [depth > 0 for depth in accumulate(edges[:-1])]


def _text_of(row: Row, span: range, out: list[bool], title: str, head: int) -> list[int]:
    """Return what of the container is text: from its first prose to the last that is marked up like it."""
    blocks = row.blocks
    plain = letters(title)
    linked: dict[HtmlElement, list[int]] = {}
    for index in span:
        one = blocks[index]
        sizes = linked.setdefault(one.element, [0, 0])
        sizes[0] += one.links
        sizes[1] += len(one.text)
    chosen = [
        index
        for index in span
        if not out[index]
        and not blocks[index].is_caption
        and is_text(blocks[index], plain)
        and linked[blocks[index].element][0]
        < (0.9 if blocks[index].tag == "p" else 0.6) * linked[blocks[index].element][1]
    ]
    prose = [index for index in chosen if blocks[index].is_prose]
    if not prose:  # a flash of a few words
        below = [index for index in chosen if index > head]
        return [index for index in below if blocks[index].tag == "p"] or below
    end = _next_article(blocks, chosen, prose, head)
    kinds = {blocks[index].kind for index in prose if index < end}
    last = max(index for index in chosen if index < end and blocks[index].kind in kinds)
    chosen = [index for index in chosen if prose[0] <= index <= last]
    chosen = chosen[:-BELOW] + [index for index in chosen[-BELOW:] if not is_wall(blocks[index])]
    return headed(blocks, once(blocks, chosen))


def _next_article(blocks: list[Block], chosen: list[int], prose: list[int], head: int) -> int:
    """Return where the next article begins on a page that loads one after the other, each under an h1."""
    if 0 <= head < prose[0] and blocks[head].tag == "h1":
        for index in chosen:
            if index > prose[0] and blocks[index].tag == "h1" and not blocks[index].links:
                before = sum(1 for one in prose if one < index)
                return index if before * 4 >= len(prose) else len(blocks)
    return len(blocks)


def once(blocks: list[Block], chosen: list[int]) -> list[int]:
    """Leave out paragraphs that stand there before: for another size of screen, or as a quote from the text."""
    seen: set[str] = set()
    once = []
    for index in chosen:
        one = blocks[index]
        if one.size < 80 or one.text not in seen:
            once.append(index)
        seen.add(one.text)
    return once


def headed(blocks: list[Block], chosen: list[int]) -> list[int]:
    """Leave out headings without a text below them."""
    kept: list[int] = []
    for index in reversed(chosen):
        below = blocks[kept[-1]] if kept else None
        if not blocks[index].is_heading or (below and not (below.is_heading and below.tag <= blocks[index].tag)):
            kept.append(index)
    return kept[::-1]


def is_wall(block: Block) -> bool:
    """Does it ask to subscribe for reading on?"""
    return len(block.text) < 300 and WALL.search(block.text) is not None


def is_text(block: Block, title: str) -> bool:
    """Is it none of the set phrases that lead elsewhere, and not the headline (as `letters`) again?"""
    if len(block.text) < 200 and _ALSO.match(block.text):
        return False
    may_be_title = title and len(block.text) < 2 * len(title) + 40  # to fold a text costs more than all the rest
    return not (may_be_title and letters(block.text) == title)


def _lead(row: Row, head: int, start: int, out: list[bool]) -> list[int]:
    """Return the blocks between the headline and the text that lead into it."""
    if head < 0:
        return []
    return [
        index
        for index in range(head + 1, start)
        if not out[index] and not row.blocks[index].is_caption and row.blocks[index].is_prose
    ]
