"""Which articles a feed holds: the newest ones of some sources, or those for which a query holds."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from time import monotonic

from scheduler.feed import MOST_ARTICLES
from scheduler.kinds import answers_to
from scheduler.query.grammar import parse
from scheduler.query.matcher import Text, compile_rules
from storage.archive import Archive, ArchivedArticle, Place

log = logging.getLogger("dateline.feeds")

CHUNK = 100  # articles read at a time: at 5 kB each they are soon let go again
SCAN_S = 2.0  # a search that takes longer goes on when the feed is asked for again
MOST_CHANGES = 5000  # after a longer pause it is cheaper to begin anew


class Newest:
    """The newest articles of the named sources, of all if none is named."""

    settled = True

    def __init__(self, archive: Archive, sources: Sequence[str] = ()) -> None:
        self._archive, self._sources = archive, tuple(sources)

    def places(self) -> list[Place]:
        return self._archive.places(sources=self._sources, limit=MOST_ARTICLES)


class Matching:
    """The newest articles, of the named sources, that match a query in their newest text; a change that the query
    names is one that ever happened to them.

    The archive is searched from its newest article back until there are enough; from then on only articles with new
    changes are judged again. Not for two threads at once.
    """

    def __init__(self, archive: Archive, query: str, sources: Sequence[str] = ()) -> None:
        self._archive, self._sources = archive, tuple(sources)
        self._matcher = compile_rules({"": parse(query)})
        self._found: set[Place] = set()
        self._lowest: Place | None = None  # of all that were judged
        self._to_the_end = False
        self._judged: set[int] = set()  # changes
        self._mark = self._newest_change()

    @property
    def settled(self) -> bool:
        """Has the search ended? Else `places` finds more when it is called again."""
        return self._to_the_end or len(self._found) >= MOST_ARTICLES

    def places(self) -> list[Place]:
        """The matching articles found so far, newest first; searches for at most about SCAN_S seconds."""
        self._judge_changes()
        until = monotonic() + SCAN_S
        while not self.settled:
            places = self._archive.places(sources=self._sources, before=self._lowest, limit=CHUNK)
            self._judge(places)
            self._lowest = places[-1] if places else self._lowest
            self._to_the_end = len(places) < CHUNK
            if monotonic() > until:
                break
        return self._trim()

    def _judge_changes(self) -> None:
        changed = self._archive.changed_after(self._mark, limit=MOST_CHANGES)
        if len(changed) == MOST_CHANGES:
            self._found, self._lowest, self._to_the_end = set(), None, False
            self._mark = self._newest_change()
            return
        new = [(change_id, place) for change_id, place in changed if change_id not in self._judged]
        # What lies below the search is judged when the search gets there.
        reached = {place for _, place in new if self._to_the_end or (self._lowest and place >= self._lowest)}
        self._judge(sorted(reached))
        self._judged = {change_id for change_id, _ in changed}
        self._mark = max(self._judged, default=self._mark)

    def _newest_change(self) -> int:
        newest = self._archive.changed_after(0, limit=1)
        return newest[0][0] if newest else 0

    def _judge(self, places: Sequence[Place]) -> None:
        for start in range(0, len(places), CHUNK):
            chunk = places[start : start + CHUNK]
            self._found.difference_update(chunk)
            self._found.update(self._matching(self._archive.articles([place.id for place in chunk])))

    def _matching(self, articles: Sequence[ArchivedArticle]) -> Iterable[Place]:
        happened: Mapping[int, Collection[tuple[str, str, bool]]] = {}
        if self._matcher.asks_for_changes:
            happened = self._archive.happened([one.place.id for one in articles])
        for one in articles:
            if self._sources and not set(self._sources) & set(one.sources):
                continue
            names = frozenset(name for each in happened.get(one.place.id, ()) for name in answers_to(*each))
            text = Text(one.article.title, one.article.body, one.sources, one.article.language, names)
            try:
                holds = self._matcher.match(text)
            except Exception:  # one article that cannot be judged is not in the feed; the others are
                log.exception("cannot be judged article=%s", one.guid)
                continue
            if holds:
                yield one.place

    def _trim(self) -> list[Place]:
        """The newest of what was found. What is dropped is looked for again if one of the others ceases to match."""
        newest = sorted(self._found, reverse=True)
        if len(newest) > MOST_ARTICLES:
            newest = newest[:MOST_ARTICLES]
            self._found = set(newest)
            self._lowest, self._to_the_end = newest[-1], False
        return newest
