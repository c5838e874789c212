"""What a page states of its dates in several places, held against each other: the zone that it shows, and doubts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.extract.dates import stated
from storage.model import When

_UTC = frozenset(("UTC", "Z", "GMT", "+00:00", "+0000", "+00"))
_OFFSETS = frozenset((0, 30, 45))  # minutes past the hour


def with_zone(when: When, others: Iterable[When]) -> When:
    """Return a moment that is stated in UTC with the zone in which another statement of the page has the same moment.

    That is one with an offset, or a clock without zone that shows the same minute of another hour: "2026-05-04T00:44Z"
    in JSON-LD and "3 May 2026, 21:44" under the headline are one moment at -03:00, and readers see 3 May.
    """
    if when.precision == "day" or when.zone not in _UTC:
        return when
    for other in others:
        if other.precision == "day":
            continue
        if other.zone and other.zone not in _UTC:
            if abs(other.moment - when.moment) < timedelta(minutes=1):
                return replace(when, zone=other.zone)
            continue
        exact = when.precision == other.precision == "second"
        if other.zone and not (exact and when.moment.second):
            continue  # both say UTC: only the same second of another hour shows that one of them does not mean it
        seconds = (other.moment - when.moment).total_seconds()
        minutes = (
            round(seconds / 60) if exact else int((_minute(other.moment) - _minute(when.moment)).total_seconds()) // 60
        )
        if minutes and (not exact or seconds == minutes * 60) and -720 <= minutes <= 840 and minutes % 60 in _OFFSETS:
            sign, rest = "-" if minutes < 0 else "+", abs(minutes)
            return replace(when, zone=f"{sign}{rest // 60:02}:{rest % 60:02}")
    return when


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def doubts_of_dates(published: When | None, modified: When | None, in_url: When | None) -> tuple[str, ...]:
    """Return in words what the dates of a page cannot be together, () where they agree."""
    found = []
    # Up to a day before is no doubt but a text that was ready before its hour came, or a local clock called UTC.
    if published and modified and published.moment - modified.moment > timedelta(days=1):
        found.append(f"modified {stated(modified)} lies before published {stated(published)}")
    if published and in_url and abs(published.moment - in_url.moment) > timedelta(days=31):
        found.append(f"published {stated(published)} ({published.origin}), but the address says {stated(in_url)}")
    return tuple(found)
