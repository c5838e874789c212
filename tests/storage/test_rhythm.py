"""The rule of looking again: a ladder for all, late looks for a sample, and their share of a host's time."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.rhythm import COSTS, SAVED_UP, SPREAD, Habits, Rhythm, share_from, used_until
from tests.storage.watch import DAY, HOUR, MINUTE, START

LADDER = (15 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY)
QUIET, LIVELY, HUGE = Habits(1, False), Habits(1, True), Habits(100_000, True)
KEY = bytes(16)  # the first of all samples, and looked at on the very times


def key(number: int) -> bytes:
    return blake2b(str(number).encode(), digest_size=16).digest()


def ages(rhythm: Rhythm, habits: Habits, of: bytes = KEY) -> list[timedelta]:
    """Of all looks, each made at its time."""
    found, at = [], START
    while (at := rhythm.following(of, START, at, lambda: habits)) is not None:
        found.append(at - START)
    return found


def test_a_quiet_source_is_looked_at_late_ever_more_seldom() -> None:
    """Each late look at twice the age of the one before, and a last one at 90 days."""
    assert ages(Rhythm(LADDER, 50), QUIET) == [*LADDER, 14 * DAY, 28 * DAY, 56 * DAY, 90 * DAY]


def test_a_source_that_edits_late_is_looked_at_twice_as_densely() -> None:
    """The way from one look to the next is half as long."""
    late = ages(Rhythm(LADDER, 50), LIVELY)[len(LADDER) :]
    assert late[:3] == [10.5 * DAY, 15.75 * DAY, 23.625 * DAY]
    assert (len(late), late[-1]) == (7, 90 * DAY)


@pytest.mark.parametrize("rhythm", [Rhythm(LADDER), Rhythm(LADDER, 50, up_to=7 * DAY), Rhythm(LADDER, 50, up_to=DAY)])
def test_without_a_sample_nothing_follows_the_ladder(rhythm: Rhythm) -> None:
    """Where it is 0, and where the ladder reaches as far."""
    assert ages(rhythm, QUIET) == list(LADDER)


def test_a_short_ladder_is_followed_by_no_dense_late_looks() -> None:
    """They begin a day after first sight at the soonest, also where there is no ladder at all."""
    assert ages(Rhythm((timedelta(seconds=1),), 50), QUIET)[:3] == [timedelta(seconds=1), 2 * DAY, 4 * DAY]
    assert ages(Rhythm((), 50), QUIET)[0] == 2 * DAY


def test_times_are_spread_over_a_tenth_and_never_later_than_said() -> None:
    """A thousand addresses that were first seen at once fall due one after the other, in the same order each time."""
    rhythm = Rhythm(LADDER)
    first = [ages(rhythm, QUIET, key(number))[0] for number in range(1000)]
    third = [ages(rhythm, QUIET, key(number))[2] for number in range(1000)]
    assert len(set(first)) == 1000
    assert 15 * MINUTE * (1 - SPREAD) <= min(first) < 15 * MINUTE * 0.91
    assert 15 * MINUTE * 0.99 < max(first) <= 15 * MINUTE
    assert sorted(range(1000), key=first.__getitem__) == sorted(range(1000), key=third.__getitem__)


@pytest.mark.parametrize("seen", [3, 100, 20_000, 300_000])
def test_the_sample_does_not_grow_with_the_archive(seen: int) -> None:
    """Of any day's addresses about seven are in it, which is at most 50 looks a day; of few, all."""
    rhythm = Rhythm(LADDER, 50)
    chosen = sum(rhythm.is_sampled(key(number), seen) for number in range(seen))
    assert chosen == 3 if seen == 3 else 2 <= chosen <= 16
    looks_of_each = len(ages(rhythm, LIVELY)) - len(LADDER)
    assert rhythm.of_a_day * looks_of_each <= 50


def test_the_sample_is_the_same_whenever_it_is_asked() -> None:
    """No dice: who is in it is looked at to the end, and who is not never."""
    rhythm = Rhythm(LADDER, 50)
    for number in range(300):
        late = len(ages(rhythm, Habits(100, False), key(number))) - len(LADDER)
        assert late == (4 if rhythm.is_sampled(key(number), 100) else 0)


@given(st.binary(min_size=16, max_size=16), st.integers(0, 10**7), st.booleans(), st.data())
def test_the_plan_goes_forward_and_ends(of: bytes, seen: int, is_lively: bool, data: st.DataObject) -> None:
    """Whenever looks are made, the next lies ahead and the last within 90 days; and there are no more than said."""
    rhythm, habits = Rhythm(LADDER, 50), Habits(seen, is_lively)
    at, looks = START, 0
    while (following := rhythm.following(of, START, at, lambda: habits)) is not None:
        assert at < following <= START + 90 * DAY
        at = following + timedelta(seconds=data.draw(st.integers(0, 3 * 86400)))
        looks += 1
    assert looks <= len(LADDER) + 7


@given(
    st.binary(min_size=16, max_size=16),
    st.sampled_from([QUIET, LIVELY, HUGE]),
    st.integers(0, 120 * 86400),
    st.integers(0, 120 * 86400),
)
def test_what_is_overtaken_is_moved_to_the_look_that_overtook_it(
    of: bytes, habits: Habits, planned_s: int, waited_s: int
) -> None:
    """The next one is never due as well; every look that was passed over is counted, and none for nothing."""
    rhythm = Rhythm(LADDER, 50)
    planned = START + timedelta(seconds=planned_s)
    now = planned + timedelta(seconds=waited_s)
    at, dropped = rhythm.caught_up(of, START, planned, now, lambda: habits)
    due = [age for age in ages(rhythm, habits, of) if planned < START + age <= now]
    if at is None:
        assert dropped == len(due) + 1
        assert rhythm.following(of, START, now, lambda: habits) is None
    else:
        assert planned <= at <= now
        assert at == (START + due[-1] if due else planned)
        assert dropped == len(due)


def test_the_last_look_of_all_is_given_up_at_twice_its_age() -> None:
    """Nothing overtakes it, and a host that never has time for it must not gather them for ever."""
    rhythm = Rhythm(LADDER, spread=0)
    planned = START + 7 * DAY
    for now, expected in ((START + 13 * DAY, (planned, 0)), (START + 14 * DAY, (None, 1))):
        assert rhythm.caught_up(KEY, START, planned, now, lambda: QUIET) == expected


def test_looks_again_have_half_of_any_hour() -> None:
    """With ten minutes saved up they take them at once, and then less than half for so long that an hour holds no more
    than half, whenever it begins."""
    turn, until, now, times = timedelta(seconds=5), None, START, []
    while now < START + 5 * HOUR:
        since = share_from(until, now)
        if since < now:
            times.append(now)
            until = used_until(since, turn)
        now += turn
    in_an_hour = [sum(at <= one < at + HOUR for one in times) for at in times]
    assert max(in_an_hour) <= 360
    assert min(in_an_hour[: len(times) // 2]) > 290


def test_what_was_saved_up_is_bounded() -> None:
    """A night in which nobody looked gives no night's worth of looks."""
    assert share_from(START, START + 8 * HOUR) == share_from(None, START + 8 * HOUR) == START + 8 * HOUR - SAVED_UP
    assert used_until(START, MINUTE) == START + MINUTE * COSTS
