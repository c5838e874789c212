"""What came of looks: the next look is planned, what a listing names is taken in, faults are booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage import backfill, health, removals
from storage.gone import GONE, ask_again, gone_again, is_stale, look_again, round_of
from storage.habits import KnownHabits
from storage.identity import host_of
from storage.links import ListingSaved, take_links
from storage.model.looking import Claim, DueAddress, DueListing, Gone, ListingPage, Outcome, RobotsFile, Validators
from storage.overtaken import MovedOn, Waiting, move_on, waiting_too_long
from storage.proof import Counted, counted_from, counted_json
from storage.rhythm import Habits, Rhythm
from storage.rows import BROKEN_ROW
from storage.schedule import Release, fence, held
from storage.schema.articles import address, article, listed
from storage.schema.looking import host, listing, robots, source
from storage.sections import dropped, still_named, take_sections
from storage.text import one_line

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=6)
MOST_TRIES = 8  # in a row, over half a day; then an address waits for the ladder, or for its listing to change

Due = DueListing | DueAddress


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A look that found nothing new: it changes nothing but the schedule."""

    claim: Claim
    due: Due
    validators: Validators
    at: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """A completed look at an address, fetched `at`.

    `again_in` puts the next at another time than the ladder's, and has the same bytes read again: nothing was decided.
    """

    due: DueAddress
    outcome: Outcome
    validators: Validators
    at: datetime
    again_in: timedelta | None = None


class Looks:
    """Bookkeeping of looks, each method in the caller's write transaction. `rhythm` says when an address is looked at
    again; over `confirm` lie the looks that must agree before an article counts as gone."""

    def __init__(self, rhythm: Rhythm, confirm: timedelta) -> None:
        self._rhythm, self._ladder = rhythm, replace(rhythm, sample=0)
        self._habits = KnownHabits(rhythm.reach)
        self._confirm, self._round = confirm, round_of(confirm)

    def unchanged(self, connection: sa.Connection, looks: Sequence[Unchanged]) -> None:
        """Plan the next look at each of them; a handful of statements for all. Those of lost claims are left out."""
        kept = held(connection, [one.claim for one in looks])
        looks = [one for one in looks if (one.claim.host, one.claim.epoch) in kept]
        at_listings = [(one, one.due) for one in looks if isinstance(one.due, DueListing)]
        addresses = [
            _validated(one) | {"next": self._next(connection, one.due, one.at)}
            for one in looks
            if isinstance(one.due, DueAddress)
        ]
        if at_listings:
            still_named(connection, {due.id: one.at for one, due in at_listings})
            gone = _gone(connection, [due for _, due in at_listings])
            listings = [
                _validated(one) | {"next": None if due.id in gone else one.at + due.every, "planned": due.planned_at}
                for one, due in at_listings
            ]
            for one, due in at_listings:
                health.listing_completed(connection, due, one.at)
            connection.execute(_LISTING_UNCHANGED, listings)
            health.completed(connection, {due.source_id: one.at for one, due in at_listings})
        if addresses:
            connection.execute(_ADDRESS_LOOKED_AT, addresses)
            at = [(one.due.id, one.at, Outcome.UNCHANGED) for one in looks if isinstance(one.due, DueAddress)]
            removals.shown_another(connection, at, self._confirm)
            back = [one for one in looks if isinstance(one.due, DueAddress) and (one.due.gone or one.due.failures)]
            if back:
                removals.returned(connection, [one.due.id for one in back], max(one.at for one in back), self._round)
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
        links = backfill.wanted(due, page.links, now) if due.backfill else page.links
        saved = take_links(connection, due, links, history=history or due.backfill is not None, now=now)
        if due.backfill is None:
            take_sections(connection, due, page.listings, history=history, now=now)
            # An old page that answers says nothing of the listings that are watched.
            health.listing_completed(connection, due, now)
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
                next_look_at=self._next_listing_look(connection, due, now),
                etag=validators.etag,
                last_modified=validators.last_modified,
                body_hash=validators.body_hash,
            )
        )
        if due.backfill is None:
            health.completed(connection, {due.source_id: now})
        health.count(connection, [(due.source_id, now, Outcome.NEW if saved.new else Outcome.CHANGED)])
        backfill.page_read(connection, due, page, saved.new, now)
        return saved

    @staticmethod
    def _next_listing_look(connection: sa.Connection, due: DueListing, now: datetime) -> sa.ColumnElement[Any]:
        if due.backfill:
            return sa.null()
        return _unless_planned_anew(
            _moment(None if _gone(connection, [due]) else now + due.every), _moment(due.planned_at)
        )

    def addresses_read(self, connection: sa.Connection, reads: Sequence[Read]) -> None:
        """Book completed looks at addresses; the caller has passed the fence and saved the articles."""
        planned = [
            self._next(connection, one.due, one.at) if one.again_in is None else one.at + one.again_in for one in reads
        ]
        known = [one if one.again_in is None else replace(one, validators=Validators()) for one in reads]
        connection.execute(
            _ADDRESS_LOOKED_AT, [_validated(one) | {"next": next_} for one, next_ in zip(known, planned, strict=True)]
        )
        removals.shown_another(connection, [(one.due.id, one.at, one.outcome) for one in reads], self._confirm)
        # Also an address that is new may show what went, and one whose server failed while its lead went.
        shown = [one.due.id for one in reads if one.due.gone or one.due.failures or one.due.article_id is None]
        if shown:
            removals.returned(connection, shown, max(one.at for one in reads), self._round)
        health.count(connection, [(one.due.source_id, one.at, one.outcome) for one in reads])

    def failed(
        self,
        connection: sa.Connection,
        claim: Claim,
        due: Due,
        outcome: Outcome,
        message: str,
        retry_after: timedelta | None,
        now: datetime,
        *,
        look_by: datetime | None = None,
    ) -> None:
        """Book a failed look: tried again later and later, at `look_by` at the latest, and never sooner than the server
        asked. Raises ClaimLost."""
        fence(connection, claim)
        asked = retry_after or timedelta(0)
        if asked:  # at once, and not with the claim's end, which a kill may forestall
            connection.execute(
                update(host)
                .where(host.c.name == claim.host, host.c.next_allowed_at < now + asked)
                .values(next_allowed_at=now + asked)
            )
        if isinstance(due, DueListing) and due.backfill:
            backfill.page_failed(connection, due, outcome, message, asked, now)
        elif isinstance(due, DueListing):
            wait = min(due.every * 2 ** min(due.failures, 10), max(due.every, LONGEST_RETRY))
            again_at = None if _gone(connection, [due]) else now + max(wait, asked)
            connection.execute(
                update(listing)
                .where(listing.c.id == due.id)
                .values(
                    failures=listing.c.failures + 1,
                    last_look_at=now,
                    next_look_at=_unless_planned_anew(_moment(again_at), _moment(due.planned_at)),
                )
            )
            if due.named_at is None:  # a section that went is no fault of the source
                health.failed(connection, due.source_id, outcome, message, now)
                health.listing_failed(connection, due, message or str(outcome), now)
            backfill.listing_failed(connection, due, now)
        else:
            before = gone = due.gone
            if outcome in GONE and due.article_id:
                if before and is_stale(before, now, self._confirm, is_said=due.is_said):
                    before = None  # it goes now, and not with what went when that was said
                gone = gone_again(before, now, self._confirm)
            if gone is not None and outcome in GONE:
                planned = self._look_for(connection, due, gone, now, asked)
            else:
                planned = self._retry_at(connection, due, now, asked, look_by)
            connection.execute(
                update(address)
                .where(address.c.id == due.id)
                .values(
                    failures=due.failures + 1,
                    last_look_at=now,
                    next_look_at=_unless_asked_for(_moment(planned), _moment(now)),
                    fault=str(outcome),
                    fault_since=func.coalesce(address.c.fault_since, _moment(now)),
                    gone_since=gone.since if gone else None,
                    gone_looks=gone.looks if gone else 0,
                    gone_how=_how(connection, due, before, gone, Counted(now, str(outcome), one_line(message, 300))),
                )
            )
        # That a removed article is not there is what was known: such a look found nothing new.
        is_known = isinstance(due, DueAddress) and outcome in GONE and _is_removed(connection, due)
        health.count(connection, [(due.source_id, now, Outcome.UNCHANGED if is_known else outcome)])

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

    def drop_overtaken(self, connection: sa.Connection, ended: Sequence[Release]) -> None:
        """Where a host of an ended claim has more looks again than time for them, let the oldest go: those whose
        next look is due as well, which sees all that they would. A bounded number; called again, it goes on.

        What is being looked at because it may be gone is left alone.
        """
        for one, rows in waiting_too_long(connection, ended, self._rhythm.shortest_step):
            move_on(connection, [self._moved(connection, row, one.at) for row in rows], one.at)

    def _moved(self, connection: sa.Connection, row: Waiting, now: datetime) -> MovedOn:
        habits = partial(self._habits.of, connection, row.source_id, row.first_seen_at, now)
        return MovedOn(row, *self._rhythm.caught_up(row.key, row.first_seen_at, row.planned_at, now, habits))

    def _next(self, connection: sa.Connection, due: DueAddress, now: datetime) -> datetime | None:
        """The first of its times that lies ahead; None past the last."""
        habits = partial(self._habits.of, connection, due.source_id, due.first_seen_at, now)
        return self._rhythm.following(due.key, due.first_seen_at, now, habits)

    def _look_for(
        self, connection: sa.Connection, due: DueAddress, gone: Gone, now: datetime, asked: timedelta
    ) -> datetime | None:
        """When a look at what is gone counts again, or the ladder's next time if that comes first."""
        times = [at for at in (look_again(gone, now, self._confirm), self._next(connection, due, now)) if at]
        return max(min(times), now + asked) if times else None

    def _retry_at(
        self, connection: sa.Connection, due: DueAddress, now: datetime, asked: timedelta, look_by: datetime | None
    ) -> datetime | None:
        """Later and later, and at the times of the ladder at the latest; None when there is nothing left to try.

        What was never read is tried at those times, too, once its tries are spent: an outage of a day must not cost
        the articles that were listed before it.
        """
        wait = min(FIRST_RETRY * 2 ** min(due.failures, 10), LONGEST_RETRY)
        planned = [now + wait] if due.failures + 1 < MOST_TRIES else []
        planned += [look_by] if look_by else []
        following = None
        if due.is_again:
            following = self._next(connection, due, now)
        elif not planned:  # what could not be read on all of the ladder belongs to no sample
            following = self._ladder.following(due.key, due.first_seen_at, now, _no_habits)
        if following:
            planned.append(following)
        if due.gone and due.failures + 1 >= MOST_TRIES and (at := ask_again(due.gone, now, self._confirm)):
            planned.append(at)
        return max(min(planned), now + asked) if planned else None


def _is_removed(connection: sa.Connection, due: DueAddress) -> bool:
    query = select(article.c.id).where(article.c.id == due.article_id, article.c.removed_at.is_not(None))
    return connection.execute(query).first() is not None


def _how(connection: sa.Connection, due: DueAddress, before: Gone | None, gone: Gone | None, look: Counted) -> str:
    """The looks so far that found the article gone, with this one if it counts."""
    if gone is None:
        return ""
    known = connection.execute(select(address.c.gone_how).where(address.c.id == due.id)).scalar_one()
    if before is not None and gone.looks == before.looks:
        return str(known)
    try:
        earlier = counted_from(known) if before else ()
    except BROKEN_ROW:
        earlier = ()  # what somebody broke proves nothing, and stops no look
    return counted_json((*earlier, look))


def _no_habits() -> Habits:
    return Habits(0, False)


def _gone(connection: sa.Connection, dues: Sequence[DueListing]) -> set[int]:
    """Sections that their menu dropped are looked at no more; they come back when they are named again."""
    sections = [due.id for due in dues if due.named_at is not None]
    return dropped(connection, sections) if sections else set()


def _moment(at: datetime | None) -> sa.BindParameter[Any]:
    return sa.literal(at, type_=listing.c.next_look_at.type)


def _unless_planned_anew(following: sa.BindParameter[Any], planned_at: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
    """The following look, but what stands there where the listing was stopped or asked for while it was looked at.

    `dateline once` asks for looks that are begun after it: one that was under way may have missed what it is for.
    """
    stands = listing.c.next_look_at
    return sa.case((stands.is_(None) | (stands != planned_at), stands), else_=following)


def _unless_asked_for(planned: sa.BindParameter[Any], fetched_at: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
    """As planned, but what stands there where a look was asked for after this one was fetched; never, where its article
    was dropped while it was looked at."""
    is_dropped = address.c.tombstone_id.is_not(None)
    return sa.case(
        (is_dropped, sa.null()), (address.c.next_look_at > fetched_at, address.c.next_look_at), else_=planned
    )


def _validated(look: Unchanged | Read) -> dict[str, Any]:
    return {
        "of": look.due.id,
        "at": look.at,
        "tag": look.validators.etag,
        "modified": look.validators.last_modified,
        "hash": look.validators.body_hash,
    }


_AT = bindparam("at", type_=listing.c.next_look_at.type)
_NEXT = bindparam("next", type_=listing.c.next_look_at.type)
_LISTING_UNCHANGED = (
    update(listing)
    .where(listing.c.id == bindparam("of"))
    .values(
        failures=0,
        history=False,
        last_look_at=bindparam("at"),
        last_ok_at=bindparam("at"),
        next_look_at=_unless_planned_anew(_NEXT, bindparam("planned", type_=listing.c.next_look_at.type)),
        etag=bindparam("tag"),
        last_modified=bindparam("modified"),
        body_hash=bindparam("hash"),
    )
)
_ADDRESS_LOOKED_AT = (
    update(address)
    .where(address.c.id == bindparam("of"))
    .values(
        looks=address.c.looks + 1,
        failures=0,
        fault="",
        fault_since=None,
        gone_since=None,
        gone_looks=0,
        gone_how="",
        doubted_since=None,
        last_look_at=bindparam("at"),
        next_look_at=_unless_asked_for(_NEXT, _AT),
        etag=bindparam("tag"),
        last_modified=bindparam("modified"),
        body_hash=bindparam("hash"),
    )
)
