"""How much happened in the last weeks, as small inline SVGs: of all, by day; of a rule, by week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup

from scheduler.backtest import monday_of
from scheduler.rules_words import mondays
from scheduler.web import words
from storage.model.articles import ChangeKind

DAYS = 8 * 7
WIDTH, HEIGHT, GAP = 8, 48, 2  # of a day's bar, in pixels
WEEKS = 12
WEEK_WIDTH, WEEK_HEIGHT = 16, 28
KINDS = (ChangeKind.EDITED, ChangeKind.REMOVED, ChangeKind.RESTORED)  # from the ground up


def chart(days: Mapping[tuple[date, str], int], last: date) -> Markup:
    """One bar a day up to `last`, in the colours of the kinds; the highest fills the height. Its title says it in
    words."""
    counts = [
        (day, [days.get((day, str(kind)), 0) for kind in KINDS])
        for day in (last - timedelta(days=back) for back in range(DAYS - 1, -1, -1))
    ]
    most = max(sum(each) for _, each in counts)
    bars = Markup("").join(
        _bar(place * (WIDTH + GAP), day, numbers, most) for place, (day, numbers) in enumerate(counts)
    )
    wide = DAYS * (WIDTH + GAP) - GAP
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        wide, HEIGHT, _summary(counts), bars
    )


def first_of_weeks(now: datetime) -> datetime:
    """The Monday on which the chart of a rule begins."""
    monday = datetime.combine(monday_of(now), datetime.min.time(), UTC)
    return monday - timedelta(weeks=WEEKS - 1)


def weekly(days: Mapping[date, int], now: datetime) -> Markup:
    """Alerts of a rule: a bar for each week from its Monday on, up to this one, as `dateline rules test` draws them."""
    first = first_of_weeks(now)
    counts: Counter[date] = Counter()
    for day, number in days.items():
        counts[day - timedelta(days=day.weekday())] += number
    most = max(counts.values(), default=0)
    bars = Markup("").join(
        _week(place * (WEEK_WIDTH + GAP), day, counts[day], most) for place, day in enumerate(mondays(first, now))
    )
    wide = WEEKS * (WEEK_WIDTH + GAP) - GAP
    return Markup('<svg class="weeks" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        wide, WEEK_HEIGHT, f"alerts of the last {WEEKS} weeks: {sum(counts.values()):,}", bars
    )


def _week(x: int, monday: date, number: int, most: int) -> Markup:
    height = max(2, round(number * WEEK_HEIGHT / most)) if number else 1
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {:,}</title></rect>').format(
        "some" if number else "none",
        x,
        WEEK_HEIGHT - height,
        WEEK_WIDTH,
        height,
        f"week of {words.day_of(monday)}",
        number,
    )


def _bar(x: int, day: date, numbers: list[int], most: int) -> Markup:
    parts, ground = Markup(""), HEIGHT
    for kind, number in zip(KINDS, numbers, strict=True):
        # What there is at all is seen, beside however much more.
        height = max(1, round(number * HEIGHT / most)) if number else 0
        ground = max(ground - height, 0)
        if height:
            parts += _rect(str(kind), x, ground, height)
    if not any(numbers):
        parts = _rect("none", x, HEIGHT - 1, 1)
    return Markup("<g><title>{}: {}</title>{}</g>").format(words.day_of(day), _said(numbers), parts)


def _rect(kind: str, x: int, y: int, height: int) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>').format(kind, x, y, WIDTH, height)


def _said(numbers: list[int]) -> str:
    said = [f"{number:,} {kind}" for kind, number in zip(KINDS, numbers, strict=True) if number]
    return ", ".join(said) or "nothing"


def _summary(counts: list[tuple[date, list[int]]]) -> str:
    sums = [sum(numbers[place] for _, numbers in counts) for place in range(len(KINDS))]
    return f"changes of the last {DAYS // 7} weeks, by day: {_said(sums)}"
