"""48 hours of looks at a source as a small inline SVG."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from scheduler.web import words
from storage.archive import STRIP
from storage.watched import WatchedSource

WIDTH, HEIGHT, GAP = 5, 10, 1  # of an hour's bar, in pixels


def strip(source: WatchedSource, now: datetime) -> Markup:
    """One bar an hour, oldest first: all well, some failed, all failed, or no look. Its title says it in words."""
    hours = int(STRIP / timedelta(hours=1))
    first = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
    looked = {one.hour: one for one in source.hours}
    bars = []
    for place in range(hours):
        hour = first + timedelta(hours=place)
        at = looked.get(hour)
        kind, height, said = "none", 2, "no look"
        if at is not None and at.well + at.faults:
            kind = "well" if not at.faults else "failed" if not at.well else "mixed"
            height, said = HEIGHT, f"{at.well} well, {at.faults} failed" if at.faults else f"{at.well} well"
        bars.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>').format(
                kind, place * (WIDTH + GAP), HEIGHT - height, WIDTH, height, words.moment(hour), said
            )
        )
    wide = hours * (WIDTH + GAP) - GAP
    return Markup('<svg class="strip" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        wide, HEIGHT, _summary(source), Markup("").join(bars)
    )


def _summary(source: WatchedSource) -> str:
    well, faults = sum(one.well for one in source.hours), sum(one.faults for one in source.hours)
    return f"looks of the last 48 hours: {well} well, {faults} failed"
