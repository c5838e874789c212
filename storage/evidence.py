"""All that is stored of one article, for a person who has to prove it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from storage.capture import Capture, captures_from
from storage.chain import html_of, link, record, text_of
from storage.model.articles import Diff
from storage.proof import Proof, proof_from
from storage.rows import BROKEN_ROW, diff_from
from storage.schema.articles import address, article, change, revision


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A revision as it lies in the store. `covered` is what its `chain` covers, worked out anew from the store.

    `chain` is None for what was stored before there was a chain. `captures` is empty where there are no bytes, where
    an older Dateline kept them without the answer (then `snapshot` is set), or where the row is broken.
    """

    number: int
    url: str
    seen_at: datetime
    listing_only: bool
    covered: dict[str, Any]
    chain: bytes | None
    fits: bool  # the chain is what it must be; False: somebody changed the store
    text: bytes
    html: bytes
    snapshot: str
    captures: tuple[Capture, ...]


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A change as it lies in the store, with the numbers of the revisions that it leads from and to."""

    kind: str
    cls: str
    seen_at: datetime
    before: int | None
    after: int | None
    diff: Diff | None
    proof: Proof | None = None  # of a removal: the looks that had to agree


@dataclass(frozen=True, slots=True)
class Dossier:
    """An article with all of its addresses (the lead first), revisions and changes, each in the order of their time."""

    guid: str
    first_seen_at: datetime
    removed_at: datetime | None
    addresses: tuple[str, ...]
    revisions: tuple[StoredRevision, ...]
    steps: tuple[StoredStep, ...]


def dossier(connection: sa.Connection, article_id: int) -> Dossier:
    """All that is stored of an article. A row that somebody broke is told as it is, and raises nothing."""
    head = connection.execute(select(article).where(article.c.id == article_id)).one()
    places = connection.execute(
        select(address.c.id, address.c.url).where(address.c.article_id == article_id).order_by(address.c.id)
    ).all()
    rows = connection.execute(
        select(revision, address.c.url)
        .join(address, address.c.id == revision.c.address_id)
        .where(revision.c.article_id == article_id)
        .order_by(revision.c.number)
    ).all()
    numbers = {row.id: row.number for row in rows}
    revisions: list[StoredRevision] = []
    for row in rows:
        revisions.append(_revision(head.guid, row, revisions[-1].chain if revisions else None))
    steps = connection.execute(
        select(change).where(change.c.article_id == article_id).order_by(change.c.seen_at, change.c.id)
    )
    return Dossier(
        guid=head.guid,
        first_seen_at=head.first_seen_at,
        removed_at=head.removed_at,
        addresses=tuple(one.url for one in sorted(places, key=lambda one: (one.id != head.lead_id, one.id))),
        revisions=tuple(revisions),
        steps=tuple(
            StoredStep(
                kind=row.kind,
                cls=row.cls,
                seen_at=row.seen_at,
                before=numbers.get(row.before_id),
                after=numbers.get(row.after_id),
                diff=_diff(row.diff),
                proof=_proof(row.proof),
            )
            for row in steps
        ),
    )


def _revision(guid: str, row: Any, previous: bytes | None) -> StoredRevision:
    covered = record(guid, row._mapping)
    try:
        captures = captures_from(row.capture)
    except ValueError:
        captures = ()
    meta = covered["meta"]
    return StoredRevision(
        number=row.number,
        url=row.url,
        seen_at=row.seen_at,
        listing_only=isinstance(meta, dict) and bool(meta.get("listing_only")),
        covered=covered,
        chain=row.chain,
        fits=(row.chain is None and previous is None) or row.chain == link(previous, covered),
        text=text_of(row.title, row.body),
        html=html_of(row._mapping),
        snapshot=row.snapshot,
        captures=captures,
    )


def _diff(text: str) -> Diff | None:
    try:
        return diff_from(text)
    except (ValueError, KeyError, TypeError):
        return None


def _proof(text: str) -> Proof | None:
    try:
        return proof_from(text)
    except BROKEN_ROW:
        return None
