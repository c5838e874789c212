"""Retention carried out in 256 portions, each read, judged and cleared by itself: a kill anywhere loses nothing."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from storage.retention import ORPHANED, UNDER_WAY, Cut, HeldFile, Limits, Why, cut, may_go, minute_of, why_outdated
from storage.schema.articles import revision, revision_snapshot
from storage.snapshots import Snapshots
from storage.store import Store

log = logging.getLogger("dateline.retention")

EVERY = timedelta(days=1)
_PREFIXES = [f"{number:02x}" for number in range(256)]

# A revision that names a file, and when it was seen.
_Naming = tuple[int, datetime]


@dataclass(slots=True)
class Tally:
    """So many files and bytes; `oldest` is when the oldest of them was seen, None where there are none."""

    files: int = 0
    size: int = 0
    oldest: datetime | None = None

    def add(self, one: HeldFile) -> None:
        at = one.named_at or one.touched_at
        self.files += 1
        self.size += one.size
        self.oldest = at if self.oldest is None else min(self.oldest, at)


@dataclass(slots=True)
class Retained:
    """What went, or would go, by its reason, and what was there before. `whole` is False where it was stopped."""

    before: Tally = field(default_factory=Tally)
    gone: dict[Why, Tally] = field(default_factory=lambda: {why: Tally() for why in Why})
    whole: bool = True

    @property
    def files(self) -> int:
        return sum(one.files for one in self.gone.values())

    @property
    def size(self) -> int:
        return sum(one.size for one in self.gone.values())


def is_due(snapshots: Snapshots, now: datetime) -> bool:
    """Has retention not been carried out for a day? Says True once where the clock was set back."""
    at = snapshots.retained_at()
    return at is None or not timedelta(0) <= now - at < EVERY


def retain(
    store: Store,
    snapshots: Snapshots,
    limits: Limits,
    now: datetime,
    *,
    dry_run: bool = False,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Retained:
    """Let go what the limits do not allow; a dry run only counts it. Needs no room on the disk; everything else may go
    on beside it. 200,000 files take 5 s to judge, and half a millisecond each to let go.
    """
    done = _Retaining(store, snapshots, limits, now, dry_run)
    for prefix in _PREFIXES:
        if is_stopped():
            done.came_to.whole = False
            return done.came_to
        done.judge(prefix)
    if (where := cut(done.sizes, done.stays - limits.size)) is not None:
        for prefix in _PREFIXES:
            if is_stopped():
                done.came_to.whole = False
                return done.came_to
            done.shorten(prefix, where)
    if not dry_run:
        try:
            snapshots.mark_retained(now)
        except OSError as reason:  # it is carried out sooner than it must
            log.error("cannot note that retention was carried out reason=%s", reason.strerror)
    return done.came_to


class _Retaining:
    def __init__(self, store: Store, snapshots: Snapshots, limits: Limits, now: datetime, dry_run: bool) -> None:
        self._store, self._snapshots, self._limits, self._now, self._dry = store, snapshots, limits, now, dry_run
        self.came_to = Retained()
        self.stays = 0  # bytes
        self.sizes: dict[int, int] = defaultdict(int)  # bytes by minute, of those that may go to make room
        self._freed = 0  # bytes of the minute in which the cut lies
        self._would: set[str] = set()  # that a dry run has counted already

    def judge(self, prefix: str) -> None:
        """Let go of a portion what is old or named by nobody, and count the rest."""
        naming = self._naming(prefix)
        there, cleared = set(), []
        for one in self._files(prefix, naming):
            there.add(one.digest)
            self.came_to.before.add(one)
            why = why_outdated(one, self._limits, self._now)
            if why is not None and self._goes(one, why):
                cleared.append(one.digest)
                continue
            self.stays += one.size
            if may_go(one, self._now):
                self.sizes[minute_of(one)] += one.size
        # Left by a kill between a file and its rows. Young ones tell of bytes that somebody else took away.
        stale = [
            digest
            for digest, revisions in naming.items()
            if digest not in there and self._now - max(at for _, at in revisions) >= self._limits.age
        ]
        self._forget([*cleared, *stale], naming)
        if not self._dry:
            self._snapshots.remove_parts(prefix, self._now - ORPHANED)

    def shorten(self, prefix: str, where: Cut) -> None:
        """Let go of a portion what lies before the cut."""
        naming, cleared = self._naming(prefix), []
        for one in self._files(prefix, naming):
            if one.digest in self._would or not where.takes(one, self._freed, self._now):
                continue
            if self._goes(one, Why.SURPLUS):
                cleared.append(one.digest)
                if minute_of(one) == where.minute:
                    self._freed += one.size
        self._forget(cleared, naming)

    def _goes(self, one: HeldFile, why: Why) -> bool:
        """Let the file go; False where it was wanted again meanwhile, and stays."""
        if self._dry:
            self._would.add(one.digest)
        else:
            grace = ORPHANED if why is Why.ORPHAN else UNDER_WAY
            try:
                if not self._snapshots.remove(one.digest, self._now - grace):
                    return False
            except OSError as reason:
                log.error("cannot remove snapshot=%s reason=%s", one.digest, reason.strerror)
                return False
        self.came_to.gone[why].add(one)
        return True

    def _naming(self, prefix: str) -> dict[str, list[_Naming]]:
        query = (
            select(revision_snapshot.c.hash, revision.c.id, revision.c.seen_at)
            .join(revision, revision.c.id == revision_snapshot.c.revision_id)
            .where(revision_snapshot.c.hash >= prefix, revision_snapshot.c.hash < prefix + "g")
        )
        found: dict[str, list[_Naming]] = defaultdict(list)
        with self._store.reader() as connection:
            for row in connection.execute(query):
                found[row.hash].append((row.id, row.seen_at))
        return found

    def _files(self, prefix: str, naming: dict[str, list[_Naming]]) -> list[HeldFile]:
        return [
            HeldFile(
                digest=one.digest,
                size=one.size,
                touched_at=one.touched_at,
                named_at=max((at for _, at in naming.get(one.digest, ())), default=None),
            )
            for one in self._snapshots.files(prefix)
        ]

    def _forget(self, digests: Collection[str], naming: dict[str, list[_Naming]]) -> None:
        """Drop the rows that named what is gone. Those that were read and no others: a revision may have come to name
        the same bytes since, and has kept them anew."""
        pairs = [{"digest": digest, "number": number} for digest in digests for number, _ in naming.get(digest, ())]
        if self._dry or not pairs:
            return
        try:
            for start in range(0, len(pairs), 400):
                some = pairs[start : start + 400]
                self._store.write(lambda c, some=some: c.execute(_FORGET, some))  # type: ignore[misc]
        except sa.exc.SQLAlchemyError as reason:  # a full disk, say: the rows go next time, the room is there now
            log.error("cannot forget snapshots=%d reason=%s", len(pairs), type(reason).__name__)


# One by one: of a list of pairs SQLite makes a walk through the whole table.
_FORGET = revision_snapshot.delete().where(
    revision_snapshot.c.hash == bindparam("digest"), revision_snapshot.c.revision_id == bindparam("number")
)
