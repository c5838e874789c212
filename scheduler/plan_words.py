"""When a rule is told through a channel, in words: what gathers, when it is quiet, and how much the channel carries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from scheduler.digest import Digest
from scheduler.duration import in_words
from scheduler.limit import Limit
from scheduler.quiet import DAYS, Quiet
from scheduler.timing import Plan


def when_in_words(plan: Plan, limit: Limit | None, now: datetime) -> list[str]:
    """When a rule is told through a channel, and, where a digest or quiet hours decide it, when what is raised `now`
    goes; never empty."""
    due = plan.due_at(now)
    next_ = [] if due <= now + plan.wait else [f"what is raised now goes {due.astimezone(UTC):%Y-%m-%d %H:%M} UTC"]
    return plan_in_words(plan, limit) + next_ or ["at once, at any hour"]


def plan_in_words(plan: Plan, limit: Limit | None) -> list[str]:
    """A few words for each thing that is set; none where it is told at once, at any hour."""
    said = [_digest(plan.digest)] if plan.digest else [f"waits {in_words(plan.wait)}"] if plan.wait else []
    if plan.quiet is not None and plan.quiet.days:
        said.append(_quiet(plan.quiet))
    return [*said, f"at most {limit.most} in {in_words(limit.span)}"] if limit else said


def gathers_in_words(plan: Plan, until: datetime) -> str:
    """What a delivery waits for that gathers, and until when."""
    digest = " for its digest" if plan.digest else ""
    held = plan.held_until(until)
    return f"gathers{digest} until {until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC{f': {held}' if held else ''}"


def _digest(one: Digest) -> str:
    return f"digest at {one.cron} ({one.zone})" if one.cron else f"digest every {in_words(one.every)}"


def _quiet(one: Quiet) -> str:
    on = f" on {_days(sorted(one.days))}" if len(one.days) < len(DAYS) else ""
    end = "24:00" if one.end == time() else f"{one.end:%H:%M}"
    return f"quiet {one.start:%H:%M} to {end}{on} ({one.zone})"


def _days(days: Sequence[int]) -> str:
    """As one would write them: mon-fri, or each of them."""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    return ", ".join(DAYS[day] for day in days)
