"""Sections: further listings that a listing names, such as those of a menu. They come and go with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.identity import host_of
from storage.model.looking import DueListing
from storage.schema.looking import listing
from storage.sources import due_at

MOST_SECTIONS = 200  # of a source that are looked at; a menu that names itself a hundred new ways would never end
COME_AND_GO = timedelta(days=1)  # a section that its menu no longer names is looked at so much longer


def take_sections(
    connection: sa.Connection, due: DueListing, urls: Sequence[str], *, history: bool, now: datetime
) -> None:
    """Plan the sections that this look named. What a first look finds is history; a section found later is new.

    `history`: this is such a first look, of the source or after it was away.
    """
    looked_at = (listing.c.source_id == due.source_id) & listing.c.next_look_at.is_not(None)
    room = MOST_SECTIONS - connection.execute(select(func.count()).select_from(listing).where(looked_at)).scalar_one()
    for url in urls:
        known = connection.execute(
            select(listing.c.id, listing.c.found_on, listing.c.history, listing.c.next_look_at).where(
                listing.c.source_id == due.source_id, listing.c.url == url
            )
        ).one_or_none()
        if known is None:
            if room <= 0:
                continue
            room -= 1
            due_at(connection, host_of(url), now)
            connection.execute(
                listing.insert().values(
                    source_id=due.source_id,
                    url=url,
                    host=host_of(url),
                    found_on=due.id,
                    history=history,
                    named_at=now,
                    next_look_at=now,
                )
            )
        # A section that names itself, as menus do, says nothing of whether the menu still leads there.
        elif known.found_on is not None and known.id != due.id:
            values: dict[str, Any] = {"named_at": now, "history": known.history or history}
            if due.named_at is None:
                values["found_on"] = due.id  # the source may have got another menu
            if known.next_look_at is None:
                values |= {"next_look_at": now, "backfill_id": None}
                due_at(connection, host_of(url), now)
            connection.execute(update(listing).where(listing.c.id == known.id).values(values))


def still_named(connection: sa.Connection, unchanged: Mapping[int, datetime]) -> None:
    """These listings (id: when) say what they said at their last look: what they named then, they name now.

    To be called before the look itself is booked.
    """
    sections = connection.execute(
        select(listing.c.id, listing.c.found_on, listing.c.named_at).where(listing.c.found_on.in_(unchanged))
    ).all()
    if not sections:
        return
    menus = connection.execute(select(listing.c.id, listing.c.last_ok_at).where(listing.c.id.in_(unchanged)))
    read_at = {row.id: row.last_ok_at for row in menus}
    named = [
        {"of": one.id, "at": unchanged[one.found_on]}
        for one in sections
        if (read := read_at[one.found_on]) is not None and one.named_at >= read
    ]
    if named:
        connection.execute(
            update(listing).where(listing.c.id == bindparam("of")).values(named_at=bindparam("at")), named
        )


def dropped(connection: sa.Connection, ids: Iterable[int]) -> set[int]:
    """Which of these sections has its menu not named for a day, by the menu's own looks: while nobody looked (the
    daemon was off, the site was down), nothing was dropped."""
    menu = listing.alias("menu")
    rows = connection.execute(
        select(listing.c.id, listing.c.named_at, menu.c.last_ok_at)
        .join(menu, menu.c.id == listing.c.found_on)
        .where(listing.c.id.in_(list(ids)), menu.c.last_ok_at.is_not(None))
    )
    return {row.id for row in rows if row.last_ok_at - row.named_at > COME_AND_GO}
