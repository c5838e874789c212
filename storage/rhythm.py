"""When an article is looked at again, and how much of a host's time that may take: pure rules, no clock, no store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

# Times are "about": what was first seen together falls due over a tenth of the time, never later than said.
SPREAD = 0.1
GROWS, GROWS_LIVELY = 2.0, 1.5  # each late look at so many times the age of the one before
LEAST_LATE = timedelta(days=1)  # no late look sooner after first sight, however short the ladder

# Looks again have half of a host's time: each costs more than twice what it took, so that with what was saved up while
# there were none it is still no more than half of any hour: (60 + 10 minutes) / 2.4 < 30 minutes.
COSTS = 2.4
SAVED_UP = timedelta(minutes=10)
LEAST_SHARE = timedelta(seconds=30)  # that is waited for once it is used up: no claim for every single look


@dataclass(frozen=True, slots=True)
class Habits:
    """What late looks follow of a source: how many addresses were first seen on the same day, and whether articles of
    it were lately edited or removed later than the ladder reaches."""

    seen_that_day: int
    is_lively: bool


@dataclass(frozen=True)
class Rhythm:
    """The times after first sight at which an address is looked at again: a ladder, and late looks for a sample.

    `sample` bounds the late looks at a source in a day, `up_to` is the age of the last. Past both nothing is planned.
    """

    ladder: tuple[timedelta, ...]
    sample: int = 0
    up_to: timedelta = timedelta(days=90)
    spread: float = SPREAD

    def following(
        self, key: bytes, first_seen_at: datetime, after: datetime, habits: Callable[[], Habits]
    ) -> datetime | None:
        """The first look that is planned later than `after`; None where there is none. `habits` are asked for late."""
        early = 1 - self.spread * _fraction(key[8:])
        for step in self._steps:
            if (at := first_seen_at + step * early) > after:
                return at
        if not self.sample or first_seen_at + self.up_to * early <= after:
            return None
        of = habits()
        if not self.is_sampled(key, of.seen_that_day):
            return None
        late = (first_seen_at + age * early for age in self._late_ages(of.is_lively))
        return next((at for at in late if at > after), None)

    def caught_up(
        self, key: bytes, first_seen_at: datetime, planned_at: datetime, now: datetime, habits: Callable[[], Habits]
    ) -> tuple[datetime | None, int]:
        """What a look that was planned then is planned for now, and how many looks that drops.

        A look is overtaken once the next one is due, which sees all that it would. The last of all waits for as long
        again as its article was old by then, and is given up after that: None.
        """
        at, dropped = planned_at, 0
        while (following := self.following(key, first_seen_at, at, habits)) is not None and following <= now:
            at, dropped = following, dropped + 1
        if following is None and at + max(at - first_seen_at, LEAST_LATE) <= now:
            return None, dropped + 1
        return at, dropped

    def is_sampled(self, key: bytes, seen_that_day: int) -> bool:
        """Whether an address belongs to the sample, which is so many of each day's: chosen by its key, which is a hash,
        and so the same whenever it is asked and however large the archive grows."""
        return bool(self.sample) and _fraction(key[:8]) * seen_that_day < self.of_a_day

    @cached_property
    def of_a_day(self) -> float:
        """How many of the addresses that are first seen on one day make the sample: each has so many late looks that a
        source has no more than `sample` of them a day in the long run."""
        return self.sample / max(1, sum(1 for _ in self._late_ages(is_lively=True)))

    @cached_property
    def reach(self) -> timedelta:
        """The age at which the ladder ends, and late looks begin to be counted from."""
        return max((*self._steps, LEAST_LATE))

    @cached_property
    def shortest_step(self) -> timedelta:
        """No look is overtaken sooner than this after its time."""
        steps = self._steps or (LEAST_LATE,)
        gaps = [later - sooner for sooner, later in pairwise(steps)]
        return min((*gaps, LEAST_LATE)) * (1 - self.spread)

    @cached_property
    def _steps(self) -> tuple[timedelta, ...]:
        return tuple(sorted(set(self.ladder)))

    def _late_ages(self, is_lively: bool) -> Iterator[timedelta]:
        age = self.reach
        while age < self.up_to:
            age = min(age * (GROWS_LIVELY if is_lively else GROWS), self.up_to)
            yield age


def share_from(used_until: datetime | None, now: datetime) -> datetime:
    """Since when looks again have had none of a host's time: what lies between then and now is theirs to use.

    Ahead of now where they have had more than their share.
    """
    return max(used_until or now - SAVED_UP, now - SAVED_UP)


def used_until(share_from: datetime, used: timedelta) -> datetime:
    """The same after they took some of its time."""
    return share_from + used * COSTS


def _fraction(part: bytes) -> float:
    """Eight bytes of a hash as a number from 0 to below 1."""
    return int.from_bytes(part[:8]) / 2 ** (8 * len(part[:8])) if part else 0.0
