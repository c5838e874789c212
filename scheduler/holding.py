"""Which stored articles a query holds for, in their newest text: the one answer of feeds and of search."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence

from scheduler.kinds import answers_to
from scheduler.query.matcher import Match, compile_rules
from scheduler.query.text import text_of
from storage.archive import Archive, ArchivedArticle
from storage.query import Query

log = logging.getLogger("dateline.feeds")


class Holding:
    """A query put to articles of the archive; a change that it names is one that ever happened to them."""

    def __init__(self, archive: Archive, query: Query, sources: Sequence[str] = ()) -> None:
        self._archive, self._sources = archive, frozenset(sources)
        self._matcher = compile_rules({"": query})

    def among(self, ids: Sequence[int]) -> Iterator[tuple[ArchivedArticle, Match]]:
        """Those of these articles, in their order, of any of the named sources, for which it holds."""
        articles = self._archive.articles(ids)
        happened: Mapping[int, Collection[tuple[str, str, bool, tuple[str, ...]]]] = {}
        if self._matcher.asks_for_changes:
            happened = self._archive.happened([one.place.id for one in articles])
        for one in articles:
            if self._sources and not self._sources & set(one.sources):
                continue
            names = frozenset(name for each in happened.get(one.place.id, ()) for name in answers_to(*each))
            text = text_of(one.article, sources=one.sources, changes=names, urls=(one.url,), story=one.story)
            try:
                match = self._matcher.match(text).get("")
            except Exception:  # one article that cannot be judged is not found; the others are
                log.exception("cannot be judged article=%s", one.guid)
                continue
            if match is not None:
                yield one, match
