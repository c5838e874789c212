"""Articles of about the age of one that is missing, and what they say before it is told alone: a purge goes by age.

The next planned looks at old articles are days or weeks apart. Left to these, one purge would be found, and told, in as
many pieces as it has articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from storage.gone import GONE, LOOKS
from storage.removals import Pending
from storage.schema.articles import address, article, article_source
from storage.schema.looking import source
from storage.sooner import look_now

AROUND = 10  # that are asked on either side of a missing article: of a purge of three in ten, six
NEAREST = 100  # of its source, among which those of its host are looked for
LONGEST = 2  # times `confirm`, that a removal waits for what its neighbours say


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An article beside a missing one, by the address that leads it."""

    address_id: int
    host: str
    looked_at: datetime
    next_look_at: datetime | None


def ask_around(
    connection: sa.Connection, suspected: Sequence[Pending], now: datetime, confirm: timedelta
) -> list[Pending]:
    """Have the neighbours of these looked at, and answer those that their neighbours have answered for: these may be
    told singly. All are of one host.

    A host that says so once may be restarting. When it has said so twice of an article, the neighbours of all are
    asked: what is missed there too is asked about in turn, and so a purge is known as one in minutes.
    """
    if all(one.gone.looks < 2 for one in suspected):
        return []
    answered: list[Pending] = []
    unasked: dict[int, Neighbour] = {}
    for one in suspected:
        if one.is_down:
            continue  # a host that fails is asked for no more than is due
        # Half a day after the first look, that a purge may go on for. Of what was only found out by asking, at once.
        since = one.gone.since + (confirm / (LOOKS - 1) if one.gone.looks > 1 else timedelta(0))
        # That may be still to come, under another `confirm` or a clock that was set back: none would have answered.
        since = min(since, one.looked_at)
        silent = [beside for beside in _beside(connection, one) if beside.looked_at < since]
        unasked |= {beside.address_id: beside for beside in silent}
        if not silent or now >= one.gone.since + confirm * LONGEST:
            answered.append(one)
    look_now(connection, list(unasked.values()), now)
    return answered


def _beside(connection: sa.Connection, one: Pending) -> list[Neighbour]:
    of = {"source": one.source_id, "article": one.article_id, "host": one.host}
    return [Neighbour(**row._mapping) for query in (_OLDER, _YOUNGER) for row in connection.execute(query, of)]


_first_seen_at = select(article.c.first_seen_at).where(article.c.id == bindparam("article")).scalar_subquery()
_place = sa.tuple_(article_source.c.first_seen_at, article_source.c.article_id)
_here = sa.tuple_(_first_seen_at, bindparam("article"))


def _nearest(*, is_older: bool) -> sa.Select[Any]:
    at, id_ = article_source.c.first_seen_at, article_source.c.article_id
    near = (
        select(at, id_)
        .where(article_source.c.source_id == bindparam("source"), _place < _here if is_older else _place > _here)
        .order_by(at.desc() if is_older else at, id_.desc() if is_older else id_)
        .limit(NEAREST)
        .cte()
    )
    place = (near.c.first_seen_at, near.c.article_id)
    return (
        select(
            address.c.id.label("address_id"),
            address.c.host,
            address.c.last_look_at.label("looked_at"),
            address.c.next_look_at,
        )
        .select_from(near)
        .join(article, article.c.id == near.c.article_id)
        .join(address, address.c.id == article.c.lead_id)
        .join(source, source.c.id == address.c.source_id)
        .where(
            address.c.host == bindparam("host"),
            address.c.last_look_at.is_not(None),
            address.c.gone_since.is_(None) | address.c.fault.not_in(GONE),  # also what it once said of them
            article.c.lost_at.is_(None),
            article.c.removed_at.is_(None),
            source.c.enabled,
            source.c.retired_at.is_(None),
        )
        .order_by(*(column.desc() if is_older else column for column in place))
        .limit(AROUND)
    )


_OLDER, _YOUNGER = _nearest(is_older=True), _nearest(is_older=False)
