"""A text as the index of search keeps it: folded words, and pairs of characters of scripts that glue words together.

The index only has to find every text for which a query may hold; the matcher decides. So all that any reader may take
for the same is the same here: case, width, diacritics, invisible characters, hyphens and spaces within a name.
Whoever changes what these functions answer has to empty the index in a migration (`storage/search.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from storage.proclitics import MAY_BE_LED, behind
from storage.surnames import KOREAN, KOREAN_BEARERS, KOREAN_OFFICES
from storage.text import DIGITS

LONGEST = 64  # characters of a token; a longer word is known by its beginning
MOST_JOINED = 4  # parts of a name that are also known as one word

# Scripts that put no space between words, or glue particles to them: a query's word may begin and end anywhere. At
# least those of scheduler/query/edges.py.
_GLUED = (
    "\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3005-\u3007\u3041-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u9fff\ua980-\ua9df\uaa60-\uaadf\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(f"[{_GLUED}]+|[^{_GLUED}]+")
_CJK = "\u3005-\u3007\u30a0-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HIRAGANA, _HANGUL = "\u3041-\u309f", "\u1100-\u11ff\uac00-\ud7a3"
_HAS_GLUED = re.compile(f"[{_GLUED}]")
# What may part the words that a reader takes for one: a hyphen any, a space or a dash those of a name or a number.
_DOTS = "・･·‧ㆍ•∙⋅"
_GAP = re.compile(rf"([\s‐‑‒–—―−﹣－─\u05be{_DOTS}-]+)")
_KATAKANA = "\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_EQUAL = re.compile(f"(?<=[{_KATAKANA}])[=＝゠](?=[{_KATAKANA}])")
_HYPHENS = frozenset("-‐‑－﹣\u05be")  # and the maqaf of Hebrew
_DOT = re.compile(f"[{_DOTS}]")
_PARAGRAPH = re.compile(r"\n\s*\n")
# What a reader of Korean, Chinese and Japanese may find parted: any of these scripts, also in their half widths.
_MAY_BE_PARTED = re.compile(f"[{_HANGUL}{_HIRAGANA}{_CJK}\u3131-\u318e\uff66-\uffdc]")
_PARTED_HANGUL = re.compile(f"(?<![{_HANGUL}])(?:{'|'.join(sorted(KOREAN))})$")
_BEARER = re.compile(f"(?<![{_HANGUL}])(?:{'|'.join(sorted(KOREAN_BEARERS))})$")
_ENDINGS = frozenset(name[-1] for name in KOREAN_BEARERS)
_CJK_LETTER, _GLUED_LETTER = re.compile(f"[{_CJK}]"), re.compile(f"[{_CJK}{_HIRAGANA}{_HANGUL}]")
_EDGE = 24  # characters of a word by which its end is known
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?:[,.'’]\d{3})+(?!\d)")
# Marks that are part of a word for every reader; others end it for some.
_MARK = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff\u0e00-\u0eff"
    "\u1000-\u109f\u1780-\u17ff\u3099-\u309c"
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_LETTERS = {"ʼ": "'", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th"} | {
    "æ": "ae",
    "œ": "oe",
    "ک": "ك",
    "ی": "ي",
    "ى": "ي",
    "\u066c": ",",
}
_LETTERS |= DIGITS
_DOUBT = "\0"  # a mark that ends a word for some readers
_MANY = 50


def index_tokens(*texts: str) -> frozenset[str]:
    """Every token of some texts: letters and digits alone, of at most LONGEST characters."""
    found: set[str] = set()
    for text in texts:
        for folded in _readings(_folded(text)):
            found.update(_tokens(folded))
        words, gaps = _parts(text)
        for folded in _readings(_folded(" ".join(_joined(words, gaps)))):
            found.update(_tokens(folded))
        if not text.isascii() and _MAY_BE_PARTED.search(text):
            found.update(_seams(words, gaps))
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
    words.update("".join(filter(str.isdigit, number)) for number in _NUMBER.findall(folded))
    if folded.isascii() or not _HAS_GLUED.search(folded):
        yield from (word[:LONGEST] for word in words)
        if not folded.isascii() and MAY_BE_LED.search(folded):
            yield from _led(words)
        return
    for word in words:
        for run in _RUN.findall(word):
            if _HAS_GLUED.match(run):
                yield from pairs(run)
                yield run[-1]  # so that every character begins some token
            else:
                yield run[:LONGEST]
                yield from _led((run,))


def _led(words: Iterable[str]) -> Iterator[str]:
    """What is left of words without what Arabic and Hebrew write on to them."""
    for word in words:
        yield from (word[start : start + LONGEST] for start in behind(word))


def _parts(text: str) -> tuple[list[str], list[str]]:
    """The words of a text, and what parts each from the next."""
    if not text.isascii():
        for char in set(text):
            if unicodedata.category(char) == "Cf" and _MARK.match(char):
                text = text.replace(char, "")
        text = _EQUAL.sub("・", text)  # ジャン＝リュック
    parts = _GAP.split(text)
    return parts[::2], parts[1::2]


def _joined(words: list[str], gaps: list[str]) -> Iterator[str]:
    """Words side by side as one, where a reader may take them for one: parts of a name, thousands of a number."""
    held = [_may_join(*each) for each in zip(words, gaps, words[1:], strict=False)]
    for start in range(len(held)):
        for end in range(start, min(start + MOST_JOINED - 1, len(held))):
            if not held[end]:
                break
            yield "".join(words[start : end + 2])


def _may_join(before: str, gap: str, after: str) -> bool:
    if gap in _HYPHENS:
        return True
    if not (before and after):
        return False
    return (before[0].isupper() and after[0].isupper()) or (before[-1].isdigit() and after[0].isdigit())


def _seams(words: list[str], gaps: list[str]) -> Iterator[str]:
    """The pairs of letters that words make with the next, in scripts that glue, where a query may write both as one;
    at least where scheduler/query/parting.py has it."""
    for before, gap, after in zip(words, gaps, words[1:], strict=False):
        if before.isascii() or after.isascii():
            continue
        is_dotted = _DOT.search(gap) is not None
        # Nearly all words of a Korean text end so that a space behind them parts no name.
        if not is_dotted and "가" <= before[-1] <= "힣" and before[-1] not in _ENDINGS:
            continue
        if _PARAGRAPH.search(gap):
            continue
        end, begin = _edge(before[-_EDGE:]).rstrip(_DOUBT), _edge(after[:_EDGE]).lstrip(_DOUBT)
        seam = end[-1:] + begin[:1]
        if len(seam) < 2 or not all(map(_GLUED_LETTER.match, seam)):
            continue
        is_name = _PARTED_HANGUL.search(end) or (begin.startswith(KOREAN_OFFICES) and _BEARER.search(end))
        if is_dotted or all(map(_CJK_LETTER.match, seam)) or is_name:
            yield seam


@lru_cache(maxsize=4096)
def _edge(letters: str) -> str:
    return _folded(letters)


def _readings(folded: str) -> tuple[str, ...]:
    if _DOUBT not in folded:
        return (folded,)
    return folded.replace(_DOUBT, ""), folded.replace(_DOUBT, " ")


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = text.replace("ㆍ", "·")  # a letter by its properties, and a dot between words by its use
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
