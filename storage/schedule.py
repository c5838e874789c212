"""What is due and who has it. "Due" is a column, never memory; a claim is one worker's hold on a host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, exists, select, update

from storage.gone import GONE
from storage.model.looking import Backfill, Claim, DueAddress, DueListing, Gone, Link, RobotsFile, Validators
from storage.rhythm import LEAST_SHARE, share_from, used_until
from storage.rows import when_from
from storage.schema.articles import address
from storage.schema.looking import backfill, host, listing, robots, source
from storage.store import Store

MOST_LOOKS_A_CLAIM = 50
ROBOTS_KEPT = timedelta(days=1)


class ClaimLost(Exception):
    """Another worker holds this host now: what was looked at under the old claim is not stored."""


@dataclass(frozen=True, slots=True)
class Release:
    """The end of a claim. `next_allowed_at`: nobody asks this host for anything before.

    `again` is how much of the host's time its looks again have taken.
    """

    claim: Claim
    next_allowed_at: datetime
    delay: timedelta
    at: datetime
    again: timedelta = timedelta(0)


class Schedule:
    """Claims of due hosts. Every method but `has_due` takes the connection of a write transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim_due_hosts(
        self,
        connection: sa.Connection,
        worker: str,
        now: datetime,
        most: int,
        within: timedelta = timedelta(0),
        most_strangers: int | None = None,
    ) -> list[Claim]:
        """Take up to `most` hosts with due work that may be asked `within` this time, the latest first; maybe none.

        At most `most_strangers` of them are hosts that no source looks at, which listings elsewhere lead to.
        """
        allowed = most if most_strangers is None else min(most, most_strangers)
        due = (
            select(host.c.next_due_at, host.c.name)
            .where(host.c.claimed_by.is_(None), host.c.next_due_at <= now, host.c.next_allowed_at <= now + within)
            .order_by(host.c.next_due_at)
            .limit(most)
        )
        if connection.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True, of=host)
        at = {row.name: row.next_due_at for row in connection.execute(due.where(_IS_LOOKED_AT))}
        strangers = {row.name: row.next_due_at for row in connection.execute(due.where(~_IS_LOOKED_AT).limit(allowed))}
        names = sorted(at | strangers, key=(at | strangers).__getitem__)[:most]
        if not names:
            return []
        taken = connection.execute(
            update(host)
            .where(host.c.name.in_(names))
            .values(claimed_by=worker, claimed_at=now, epoch=host.c.epoch + 1)
            .returning(host.c.name, host.c.epoch, host.c.delay_s, host.c.next_allowed_at, host.c.again_until)
        ).all()
        again_from = {row.name: share_from(row.again_until, now) for row in taken}
        again_for = {name: max(now - since, timedelta(0)) for name, since in again_from.items()}
        listings = _due_listings(connection, names, now)
        addresses = _due_addresses(connection, again_for, {row.name: row.delay_s for row in taken}, now)
        files: dict[str, list[RobotsFile]] = {}
        for row in connection.execute(
            select(robots).where(robots.c.host.in_(names), robots.c.fetched_at > now - ROBOTS_KEPT)
        ):
            files.setdefault(row.host, []).append(RobotsFile(row.origin, row.status, row.body, row.fetched_at))
        rank = {name: place for place, name in enumerate(names)}
        return [
            Claim(
                host=row.name,
                epoch=row.epoch,
                delay=timedelta(seconds=row.delay_s),
                next_allowed_at=row.next_allowed_at,
                listings=tuple(listings.get(row.name, ())),
                addresses=tuple(addresses.get(row.name, ())),
                robots=tuple(files.get(row.name, ())),
                is_stranger=row.name in strangers,
                again_from=again_from[row.name],
                again_for=again_for[row.name],
            )
            for row in sorted(taken, key=lambda row: rank[row.name])
        ]

    def release(self, connection: sa.Connection, ended: Iterable[Release]) -> None:
        """Give hosts back, due again when the earliest of their work is, and their looks again not before they may
        have some of its time. A lost claim is left to its new holder."""
        ended = list(ended)
        kept = held(connection, [one.claim for one in ended])
        ended = [one for one in ended if (one.claim.host, one.claim.epoch) in kept]
        if not ended:
            return
        until = {
            one.claim.host: used_until(one.claim.again_from or share_from(None, one.at), one.again) for one in ended
        }
        due: dict[str, datetime | None] = {}
        for row in connection.execute(_EARLIEST, {"hosts": list(until)}):
            again = row.again and max(row.again, until[row.name] + LEAST_SHARE)
            due[row.name] = min((at for at in (row.listing, row.new, again) if at), default=None)
        connection.execute(
            update(host)
            .where(host.c.name == bindparam("of"))
            .values(
                claimed_by=None,
                claimed_at=None,
                next_due_at=bindparam("due"),
                next_allowed_at=_later(bindparam("allowed", type_=host.c.next_allowed_at.type)),
                delay_s=bindparam("delay"),
                again_until=bindparam("again"),
            ),
            [
                {
                    "of": one.claim.host,
                    "due": due.get(one.claim.host),
                    "allowed": one.next_allowed_at,
                    "delay": one.delay.total_seconds(),
                    "again": until[one.claim.host],
                }
                for one in ended
            ],
        )

    def free_claims(self, connection: sa.Connection, now: datetime, floor: timedelta = timedelta(0)) -> int:
        """Free what a dead worker held; only its lock's new holder may. Its next save finds its epoch gone.

        It may have asked for something a moment ago: each host gets its delay anew, at least the `floor`, since a
        host that was claimed for the first time has none yet.
        """
        held_hosts = connection.execute(
            select(host.c.name, host.c.delay_s, host.c.next_allowed_at).where(host.c.claimed_by.is_not(None))
        ).all()
        if held_hosts:
            connection.execute(
                update(host)
                .where(host.c.name == bindparam("of"))
                .values(claimed_by=None, claimed_at=None, epoch=host.c.epoch + 1, next_allowed_at=bindparam("allowed")),
                [
                    {
                        "of": row.name,
                        "allowed": max(row.next_allowed_at, now + max(floor, timedelta(seconds=row.delay_s))),
                    }
                    for row in held_hosts
                ],
            )
        return len(held_hosts)

    def reserve(self, connection: sa.Connection, name: str, now: datetime, until: datetime) -> bool:
        """Take one request's turn at a host for a command beside the worker: nobody claims the host before `until`.

        False where a worker holds it, or it may not be asked yet. `give_back` ends it sooner.
        """
        values = {"next_allowed_at": until}
        free = (host.c.name == name) & host.c.claimed_by.is_(None) & (host.c.next_allowed_at <= now)
        if connection.execute(update(host).where(free).values(values)).rowcount:
            return True
        if connection.execute(select(host.c.name).where(host.c.name == name)).first() is not None:
            return False
        connection.execute(host.insert().values(values | {"name": name, "delay_s": 0, "epoch": 0}))
        return True

    def give_back(self, connection: sa.Connection, name: str, until: datetime) -> None:
        """A reserved turn is over; the host's pause lasts `until` then."""
        connection.execute(
            update(host).where(host.c.name == name, host.c.claimed_by.is_(None)).values(next_allowed_at=until)
        )

    def has_due(self, now: datetime, within: timedelta) -> bool:
        """Is there due work that nobody holds, at a host that may be asked within this time?"""
        with self._store.reader() as connection:
            due = select(sa.literal(1)).where(
                host.c.claimed_by.is_(None), host.c.next_due_at <= now, host.c.next_allowed_at <= now + within
            )
            return connection.execute(due.limit(1)).first() is not None


def _later(allowed: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
    """As asked for, but never sooner than what a look of the claim booked: a server's Retry-After."""
    return sa.case((host.c.next_allowed_at > allowed, host.c.next_allowed_at), else_=allowed)


def fence(connection: sa.Connection, claim: Claim) -> None:
    """Raise ClaimLost unless the claim still holds: the first thing that every save does."""
    if not held(connection, [claim]):
        raise ClaimLost(claim.host)


def held(connection: sa.Connection, claims: Iterable[Claim]) -> set[tuple[str, int]]:
    """Which claims still hold, as (host, epoch): same epoch, not freed."""
    asked = {(claim.host, claim.epoch) for claim in claims}
    rows = connection.execute(
        select(host.c.name, host.c.epoch).where(
            host.c.name.in_({name for name, _ in asked}), host.c.claimed_by.is_not(None)
        )
    )
    return asked & {(row.name, row.epoch) for row in rows}


def _due_listings(connection: sa.Connection, hosts: Sequence[str], now: datetime) -> dict[str, list[DueListing]]:
    rows = connection.execute(
        select(
            listing,
            source.c.name.label("source_name"),
            source.c.every_s,
            source.c.site,
            source.c.language,
            source.c.timezone,
            source.c.selector,
            backfill.c.since,
        )
        .join(source, source.c.id == listing.c.source_id)
        .join(backfill, backfill.c.id == listing.c.backfill_id, isouter=True)
        .where(
            listing.c.host.in_(hosts), listing.c.next_look_at <= now, source.c.enabled, source.c.retired_at.is_(None)
        )
        .order_by(listing.c.next_look_at)
    )
    found: dict[str, list[DueListing]] = {}
    for row in rows:
        found.setdefault(row.host, []).append(
            DueListing(
                id=row.id,
                source_id=row.source_id,
                source=row.source_name,
                url=row.url,
                kind=row.kind,
                site=row.site,
                language=row.language,
                timezone=row.timezone,
                every=timedelta(seconds=row.every_s),
                validators=Validators(row.etag, row.last_modified, row.body_hash),
                failures=row.failures,
                links=row.links,
                named_at=row.named_at if row.found_on is not None else None,
                select=row.selector,
                backfill=Backfill(row.backfill_id, row.since) if row.backfill_id is not None else None,
                planned_at=row.next_look_at,
            )
        )
    return found


def _due_addresses(
    connection: sa.Connection, again_for: Mapping[str, timedelta], delay_s: Mapping[str, float], now: datetime
) -> dict[str, list[DueAddress]]:
    """News first, then other new addresses, those of a first look or a back-fill, which may be thousands, then looks
    again by lateness where they may have some of the host's time; a claim's worth.

    Where more looks again wait than fit in, every other is one that fell due last: those of the newest articles, which
    are edited most, are made in time, and of the others those are late that can be.
    """
    found = _by_host(connection, _NEWS, list(again_for), now)
    has_room = [name for name in again_for if len(found.get(name, ())) < MOST_LOOKS_A_CLAIM]
    for name, new in _by_host(connection, _NEW, has_room, now).items():
        each = {one.id: one for one in (*found.get(name, ()), *new)}
        found[name] = list(each.values())[:MOST_LOOKS_A_CLAIM]
    may = [name for name, time in again_for.items() if time and len(found.get(name, ())) < MOST_LOOKS_A_CLAIM]
    late = _by_host(connection, _AGAIN, may, now)
    crowded = [
        name
        for name, looks in late.items()
        if len(looks) == MOST_LOOKS_A_CLAIM or len(looks) * delay_s[name] > again_for[name].total_seconds()
    ]
    fresh = _by_host(connection, _AGAIN_FRESH, crowded, now)
    for name, looks in late.items():
        # In turn, and each once.
        mixed = {one.id: one for one in chain(*zip_longest(looks, reversed(fresh.get(name, ())))) if one is not None}
        found[name] = [*found.get(name, ()), *mixed.values()][:MOST_LOOKS_A_CLAIM]
    return found


def _by_host(
    connection: sa.Connection, query: sa.Select[Any], hosts: Sequence[str], now: datetime
) -> dict[str, list[DueAddress]]:
    """By due time, at most a claim's worth each."""
    found: dict[str, list[DueAddress]] = {}
    for row in connection.execute(query, {"hosts": hosts, "now": now}) if hosts else ():
        found.setdefault(row.host, []).append(_due_address(row))
    return found


def _due_address(row: Any) -> DueAddress:
    return DueAddress(
        id=row.id,
        source_id=row.source_id,
        source=row.source_name,
        url=row.url,
        site=row.site,
        language=row.language,
        timezone=row.timezone,
        validators=Validators(row.etag, row.last_modified, row.body_hash),
        failures=row.failures,
        looks=row.looks,
        listed=Link(row.url, row.listed_title, when_from(row.listed_when), "", row.listed_summary),
        first_seen_at=row.first_seen_at,
        article_id=row.article_id,
        gone=Gone(row.gone_since, row.gone_looks) if row.gone_since else None,
        is_said=row.fault in GONE,
        key=row.key,
    )


def is_new(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Never read: as the partial index has it, which no parameter would match."""
    return table.c.looks == sa.literal_column("0")


def is_news(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return is_new(table) & ~table.c.history


def is_again(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return table.c.looks > sa.literal_column("0")


_IS_LOOKED_AT = exists().where(listing.c.host == host.c.name, listing.c.next_look_at.is_not(None))
# Of each host the first by due time, found by the index: ranking all that is due took 170 ms at a host with 50,000
# new addresses, in a transaction that nobody else can write beside.


def _due_at(is_meant: Callable[[sa.FromClause], sa.ColumnElement[bool]], *, last: bool = False) -> sa.Select[Any]:
    """The addresses of this kind that are due at `hosts`, a claim's worth of each: the first, or the last."""
    one, of = address.alias("one"), source.alias("of_one")
    ids = (
        select(one.c.id)
        .join(of, of.c.id == one.c.source_id)
        .where(
            one.c.host == host.c.name,
            one.c.next_look_at <= bindparam("now", type_=address.c.next_look_at.type),
            is_meant(one),
            of.c.enabled,
            of.c.retired_at.is_(None),
        )
        .order_by(*(at.desc() if last else at for at in (one.c.next_look_at, one.c.id)))
        .limit(MOST_LOOKS_A_CLAIM)
        .correlate(host)
    )
    return (
        select(address, source.c.name.label("source_name"), source.c.site, source.c.language, source.c.timezone)
        .select_from(host)
        .join(address, address.c.id.in_(ids))
        .join(source, source.c.id == address.c.source_id)
        .where(host.c.name.in_(bindparam("hosts", expanding=True)))
        .order_by(address.c.next_look_at, address.c.id)
    )


def _first_planned(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    of = source.alias()
    return (
        select(table.c.next_look_at)
        .join(of, of.c.id == table.c.source_id)
        .where(table.c.host == host.c.name, table.c.next_look_at.is_not(None), *where)
        .where(of.c.enabled, of.c.retired_at.is_(None))
        .order_by(table.c.next_look_at)
        .limit(1)
        .correlate(host)
        .scalar_subquery()
    )


_NEWS, _NEW = _due_at(is_news), _due_at(is_new)
_AGAIN, _AGAIN_FRESH = _due_at(is_again), _due_at(is_again, last=True)
_EARLIEST = select(
    host.c.name,
    _first_planned(listing).label("listing"),
    _first_planned(address, is_new(address)).label("new"),
    _first_planned(address, is_again(address)).label("again"),
).where(host.c.name.in_(bindparam("hosts", expanding=True)))
