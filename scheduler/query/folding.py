"""A text as queries see it: case, width, accents and quotes folded, spaces and hyphens taken out, with the way back."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from operator import add, sub

from storage.text import fold

# Joints: what stood between two words. A hyphen alone, since "Jong-un" is "Jongun" and "Jong Un"; everything else that
# parts words; the end of a paragraph, which no phrase crosses. The dashes are those that storage.text.fold takes for
# one; the dots are those between the parts of a name in katakana, and of other names in Chinese and Korean.
SPACE, HYPHEN, BREAK = 1, 2, 3
_HYPHENS = frozenset("-‐‑－﹣")

_GAP = re.compile(r"([\s‐‑‒–—―−﹣－─・･·‧-]+)")
_PARAGRAPH = re.compile(r"\n\s*\n")
_NUMBER = re.compile(r"\d{1,3}(?:([,.'])\d{3})(?:\1\d{3})*(?![\d]|[,.]\d)")
_LONGEST_CLUSTER = 32
# A text in a script without spaces is one "word": it is cut, so that the way back is worked out piece by piece.
_LONGEST_WORD = 256


class Folded:
    """A folded text without spaces and hyphens. `joints` says what stood before the character at a place, for those
    at which a word begins and for the end of the text; `starts` are these places, ascending.

    The way back is worked out only for what was found: most texts match nothing.
    """

    __slots__ = ("_gaps", "_source", "_spans", "_words", "joints", "starts", "text")

    def __init__(self, source: str) -> None:
        # Cut, folded and joined by loops of C: this is most of what it costs to judge an article.
        parts = _GAP.split(source)
        words, gaps = parts[::2], ["", *parts[1::2]]
        folded = list(map(fold_word, words))
        spans: list[tuple[int, int]] | None = None
        if "" in folded or len(max(words, key=len)) > _LONGEST_WORD:
            words, gaps, spans = _cut(words, gaps)
            folded = list(map(fold_word, words))
        self.text = "".join(folded)
        self.starts = list(accumulate(map(len, folded), initial=0))
        self.joints = dict(zip(self.starts, map(_joint, gaps), strict=False))
        if spans:
            self.joints = {place: kind for place, kind in self.joints.items() if kind}
        self.joints[0] = self.joints[self.starts.pop()] = BREAK
        self._source, self._words, self._gaps, self._spans = source, words, gaps, spans

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of [start, end) in the folded text."""
        first, last = self.word_at(start), self.word_at(end - 1)
        return self._origin(first, start)[0], self._origin(last, end - 1)[1]

    def word_at(self, place: int) -> int:
        """The number of the word that has the character at a place."""
        return bisect_right(self.starts, place) - 1

    def word(self, number: int) -> str:
        """A word as it stands in the original."""
        return self._words[number]

    def written(self, start: int, end: int) -> str:
        """The words of [start, end) as they stand in the original, parted by single spaces."""
        begin, finish = self.original(start, end)
        return " ".join(unicodedata.normalize("NFC", self._source[begin:finish]).split())

    def words_between(self, start: int, end: int) -> int:
        """How many words begin between start and end, both left out."""
        return max(0, bisect_left(self.starts, end) - bisect_right(self.starts, start))

    def inner_joints(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The joints between start and end, both left out, as place and kind."""
        for at in range(bisect_right(self.starts, start), len(self.starts)):
            place = self.starts[at]
            if place >= end:
                return
            if kind := self.joints.get(place):
                yield place, kind

    def _origins(self) -> list[tuple[int, int]]:
        """Where each word stands in the original."""
        if self._spans is None:
            lengths = list(map(len, self._words))
            ends = list(accumulate(map(add, map(len, self._gaps), lengths)))
            self._spans = list(zip(map(sub, ends, lengths), ends, strict=True))
        return self._spans

    def _origin(self, index: int, place: int) -> tuple[int, int]:
        """The original span of the characters that the folded character at `place` comes from, as one."""
        start, end = self._origins()[index]
        word, inside = self._words[index], place - self.starts[index]
        folded = fold_word(word)
        if len(folded) == len(word) and (word.isascii() or folded == word.casefold()):  # one to one, as most are
            return start + inside, start + inside + 1
        clusters = list(_clusters(word))
        ends = list(accumulate(len(fold_word(one)) for one in clusters))
        if ends[-1] != len(folded):
            return start, end  # its characters fold otherwise alone than together: the word as a whole
        at = bisect_right(ends, inside)
        before = sum(map(len, clusters[:at]))
        return start + before, start + before + len(clusters[at])


@lru_cache(maxsize=65536)
def fold_word(word: str) -> str:
    """Fold a text without white space: NFKC, case, quotes, accents of Latin and Greek, vowel signs of Arabic, the
    separators within a number. Dotted and dotless i are one letter.

    A text in capitals does not tell İ from I and É from E, and a query does not say that it is Turkish.
    """
    folded = fold(word.lower()) if word.isascii() else fold(fold(word).casefold()).translate(_PLAIN)
    if len(folded) > 4 and folded[0].isdigit():
        folded = _NUMBER.sub(lambda found: found.group().replace(found.group(1), ""), folded)
    return folded


@lru_cache(maxsize=1024)
def _joint(gap: str) -> int:
    if gap in _HYPHENS:
        return HYPHEN
    if not gap:
        return 0
    return BREAK if _PARAGRAPH.search(gap) else SPACE


def _cut(words: list[str], gaps: list[str]) -> tuple[list[str], list[str], list[tuple[int, int]]]:
    """Without the words of which nothing is left when they are folded, and with long ones in pieces that no gap parts;
    and where each stands in the original."""
    kept: list[str] = []
    before: list[str] = []
    spans: list[tuple[int, int]] = []
    place, gap = 0, ""
    for word, own_gap in zip(words, gaps, strict=True):
        gap += own_gap
        place += len(own_gap)
        for start in range(0, len(word), _LONGEST_WORD):
            piece = word[start : start + _LONGEST_WORD]
            if fold_word(piece):
                kept.append(piece)
                before.append(gap)
                spans.append((place + start, place + start + len(piece)))
                gap = ""
        place += len(word)
    return kept, before, spans


def _plain() -> dict[int, str]:
    """From letters with accents to those without; й and か are letters of their own and stay."""
    table = {}
    for code in [*range(0xC0, 0x250), *range(0x370, 0x400), *range(0x1E00, 0x2000)]:
        bare = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        if bare and bare != chr(code):
            table[code] = bare
    special = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
    special |= {"ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": ""}
    marks = [*range(0x300, 0x370), *range(0x64B, 0x660), 0x670]
    return table | {ord(one): to for one, to in special.items()} | dict.fromkeys(marks, "")


_PLAIN = _plain()


def _clusters(word: str) -> Iterator[str]:
    """Cut into pieces that NFKC leaves apart: a letter with the marks that it takes up, the jamo of one syllable."""
    cluster = ""
    for char in word:
        if cluster and (len(cluster) >= _LONGEST_CLUSTER or not _belongs(cluster, char)):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _belongs(cluster: str, char: str) -> bool:
    if char.isascii():
        return False
    if unicodedata.combining(char):
        return True
    normal = unicodedata.normalize
    return normal("NFKC", cluster + char) != normal("NFKC", cluster) + normal("NFKC", char)
