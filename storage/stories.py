"""Stories: articles of different places in nearly the same words. Each article is placed once, when it is first seen.

A story is named by the article that it began with. Placing goes by the order in which articles were stored, so that
the same articles make the same stories on any database.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.minhash import LEAD_BANDS, WHOLE_BANDS, bands
from storage.model import Article, StoryMember
from storage.rows import article_from
from storage.same import is_near
from storage.schema import address, article, band, revision
from storage.sources import source_names

WINDOW = timedelta(days=30)  # between two articles of a story: what is printed each year is a story each year
MOST_OF_A_BAND = 16  # articles, the newest: a band of furniture may have thousands
MOST_COMPARED = 8
MOST_MEMBERS = 100  # that a story shows


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An article that belongs to no story yet, as it stands, with the bands of its text. `at` is when it was
    published, or else first seen."""

    article_id: int
    source_id: int
    article: Article
    at: datetime
    bands: tuple[int, ...]


def unplaced(connection: sa.Connection, most: int) -> list[Unplaced]:
    """The oldest articles without a story, as they were stored; may be empty."""
    return [_unplaced(row, bands(row.body)) for row in connection.execute(_UNPLACED, {"most": most})]


def place(connection: sa.Connection, found: Sequence[Unplaced]) -> None:
    """Give each of them its story, one after the other: the oldest that it belongs to, or one of its own."""
    for one in found:
        story_id = _story_of(connection, one)
        placed = update(article).where(article.c.id == one.article_id, article.c.story_id.is_(None))
        if connection.execute(placed.values(story_id=story_id or one.article_id)).rowcount and one.bands:
            _forget(connection, one.article_id, one.bands)
            rows = [{"key": key, "article_id": one.article_id} for key in dict.fromkeys(one.bands)]
            connection.execute(band.insert(), rows)


def forget(connection: sa.Connection, article_id: int) -> None:
    """Let no text find an article any more that is about to be dropped, with its revisions still there."""
    for body in connection.execute(select(revision.c.body).where(revision.c.article_id == article_id)).scalars().all():
        _forget(connection, article_id, bands(body))


def members(connection: sa.Connection, story_ids: Collection[int]) -> dict[int, list[tuple[int, StoryMember]]]:
    """The articles of each of these stories, in the order of first sight, each with its id; MOST_MEMBERS of each."""
    found: dict[int, list[tuple[int, StoryMember]]] = defaultdict(list)
    if not story_ids:
        return found
    rows = connection.execute(_MEMBERS, {"stories": list(story_ids)}).all()
    names = source_names(connection, {row.id: row.source_id for row in rows})
    for row in rows:
        if len(found[row.story_id]) < MOST_MEMBERS:
            published = article_from(row).published
            member = StoryMember(row.guid, row.url, row.title, names[row.id], row.first_seen_at, published)
            found[row.story_id].append((row.id, member))
    return found


def candidates(connection: sa.Connection, keys: Sequence[int]) -> list[int]:
    """Articles that may say nearly the same as a text of these bands, the likeliest first; may be empty."""
    if not keys:
        return []
    shared = Counter(connection.execute(_SHARING, {f"k{at}": key for at, key in enumerate(keys)}).scalars())
    return sorted(shared, key=lambda one: (-shared[one], one))[:MOST_COMPARED]


def _forget(connection: sa.Connection, article_id: int, keys: Sequence[int]) -> None:
    """By key: an index by article would take as much room as the bands."""
    connection.execute(band.delete().where(band.c.key.in_(keys), band.c.article_id == article_id))


def _story_of(connection: sa.Connection, one: Unplaced) -> int | None:
    others = [of for of in candidates(connection, one.bands) if of != one.article_id]
    if not others:
        return None
    near = [
        row.story_id
        for row in connection.execute(_STANDING, {"ids": others})
        if _may_be_one(row, one) and is_near(article_from(row), one.article)
    ]
    return min(near, default=None)


def _may_be_one(row: Any, one: Unplaced) -> bool:
    """A source that prints nearly the same words on another day reports anew: weather, markets, a basket of flowers.
    Other sources copy late."""
    apart = abs(row.at - one.at)
    return bool(apart <= WINDOW and (row.source_id != one.source_id or row.at.date() == one.at.date()))


def _unplaced(row: Any, keys: tuple[int, ...]) -> Unplaced:
    return Unplaced(row.article_id, row.source_id, article_from(row), row.at, keys)


_at = func.coalesce(revision.c.published, article.c.first_seen_at, type_=article.c.first_seen_at.type).label("at")
_standing = select(revision, _at, article.c.story_id, article.c.source_id).join(
    article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number)
)
_MEMBERS = (
    select(
        article.c.id,
        article.c.story_id,
        article.c.guid,
        article.c.source_id,
        article.c.first_seen_at,
        address.c.url,
        revision.c.title,
        revision.c.published,
        sa.literal("").label("body"),
        sa.literal(b"").label("html"),
        revision.c.language,
        revision.c.meta,
    )
    .join(revision, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
    .join(address, address.c.id == article.c.lead_id)
    .where(article.c.story_id.in_(bindparam("stories", expanding=True)))
    .order_by(article.c.first_seen_at, article.c.id)
)
_UNPLACED = (
    _standing.where(article.c.story_id.is_(None)).order_by(article.c.id).limit(bindparam("most", type_=sa.Integer))
)
_STANDING = _standing.where(article.c.id.in_(bindparam("ids", expanding=True)), article.c.story_id.is_not(None))
# One short range of the index for each band: a single query for all would read a band of furniture to its end.
_SHARING = sa.union_all(
    *(
        select(
            select(band.c.article_id)
            .where(band.c.key == bindparam(f"k{at}", type_=sa.BigInteger))
            .order_by(band.c.article_id.desc())
            .limit(MOST_OF_A_BAND)
            .subquery()
        )
        for at in range(WHOLE_BANDS + LEAD_BANDS)
    )
)
