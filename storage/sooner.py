"""Addresses that are looked at before their time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import update

from storage.schema.articles import address
from storage.sources import due_at


class Planned(Protocol):
    """An address, and when it is looked at next; None never."""

    @property
    def address_id(self) -> int: ...
    @property
    def host(self) -> str: ...
    @property
    def next_look_at(self) -> datetime | None: ...


def look_now(connection: sa.Connection, found: Collection[Planned], now: datetime) -> None:
    """Have these looked at as soon as their hosts may be asked; those that are due are left as they are."""
    idle = [one for one in found if one.next_look_at is None or one.next_look_at > now]
    if not idle:
        return
    connection.execute(
        update(address).where(address.c.id.in_([one.address_id for one in idle])).values(next_look_at=now)
    )
    for host in sorted({one.host for one in idle}):
        due_at(connection, host, now)
