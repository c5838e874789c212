"""When the dead man's switch that watches the daemon was last served, for `status` to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import select, update

from storage.schema.telling import heartbeat

_ONE = 1  # row


@dataclass(frozen=True, slots=True)
class Beat:
    """The last beat: when it was due, when the switch last answered (None: never), and "" or why it did not now."""

    at: datetime
    called_at: datetime | None
    reason: str


def last(connection: sa.Connection) -> Beat | None:
    row = connection.execute(select(heartbeat).where(heartbeat.c.id == _ONE)).one_or_none()
    return Beat(row.at, row.called_at, row.reason) if row else None


def begin(connection: sa.Connection, now: datetime) -> None:
    """Note that a beat is due: the proof that the store can be written to."""
    if not connection.execute(update(heartbeat).where(heartbeat.c.id == _ONE).values(at=now)).rowcount:
        connection.execute(heartbeat.insert().values(id=_ONE, at=now, called_at=None, reason=""))


def end(connection: sa.Connection, reason: str, now: datetime) -> None:
    """Note what came of the beat; "" where the switch answered."""
    values: dict[str, object] = {"reason": reason} if reason else {"reason": "", "called_at": now}
    connection.execute(update(heartbeat).where(heartbeat.c.id == _ONE).values(values))
