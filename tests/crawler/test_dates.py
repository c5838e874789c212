"""A stated date becomes a When, and no clock and no zone is invented."""

from datetime import UTC, datetime

import pytest

from crawler.extract.dates import read_date, stated

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "known", "says"),
    [
        ("2026-01-06", {}, "2026-01-06"),
        ("20260106", {}, "2026-01-06"),
        ("2026-01-06T10:11:12Z", {}, "2026-01-06T10:11:12+00:00"),
        ("20260106T101112Z", {}, "2026-01-06T10:11:12+00:00"),
        ("2026-01-06T10:11:12.345+09:00", {}, "2026-01-06T10:11:12+09:00"),
        ("2026-01-06 10:11", {}, "2026-01-06T10:11"),
        ("2026-01-06 10:11", {"timezone": "Asia/Pyongyang"}, "2026-01-06T10:11+09:00"),
        ("2015-08-20 12:00", {"timezone": "Asia/Pyongyang"}, "2015-08-20T12:00+08:30"),
        ("2026-11-12T10:15:00+01:00[Europe/Berlin]", {}, "2026-11-12T10:15:00+01:00"),
        ("Tue, 06 Jan 2026 10:11:12 GMT", {}, "2026-01-06T10:11:12+00:00"),
        ("Tue, 06 Jan 2026 10:11:12 EST", {}, "2026-01-06T10:11:12-05:00"),
        ("Tue, 06 Jan 2026 10:11:12 -0000", {}, "2026-01-06T10:11:12"),
        ("Sat May 04 10:11:12 +0200 2024", {}, "2024-05-04T10:11:12+02:00"),
        ("Mon Nov 23 2026 11:00:00 GMT+0100 (CET)", {}, "2026-11-23T11:00:00+01:00"),
        (" January 06, 2026", {}, "2026-01-06"),
        ("Jan. 6, 2026 10:30 AM EST", {}, "2026-01-06T10:30-05:00"),
        ("6th January 2026", {}, "2026-01-06"),
        ("05/09/2023", {"day_first": True}, "2023-09-05"),
        ("05/09/2023", {"language": "en-US"}, "2023-05-09"),
        ("05/09/2023", {"language": "fr"}, "2023-09-05"),
        ("14/09/2023", {}, "2023-09-14"),
        ("12.11.2026, 10:15 Uhr", {"language": "de", "timezone": "Europe/Berlin"}, "2026-11-12T10:15+01:00"),
        ("[2026.7.19.]", {}, "2026-07-19"),
        ("[Juche113.2.11.]", {}, "2024-02-11"),
        ("(Juche108.12.10.)", {}, "2019-12-10"),
        ("Juche 99.4.15.", {}, "2010-04-15"),
        ("115.9.8.", {}, "2026-09-08"),
        ("주체115(2026)년 7월 19일", {}, "2026-07-19"),
        ("2026년 8월 21일 오후 3시 20분", {}, "2026-08-21T15:20"),
        ("２０２６年７月５日", {}, "2026-07-05"),
        ("2026年1月6日(火) 10時30分", {}, "2026-01-06T10:30"),
        ("6 janvier 2026 à 10h30", {"language": "fr"}, "2026-01-06T10:30"),
        ("6 января 2026", {"language": "ru"}, "2026-01-06"),
        ("2 hours ago", {"language": "en"}, "2026-11-23T10:00+00:00"),
        ("yesterday", {"language": "en"}, "2026-11-22"),
        ("Updated 5 May 2026", {}, "2026-05-05"),
    ],
)
def test_date_says_what_was_stated(text: str, known: dict, says: str) -> None:
    """Each form that sites use is read with its own precision and zone."""
    when = read_date(text, now=NOW, **known)
    assert when is not None
    assert stated(when) == says


@pytest.mark.parametrize(
    "text",
    ["", "2026", "January 2026", "Kim 23", "3 items", "2026-13-45", "2024-02-30", "0001-01-01T00:00:00Z", "1970-01-01",
     "2027-05-05", "2026-11-25", "05/06/2026", "99.9.8", "10:30", "x" * 5000, "1" * 5000],
)  # fmt: skip
def test_no_date_is_made_of_what_is_none(text: str) -> None:
    """No day, an impossible or future one, a clock's zero and an ambiguous one are no dates."""
    assert read_date(text, now=NOW) is None


def test_midnight_is_a_day_without_a_clock() -> None:
    """A clock of exactly midnight is a filler: the calendar day stays as it stands, in whichever zone."""
    when = read_date("2026-01-06T00:00:00-05:00", now=NOW, origin="json-ld")
    assert when is not None
    assert (when.precision, when.moment, when.zone, when.origin) == (
        "day",
        datetime(2026, 1, 6, tzinfo=UTC),
        "",
        "json-ld",
    )


def test_zone_is_the_one_stated_and_not_the_configured_one() -> None:
    """The source's zone only helps a clock time that has none."""
    when = read_date("2026-01-06T10:00:00+01:00", now=NOW, timezone="Asia/Seoul")
    assert when is not None
    assert (when.moment.hour, when.zone) == (9, "+01:00")
