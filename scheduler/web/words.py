"""Times, days, states and diffs in words, for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from storage.archive import WatchedSource
from storage.model import DiffOp, SourceState, When
from storage.text import one_line, public_url

ShownOp = tuple[Literal["=", "-", "+", "…"], str]


def day(moment: datetime) -> str:
    """A calendar day, in UTC: 8 November 2026."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B} {utc.year}"


def moment(at: datetime) -> str:
    """A time in UTC: 8 November 2026, 14:05 UTC."""
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def published(when: When) -> str:
    """What the site states: a day is shown as a day, no clock is made for it."""
    return day(when.moment) if when.precision == "day" else moment(when.moment)


def span(length: timedelta) -> str:
    """A length of time in its largest unit: 40 s, 5 min, 3 h, 2 days."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'s' if unit == 'day' and number != 1 else ''}"
    return f"{seconds} s"


def ago(at: datetime, now: datetime) -> str:
    return "just now" if now - at < timedelta(seconds=5) else f"{span(now - at)} ago"


def ahead(at: datetime, now: datetime) -> str:
    return "due now" if at <= now else f"in {span(at - now)}"


def state(source: WatchedSource) -> str:
    """How a source is, in a few words."""
    if not source.enabled:
        return "not watched: switched off in the configuration"
    if source.state == SourceState.NEW:
        return "its first look is under way" if not source.message else "its first look has not succeeded yet"
    if source.state == SourceState.DOWN:
        return "down"
    return "well" if not source.message else "its last look failed"


def excerpt(text: str, length: int = 280) -> str:
    """The beginning of a text on one line, cut at a word."""
    line = one_line(text, length)
    if not line.endswith("…"):
        return line
    head, _, tail = line.rpartition(" ")
    return line if len(tail) > 30 else f"{head.rstrip(' ,;:-–—')}…"  # scripts without spaces are cut where it ends


def followable(url: str) -> str:
    """The address if a reader may be sent there, else ""."""
    return public_url(url)


def is_changed(ops: Sequence[DiffOp]) -> bool:
    return any(sign != "=" for sign, _ in ops)


def shortened(ops: Sequence[DiffOp], context: int = 70, length: int = 700) -> list[ShownOp]:
    """A diff as an extract: its changed words with some text around them, "…" where text is left out.

    `context` is the number of characters kept on each side of a change, `length` about how many are shown in all.
    """
    shown: list[ShownOp] = []
    left = length
    for place, (sign, text) in enumerate(ops):
        if left <= 0:
            shown.append(("…", "…"))
            break
        if sign == "=":
            first, last = place == 0, place == len(ops) - 1
            shown += _middle(text, 0 if first else context, 0 if last else context)
        else:
            shown.append((sign, text if len(text) <= left else text[:left] + "…"))
        left -= len(text) if sign != "=" else min(len(text), 2 * context)
    return shown


def _middle(text: str, head: int, tail: int) -> list[ShownOp]:
    """Unchanged text between two changes: `head` characters of its beginning, `tail` of its end."""
    if len(text) <= head + tail + 20:
        return [("=", text)]
    start, end = text[:head], text[len(text) - tail :] if tail else ""
    # Whole words, unless the script has no spaces.
    start, end = start.rpartition(" ")[0] or start, end.partition(" ")[2] or end
    return [*([("=", start)] if start else []), ("…", " … "), *([("=", end)] if end else [])]  # type: ignore[list-item]
