"""Is a change of words the mending of a slip, which leaves the sense as it was? Pure."""

from __future__ import annotations

import re
import unicodedata

from storage.edit_hunks import Hunk
from storage.edit_words import FUNCTION_WORDS, HAN_KANA, KO_PARTICLE, NEGATION_SIGNS, NEGATIONS, OPPOSITES
from storage.text import fold

MOST_WORDS = 6  # in a row that may each have a slip
_WORD = re.compile(rf"[^\W_{HAN_KANA}]+(?:['’][^\W\d_]+)*")
_SIGNS = re.compile(f"[{HAN_KANA}]+")
_HANGUL = re.compile("[\uac00-\ud7a3]")


def is_slip(hunk: Hunk) -> bool:
    gone, came = fold(hunk.gone.words), fold(hunk.came.words)
    one, other = ("".join(filter(str.isalnum, text)) for text in (gone, came))
    if one.casefold() == other.casefold():
        return True  # punctuation, capitals, words joined or split
    if _SIGNS.search(gone + came):
        return _is_sign_slip(one, other)
    words = _WORD.findall(gone), _WORD.findall(came)
    if not words[0] or not words[1]:
        return is_doubled(hunk)
    if len(words[0]) == len(words[1]) <= MOST_WORDS:
        return all(map(_is_word_slip, *words))
    return 4 < min(len(one), len(other)) < 40 and _distance(one, other, 1) <= 1


def is_doubled(hunk: Hunk) -> bool:
    """Did words go or come that stand once more beside the place?"""
    side = hunk.came if hunk.came.words.strip() else hunk.gone
    other = hunk.gone if side is hunk.came else hunk.came
    words = _folded(side.words)
    if not words or _WORD.search(other.words):
        return False
    start, end = side.line
    before = _folded(side.text[max(start, side.start - 80) : side.start])[-len(words) :]
    return words in (before, _folded(side.text[side.end : min(end, side.end + 80)])[: len(words)])


def _folded(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _is_sign_slip(gone: str, came: str) -> bool:
    """One Han or kana character for another, one too many or missing, two in the wrong order, one doubled."""
    if len(gone) == len(came) == 2 and gone == came[::-1]:
        return True
    if max(len(gone), len(came)) > 1 or not (_SIGNS.fullmatch(gone or came) and _SIGNS.fullmatch(came or gone)):
        return False
    return not NEGATION_SIGNS.search(gone + came) and not (gone in OPPOSITES and came in OPPOSITES and gone and came)


def _is_word_slip(gone: str, came: str) -> bool:
    one, other = gone.casefold(), came.casefold()
    if one == other:
        return True
    if any(map(str.isdigit, one + other)):
        return False
    common = NEGATIONS | FUNCTION_WORDS
    if (one in common and other in common) or (
        min(len(one), len(other)) < 4 and (one in NEGATIONS or other in NEGATIONS)
    ):
        return False
    if _HANGUL.search(one) and _HANGUL.search(other):
        return _is_hangul_slip(one, other)
    shorter, longer = sorted((one, other), key=len)
    if len(longer) < 3 or NEGATION_SIGNS.search(one) or NEGATION_SIGNS.search(other):
        return False
    apart = _distance(one, other, 2)
    if apart == 1:
        return one[0] == other[0] or len(longer) >= 5 or sorted(one) == sorted(other)
    return apart == 2 and one[0] == other[0] and len(shorter) >= 6 and not longer.startswith(shorter)


def _is_hangul_slip(one: str, other: str) -> bool:
    if bool(NEGATION_SIGNS.search(one)) != bool(NEGATION_SIGNS.search(other)):
        return False
    if KO_PARTICLE.sub("", one) == KO_PARTICLE.sub("", other):
        return True
    if _distance(unicodedata.normalize("NFD", one), unicodedata.normalize("NFD", other), 1) <= 1:
        return True
    return min(len(one), len(other)) >= 3 and _distance(one, other, 1) <= 1


def _distance(one: str, other: str, most: int) -> int:
    """How many letters were changed, left out, put in or swapped with their neighbour; at most `most` + 1."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        row = [i]
        for j, beside in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != beside))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == beside:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before_last, last = last, row
    return min(last[-1], most + 1)
