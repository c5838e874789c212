"""Are figures, dates or amounts what changed at a place of a text? Pure."""

from __future__ import annotations

import re
from collections import Counter

from storage.edit_hunks import Hunk, Side
from storage.edit_measures import is_of_measure
from storage.edit_words import (
    CAPITAL_NUMBERS,
    CJK_AMOUNT,
    CJK_COUNTER,
    HAN_KANA,
    KO_AMOUNT,
    NUMBERS,
    NUMERAL,
    QUALIFIERS,
    QUANTITY,
    WEAK_NUMBERS,
)
from storage.text import fold

_TOKEN = re.compile(rf"[{HAN_KANA}]+|\d+(?:[.,:/]\d+)*|[^\W_{HAN_KANA}]+(?:['’][^\W\d_]+)*")
_CJK = re.compile(f"[{HAN_KANA}]")
_DIGITS = re.compile(r"\d+(?:[.,:/-]\d+)*")
_HYPHENED = re.compile(r"(?<=\w)-(?=\w)")
OTHERS = 2  # words beside the figures that may change with them: people for persons
STEM = 4  # letters that two forms of a word share


def is_of_numbers(hunk: Hunk) -> bool:
    if is_of_measure(hunk):
        return True
    gone, came = _form(hunk.gone), _form(hunk.came)
    if not gone and not came:
        return _parts_digits(hunk.gone) or _parts_digits(hunk.came)
    if _CJK.search(gone + came):
        return _is_cjk_amount(hunk, gone, came)
    sides = _sorted(gone), _sorted(came)
    if not gone or not came:
        strong, weak, qualifiers, rest = sides[0] if gone else sides[1]
        if rest or weak:
            return False
        return bool(strong) or (qualifiers and _is_beside_number(hunk.gone if gone else hunk.came))
    numbers = [Counter(one[0] + one[1]) for one in sides]
    if numbers[0] == numbers[1]:
        return False
    left = _unlike(sides[0][3], sides[1][3])
    if not numbers[0] or not numbers[1]:  # "some" for "seven"
        return not left and bool(sides[0][0] or sides[1][0])
    return left <= OTHERS if sides[0][0] or sides[1][0] else not left


def _form(side: Side) -> str:
    return _HYPHENED.sub(" ", fold(side.words)).strip(" .,;:()[]-\"'")


def _sorted(text: str) -> tuple[list[str], list[str], bool, list[str]]:
    """Numbers, words that are some beside others, whether a word of measure is there, and the other words."""
    strong, weak, others = [], [], []
    qualifiers = False
    for token in _TOKEN.findall(text):
        folded = token.casefold()
        if token[0].isdigit() or folded in NUMBERS or token in CAPITAL_NUMBERS or KO_AMOUNT.match(token):
            strong.append(token)
            skeleton = _DIGITS.sub("", token)
            others += [skeleton] if skeleton and skeleton != token and len(skeleton) > 2 else []
        elif any(map(str.isdigit, token)):
            strong.append(token)
        elif folded in WEAK_NUMBERS:
            weak.append(folded)
        elif folded in QUANTITY:
            qualifiers |= folded in QUALIFIERS
        else:
            others.append(folded)
    return strong, weak, qualifiers, others


def _unlike(some: list[str], more: list[str]) -> int:
    """How many words of the one have none of the same stem in the other, and of the other."""
    left = list(more)
    unlike = 0
    for word in some:
        kin = next((one for one in left if one == word or one[:STEM] == word[:STEM]), None)
        if kin is None:
            unlike += 1
        else:
            left.remove(kin)
    return unlike + len(left)


def _is_beside_number(side: Side) -> bool:
    following = _TOKEN.match(side.text[side.end : side.end + 30].lstrip(" $€£¥"))
    return following is not None and (following[0][0].isdigit() or following[0].casefold() in NUMBERS)


def _parts_digits(side: Side) -> bool:
    """Do the marks stand within a figure: 1.5 for 15?"""
    return (
        any(map(str.isdigit, side.text[side.end : side.end + 1])) and side.text[side.start - 1 : side.start].isdigit()
    )


def _is_cjk_amount(hunk: Hunk, gone: str, came: str) -> bool:
    # The sign behind tells a weekday from an element: 月曜.
    behind = hunk.came.text[hunk.came.end : hunk.came.end + 1]
    texts = [text for text in (gone, came) if text]
    if not all(CJK_AMOUNT.match(text + behind) and _holds(text, behind) for text in texts):
        return False
    if len(texts) == 2:
        return all(NUMERAL.search(text) or behind == "曜" for text in texts)
    side = hunk.gone if gone else hunk.came
    beside = side.text[max(side.start - 1, 0) : side.start] + side.text[side.end : side.end + 1]
    return bool(NUMERAL.search(texts[0])) and bool(NUMERAL.search(beside) or CJK_COUNTER.search(beside))


def _holds(text: str, behind: str) -> bool:
    found = CJK_AMOUNT.match(text + behind)
    return found is not None and found.end() >= len(text)
