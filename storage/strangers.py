"""Texts that stand where others were expected: what the rest of the host shows is asked before they are believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.gone import FEW, gone_again, look_again
from storage.model.articles import Article, ChangeKind, EditClass
from storage.model.looking import Gone, Outcome
from storage.same import is_near_title
from storage.schema.articles import address, change, revision
from storage.schema.articles import article as stored
from storage.siblings import Sibling, siblings
from storage.sooner import look_now
from storage.stranger import (
    MOST_COUNTED,
    REMEMBERED,
    Surroundings,
    doubt,
    is_same_page,
    is_strange,
    mark_of,
    marks_alike,
    may_be_wall,
    titles_of,
)
from storage.stub import STUB, STUB_FROM_CHARS, doubt_stub, is_stub
from storage.verdict import Act, Homes, Place, Verdict, is_of_another

BELIEVED_LATELY = timedelta(days=30)  # stubs that were taken for edits, which count where another is
WHOLE = 2  # times a stub, that no article has which stands behind the same wall
LATELY, ENOUGH_DOUBTED = timedelta(hours=1), 3  # addresses of a host, beyond which no control look is asked for


def doubted(
    connection: sa.Connection,
    place: Place,
    homes: Homes,
    article: Article,
    verdict: Verdict,
    now: datetime,
    confirm: timedelta,
) -> Verdict:
    """The verdict, or a DOUBT in its place. Over `confirm` lie the looks that make a stub an edit."""
    if verdict.act is Act.ADD and (why := _less_of_its_own(homes, article, verdict)):
        return Verdict(Act.DOUBT, homes.own, place.revision_number, why=why, fault=Outcome.NOT_WHOLE)
    before = verdict.home.current.article if verdict.act is Act.REVISE and verdict.home else None
    shrank = before is not None and is_stub(before, article)
    if not shrank and not is_strange(place, homes, article, verdict, now):
        return verdict
    mark = mark_of(article, titles_of(place, homes), place.doubted)
    seen = gone_again(_seen_before(place, mark), now, confirm)
    others = _others(connection, place)
    asks = homes.by_text.article_id if homes.by_text and is_of_another(homes, article) else None
    if asks:  # whether that one still stands where it stood is what matters
        others = [one for one in others if one.article_id == asks]
    around = _around(connection, place, mark, others, now)
    doubt_of = Verdict(Act.DOUBT, homes.own, place.revision_number, mark=mark, doubted=seen, asks=asks)
    if before is None or not shrank or (around.same_page and may_be_wall(article)):
        why = doubt(place, homes, article, mark, around, now)
        return replace(doubt_of, why=why) if why else verdict
    # A wall stands before what is old: what is younger is whole, and tells nothing.
    as_old, younger = _by_age(connection, homes, others, WHOLE * len(article.body))
    whole = [one for one in others if as_old.get(one.article_id) and not one.is_stub]
    to_ask = [one for one in whole if one.is_well]
    why = doubt_stub(
        before=before,
        after=article,
        seen=seen,
        now=now,
        confirm=confirm,
        is_asked=around.is_asked,
        is_well=any(one.is_well and one.looked_at >= (place.doubted_at or now) for one in to_ask or others),
        stubs=sum(one.is_stub for one in others) + _believed_lately(connection, others, now),
        is_walled=len(as_old) >= FEW and not whole and 2 * sum(younger.values()) > len(younger),
    )
    look_by = look_again(seen, now, confirm)
    asks = to_ask[0].article_id if to_ask else None
    return replace(doubt_of, why=why, fault=Outcome.NOT_WHOLE, look_by=look_by, asks=asks) if why else verdict


def note(connection: sa.Connection, steps: Sequence[tuple[Place, Verdict]], now: datetime) -> None:
    """Remember what is doubted at which address, and have another article of the host looked at, which will tell
    whether the host is well. What is believed is no wall, wherever else it comes to stand."""
    for place, verdict in steps:
        if verdict.act is Act.DOUBT and verdict.doubted:
            since, looks = verdict.doubted.since, verdict.doubted.looks
            values = {"doubted": verdict.mark, "doubted_at": now, "doubted_since": since, "doubted_looks": looks}
            connection.execute(update(address).where(address.c.id == place.id).values(values))
            # Others must be whole each time that a stub is seen; for the rest once is enough.
            _ask_another(connection, place, now if verdict.fault is Outcome.NOT_WHOLE else since, verdict.asks, now)
        elif place.doubted and verdict.act in (Act.ADD, Act.REVISE):
            connection.execute(update(address).where(address.c.id == place.id).values(doubted=None))


def _less_of_its_own(homes: Homes, article: Article, verdict: Verdict) -> str:
    """Why what stands at a further address of an article is less of it and no other one: however long it stays so,
    the lead tells what became of the article."""
    if homes.own is None or verdict.loses is not None:
        return ""
    own = homes.own.current.article
    if not (is_stub(own, article) and is_near_title(own.title, article.title)):
        return ""
    return f"{len(article.body)} characters of an article that has {len(own.body)} at another of its addresses"


def _seen_before(place: Place, mark: bytes) -> Gone | None:
    """The looks so far, in a row, that showed the page of this mark."""
    if place.doubted_since is None or not is_same_page(place.doubted, mark):
        return None
    return Gone(place.doubted_since, place.doubted_looks)


def _around(
    connection: sa.Connection, place: Place, mark: bytes, others: Sequence[Sibling], now: datetime
) -> Surroundings:
    least, most = marks_alike(mark, place.doubted)
    known = {"host": place.host, "least": least, "most": most, "here": place.id, "from": now - REMEMBERED}
    since = place.doubted_since if is_same_page(place.doubted, mark) else None
    return Surroundings(
        same_page=connection.execute(_SAME_PAGE, known).scalar_one(),
        is_asked=bool(others),
        is_well=since is not None and any(one.is_well and one.looked_at >= since for one in others),
        is_first=place.article_id is None and not others and _is_any_untried(connection, place, now),
    )


def _believed_lately(connection: sa.Connection, others: Sequence[Sibling], now: datetime) -> int:
    """How many others are stubs by their text: a wall may come to one article after the other, as each grows old."""
    ids = [one.article_id for one in others if not one.is_stub]
    return connection.execute(_BELIEVED, {"ids": ids, "from": now - BELIEVED_LATELY}).scalar_one()


def _by_age(
    connection: sa.Connection, homes: Homes, others: Sequence[Sibling], whole: int
) -> tuple[dict[int, bool], dict[int, bool]]:
    """Those of these articles that are as old as the own one or older, and the younger ones: has each so many
    characters?"""
    if homes.own is None:
        return {}, {}
    ids = [homes.own.article_id, *(one.article_id for one in others)]
    rows = {row.id: row for row in connection.execute(_AGES, {"ids": ids, "whole": whole})}
    own = rows.pop(homes.own.article_id)
    as_old = {id_: row.is_whole for id_, row in rows.items() if row.at <= own.at}
    return as_old, {id_: row.is_whole for id_, row in rows.items() if id_ not in as_old}


def _is_any_untried(connection: sa.Connection, place: Place, now: datetime) -> bool:
    return connection.execute(_UNTRIED, {"host": place.host, "here": place.id, "now": now}).first() is not None


def _ask_another(connection: sa.Connection, place: Place, since: datetime, asks: int | None, now: datetime) -> None:
    """One is enough, and the one that was well the last time can say the most, if none is asked for. Where several are
    doubted they tell of each other: else each would ask the next, through all that the host has."""
    lately = {"host": place.host, "from": now - LATELY}
    if connection.execute(_DOUBTED_LATELY, lately).scalar_one() > ENOUGH_DOUBTED:
        return
    others = [one for one in _others(connection, place) if asks in (None, one.article_id)]
    if any(one.looked_at >= since or one.is_asked(now) for one in others):
        return
    look_now(connection, sorted(others, key=lambda one: not one.is_well)[:1], now)


def _others(connection: sa.Connection, place: Place) -> list[Sibling]:
    """Articles of the source that other addresses of the host lead, and that are not gone."""
    found = siblings(connection, place.source_id)
    return [
        one
        for one in found
        if one.host == place.host
        and one.address_id != place.id
        and one.article_id != place.article_id
        and not one.is_gone
    ]


_at = address.c.doubted_at.type


def _count(most: int, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    found = select(sa.literal(1)).select_from(address).where(*where).limit(most).subquery()
    return select(func.count()).select_from(found)


_DOUBTED_LATELY = _count(
    ENOUGH_DOUBTED + 1,
    address.c.host == bindparam("host"),
    address.c.doubted.is_not(None),
    address.c.doubted_at > bindparam("from", type_=_at),
)
_SAME_PAGE = _count(
    MOST_COUNTED,
    address.c.host == bindparam("host"),
    address.c.doubted.between(bindparam("least"), bindparam("most")),
    address.c.doubted_at > bindparam("from", type_=_at),
    address.c.id != bindparam("here"),
)
_was, _is = revision.alias("was"), revision.alias("is")
_BELIEVED = (
    select(func.count(change.c.article_id.distinct()))
    .select_from(change)
    .join(_was, _was.c.id == change.c.before_id)
    .join(_is, _is.c.id == change.c.after_id)
    .where(
        change.c.article_id.in_(bindparam("ids", expanding=True)),
        change.c.seen_at > bindparam("from", type_=change.c.seen_at.type),
        change.c.kind == str(ChangeKind.EDITED),
        change.c.cls != str(EditClass.CORRECTION),
        func.length(_was.c.body) >= STUB_FROM_CHARS,
        func.length(_is.c.body) < func.length(_was.c.body) * STUB,
    )
)
_AGES = (
    select(
        stored.c.id,
        func.coalesce(revision.c.published, stored.c.first_seen_at).label("at"),
        (func.length(revision.c.body) >= bindparam("whole")).label("is_whole"),
    )
    .join(revision, (revision.c.article_id == stored.c.id) & (revision.c.number == stored.c.number))
    .where(stored.c.id.in_(bindparam("ids", expanding=True)))
)
_UNTRIED = (
    select(address.c.id)
    .where(
        address.c.host == bindparam("host"),
        address.c.looks == 0,
        address.c.next_look_at <= bindparam("now", type_=_at),
        address.c.last_look_at.is_(None),
        address.c.id != bindparam("here"),
    )
    .limit(1)
)
