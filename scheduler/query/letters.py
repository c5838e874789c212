"""Where the letters of many terms stand in a folded text: all terms in one trie, looked up where a word may begin."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from marisa_trie import Trie

from scheduler.query.edges import LETTER
from scheduler.query.folding import Folded
from scheduler.query.needle import MOST_TRIED, Needle, letters_of
from storage.query import Term

PIECE = 8_192  # places that are looked up at a time: more than most articles have
CROWDED = 20 * PIECE  # terms whose letters stand in one piece: a text that is made to be found
_GATES = (1, 2, 3, 5)  # letters by which most places are passed over: as many of a term as it has
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_LETTER = re.compile(rf"(?!{LETTER}).", re.DOTALL)
_NO_LETTER_ASCII = re.compile(r"\W", re.ASCII)


class Letters:
    """Terms by their letters. A term is made ready to be found when its letters first are: few ever are."""

    def __init__(self, terms: Iterable[Term]) -> None:
        by_letters: dict[str, list[Term]] = defaultdict(list)
        for term in terms:
            if letters := _sayable(letters_of(term)):
                by_letters[letters].append(term)
        self._terms = dict(by_letters)
        self._needles: dict[str, tuple[Needle, ...]] = {}
        self._index = _Index(self._terms)

    def places(self, page: Folded) -> Iterator[tuple[Needle, int]]:
        """The terms and the places where their letters begin, which are ascending for each of them. Most of them are
        part of other words. Of letters that stand there too often, the first places."""
        text, index = _sayable(page.text), self._index
        seen: Counter[str] = Counter()
        begins = _beginnings(text, page.starts)
        for first in range(0, len(begins), PIECE):
            number = 0
            for letters, start in index.lookup(text, begins[first : first + PIECE]):
                number += 1
                seen[letters] += 1
                if seen[letters] <= MOST_TRIED:
                    for needle in self._ready(letters):
                        yield needle, start
            if number > CROWDED:
                index = _Index(one for one in index.letters if seen[one] <= MOST_TRIED)

    def _ready(self, letters: str) -> tuple[Needle, ...]:
        if (needles := self._needles.get(letters)) is None:
            needles = self._needles[letters] = tuple(map(Needle, self._terms[letters]))
        return needles


class _Index:
    def __init__(self, letters: Iterable[str]) -> None:
        self.letters = tuple(letters)
        self._trie = Trie(self.letters)
        self._longest = max(map(len, self.letters), default=0)
        gates: dict[int, set[str]] = defaultdict(set)
        for one in self.letters:
            size = max(gate for gate in _GATES if gate <= len(one))
            gates[size].add(one[:size])
        self._gates = dict(gates)

    def lookup(self, text: str, places: Sequence[int]) -> Iterator[tuple[str, int]]:
        passed = {at for size, begins in self._gates.items() for at in places if text[at : at + size] in begins}
        for at in sorted(passed):
            for letters in self._trie.prefixes(text[at : at + self._longest]):
                yield letters, at


def _beginnings(text: str, starts: Sequence[int]) -> Sequence[int]:
    """Where a term may begin, ascending; each place once: where a word does, at every sign and letter of a script that
    puts no spaces between words, and behind each. `starts` are those of the words."""
    signs = _NO_LETTER_ASCII if text.isascii() else _NO_LETTER
    within = [found.start() for found in signs.finditer(text)]
    if not within:
        return starts
    begins = {*starts, *within, *(at + 1 for at in within)}
    begins.discard(len(text))
    return sorted(begins)


def _sayable(text: str) -> str:
    """The text with another sign in the place of what the trie cannot take: each lone surrogate, and NUL."""
    text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text
