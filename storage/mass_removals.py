"""Many articles of a host that went together: one event, held until the host is well and a person or time decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import select, update

from storage import elsewhere, mass
from storage.elsewhere import Parted
from storage.gone import FEW, is_mass, is_sure
from storage.health import tell
from storage.mass import Mass
from storage.neighbours import ask_around
from storage.removals import Pending, confirm_singly, look_on, looked_at, pending, record
from storage.schema.articles import address, article
from storage.schema.looking import source
from storage.sooner import look_now

ASKED_AT_ONCE = 200  # further articles of a host whose looks are due at one time, to find out which of them went
RECORDED_AT_ONCE = 500  # in one transaction
LONGEST = 2  # times `confirm`, that an event waits for its list to be complete before it is told


@dataclass(frozen=True, slots=True)
class Suspected:
    """What is suspected, by host; `parted` are those of hosts where something may be decided, by what their other
    addresses say."""

    pending: Mapping[str, Sequence[Pending]]
    parted: Mapping[str, Parted]


def suspect(connection: sa.Connection, now: datetime, confirm: timedelta) -> Suspected:
    """For a reading connection, before the write: of a purge of 35,000 this takes seconds."""
    found, goes_on = pending(connection, now, confirm), _open_events(connection)
    parted = {
        host: elsewhere.part(of, elsewhere.others(connection, of), now, confirm)
        for host, of in found.items()
        if host in goes_on or any(is_sure(one.gone, now, confirm) or one.gone.looks > 1 or one.is_lost for one in of)
    }
    return Suspected(found, parted)


def settle(connection: sa.Connection, suspected: Suspected, now: datetime, confirm: timedelta) -> bool:
    """Decide about what is suspected at each host, singly or as one event. True: there is more to write at once.

    An article that stands at another address of its site has moved: that one leads, and it is part of no event.
    """
    goes_on = _open_events(connection)
    more = False
    for host, found in suspected.pending.items():
        one, parted = goes_on.pop(host, None), suspected.parted.get(host)
        if parted is None:
            continue
        if one is None or one.told_at is None:
            found = _lasting(found, now, confirm)
            parted = replace(
                parted, gone=_lasting(parted.gone, now, confirm), unsure=_lasting(parted.unsure, now, confirm)
            )
        known = looked_at(connection, found)
        elsewhere.ask(connection, parted.unseen, now)
        # Also while they are counted together: of one that nobody looks at again no event would ever be sure.
        look_on(connection, parted.gone, now, confirm)
        # A server that says so once may be restarting: an event begins when the same is said again, and a lead goes.
        if one is None and is_mass(sum(each.gone.looks > 1 for each in parted.gone), known):
            one = _begin(connection, host, parted.gone)
        moved = [(each, to) for each, to in parted.moved if one is not None or each.gone.looks > 1 or each.is_lost]
        more |= elsewhere.lead_there(connection, moved)
        if one is not None:
            more |= _go_on(connection, one, parted, known, now, confirm)
        elif not is_mass(len(parted.gone) + len(parted.unsure), known):
            gone = _gone_now(connection, parted.gone, now, confirm)
            confirm_singly(connection, ask_around(connection, gone, now, confirm), now, confirm)
    for one in goes_on.values():  # of which nothing is suspected any more
        if one.how:
            mass.end(connection, one, one.how, now)
        else:
            _came_back(connection, one, now)
    return more


def _open_events(connection: sa.Connection) -> dict[str, Mass]:
    return {one.host: one for one in mass.events(connection, only_open=True) if one.kind == "removed"}


def _lasting(found: Sequence[Pending], now: datetime, confirm: timedelta) -> tuple[Pending, ...]:
    return tuple(one for one in found if not one.is_stale(now, confirm))


def _gone_now(
    connection: sa.Connection, gone: Sequence[Pending], now: datetime, confirm: timedelta
) -> tuple[Pending, ...]:
    """Those that stand nowhere as it is within the write: an address may have shown one since it was read."""
    return elsewhere.part(gone, elsewhere.others(connection, gone), now, confirm).gone


def _begin(connection: sa.Connection, host: str, found: Sequence[Pending]) -> Mass:
    [(source_id, _)] = Counter(each.source_id for each in found).most_common(1)
    return mass.begin(connection, "removed", host, source_id, min(each.gone.since for each in found))


def _go_on(connection: sa.Connection, one: Mass, parted: Parted, known: int, now: datetime, confirm: timedelta) -> bool:
    sure = [each for each in parted.gone if is_sure(each.gone, now, confirm)]
    if one.how == mass.DISMISSED:
        return _let_go(connection, one, parted, now)
    if one.how == mass.CONFIRMED:
        return _record(connection, one, parted.gone, parted, now, confirm)
    if any(each.is_down for each in (*parted.gone, *parted.unsure)):
        return False  # until the host is well
    if one.how == mass.IN_TIME:
        return _record(connection, one, sure, parted, now, confirm)
    number = len(parted.gone) + len(parted.unsure)
    if number <= FEW and not is_mass(number, known):
        _came_back(connection, one, now)
        return False
    mass.counted(connection, one, number)
    if one.told_at is None:
        unasked, is_late = _ask(connection, one, now), now >= one.began_at + confirm * LONGEST
        is_complete = not unasked and len(sure) == number
        if not is_mass(number, known) and (not unasked or is_late):
            mass.end(connection, one, mass.SINGLY, now)  # many of those that were looked at by then, and few of all
        elif len(sure) > FEW and (is_complete or is_late):
            _tell(connection, one, number, known, now, now + confirm * mass.HELD_FOR)
        return False
    if now >= one.told_at + confirm * mass.HELD_FOR:
        # Kept before the first portion: the last one is as small as what is left of an event whose articles are back.
        return _record(connection, mass.decided(connection, one, mass.IN_TIME), sure, parted, now, confirm)
    return False


def _ask(connection: sa.Connection, one: Mass, now: datetime) -> int:
    """Have all other articles of the host looked at, so that the list is complete, the newest first and some at a
    time; answers how many had no look since the event began."""
    unasked = (
        select(address.c.id.label("address_id"), address.c.host, address.c.next_look_at)
        .join(article, article.c.lead_id == address.c.id)
        .join(source, source.c.id == address.c.source_id)
        .where(
            address.c.host == one.host,
            address.c.gone_since.is_(None),
            address.c.last_look_at < one.began_at,
            article.c.removed_at.is_(None),
            source.c.enabled,  # at what is not watched nobody looks
            source.c.retired_at.is_(None),
        )
        .order_by(address.c.id.desc())
        .limit(ASKED_AT_ONCE)
    )
    rows = connection.execute(unasked).all()
    look_now(connection, rows, now)
    return len(rows)


def _tell(connection: sa.Connection, one: Mass, number: int, known: int, now: datetime, held_until: datetime) -> None:
    subject = f"{number:,} articles are gone from {one.host}: the site changed, moved or purged them"
    text = [
        f"{number:,} of the {max(known, number):,} articles of {one.host} from before "
        f"{one.began_at:%Y-%m-%d %H:%M} UTC that were looked at since are not there any more. Each was asked for at "
        "least three times.",
        "So many at once may be a purge, and may as well be a site that has moved. None is recorded as removed yet:",
        f"say `dateline mass {one.id} --confirm` if they are, or `dateline mass {one.id} --dismiss` if not.",
        f"What is still gone on {held_until:%Y-%m-%d at %H:%M} UTC is recorded as removed, without a further message.",
        "Saved copies stay.",
    ]
    mass.tell_of(connection, one, subject, text, number, now)


def _record(
    connection: sa.Connection,
    one: Mass,
    gone: Sequence[Pending],
    parted: Parted,
    now: datetime,
    confirm: timedelta,
) -> bool:
    """The event ends once it is known of all of them whether they moved."""
    some = _gone_now(connection, gone[:RECORDED_AT_ONCE], now, confirm)
    record(connection, [each.article_id for each in some], now, one.id)
    if len(gone) > RECORDED_AT_ONCE:
        return True
    if not parted.unsure:
        mass.end(connection, one, one.how, now)
    return False


def _let_go(connection: sa.Connection, one: Mass, parted: Parted, now: datetime) -> bool:
    """They did not go as far as we are concerned: no longer watched at these addresses, and still in the archive."""
    found = parted.gone
    some = [each.address_id for each in found[:RECORDED_AT_ONCE]]
    connection.execute(
        update(address)
        .where(address.c.id.in_(some))
        .values(gone_since=None, gone_looks=0, gone_how="", next_look_at=None)
    )
    lost = [each.article_id for each in found[:RECORDED_AT_ONCE] if each.is_lost]
    connection.execute(update(article).where(article.c.id.in_(lost)).values(lost_at=None, lost_looks=None, lost_how=""))
    if len(found) > RECORDED_AT_ONCE:
        return True
    if not parted.unsure:
        mass.end(connection, one, mass.DISMISSED, now)
    return False


def _came_back(connection: sa.Connection, one: Mass, now: datetime) -> None:
    mass.end(connection, one, mass.CAME_BACK, now)
    if one.told_at is not None:
        subject = f"the articles that were gone from {one.host} are back"
        text = (
            f"Of the {one.articles:,} that were gone so few still are that each will be told of by itself; the others "
            "are back, or stand at other addresses of the site."
        )
        tell(connection, subject, text, now, about=f"source {one.source}", mass_id=one.id)
