"""Edits wait for a round of their siblings: if the site changed and not the articles, that is one event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage import mass
from storage.blocks import common_lines, edited_lines, is_site_wide
from storage.diff import LABEL
from storage.gone import FEW
from storage.mass import Mass
from storage.model import ChangeKind, Diff
from storage.removals import NEAR, look_now
from storage.rows import diff_from
from storage.schema import address, article, article_source, change
from storage.verdict import COMPLETED

MOST_COMPARED = 500  # edits of a source
CONTROLS = 7  # siblings of an edited article, that are looked at before it is told


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits for its round to close."""

    id: int
    article_id: int
    source_id: int
    host: str
    kind: ChangeKind
    seen_at: datetime
    due_at: datetime


def waiting(connection: sa.Connection) -> list[Waiting]:
    """What waits, in the order in which it was seen; may be empty."""
    return [
        Waiting(row.id, row.article_id, row.source_id, row.host, ChangeKind(row.kind), row.seen_at, row.due_at)
        for row in connection.execute(_WAITING)
    ]


def settle(connection: sa.Connection, found: Sequence[Waiting], now: datetime, confirm: timedelta) -> None:
    """Tell what waits as one event, let it be told singly at once, or leave it until its round closes."""
    edits: dict[int, list[Waiting]] = defaultdict(list)
    returns: dict[str, list[Waiting]] = defaultdict(list)
    for one in found:
        if one.kind is ChangeKind.EDITED:
            edits[one.source_id].append(one)
        else:
            returns[one.host].append(one)
    goes_on = mass.events(connection, only_open=True)
    for source_id, changes in edits.items():
        of_source = next((one for one in goes_on if one.kind == "edited" and one.source_id == source_id), None)
        _settle_edits(connection, source_id, changes, of_source, now, confirm)
    for host, changes in returns.items():
        of_host = next((one for one in goes_on if one.kind == "restored" and one.host == host), None)
        _settle_returns(connection, host, changes, of_host, now)
    for event in goes_on:
        if event.kind != "removed" and event.told_at is not None and now >= event.told_at + confirm:
            mass.end(connection, event, mass.IN_TIME, now)


def _settle_edits(
    connection: sa.Connection,
    source_id: int,
    changes: Sequence[Waiting],
    event: Mass | None,
    now: datetime,
    confirm: timedelta,
) -> None:
    diffs = _edits_since(connection, source_id, now - confirm)
    lines = {article_id: edited_lines(diff) for article_id, diff in diffs.items()}
    common = common_lines(list(lines.values()))
    alike = [one for one in changes if lines.get(one.article_id, frozenset()) & set(common)]
    looked_at = _looked_at(connection, changes[0], now - confirm)
    in_round = _looked_at(connection, changes[0], changes[0].seen_at)
    if is_site_wide(sum(bool(each & set(common)) for each in lines.values()), looked_at, alike=True):
        held = alike
    elif is_site_wide(len({one.article_id for one in changes}), in_round, alike=False):
        held = list(changes)
    elif event is not None and not event.common:
        held = list(changes)  # the rest of a redesign
    else:
        held = []
    if held:
        if event is None:
            event = mass.begin(connection, "edited", held[0].host, source_id, held[0].seen_at, common if alike else ())
        _join(connection, event, held, now)
        if event.told_at is None:
            _tell_of_edits(connection, event, len(held), looked_at, now)
    left = [one for one in changes if one not in held]
    if left and not _asks_siblings(connection, source_id, left, now) and len(left) <= FEW and not held:
        # Enough siblings stand as they did: there is nothing to wait for.
        _release(connection, left)


def _settle_returns(
    connection: sa.Connection, host: str, changes: Sequence[Waiting], event: Mass | None, now: datetime
) -> None:
    if event is None and len(changes) <= FEW:
        return
    is_new = event is None
    if event is None:
        event = mass.begin(connection, "restored", host, changes[0].source_id, changes[0].seen_at)
    _join(connection, event, changes, now)
    if is_new:
        subject = f"{len(changes):,} articles that were removed from {host} are back"
        mass.tell_of(connection, event, subject, ["They are recorded as restored."], len(changes), now)


def _tell_of_edits(connection: sa.Connection, event: Mass, number: int, looked_at: int, now: datetime) -> None:
    subject = f"site-wide change at {event.source}: {number:,} articles changed alike"
    text = [
        f"{number:,} of the {max(looked_at, number):,} articles that were looked at changed at once, so this is a "
        "change of the site and not of the articles.",
        "Every revision is kept, and none of these edits is told by itself.",
    ]
    if event.common:
        text += ["", "What they have in common:", *(f"  {one[0]} {one[1:]}" for one in event.common[:10])]
    mass.tell_of(connection, event, subject, text, number, now)


def _join(connection: sa.Connection, event: Mass, changes: Sequence[Waiting], now: datetime) -> None:
    connection.execute(
        update(change)
        .where(change.c.id.in_([one.id for one in changes]), change.c.matched_at.is_(None))
        .values(mass_id=event.id, matched_at=now)
    )
    joined = select(func.count(change.c.article_id.distinct())).where(change.c.mass_id == event.id)
    mass.counted(connection, event, int(connection.execute(joined).scalar_one()))


def _release(connection: sa.Connection, changes: Sequence[Waiting]) -> None:
    connection.execute(update(change).where(change.c.id.in_([one.id for one in changes])).values(due_at=None))


def _asks_siblings(connection: sa.Connection, source_id: int, changes: Sequence[Waiting], now: datetime) -> bool:
    """Have siblings of the first of these looked at, where too few were since. True: there is still one to wait for."""
    first = changes[0]
    rows = connection.execute(_SIBLINGS, {"source": source_id, "buts": [one.article_id for one in changes]}).all()
    done = [row for row in rows if row.last_look_at > first.seen_at and not row.fault]
    if len(done) >= CONTROLS or not rows:
        return False
    asked = [row for row in rows if row.next_look_at is not None and row.next_look_at <= now]
    others = [row for row in rows if row not in done and row not in asked]
    wanted = others[: max(CONTROLS - len(done) - len(asked), 0)]
    for host in {row.host for row in wanted}:
        look_now(connection, host, [row.id for row in wanted if row.host == host], now)
    return bool(asked or wanted)


def _edits_since(connection: sa.Connection, source_id: int, since: datetime) -> dict[int, Diff]:
    rows = connection.execute(_EDITED, {"source": source_id, "since": since})
    return {row.article_id: diff for row in rows if (diff := diff_from(row.diff)) is not None}


def _looked_at(connection: sa.Connection, like: Waiting, since: datetime) -> int:
    """How many articles of its source and host had a good look since, as far as further ones are planned."""
    query = select(func.count()).where(
        address.c.host == like.host,
        address.c.next_look_at.is_not(None),
        address.c.source_id == like.source_id,
        address.c.article_id.is_not(None),
        address.c.fault == "",
        address.c.last_look_at >= since,
    )
    return int(connection.execute(query).scalar_one())


_WAITING = (
    select(
        change.c.id,
        change.c.article_id,
        article.c.source_id,
        address.c.host,
        change.c.kind,
        change.c.seen_at,
        change.c.due_at,
    )
    .join(article, article.c.id == change.c.article_id)
    .join(address, address.c.id == article.c.lead_id)
    .where(change.c.matched_at.is_(None), change.c.due_at.is_not(None))
    .order_by(change.c.id)
)
_EDITED = (
    select(change.c.article_id, change.c.diff)
    .join(article, article.c.id == change.c.article_id)
    .where(
        change.c.seen_at >= bindparam("since", type_=change.c.seen_at.type),
        change.c.kind == str(ChangeKind.EDITED),
        change.c.cls.not_in((LABEL, COMPLETED)),
        article.c.source_id == bindparam("source"),
    )
    .order_by(change.c.id.desc())
    .limit(MOST_COMPARED)
)
_near = (
    select(article_source.c.article_id)
    .where(article_source.c.source_id == bindparam("source"))
    .order_by(article_source.c.first_seen_at.desc())
    .limit(NEAR)
)
_SIBLINGS = (
    select(address.c.id, address.c.host, address.c.fault, address.c.last_look_at, address.c.next_look_at)
    .join(article, article.c.lead_id == address.c.id)
    .where(
        article.c.id.in_(_near),
        article.c.id.not_in(bindparam("buts", expanding=True)),
        address.c.gone_since.is_(None),
        address.c.last_look_at.is_not(None),
    )
    .order_by(article.c.id.desc())
)
