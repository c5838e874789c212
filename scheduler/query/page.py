"""One text while it is judged: what was found in it so far, and which parts of a query hold."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from scheduler.query import addresses, edges
from scheduler.query.folding import Folded, fold_word
from scheduler.query.needle import MOST_SPANS, Needle, Span
from scheduler.query.patterns import compiled
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, And, Near, Not, Or, Published, Query, Regex, Term, terms

_FURTHEST = 2_000  # characters between the places of a NEAR: of a hundred words
_MOST_PLACES = 1_000  # of each side of a NEAR, in one field
Place = tuple[Span, list[Term]]


class Hit(NamedTuple):
    """A place of the original text, [start, end) of a field, and which term or pattern stands there, as written."""

    field: str
    start: int
    end: int
    variant: str


class Page:
    """Places are those of the folded text; `hits` are of the original."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._folded: dict[str, Folded] = {}
        self.found: dict[Term, dict[str, list[Span]]] = {}

    def fields(self, asked: Collection[str]) -> Iterator[str]:
        """The fields in which words of queries with the `asked` fields may stand."""
        yield from (one for one in ("title", "body") if "" in asked or one in asked)
        yield from (one for one in ("author", "section") if one in asked)

    def source(self, field: str) -> str:
        match field:
            case "title":
                return self._text.title
            case "body":
                return self._text.body
            case "section":
                return self._text.section
        return "\n\n".join(self._text.authors)

    def folded(self, field: str) -> Folded:
        if field not in self._folded:
            self._folded[field] = Folded(self.source(field))
        return self._folded[field]

    def try_at(self, needle: Needle, field: str, start: int) -> None:
        """Note that a term stands in a field, given that its letters are found at a place."""
        term = needle.term
        if term.field != field and (term.field or field not in ("title", "body")):
            return
        spans = self.found.get(term, {}).get(field, ())
        if len(spans) >= MOST_SPANS or (spans and start < spans[-1][1]):
            return
        if span := needle.stands(self.folded(field), start, self._text.language):
            self.found.setdefault(term, {}).setdefault(field, []).append(span)

    def holds(self, query: Query) -> bool:
        if isinstance(query, Term):  # nearly all of them
            return query in self.found if query.field not in VALUE_FIELDS else self.has_value(query)
        if isinstance(query, And):
            return all(map(self.holds, query.parts))
        if isinstance(query, Or):
            return any(map(self.holds, query.parts))
        if isinstance(query, Not):
            return not self.holds(query.part)
        if isinstance(query, Near):
            return next(self._near(query), None) is not None
        if isinstance(query, Regex):
            return next(self._matches(query), None) is not None
        return self._is_published(query)

    def has_value(self, term: Term) -> bool:
        """Does what is known of the article have the value that a term asks for?"""
        text, asked = self._text, term.text.casefold()
        match term.field:
            case "source":
                return any(is_named(one, term) for one in text.sources)
            case "change":
                return term.text in text.changes
            case "lang":
                known, asked = (one.replace("_", "-") for one in (text.language.casefold(), asked))
                return known == asked or known.startswith(f"{asked}-")
            case "site":
                return any(addresses.is_of_site(one, term.text) for one in text.urls)
            case "url":
                return any(addresses.holds(one, term.text) for one in text.urls)
        return term.text == text.story

    def hits(self, query: Query) -> Iterator[Hit]:
        """Where the words stand that make a query hold which does: none under a Not, none of a part that does not."""
        match query:
            case Term():
                for field, spans in self.found.get(query, {}).items():
                    for span in spans:
                        yield self._hit(field, span, query)
            case And():
                for part in query.parts:
                    yield from self.hits(part)
            case Or():
                for part in query.parts:
                    if part in self.found if isinstance(part, Term) else self.holds(part):
                        yield from self.hits(part)
            case Near():
                for field, *places in self._near(query):
                    for span, found in places:
                        yield from (self._hit(field, span, term) for term in found)
            case Regex():
                yield from self._matches(query)

    def _hit(self, field: str, span: Span, term: Term) -> Hit:
        return Hit(field, *self.folded(field).original(*span), _as_asked(term))

    def _near(self, query: Near) -> Iterator[tuple[str, Place, Place]]:
        for field in ("title", "body", "author", "section"):
            ones = self._places(query.one, field)
            others = self._places(query.other, field) if ones else []
            for one, other in _neighbours(ones, others):
                if self._between(field, one[0], other[0]) <= query.words:
                    yield field, one, other

    def _places(self, query: Query, field: str) -> list[Place]:
        there: dict[Span, list[Term]] = defaultdict(list)
        for term in terms(query):
            for span in self.found.get(term, {}).get(field, ()):
                there[span].append(term)
        return sorted(there.items())[:_MOST_PLACES]

    def _between(self, field: str, one: Span, other: Span) -> int:
        """How many words lie between two places; of a script without spaces two characters count as one."""
        first, second = sorted((one, other))
        if second[0] < first[1]:
            return 1_000_000  # they overlap: one of them is part of the other
        if second[0] - first[1] > _FURTHEST:
            return 1_000_000
        page = self.folded(field)
        text = page.text[first[1] : second[0]]
        unspaced = 0 if text.isascii() else sum(edges.script_of(char) in ("open", "katakana") for char in text)
        parted = page.words_between(first[1], second[0])
        if unspaced:
            return parted + (unspaced + 1) // 2
        return parted + (first[1] in page.joints and bool(text))

    def _matches(self, query: Regex) -> Iterator[Hit]:
        pattern = compiled(query.pattern)
        for field in (query.field,) if query.field else ("title", "body"):
            for count, found in enumerate(pattern.finditer(self.source(field))):
                if count >= MOST_SPANS:
                    break
                if found.end() > found.start():
                    yield Hit(field, found.start(), found.end(), f"/{query.pattern}/")

    def _is_published(self, query: Published) -> bool:
        stated = self._text.published
        if stated is None:
            return False
        moment = stated.moment  # of a day its midnight in UTC, where spans begin
        return (query.since is None or moment >= query.since) and (query.until is None or moment < query.until)


def _neighbours(ones: list[Place], others: list[Place]) -> Iterator[tuple[Place, Place]]:
    """Each place with the nearest of the other side, before it and behind it. What is near any is near one of these, so
    that a word which a text repeats is not tried against all the places of another one."""
    for one, other in _beside(ones, others):
        yield one, other
    for other, one in _beside(others, ones):
        yield one, other


def _beside(places: list[Place], others: list[Place]) -> Iterator[tuple[Place, Place]]:
    ending = sorted(others, key=_end)
    for place in places:
        before, behind = bisect_right(ending, _begin(place), key=_end), bisect_left(others, _end(place), key=_begin)
        yield from ((place, other) for other in (*ending[max(before - 1, 0) : before], *others[behind : behind + 1]))


def _begin(place: Place) -> int:
    return place[0][0]


def _end(place: Place) -> int:
    return place[0][1]


def _as_asked(term: Term) -> str:
    """A term as a query or a list writes it, without the quotes and fields around it."""
    if term.exact:
        return f'="{term.text}"'
    return f"{'stem:' if term.stem else ''}{term.text}{'*' if term.prefix else ''}"


def is_named(source: str, term: Term) -> bool:
    """Is this the name of a source that `source:` asks for? Capitals and hyphens make no difference."""
    name, asked = _name(source), _name(term.text)
    return name.startswith(asked) if term.prefix else name == asked


@lru_cache(maxsize=4096)
def _name(source: str) -> str:
    return " ".join(fold_word(one) for one in source.replace("-", " ").split())
