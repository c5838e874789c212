"""How many messages a channel may carry: "20/1h". What is over it waits, and comes together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from scheduler.duration import duration, in_words

_LIMIT = re.compile(r"(\d{1,6})\s*/\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` messages within any `span`."""

    most: int
    span: timedelta

    def __str__(self) -> str:
        return f"{self.most}/{in_words(self.span)}"

    def room(self, sent_at: Sequence[datetime]) -> int:
        """How many more may go now, after those within the last span."""
        return max(0, self.most - len(sent_at))

    def free_at(self, sent_at: Sequence[datetime]) -> datetime:
        """When there is room again; `sent_at` are the moments within the last span, oldest first, and fill it."""
        return sent_at[len(sent_at) - self.most] + self.span


def read_limit(value: object) -> Limit:
    """Read "20/1h". Raises ValueError with the mend."""
    if isinstance(value, Limit):
        return value
    found = _LIMIT.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or int(found[1]) == 0:
        raise ValueError(f'{value!r} is no limit: write how many messages in what time, such as "20/1h"')
    text = found[2] if found[2][:1].isdigit() else f"1{found[2]}"  # 20/h
    span = duration(text)
    if span < timedelta(seconds=1):
        raise ValueError(f"{value!r}: the time is too short: at least 1s")
    return Limit(int(found[1]), span)


def admit(waiting: int, room: int) -> tuple[int, Literal["", "summary", "wait"]]:
    """How many of the waiting deliveries go now one by one, and what becomes of the next.

    The last place is for a summary of all that would not fit, so that the limit is never passed and nothing waits that
    could be told.
    """
    if waiting <= room:
        return waiting, ""
    if room == 0:
        return 0, "wait"
    return room - 1, "summary"
