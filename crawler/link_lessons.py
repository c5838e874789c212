"""What the links of each source's list pages turned out to be, for the next look at those pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crawler.extract.shapes import Lessons, LinkShape, learned
from storage import shapes
from storage.store import Connection, Store


class LinkLessons:
    """The shapes of each source's links, from the store when first asked for.

    `keep` gets what to write and writes it some time soon: what is lost is learned again.
    """

    def __init__(self, store: Store, keep: Callable[[Callable[[Connection], Any]], None]) -> None:
        self._store, self._keep = store, keep
        self._known: dict[int, Lessons] = {}

    def shapes(self, source_id: int) -> tuple[tuple[str, int, int], ...]:
        """As a Page takes them."""
        return tuple((name, one.articles, one.others) for name, one in self._of(source_id).shapes.items())

    def take(self, source_id: int, url: str, *, was_article: bool) -> None:
        """A link was read for the first time."""
        before = self._of(source_id)
        after = self._known[source_id] = learned(before, url, was_article=was_article)
        changed = {
            name: (one.articles, one.others) for name, one in after.shapes.items() if before.shapes.get(name) != one
        }
        dropped = before.shapes.keys() - after.shapes.keys()
        if not changed and not dropped:
            return

        def write(connection: Connection) -> None:
            for name, counts in changed.items():
                shapes.keep(connection, source_id, name, counts)
            for name in dropped:
                shapes.keep(connection, source_id, name, None)

        self._keep(write)

    def _of(self, source_id: int) -> Lessons:
        if source_id not in self._known:
            with self._store.reader() as connection:
                counts = shapes.load(connection, source_id)
            self._known[source_id] = Lessons({name: LinkShape(*one) for name, one in counts.items()})
        return self._known[source_id]
