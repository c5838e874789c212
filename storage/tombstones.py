"""Articles that a person dropped: what is kept is what it takes to know them, so that they are never new again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, exists, func, select, update

from storage import search, stories
from storage.finding import dropped_in_words
from storage.model.telling import DeliveryState
from storage.schema.articles import (
    address,
    article,
    article_source,
    change,
    revision,
    revision_snapshot,
    tombstone,
    tombstone_text,
)
from storage.schema.telling import alert, delivery, delivery_alert
from storage.snapshots import Snapshots

# A look whose revision names the same bytes may be under way: what was wanted so lately is left to retention.
UNDER_WAY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Doomed:
    """What goes with an article, for a person to confirm. `untold` deliveries tell of nothing else."""

    guid: str
    title: str
    url: str
    addresses: int
    revisions: int
    alerts: int
    untold: int


@dataclass(frozen=True, slots=True)
class Buried:
    """`unnamed` are the hashes of bytes that no other revision names; `shared` counts those that one does."""

    guid: str
    unnamed: tuple[str, ...]
    shared: int


def doomed(connection: sa.Connection, article_id: int) -> Doomed:
    """What `bury` would take away."""
    row = connection.execute(
        select(article.c.guid, revision.c.title, address.c.url, article.c.number)
        .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
        .join(address, address.c.id == article.c.lead_id)
        .where(article.c.id == article_id)
    ).one()
    alerts, places = _alerts_of(article_id), select(address.c.id).where(address.c.article_id == article_id)
    unsent = delivery.c.state.not_in([DeliveryState.SENT, DeliveryState.GIVEN_UP, DeliveryState.DROPPED])
    return Doomed(
        guid=row.guid,
        title=row.title,
        url=row.url,
        addresses=_count(connection, places),
        revisions=row.number,
        alerts=_count(connection, alerts),
        untold=_count(connection, select(delivery.c.id).where(_tells_only(alerts), unsent)),
    )


def bury(connection: sa.Connection, article_id: int, reason: str, now: datetime) -> Buried:
    """Delete an article with its revisions, changes and alerts, in one transaction; leave a tombstone.

    Its addresses stay as addresses, to be known, and are looked at no more. A delivery that tells of others as well is
    made anew without it; one that tells of nothing else goes, but for those that were sent: they stay without their
    bytes. Its words leave the index with `search.purge`. The files of `unnamed` are to be removed afterwards; where
    that fails, retention does it.
    """
    head = connection.execute(
        select(article.c.guid, article.c.number, revision.c.chain)
        .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
        .where(article.c.id == article_id)
    ).one()
    words_left = search.forget(connection, article_id)
    number = connection.execute(
        tombstone.insert()
        .values(
            guid=head.guid,
            chain=head.chain,
            revisions=head.number,
            dropped_at=now,
            reason=reason,
            words_left=words_left,
        )
        .returning(tombstone.c.id)
    ).scalar_one()
    _untell(connection, article_id)
    connection.execute(change.delete().where(change.c.article_id == article_id))
    stories.forget(connection, article_id)
    buried = _forget_texts(connection, article_id, number, head.guid)
    connection.execute(article_source.delete().where(article_source.c.article_id == article_id))
    _mark(connection, address.c.article_id == article_id, number)
    connection.execute(article.delete().where(article.c.id == article_id))
    return buried


def remove_files(snapshots: Snapshots, buried: Buried, now: datetime) -> int:
    """Remove the bytes that nobody names any more; answers how many files are left to retention. Raises OSError."""
    return sum(not snapshots.remove(one, now - UNDER_WAY) and snapshots.has(one) for one in buried.unnamed)


def known(connection: sa.Connection, guid: str) -> str:
    """When and why the article of this guid was dropped, in words; "" where it was not."""
    row = connection.execute(select(tombstone).where(tombstone.c.guid == guid)).first()
    return dropped_in_words(row) if row is not None else ""


def among(connection: sa.Connection, sighted: Sequence[tuple[int, bytes]]) -> dict[int, int | None]:
    """Which of these sightings (address, fingerprint of its text) are of what was dropped, by their place in the row.

    The value is the tombstone to lay on the address, None where that is another article's, or has it already.
    """
    if connection.execute(_ANY).first() is None:
        return {}
    places = {row.id: row for row in connection.execute(_PLACES, {"ids": [of for of, _ in sighted]})}
    prints = [print_ for _, print_ in sighted]
    texts = {row.fingerprint: row.tombstone_id for row in connection.execute(_TEXTS, {"prints": prints})}
    found: dict[int, int | None] = {}
    for index, (of, print_) in enumerate(sighted):
        place = places.get(of)
        if place is not None and place.tombstone_id is not None:
            found[index] = None
        elif place is not None and print_ in texts:
            found[index] = texts[print_] if place.article_id is None else None
    return found


def lay(connection: sa.Connection, sighted: Sequence[tuple[int, bytes]]) -> list[int]:
    """Which of these sightings are of what was dropped, by their place in the row. An address that shows it without
    being another article's is known from now on, and looked at no more."""
    found = among(connection, sighted)
    for index, number in found.items():
        if number is not None:
            _mark(connection, address.c.id == sighted[index][0], number)
    return list(found)


def _mark(connection: sa.Connection, which: sa.ColumnElement[bool], number: int) -> None:
    connection.execute(update(address).where(which).values(_BLANK | {"tombstone_id": number}))


def _untell(connection: sa.Connection, article_id: int) -> None:
    alerts = _alerts_of(article_id)
    tells = select(delivery_alert.c.delivery_id).where(delivery_alert.c.alert_id.in_(alerts))
    alone = (delivery.c.state != DeliveryState.SENT) & _tells_only(alerts)
    connection.execute(update(delivery).where(delivery.c.id.in_(tells)).values(payload=None))
    emptied = connection.execute(select(delivery.c.id).where(alone)).scalars().all()
    connection.execute(delivery_alert.delete().where(delivery_alert.c.alert_id.in_(alerts)))
    for start in range(0, len(emptied), 500):
        connection.execute(delivery.delete().where(delivery.c.id.in_(emptied[start : start + 500])))
    connection.execute(alert.delete().where(alert.c.id.in_(alerts)))


def _alerts_of(article_id: int) -> sa.Select[tuple[int]]:
    return select(alert.c.id).join(change, change.c.id == alert.c.change_id).where(change.c.article_id == article_id)


def _tells_only(alerts: sa.Select[tuple[int]]) -> sa.ColumnElement[bool]:
    """A delivery that tells of these alerts, and of no other."""
    of_these = select(delivery_alert.c.delivery_id).where(delivery_alert.c.alert_id.in_(alerts))
    of_it = delivery_alert.c.delivery_id == delivery.c.id
    return delivery.c.id.in_(of_these) & ~exists().where(of_it, delivery_alert.c.alert_id.not_in(alerts))


def _forget_texts(connection: sa.Connection, article_id: int, number: int, guid: str) -> Buried:
    mine = select(revision.c.id).where(revision.c.article_id == article_id)
    prints = connection.execute(
        select(revision.c.fingerprint).where(revision.c.article_id == article_id).distinct()
    ).scalars()
    there = select(tombstone_text.c.fingerprint)
    for print_ in prints.all():  # a text may have been dropped before, with another article
        if connection.execute(there.where(tombstone_text.c.fingerprint == print_)).first() is None:
            connection.execute(tombstone_text.insert().values(fingerprint=print_, tombstone_id=number))
    of_mine = revision_snapshot.c.revision_id.in_(mine)
    names = set(connection.execute(select(revision_snapshot.c.hash).where(of_mine)).scalars())
    connection.execute(revision_snapshot.delete().where(of_mine))
    shared = {
        name
        for name in names
        if connection.execute(select(revision_snapshot.c.hash).where(revision_snapshot.c.hash == name).limit(1)).first()
    }
    connection.execute(revision.delete().where(revision.c.article_id == article_id))
    return Buried(guid, tuple(sorted(names - shared)), len(shared))


def _count(connection: sa.Connection, query: sa.Select[tuple[int]] | sa.Select[tuple[str]]) -> int:
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())


# What an address said, and when it is looked at: nothing, and never.
_BLANK = {
    "article_id": None,
    "listed_title": "",
    "listed_when": "",
    "listed_summary": "",
    "original_key": None,
    "revision_number": None,
    "ahead_since": None,
    "etag": "",
    "last_modified": "",
    "body_hash": b"",
    "fault": "",
    "fault_since": None,
    "gone_since": None,
    "gone_looks": 0,
    "gone_how": "",
    "next_look_at": None,
}
_ANY = select(tombstone.c.id).limit(1)
_PLACES = select(address.c.id, address.c.article_id, address.c.tombstone_id).where(
    address.c.id.in_(bindparam("ids", expanding=True))
)
_TEXTS = select(tombstone_text.c.fingerprint, tombstone_text.c.tombstone_id).where(
    tombstone_text.c.fingerprint.in_(bindparam("prints", expanding=True))
)
