"""Quiet hours: when a channel is not to ring. What is raised meanwhile is raised, and waits for the morning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.nearest import instead
from scheduler.zones import check_zone, moment_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)\s*")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` to `end` by the clocks of `zone`, beginning on each of `days` (0 is Monday).

    An end that is not behind its start is the next day's. Without days it is never quiet. `zone` "" is for the reader
    of the config to fill.
    """

    start: time
    end: time
    days: frozenset[int]
    zone: str

    def until(self, moment: datetime) -> datetime:
        """When it is not quiet any more; `moment` itself where it is not quiet."""
        while (end := self._end_at(moment)) is not None:
            moment = end
        return moment

    def _end_at(self, moment: datetime) -> datetime | None:
        """The end of a quiet time that holds at `moment`."""
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        for day in (today - _DAY, today):
            if day.weekday() not in self.days:
                continue
            begins = moment_of(day, self.start, self.zone)
            ends = moment_of(day + _DAY if self.end <= self.start else day, self.end, self.zone, last=True)
            if begins <= moment.astimezone(UTC) < ends:
                return ends
        return None


NEVER = Quiet(time(), time(), frozenset(), "UTC")


def read_quiet(value: object) -> Quiet:
    """Read `{ hours = "22:00-07:00", days = "mon-fri", zone = "Europe/Berlin" }`, or false: never quiet.

    Raises ValueError with the mend.
    """
    if isinstance(value, Quiet):
        return value
    if value is False:
        return NEVER
    if not isinstance(value, dict):
        raise ValueError('write { hours = "22:00-07:00" }, with days = "mon-fri" and zone if you like, or false')
    if unknown := value.keys() - {"hours", "days", "zone"}:
        key = min(unknown)
        raise ValueError(f"no such key here: {key}; {instead(key, ('hours', 'days', 'zone'))}")
    found = _HOURS.fullmatch(str(value.get("hours", "")))
    if not found or (found[3] == "24" and found[4] != "00"):
        raise ValueError(f'hours: {value.get("hours", "")!r}: write from and to as "22:00-07:00"')
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]) % 24, int(found[4]))
    if start == end and found[3] != "24":
        raise ValueError("hours: begin and end are the same; a whole day is 00:00-24:00")
    days = _days(value.get("days", DAYS))
    if start == end and len(days) == len(DAYS):
        raise ValueError("it would be quiet for ever: leave out the channel, or name days")
    zone = value.get("zone", "")
    if not isinstance(zone, str):
        raise ValueError(f'zone: {zone!r} is no time zone: write a name such as "Europe/Berlin"')
    return Quiet(start, end, days, check_zone(zone))


def _days(value: object) -> frozenset[int]:
    """Read "mon-fri", "sat,sun" or a list of such."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not parts:
        raise ValueError('days: write "mon-fri" or "sat,sun"')
    days: set[int] = set()
    for part in parts:
        first, _, last = str(part).strip().lower().partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            day = last if first in DAYS else first
            raise ValueError(f"days: {part!r} is no day; {instead(day, DAYS)}, and mon-fri and the like")
        at, end = DAYS.index(first), DAYS.index(last or first)
        days |= {one % 7 for one in range(at, end + 1 + (7 if end < at else 0))}
    return frozenset(days)
