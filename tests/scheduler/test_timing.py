"""When something is told: quiet hours, digests and limits, on the days on which clocks are set, too."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.digest import Digest, read_digest
from scheduler.limit import Limit, admit, read_limit
from scheduler.plan_words import plan_in_words
from scheduler.quiet import NEVER, Quiet, read_quiet
from scheduler.timing import Plan, Plans, Timed, plan_of
from scheduler.zones import moment_of

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANY_DAY = frozenset(range(7))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Pyongyang"])
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def berlin(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=BERLIN, fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


def digests(digest: Digest, start: datetime, until: datetime) -> list[datetime]:
    found = []
    while (start := digest.next(start)) < until:
        found.append(start)
    return found


# Digests


@pytest.mark.parametrize(
    ("changes_on", "shown"),
    [
        (datetime(2026, 3, 29), "2026-03-29 03:00:00+02:00"),  # 02:30 is skipped
        (datetime(2026, 10, 25), "2026-10-25 02:30:00+02:00"),  # 02:30 is shown twice
    ],
)
def test_a_digest_in_the_hour_that_is_set_comes_once_a_day(changes_on: datetime, shown: str) -> None:
    """At 02:30: in spring as soon as clocks show a later time, in autumn the first time."""
    start = (changes_on - DAY).replace(hour=12, tzinfo=UTC)
    daily = Digest("30 2 * * *", zone="Europe/Berlin")
    found = [at.astimezone(BERLIN) for at in digests(daily, start, start + 3 * DAY)]
    assert [at.date().day for at in found] == [changes_on.day + more for more in range(3)]
    assert str(found[0]) == shown


@given(moments, zones, clocks)
def test_a_daily_digest_comes_once_on_every_day(start: datetime, zone: str, clock: time) -> None:
    """Whatever is opened when: the next digest lies ahead, and each day has one."""
    daily = Digest(f"{clock.minute} {clock.hour} * * *", zone=zone)
    found = digests(daily, start, start + 9 * DAY)
    days = [at.astimezone(ZoneInfo(zone)).date() for at in found]
    assert len(days) in (8, 9, 10) and days == [days[0] + number * DAY for number in range(len(days))]
    assert all(daily.next(at - timedelta(minutes=1)) == at for at in found)


def test_a_digest_that_was_told_in_the_hour_that_comes_twice_waits_for_tomorrow() -> None:
    """What is raised between the first and the second 02:30 is not told an hour ago."""
    daily = Digest("30 2 * * *", zone="Europe/Berlin")
    for opened in (
        berlin(2026, 10, 25, 2, 40),
        berlin(2026, 10, 25, 2, 10, fold=1),
        berlin(2026, 10, 25, 2, 30, fold=1),
    ):
        assert daily.next(opened) == berlin(2026, 10, 26, 2, 30)


def test_a_digest_by_weekday_and_one_every_few_hours() -> None:
    """From Friday's to Monday's; and each four hours, whatever is done to clocks."""
    office = Digest("0 8 * * mon-fri", zone="Europe/Berlin")
    assert office.next(berlin(2026, 11, 27, 8, 0)) == berlin(2026, 11, 30, 8, 0)
    found = digests(read_digest("every 4h"), berlin(2026, 10, 24, 20, 0), berlin(2026, 10, 25, 20, 0))
    assert [one.hour for one in found] == [20, 0, 4, 8, 12, 16]
    assert {later - one for one, later in itertools.pairwise(found)} == {4 * HOUR}


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("0 8 * *", 'write cron times as "0 8 * * mon-fri"'),
        ("0 8 * * * *", "write cron times as"),
        (8, "write cron times as"),
        ("61 8 * * *", "bad minute"),
        ("0 8 31 2 *", "bad day-of-month"),
        ("0 8 * * fri-mon", "bad day-of-week"),
        ("every 5s", "is too often: at least every 1m"),
        ("every day", "is no duration"),
    ],
)
def test_a_digest_that_is_none(text: object, mend: str) -> None:
    with pytest.raises(ValueError, match=mend.replace("*", r"\*")):
        read_digest(text)


# Quiet hours


def test_quiet_hours_reach_over_midnight() -> None:
    """They begin in the evening of their day and end in the morning of the next; an end is not quiet any more."""
    night = read_quiet({"hours": "22:00-07:00", "zone": "Europe/Berlin"})
    assert night.until(berlin(2026, 11, 20, 23, 0)) == berlin(2026, 11, 21, 7, 0)
    assert night.until(berlin(2026, 11, 21, 6, 59)) == berlin(2026, 11, 21, 7, 0)
    for loud in (berlin(2026, 11, 21, 7, 0), berlin(2026, 11, 21, 21, 59)):
        assert night.until(loud) == loud


def test_quiet_days_that_follow_each_other_are_one() -> None:
    """A weekend, and a night that is no weekend's: `days` say when it begins."""
    weekend = read_quiet({"hours": "00:00-24:00", "days": "sat,sun", "zone": "Europe/Berlin"})
    assert weekend.until(berlin(2026, 11, 21, 0, 0)) == berlin(2026, 11, 23, 0, 0)
    working = read_quiet({"hours": "22:00-07:00", "days": ["sun-thu"], "zone": "Europe/Berlin"})
    assert working.until(berlin(2026, 11, 27, 6, 0)) == berlin(2026, 11, 27, 7, 0)  # Thursday's night
    assert working.until(berlin(2026, 11, 27, 23, 0)) == berlin(2026, 11, 27, 23, 0)


def test_quiet_hours_end_by_the_clock_also_where_it_is_set() -> None:
    """22:00 to 02:30: in spring until 03:00, since 02:30 is skipped; in autumn until the second 02:30."""
    night = Quiet(time(22), time(2, 30), ANY_DAY, "Europe/Berlin")
    assert night.until(berlin(2026, 3, 29, 1, 45)) == berlin(2026, 3, 29, 3, 0)
    assert night.until(berlin(2026, 10, 25, 2, 15)) == berlin(2026, 10, 25, 2, 30, fold=1)
    assert night.until(berlin(2026, 10, 25, 2, 40)) == berlin(2026, 10, 25, 2, 30, fold=1)
    assert night.until(berlin(2026, 10, 25, 2, 40, fold=1)) == berlin(2026, 10, 25, 2, 40, fold=1)


@given(moments, zones, clocks, clocks, st.sets(st.integers(0, 6), max_size=6))
def test_it_is_never_quiet_when_quiet_hours_have_ended(
    moment: datetime, zone: str, start: time, end: time, days: set[int]
) -> None:
    """The answer is not quiet itself, lies not before the question, and within a week."""
    quiet = Quiet(start, end, frozenset(days), zone)
    until = quiet.until(moment)
    assert moment <= until <= moment + 8 * DAY
    assert quiet.until(until) == until


@pytest.mark.parametrize(
    ("value", "mend"),
    [
        ("22:00-07:00", r'write \{ hours = "22:00-07:00" \}'),
        (True, "or false"),
        ({}, "hours: '': write from and to as \"22:00-07:00\""),
        ({"hours": "22-7"}, "write from and to"),
        ({"hours": "22:00-24:30"}, "write from and to"),
        ({"hours": "07:00-07:00"}, "begin and end are the same"),
        ({"hours": "00:00-24:00"}, "quiet for ever"),
        ({"hours": "22:00-07:00", "days": "mo-fr"}, "days: 'mo-fr' is no day; did you mean mon"),
        ({"hours": "22:00-07:00", "days": []}, "days: write"),
        ({"hours": "22:00-07:00", "zone": "Berlin"}, "'Berlin' is no time zone"),
        ({"hours": "22:00-07:00", "tz": "UTC"}, "no such key here: tz; there are: hours, days, zone"),
    ],
)
def test_quiet_hours_that_are_none(value: object, mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        read_quiet(value)


@given(st.dates(datetime(2024, 1, 1).date(), datetime(2029, 1, 1).date()), clocks, zones)
def test_a_clock_time_is_a_moment_on_every_day(day: object, clock: time, zone: str) -> None:
    """One that is skipped is the first after the gap; of one that comes twice the second is later."""
    first = moment_of(day, clock, zone)  # type: ignore[arg-type]
    last = moment_of(day, clock, zone, last=True)  # type: ignore[arg-type]
    shown = first.astimezone(ZoneInfo(zone))
    assert shown.date() == day and timedelta(0) <= last - first <= HOUR
    assert shown.time() == clock or (shown.time() > clock and first == last)


# Limits


def test_a_limit_in_words() -> None:
    assert read_limit("20/1h") == Limit(20, HOUR) == read_limit("20 / h")
    assert str(Limit(20, HOUR)) == "20/1h"
    for wrong in ("20", "0/1h", "20/hour", 20, "20/10ms"):
        with pytest.raises(ValueError, match=r"20/1h|no duration|too short"):
            read_limit(wrong)


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_limit_is_never_passed_and_nothing_waits_that_has_room(waiting: int, room: int) -> None:
    """As many messages as there is room for, the last of which takes the rest."""
    number, rest = admit(waiting, room)
    messages = number + (rest == "summary")
    assert messages <= room
    assert messages == min(waiting, room)
    assert rest == ("" if waiting <= room else "summary" if room else "wait")


@given(st.lists(st.integers(0, 3599), min_size=1, max_size=30), st.integers(1, 30))
def test_a_full_channel_is_free_when_enough_has_aged(ago: list[int], most: int) -> None:
    """Not sooner, and not later."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    sent_at = sorted(now - timedelta(seconds=one) for one in ago)
    limit = Limit(most, HOUR)
    if limit.room(sent_at) == 0:
        at = limit.free_at(sent_at)
        assert limit.room([one for one in sent_at if one > at - HOUR]) >= 1
        just_before = at - timedelta(microseconds=1)
        assert limit.room([one for one in sent_at if one > just_before - HOUR]) == 0


# Which of them counts


def test_the_nearest_word_counts() -> None:
    """The rule's before the channel's before [delivery]'s; zones likewise."""
    channel = Timed.model_validate({"digest": "0 8 * * *", "zone": "Asia/Seoul", "quiet": {"hours": "22:00-07:00"}})
    plain = plan_of(Timed(), channel, HOUR, "Europe/Berlin")
    assert plain.digest == Digest("0 8 * * *", zone="Asia/Seoul")
    assert plain.quiet == Quiet(time(22), time(7), ANY_DAY, "Asia/Seoul")
    urgent = plan_of(Timed.model_validate({"wait": "0s", "quiet": False}), channel, HOUR, "Europe/Berlin")
    assert urgent == Plan(timedelta(0), None, NEVER)
    evening = plan_of(Timed.model_validate({"digest": "0 20 * * *"}), channel, HOUR, "Europe/Berlin")
    assert evening.digest == Digest("0 20 * * *", zone="Asia/Seoul")
    evening = plan_of(Timed.model_validate({"digest": "0 20 * * *"}), Timed(), HOUR, "Europe/Berlin")
    assert evening.digest == Digest("0 20 * * *", zone="Europe/Berlin")
    night = plan_of(Timed.model_validate({"zone": "America/Lima"}), channel, HOUR, "Europe/Berlin").quiet
    assert night == Quiet(time(22), time(7), ANY_DAY, "Asia/Seoul")
    assert plan_of(Timed(), Timed(), HOUR, "UTC") == Plan(HOUR)


def test_a_notice_waits_for_quiet_hours_alone() -> None:
    """What the operator is to know is in no digest."""
    channel = Timed.model_validate({"digest": "0 8 * * *", "quiet": {"hours": "22:00-07:00"}})
    plans = Plans({}, {"mail": channel}, HOUR, "UTC")
    noon, night = datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert plans.due_at("", "mail", noon) == noon
    assert plans.due_at("", "mail", night) == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert plans.due_at("gone", "gone", noon) == noon + HOUR


def test_a_digest_by_night_waits_for_the_morning() -> None:
    """Quiet hours hold what has gathered, digests too."""
    plan = plan_of(Timed.model_validate({"digest": "0 3 * * *", "quiet": {"hours": "22:00-07:00"}}), None, HOUR, "UTC")
    assert plan.due_at(datetime(2026, 11, 20, 12, tzinfo=UTC)) == datetime(2026, 11, 21, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "limit", "said"),
    [
        ({}, None, []),
        ({"wait": "10m"}, "20/h", ["waits 10m", "at most 20 in 1h"]),
        ({"digest": "every 4h"}, None, ["digest every 4h"]),
        ({"digest": "0 8 * * *", "zone": "Asia/Seoul"}, None, ["digest at 0 8 * * * (Asia/Seoul)"]),
        ({"quiet": {"hours": "22:00-07:00"}}, None, ["quiet 22:00 to 07:00 (UTC)"]),
        ({"quiet": {"hours": "22:00-07:00", "days": "mon-fri"}}, None, ["quiet 22:00 to 07:00 on mon-fri (UTC)"]),
        ({"quiet": {"hours": "00:00-24:00", "days": "sat,mon"}}, None, ["quiet 00:00 to 24:00 on mon, sat (UTC)"]),
        ({"quiet": False}, None, []),
    ],
)
def test_a_plan_in_words(own: dict[str, object], limit: str | None, said: list[str]) -> None:
    """Only what is set."""
    plan = plan_of(Timed.model_validate(own), None, timedelta(0), "UTC")
    assert plan_in_words(plan, read_limit(limit) if limit else None) == said
