"""Which queries hold for a text, and where their words stand in it: all rules in one pass over the folded text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from scheduler.query import edges
from scheduler.query.folding import Folded
from scheduler.query.needle import MOST_SPANS, MOST_TRIED, Needle, Span
from scheduler.query.page import Hit, Page
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, Query, Term, anchors, terms
from storage.text import one_line

__all__ = ["MOST_SPANS", "Hit", "Match", "Matcher", "Span", "Text", "compile_rules", "places"]

_SURROGATE = re.compile("[\ud800-\udfff]")
PIECE = 8_192  # characters of a text that are searched at a time: more than most articles have
CROWDED = 20 * PIECE  # places found in one piece: a text that is made to be found
_DFA_UP_TO = 2_000  # needles: a deterministic automaton is twice as fast and takes twenty times the room


@dataclass(frozen=True, slots=True)
class Match:
    """What made a query hold: its words as they stand on the page, each once, those of the title first, and all places
    as [start, end) of the title and the body as they were given, in order, may overlap. `hits` are the same places
    with the field and the term that hit, those of author and section too. Empty where no words were asked for."""

    words: tuple[str, ...]
    hits: tuple[Hit, ...]

    @property
    def title(self) -> tuple[Span, ...]:
        return self._in("title")

    @property
    def body(self) -> tuple[Span, ...]:
        return self._in("body")

    def _in(self, field: str) -> tuple[Span, ...]:
        return tuple(sorted({(one.start, one.end) for one in self.hits if one.field == field}))


class Matcher:
    """Compiled queries by name; made by `compile_rules`. Keeps nothing of the texts that it has seen."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)
        self._order = {name: place for place, name in enumerate(self._queries)}
        self._rules: dict[Term, list[str]] = defaultdict(list)  # to be judged where the term stands
        self._always: list[str] = []
        asked: dict[Term, None] = {}
        for name, query in self._queries.items():
            asked |= dict.fromkeys(terms(query))
            anchored = anchors(query)
            if anchored is None:
                self._always.append(name)
            for term in anchored or ():
                self._rules[term].append(name)
        self._fields = {term.field for term in asked}
        self._values = [term for term in asked if term.field in VALUE_FIELDS and term in self._rules]
        by_text: dict[str, list[Needle]] = defaultdict(list)
        for term in asked:
            if term.field not in VALUE_FIELDS:
                needle = Needle(term)
                by_text[_sayable(needle.text)].append(needle)
        by_text.pop("", None)
        self._patterns = [_Pattern(needles) for needles in by_text.values()]
        self._longest = max(map(len, by_text), default=0)
        self._automaton, self._all = _automaton(list(by_text)), list(range(len(by_text)))

    @property
    def asks_for_changes(self) -> bool:
        """Does what happened to a text decide about any of them?"""
        return "change" in self._fields

    def match(self, text: Text) -> dict[str, Match]:
        """The queries that hold, in the order in which they were given."""
        page = Page(text)
        for field in page.fields(self._fields):
            self._look(page, field)
        names = set(self._always)
        for term in (*page.found, *(term for term in self._values if page.has_value(term))):
            names.update(self._rules.get(term, ()))
        held = sorted(names, key=self._order.__getitem__)
        return {name: _match(page, self._queries[name]) for name in held if page.holds(self._queries[name])}

    def _look(self, page: Page, field: str) -> None:
        """Find the terms in a field, piece by piece: a page that repeats one letter holds many terms at every place."""
        folded = page.folded(field)
        text, joints, script_of, patterns = _sayable(folded.text), folded.joints, edges.script_of, self._patterns
        automaton, numbers = self._automaton, self._all
        seen: Counter[int] = Counter()
        for begin in range(0, len(text), PIECE):
            if automaton is None:
                return
            next_piece = begin + PIECE
            found = automaton.find_matches_as_indexes(text[begin : next_piece + self._longest], overlapping=True)
            for number, start, end in found:
                start, end = start + begin, end + begin
                pattern = patterns[numbers[number]]
                # Most of the letters that are found lie within other words: these are passed over here, in a line.
                if pattern.begins_word and start not in joints and script_of(text[start - 1]) == "spaced":
                    continue
                if pattern.ends_word and end not in joints and script_of(text[end]) == "spaced":
                    continue
                if start < next_piece:  # what begins behind it is found with the next piece
                    seen[numbers[number]] += 1
                    if seen[numbers[number]] <= MOST_TRIED:
                        for needle in pattern.needles:
                            page.try_at(needle, field, start)
            if len(found) > CROWDED:
                # Those that stand everywhere have been tried often enough.
                often = Counter(numbers[number] for number, _, _ in found)
                numbers = [one for one in numbers if often[one] < PIECE // 10 and seen[one] <= MOST_TRIED]
                automaton = _automaton([patterns[one].text for one in numbers])


def _automaton(texts: list[str]) -> AhoCorasick | None:
    kind = Implementation.DFA if len(texts) <= _DFA_UP_TO else Implementation.ContiguousNFA
    return AhoCorasick(texts, implementation=kind) if texts else None


def _sayable(text: str) -> str:
    """The text with another sign in the place of each lone surrogate, which the automaton cannot take."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


class _Pattern:
    """The needles whose letters are the same, and whether all of them must begin and end with a whole word of a script
    that puts spaces between words."""

    __slots__ = ("begins_word", "ends_word", "needles", "text")

    def __init__(self, needles: list[Needle]) -> None:
        text = self.text = _sayable(needles[0].text)
        self.needles = needles
        self.begins_word = edges.script_of(text[0]) == "spaced"
        self.ends_word = edges.script_of(text[-1]) == "spaced" and not any(needle.open for needle in needles)


def compile_rules(queries: Mapping[str, Query]) -> Matcher:
    return Matcher(queries)


def places(text: str, words: Iterable[str]) -> list[Span]:
    """Where words that made a query hold stand in a text, in order; may overlap, empty where none does."""
    page = Folded(text)
    return sorted({page.original(*span) for word in words for span in Needle(Term(word)).spans(page)})


def _match(page: Page, query: Query) -> Match:
    hits = sorted(set(page.hits(query)), key=lambda hit: (hit.field != "title", hit.field, hit.start, hit.end))
    words: dict[str, str] = {}
    for hit in hits:
        word = one_line(page.source(hit.field)[hit.start : hit.end])
        words.setdefault(Folded(word).text, word)
    return Match(tuple(words.values()), tuple(hits))
