"""Durations as the config writes them, "90s", "15m", "4h", "1d", and days that a person names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=3650)  # a time that lies so far ahead is still one that can be reckoned with


def duration(value: object) -> timedelta:
    """Read "90s", "15m", "1d" and the like. Raises ValueError with the mend."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError(f'{value!r} is no duration: write "90s", "15m", "4h" or "1d"')
    try:
        span = timedelta(**{_UNITS[found[2]]: float(found[1])})
    except OverflowError:
        span = timedelta.max
    if span > LONGEST:
        raise ValueError(f"{value!r} is too long: at most {in_words(LONGEST)}")
    return span


def in_words(span: timedelta) -> str:
    """Write a duration as the config does, in the largest unit that leaves no rest."""
    seconds = span.total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{round(seconds * 1000)}ms"


def since_of(text: str, now: datetime) -> datetime:
    """As `day_of`, of the past. Raises ValueError with the mend."""
    since = day_of(text, now)
    if since > now:
        raise ValueError(f"{text!r} lies ahead: nothing was published since then")
    return since


def day_of(text: str, now: datetime) -> datetime:
    """The beginning of a day, "2026-01-31", or so long ago, "90d". Raises ValueError with the mend."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            raise ValueError(f"{text!r} is no day of the calendar") from None
    try:
        return now - duration(text)
    except (ValueError, OverflowError):
        raise ValueError(f'{text!r} is no day: write "2026-01-31", or "90d" for the last 90 days') from None
