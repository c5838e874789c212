"""How the paragraphs of a source's articles are marked up: with it, what holds an article is read without weighing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extract.blocks import Block, row_of
from crawler.extract.content import BELOW, Content, headed, is_text, is_wall, letters, once

MOST_KINDS = 60  # of one layout; a site that makes up a name for each paragraph is not learned by names
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of blocks that were text, and those that stood beside it and were none; sorted, each once.

    A kind in both says nothing, and neither does one in none.
    """

    kept: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def merged(self, other: Kinds) -> Kinds:
        return Kinds(_sorted({*self.kept, *other.kept}), _sorted({*self.left, *other.left}))


NO_KINDS = Kinds()


def kinds_of(content: Content, holder: HtmlElement, title: str) -> Kinds:
    """Return the kinds of the blocks in `holder`, which holds all of the content's text."""
    blocks, kept = content.row.blocks, set(content.kept)
    plain = letters(title)
    span = content.row.within(holder)
    texts = {blocks[index].text for index in kept}
    left = {
        _name(blocks[index])
        for index in span
        if index not in kept and _speaks(blocks[index], plain) and blocks[index].text not in texts
    }
    return Kinds(_sorted({_name(blocks[index]) for index in kept}), _sorted(left))


def content_by(kinds: Kinds, holder: HtmlElement, title: str) -> Content | None:
    """Return the article in the element that holds it, None where a block is of a kind that says nothing."""
    row = row_of(holder)
    blocks = row.blocks
    plain = letters(title)
    kept_kinds, left_kinds = set(kinds.kept), set(kinds.left)
    chosen = []
    for index, one in enumerate(blocks):
        if not _speaks(one, plain):
            continue
        name = _name(one)
        if (name in kept_kinds) == (name in left_kinds):
            return None
        if name in kept_kinds:
            chosen.append(index)
    chosen = chosen[:-BELOW] + [index for index in chosen[-BELOW:] if not is_wall(blocks[index])]
    kept = headed(blocks, once(blocks, chosen))
    return Content(row, holder, tuple(kept), [False] * len(blocks), frozenset()) if kept else None


def _speaks(block: Block, title: str) -> bool:
    """Is it judged by how it is marked up? Captions, and what only repeats or leads elsewhere, are not."""
    return not block.is_caption and is_text(block, title) and not is_wall(block)


def _name(block: Block) -> str:
    is_link = block.links >= (0.9 if block.tag == "p" else 0.6) * len(block.text)
    return _NUMBER.sub("9", " ".join(f"{'|'.join(block.kind)}{' a' if is_link else ''}".split())[:200])


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names)) if len(names) <= MOST_KINDS else ()
