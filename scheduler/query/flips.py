"""The smallest change to a text by which a query comes to hold for it, or not to hold any more: in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from scheduler.query.explain import holds, is_leaf, leaves_of
from scheduler.query.implied import Together
from scheduler.query.matcher import Hit, Match
from scheduler.query.page import Page
from scheduler.query.spelling import said
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, And, Near, Not, Published, Query, Regex, Term, parts_of

MOST_WAYS = 32  # of turning a part, that are weighed against each other

Way = dict[Query, bool]  # leaves, and whether each is to hold


def flips(query: Query, text: Text) -> tuple[str, ...]:
    """The fewest things that would have to be otherwise for the query to hold where it does not, or not to where it
    does, in words; of several such sets the first. Empty where nothing would do: the query contradicts itself. Of a
    query with hundreds of clauses that share words it may be a few more than the fewest."""
    together = Together(list(dict.fromkeys(leaves_of(query))), text.language)
    matches = together.matches(text)
    turning = _Turning(matches, together, text)
    ways = map(turning.changes, turning.ways(query, not holds(query, matches)))
    return tuple(dict.fromkeys(_in_words(leaf, to) for leaf, to in min(ways, key=len, default={}).items()))


@dataclass(frozen=True, slots=True)
class _Turning:
    """What is known while the ways are weighed: the leaves that hold, and which of them hold together."""

    matches: Mapping[Query, Match]
    together: Together
    text: Text

    def ways(self, query: Query, wanted: bool) -> list[Way]:
        """How a part comes to be as wanted, the ways with the fewest leaves that must turn first.

        What is so already stands in a way as well: the same leaf may be wanted otherwise in another part, and no way
        wants both. Only so many ways are kept of each part: all of them are as many as the products of its parts.
        """
        if is_leaf(query):
            return [{query: wanted}]
        if isinstance(query, Not):
            return self.ways(query.part, not wanted)
        each = (self.ways(part, wanted) for part in parts_of(query))
        if isinstance(query, And) != wanted:  # one of them is enough
            return self._fewest(way for ways in each for way in ways)
        whole: list[Way] = [{}]
        for ways in each:
            whole = self._fewest(
                one | other
                for one in whole
                for other in ways
                if all(one.get(leaf, to) == to for leaf, to in other.items())
            )
        return whole

    def _fewest(self, ways: Iterable[Way]) -> list[Way]:
        turned = (
            (sum((leaf in self.matches) != to for leaf, to in way.items()), number, way)
            for number, way in enumerate(ways)
        )
        kept: list[Way] = []
        for _, _, way in sorted(turned, key=lambda one: one[:2]):
            if self._is_possible(way):
                kept.append(way)
            if len(kept) == MOST_WAYS:
                break
        return kept

    def _is_possible(self, way: Way) -> bool:
        """May a text be so? There is none with title:fire and without fire."""
        absent = {leaf for leaf, to in way.items() if not to}
        return not absent or all(self._may_stand_without(leaf, absent) for leaf, to in way.items() if to)

    def _may_stand_without(self, leaf: Query, absent: set[Query]) -> bool:
        texts = self.together.shortest(leaf)
        return not texts or any(held.isdisjoint(absent) for held in texts)

    def changes(self, way: Way) -> Way:
        """What a person would have to change: the leaves that turn, and those that would turn with them and must not;
        without what follows from the others."""
        gone = {leaf for leaf, to in way.items() if not to and leaf in self.matches}
        turned = {
            leaf: to
            for leaf, to in way.items()
            if (leaf in self.matches) != to or (to and gone and self._goes_with(leaf, gone))
        }
        for leaf, to in list(turned.items()):
            others = [one for one, its in turned.items() if its == to and one is not leaf]
            first, then = (others, [leaf]) if to else ([leaf], others)
            if not all(self._may_stand_without(one, {other}) for one in first for other in then):
                del turned[leaf]
        return turned

    def _goes_with(self, leaf: Query, gone: set[Query]) -> bool:
        """Does a leaf that holds stand only where one of those that must not hold stands as well: kim*, where kim is
        the only such word?"""
        hits = self.matches[leaf].hits
        lost = [one for one in hits if not self.together.beside(self._words(one), one.field).isdisjoint(gone)]
        if not isinstance(leaf, Near):
            return 0 < len(lost) == len(hits)
        return bool(lost) and leaf not in self.together.matches(self._without(lost))  # one of its two sides is enough

    def _words(self, hit: Hit) -> str:
        return Page(self.text).source(hit.field)[hit.start : hit.end]

    def _without(self, lost: Iterable[Hit]) -> Text:
        """The text, of its title and body alone, with a sign in the place of each letter that is lost."""
        fields = {"title": list(self.text.title), "body": list(self.text.body)}
        for hit in lost:
            if hit.field in fields:
                fields[hit.field][hit.start : hit.end] = "…" * (hit.end - hit.start)
        return replace(self.text, title="".join(fields["title"]), body="".join(fields["body"]))


def _in_words(leaf: Query, wanted: bool) -> str:
    if isinstance(leaf, Published) or (isinstance(leaf, Term) and leaf.field in VALUE_FIELDS):
        return f"if it were {'' if wanted else 'not '}{said(leaf)}"
    where = "title or body"
    if isinstance(leaf, Term | Regex) and leaf.field:
        where = leaf.field
        leaf = leaf._replace(field="") if isinstance(leaf, Term) else Regex(leaf.pattern)
    return f"if {where} {'held' if wanted else 'did not hold'} {said(leaf)}"
