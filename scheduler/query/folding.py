"""A text as queries see it: case, width, accents and quotes folded, spaces and hyphens taken out, with the way back."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from operator import add

from scheduler.query.edges import HAN, HANGUL, KATAKANA, LETTER
from storage.text import DIGITS, fold

# Joints: what stood between two words. A hyphen alone, since "Jong-un" is "Jongun" and "Jong Un"; everything else that
# parts words; the end of a paragraph, which no phrase crosses. The dashes are those that storage.text.fold takes for
# one, and the maqaf of Hebrew; the dots are those between the parts of a name in katakana, and of other names in
# Chinese and Korean.
SPACE, HYPHEN, BREAK = 1, 2, 3
_HYPHENS = frozenset("-‐‑－﹣\u05be")

_DASHES = "-‐‑‒–—―−﹣－─\u05be・･·‧ㆍ"  # and the dots
_GAP = re.compile(rf"([\s{_DASHES[1:]}-]+)")
_GLUED = HANGUL + KATAKANA + HAN
_BULLETS = "•∙⋅"
_BULLET = re.compile(rf"(?<=[{_GLUED}])[{_BULLETS}](?=\w)|(?<=\w)[{_BULLETS}](?=[{_GLUED}])")
# A double hyphen parts what a dot parts: ジャン＝リュック. Anywhere else it is a sign of its own.
_EQUALS = "=＝゠"
_EQUAL = re.compile(f"(?<=[{KATAKANA}\uff66-\uff9f])[{_EQUALS}](?=[{KATAKANA}\uff66-\uff9f])")
_PARAGRAPH = re.compile(r"\n\s*\n")
# Within a word as well: $10,000 and 约10,000人. Not behind a letter, where it may be a version, v1.500. A fraction may
# follow, of another sign: $3,000.00; three digits behind it may as well be thousands.
_NUMBER = re.compile(
    rf"(?<!{LETTER})(?<!\d)(?<!\d[,.'])\d{{1,3}}([,.'])\d{{3}}(?:\1\d{{3}})*"
    r"(?!\d|\1\d|[,.']\d{3}(?!\d)|[,.']\d+[,.']\d)"
)
_PARTED = re.compile(r"\d[,.']\d{3}")
_LONGEST_CLUSTER = 32
# A text in a script without spaces is one "word": it is cut, so that the way back is worked out piece by piece.
_LONGEST_WORD = 256


class Folded:
    """A folded text without spaces and hyphens. `joints` says what stood before the character at a place, for those
    at which a word begins and for the end of the text; `starts` are these places, ascending, and `pieces` the words
    that begin there, folded.

    The way back is worked out only for what was found: most texts match nothing.
    """

    __slots__ = ("_ends", "_gaps", "_lengths", "_source", "_ways_back", "_words", "joints", "pieces", "starts", "text")

    def __init__(self, source: str) -> None:
        # Cut, folded and joined by loops of C: this is most of what it costs to judge an article.
        dotted = _dotted(source)
        words, folded, gaps, kinds = _parted(dotted)
        lengths = list(map(len, words))
        is_cut = "" in folded or max(lengths) > _LONGEST_WORD
        if is_cut:
            words, gaps, kinds = _cut(dotted)
            folded, lengths = list(map(fold_word, words)), list(map(len, words))
        self.text = "".join(folded)
        self.pieces = folded
        self.starts = list(accumulate(map(len, folded), initial=0))
        self.joints = dict(zip(self.starts, kinds, strict=False))
        if is_cut:
            self.joints = {place: kind for place, kind in self.joints.items() if kind}
        self.joints[0] = self.joints[self.starts.pop()] = BREAK
        self._words, self._gaps, self._lengths, self._source = words, gaps, lengths, source
        self._ends: list[int] = []
        self._ways_back: dict[int, _WayBack] = {}

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

    def stop_at(self, place: int) -> int:
        """Where the word ends that has the character at a place."""
        number = self.word_at(place) + 1
        return self.starts[number] if number < len(self.starts) else len(self.text)

    def gap(self, place: int) -> str:
        """What stands in the original before the word that begins at a place."""
        number = self.word_at(place)
        start = self._end(number) - self._lengths[number]
        return self._source[start - self._gaps[number] : start]

    def written(self, start: int, end: int) -> str:
        """The words of [start, end) as they stand in the original, their case and accents kept; else folded: quotes,
        dashes and white space of any kind are one, what is invisible is left out."""
        return fold(self._source[slice(*self.original(start, end))])

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

    def _end(self, number: int) -> int:
        """Where a word ends in the original."""
        if not self._ends:
            self._ends = list(accumulate(map(add, self._gaps, self._lengths)))
        return self._ends[number]

    def _origin(self, index: int, place: int) -> tuple[int, int]:
        """The original span of the characters that the folded character at `place` comes from, as one."""
        end = self._end(index)
        start = end - self._lengths[index]
        word, inside = self._words[index], place - self.starts[index]
        folded = fold_word(word)
        if len(folded) == len(word) and (word.isascii() or folded == word.casefold()):  # one to one, as most are
            return start + inside, start + inside + 1
        if (way_back := self._ways_back.get(index)) is None:
            way_back = self._ways_back[index] = _WayBack(word, folded)
        first, last = way_back.piece(inside)
        return start + first, start + last


class _WayBack:
    """From the characters of a folded word to those that it comes from. Kept, since a page may be one long word in
    which a hundred terms stand at every place: without, a megabyte of ألصاروخ,ألصاروخ cost half a minute."""

    __slots__ = ("_begins", "_ends", "_inside")

    def __init__(self, word: str, folded: str) -> None:
        self._inside: list[int] = []
        if (letters := _fold_letters(word)) != folded:  # 10,000名 is 10000名: counted with the separators
            folded, self._inside = letters, _unparted(letters)
        clusters = list(_clusters(word))
        self._ends = array("H", accumulate(len(fold_word(one)) for one in clusters))
        self._begins = array("H", accumulate(map(len, clusters), initial=0))
        if self._ends[-1] != len(folded):  # its characters fold otherwise alone than together: the word as a whole
            self._ends, self._begins = array("H", (len(folded),)), array("H", (0, len(word)))

    def piece(self, inside: int) -> tuple[int, int]:
        """Where in the word the characters stand that a folded one comes from."""
        at = bisect_right(self._ends, self._inside[inside] if self._inside else inside)
        return self._begins[at], self._begins[at + 1]


def fold_text(text: str) -> str:
    """The letters of a folded text alone: the same as `Folded(text).text`."""
    bare = text.replace(" ", "").replace("-", "")
    if bare.isascii() and (bare.isalpha() or text.isalnum()):
        return bare.lower()
    return "".join(
        fold_word(word[at : at + _LONGEST_WORD])
        for word in _GAP.split(_dotted(text))[::2]
        for at in range(0, len(word), _LONGEST_WORD)
    )


@lru_cache(maxsize=65536)
def fold_word(word: str) -> str:
    """Fold a text without white space: NFKC, case, quotes, accents of Latin and Greek, vowel signs of Arabic and
    Hebrew and its signs of an abbreviation, digits of all scripts, the separators within a number. Dotted and dotless
    i are one letter.

    A text in capitals does not tell İ from I and É from E, and a query does not say that it is Turkish.
    """
    folded = _fold_letters(word)
    if len(folded) > 4 and _PARTED.search(folded):
        folded = _NUMBER.sub(lambda found: found.group().replace(found.group(1), ""), folded)
    return folded


def _fold_letters(word: str) -> str:
    """The same with the separators within its numbers."""
    return fold(word.lower()) if word.isascii() else fold(fold(word).casefold()).translate(_PLAIN)


def _unparted(folded: str) -> list[int]:
    """The places of a folded word but those of the separators within its numbers."""
    left_out = {
        at
        for found in _NUMBER.finditer(folded)
        for at in range(found.start(), found.end())
        if folded[at] == found.group(1)
    }
    return [at for at in range(len(folded)) if at not in left_out]


def _dotted(text: str) -> str:
    """The text with a dot for each bullet beside letters of Chinese, Japanese and Korean, and for each double hyphen
    between katakana, where they stand for one; elsewhere a bullet begins a line of a list, and parts what no phrase
    crosses."""
    if text.isascii():
        return text
    if any(bullet in text for bullet in _BULLETS):
        text = _BULLET.sub("·", text)
    return _EQUAL.sub("・", text) if any(sign in text for sign in _EQUALS) else text


@lru_cache(maxsize=1024)
def _joint(gap: str) -> int:
    if gap in _HYPHENS:
        return HYPHEN
    if not gap:
        return 0
    return BREAK if _PARAGRAPH.search(gap) else SPACE


def _parted(source: str) -> tuple[list[str], list[str], list[int], list[int]]:
    """The words, each as it is folded, how wide the gap before each is, and the kind of its joint. There is one at
    least; one without letters is folded to an empty one."""
    words: list[str] = []
    folded: list[str] = []
    gaps, kinds = [0], [BREAK]
    for paragraph in source.split("\n\n"):
        pieces = paragraph.split()
        if not pieces or " ".join(pieces) != paragraph:
            return _parted_by_pattern(source)
        if any(dash in paragraph for dash in _DASHES):
            pieces, own, widths, joints = _parted_by_pattern(paragraph)
        else:  # words parted by single spaces, as most are: without the pattern, in a third of the time
            own = _folded_words(paragraph, pieces)
            widths, joints = [1] * len(pieces), [SPACE] * len(pieces)
        words += pieces
        folded += own
        gaps += widths[1:]
        kinds += joints[1:]
        gaps.append(2)
        kinds.append(BREAK)
    return words, folded, gaps[:-1], kinds[:-1]


def _folded_words(paragraph: str, words: list[str]) -> list[str]:
    """The words of a paragraph, folded; all at once where they are ASCII and no number among them has separators."""
    if not paragraph.isascii() or (any(digit in paragraph for digit in "0123456789") and _PARTED.search(paragraph)):
        return list(map(fold_word, words))
    return paragraph.replace("`", "'").lower().split()


def _parted_by_pattern(source: str) -> tuple[list[str], list[str], list[int], list[int]]:
    parts = _GAP.split(source)
    words, gaps = parts[::2], ["", *parts[1::2]]
    return words, list(map(fold_word, words)), list(map(len, gaps)), list(map(_joint, gaps))


def _cut(source: str) -> tuple[list[str], list[int], list[int]]:
    """Without the words of which nothing is left when they are folded, and with long ones in pieces that no gap parts:
    the words, how far each begins behind the one before, and the kinds of their joints."""
    parts = _GAP.split(source)
    kept: list[str] = []
    gaps: list[int] = []
    kinds: list[int] = []
    gap, width = "", 0
    for word, own_gap in zip(parts[::2], ["", *parts[1::2]], strict=True):
        gap += own_gap
        width += len(own_gap)
        for start in range(0, len(word), _LONGEST_WORD):
            piece = word[start : start + _LONGEST_WORD]
            if fold_word(piece):
                kept.append(piece)
                gaps.append(width)
                kinds.append(_joint(gap))
                gap, width = "", 0
            else:
                width += len(piece)
    return kept, gaps, kinds


def _plain() -> dict[int, str]:
    """From letters with accents to those without; й and か are letters of their own and stay."""
    table = {}
    for code in [*range(0xC0, 0x250), *range(0x370, 0x400), *range(0x1E00, 0x2000)]:
        bare = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        if bare and bare != chr(code):
            table[code] = bare
    special = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
    special |= {"ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": ""}
    special |= {"ک": "ك", "ی": "ي"}  # the Persian letters
    special |= {"\u05f3": "'", "\u05f4": '"'}  # of Hebrew, whose keyboards have the quotes alone: ארה״ב
    special |= DIGITS | {"\u066c": ","}  # and what parts the thousands in Arabic
    points = [code for code in range(0x591, 0x5C8) if unicodedata.combining(chr(code))]
    marks = [*range(0x300, 0x370), *points, *range(0x64B, 0x660), 0x670]
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
