"""When a message goes: `wait`, `digest` and `quiet` of a rule and of a channel, and which of them counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, model_validator

from scheduler.digest import Digest, read_digest
from scheduler.duration import duration
from scheduler.quiet import Quiet, read_quiet
from scheduler.zones import check_zone

QUIET_HOURS = "quiet hours"  # as what holds a delivery


class Timed(BaseModel):
    """The keys that a [[rule]] and a [[channel]] share."""

    wait: Annotated[timedelta, BeforeValidator(duration)] | None = None
    digest: Annotated[Digest, BeforeValidator(read_digest)] | None = None
    quiet: Annotated[Quiet, BeforeValidator(read_quiet)] | None = None
    zone: Annotated[str, AfterValidator(check_zone)] = ""  # of `digest` and `quiet`

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.wait is not None and self.digest is not None:
            raise ValueError("wait and digest are two answers to one question, when it is told: keep one of them")
        return self


@dataclass(frozen=True, slots=True)
class Plan:
    """When the messages of one rule go through one channel."""

    wait: timedelta = timedelta(0)
    digest: Digest | None = None
    quiet: Quiet | None = None

    def due_at(self, opened_at: datetime) -> datetime:
        """When a delivery that was opened then has gathered, and may ring."""
        gathered = self.digest.next(opened_at) if self.digest else opened_at + self.wait
        return self.quiet_until(gathered)

    def held_until(self, due_at: datetime) -> str:
        """What holds a delivery that gathers until then beside its own plan: quiet hours that end then; "" nothing."""
        before = due_at - timedelta(microseconds=1)
        return QUIET_HOURS if self.quiet_until(before) > before else ""

    def quiet_until(self, moment: datetime) -> datetime:
        return self.quiet.until(moment) if self.quiet else moment


def plan_of(rule: Timed | None, channel: Timed | None, wait: timedelta, zone: str) -> Plan:
    """What counts where several say something: the rule's own word, then the channel's, then `[delivery]`'s.

    So a rule with `wait = "0s"` is told at once through a channel that others use for a digest, and one with
    `quiet = false` also by night; a digest of its own without a zone goes by the channel's clocks. Without a rule (a
    notice to the operator) nothing gathers; quiet hours hold.
    """
    channel = channel or Timed()
    at_channel = channel.zone or zone
    levels = [(rule, rule.zone or at_channel)] if rule is not None else []
    levels.append((channel, at_channel))
    gathers = next(((one, at) for one, at in levels if one.wait is not None or one.digest is not None), None)
    quiet = next((_quiet(one.quiet, at) for one, at in levels if one.quiet is not None), None)
    if rule is None:
        return Plan(quiet=quiet)
    if gathers is None:
        return Plan(wait, None, quiet)
    own, at = gathers
    if own.digest is not None:
        return Plan(timedelta(0), replace(own.digest, zone=at), quiet)
    return Plan(own.wait or timedelta(0), None, quiet)


def _quiet(own: Quiet, zone: str) -> Quiet:
    return own if own.zone else replace(own, zone=zone)


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of a whole config."""

    rules: Mapping[str, Timed] = field(default_factory=dict)
    channels: Mapping[str, Timed] = field(default_factory=dict)
    wait: timedelta = timedelta(0)
    zone: str = "UTC"

    def of(self, rule: str, channel: str) -> Plan:
        """The plan of a rule ("" for a notice) and a channel; names that left the config have the defaults."""
        own = self.rules.get(rule, Timed()) if rule else None
        return plan_of(own, self.channels.get(channel), self.wait, self.zone)

    def due_at(self, rule: str, channel: str, opened_at: datetime) -> datetime:
        """When a delivery of this rule through this channel is due that was opened then."""
        return self.of(rule, channel).due_at(opened_at)

    def quiet_until(self, rules: Collection[str], channel: str, now: datetime) -> datetime:
        """When none of these rules is quiet any more through this channel; `now` where none is."""
        return max((self.of(rule, channel).quiet_until(now) for rule in rules), default=now)
