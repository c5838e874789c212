"""Articles that are gone: confirmed one by one while their host is well, and restored when they return."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.gone import GONE, LOOKS, gone_again, is_stale, is_sure, look_again
from storage.model.articles import ChangeKind
from storage.model.looking import Gone, Outcome, SourceState
from storage.proof import Proof, counted_from, counted_json, proof_json, showing
from storage.rows import BROKEN_ROW
from storage.schema.articles import address, article, change, revision
from storage.schema.looking import listing, source
from storage.siblings import siblings
from storage.sooner import look_now
from storage.sources import due_at

ALONE = 3  # times `confirm`, after which an article is believed gone that has no sibling to tell the host's health by
PLANNED_AT_ONCE = 200  # further looks at lost articles of a host, in one transaction


@dataclass(frozen=True, slots=True)
class Pending:
    """An article whose lead says that it is gone, and which is not recorded as removed."""

    article_id: int
    address_id: int
    source_id: int
    host: str
    gone: Gone
    looked_at: datetime
    is_down: bool  # its source is, and nothing else shows that the host is well: nothing is believed
    is_lost: bool = False  # its address shows another article
    is_said: bool = True  # the last look said so as well, and more will come
    next_look_at: datetime | None = None

    def is_stale(self, now: datetime, confirm: timedelta) -> bool:
        return is_stale(self.gone, now, confirm, is_said=self.is_said)


def pending(connection: sa.Connection, now: datetime, confirm: timedelta) -> dict[str, list[Pending]]:
    """What is suspected, by host, each list in the order of the articles; may be empty.

    A source that has been down for longer than `confirm`, on a host that answers others, is down for good: a section
    that was closed, whose articles went with it or stayed. It must not hold up for ever what the others miss.
    """
    found: dict[str, list[Pending]] = defaultdict(list)
    answering = set(connection.execute(_ANSWERING, {"lately": now - confirm}).scalars())
    for row in connection.execute(_PENDING):
        is_lost = row.gone_since is None
        gone = Gone(row.lost_at, row.lost_looks) if is_lost else Gone(row.gone_since, row.gone_looks)
        is_for_good = row.state_since <= now - confirm and row.host in answering
        is_down = row.state == SourceState.DOWN and not is_for_good
        says_so = (not row.fault) if is_lost else row.fault in GONE
        one = Pending(
            *(row.article_id, row.address_id, row.source_id, row.host, gone, row.last_look_at, is_down, is_lost),
            is_said=says_so and row.enabled,
            next_look_at=row.next_look_at,
        )
        found[row.host].append(one)
    return dict(found)


def looked_at(connection: sa.Connection, suspected: Sequence[Pending]) -> int:
    """How many articles that were there before the first of these went had a look since, with these, as far as the
    newest of their source can tell. What came later cannot have gone with them."""
    if not suspected:
        return 0
    since, host = min(one.gone.since for one in suspected), suspected[0].host
    [(source_id, _)] = Counter(one.source_id for one in suspected).most_common(1)
    looked = {
        one.article_id
        for one in siblings(connection, source_id, before=since)
        if one.host == host and one.looked_at >= since
    }
    return len(looked | {one.article_id for one in suspected})


def confirm_singly(connection: sa.Connection, suspected: Iterable[Pending], now: datetime, confirm: timedelta) -> int:
    """Record as removed what is surely gone, where its host shows other articles; answers how many.

    Where nothing shows it yet, a control look is asked for.
    """
    removed = []
    for one in suspected:
        if one.is_down or not is_sure(one.gone, now, confirm):
            continue
        if _is_well(connection, one, now, confirm):
            removed.append(one.article_id)
    return record(connection, removed, now)


def look_on(connection: sa.Connection, suspected: Iterable[Pending], now: datetime, confirm: timedelta) -> None:
    """Have addresses that show another article looked at as often as those that show none, some of them at a time."""
    lost = ((one, look_again(one.gone, now, confirm) or now) for one in suspected if one.is_lost)
    late = ((one, at) for one, at in lost if one.gone.looks < LOOKS and (one.next_look_at or at + confirm) > at)
    for one, at in islice(late, PLANNED_AT_ONCE):
        _look_by(connection, one, at)


def record(connection: sa.Connection, article_ids: Collection[int], now: datetime, mass_id: int | None = None) -> int:
    """Record these articles as removed, told as part of a mass event if there is one; those that are already are
    passed over, and those that their lead shows by now. Answers how many were recorded."""
    if not article_ids:
        return 0
    fresh = connection.execute(
        update(article)
        .where(article.c.id.in_(article_ids), article.c.removed_at.is_(None), _IS_STILL_SO)
        .values(removed_at=now)
        .returning(article.c.id)
    ).scalars()
    return _changed(connection, fresh.all(), ChangeKind.REMOVED, {"mass_id": mass_id}, now)


def returned(connection: sa.Connection, address_ids: Collection[int], now: datetime, wait: timedelta) -> None:
    """Record as restored the articles that these addresses show again. Told after `wait`, since a host that comes
    back whole is one event. An address of another site restores nothing: a copy may outlive the article."""
    back = connection.execute(_REMOVED_AT, {"ids": list(address_ids)}).scalars().all()
    if not back:
        return
    connection.execute(update(article).where(article.c.id.in_(back)).values(removed_at=None))
    _changed(connection, back, ChangeKind.RESTORED, {"due_at": now + wait}, now)


def shown_another(
    connection: sa.Connection, looks: Iterable[tuple[int, datetime, Outcome]], confirm: timedelta
) -> None:
    """Count completed looks, each as (address, time, outcome), for the articles that these addresses led and do not
    show any more, and keep what they saw."""
    at = {address_id: (moment, outcome) for address_id, moment, outcome in looks}
    for row in connection.execute(_LOST, {"ids": list(at)}).all():
        moment, outcome = at[row.lead_id]
        before = Gone(row.lost_at, row.lost_looks)
        gone = gone_again(before, moment, confirm)
        if gone.looks == before.looks:
            continue
        try:
            known = counted_from(row.lost_how)
        except BROKEN_ROW:
            known = ()  # what somebody broke proves nothing, and stops no look
        how = counted_json((*known, showing(moment, outcome, row.title)))
        connection.execute(update(article).where(article.c.id == row.id).values(lost_looks=gone.looks, lost_how=how))


def _changed(
    connection: sa.Connection, article_ids: Sequence[int], kind: ChangeKind, values: dict[str, Any], now: datetime
) -> int:
    if not article_ids:
        return 0
    newest = connection.execute(_NEWEST, {"ids": list(article_ids)}).all()
    proofs = _proofs(connection, article_ids) if kind is ChangeKind.REMOVED else {}
    is_told_alone = values.get("mass_id") is None
    connection.execute(
        change.insert(),
        [
            {
                "article_id": row.article_id,
                "kind": str(kind),
                "before_id": row.id if kind is ChangeKind.REMOVED else None,
                "after_id": row.id if kind is ChangeKind.RESTORED else None,
                "seen_at": now,
                "history": False,
                "matched_at": None if is_told_alone else now,
                "proof": proofs.get(row.article_id, ""),
                **values,
            }
            for row in newest
        ],
    )
    return len(newest)


def _proofs(connection: sa.Connection, article_ids: Sequence[int]) -> dict[int, str]:
    """What proves of each of them that it is gone, as JSON; not of one that somebody broke."""
    proofs = {}
    for row in connection.execute(_PROVED, {"ids": list(article_ids)}):
        is_lost = row.gone_since is None
        since, number = (row.lost_at, row.lost_looks) if is_lost else (row.gone_since, row.gone_looks)
        with suppress(*BROKEN_ROW):
            if since is not None:
                looks = counted_from(row.lost_how if is_lost else row.gone_how)
                proofs[row.id] = proof_json(Proof(row.url, since, max(number or 1, 1), looks, is_lost))
    return proofs


def _look_by(connection: sa.Connection, one: Pending, at: datetime) -> None:
    later = address.c.next_look_at.is_(None) | (address.c.next_look_at > at)
    connection.execute(update(address).where(address.c.id == one.address_id, later).values(next_look_at=at))
    due_at(connection, one.host, at)


def _is_well(connection: sa.Connection, one: Pending, now: datetime, confirm: timedelta) -> bool:
    """Did the host show a sibling about when it last said that this article is gone? If none can tell, one is asked;
    where there is none to ask, the article is believed gone only after long."""
    found = [
        sibling
        for sibling in siblings(connection, one.source_id)
        if sibling.host == one.host and sibling.article_id != one.article_id and not sibling.is_gone
    ]
    if not found:
        return now - one.gone.since >= confirm * ALONE
    if any(sibling.is_well and sibling.looked_at >= one.looked_at - confirm / 24 for sibling in found):
        return True
    if not any(sibling.is_asked(now) for sibling in found):
        look_now(connection, found[:1], now)
    return False


# An address that has carried many articles is a page that changes: none of them is missed.
TURNS = 3
_turn = article.alias("turn")
_is_used_in_turn = (
    select(func.count()).select_from(_turn).where(_turn.c.lead_id == address.c.id).scalar_subquery() >= TURNS
)
_PENDING = (
    select(
        article.c.id.label("article_id"),
        address.c.id.label("address_id"),
        article.c.source_id,
        address.c.host,
        address.c.gone_since,
        address.c.gone_looks,
        address.c.last_look_at,
        address.c.next_look_at,
        address.c.fault,
        article.c.lost_at,
        article.c.lost_looks,
        source.c.state,
        source.c.state_since,
        source.c.enabled,
    )
    .join(article, article.c.lead_id == address.c.id)
    .join(source, source.c.id == article.c.source_id)
    .where(
        address.c.gone_since.is_not(None) | (article.c.lost_at.is_not(None) & ~_is_used_in_turn),
        article.c.removed_at.is_(None),
        source.c.retired_at.is_(None),
    )
    .order_by(article.c.id)
)
# The hosts whose listings were had of late, by sources that are well.
_ANSWERING = (
    select(listing.c.host)
    .join(source, source.c.id == listing.c.source_id)
    .where(
        source.c.state == SourceState.OK,
        source.c.enabled,
        source.c.retired_at.is_(None),
        listing.c.failures == 0,
        listing.c.last_ok_at > bindparam("lately", type_=listing.c.last_ok_at.type),
    )
    .distinct()
)
# What was read before the write may have moved on meanwhile: recorded all the same, it would never be restored.
_IS_STILL_SO = article.c.lost_at.is_not(None) | (
    select(address.c.id).where(address.c.id == article.c.lead_id, address.c.gone_since.is_not(None)).exists()
)
_lead = address.alias("lead")
_REMOVED_AT = (
    select(article.c.id)
    .join(address, address.c.article_id == article.c.id)
    .join(_lead, _lead.c.id == article.c.lead_id)
    .where(
        address.c.id.in_(bindparam("ids", expanding=True)),
        article.c.removed_at.is_not(None),
        address.c.gone_since.is_(None),
        address.c.host == _lead.c.host,
    )
    .distinct()
)
_shown = article.alias("shown")
_LOST = (
    select(
        article.c.id, article.c.lead_id, article.c.lost_at, article.c.lost_looks, article.c.lost_how, revision.c.title
    )
    .join(address, address.c.id == article.c.lead_id)
    .join(_shown, (_shown.c.id == address.c.article_id) & (_shown.c.id != article.c.id))
    .join(revision, (revision.c.article_id == _shown.c.id) & (revision.c.number == _shown.c.number))
    .where(
        article.c.lead_id.in_(bindparam("ids", expanding=True)),
        article.c.lost_at.is_not(None),
        article.c.removed_at.is_(None),
    )
)
_PROVED = (
    select(
        article.c.id,
        *(address.c.url, address.c.gone_since, address.c.gone_looks, address.c.gone_how, article.c.lost_at),
        *(article.c.lost_looks, article.c.lost_how),
    )
    .join(address, address.c.id == article.c.lead_id)
    .where(article.c.id.in_(bindparam("ids", expanding=True)))
)
_NEWEST = (
    select(revision.c.article_id, revision.c.id)
    .join(article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
    .where(article.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(revision.c.article_id)
)
