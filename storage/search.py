"""The index of search: which articles may hold what is asked, the newest first; the matcher decides (scheduler/search).

It has each article's newest revision, and lags behind: `article.searched` is the revision that it has, and where that
is another than `article.number` the article waits. So nothing that writes articles has to know of the index, and
nothing is missed. On SQLite it is an FTS5 table without content: rowid is the article's id, `words` its tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from storage.index_tokens import index_tokens
from storage.narrowing import All, Token, Wanted
from storage.schema.articles import article, revision, tombstone

AT_ONCE = 50  # articles in one transaction: about 20 ms of the writer
PAGES = 500  # of the index, that are rewritten in one transaction when words of a dropped article are taken out
# In the words of the partial index: SQLite finds it by them alone, and a Boolean column would become "... = 1".
_WAITS = sa.text("article.searched <> article.number")


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that waits: its tokens now, and those that the index has of it."""

    article_id: int
    number: int
    searched: int  # 0: the index has none
    tokens: frozenset[str]
    old: frozenset[str]


def waiting(connection: sa.Connection) -> int:
    """How many articles are still to be indexed."""
    return int(connection.execute(select(func.count()).select_from(article).where(_WAITS)).scalar_one())


def next_entries(connection: sa.Connection, limit: int = AT_ONCE) -> list[Entry]:
    """The newest articles that wait; for a reading connection, in a thread: a third of a millisecond each."""
    rows = connection.execute(_UNINDEXED, {"most": limit}).all()
    return [
        Entry(
            row.id,
            row.number,
            row.searched,
            index_tokens(row.title, row.body),
            index_tokens(row.old_title, row.old_body) if row.old_title is not None else frozenset(),
        )
        for row in rows
    ]


def put(connection: sa.Connection, entries: Sequence[Entry]) -> None:
    """Index these articles, unless they have changed since they were read: then they wait on."""
    for one in sorted(entries, key=lambda entry: entry.article_id):  # in order: FTS5 writes out where it has to go back
        taken = connection.execute(_TAKE, {"of": one.article_id, "has": one.number, "had": one.searched})
        if taken.rowcount and _has_index(connection):
            if one.searched:
                _remove(connection, one.article_id, one.old)
            connection.execute(_INSERT, {"of": one.article_id, "words": " ".join(sorted(one.tokens))})


def forget(connection: sa.Connection, article_id: int) -> bool:
    """Take an article out, before its revisions are deleted; answers whether `purge` has work then."""
    row = connection.execute(
        select(revision.c.title, revision.c.body)
        .join(article, (article.c.id == revision.c.article_id) & (article.c.searched == revision.c.number))
        .where(article.c.id == article_id)
    ).first()
    if row is None or not _has_index(connection):
        return False
    _remove(connection, article_id, index_tokens(row.title, row.body))
    return True


def purge(connection: sa.Connection) -> bool:
    """Rewrite some of the index where it still holds words of what was dropped; answers whether there is more to do.

    FTS5 only notes what is deleted; the words go when the pieces that hold them are merged.
    """
    marked = tombstone.c.words_left
    if not _has_index(connection):
        return False
    if connection.execute(select(tombstone.c.id).where(marked).limit(1)).first() is None:
        return False
    raw = connection.connection.driver_connection
    assert raw is not None
    before = raw.total_changes
    connection.execute(_MERGE, {"pages": -PAGES})
    if raw.total_changes - before >= 2:  # https://www.sqlite.org/fts5.html#the_merge_command
        return True
    connection.execute(tombstone.update().where(marked).values(words_left=False))
    return False


def candidates(
    connection: sa.Connection,
    wanted: Wanted | None,
    *,
    before: int | None = None,
    after: int | None = None,
    with_waiting: bool = True,
    limit: int = 100,
) -> list[int]:
    """Articles that may hold what is wanted, by id, the newest first; fewer than `limit` where there are no more.

    Only those with an id below `before` and above `after`. Those that wait to be indexed may all hold it.
    """
    bounds = {"before": before if before is not None else _BEYOND, "after": after if after is not None else -1}
    bounds["most"] = limit
    if wanted is None or not _has_index(connection):
        return list(connection.execute(_ANY, bounds).scalars())
    found = list(connection.execute(_MATCHING, bounds | {"wanted": as_fts5(wanted)}).scalars())
    waits = connection.execute(_WAITING, bounds).scalars() if with_waiting else ()
    return list(dict.fromkeys(merge(found, waits, reverse=True)))[:limit]


def ids_between(connection: sa.Connection, since: datetime | None, until: datetime | None) -> tuple[int, int] | None:
    """Bounds (after, before) of the ids of all articles first seen from `since` on and before `until`; None where
    there is none. Others may lie between them, where the clock was set back."""
    seen, first, last = article.c.first_seen_at, func.min(article.c.id), func.max(article.c.id)
    within = [seen >= since] if since is not None else []
    within += [seen < until] if until is not None else []
    row = connection.execute(select(first.label("first"), last.label("last")).where(*within)).one()
    return None if row.first is None else (row.first - 1, row.last + 1)


def as_fts5(wanted: Wanted) -> str:
    """The same as an FTS5 expression, to be bound. Every token is quoted, and has letters and digits alone."""
    if isinstance(wanted, Token):
        return f'"{wanted.text}"{" *" if wanted.prefix else ""}'
    return "(" + (" AND " if isinstance(wanted, All) else " OR ").join(map(as_fts5, wanted.parts)) + ")"


def _remove(connection: sa.Connection, article_id: int, tokens: frozenset[str]) -> None:
    values = {"of": article_id, "words": " ".join(sorted(tokens))}
    connection.execute(_REMOVE, values)


def _has_index(connection: sa.Connection) -> bool:
    """Elsewhere everything may hold, until that database has an index of its own."""
    return connection.dialect.name == "sqlite"


_BEYOND = 2**62
_INSERT = sa.text("INSERT INTO search (rowid, words) VALUES (:of, :words)")
_REMOVE = sa.text("INSERT INTO search (search, rowid, words) VALUES ('delete', :of, :words)")
_MERGE = sa.text("INSERT INTO search (search, rank) VALUES ('merge', :pages)")
_MATCHING = sa.text(
    "SELECT rowid FROM search WHERE search MATCH :wanted AND rowid < :before AND rowid > :after "
    "ORDER BY rowid DESC LIMIT :most"
)
_ANY = (
    select(article.c.id)
    .where(article.c.id < bindparam("before"), article.c.id > bindparam("after"))
    .order_by(article.c.id.desc())
    .limit(bindparam("most"))
)
_WAITING = _ANY.where(_WAITS)
_before = revision.alias("before")
_UNINDEXED = (
    select(
        article.c.id,
        article.c.number,
        article.c.searched,
        revision.c.title,
        revision.c.body,
        _before.c.title.label("old_title"),
        _before.c.body.label("old_body"),
    )
    .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
    .outerjoin(_before, (_before.c.article_id == article.c.id) & (_before.c.number == article.c.searched))
    .where(_WAITS)
    .order_by(article.c.id.desc())
    .limit(bindparam("most"))
)
_TAKE = (
    article.update()
    .where(
        article.c.id == bindparam("of"),
        article.c.number == bindparam("has"),
        article.c.searched == bindparam("had"),
    )
    .values(searched=bindparam("has"))
)
