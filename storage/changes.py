"""Changes with both of their revisions, as dataclasses: what rules judge, messages tell and pages show."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import select

from storage.model.articles import Change, ChangeKind, Revision
from storage.proof import proof_from
from storage.rows import BROKEN_ROW, classes_from, diff_from, revision_from
from storage.schema.articles import address, article, change, revision
from storage.sources import source_names
from storage.stories import members

log = logging.getLogger("dateline.changes")


def load_changes(connection: sa.Connection, ids: Sequence[int]) -> list[Change]:
    """The changes of these ids, in the order of the ids; ids that are not known are left out."""
    if not ids:
        return []
    rows = connection.execute(
        select(
            change,
            article.c.guid,
            article.c.first_seen_at,
            article.c.source_id,
            article.c.story_id,
            address.c.url,
        )
        .join(article, article.c.id == change.c.article_id)
        .join(address, address.c.id == article.c.lead_id)
        .where(change.c.id.in_(ids))
    ).all()
    revisions = _revisions(connection, {one for row in rows for one in (row.before_id, row.after_id) if one})
    names = source_names(connection, {row.article_id: row.source_id for row in rows})
    stories = members(connection, {row.story_id for row in rows if row.story_id})
    found = {
        row.id: Change(
            id=row.id,
            article_id=row.article_id,
            guid=row.guid,
            kind=ChangeKind(row.kind),
            cls=row.cls,
            also=classes_from(row.also),
            seen_at=row.seen_at,
            url=row.url,
            sources=names[row.article_id],
            before=revisions.get(row.before_id),
            after=revisions.get(row.after_id),
            diff=diff_from(row.diff),
            first_seen_at=row.first_seen_at,
            stealth=row.stealth,
            proof=proof_from(row.proof),
            story=next((one.guid for _, one in stories.get(row.story_id, ())), ""),
            also_at=tuple(one for of, one in stories.get(row.story_id, ()) if of != row.article_id),
        )
        for row in rows
    }
    return [found[one] for one in ids if one in found]


def readable_changes(connection: sa.Connection, ids: Sequence[int]) -> list[Change]:
    """As `load_changes`; those of which a row cannot be read are named in the log and left out."""
    try:
        return load_changes(connection, ids)
    except BROKEN_ROW:
        found: list[Change] = []
        for one in ids:
            try:
                found += load_changes(connection, [one])
            except BROKEN_ROW as reason:
                log.error("a change's row cannot be read change=%d reason=%r", one, reason)
        return found


def _revisions(connection: sa.Connection, ids: set[int]) -> dict[int, Revision]:
    rows = connection.execute(select(revision).where(revision.c.id.in_(ids)))
    return {row.id: revision_from(row) for row in rows}
