"""What the store knows of why a rule told of a change, or did not. It only reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

import sqlalchemy as sa
from sqlalchemy import func, select

from storage.changes import load_changes
from storage.fates import Fate, fates_of
from storage.finding import LONGEST_NUMBER
from storage.identity import host_of
from storage.model.articles import Change
from storage.schema.articles import address, article, change
from storage.schema.telling import alert, rule
from storage.text import one_line

NEAREST = 3  # addresses that an error suggests
COMPARED = 2000  # of the newest of a host


class NoSuchAlert(Exception):
    """There is no alert of this number; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert with the words that made it hold, and its deliveries in the order of their channels, or the one reason
    why it has none."""

    id: int
    rule: str
    holds: str
    words: tuple[str, ...]
    created_at: datetime
    untold: str
    fates: tuple[Fate, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A change, how far it has come on its way to the rules, and the alert that a rule gave of it.

    `matched_at` None: not judged yet, and not before `due_at` where that is set. `mass_id`: it is told as a part of
    that event. `is_placed`: its article has its story.
    """

    change: Change
    history: bool
    matched_at: datetime | None
    due_at: datetime | None
    mass_id: int | None
    is_placed: bool
    alert: Raised | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule as the daemon last took it over. `retired_at`: since when it is not in the config any more."""

    query: str
    loaded_at: datetime
    retired_at: datetime | None


def of_article(connection: sa.Connection, article_id: int, rule_name: str) -> list[Step]:
    """Every change of an article, the oldest first, as a rule met it."""
    ids = select(change.c.id).where(change.c.article_id == article_id).order_by(change.c.seen_at, change.c.id)
    return _steps(connection, connection.execute(ids).scalars().all(), rule_name)


def of_alert(connection: sa.Connection, asked: str) -> Step:
    """The change of an alert, named by its number, with that alert. Raises NoSuchAlert."""
    number = asked.strip().removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER:
        found = connection.execute(select(alert.c.change_id, alert.c.rule).where(alert.c.id == int(number))).first()
        if found is not None:
            return _steps(connection, [found.change_id], found.rule)[0]
    newest = connection.execute(select(func.max(alert.c.id))).scalar()
    there = "no alert was raised yet" if newest is None else f"the newest is {newest}; /alerts lists them"
    raise NoSuchAlert(f"there is no alert {one_line(asked, 100)!r}: {there}")


def loaded(connection: sa.Connection, rule_name: str) -> Loaded | None:
    """None where no daemon has taken the rule over yet."""
    row = connection.execute(select(rule).where(rule.c.name == rule_name)).first()
    return Loaded(row.query, row.loaded_at, row.retired_at) if row is not None else None


def addresses_near(connection: sa.Connection, asked: str) -> list[str]:
    """Known addresses of articles of the same host that are nearest to one that is not known."""
    try:
        host = host_of(asked.strip())
    except ValueError:
        return []
    newest = select(address.c.url).where(address.c.host == host, address.c.article_id.is_not(None))
    urls = connection.execute(newest.order_by(address.c.id.desc()).limit(COMPARED)).scalars().all()
    return get_close_matches(asked.strip()[:2048], urls, NEAREST, 0.6)


def _steps(connection: sa.Connection, ids: Sequence[int], rule_name: str) -> list[Step]:
    rows = connection.execute(
        select(change, article.c.story_id)
        .join(article, article.c.id == change.c.article_id)
        .where(change.c.id.in_(ids))
    )
    known = {row.id: row for row in rows}
    alerts = _alerts(connection, ids, rule_name)
    return [
        Step(
            change=one,
            history=known[one.id].history,
            matched_at=known[one.id].matched_at,
            due_at=known[one.id].due_at,
            mass_id=known[one.id].mass_id,
            is_placed=known[one.id].story_id is not None,
            alert=alerts.get(one.id),
        )
        for one in load_changes(connection, ids)
    ]


def _alerts(connection: sa.Connection, change_ids: Sequence[int], rule_name: str) -> dict[int, Raised]:
    of_rule = select(alert).where(alert.c.change_id.in_(change_ids), alert.c.rule == rule_name)
    rows = connection.execute(of_rule).all()
    fates = fates_of(connection, [row.id for row in rows])
    return {
        row.change_id: Raised(
            row.id,
            row.rule,
            row.holds,
            tuple(json.loads(row.words)),
            row.created_at,
            row.untold,
            tuple(fates.get(row.id, ())),
        )
        for row in rows
    }
