"""Spans of time as a query names them: `>2026-01-01`, `<=2026-03`, `2026`. All of UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SAID = re.compile(r"(>=|<=|>|<|)(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def period(said: str) -> tuple[datetime | None, datetime | None]:
    """[since, until) of a year, a month or a day, or of what lies after (>), before (<), from (>=) or up to (<=) it;
    None: open on that side. Raises ValueError with the mend."""
    if ".." in said or said.startswith(("[", "{")):
        raise ValueError(f"published:{said} is no date: for a span write published:>=2026-01-31 published:<2026-03-01")
    found = _SAID.fullmatch(said)
    if not found:
        shown = f"published:{said} is no date:" if said else "nothing stands after published:;"
        raise ValueError(f"{shown} write published:>2026-01-31, >=, <, <= or published:2026-01")
    sign, year, month, day = found.groups()
    try:
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        if day:
            end = start + timedelta(days=1)
        elif month:
            end = (start + timedelta(days=32)).replace(day=1)
        else:
            end = start.replace(year=start.year + 1)
    except (ValueError, OverflowError):
        raise ValueError(f"published:{said}: there is no such day") from None
    return {"": (start, end), ">": (end, None), ">=": (start, None), "<": (None, start), "<=": (None, end)}[sign]
