"""What lies between any two revisions of an article: computed when it is asked for, one at a time, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from scheduler import marked
from scheduler.kinds import in_full
from scheduler.web.shelf import Shelf
from storage.archive import Biography
from storage.diff import diff
from storage.model.articles import Change, ChangeKind, Revision

ROOM_CHARS = 4_000_000  # of finished comparisons: about a thousand


@dataclass(frozen=True, slots=True)
class Compared:
    """`html` is safe, with the headline first, "" where both say the same. `said` is the kind of the edit in words."""

    before: Revision
    after: Revision
    said: str
    html: str


class Comparisons:
    """For the event loop. A diff takes milliseconds, of hostile megabytes up to a second: it is made in a thread, with
    the limits of `storage.diff`, and never are two made at a time."""

    def __init__(self) -> None:
        self._kept: Shelf[tuple[str, str]] = Shelf(ROOM_CHARS)
        self._one_at_a_time = asyncio.Lock()

    async def between(self, life: Biography, before: Revision, after: Revision, *, full: bool = False) -> Compared:
        """The two may be any of one article's, in either order. `full`: however long it is; else what is left out is
        said, with a link to all of it."""
        key = (before.id, after.id, full)
        if (told := self._kept.get(key)) is None:
            async with self._one_at_a_time:
                if (told := self._kept.get(key)) is None:  # else it was made while this one waited
                    told = await run_in_threadpool(_compared, life.changes, before, after, full)
                    self._kept.put(key, told, len(told[1]) + 100)
        return Compared(before, after, *told)


def whole_of(before: Revision, after: Revision) -> str:
    """Where on an article's page the whole of a comparison is."""
    return f"?revision={after.number}&against={before.number}&full=1#revisions"


def _compared(changes: Sequence[Change], before: Revision, after: Revision, full: bool) -> tuple[str, str]:
    whole = whole_of(before, after)
    known = next((one for one in changes if _leads(one, before, after)), None)
    if known is not None and known.diff is not None:
        said = in_full(known.kind, known.cls, known.stealth)
        return said, marked.as_html(known.diff, show_all=full, whole=whole)
    made = diff(before.article, after.article)
    return in_full(ChangeKind.EDITED, made.cls, False), marked.as_html(made, show_all=full, whole=whole)


def _leads(change: Change, before: Revision, after: Revision) -> bool:
    """Is it the step from the one to the other? Its diff was made when it was seen."""
    return (change.before, change.after) == (before, after)
