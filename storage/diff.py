"""What changed between two texts, for people: whole words, the headline apart, never a soup of scraps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from time import monotonic
from typing import Literal

from diff_match_patch import diff_match_patch

from storage.aligned import Paragraph, Step, aligned, paragraphs
from storage.identity import same_but_typography
from storage.lengths import MOST, common_ends, is_summary, weight
from storage.model.articles import Article, Diff, DiffOp, EditClass

LABEL = str(EditClass.LABEL)
TIME_LIMIT_S = 0.5  # of each text; what is not told apart by then is shown as replaced
TIDIED_PIECES = 3_000  # the library's tidying is quadratic in the longest edit, and has no time limit
SHORTEST_TIME_S = 0.001  # the library takes 0 for no limit at all
KEPT = 0.5  # of the lines of the shorter text, by weight, that stand in the longer one: it is no rewrite
SCRAPS = 0.35  # of a paragraph's text: where less stays, the paragraph is shown as replaced

_SIGNS: dict[int, Literal["=", "-", "+"]] = {0: "=", -1: "-", 1: "+"}
_HAN_KANA = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PUNCTUATION = (
    "!-&(-/:-@[-`{-~¡-¿\u2010-\u2018\u201a-\u205e\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
# Words keep their apostrophes and combining marks, figures the signs between their digits (40,000; 07:10; 2.5); Han
# and kana have no words to see, so each character is one.
_PIECE = re.compile(rf"\n+|[^\S\n]+|\d+(?:[.,:]\d+)+|[{_HAN_KANA}{_PUNCTUATION}]|[^\s{_HAN_KANA}{_PUNCTUATION}]+")
# Each different piece is one character to the library: supplementary private use, where no surrogate lies.
_FIRST, _MOST = 0xF0000, 0x10FFFF - 0xF0000


def diff(before: Article, after: Article) -> Diff:
    """Compare two articles. The "=", "-" and "<" parts joined are exactly the text before, "=", "+" and ">" the text
    after. What is too long for words is summarised, and its class is a coarse one: see `storage.lengths`."""
    from storage.edit_class import edit_classes  # its patterns take .1 s, and most processes make no diff

    title, body = _compared(before.title, after.title), _compared(before.body, after.body)
    if is_summary(Diff(title, body)):
        return Diff(title, body, str(_coarse_class(before, after)))
    classes = edit_classes(before, after, title, body)
    return Diff(title, body, str(classes.told_as), tuple(sorted(map(str, classes.beside))))


def _compared(before: str, after: str) -> tuple[DiffOp, ...]:
    if before == after:
        return (("=", before),) if before else ()
    if weight(before) + weight(after) <= MOST:
        return tuple(_joined(_by_paragraphs(before, after)))
    head, tail = common_ends(before, after)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    between = _by_paragraphs(old, new) if weight(old) + weight(new) <= MOST else (("-", old), ("+", new))
    ops: list[DiffOp] = [("=", before[:head]), *between, ("=", before[len(before) - tail :])]
    return tuple(_joined(op for op in ops if op[1]))


def _coarse_class(before: Article, after: Article) -> EditClass:
    """Of texts that are not compared word by word."""
    if same_but_typography(before, after):
        return EditClass.LABEL
    was, is_ = Counter(before.body.split("\n")), Counter(after.body.split("\n"))
    kept = weight("\n".join((was & is_).elements()))
    return EditClass.WORDING if kept >= KEPT * min(weight(before.body), weight(after.body)) else EditClass.REWRITE


def _by_paragraphs(before: str, after: str) -> Iterable[DiffOp]:
    library = _Library(monotonic() + TIME_LIMIT_S)
    olds, news = paragraphs(before), paragraphs(after)
    steps = aligned([text for text, _ in olds], [text for text, _ in news], library.same)
    return _breaks_moved(op for step in steps for op in _ops(step, olds, news, library) if op[1])


def _ops(step: Step, olds: Sequence[Paragraph], news: Sequence[Paragraph], library: _Library) -> Iterable[DiffOp]:
    sign, of_olds, of_news = step
    if sign == "~":
        return _by_words(_text(olds, of_olds), _text(news, of_news), library)
    if sign != "=":
        return [(sign, _text(olds, of_olds) or _text(news, of_news))]
    (text, end), (_, other) = olds[of_olds[0]], news[of_news[0]]
    return [("=", text + end)] if end == other else [("=", text), ("-", end), ("+", other)]


def _text(of: Sequence[Paragraph], numbers: range) -> str:
    return "".join(text + end for text, end in of[numbers.start : numbers.stop])


def _by_words(before: str, after: str, library: _Library) -> Iterator[DiffOp]:
    for segment in _segments(library.word_ops(before, after)):
        yield from _whole(segment)


class _Library:
    """diff-match-patch with its bounds; what is not told apart by `until` is a replacement."""

    def __init__(self, until: float) -> None:
        self._until = until

    def word_ops(self, before: str, after: str) -> list[DiffOp]:
        """One replacement where there are more different words than characters to stand for them."""
        pieces, coded = _coded(_PIECE.findall(before), _PIECE.findall(after))
        if len(pieces) > _MOST:
            return [("-", before), ("+", after)]
        library, found = self._diff(coded)
        if max((len(codes) for sign, codes in found if sign), default=0) <= TIDIED_PIECES:
            library.diff_cleanupSemantic(found)
        return [(_SIGNS[sign], "".join(pieces[ord(code) - _FIRST] for code in codes)) for sign, codes in found]

    def same(self, before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
        """The numbers of the paragraphs that both texts have in the same order."""
        pieces, coded = _coded(before, after)
        same: list[tuple[int, int]] = []
        i = j = 0
        for sign, codes in self._diff(coded)[1] if len(pieces) <= _MOST else ():
            if not sign:
                same += [(i + step, j + step) for step in range(len(codes))]
            i += len(codes) * (sign <= 0)
            j += len(codes) * (sign >= 0)
        return same

    def _diff(self, coded: Sequence[str]) -> tuple[diff_match_patch, list[tuple[int, str]]]:
        library = diff_match_patch()
        library.Diff_Timeout = max(self._until - monotonic(), SHORTEST_TIME_S)
        library.diff_halfMatch = lambda one, other: (
            None
        )  # a short cut outside the time limit: 80 s for a hostile megabyte
        return library, library.diff_main(*coded, False)


def _coded(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    """The different pieces, and both texts with a character in the place of each piece."""
    numbers: dict[str, int] = {}
    coded = [
        "".join(chr(_FIRST + numbers.setdefault(piece, len(numbers)) % _MOST) for piece in text)
        for text in (before, after)
    ]
    return list(numbers), coded


def _segments(ops: Iterable[DiffOp]) -> Iterator[list[DiffOp]]:
    """Cut the ops at the paragraph breaks that both texts share; each segment ends with its break."""
    segment: list[DiffOp] = []
    for sign, text in ops:
        if sign != "=":
            segment.append((sign, text))
            continue
        cuts = [0, *(match.end() for match in re.finditer("\n+", text)), len(text)]
        for index, (start, end) in enumerate(pairwise(cuts)):
            if index:
                yield segment
                segment = []
            if end > start:
                segment.append(("=", text[start:end]))
    if segment:
        yield segment


def _whole(segment: list[DiffOp]) -> list[DiffOp]:
    """The segment, as one replacement where so little of it stayed that the ops would read as scraps."""
    size = {sign: sum(len(text) for op, text in segment if op == sign) for sign in _SIGNS.values()}
    if not size["-"] or not size["+"] or size["="] >= SCRAPS * (size["="] + max(size["-"], size["+"])):
        return segment
    tail: list[DiffOp] = []
    if segment[-1][0] == "=":  # the break itself, and what leads up to it, may stay
        tail = [segment[-1]]
        segment = segment[:-1]
    before = "".join(text for sign, text in segment if sign != "+")
    after = "".join(text for sign, text in segment if sign != "-")
    return [("-", before), ("+", after), *tail]


def _breaks_moved(ops: Iterable[DiffOp]) -> Iterator[DiffOp]:
    """The line ends before a moved paragraph at the end of a text move with it."""
    last: DiffOp | None = None
    for op in ops:
        if last:
            moves = (last[0], op[0]) in (("-", "<"), ("+", ">")) and not last[1].strip()
            yield (op[0], last[1]) if moves else last
        last = op
    if last:
        yield last


def _joined(ops: Iterable[DiffOp]) -> Iterator[DiffOp]:
    """The ops with neighbours of one sign as one."""
    last: DiffOp | None = None
    for sign, text in ops:
        if last and last[0] == sign:
            last = (sign, last[1] + text)
            continue
        if last:
            yield last
        last = (sign, text)
    if last:
        yield last
