"""Plain text in lines that a terminal shows whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import combining, east_asian_width

WIDTH = 76  # columns

# Korean is not of these: it has spaces between its words, and its lines end there.
_WIDE = r"\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60"
_OPENS = r"[「『（【《〈“‘(\[]|\[-|\{\+"  # a bracket, or the mark before what went or came
_CLOSES = r"[、。，．！？：；）」』】》〉”’…,.!?:;)\]]|-\]|\+\}"
# Between wide letters a line may end anywhere, but neither before what closes a phrase nor behind what opens one.
_PIECES = re.compile(rf"\s+|(?:{_OPENS})*[{_WIDE}](?:{_CLOSES})*|[^\s{_WIDE}]+")
_NAMED_ADDRESS = re.compile(r"[^:\n]{1,40}: https?://\S+")  # a name and where it leads are read together
_ADDRESS = re.compile(r"\W*https?://")


def wrapped(text: str, width: int = WIDTH) -> str:
    """The text with no line wider than `width` columns, but for addresses, which stay whole. Its own line ends stay."""
    return "\n".join(short for line in text.split("\n") for short in _short_lines(line, width))


def columns(text: str) -> int:
    """How wide a terminal shows it."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def _short_lines(line: str, width: int) -> Iterator[str]:
    if columns(line) <= width or _NAMED_ADDRESS.fullmatch(line):
        yield line
        return
    made, used = "", 0
    for piece in _pieces(line, width):
        wide = columns(piece)
        if used + wide > width and made.strip():
            if piece.isspace():
                continue  # what follows begins the next line
            yield made.rstrip()
            made, used = "", 0
        if not made and piece.isspace():
            continue
        made += piece
        used += wide
    if made.strip():
        yield made.rstrip()


def _pieces(line: str, width: int) -> Iterator[str]:
    for piece in _PIECES.findall(line):
        if columns(piece) <= width or _ADDRESS.match(piece):
            yield piece
            continue
        part, used = "", 0
        for letter in piece:  # a word wider than a line is cut where it must be
            wide = columns(letter)
            if used + wide > width:
                yield part
                part, used = "", 0
            part += letter
            used += wide
        yield part
