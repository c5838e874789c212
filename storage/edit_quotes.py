"""What somebody is said to have said: the quotations of a text, and whether changed words stand in them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from storage.edit_hunks import Hunk, Side

LEAST_WORDS = 3  # of a quotation that came or went whole: fewer are a name, or words that are held at arm's length
LEAST_CJK = 6  # letters, where words are not parted, or are long
# German books have »so«, and „so“; an apostrophe within a word closes nothing.
_CLOSED_BY = {
    '"': '"',
    "＂": "＂",
    "“": "”",
    "„": "”“",
    "«": "»",
    "»": "«",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    "‘": "’",
    "'": "'",
}
_ANY_QUOTES = re.compile(f"[{''.join(_CLOSED_BY)}]")
_APOSTROPHES = "’'"
_OF_TITLES = "《〈"  # of books and films, but for Korean
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def is_said(hunk: Hunk) -> bool:
    """Do the changed words stand in quotation marks, in each of the texts that has some of them?"""
    sides = [side for side in (hunk.gone, hunk.came) if any(map(str.isalnum, side.words))]
    if len(sides) == 1 and has_quotation(sides[0]):
        return True
    return bool(sides) and all(map(_is_quoted, sides))


def has_quotation(side: Side) -> bool:
    """Does it hold a quotation from its first word to its last? The name of a book has capitals, and is none."""
    text, first = side.text, side.line[0]
    return any(
        side.start <= first + start and first + end <= side.end and _is_speech(text[first + start : first + end])
        for start, end in _quotations(side)
    )


def _is_speech(quoted: str) -> bool:
    if len(_CJK.findall(quoted)) >= LEAST_CJK:
        return True
    words = [word for word in quoted.split() if any(map(str.isalpha, word))]
    small = sum(not next(filter(str.isalpha, word)).isupper() for word in words)
    return len(words) >= LEAST_WORDS and 2 * small >= len(words)


def _is_quoted(side: Side) -> bool:
    first, _ = side.line
    quoted = sum(
        side.text[at].isalnum()
        for start, end in _quotations(side)
        for at in range(max(side.start, first + start), min(side.end, first + end))
    )
    return quoted * 2 > sum(map(str.isalnum, side.words))


def _quotations(side: Side) -> Iterator[tuple[int, int]]:
    """[start, end) of what stands between quotation marks in the line round it, from its beginning; the last may be
    one that is not closed."""
    line = side.text[slice(*side.line)]
    if not _ANY_QUOTES.search(line):
        return
    korean = any("가" <= char <= "힣" for char in line[:200])
    closing, opened = "", 0
    for at, char in enumerate(line):
        if closing:
            if char in closing and not (char in _APOSTROPHES and line[at + 1 : at + 2].isalnum()):
                closing = ""
                yield opened, at
        elif char in _CLOSED_BY and (korean or char not in _OF_TITLES):
            is_apostrophe = char in "‘'" and (line[at - 1 : at].isalnum() or not line[at + 1 : at + 2].isalpha())
            closing, opened = "" if is_apostrophe else _CLOSED_BY[char], at + 1
    if closing:
        yield opened, len(line)
