"""Which queries hold for a text, and where their words stand in it: all rules in one pass over the folded text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from scheduler.query.folding import Folded, fold_text
from scheduler.query.letters import Letters
from scheduler.query.needle import MOST_SPANS, Needle, Span
from scheduler.query.page import Hit, Page
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, Query, Term, anchors, terms
from storage.text import one_line

__all__ = ["MOST_SPANS", "Hit", "Match", "Matcher", "Span", "Text", "compile_rules", "places"]


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
    """Compiled queries by name; made by `compile_rules`. Keeps no text that it has seen, but single words, as
    many as `letters.WORDS_KNOWN`."""

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
        self._letters = Letters(term for term in asked if term.field not in VALUE_FIELDS)

    @property
    def asks_for_changes(self) -> bool:
        """Does what happened to a text decide about any of them?"""
        return "change" in self._fields

    def match(self, text: Text) -> dict[str, Match]:
        """The queries that hold, in the order in which they were given."""
        page = Page(text)
        for field in page.fields(self._fields):
            for needle, start in self._letters.places(page.folded(field)):
                page.try_at(needle, field, start)
        names = set(self._always)
        for term in (*page.found, *(term for term in self._values if page.has_value(term))):
            names.update(self._rules.get(term, ()))
        held = sorted(names, key=self._order.__getitem__)
        return {name: _match(page, self._queries[name]) for name in held if page.holds(self._queries[name])}


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
        folded, word = _as_word(page.source(hit.field)[hit.start : hit.end])
        words.setdefault(folded, word)
    return Match(tuple(words.values()), tuple(hits))


@lru_cache(maxsize=4096)
def _as_word(written: str) -> tuple[str, str]:
    word = one_line(written)
    return fold_text(word), word
