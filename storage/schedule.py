"""What is due and who has it. "Due" is a column, never memory; a claim is one worker's hold on a host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, exists, func, select, update

from storage.model import Backfill, Claim, DueAddress, DueListing, Link, RobotsFile, Validators
from storage.rows import when_from
from storage.schema import address, backfill, host, listing, robots, source
from storage.store import Store

MOST_LOOKS_A_CLAIM = 50
ROBOTS_KEPT = timedelta(days=1)


class ClaimLost(Exception):
    """Another worker holds this host now: what was looked at under the old claim is not stored."""


@dataclass(frozen=True, slots=True)
class Release:
    """The end of a claim. `next_allowed_at`: nobody asks this host for anything before."""

    claim: Claim
    next_allowed_at: datetime
    delay: timedelta


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
            .returning(host.c.name, host.c.epoch, host.c.delay_s, host.c.next_allowed_at)
        ).all()
        listings, addresses = _due_listings(connection, names, now), _due_addresses(connection, names, now)
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
            )
            for row in sorted(taken, key=lambda row: rank[row.name])
        ]

    def release(self, connection: sa.Connection, ended: Iterable[Release]) -> None:
        """Give hosts back, due again when the earliest of their work is. A lost claim is left to its new holder."""
        ended = list(ended)
        kept = held(connection, [one.claim for one in ended])
        ended = [one for one in ended if (one.claim.host, one.claim.epoch) in kept]
        if not ended:
            return
        names = [one.claim.host for one in ended]
        earliest: dict[str, datetime] = {}
        for table in (listing, address):
            rows = connection.execute(
                select(table.c.host, func.min(table.c.next_look_at))
                .join(source, source.c.id == table.c.source_id)
                .where(
                    table.c.host.in_(names),
                    table.c.next_look_at.is_not(None),
                    source.c.enabled,
                    source.c.retired_at.is_(None),
                )
                .group_by(table.c.host)
            )
            for name, at in rows:
                earliest[name] = min(at, earliest.get(name, at))
        connection.execute(
            update(host)
            .where(host.c.name == bindparam("of"))
            .values(
                claimed_by=None,
                claimed_at=None,
                next_due_at=bindparam("due"),
                next_allowed_at=_later(bindparam("allowed", type_=host.c.next_allowed_at.type)),
                delay_s=bindparam("delay"),
            ),
            [
                {
                    "of": one.claim.host,
                    "due": earliest.get(one.claim.host),
                    "allowed": one.next_allowed_at,
                    "delay": one.delay.total_seconds(),
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


def _due_addresses(connection: sa.Connection, hosts: Sequence[str], now: datetime) -> dict[str, list[DueAddress]]:
    """New addresses first, then looks again by lateness; a claim's worth of each host."""
    found: dict[str, list[DueAddress]] = {}
    for again in (False, True):
        hosts = [name for name in hosts if len(found.get(name, ())) < MOST_LOOKS_A_CLAIM]
        for row in connection.execute(_DUE_ADDRESSES, {"hosts": hosts, "now": now, "again": again}):
            due = found.setdefault(row.host, [])
            if len(due) < MOST_LOOKS_A_CLAIM:
                due.append(_due_address(row))
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
    )


_IS_LOOKED_AT = exists().where(listing.c.host == host.c.name, listing.c.next_look_at.is_not(None))
_one, _of = address.alias("one"), source.alias("of_one")
# Of each host the first by due time, found by the index: ranking all that is due took 170 ms at a host with 50,000
# new addresses, in a transaction that nobody else can write beside.
_first = (
    select(_one.c.id)
    .join(_of, _of.c.id == _one.c.source_id)
    .where(
        _one.c.host == host.c.name,
        _one.c.next_look_at <= bindparam("now", type_=address.c.next_look_at.type),
        (_one.c.looks > 0) == bindparam("again", type_=sa.Boolean()),
        _of.c.enabled,
        _of.c.retired_at.is_(None),
    )
    .order_by(_one.c.next_look_at)
    .limit(MOST_LOOKS_A_CLAIM)
    .correlate(host)
)
_DUE_ADDRESSES = (
    select(address, source.c.name.label("source_name"), source.c.site, source.c.language, source.c.timezone)
    .select_from(host)
    .join(address, address.c.id.in_(_first))
    .join(source, source.c.id == address.c.source_id)
    .where(host.c.name.in_(bindparam("hosts", expanding=True)))
    .order_by(address.c.next_look_at)
)
