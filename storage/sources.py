"""The sources as rows: the daemon writes what the config names, the worker learns of them with its claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select, update

from storage import layouts
from storage.identity import host_of
from storage.model.looking import SourceConfig, SourceState
from storage.schema.articles import address, article_source
from storage.schema.looking import backfill, host, listing, source

# An unchanged answer would hide what a listing lists.
_FRESH = {"etag": "", "last_modified": "", "body_hash": b""}


def take_over(connection: sa.Connection, wanted: Sequence[SourceConfig], now: datetime) -> None:
    """Make the rows say what the config says, in the caller's transaction.

    A name that left is retired: its history and addresses stay. The same URL under a new name is a rename, not a
    first look. A name that comes back, or gets another URL, looks at history first: its old articles are no news.
    """
    rows = {row.name: row for row in connection.execute(select(source))}
    names = {one.name for one in wanted}
    # Of two that had the address, the one that is not retired: it goes last, and stays.
    left = sorted((row for row in rows.values() if row.name not in names), key=lambda row: row.retired_at is None)
    gone = {row.url: row for row in left}
    named = _roots(connection)
    kept: set[int] = set()
    # Renames first: they free no name that another source takes, since the old name is not in the config any more.
    for one in wanted:
        row = rows.get(one.name)
        if row is None and one.url in gone:
            row = gone.pop(one.url)
            connection.execute(update(source).where(source.c.id == row.id).values(name=one.name))
        if row is None:
            kept.add(_insert(connection, one, now))
            continue
        kept.add(row.id)
        connection.execute(
            update(source)
            .where(source.c.id == row.id)
            .values(
                **_columns(one),
                retired_at=None,
            )
        )
        roots = named.get(row.id, set())
        if row.retired_at is not None or row.url != one.url or roots.isdisjoint(one.looked_at):
            if row.retired_at is not None:
                _unread_are_history(connection, row.id)
            _stop(connection, row.id)  # every other listing waits until a look names it again
            _name(connection, row.id, one.looked_at, one, now)
            _hosts_due(connection, row.id, now)  # its addresses are looked at again, too
        else:
            if roots != set(one.looked_at):
                _name(connection, row.id, [url for url in one.looked_at if url not in roots], one, now)
            if any(getattr(row, name) != value for name, value in _how_read(one).items()):
                _read_anew(connection, row.id, one)
            if one.enabled and not row.enabled:
                _plan(connection, row.id, one, now)
            elif one.every.total_seconds() < row.every_s:
                _sooner(connection, row.id, now + one.every)
        if not one.enabled:
            _stop(connection, row.id)
            _end_backfill(connection, row.id, now)
    for row in rows.values():
        if row.id not in kept and row.retired_at is None:
            connection.execute(update(source).where(source.c.id == row.id).values(retired_at=now))
            _stop(connection, row.id)
            _end_backfill(connection, row.id, now)


def due_now(connection: sa.Connection, now: datetime) -> int:
    """Make every listing of every enabled source due; answers how many sources that is."""
    enabled = select(source.c.id).where(source.c.enabled, source.c.retired_at.is_(None))
    looked_at = listing.c.source_id.in_(enabled) & listing.c.next_look_at.is_not(None)
    connection.execute(update(listing).where(looked_at).values(next_look_at=now))
    hosts = select(listing.c.host).where(looked_at)
    connection.execute(update(host).where(host.c.name.in_(hosts)).values(next_due_at=now))
    return int(connection.execute(select(func.count()).select_from(enabled.subquery())).scalar_one())


def read_afresh(connection: sa.Connection, source_id: int, now: datetime) -> None:
    """Look at all listings of a source now, and read them even if they are unchanged."""
    watched = (listing.c.source_id == source_id) & listing.c.backfill_id.is_(None) & listing.c.next_look_at.is_not(None)
    connection.execute(update(listing).where(watched).values(_FRESH | {"next_look_at": now}))
    for name in connection.execute(select(listing.c.host).where(watched).distinct()).scalars().all():
        due_at(connection, name, now)


def due_at(connection: sa.Connection, name: str, at: datetime) -> None:
    """Move a host's due time to `at` if it lies later; makes the host if it is not known. A claimed host is
    worked out anew when it is released."""
    known = connection.execute(
        update(host)
        .where(host.c.name == name)
        .values(
            next_due_at=sa.case(
                (host.c.next_due_at < at, host.c.next_due_at), else_=sa.literal(at, host.c.next_due_at.type)
            )
        )
    )
    if not known.rowcount:
        connection.execute(host.insert().values(name=name, next_due_at=at, next_allowed_at=at, delay_s=0, epoch=0))


def _insert(connection: sa.Connection, one: SourceConfig, now: datetime) -> int:
    values = _columns(one) | {"name": one.name, "state": SourceState.NEW, "state_since": now}
    source_id = int(connection.execute(source.insert().values(values).returning(source.c.id)).scalar_one())
    _name(connection, source_id, one.looked_at, one, now)
    return source_id


def _columns(one: SourceConfig) -> dict[str, Any]:
    """What the config may change of a source under its name."""
    return _how_read(one) | {"url": one.url, "every_s": int(one.every.total_seconds()), "enabled": one.enabled}


def _how_read(one: SourceConfig) -> dict[str, str]:
    """What decides how its pages are read: where it changes, unchanged pages are read anew."""
    return {
        "site": one.site,
        "listing": one.listing,
        "language": one.language,
        "timezone": one.timezone,
        "selector": one.select,
    }


def _roots(connection: sa.Connection) -> dict[int, set[str]]:
    """The URLs of the listings that the config named, by source."""
    named = listing.c.found_on.is_(None) & listing.c.backfill_id.is_(None)
    found: dict[int, set[str]] = {}
    for source_id, url in connection.execute(select(listing.c.source_id, listing.c.url).where(named)):
        found.setdefault(source_id, set()).add(url)
    return found


def _name(connection: sa.Connection, source_id: int, urls: Sequence[str], one: SourceConfig, now: datetime) -> None:
    """Look at these listings, which the config has come to name: history first. What it names no more is a section
    now, if one of them names it."""
    roots = []
    for url in urls:
        due_at(connection, host_of(url), now)
        values = _FRESH | {
            "kind": one.listing,
            "history": True,
            "named_at": now,
            "next_look_at": now if one.enabled else None,
            "failures": 0,
            "found_on": None,
            "backfill_id": None,
        }
        known = connection.execute(
            update(listing)
            .where(listing.c.source_id == source_id, listing.c.url == url)
            .values(values)
            .returning(listing.c.id)
        ).scalar()
        if known is None:
            there = {"source_id": source_id, "url": url, "host": host_of(url)}
            known = connection.execute(listing.insert().values(values | there).returning(listing.c.id)).scalar_one()
        roots.append(known)
    of_source = listing.c.source_id == source_id
    root = (
        roots[0]
        if roots
        else select(func.min(listing.c.id))
        .where(of_source, listing.c.found_on.is_(None), listing.c.url.in_(one.looked_at))
        .scalar_subquery()
    )
    connection.execute(
        update(listing)
        .where(
            of_source,
            listing.c.found_on.is_(None),
            listing.c.backfill_id.is_(None),
            listing.c.url.not_in(one.looked_at),
        )
        .values(found_on=root, next_look_at=None)
    )


def _read_anew(connection: sa.Connection, source_id: int, one: SourceConfig) -> None:
    """The config says how to read it in another way: the next look reads it even if it is unchanged."""
    layouts.forget(connection, source_id)
    connection.execute(
        update(listing)
        .where(listing.c.source_id == source_id, listing.c.found_on.is_(None), listing.c.backfill_id.is_(None))
        .values(kind=one.listing)
    )
    connection.execute(update(listing).where(listing.c.source_id == source_id).values(_FRESH))


def _plan(connection: sa.Connection, source_id: int, one: SourceConfig, now: datetime) -> None:
    """Enabled again: nothing that was listed meanwhile is history. Its sections follow when the look names them."""
    connection.execute(
        update(listing)
        .where(listing.c.source_id == source_id, listing.c.url.in_(one.looked_at))
        .values(_FRESH | {"next_look_at": now})
    )
    _hosts_due(connection, source_id, now)


def _unread_are_history(connection: sa.Connection, source_id: int) -> None:
    """What was found before the source left and was never read is old by now."""
    unread = (address.c.source_id == source_id) & address.c.article_id.is_(None)
    connection.execute(update(address).where(unread).values(history=True))


def _sooner(connection: sa.Connection, source_id: int, at: datetime) -> None:
    connection.execute(
        update(listing).where(listing.c.source_id == source_id, listing.c.next_look_at > at).values(next_look_at=at)
    )
    _hosts_due(connection, source_id, at)


def _hosts_due(connection: sa.Connection, source_id: int, at: datetime) -> None:
    hosts = (
        select(listing.c.host)
        .where(listing.c.source_id == source_id)
        .union(select(address.c.host).where(address.c.source_id == source_id, address.c.next_look_at.is_not(None)))
    )
    for name in connection.execute(hosts).scalars().all():
        due_at(connection, name, at)


def _end_backfill(connection: sa.Connection, source_id: int, now: datetime) -> None:
    """Whoever waits for it would wait for ever."""
    going_on = (backfill.c.source_id == source_id) & backfill.c.done_at.is_(None)
    connection.execute(update(backfill).where(going_on).values(done_at=now, message="the source is watched no more"))


def _stop(connection: sa.Connection, source_id: int) -> None:
    connection.execute(update(listing).where(listing.c.source_id == source_id).values(next_look_at=None))


def source_names(connection: sa.Connection, articles: Mapping[int, int]) -> dict[int, tuple[str, ...]]:
    """The names of the sources of these articles, each given with the source that it was first seen at, which is
    named first."""
    if not articles:
        return {}
    rows = connection.execute(
        select(article_source.c.article_id, source.c.id, source.c.name)
        .join(source, source.c.id == article_source.c.source_id)
        .where(article_source.c.article_id.in_(articles))
    )
    names: dict[int, list[tuple[int, str]]] = {one: [] for one in articles}
    for row in rows:
        names[row.article_id].append((row.id, row.name))
    return {
        of: tuple(name for _, name in sorted(found, key=lambda one: (one[0] != articles[of], one)))
        for of, found in names.items()
    }
