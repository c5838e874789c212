"""Edits wait for a round of their siblings: if the site changed and not the articles, that is one event."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, exists, func, select, update

from storage import mass
from storage.blocks import common_lines, edited_lines, is_site_wide
from storage.diff import LABEL
from storage.gone import FEW
from storage.late_edits import late
from storage.mass import Mass
from storage.model.articles import ChangeKind
from storage.rows import diff_from
from storage.schema.articles import address, article, change
from storage.siblings import Sibling, siblings
from storage.sooner import look_now
from storage.verdict import COMPLETED

MOST_COMPARED = 500  # edits of a source
CONTROLS = 7  # siblings of an edited article, that are looked at before it is told


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits for its round to close. `follows`: the site-wide change that it is a straggler of;
    `is_apart`: it is none, though the site wrote the same words elsewhere."""

    id: int
    article_id: int
    source_id: int
    host: str
    kind: ChangeKind
    seen_at: datetime
    due_at: datetime
    first_seen_at: datetime  # of the article
    follows: int | None = None
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class _Edit:
    """An edit of late with the lines that it took away or put in; `is_of_event`: it is part of one already."""

    id: int
    article_id: int
    lines: frozenset[str]
    is_of_event: bool


def waiting(connection: sa.Connection) -> list[Waiting]:
    """What waits, in the order in which it was seen; may be empty."""
    rows = connection.execute(_WAITING).all()
    found = late(connection, {row.id: row.source_id for row in rows if row.kind == ChangeKind.EDITED})
    return [
        Waiting(
            row.id,
            row.article_id,
            row.source_id,
            row.host,
            ChangeKind(row.kind),
            row.seen_at,
            row.due_at,
            row.first_seen_at,
            found.follow.get(row.id),
            row.id in found.apart,
        )
        for row in rows
    ]


def is_any_waiting(connection: sa.Connection) -> bool:
    return connection.execute(_WAITING.limit(1)).first() is not None


def settle(connection: sa.Connection, found: Sequence[Waiting], now: datetime, confirm: timedelta) -> None:
    """Tell what waits as one event, let it be told singly at once, or leave it until its round closes."""
    edits: dict[int, list[Waiting]] = defaultdict(list)
    returns: dict[str, list[Waiting]] = defaultdict(list)
    for one in found:
        if one.follows is not None:
            continue
        if one.kind in (ChangeKind.EDITED, ChangeKind.ADDED):  # added: in place of an article that was there
            edits[one.source_id].append(one)
        else:
            returns[one.host].append(one)
    for event_id in sorted({one.follows for one in found if one.follows is not None}):
        _join(connection, mass.event(connection, event_id), [one for one in found if one.follows == event_id], now)
    goes_on = mass.events(connection, only_open=True)
    for source_id, changes in edits.items():
        of_source = [one for one in goes_on if one.kind == "edited" and one.source_id == source_id]
        _settle_edits(connection, source_id, changes, of_source, now, confirm)
    for host, changes in returns.items():
        of_host = next((one for one in goes_on if one.kind == "restored" and one.host == host), None)
        _settle_returns(connection, host, changes, of_host, now)
    for event in goes_on:
        if event.kind == "edited":
            _let_go_of_new(connection, event, now - confirm)
        if event.kind != "removed" and now >= _joined_last(connection, event) + confirm * mass.HELD_FOR:
            mass.end(connection, event, mass.IN_TIME, now)


def _settle_edits(
    connection: sa.Connection,
    source_id: int,
    changes: Sequence[Waiting],
    goes_on: Sequence[Mass],
    now: datetime,
    confirm: timedelta,
) -> None:
    # A redesign, of no lines in common: what is first read in its new form belongs to it.
    event = next((one for one in goes_on if not one.common), None)
    edits = _edits_since(connection, source_id, now - confirm)
    own = {one.id: one.lines for one in edits}
    lines = _by_article(edits)
    beside = siblings(connection, source_id)
    looked_at = _looked_at(beside, lines, now - confirm)
    # What is part of an event already would hide another one, that comes to the same articles soon after it.
    new = _by_article(one for one in edits if not one.is_of_event)
    common = {*_site_wide(lines, looked_at), *_site_wide(new, looked_at)}
    alike = [one for one in changes if not one.is_apart and own.get(one.id, frozenset()) & common]
    in_round = _looked_at(beside, [one.article_id for one in changes], changes[0].seen_at)
    # Before its siblings were asked, a few edits are all that is known of a round.
    asks = _asks_siblings(connection, beside, changes, now)
    is_known = not asks or now >= changes[0].due_at
    if alike:
        held = alike
    elif is_known and is_site_wide(len({one.article_id for one in changes}), in_round, alike=False):
        held = list(changes)
        if event is not None:
            rest = _rest_of(connection, event, changes)
            anew = _without(changes, rest)
            if is_site_wide(len({one.article_id for one in anew}), in_round, alike=False):
                # Another redesign, soon after the first.
                _join(connection, event, rest, now)
                held, event = anew, None
    elif event is not None:
        held = _rest_of(connection, event, changes)
    else:
        held = []
    if alike:
        # An event that goes on is of its own lines, or its own articles: others are another one, or nobody would hear.
        for each in goes_on:
            _join(connection, each, [one for one in held if own[one.id] & set(each.common)], now)
            held = [one for one in held if not own[one.id] & set(each.common)]
        if event is not None:
            rest = _rest_of(connection, event, held)
            _join(connection, event, rest, now)
            held = _without(held, rest)
            event = None
    if held:
        if event is None:
            theirs = _in_common(held, own, common) if alike else ()
            event = mass.begin(connection, "edited", held[0].host, source_id, held[0].seen_at, theirs)
        _join(connection, event, held, now)
        if event.told_at is None:
            together = {one.article_id for one in held}
            if alike:
                together |= {article_id for article_id, each in lines.items() if each & set(event.common)}
            _tell_of_edits(connection, event, len(together), len({one.article_id for one in held}), looked_at, now)
    elif not alike and not asks and len(changes) <= FEW:
        # Enough siblings stand as they did: there is nothing to wait for, but for lines that others changed as well.
        seen = Counter(line for each in lines.values() for line in each)
        _release(connection, [one for one in changes if all(seen[at] < 2 for at in own.get(one.id, ()))])


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


def _tell_of_edits(
    connection: sa.Connection, event: Mass, number: int, held: int, looked_at: int, now: datetime
) -> None:
    subject = f"site-wide change at {event.source}: {number:,} articles changed alike"
    text = [
        f"{number:,} of the {max(looked_at, number):,} articles that were looked at changed at once, so this is a "
        "change of the site and not of the articles.",
        "Every revision is kept, and those that were not told yet are not told by themselves.",
    ]
    if before := number - held:
        were = "1 of them was" if before == 1 else f"{before:,} of them were"
        text.append(f"{were} told before this was known; the list has the other {held:,}.")
    if event.common:
        text += ["", "What they have in common:", *(f"  {one[0]} {one[1:]}" for one in event.common[:10])]
    mass.tell_of(connection, event, subject, text, held, now)


def _join(connection: sa.Connection, event: Mass, changes: Sequence[Waiting], now: datetime) -> None:
    connection.execute(
        update(change)
        .where(change.c.id.in_([one.id for one in changes]), change.c.matched_at.is_(None))
        .values(mass_id=event.id, matched_at=now)
    )
    joined = select(func.count(change.c.article_id.distinct())).where(change.c.mass_id == event.id)
    mass.counted(connection, event, int(connection.execute(joined).scalar_one()))


def _let_go_of_new(connection: sa.Connection, event: Mass, until: datetime) -> None:
    """New articles in place of others are held as long as the server may be in disorder; those that still stand there
    then are told like any other."""
    stands = exists().where(article.c.id == change.c.article_id, article.c.lost_at.is_(None))
    connection.execute(
        update(change)
        .where(change.c.mass_id == event.id, change.c.kind == str(ChangeKind.ADDED), change.c.seen_at <= until, stands)
        .values(mass_id=None, matched_at=None, due_at=None)
    )


def _rest_of(connection: sa.Connection, event: Mass, changes: Sequence[Waiting]) -> list[Waiting]:
    """Those by which an article that was there before a redesign is first read in its new form. What changes after
    that is an edit like any other."""
    joined = select(change.c.article_id).where(
        change.c.mass_id == event.id, change.c.article_id.in_([one.article_id for one in changes])
    )
    already = set(connection.execute(joined).scalars())
    return [one for one in changes if one.first_seen_at < event.began_at and one.article_id not in already]


def _without(changes: Sequence[Waiting], some: Sequence[Waiting]) -> list[Waiting]:
    """By their ids: of four thousand, compared whole, it took four seconds of a write."""
    ids = {one.id for one in some}
    return [one for one in changes if one.id not in ids]


def _joined_last(connection: sa.Connection, event: Mass) -> datetime:
    newest = select(func.max(change.c.seen_at)).where(change.c.mass_id == event.id)
    return connection.execute(newest).scalar() or event.began_at


def _release(connection: sa.Connection, changes: Sequence[Waiting]) -> None:
    connection.execute(update(change).where(change.c.id.in_([one.id for one in changes])).values(due_at=None))


def _asks_siblings(
    connection: sa.Connection, beside: Sequence[Sibling], changes: Sequence[Waiting], now: datetime
) -> bool:
    """Have siblings of the first of these looked at, where too few were since. True: there is still one to wait for."""
    edited = {one.article_id for one in changes}
    others = [one for one in beside if one.article_id not in edited and not one.is_gone]
    done = [one for one in others if one.is_well and one.looked_at > changes[0].seen_at]
    if len(done) >= CONTROLS:
        return False
    asked = [one for one in others if one.is_asked(now)]
    idle = [one for one in others if one not in done and one not in asked]
    wanted = idle[: max(CONTROLS - len(done) - len(asked), 0)]
    look_now(connection, wanted, now)
    return bool(asked or wanted)


def _edits_since(connection: sa.Connection, source_id: int, since: datetime) -> list[_Edit]:
    rows = connection.execute(_EDITED, {"source": source_id, "since": since})
    return [
        _Edit(row.id, row.article_id, edited_lines(diff), row.mass_id is not None)
        for row in rows
        if (diff := diff_from(row.diff)) is not None
    ]


def _by_article(edits: Iterable[_Edit]) -> dict[int, frozenset[str]]:
    lines: dict[int, frozenset[str]] = defaultdict(frozenset)
    for one in edits:
        lines[one.article_id] |= one.lines
    return dict(lines)


def _in_common(held: Sequence[Waiting], own: Mapping[int, frozenset[str]], common: Collection[str]) -> tuple[str, ...]:
    """Those of the common lines that these brought, in order of how many did."""
    counted = Counter(line for one in held for line in own[one.id] if line in common)
    return tuple(line for line, _ in counted.most_common())


def _site_wide(lines: Mapping[int, frozenset[str]], looked_at: int) -> tuple[str, ...]:
    """The lines that so many edits have in common that the site made them; else none."""
    common = common_lines(list(lines.values()))
    edited = sum(not each.isdisjoint(common) for each in lines.values())
    return common if is_site_wide(edited, looked_at, alike=True) else ()


def _looked_at(beside: Sequence[Sibling], changed: Iterable[int], since: datetime) -> int:
    """How many of the source's articles had a good look since, with those that changed."""
    return len({one.article_id for one in beside if one.is_well and one.looked_at >= since} | set(changed))


_WAITING = (
    select(
        change.c.id,
        change.c.article_id,
        article.c.source_id,
        address.c.host,
        change.c.kind,
        change.c.seen_at,
        change.c.due_at,
        article.c.first_seen_at,
    )
    .join(article, article.c.id == change.c.article_id)
    .join(address, address.c.id == article.c.lead_id)
    .where(change.c.matched_at.is_(None), change.c.due_at.is_not(None))
    .order_by(change.c.id)
)
_EDITED = (
    select(change.c.id, change.c.article_id, change.c.diff, change.c.mass_id)
    .join(article, article.c.id == change.c.article_id)
    .where(
        change.c.seen_at >= bindparam("since", type_=change.c.seen_at.type),
        change.c.kind == str(ChangeKind.EDITED),
        change.c.cls.not_in((LABEL, COMPLETED)),
        article.c.source_id == bindparam("source"),
    )
    # What waits goes first: of a footer that came to thousands at once, the rest would be taken for a redesign.
    .order_by(change.c.matched_at.is_not(None), change.c.id.desc())
    .limit(MOST_COMPARED)
)
