"""How the pages of sources are laid out, as the worker learned it: kept, so that a restart need not learn it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import select, update

from storage.schema.looking import layout, source


@dataclass(frozen=True, slots=True)
class KnownLayouts:
    """What was learned of a source's pages at a host: `lessons` as JSON of the reader's own, "" if nothing.

    `message` says why it had to be learned anew the last time, "" if it never had; `since` since when that is so, or
    since when it is known. Aware UTC.
    """

    lessons: str = ""
    is_known: bool = False
    message: str = ""
    since: datetime | None = None


def load(connection: sa.Connection, source_id: int, host: str) -> KnownLayouts:
    """What is known; nothing where nothing was learned."""
    row = connection.execute(select(layout).where(layout.c.source_id == source_id, layout.c.host == host)).first()
    return KnownLayouts(row.lessons, row.is_known, row.message, row.since) if row else KnownLayouts()


def keep(connection: sa.Connection, source_id: int, host: str, known: KnownLayouts, now: datetime) -> None:
    """Keep what is known now; `since` moves where it became known, or was lost."""
    before = load(connection, source_id, host)
    changed = (before.is_known, before.message) != (known.is_known, known.message)
    values = {
        "lessons": known.lessons,
        "is_known": known.is_known,
        "message": known.message,
        "since": now if changed or before.since is None else before.since,
    }
    mine = (layout.c.source_id == source_id) & (layout.c.host == host)
    if not connection.execute(update(layout).where(mine).values(values)).rowcount:
        connection.execute(layout.insert().values(values | {"source_id": source_id, "host": host}))


def forget(connection: sa.Connection, source_id: int) -> None:
    """The source's pages are to be read in another way."""
    connection.execute(layout.delete().where(layout.c.source_id == source_id))


def by_source(connection: sa.Connection) -> dict[str, list[KnownLayouts]]:
    """What is known of each source's pages, by name, one for each host; sources without any are left out."""
    found: dict[str, list[KnownLayouts]] = {}
    query = select(layout, source.c.name).join(source, source.c.id == layout.c.source_id).order_by(layout.c.host)
    for row in connection.execute(query):
        found.setdefault(row.name, []).append(KnownLayouts(row.lessons, row.is_known, row.message, row.since))
    return found
