"""What a page states of its dates in several places, held against each other: the zone that it shows, and doubts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from crawler.extract.dates import stated
from storage.model.articles import When

_UTC = frozenset(("UTC", "Z", "GMT", "+00:00", "+0000", "+00"))
_OFFSETS = frozenset((0, 30, 45))  # minutes past the hour


def with_zone(when: When, told: Sequence[When], shown: Iterable[When]) -> When:
    """Return a moment that is stated in UTC with the zone in which another statement of the page has the same moment.

    That is one with an offset, or a clock without zone that shows the same minute of another hour: "2026-05-04T00:44Z"
    in JSON-LD and "3 May 2026, 21:44" under the headline are one moment at -03:00, and readers see 3 May. `told` are
    the other dates of the metadata, `shown` those that readers see; `shown` is only asked for what `told` leaves open.
    """
    if when.precision == "day" or when.zone not in _UTC:
        return when
    moments = [when, *(one for one in told if one.zone in _UTC and one.precision != "day")]
    for other in chain(told, shown):
        if other.precision != "day":
            for moment in moments:
                if zone := _zone_between(moment, other):
                    return replace(when, zone=zone)
    return when


def _zone_between(moment: When, other: When) -> str:
    """Return the offset from UTC at which the other statement means the moment, "" where it means another moment."""
    if other.zone and other.zone not in _UTC:
        return other.zone if abs(other.moment - moment.moment) < timedelta(minutes=1) else ""
    exact = moment.precision == other.precision == "second"
    if other.zone and not (exact and moment.moment.second):
        return ""  # both say UTC: only the same second of another hour shows that one of them does not mean it
    one, two = (each.moment if exact else each.moment.replace(second=0, microsecond=0) for each in (moment, other))
    minutes, rest = divmod(round((two - one).total_seconds()), 60)
    if rest or not minutes or not -720 <= minutes <= 840 or minutes % 60 not in _OFFSETS:
        return ""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def doubts_of_dates(published: When | None, modified: When | None, in_url: When | None) -> tuple[str, ...]:
    """Return in words what the dates of a page cannot be together, () where they agree."""
    found = []
    # Up to a day before is no doubt but a text that was ready before its hour came, or a local clock called UTC.
    if published and modified and published.moment - modified.moment > timedelta(days=1):
        found.append(f"modified {stated(modified)} lies before published {stated(published)}")
    if published and in_url and abs(published.moment - in_url.moment) > timedelta(days=31):
        found.append(f"published {stated(published)} ({published.origin}), but the address says {stated(in_url)}")
    return tuple(found)
