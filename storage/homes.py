"""Where addresses stand, and which articles they belong to or may turn out to: the reading before a verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from storage.model import ChangeKind
from storage.rows import article_from, revision_from
from storage.schema import address, article, change, revision
from storage.verdict import LATELY, Earlier, Home, Homes, Place

# Address, fingerprint of the text there (b"": none yet), key of the address that it names as its original.
Asked = tuple[int, bytes, bytes | None]


def standings(connection: sa.Connection, asked: Sequence[Asked], *, lock: bool) -> list[tuple[Place, Homes]]:
    """How each address stands, in the order asked; at most four statements, so some dozens are asked for at once.

    `lock`: the articles stay as they are until the transaction ends, also where the database lets others write
    meanwhile. Raises KeyError for an address that is not known.
    """
    rows = {row.id: row for row in connection.execute(_PLACES, {"ids": [of for of, _, _ in asked]})}
    shown = _shown(connection, {print_ for _, print_, _ in asked if print_})
    named = _articles_at(connection, {original for _, _, original in asked if original})
    concerned = [
        (rows[of].article_id, rows[of].naming, named.get(original), min(shown[print_], default=None))
        for of, print_, original in asked
    ]
    found = _homes(connection, {one for ids in concerned for one in ids if one is not None}, lock=lock)
    return [
        (
            _place(rows[of], original),
            Homes(found.get(own), found.get(naming), found.get(original_s), found.get(by_text), shown[print_]),
        )
        for (of, print_, original), (own, naming, original_s, by_text) in zip(asked, concerned, strict=True)
    ]


def lately(connection: sa.Connection, article_id: int) -> list[Earlier]:
    """The newest revisions of an article, the newest first."""
    rows = connection.execute(_LATELY, {"of": article_id})
    return [Earlier(row.number, row.cls, article_from(row)) for row in rows]


def _place(row: Any, original: bytes | None) -> Place:
    return Place(
        id=row.id,
        key=row.key,
        host=row.host,
        source_id=row.source_id,
        history=row.history,
        article_id=row.article_id,
        original_key=row.original_key if original in (None, row.key) else original,
        revision_number=row.revision_number,
        ahead_since=row.ahead_since,
    )


def _shown(connection: sa.Connection, prints: Collection[bytes]) -> defaultdict[bytes, dict[int, int]]:
    """For each fingerprint the articles that said so, each with the number of its newest revision that did."""
    shown: defaultdict[bytes, dict[int, int]] = defaultdict(dict)
    if prints:
        for print_, article_id, number in connection.execute(_SHOWN, {"prints": list(prints)}):
            shown[print_][article_id] = number
    return shown


def _articles_at(connection: sa.Connection, keys: Collection[bytes]) -> dict[bytes | None, int]:
    if not keys:
        return {}
    return {row.key: row.article_id for row in connection.execute(_ARTICLES_AT, {"keys": list(keys)})}


def _homes(connection: sa.Connection, ids: Collection[int], *, lock: bool) -> dict[int | None, Home]:
    if not ids:
        return {}
    return {
        row.article_id: Home(
            article_id=row.article_id,
            number=row.number,
            history=row.article_history,
            updated_at=row.updated_at,
            lead_id=row.lead_id,
            lead_host=row.lead_host,
            lead_looked_at=row.lead_looked_at,
            lead_fails=bool(row.lead_fault),
            current=revision_from(row),
        )
        for row in connection.execute(_LOCKED_HOMES if lock else _HOMES, {"ids": list(ids)})
    }


_copy, _lead = address.alias("copy"), address.alias("lead")
_PLACES = select(
    address.c.id,
    address.c.key,
    address.c.host,
    address.c.source_id,
    address.c.history,
    address.c.article_id,
    address.c.original_key,
    address.c.revision_number,
    address.c.ahead_since,
    select(func.min(article.c.id))
    .join(_copy, _copy.c.id == article.c.lead_id)
    .where(_copy.c.original_key == address.c.key)
    .scalar_subquery()
    .label("naming"),
).where(address.c.id.in_(bindparam("ids", expanding=True)))
_SHOWN = (
    select(revision.c.fingerprint, revision.c.article_id, func.max(revision.c.number))
    .where(revision.c.fingerprint.in_(bindparam("prints", expanding=True)))
    .group_by(revision.c.fingerprint, revision.c.article_id)
)
_ARTICLES_AT = select(address.c.key, address.c.article_id).where(
    address.c.key.in_(bindparam("keys", expanding=True)), address.c.article_id.is_not(None)
)
_HOMES = (
    select(
        revision,
        article.c.history.label("article_history"),
        article.c.updated_at,
        article.c.lead_id,
        _lead.c.host.label("lead_host"),
        _lead.c.last_look_at.label("lead_looked_at"),
        _lead.c.fault.label("lead_fault"),
    )
    .join(article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
    .join(_lead, _lead.c.id == article.c.lead_id)
    .where(article.c.id.in_(bindparam("ids", expanding=True)))
)
_LOCKED_HOMES = _HOMES.with_for_update(of=article)  # SQLite has no such clause and needs none: one writer at a time
_LATELY = (
    select(revision, change.c.cls)
    .join(change, change.c.after_id == revision.c.id)
    .where(revision.c.article_id == bindparam("of"), change.c.article_id == revision.c.article_id)
    .where(change.c.kind.in_((str(ChangeKind.ADDED), str(ChangeKind.EDITED))))
    .order_by(revision.c.number.desc())
    .limit(LATELY)
)
