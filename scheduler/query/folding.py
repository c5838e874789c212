"""A text as queries see it: case, width, quotes, hyphens and spaces folded, with the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from storage.text import fold

# A hyphen parts words as a space does: "Kim Jong-un" and "Kim Jong Un" are one name. The dashes are those that
# storage.text.fold takes for one.
# At most so long, since a text in a script without spaces is one "word": the way back is worked out piece by piece.
_WORD = re.compile(r"[^\s‐‑‒–—―−﹣－─-]{1,256}")
_PARAGRAPH = re.compile(r"\n\s*\n")
_CACHED_WORD = 32  # longer ones seldom come twice
_LONGEST_CLUSTER = 32


class Folded:
    """A folded text: words parted by one space, paragraphs by one "\\n"; no phrase crosses a paragraph.

    The way back is worked out only for what was found: most texts match nothing.
    """

    __slots__ = ("_origins", "_source", "_starts", "text")

    def __init__(self, source: str) -> None:
        pieces: list[str] = []
        origins: list[tuple[int, int]] = []
        starts: list[int] = []
        length = last = 0
        for word in _WORD.finditer(source):
            folded = fold_word(word.group())
            if not folded:
                continue  # invisible characters alone
            start, end = word.span()
            if pieces and start > last:
                pieces.append("\n" if start - last > 1 and _PARAGRAPH.search(source, last, start) else " ")
                length += 1
            pieces.append(folded)
            starts.append(length)
            origins.append((start, end))
            length += len(folded)
            last = end
        self.text = "".join(pieces)
        self._source, self._starts, self._origins = source, starts, origins

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of [start, end) in the folded text."""
        first, last = self._word_at(start), self._word_at(end - 1)
        return self._origin(first, start)[0], self._origin(last, end - 1)[1]

    def _word_at(self, place: int) -> int:
        return bisect_right(self._starts, place) - 1

    def _origin(self, index: int, place: int) -> tuple[int, int]:
        """The original span of the characters that the folded character at `place` comes from, as one."""
        start, end = self._origins[index]
        word, inside = self._source[start:end], place - self._starts[index]
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


def fold_word(word: str) -> str:
    """Fold a text without white space: NFKC, case, quotes; dotted and dotless i are one letter.

    A text in capitals does not tell İ from I, and a query does not say that it is Turkish.
    """
    return _cached(word) if len(word) <= _CACHED_WORD else _fold_word(word)


def _fold_word(word: str) -> str:
    if word.isascii():
        return fold(word.lower())
    return fold(fold(word).casefold()).replace("i\u0307", "i").replace("ı", "i")


_cached = lru_cache(maxsize=16384)(_fold_word)


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
    normal = unicodedata.normalize
    return normal("NFKC", cluster + char) != normal("NFKC", cluster) + normal("NFKC", char)
