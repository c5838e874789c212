"""The newest articles of a source: what tells whether its host is well, and whether an edit stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from storage.model.looking import Outcome
from storage.schema.articles import address, article, article_source

# That are looked into. All that had a look since may be a hundred thousand; these had most of the looks of a day.
SAMPLE = 500


@dataclass(frozen=True, slots=True)
class Sibling:
    """An article with how its lead address stands. `is_well`: its last look showed it; `is_stub`: it showed so little
    of it that it may be half a page."""

    article_id: int
    address_id: int
    host: str
    is_gone: bool
    is_well: bool
    looked_at: datetime
    next_look_at: datetime | None
    first_seen_at: datetime  # of the article
    is_stub: bool = False

    def is_asked(self, now: datetime) -> bool:
        return self.next_look_at is not None and self.next_look_at <= now


def siblings(connection: sa.Connection, source_id: int, before: datetime | None = None) -> list[Sibling]:
    """The newest articles of a source that had a look, of those that were first seen `before` then, the newest first;
    may be empty."""
    query = _SIBLINGS if before is None else _SIBLINGS_BEFORE
    return [_sibling(row) for row in connection.execute(query, {"source": source_id, "before": before})]


def _sibling(row: Any) -> Sibling:
    return Sibling(
        article_id=row.article_id,
        address_id=row.id,
        host=row.host,
        is_gone=row.gone_since is not None,
        is_well=not row.fault,
        looked_at=row.last_look_at,
        next_look_at=row.next_look_at,
        first_seen_at=row.first_seen_at,
        is_stub=row.doubted_since is not None and row.fault == Outcome.NOT_WHOLE,
    )


def _siblings(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    newest = (
        select(article_source.c.article_id)
        .where(article_source.c.source_id == bindparam("source"), *where)
        .order_by(article_source.c.first_seen_at.desc(), article_source.c.article_id.desc())
        .limit(SAMPLE)
        .subquery()
    )
    return (
        select(
            article.c.id.label("article_id"),
            address.c.id,
            address.c.host,
            address.c.gone_since,
            address.c.fault,
            address.c.doubted_since,
            address.c.last_look_at,
            address.c.next_look_at,
            article.c.first_seen_at,
        )
        .select_from(newest)
        .join(article, article.c.id == newest.c.article_id)
        .join(address, address.c.id == article.c.lead_id)
        .where(address.c.last_look_at.is_not(None), article.c.lost_at.is_(None))
        .order_by(article.c.first_seen_at.desc(), article.c.id.desc())
    )


_at = article_source.c.first_seen_at
_SIBLINGS, _SIBLINGS_BEFORE = _siblings(), _siblings(_at < bindparam("before", type_=_at.type))
