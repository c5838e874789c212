"""Stories: articles of different places in nearly the same words. Each article is placed once, when it is first seen.

A story is named by the article that it began with. Placing goes by the order in which articles were stored, so that
the same articles make the same stories on any database.
"""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.minhash import LEAD_BANDS, WHOLE_BANDS, bands
from storage.model.articles import Article, StoryMember
from storage.rows import BROKEN_ROW, article_from
from storage.same import is_near
from storage.schema.articles import address, article, band, change, revision
from storage.sources import source_names

log = logging.getLogger("dateline.tell")

WINDOW = timedelta(days=3)  # between two articles of a story: copies come soon, and the same words later are news
MOST_OF_A_BAND = 16  # articles, the newest: a band of furniture may have thousands
MOST_COMPARED = 8
MOST_MEMBERS = 100  # that a story shows
_FIGURE = re.compile(r"\b\d+(?:[.,]\d+)*\b")


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An article that belongs to no story yet, as it stands, with the bands of its text. `at` is when it was
    published, or else first seen."""

    article_id: int
    source_id: int
    article: Article
    at: datetime
    bands: tuple[int, ...]


def unplaced(connection: sa.Connection, most: int, *, awaited: bool = False) -> list[Unplaced]:
    """The oldest articles without a story, as they were stored; `awaited`: of those whose changes are not judged yet.
    May be empty."""
    query = _AWAITED if awaited else _UNPLACED
    return [_unplaced(row, bands(row.body)) for row in connection.execute(query, {"most": most})]


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
            published = said.published if (said := _readable(row)) else None
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
    near = {
        row.story_id
        for row in connection.execute(_STANDING, {"ids": others})
        if (other := _readable(row)) and _may_be_one(row, one, other) and is_near(other, one.article)
    }
    return min((of for of in near if _is_of(connection, of, one)), default=None)


def _is_of(connection: sa.Connection, story_id: int, one: Unplaced) -> bool:
    """Whether it is near the article that began the story: a digest that holds two reports does not join them."""
    began = connection.execute(_STANDING, {"ids": [story_id]}).first()
    first = _readable(began) if began is not None else None
    return first is None or is_near(first, one.article)


def _may_be_one(row: Any, one: Unplaced, other: Article) -> bool:
    """A source that prints nearly the same words on another day reports anew: weather, markets, a basket of flowers.
    Other sources copy, a little later; but where both headlines have figures, these are the same in a copy."""
    figures, others = (set(_FIGURE.findall(said.title)) for said in (one.article, other))
    if figures and others and figures.isdisjoint(others):
        return False
    apart = abs(row.at - one.at)
    return bool(apart <= WINDOW and (row.source_id != one.source_id or row.at.date() == one.at.date()))


def _readable(row: Any) -> Article | None:
    """The article in a row; None for one that somebody or the disk broke: it must not hold up all others."""
    try:
        return article_from(row)
    except BROKEN_ROW:
        log.warning("a stored article cannot be read revision=%s", getattr(row, "id", "?"))
        return None


def _unplaced(row: Any, keys: tuple[int, ...]) -> Unplaced:
    said = _readable(row)
    return Unplaced(row.article_id, row.source_id, said or Article("", ""), row.at, keys if said else ())


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
_AWAITED = (
    _standing.where(
        article.c.story_id.is_(None),
        article.c.id.in_(select(change.c.article_id).where(change.c.matched_at.is_(None))),
    )
    .order_by(article.c.id)
    .limit(bindparam("most", type_=sa.Integer))
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
