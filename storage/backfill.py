"""Back-fill: the pages that list a source's older articles, one after the other, back to a day that a person named.

Each page is a row of `listing` that is looked at once, so that a kill loses nothing and the host's politeness holds.
One page of a back-fill is due at a time: between two of them the articles of the first are read. Where the source's
own address is none of its listings, it is the first of these pages: a feed names no older ones, the site's page does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exists, func, select, update

from storage.identity import address_key, host_of
from storage.model.looking import Backfill, DueListing, Link, ListingPage, Outcome
from storage.schema.articles import address, article, listed, revision
from storage.schema.looking import backfill, listing, source
from storage.sources import due_at, read_afresh

MOST_PAGES = 5000  # of one back-fill: a calendar that never ends
MOST_OLDER = 1000  # that one page may name: sitemaps by day of three years
MOST_TRIES = 5
FIRST_RETRY = timedelta(minutes=1)
STILL_NEWS = timedelta(days=1)  # what the site's page shows so early may reach the source's listings yet
ENDS = (Outcome.NOT_FOUND, Outcome.UNREADABLE, Outcome.NOT_ASKED_FOR)  # what a site answers behind its last page


class NotWatched(Exception):
    """The source is not in the config, or is switched off."""


@dataclass(frozen=True, slots=True)
class BackfillState:
    """How far a back-fill is. `waiting` are addresses that it found and that were not read yet; `oldest` is the
    earliest date of publication among the articles that it read, None if there is none."""

    id: int
    source: str
    since: datetime
    asked_at: datetime
    done_at: datetime | None
    pages: int
    found: int
    waiting: int
    oldest: datetime | None
    message: str


def begin(connection: sa.Connection, name: str, since: datetime, now: datetime) -> int:
    """Ask for a source's articles since then; answers the back-fill's id. One that is under way goes on, further back
    if need be. Raises NotWatched."""
    watched = source.c.enabled & source.c.retired_at.is_(None)
    source_id = connection.execute(select(source.c.id).where(source.c.name == name, watched)).scalar()
    if source_id is None:
        raise NotWatched(f"there is no source {name!r} that is watched")
    going_on = select(backfill).where(backfill.c.source_id == source_id, backfill.c.done_at.is_(None))
    if (row := connection.execute(going_on).first()) is not None:
        number = int(row.id)
        if since < row.since:
            # Lists that had reached their day go on behind it, and pages that were read hold links that are wanted now.
            connection.execute(update(backfill).where(backfill.c.id == number).values(since=since, message=""))
            looked_at = (listing.c.backfill_id == number) & listing.c.next_look_at.is_(None)
            connection.execute(update(listing).where(looked_at).values(last_ok_at=None, failures=0))
    else:
        values = {"source_id": source_id, "since": since, "asked_at": now}
        number = int(connection.execute(backfill.insert().values(values).returning(backfill.c.id)).scalar_one())
        _take_own_page(connection, source_id, number, now)
    read_afresh(connection, source_id, now)
    _next_page(connection, number, now)
    return number


def stop(connection: sa.Connection, name: str, now: datetime) -> bool:
    """End a source's back-fill where it stands; what it found stays. False where none is under way."""
    of = select(source.c.id).where(source.c.name == name)
    going_on = select(backfill.c.id).where(backfill.c.source_id.in_(of), backfill.c.done_at.is_(None))
    ids = list(connection.execute(going_on).scalars())
    for number in ids:
        connection.execute(update(listing).where(listing.c.backfill_id == number).values(next_look_at=None))
        _end(connection, number, "stopped", now)
    return bool(ids)


def wanted(due: DueListing, links: Sequence[Link], now: datetime) -> list[Link]:
    """Those of a page's links that the back-fill asks for, or that bear no date.

    Of the site's own page nothing that is still news: as history nobody would be told of it.
    """
    assert due.backfill is not None
    since = due.backfill.since
    old = [one for one in links if not _is_older(one, since)]
    return [one for one in old if _is_older(one, now - STILL_NEWS) or not one.published] if _is_own_page(due) else old


def page_read(connection: sa.Connection, due: DueListing, page: ListingPage, new: int, now: datetime) -> None:
    """A listing of a source was read: plan what its back-fill, if one is under way, looks at next.

    `new` is how many addresses the page added. To be called after the page's links were taken and its own look booked.
    """
    going_on = _of_source(connection, due)
    if going_on is None:
        return
    if due.backfill is None:
        _take_pages(connection, due, going_on, page.older, now)
    else:
        pages = (
            update(backfill)
            .where(backfill.c.id == going_on.id)
            .values(pages=backfill.c.pages + 1, found=backfill.c.found + new)
        )
        connection.execute(pages)
        if ended := _is_at_the_end(connection, due, going_on, page):
            _leave_siblings(connection, due, going_on)
            connection.execute(update(backfill).where(backfill.c.id == going_on.id).values(message=ended))
        else:
            _take_pages(connection, due, going_on, page.older, now)
    _next_page(connection, going_on.id, now)


def listing_failed(connection: sa.Connection, due: DueListing, now: datetime) -> None:
    """A listing of the source itself could not be read, its look is booked: a back-fill does not wait for it."""
    if (going_on := _of_source(connection, due)) is not None:
        _next_page(connection, going_on.id, now)


def page_failed(
    connection: sa.Connection, due: DueListing, outcome: Outcome, message: str, asked: timedelta, now: datetime
) -> None:
    """A page of a back-fill could not be read: tried again, or left as the end of its list."""
    assert due.backfill is not None
    number = due.backfill.id
    stands = connection.execute(
        select(listing.c.next_look_at, backfill.c.done_at)
        .join(backfill, backfill.c.id == listing.c.backfill_id)
        .where(listing.c.id == due.id)
    ).first()
    if stands is None or stands.done_at is not None or stands.next_look_at is None:
        return  # stopped while it was looked at
    if outcome not in ENDS and due.failures + 1 < MOST_TRIES:
        wait = max(FIRST_RETRY * 4**due.failures, asked)
        connection.execute(_row(due).values(failures=due.failures + 1, last_look_at=now, next_look_at=now + wait))
        return
    connection.execute(_row(due).values(failures=MOST_TRIES, last_look_at=now, next_look_at=None))
    said = "the list ends here" if outcome in ENDS else f"{due.url} could not be read: {message or outcome}"
    connection.execute(update(backfill).where(backfill.c.id == number).values(message=said))
    _next_page(connection, number, now)


def states(connection: sa.Connection, number: int | None = None) -> list[BackfillState]:
    """How the back-fills are, the newest first; of one alone where `number` is given."""
    query = select(backfill, source.c.name).join(source, source.c.id == backfill.c.source_id)
    if number is not None:
        query = query.where(backfill.c.id == number)
    return [
        BackfillState(
            id=row.id,
            source=row.name,
            since=row.since,
            asked_at=row.asked_at,
            done_at=row.done_at,
            pages=row.pages,
            found=row.found,
            waiting=_waiting(connection, row.id),
            oldest=_oldest(connection, row.id),
            message=row.message,
        )
        for row in connection.execute(query.order_by(backfill.c.id.desc()))
    ]


def _of_source(connection: sa.Connection, due: DueListing) -> Backfill | None:
    query = select(backfill.c.id, backfill.c.since).where(
        backfill.c.source_id == due.source_id, backfill.c.done_at.is_(None)
    )
    row = connection.execute(query).first()
    return Backfill(row.id, row.since) if row else None


def _take_own_page(connection: sa.Connection, source_id: int, number: int, now: datetime) -> None:
    row = connection.execute(select(source.c.url).where(source.c.id == source_id)).one()
    watched = listing.c.backfill_id.is_(None) & listing.c.next_look_at.is_not(None)
    known = select(listing.c.id).where(listing.c.source_id == source_id, listing.c.url == row.url, watched)
    if connection.execute(known).first() is None:
        _note(connection, source_id, row.url, _page(number, now) | {"kind": "", "found_on": None}, now)


def _take_pages(
    connection: sa.Connection, due: DueListing, going_on: Backfill, urls: Sequence[str], now: datetime
) -> None:
    """Note the pages that lie further back; each waits for its turn. One that this back-fill has is not taken again."""
    room = (
        MOST_PAGES
        - connection.execute(
            select(func.count()).select_from(listing).where(listing.c.backfill_id == going_on.id)
        ).scalar_one()
    )
    fresh = _page(going_on.id, now) | {"kind": due.kind, "found_on": due.id}
    for url in urls[: min(MOST_OLDER, max(0, room))]:
        _note(connection, due.source_id, url, fresh, now)


def _page(number: int, now: datetime) -> dict[str, Any]:
    return {
        "history": True,
        "named_at": now,
        "backfill_id": number,
        "next_look_at": None,
        "last_ok_at": None,
        "failures": 0,
        "etag": "",
        "last_modified": "",
        "body_hash": b"",
    }


def _note(connection: sa.Connection, source_id: int, url: str, page: dict[str, Any], now: datetime) -> None:
    known = connection.execute(
        select(listing.c.id, listing.c.backfill_id, listing.c.next_look_at).where(
            listing.c.source_id == source_id, listing.c.url == url
        )
    ).one_or_none()
    if known is None:
        due_at(connection, host_of(url), now)
        connection.execute(listing.insert().values(page | {"source_id": source_id, "url": url, "host": host_of(url)}))
    # A page of an earlier back-fill is looked at again, and one that is watched no more; a listing that is watched is
    # no page.
    elif known.backfill_id != page["backfill_id"] and (known.backfill_id is not None or known.next_look_at is None):
        connection.execute(update(listing).where(listing.c.id == known.id).values(page))


def _is_own_page(due: DueListing) -> bool:
    """Is it a back-fill's first page, which no listing named?"""
    return due.backfill is not None and due.named_at is None


def _is_at_the_end(connection: sa.Connection, due: DueListing, going_on: Backfill, page: ListingPage) -> str:
    """Why nothing older is wanted or to be had behind this page; "" where it goes on."""
    dated = [one for one in page.links if one.published]
    reached = f"reached {going_on.since:%Y-%m-%d}"
    if dated and all(_is_older(one, going_on.since) for one in dated):
        return reached
    if not page.older:
        return reached if dated and _is_older(dated[-1], going_on.since) else "the list ends here"
    if page.links and not _is_own_page(due) and _is_repeated(connection, due, going_on, page):
        return "the list ends here"
    if not dated and _were_older(connection, due, going_on):
        return reached
    return ""


def _is_repeated(connection: sa.Connection, due: DueListing, going_on: Backfill, page: ListingPage) -> bool:
    """Is all of it listed on other pages of this back-fill? Behind the last page many sites show the first again."""
    keys = {address_key(one.same or one.url) for one in page.links}
    mine = (listing.c.backfill_id == going_on.id) | (listing.c.backfill_id.is_(None))
    elsewhere = (
        select(func.count(listed.c.address_id.distinct()))
        .join(listing, listing.c.id == listed.c.listing_id)
        .join(address, address.c.id == listed.c.address_id)
        .where(listing.c.source_id == due.source_id, mine, listing.c.id != due.id, address.c.key.in_(keys))
    )
    return bool(connection.execute(elsewhere).scalar_one() == len(keys))


def _were_older(connection: sa.Connection, due: DueListing, going_on: Backfill) -> bool:
    """Were the articles of the two pages before this one, which bear no dates in the list, all published earlier?

    Of two, because those of the last are often still to be read.
    """
    parent = select(listing.c.found_on).where(listing.c.id == due.id).scalar_subquery()
    before = listing.alias()
    grandparent = select(before.c.found_on).where(before.c.id == parent).scalar_subquery()
    dates = connection.execute(
        select(revision.c.published)
        .join(article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
        .join(address, address.c.article_id == article.c.id)
        .join(listed, listed.c.address_id == address.c.id)
        .where(listed.c.listing_id.in_([parent, grandparent]), revision.c.published.is_not(None))
    ).scalars()
    days = list(dates)
    return len(days) >= 2 and all(one < going_on.since for one in days)


def _leave_siblings(connection: sa.Connection, due: DueListing, going_on: Backfill) -> None:
    """What the same page named behind this one lies further back still."""
    parent = select(listing.c.found_on).where(listing.c.id == due.id).scalar_subquery()
    waiting = _is_waiting(going_on.id) & (listing.c.found_on == parent) & (listing.c.id > due.id)
    connection.execute(update(listing).where(waiting).values(failures=MOST_TRIES))


def _next_page(connection: sa.Connection, number: int, now: datetime) -> None:
    """Make the next page due, unless one is; with none left the back-fill is done.

    The source's listings go first: what is new in them is news, and would be history if a page showed it before.
    """
    asked = connection.execute(select(backfill).where(backfill.c.id == number)).one()
    watched = (
        (listing.c.source_id == asked.source_id) & listing.c.backfill_id.is_(None) & listing.c.next_look_at.is_not(None)
    )
    was_read = func.coalesce(listing.c.last_ok_at, 0) >= asked.asked_at
    unread = exists().where(watched, listing.c.failures == 0, ~was_read)
    if connection.execute(select(unread)).scalar():
        return
    due = listing.c.next_look_at.is_not(None)
    if connection.execute(select(listing.c.id).where(listing.c.backfill_id == number, due).limit(1)).first():
        return
    # The last that was named: of a list the next page, before other lists' pages.
    following = select(listing.c.id, listing.c.host).where(_is_waiting(number)).order_by(listing.c.id).limit(1)
    if row := connection.execute(following).first():
        connection.execute(update(listing).where(listing.c.id == row.id).values(next_look_at=now))
        due_at(connection, row.host, now)
        return
    if connection.execute(select(exists().where(watched, was_read))).scalar():
        _end(connection, number, "" if asked.pages else asked.message or "its listings name no older pages", now)


def _end(connection: sa.Connection, number: int, message: str, now: datetime) -> None:
    said = {"message": message} if message else {}
    connection.execute(update(backfill).where(backfill.c.id == number).values(done_at=now, **said))


def _is_waiting(number: int) -> sa.ColumnElement[bool]:
    return (
        (listing.c.backfill_id == number)
        & listing.c.next_look_at.is_(None)
        & listing.c.last_ok_at.is_(None)
        & (listing.c.failures < MOST_TRIES)
    )


def _row(due: DueListing) -> sa.Update:
    return update(listing).where(listing.c.id == due.id)


def _is_older(link: Link, since: datetime) -> bool:
    if link.published is None:
        return False
    # A day without a clock is midnight UTC: of the day of `since` itself it may be later.
    return link.published.moment < (since if link.published.precision != "day" else since - timedelta(days=1))


def _found(number: int) -> sa.Select[tuple[int]]:
    return (
        select(listed.c.address_id)
        .join(listing, listing.c.id == listed.c.listing_id)
        .where(listing.c.backfill_id == number)
    )


def _waiting(connection: sa.Connection, number: int) -> int:
    unread = address.c.next_look_at.is_not(None) & address.c.article_id.is_(None) & (address.c.failures == 0)
    query = select(func.count()).select_from(address).where(address.c.id.in_(_found(number)), unread)
    return int(connection.execute(query).scalar_one())


def _oldest(connection: sa.Connection, number: int) -> datetime | None:
    query = (
        select(func.min(revision.c.published))
        .join(address, address.c.article_id == revision.c.article_id)
        .where(address.c.id.in_(_found(number)))
    )
    found: datetime | None = connection.execute(query).scalar()
    return found
