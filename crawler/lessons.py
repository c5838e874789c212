"""What the worker has learned of its sources' pages: how they are laid out, and when that has to be learned anew."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from crawler.extract.kinds import Kinds
from crawler.extract.layout import Layout
from crawler.reading import Reading
from storage import layouts
from storage.layouts import KnownLayouts
from storage.store import Connection, Store
from storage.text import one_line

log = logging.getLogger("dateline.look")

CHECK_EVERY = 20  # of so many pages that are read by a layout one is read in full, too
LOST_AFTER = 3  # pages in a row that no known layout fits


@dataclass(slots=True)
class _Lesson:
    layouts: tuple[Layout, ...] = ()
    kept: KnownLayouts = field(default_factory=KnownLayouts)
    unchecked: int = 0
    misses: int = 0


class Lessons:
    """The layouts of each source at each host, from the store when first asked for.

    `keep` gets what to write and writes it some time soon: what is lost is learned again.
    """

    def __init__(self, store: Store, keep: Callable[[Callable[[Connection], Any]], None]) -> None:
        self._store, self._keep = store, keep
        self._known: dict[tuple[int, str], _Lesson] = {}

    def of(self, source_id: int, host: str) -> tuple[tuple[Layout, ...], bool]:
        """The layouts to read a page by, and whether this page is to be read in full as well."""
        lesson = self._lesson(source_id, host)
        return lesson.layouts, lesson.unchecked >= CHECK_EVERY

    def take(self, source_id: int, host: str, began: tuple[Layout, ...], reading: Reading, now: datetime) -> None:
        """Learn from a page that was read with the layouts that `of` gave when it `began`.

        Two pages are read at once: what one of them has learned meanwhile is not undone by the other.
        """
        lesson = self._lesson(source_id, host)
        is_known, message = lesson.kept.is_known, lesson.kept.message
        if reading.by_layout:
            lesson.unchecked += 1
            lesson.misses = 0
            if not is_known:
                self._book(source_id, host, lesson, True, message, now)
            return
        if began == lesson.layouts:
            lesson.layouts = reading.layouts
        elif reading.differs:
            lesson.layouts = tuple(one for one in lesson.layouts if one.opening not in {each.opening for each in began})
        if reading.differs:
            is_known, message = False, f"a page read by its layout read otherwise in full ({reading.differs})"
        elif reading.missed:
            lesson.misses += 1
            if lesson.misses == LOST_AFTER:
                is_known, message = False, f"its pages are laid out otherwise than before: {reading.missed}"
        else:
            lesson.misses = lesson.unchecked = 0
            is_known = any(one.is_known for one in lesson.layouts)
        self._book(source_id, host, lesson, is_known, message, now)

    def _book(self, source_id: int, host: str, lesson: _Lesson, is_known: bool, message: str, now: datetime) -> None:
        text = json.dumps([asdict(one) for one in lesson.layouts])
        kept = replace(lesson.kept, lessons=text, is_known=is_known, message=one_line(message, 300))
        if kept == lesson.kept:
            return
        if message and kept.message != lesson.kept.message:
            log.warning("layout lost source=%d host=%s reason=%s", source_id, host, kept.message)
        lesson.kept = kept
        self._keep(lambda connection: layouts.keep(connection, source_id, host, kept, now))

    def _lesson(self, source_id: int, host: str) -> _Lesson:
        if (found := self._known.get((source_id, host))) is None:
            with self._store.reader() as connection:
                kept = layouts.load(connection, source_id, host)
            found = self._known[source_id, host] = _Lesson(_read(kept.lessons), kept)
        return found


def _read(text: str) -> tuple[Layout, ...]:
    """The layouts of a stored lesson; none where another version of Dateline wrote it otherwise."""
    try:
        return tuple(_layout(one) for one in json.loads(text)) if text else ()
    except (TypeError, KeyError, ValueError):
        return ()


def _layout(stored: dict[str, Any]) -> Layout:
    kinds = Kinds(tuple(stored["kinds"]["kept"]), tuple(stored["kinds"]["left"]))
    return Layout(**stored | {"fields": tuple(stored["fields"]), "kinds": kinds})
