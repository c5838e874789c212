"""Rules that a reader has stopped in a channel: their alerts are raised and kept, and are not told there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import select, update

from storage.model.telling import DeliveryState
from storage.schema.telling import delivery, stopped

NOT_YET_SENT = (DeliveryState.OPEN, DeliveryState.PENDING, DeliveryState.PAUSED)


@dataclass(frozen=True, slots=True)
class Stopped:
    """That a rule is not told through a channel, since when."""

    rule: str
    channel: str
    at: datetime


def stop(connection: sa.Connection, rule: str, channel: str, now: datetime) -> None:
    """Tell nothing more of this rule through this channel; what was on its way is dropped, and can be sent by hand.
    Stopped again, it stays stopped since the first time."""
    if (rule, channel) in since(connection):
        return
    connection.execute(stopped.insert().values(rule=rule, channel=channel, at=now))
    of_rule = (delivery.c.rule == rule) & (delivery.c.channel == channel) & delivery.c.state.in_(NOT_YET_SENT)
    why = {"error": in_words(now), "held": "", "next_attempt_at": None, "ended_at": now}
    ended = {"state": DeliveryState.DROPPED, **why}
    connection.execute(update(delivery).where(of_rule).values(ended))


def start(connection: sa.Connection, rule: str, channel: str = "") -> list[Stopped]:
    """Tell of this rule again, of what is raised from now on; "" in all of its channels. Answers what was stopped."""
    was = [one for one in listed(connection) if one.rule == rule and channel in ("", one.channel)]
    for one in was:
        connection.execute(stopped.delete().where(stopped.c.rule == one.rule, stopped.c.channel == one.channel))
    return was


def listed(connection: sa.Connection) -> list[Stopped]:
    """What is stopped, by rule and channel."""
    rows = connection.execute(select(stopped).order_by(stopped.c.rule, stopped.c.channel))
    return [Stopped(row.rule, row.channel, row.at) for row in rows]


def since(connection: sa.Connection) -> dict[tuple[str, str], datetime]:
    """Rule and channel of what is stopped, and since when."""
    return {(one.rule, one.channel): one.at for one in listed(connection)}


def left(rule: str, channels: Sequence[str], halted: Mapping[tuple[str, str], datetime]) -> tuple[tuple[str, ...], str]:
    """The channels in which a rule is told, and, where none of those asked for is left, why nobody is told."""
    told = tuple(name for name in channels if (rule, name) not in halted)
    if told or not channels:
        return told, ""
    return (), in_words(max(halted[rule, name] for name in channels))


def in_words(at: datetime) -> str:
    """Why nobody is told."""
    utc = at.astimezone(UTC)
    return f"stopped by its reader on {utc.day} {utc:%B %Y}"
