"""A text as the index of search keeps it: folded words, and pairs of characters of scripts that glue words together.

The index only has to find every text for which a query may hold; the matcher decides. So all that any reader may take
for the same is the same here: case, width, diacritics, invisible characters, hyphens and apostrophes inside a word.
Whoever changes what these functions answer has to empty the index in a migration (`storage/search.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

LONGEST = 64  # characters of a token; a longer word is known by its beginning
MOST_JOINED = 4  # parts of a hyphened name that are also known as one word

# Scripts that put no space between words, or glue particles to them: a query's word may begin and end anywhere. At
# least those of the matcher (scheduler/query/matcher.py).
_GLUED = (
    "\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3005-\u3007\u3041-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u9fff\ua980-\ua9df\uaa60-\uaadf\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_JOINER = "-‐‑‒–—―−'’‘`´ʼ.·・゠"  # may stand inside a name, or be left out of it
_WORD = re.compile(r"[^\W_]+")
_BESIDE = re.compile(r"(?:(?!\n\s*\n)[\s‐‑‒–—―−﹣－─・･·‧-])+")
_RUN = re.compile(f"[{_GLUED}]+|[^{_GLUED}]+")
_HAS_GLUED = re.compile(f"[{_GLUED}]")
_CHAIN = re.compile(rf"(?<![^\W_])[^\W_]++(?:[{_JOINER}][^\W_]++)+")  # linear, however long a word is
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?:[ ,.'’]\d{3})+(?!\d)")
# Marks that are part of a word for every reader; others end it for some.
_MARK = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff\u0e00-\u0eff"
    "\u1000-\u109f\u1780-\u17ff\u3099-\u309c"
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_LETTERS = {"ʼ": "'", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th"} | {
    "æ": "ae",
    "œ": "oe",
}
_DOUBT = "\0"  # a mark that ends a word for some readers
_MANY = 50


def index_tokens(*texts: str) -> frozenset[str]:
    """Every token of some texts: letters and digits alone, of at most LONGEST characters."""
    found: set[str] = set()
    for text in texts:
        for name in _names(text):
            found.update(_folded(one)[:LONGEST] for one in _joined(name))
        for folded in _readings(_folded(text)):
            found.update(_tokens(folded))
    return frozenset(found)


def runs(text: str) -> tuple[tuple[str, bool], ...] | None:
    """The words of a query's term in order, each with whether it is of a script that glues: what must stand in a text
    for which the term holds, if not joined. None where that is in doubt."""
    folded = _folded(text)
    if _DOUBT in folded:
        return None
    words = (run for word in _WORD.findall(folded) for run in _RUN.findall(word))
    return tuple((run, _HAS_GLUED.match(run) is not None) for run in words)


def pairs(run: str) -> list[str]:
    """The tokens of a run of a script that glues that stand wherever the run does: two characters or more."""
    return [first + second for first, second in pairwise(run)]


def _tokens(folded: str) -> Iterator[str]:
    words = set(_WORD.findall(folded))
    for chain in _CHAIN.findall(folded):
        words.update(_joined(_WORD.findall(chain)))
    words.update("".join(filter(str.isdigit, number)) for number in _NUMBER.findall(folded))
    if folded.isascii() or not _HAS_GLUED.search(folded):
        yield from (word[:LONGEST] for word in words)
        return
    for word in words:
        for run in _RUN.findall(word):
            if _HAS_GLUED.match(run):
                yield from pairs(run)
                yield run[-1]  # so that every character begins some token
            else:
                yield run[:LONGEST]


def _names(text: str) -> Iterator[list[str]]:
    """Words side by side that are written with capitals: a name that a query may write as one word."""
    name: list[str] = []
    last = 0
    for word in _WORD.finditer(text):
        start, end = word.span()
        is_named = text[start].isupper()
        if not (is_named and name and _BESIDE.fullmatch(text, last, start)):
            if len(name) > 1:
                yield name
            name = []
        if is_named:
            name.append(word.group())
        last = end
    if len(name) > 1:
        yield name


def _joined(parts: list[str]) -> Iterable[str]:
    for length in range(2, min(MOST_JOINED, len(parts)) + 1):
        for start in range(len(parts) - length + 1):
            yield "".join(parts[start : start + length])


def _readings(folded: str) -> tuple[str, ...]:
    if _DOUBT not in folded:
        return (folded,)
    return folded.replace(_DOUBT, ""), folded.replace(_DOUBT, " ")


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    coarse = {ord(char): coarser for char in set(text) if (coarser := _coarser(char)) != char}
    if len(coarse) > _MANY:
        text = text.translate(coarse)
    else:
        for code, coarser in coarse.items():  # of a handful that is ten times as fast
            text = text.replace(chr(code), coarser)
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=4096)
def _coarser(char: str) -> str:
    if char in _LETTERS:
        return _LETTERS[char]
    category = unicodedata.category(char)
    if category[0] == "M" or category in ("Cf", "Cs") or char == "\u0640":
        return "" if _MARK.match(char) else _DOUBT
    return char
