"""Clock times of a zone as moments: what daylight saving does to them is decided here, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from scheduler.nearest import did_you_mean

MINUTE = timedelta(minutes=1)


def check_zone(value: str) -> str:
    """Answer `value`, "" too. Raises ValueError with the mend where it names no time zone."""
    if value and value not in (known := available_timezones()):
        mend = did_you_mean(value, sorted(known)) or 'write a name such as "Europe/Berlin"'
        raise ValueError(f"{value!r} is no time zone: {mend}")
    return value


def moment_of(day: date, clock: time, zone: str, *, last: bool = False) -> datetime:
    """When the clocks of `zone` show this, in UTC.

    A time that they skip in spring counts as the first one that they show instead. One that they show twice in autumn
    is the first of both, with `last` the second.
    """
    shown = datetime.combine(day, clock, ZoneInfo(zone)).replace(fold=int(last))
    while (moment := shown.astimezone(UTC)).astimezone(shown.tzinfo) != shown:
        shown = (shown + MINUTE).replace(second=0)
    return moment
