"""Mass events: many articles that went, came back or changed alike together. Each is told once, with its list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import func, select, update

from storage.health import tell
from storage.schema.articles import address, article, change, mass, revision
from storage.schema.looking import source

Kind = Literal["removed", "restored", "edited"]
HELD_FOR = 3  # times `confirm`: then what it holds is settled without a person
MOST_NAMED = 200  # articles in a message; the list itself names all

# How an event ends. The first two are a person's words.
CONFIRMED, DISMISSED = "confirmed", "dismissed"
IN_TIME, CAME_BACK = "settled after its time", "they came back"
SINGLY = "so few of all that each is told by itself"


@dataclass(frozen=True, slots=True)
class Mass:
    """One mass event. `articles` counts them as of the last time that it was looked into; `common` are the lines that
    edits have in common. `how` says how it ended, or how it is to end; "" while it goes on."""

    id: int
    kind: Kind
    host: str
    source_id: int
    source: str
    began_at: datetime
    told_at: datetime | None
    ended_at: datetime | None
    how: str
    common: tuple[str, ...]
    articles: int


@dataclass(frozen=True, slots=True)
class Member:
    """One article of a mass event, as it stood; `since` is when it was first seen gone, back or changed."""

    guid: str
    title: str
    url: str
    published: datetime | None
    since: datetime


class NoSuchMass(Exception):
    """The message says which number was asked for, and what there is."""


def events(connection: sa.Connection, *, only_open: bool = False) -> list[Mass]:
    """All mass events, the newest first; may be empty."""
    query = select(mass, source.c.name).join(source, source.c.id == mass.c.source_id).order_by(mass.c.id.desc())
    if only_open:
        query = query.where(mass.c.ended_at.is_(None))
    return [_mass(row) for row in connection.execute(query)]


def event(connection: sa.Connection, mass_id: int) -> Mass:
    """Raises NoSuchMass."""
    query = select(mass, source.c.name).join(source, source.c.id == mass.c.source_id).where(mass.c.id == mass_id)
    # What is beyond any number of a database raises there.
    row = connection.execute(query).one_or_none() if abs(mass_id) < 1 << 63 else None
    if row is None:
        raise NoSuchMass(f"there is no mass event {mass_id}: `dateline mass` lists those that there are")
    return _mass(row)


def members(connection: sa.Connection, one: Mass, most: int | None = None) -> list[Member]:
    """Every article of the event, in the order in which they were first seen by us; may be empty."""
    told = select(change.c.article_id, change.c.seen_at.label("since")).where(change.c.mass_id == one.id)
    if one.kind == "removed" and one.ended_at is None:
        since = func.coalesce(address.c.gone_since, article.c.lost_at)
        going = (
            select(article.c.id.label("article_id"), since.label("since"))
            .join(address, address.c.id == article.c.lead_id)
            .where(address.c.host == one.host, since.is_not(None), article.c.removed_at.is_(None))
        )
        found = told.union_all(going).subquery()
    else:
        found = told.subquery()
    first = select(found.c.article_id, func.min(found.c.since).label("since")).group_by(found.c.article_id).subquery()
    query = (
        select(article.c.guid, revision.c.title, address.c.url, revision.c.published, first.c.since)
        .join(article, article.c.id == first.c.article_id)
        .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
        .join(address, address.c.id == article.c.lead_id)
        .order_by(article.c.first_seen_at, article.c.id)
        .limit(most)
    )
    return [Member(row.guid, row.title, row.url, row.published, row.since) for row in connection.execute(query)]


def common_of(connection: sa.Connection, source_id: int) -> frozenset[str]:
    """The lines that site-wide changes of a source put there ("+" before them) or took away ("-"): folded, in lower
    case, any number in them written 0. May be empty."""
    found = connection.execute(
        select(mass.c.common).where(mass.c.source_id == source_id, mass.c.common != "")
    ).scalars()
    return frozenset(line.lower() for lines in found for line in json.loads(lines))


def decide(connection: sa.Connection, mass_id: int, how: Literal["confirmed", "dismissed"]) -> Mass:
    """A person says what a removal event is; the daemon carries it out. Raises NoSuchMass, and ValueError where there
    is nothing to decide."""
    one = event(connection, mass_id)
    if one.kind != "removed":
        raise ValueError(f"mass event {mass_id} is of articles that were {one.kind}: there is nothing to decide")
    if one.ended_at is not None:
        raise ValueError(f"mass event {mass_id} has ended: {one.how}")
    recorded = select(change.c.id).where(change.c.mass_id == mass_id).limit(1)
    if how != one.how and one.how and connection.execute(recorded).first():
        raise ValueError(f"mass event {mass_id} is being recorded: {one.how}")
    return decided(connection, one, how)


def decided(connection: sa.Connection, one: Mass, how: str) -> Mass:
    """The event, with how it will end kept."""
    connection.execute(update(mass).where(mass.c.id == one.id).values(how=how))
    return event(connection, one.id)


def begin(
    connection: sa.Connection, kind: Kind, host: str, source_id: int, began_at: datetime, common: Sequence[str] = ()
) -> Mass:
    values = {"kind": kind, "host": host, "source_id": source_id, "began_at": began_at, "common": _json(common)}
    made = connection.execute(mass.insert().values(values).returning(mass.c.id)).scalar_one()
    return event(connection, made)


def counted(connection: sa.Connection, one: Mass, articles: int) -> None:
    """Keep the most that were of it at a time."""
    if articles > one.articles:
        connection.execute(update(mass).where(mass.c.id == one.id).values(articles=articles))


def tell_of(
    connection: sa.Connection, one: Mass, subject: str, text: Sequence[str], articles: int, now: datetime
) -> None:
    """Leave the one notice of the event, with the beginning of its list and where all of it stands."""
    named = members(connection, one, MOST_NAMED)
    lines = [*text, "", *(f"- {member.title} {member.url}" for member in named)]
    if articles > len(named):
        lines.append(f"... and {articles - len(named):,} more.")
    lines += ["", f"The whole list: dateline mass {one.id}, or /mass/{one.id} on Dateline's page."]
    tell(connection, subject, "\n".join(lines), now, about=f"source {one.source}", mass_id=one.id)
    connection.execute(update(mass).where(mass.c.id == one.id).values(told_at=now, articles=articles))


def end(connection: sa.Connection, one: Mass, how: str, now: datetime) -> None:
    connection.execute(update(mass).where(mass.c.id == one.id).values(ended_at=now, how=how))


def _mass(row: Any) -> Mass:
    return Mass(
        id=row.id,
        kind=row.kind,
        host=row.host,
        source_id=row.source_id,
        source=row.name,
        began_at=row.began_at,
        told_at=row.told_at,
        ended_at=row.ended_at,
        how=row.how,
        common=tuple(json.loads(row.common or "[]")),
        articles=row.articles,
    )


def _json(lines: Sequence[str]) -> str:
    return json.dumps(list(lines), ensure_ascii=False) if lines else ""
