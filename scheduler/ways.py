"""The channels of a rule: when it is told through each of them, and where its reader has stopped it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.config import Config
from scheduler.plan_words import when_in_words
from scheduler.tables import Rule


@dataclass(frozen=True, slots=True)
class Way:
    """A channel of a rule: when it is told there, in words, and when what is raised now goes; `stopped_at` None where
    its reader has not stopped it there."""

    channel: str
    plan: tuple[str, ...]
    due_at: datetime
    stopped_at: datetime | None


Ways = Mapping[str, tuple[Way, ...]]  # by rule, each in the order of its channels


def ways(config: Config, rules: Iterable[Rule], halted: Mapping[tuple[str, str], datetime], now: datetime) -> Ways:
    """The ways of some rules of the config; `halted` is since when which rule is stopped in which channel."""
    plans = config.plans

    def way(rule: str, channel: str) -> Way:
        plan, own = plans.of(rule, channel), config.channels[channel]
        said = when_in_words(plan, own.limit, now)
        return Way(channel, tuple(said), plan.due_at(now), halted.get((rule, channel)))

    return {one.name: tuple(way(one.name, channel) for channel in one.channels) for one in rules}
