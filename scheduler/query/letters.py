"""Where the letters of many terms stand in a folded text: all terms in one trie, looked up where a word may begin."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from marisa_trie import Trie

from scheduler.query.edges import LETTER
from scheduler.query.folding import Folded
from scheduler.query.known import Known
from scheduler.query.needle import MOST_TRIED, Needle, letters_of
from storage import proclitics
from storage.query import Term
from storage.spellings import other_spellings

PIECE = 128  # words that are looked up at a time
CROWDED = 100_000  # places found in vain, of letters that stand there too often: a text that is made to be found
_GATES = (1, 2, 3, 5)  # letters by which most places are passed over: as many of a term as it has
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_LETTER = re.compile(rf"(?!{LETTER}).", re.DOTALL)


class Letters:
    """Terms by their letters. A term is made ready to be found when its letters first are: few ever are."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms: dict[str, tuple[Term, ...]] = {}
        self._others: dict[str, tuple[tuple[Term, str], ...]] = {}  # in spellings that are not their own
        for term in terms:
            if letters := _letters(term, term.text):
                self._terms[letters] = (*self._terms.get(letters, ()), term)
            for said in other_spellings(term):
                if letters := _letters(term, said):
                    self._others[letters] = (*self._others.get(letters, ()), (term, said))
        self._needles: dict[str, tuple[Needle, ...]] = {}
        self._index = _Index({**self._terms, **self._others} if self._others else self._terms)

    def places(self, page: Folded) -> Iterator[tuple[Needle, int]]:
        """The terms and the places where their letters begin, which are ascending for each of them. Most of them are
        part of other words. Of letters that stand there too often, the first places."""
        text, index = _sayable(page.text), self._index
        seen: Counter[str] = Counter()
        in_vain = 0
        for first in range(0, len(page.starts), PIECE):
            piece = slice(first, first + PIECE)
            for letters, start in index.lookup(text, page.pieces[piece], page.starts[piece]):
                seen[letters] += 1
                if seen[letters] > MOST_TRIED:
                    in_vain += 1
                    continue
                for needle in self._ready(letters):
                    yield needle, start
            if in_vain > CROWDED:
                in_vain = 0
                index = _Index(one for one in index.letters if seen[one] <= MOST_TRIED)

    def _ready(self, letters: str) -> tuple[Needle, ...]:
        if (needles := self._needles.get(letters)) is None:
            others = (Needle(term, said) for term, said in self._others.get(letters, ()))
            needles = self._needles[letters] = (*map(Needle, self._terms.get(letters, ())), *others)
        return needles


def _letters(term: Term, said: str) -> str:
    return _sayable(letters_of(said, is_stem=term.stem))


class _Index:
    def __init__(self, letters: Iterable[str]) -> None:
        self.letters = tuple(letters)
        self._trie = Trie(self.letters)
        self._longest = max(map(len, self.letters), default=0)
        gates: dict[int, set[str]] = defaultdict(set)
        for one in self.letters:
            size = max(gate for gate in _GATES if gate <= len(one))
            gates[size].add(one[:size])
        self._gates = tuple(gates.items())
        self._known = Known(self._offsets)

    def lookup(self, text: str, words: Sequence[str], starts: Sequence[int]) -> Iterator[tuple[str, int]]:
        """The letters and where they begin, in a text of which these are some of the words."""
        for start, offsets in zip(starts, map(self._known.__getitem__, words), strict=True):
            for offset in offsets:
                at = start + offset
                if self._may_begin(text[at : at + _GATES[-1]]):
                    for letters in self._trie.prefixes(text[at : at + self._longest]):
                        yield letters, at

    def _offsets(self, word: str) -> tuple[int, ...]:
        """Where in a word terms may begin that stand in it or go on behind it."""
        word = _sayable(word)
        return tuple(at for at in _beginnings(word) if self._is_on_the_way(word[at : at + self._longest]))

    def _is_on_the_way(self, letters: str) -> bool:
        if len(letters) >= _GATES[-1] and not self._may_begin(letters):
            return False
        return any(self._trie.iterkeys(letters)) or bool(self._trie.prefixes(letters))

    def _may_begin(self, letters: str) -> bool:
        return any(letters[:size] in begins for size, begins in self._gates)


def _beginnings(word: str) -> Sequence[int]:
    """Where in a word a term may begin, ascending: at its start, at every sign and letter of a script that puts no
    spaces between words, and behind each; behind what Arabic and Hebrew write on to it."""
    if word.isascii() and word.isalnum():
        return (0,)
    within = [found.start() for found in _NO_LETTER.finditer(word)]
    found = {0, *within, *(at + 1 for at in within)} - {len(word)}
    if proclitics.MAY_BE_LED.search(word):
        found.update(*(proclitics.behind(word, at) for at in found))
    return sorted(found)


def _sayable(text: str) -> str:
    """The text with another sign in the place of what the trie cannot take: each lone surrogate, and NUL."""
    text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text
