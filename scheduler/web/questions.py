"""What a feed holds: the newest articles of some sources, those for which a query holds, or what happened to them."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Generic, TypeVar

from scheduler.feed import MOST_ARTICLES
from scheduler.holding import Holding
from scheduler.query.grammar import NO_LISTS, Lists, parse
from storage.archive import Archive, Place
from storage.chronicle import Asked, Chronicle, Occasion
from storage.model.articles import Change

log = logging.getLogger("dateline.feeds")

CHUNK = 100  # articles read at a time: at 5 kB each they are soon let go again
SCAN_S = 2.0  # a search that takes longer goes on when the feed is asked for again
MOST_CHANGES = 5000  # after a longer pause it is cheaper to begin anew

At = TypeVar("At", Place, Occasion)


class Newest:
    """The newest articles of the named sources, of all if none is named."""

    settled = True

    def __init__(self, archive: Archive, sources: Sequence[str] = ()) -> None:
        self._archive, self._sources = archive, tuple(sources)

    def places(self) -> list[Place]:
        return self._archive.places(sources=self._sources, limit=MOST_ARTICLES)


class _Search(Generic[At]):
    """The newest of what is stored that something holds for: searched from the newest back until there are enough;
    from then on only what is new is judged. Not for two threads at once.
    """

    def __init__(self) -> None:
        self._found: set[At] = set()
        self._lowest: At | None = None  # of all that were judged
        self._to_the_end = False

    @property
    def settled(self) -> bool:
        """Has the search ended? Else `places` finds more when it is called again."""
        return self._to_the_end or len(self._found) >= MOST_ARTICLES

    def places(self) -> list[At]:
        """What was found so far, newest first; searches for at most about SCAN_S seconds."""
        self._judge_new()
        until = monotonic() + SCAN_S
        while not self.settled:
            places = self._below(self._lowest)
            self._judge(places)
            self._lowest = places[-1] if places else self._lowest
            self._to_the_end = len(places) < CHUNK
            if monotonic() > until:
                break
        return self._trim()

    @abstractmethod
    def _judge_new(self) -> None:
        """Judge what came since the last time, as far down as the search has got."""

    @abstractmethod
    def _below(self, lowest: At | None) -> list[At]:
        """The next CHUNK of all, newest first, fewer at the end."""

    @abstractmethod
    def _matching(self, chunk: Sequence[At]) -> Iterable[At]:
        """Those that hold."""

    def _is_reached(self, one: At) -> bool:
        """Has the search got that far down? Else it is judged when the search gets there."""
        return self._to_the_end or (self._lowest is not None and one >= self._lowest)

    def _judge(self, places: Sequence[At]) -> None:
        for start in range(0, len(places), CHUNK):
            chunk = places[start : start + CHUNK]
            self._found.difference_update(chunk)
            self._found.update(self._matching(chunk))

    def _begin_anew(self) -> None:
        self._found, self._lowest, self._to_the_end = set(), None, False

    def _trim(self) -> list[At]:
        """The newest of what was found. What is dropped is looked for again if one of the others ceases to match."""
        newest = sorted(self._found, reverse=True)
        if len(newest) > MOST_ARTICLES:
            newest = newest[:MOST_ARTICLES]
            self._found = set(newest)
            self._lowest, self._to_the_end = newest[-1], False
        return newest


class Matching(_Search[Place]):
    """The newest articles, of the named sources, that match a query in their newest text; a change that the query
    names is one that ever happened to them.
    """

    def __init__(self, archive: Archive, query: str, sources: Sequence[str] = (), lists: Lists = NO_LISTS) -> None:
        super().__init__()
        self._archive, self._sources = archive, tuple(sources)
        self._holding = Holding(archive, parse(query, lists), sources)
        self._judged: set[int] = set()  # changes
        self._mark = self._newest_change()

    def _judge_new(self) -> None:
        changed = self._archive.changed_after(self._mark, limit=MOST_CHANGES)
        if len(changed) == MOST_CHANGES:
            self._begin_anew()
            self._mark = self._newest_change()
            return
        new = [(change_id, place) for change_id, place in changed if change_id not in self._judged]
        self._judge(sorted({place for _, place in new if self._is_reached(place)}))
        self._judged = {change_id for change_id, _ in changed}
        self._mark = max(self._judged, default=self._mark)

    def _below(self, lowest: Place | None) -> list[Place]:
        return self._archive.places(sources=self._sources, before=lowest, limit=CHUNK)

    def _newest_change(self) -> int:
        newest = self._archive.changed_after(0, limit=1)
        return newest[0][0] if newest else 0

    def _matching(self, chunk: Sequence[Place]) -> Iterable[Place]:
        return [one.place for one, _ in self._holding.among([place.id for place in chunk])]


class Happened(_Search[Occasion]):
    """The newest changes, of the named sources, for which `holds` says yes; of all if it is None.

    A change is judged once, when it is decided that it is told alone: what it says never changes.
    """

    def __init__(
        self, chronicle: Chronicle, asked: Asked | None = None, holds: Callable[[Change], bool] | None = None
    ) -> None:
        super().__init__()
        self._chronicle, self._asked, self._holds = chronicle, asked or Asked(), holds
        self._frontier = chronicle.frontier(MOST_CHANGES)
        self._judged: set[Occasion] = set()

    def _judge_new(self) -> None:
        before, self._frontier = self._frontier, self._chronicle.frontier(MOST_CHANGES)
        if before is None or self._frontier is None or self._frontier[0] - before[0] > MOST_CHANGES:
            self._begin_anew()
            return
        decided = set(self._chronicle.decided_since(self._asked, *before, limit=2 * MOST_CHANGES))
        self._judge(sorted(one for one in decided - self._judged if self._is_reached(one)))
        self._judged = decided

    def _below(self, lowest: Occasion | None) -> list[Occasion]:
        return self._chronicle.newest(self._asked, before=lowest, limit=CHUNK)

    def _matching(self, chunk: Sequence[Occasion]) -> Iterable[Occasion]:
        if self._holds is None:
            yield from chunk
            return
        of = {one.id: one for one in chunk}
        for change in self._chronicle.changes(list(of)):
            try:
                holds = self._holds(change)
            except Exception:  # as in `Holding`
                log.exception("cannot be judged change=%d", change.id)
                continue
            if holds:
                yield of[change.id]
