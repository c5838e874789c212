"""Which files of bytes go: those whose youngest revision is too old, those that nobody names, and the oldest of what
is too much. Pure. Texts and hashes never go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

UNDER_WAY = timedelta(hours=1)  # a file wanted so lately may be about to be named by a revision
ORPHANED = timedelta(days=1)
_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long bytes are kept after the youngest revision that names them, and how many of them in all."""

    age: timedelta
    size: int


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file as it lies on the disk. `named_at` is when the youngest revision that names it was seen, None: nobody."""

    digest: str
    size: int
    touched_at: datetime
    named_at: datetime | None


class Why(StrEnum):
    OLD = "old"
    SURPLUS = "surplus"
    ORPHAN = "orphan"


def why_outdated(one: HeldFile, limits: Limits, now: datetime) -> Why | None:
    """Why this file goes whatever else there is; None where it stays."""
    if now - one.touched_at < UNDER_WAY:
        return None
    if one.named_at is None:
        return Why.ORPHAN if now - one.touched_at >= ORPHANED else None
    return Why.OLD if now - one.named_at >= limits.age else None


def may_go(one: HeldFile, now: datetime) -> bool:
    """May this file go to make room? Nothing that is under way, and no orphan before its time."""
    return one.named_at is not None and now - one.touched_at >= UNDER_WAY


def minute_of(one: HeldFile) -> int:
    """The minute by which this file is old, to be counted by; those of one minute count as equally old."""
    return ((one.named_at or one.touched_at) - _BEGAN) // _MINUTE


@dataclass(frozen=True, slots=True)
class Cut:
    """What goes so that the rest is not too much: all files before `minute`, and of that minute `size` bytes."""

    minute: int
    size: int

    def takes(self, one: HeldFile, freed: int, now: datetime) -> bool:
        """Does this file go, where `freed` bytes of the cut's own minute have gone already?"""
        if not may_go(one, now):
            return False
        minute = minute_of(one)
        return minute < self.minute or (minute == self.minute and freed < self.size)


def cut(sizes: Mapping[int, int], excess: int) -> Cut | None:
    """Where to cut so that `excess` bytes go, given how many may go of each minute; None where none has to, or may."""
    if excess <= 0 or not sizes:
        return None
    for minute in sorted(sizes):
        if sizes[minute] >= excess:
            return Cut(minute, excess)
        excess -= sizes[minute]
    return Cut(max(sizes), sizes[max(sizes)])
