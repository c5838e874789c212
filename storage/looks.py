"""What came of looks: the next look is planned, what a listing names is taken in, faults are booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage import health
from storage.identity import host_of
from storage.links import ListingSaved, take_links, take_listings
from storage.model import Claim, DueAddress, DueListing, ListingPage, Outcome, RobotsFile, Validators
from storage.schedule import fence, held
from storage.schema import address, host, listed, listing, robots, source

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=6)
MOST_FIRST_READS = 8  # tries to read an address that has never been read: about a day
COME_AND_GO = timedelta(days=1)  # a section that its menu no longer names is looked at so much longer

Due = DueListing | DueAddress


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A look that found nothing new: it changes nothing but the schedule."""

    claim: Claim
    due: Due
    validators: Validators
    at: datetime


class Looks:
    """Bookkeeping of looks, each method in the caller's write transaction.

    `revisit` are the times after first sight at which an address is looked at again.
    """

    def __init__(self, revisit: Sequence[timedelta]) -> None:
        self._revisit = tuple(sorted(revisit))

    def unchanged(self, connection: sa.Connection, looks: Sequence[Unchanged]) -> None:
        """Plan the next look at each of them; a handful of statements for all. Those of lost claims are left out."""
        kept = held(connection, [one.claim for one in looks])
        looks = [one for one in looks if one.claim.host in kept]
        listings = [
            _validated(one) | {"next": _next_listing(one.due, one.at)}
            for one in looks
            if isinstance(one.due, DueListing)
        ]
        addresses = [
            _validated(one) | {"next": self._next(one.due, one.at)} for one in looks if isinstance(one.due, DueAddress)
        ]
        if listings:
            connection.execute(_LISTING_UNCHANGED, listings)
            health.completed(
                connection, {one.due.source_id: one.at for one in looks if isinstance(one.due, DueListing)}
            )
        if addresses:
            connection.execute(_ADDRESS_UNCHANGED, addresses)
        health.count(connection, [(one.due.source_id, one.at, Outcome.UNCHANGED) for one in looks])

    def listing_read(
        self,
        connection: sa.Connection,
        claim: Claim,
        due: DueListing,
        kind: str,
        page: ListingPage,
        validators: Validators,
        now: datetime,
    ) -> ListingSaved:
        """Store one completed look at a listing: its new addresses, due now; what it says of known ones; and the
        further listings that it names. Raises ClaimLost."""
        fence(connection, claim)
        history = connection.execute(select(listing.c.history).where(listing.c.id == due.id)).scalar_one()
        saved = take_links(connection, due, page.links, history=history, now=now)
        take_listings(connection, due, page.listings, history=history, now=now)
        connection.execute(
            update(listing)
            .where(listing.c.id == due.id)
            .values(
                kind=kind,
                history=False,
                links=len(page.links),
                failures=0,
                last_look_at=now,
                last_ok_at=now,
                next_look_at=_next_listing(due, now),
                etag=validators.etag,
                last_modified=validators.last_modified,
                body_hash=validators.body_hash,
            )
        )
        health.completed(connection, {due.source_id: now})
        health.count(connection, [(due.source_id, now, Outcome.NEW if saved.new else Outcome.CHANGED)])
        return saved

    def address_read(
        self,
        connection: sa.Connection,
        due: DueAddress,
        outcome: Outcome,
        validators: Validators,
        now: datetime,
        *,
        again_in: timedelta | None = None,
    ) -> None:
        """Book a completed look at an address; the caller has passed the fence and saved the article.

        `again_in` puts the next look at another time than the ladder's.
        """
        connection.execute(
            update(address)
            .where(address.c.id == due.id)
            .values(
                looks=address.c.looks + 1,
                failures=0,
                fault="",
                fault_since=None,
                last_look_at=now,
                next_look_at=self._next(due, now) if again_in is None else now + again_in,
                etag=validators.etag,
                last_modified=validators.last_modified,
                body_hash=validators.body_hash,
            )
        )
        health.count(connection, [(due.source_id, now, outcome)])

    def failed(
        self,
        connection: sa.Connection,
        claim: Claim,
        due: Due,
        outcome: Outcome,
        message: str,
        retry_after: timedelta | None,
        now: datetime,
    ) -> None:
        """Book a failed look: tried again later and later, never sooner than the server asked. Raises ClaimLost."""
        fence(connection, claim)
        asked = retry_after or timedelta(0)
        if isinstance(due, DueListing):
            wait = min(due.every * 2 ** min(due.failures, 10), max(due.every, LONGEST_RETRY))
            connection.execute(
                update(listing)
                .where(listing.c.id == due.id)
                .values(
                    failures=due.failures + 1, last_look_at=now, next_look_at=_next_listing(due, now, max(wait, asked))
                )
            )
            if due.named_at is None:  # a section that went is no fault of the source
                health.failed(connection, due.source_id, outcome, message, now)
        else:
            wait = min(FIRST_RETRY * 2 ** min(due.failures, 10), LONGEST_RETRY)
            at: datetime | None = now + max(wait, asked)
            if due.looks:  # read before: its own rhythm goes on
                following = self._next(due, now)
                at = following and max(following, now + asked)
            elif due.failures + 1 >= MOST_FIRST_READS:
                at = None
            connection.execute(
                update(address)
                .where(address.c.id == due.id)
                .values(
                    failures=due.failures + 1,
                    last_look_at=now,
                    next_look_at=at,
                    fault=str(outcome),
                    fault_since=func.coalesce(
                        address.c.fault_since, sa.bindparam("since", now, address.c.fault_since.type)
                    ),
                )
            )
        health.count(connection, [(due.source_id, now, outcome)])

    def is_stated(self, connection: sa.Connection, address_id: int) -> bool:
        """Does a feed, a sitemap or a site file say that this address is an article? A bare link on a page does not."""
        found_in = listed.join(listing, listing.c.id == listed.c.listing_id).join(
            source, source.c.id == listing.c.source_id
        )
        stated = (listing.c.kind != "html") | (source.c.site != "")
        query = select(sa.literal(1)).select_from(found_in).where(listed.c.address_id == address_id, stated).limit(1)
        return connection.execute(query).first() is not None

    def keep_robots(self, connection: sa.Connection, file: RobotsFile) -> None:
        """Keep a robots.txt for up to a day, so that a restart does not ask again."""
        name = host_of(file.origin)
        if connection.execute(select(host.c.name).where(host.c.name == name)).first() is None:
            connection.execute(host.insert().values(name=name, next_allowed_at=file.fetched_at, delay_s=0, epoch=0))
        connection.execute(robots.delete().where(robots.c.origin == file.origin))
        connection.execute(
            robots.insert().values(
                origin=file.origin, host=name, status=file.status, body=file.body, fetched_at=file.fetched_at
            )
        )

    def _next(self, due: DueAddress, now: datetime) -> datetime | None:
        """The first time of the ladder that lies ahead; None past its end."""
        return next((due.first_seen_at + after for after in self._revisit if due.first_seen_at + after > now), None)


def _next_listing(due: DueListing, now: datetime, wait: timedelta | None = None) -> datetime | None:
    """None for a section that its menu has not named for a day: it comes back when it is named again."""
    if due.named_at is not None and now - due.named_at > COME_AND_GO:
        return None
    return now + (due.every if wait is None else wait)


def _validated(look: Unchanged) -> dict[str, Any]:
    return {
        "of": look.due.id,
        "at": look.at,
        "tag": look.validators.etag,
        "modified": look.validators.last_modified,
        "hash": look.validators.body_hash,
    }


_LISTING_UNCHANGED = (
    update(listing)
    .where(listing.c.id == bindparam("of"))
    .values(
        failures=0,
        last_look_at=bindparam("at"),
        last_ok_at=bindparam("at"),
        next_look_at=bindparam("next"),
        etag=bindparam("tag"),
        last_modified=bindparam("modified"),
        body_hash=bindparam("hash"),
    )
)
_ADDRESS_UNCHANGED = (
    update(address)
    .where(address.c.id == bindparam("of"))
    .values(
        looks=address.c.looks + 1,
        failures=0,
        fault="",
        fault_since=None,
        last_look_at=bindparam("at"),
        next_look_at=bindparam("next"),
        etag=bindparam("tag"),
        last_modified=bindparam("modified"),
        body_hash=bindparam("hash"),
    )
)
