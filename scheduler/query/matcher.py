"""Which queries hold for a text, and where their words stand in it: all rules in one pass over folded text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from scheduler.query.folding import Folded
from storage.query import And, Not, Query, Term, anchors
from storage.text import one_line

MOST_SPANS = 200  # of a term in a title or a body: a page that repeats a word must not cost a minute
Span = tuple[int, int]
_NO_WORDS = ("source", "change")  # fields that no words of the text stand for

# Scripts that put no space between words: Thai, Lao, Myanmar, Khmer, kana, Han. A term may begin and end anywhere.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Korean spaces its words but glues nouns together and particles behind them: a term may begin and end inside a word,
# but one of a single syllable must begin it.
_HANGUL = "\u1100-\u11ff\uac00-\ud7a3"
# What stands in a word of every other script: letters, digits, and the marks that `\w` leaves out.
_LETTER = (
    rf"(?:[^\W{_UNSPACED}{_HANGUL}]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    r"\u0900-\u0963\u0966-\u0dff])"
)
_LETTERS = re.compile(f"{_LETTER}+")
_SYLLABLE = re.compile(f"[{_HANGUL}]")
_SPACE_BETWEEN_GLUED = re.compile(f"(?<=[{_UNSPACED}{_HANGUL}]) (?=[{_UNSPACED}{_HANGUL}])")


@dataclass(frozen=True, slots=True)
class Text:
    """What a query looks at. `sources` are names; `language` is a code or "", and matching does not depend on it.

    `changes` are the names under which what happened to it is asked for; none where that is not known.
    """

    title: str
    body: str
    sources: tuple[str, ...] = ()
    language: str = ""
    changes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """What made a query hold: its words as they stand on the page, each once, those of the title first, and all places
    as [start, end) of the title and the body as they were given, in order, may overlap. Empty where a source alone
    was asked for."""

    words: tuple[str, ...]
    title: tuple[Span, ...]
    body: tuple[Span, ...]


class Matcher:
    """Compiled queries by name; made by `compile_rules`. Keeps nothing of the texts that it has seen."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)
        self._needles: dict[Term, Needle] = {}
        self._rules: dict[Term, list[str]] = defaultdict(list)  # to be judged where the term stands
        self._always: list[str] = []
        self._by_word: dict[str, list[Term]] = defaultdict(list)
        self._other: list[
            Term
        ] = []  # that no whole word stands for: prefixes, scripts without spaces, sources, changes
        for name, query in self._queries.items():
            self._learn(query)
            anchored = anchors(query)
            if anchored is None:
                self._always.append(name)
            for term in anchored or ():
                self._rules[term].append(name)
        for term in self._rules:
            if word := self._needles[term].whole_word:
                self._by_word[word].append(term)
            else:
                self._other.append(term)

    @property
    def asks_for_changes(self) -> bool:
        """Does what happened to a text decide about any of them?"""
        return any(term.field == "change" for term in self._needles)

    def match(self, text: Text) -> dict[str, Match]:
        """The queries that hold, in the order in which they were given."""
        page = _Page(text, self._needles)
        words = {*_LETTERS.findall(page.title.text), *_LETTERS.findall(page.body.text)}
        seen = [term for word in self._by_word.keys() & words for term in self._by_word[word]]
        seen += [term for term in self._other if page.may_hold(term)]
        names = {name for term in seen for name in self._rules[term]}.union(self._always)
        held = (name for name in self._queries if name in names) if names else ()
        return {name: page.match(self._queries[name]) for name in held if page.holds(self._queries[name])}

    def _learn(self, query: Query) -> None:
        if isinstance(query, Term):
            self._needles.setdefault(query, Needle(query))
        elif isinstance(query, Not):
            self._learn(query.part)
        else:
            for part in query.parts:
                self._learn(part)


def compile_rules(queries: Mapping[str, Query]) -> Matcher:
    return Matcher(queries)


def places(text: str, words: Iterable[str]) -> list[Span]:
    """Where words that made a query hold stand in a text, in order; may overlap, empty where none does."""
    page = Folded(text)
    found = {
        page.original(*span) for word in words if Folded(word).text for span in Needle(Term(word)).spans(page.text)
    }
    return sorted(found)


class Needle:
    """A term ready to be found: its folded text and the pattern that knows where a word of its script may begin."""

    def __init__(self, term: Term) -> None:
        self.term = term
        self.text = Folded(term.text).text

    @cached_property
    def whole_word(self) -> str:
        """The longest word that must stand, whole, wherever the term does; "" where there is none."""
        if self.term.field in _NO_WORDS:
            return ""
        runs = [run.group() for run in _LETTERS.finditer(self.text)]
        if self.term.prefix and runs and self.text.endswith(runs[-1]):
            runs.pop()
        return max(runs, key=len, default="")

    @cached_property
    def parts(self) -> list[str]:
        """What must stand as it is. A space between them is a matter of taste: "핵 실험" is 핵실험 too."""
        return _SPACE_BETWEEN_GLUED.split(self.text)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        text = self.text
        pattern = " ?".join(map(re.escape, self.parts))
        if _LETTERS.match(text):
            pattern = f"(?<!{_LETTER})" + pattern
        elif len(text) == 1 and _SYLLABLE.match(text):
            pattern = f"(?<![{_HANGUL}])" + pattern
        if _LETTERS.match(text[-1]):
            pattern += f"{_LETTER}*" if self.term.prefix else f"(?!{_LETTER})"
        return re.compile(pattern)

    def spans(self, text: str) -> list[Span]:
        """Where the term stands in a folded text."""
        # The search is the string's own, and the pattern looks only there: eighty times as fast as to search with it.
        found: list[Span] = []
        place = text.find(self.parts[0])
        while place >= 0 and len(found) < MOST_SPANS:
            match = self.pattern.match(text, place)
            if match:
                found.append(match.span())
            place = text.find(self.parts[0], match.end() if match else place + 1)
        return found

    def names(self, source: str) -> bool:
        name = Folded(source).text
        return name.startswith(self.text) if self.term.prefix else name == self.text


class _Page:
    """One text while it is judged; each term is looked for at most once."""

    def __init__(self, text: Text, needles: Mapping[Term, Needle]) -> None:
        self.title, self.body, self._text = Folded(text.title), Folded(text.body), text
        self._needles = needles
        self._found: dict[Term, tuple[list[Span], list[Span]] | None] = {}

    def may_hold(self, term: Term) -> bool:
        """A quick look: False only where the term is certainly not there."""
        needle = self._needles[term]
        if term.field == "source":
            return any(map(needle.names, self._text.sources))
        if term.field == "change":
            return term.text in self._text.changes
        longest = max(needle.parts, key=len)
        return longest in self.title.text or (not term.field and longest in self.body.text)

    def holds(self, query: Query) -> bool:
        if isinstance(query, Term):
            return self._find(query) is not None
        if isinstance(query, Not):
            return not self.holds(query.part)
        return (all if isinstance(query, And) else any)(map(self.holds, query.parts))

    def match(self, query: Query) -> Match:
        title, body = set[Span](), set[Span]()
        for term in self._speaking(query):
            if found := self._find(term):
                title.update(self.title.original(*span) for span in found[0])
                body.update(self.body.original(*span) for span in found[1])
        in_order = (sorted(title), sorted(body))
        words: dict[str, str] = {}
        for source, spans in zip((self._text.title, self._text.body), in_order, strict=True):
            for start, end in spans:
                word = one_line(source[start:end])
                words.setdefault(Folded(word).text, word)
        return Match(tuple(words.values()), tuple(in_order[0]), tuple(in_order[1]))

    def _speaking(self, query: Query) -> Iterator[Term]:
        """The terms that make a query hold which does: none under a Not, none of a part that does not hold."""
        if isinstance(query, Term):
            yield query
        elif not isinstance(query, Not):
            for part in query.parts:
                if isinstance(query, And) or self.holds(part):
                    yield from self._speaking(part)

    def _find(self, term: Term) -> tuple[list[Span], list[Span]] | None:
        """Where the term stands in the folded title and body; None where it does not."""
        if term not in self._found:
            self._found[term] = self._look(term)
        return self._found[term]

    def _look(self, term: Term) -> tuple[list[Span], list[Span]] | None:
        if not self.may_hold(term):
            return None
        if term.field in _NO_WORDS:
            return [], []
        needle = self._needles[term]
        title = needle.spans(self.title.text)
        body = [] if term.field else needle.spans(self.body.text)
        return (title, body) if title or body else None
