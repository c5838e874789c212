"""What is told to whom: rules, alerts, deliveries and notices. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from storage.model.articles import Change


class DeliveryState(StrEnum):
    """`open`: still gathers alerts. `paused`: its channel is paused or gone from the config; no attempt is spent.
    `dropped`: a person said that it is not to be sent."""

    OPEN = "open"
    PENDING = "pending"
    SENT = "sent"
    PAUSED = "paused"
    GIVEN_UP = "given up"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class RuleConfig:
    """Which changes are worth telling, and through which channels. An empty `sources` means all of them.

    `per`: of the articles of one story the first alone is told, or each.
    """

    name: str
    query: str
    sources: tuple[str, ...] = ()
    on: tuple[str, ...] = ("added", "edited", "removed", "restored")
    max_age: timedelta | None = None
    channels: tuple[str, ...] = ()
    per: Literal["story", "article"] = "story"


@dataclass(frozen=True, slots=True)
class Alert:
    """A Rule that held for a Change. `holds` says whether the text matches now, no longer, or still.

    `words` are the words of the page that made it hold, as they stand there.
    """

    id: int
    rule: str
    holds: Literal["now", "no longer", "still"]
    words: tuple[str, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator is told through the channels of `[daemon] tell`: a source down or back, and the like.

    `about`: the sources and channels that it speaks of, as "source NAME" and "channel NAME"; of each of them a channel
    is told in order.
    """

    subject: str
    text: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Alerts of one rule (or one notice) bound for one channel. `id` is stable: Message-ID and webhook-id."""

    id: str
    channel: str
    rule: str
    state: DeliveryState
    created_at: datetime
    attempts: int
    payload: bytes | None  # the bytes of the first attempt, sent again as they are
    alerts: tuple[Alert, ...] = ()
    notice: Notice | None = None
    error: str = ""
    next_attempt_at: datetime | None = None
    held: str = ""  # why it waits, or that a person asked for it
