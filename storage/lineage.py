"""How a story went from place to place: who had it first, who has it from whom, what was added and dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import select

from storage.churn import edited_lines
from storage.identity import shingles_of
from storage.model.articles import StoryMember
from storage.schema.articles import article, revision
from storage.stories import members

_LISTED = '"listing_only":true'
MOST_COMPARED = 40  # articles of a story; those after it are listed and not compared


@dataclass(frozen=True, slots=True)
class Copy:
    """An article of a story beside the earlier one that it is nearest to.

    `parent` is the place of that one in the story, None for the first. `share` is how much of the shorter text stands
    in the longer one, 0 to 1; `added` and `dropped` are whole paragraphs, folded, in no order; may be empty.
    """

    member: StoryMember
    parent: int | None = None
    share: float = 1.0
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def lineage(connection: sa.Connection, article_id: int) -> list[Copy]:
    """The story of an article in the order of first sight: one entry where it stands alone. An article that was not
    placed yet is alone."""
    story_id = connection.execute(select(article.c.story_id).where(article.c.id == article_id)).scalar()
    found = members(connection, [story_id] if story_id is not None else []).get(story_id or 0, [])
    bodies = _bodies(connection, [of for of, _ in found])  # as they were first read: later edits were nobody's copying
    return copies([(member, bodies.get(of, "")) for of, member in found])


def copies(told: Sequence[tuple[StoryMember, str]]) -> list[Copy]:
    """Compare each with those before it; pure. `told` are the articles with their bodies, in order."""
    shingles = [shingles_of(body) for _, body in told[:MOST_COMPARED]]
    found: list[Copy] = []
    for at, (member, body) in enumerate(told):
        if not at or at >= MOST_COMPARED:
            found.append(Copy(member))
            continue
        shares = [_share(shingles[earlier], shingles[at]) for earlier in range(at)]
        parent = max(range(at), key=lambda earlier: (shares[earlier], -earlier))
        dropped, added = edited_lines(told[parent][1], body)
        found.append(Copy(member, parent, shares[parent], added, dropped))
    return found


def _share(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    fewer = min(len(one), len(other))
    return len(one & other) / fewer if fewer else 0.0


def _bodies(connection: sa.Connection, article_ids: Sequence[int]) -> dict[int, str]:
    query = (
        select(revision.c.article_id, revision.c.body)
        .where(revision.c.article_id.in_(article_ids))
        .order_by(revision.c.number.desc())
    )
    # A row of a list is no text: where that was first, what came after it counts.
    return {row.article_id: row.body for row in connection.execute(query.where(~revision.c.meta.contains(_LISTED)))}
