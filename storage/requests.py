"""What a command asks of a running daemon: `dateline once` beside it is a row here, and so is its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import select, update

from storage.schedule import is_new
from storage.schema.articles import address
from storage.schema.looking import host, listing, request, source
from storage.sources import due_now

What = Literal["once", "due"]
SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Request:
    """`once`: look at every enabled source now. `due`: only at those that are due."""

    number: int
    what: What
    asked_at: datetime
    begun_at: datetime | None


def ask(connection: sa.Connection, what: What, now: datetime) -> int:
    """Ask; answers the number under which the answer will stand."""
    values = {"what": what, "asked_at": now, "answer": ""}
    return int(connection.execute(request.insert().values(values).returning(request.c.id)).scalar_one())


def unanswered(connection: sa.Connection) -> list[Request]:
    """What was asked and is not answered yet, oldest first."""
    rows = connection.execute(select(request).where(request.c.done_at.is_(None)).order_by(request.c.id))
    return [Request(row.id, row.what, row.asked_at, row.begun_at) for row in rows]


def begin(connection: sa.Connection, one: Request, now: datetime) -> None:
    if one.what == "once":
        due_now(connection, now)
    connection.execute(update(request).where(request.c.id == one.number).values(begun_at=now))


def answer(connection: sa.Connection, one: Request, words: dict[str, Any], now: datetime) -> None:
    values = {"done_at": now, "answer": json.dumps(words, ensure_ascii=False)}
    connection.execute(update(request).where(request.c.id == one.number).values(values))


def withdraw(connection: sa.Connection, number: int) -> None:
    """Ask no longer: the next daemon would make a round that nobody waits for."""
    connection.execute(request.delete().where(request.c.id == number))


def answer_to(connection: sa.Connection, number: int) -> dict[str, Any] | None:
    """The daemon's answer; None while there is none."""
    row = connection.execute(select(request).where(request.c.id == number)).one_or_none()
    if row is None or row.done_at is None:
        return None
    words: dict[str, Any] = json.loads(row.answer)
    return words


def is_worked_off(connection: sa.Connection, since: datetime, now: datetime) -> bool:
    """Is nothing left that was due then: no listing, no address that was never tried, no claim on their hosts?

    A host that may not be asked for a while yet (Retry-After, or it is dead) is not waited for.
    """
    watched = source.c.enabled & source.c.retired_at.is_(None)
    at_hand = host.c.next_allowed_at <= now + SOON
    overdue = [
        select(sa.literal(1))
        .select_from(host)
        .join(listing, listing.c.host == host.c.name)
        .join(source, source.c.id == listing.c.source_id)
        .where(at_hand, watched, listing.c.next_look_at <= since),
        select(sa.literal(1))
        .select_from(host)
        .join(address, address.c.host == host.c.name)
        .join(source, source.c.id == address.c.source_id)
        .where(at_hand, watched, address.c.next_look_at.is_not(None), is_new(address), address.c.failures == 0),
        select(sa.literal(1)).where(host.c.claimed_by.is_not(None), host.c.claimed_at <= since),
    ]
    return all(connection.execute(one.limit(1)).first() is None for one in overdue)
