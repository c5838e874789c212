"""Alerts and their deliveries: what is to be told, to whom, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage import stopped
from storage.changes import load_changes
from storage.deliveries import ASKED_TO_WAIT, BY_HAND, NO_SUCH_CHANNEL, hold, resume
from storage.model.articles import Change, ChangeKind
from storage.model.telling import DeliveryState, Notice, RuleConfig
from storage.rows import notice_json
from storage.schema.articles import article, change
from storage.schema.telling import alert, channel, delivery, delivery_alert, rule
from storage.sources import source_names

MOST_ALERTS_A_DELIVERY = 50  # where the channel says nothing else

DueAt = Callable[[str, str, datetime], datetime]  # of a rule ("" for a notice), a channel, and when it was opened


@dataclass(frozen=True, slots=True)
class Judged:
    """That a rule held for a change. `untold` is the one reason why no delivery is made; "" makes them."""

    change_id: int
    rule: str
    holds: Literal["now", "no longer", "still"]
    words: tuple[str, ...]
    channels: tuple[str, ...]
    untold: str = ""
    once_a_story: bool = False  # the rule holds for this article from now on, and tells of each story once


# Config taken over


def take_over_rules(connection: sa.Connection, rules: Iterable[RuleConfig], now: datetime) -> None:
    """A rule holds for changes seen from its first load on; one that left and comes back starts anew."""
    there = {row.name: row for row in connection.execute(select(rule))}
    wanted = {one.name: one for one in rules}
    for name, one in wanted.items():
        if name not in there:
            connection.execute(rule.insert().values(name=name, query=one.query, loaded_at=now))
        elif there[name].retired_at is not None:
            values = {"query": one.query, "loaded_at": now, "retired_at": None}
            connection.execute(update(rule).where(rule.c.name == name).values(values))
        elif there[name].query != one.query:
            connection.execute(update(rule).where(rule.c.name == name).values(query=one.query))
    gone = [name for name, row in there.items() if name not in wanted and row.retired_at is None]
    connection.execute(update(rule).where(rule.c.name.in_(gone)).values(retired_at=now))


def take_over_channels(connection: sa.Connection, names: Iterable[str], now: datetime) -> None:
    """Deliveries of a channel that is gone wait as "no such channel"; they go on when it is back."""
    there = {row.name: row for row in connection.execute(select(channel))}
    wanted = set(names)
    for name in wanted - there.keys():
        connection.execute(channel.insert().values(name=name, failures=0, error=""))
    for name, row in there.items():
        if name in wanted and row.retired_at is not None:
            connection.execute(update(channel).where(channel.c.name == name).values(retired_at=None))
            if row.paused_at is None:
                resume(connection, name, row.retired_at, now)
        elif name not in wanted and row.retired_at is None:
            connection.execute(update(channel).where(channel.c.name == name).values(retired_at=now))
            hold(connection, name, NO_SUCH_CHANNEL)


# Raising alerts


def unmatched(connection: sa.Connection, most: int, now: datetime) -> list[Change]:
    """The oldest changes that were not judged yet and wait for nothing, of articles that have their story. No cursor:
    on PostgreSQL a lower id may commit later."""
    is_due = change.c.due_at.is_(None) | (change.c.due_at <= now)
    query = (
        select(change.c.id)
        .join(article, article.c.id == change.c.article_id)
        .where(change.c.matched_at.is_(None), is_due, article.c.story_id.is_not(None))
        .order_by(change.c.id)
        .limit(most)
    )
    ids = connection.execute(query)
    return load_changes(connection, ids.scalars().all())


def listed_meanwhile(connection: sa.Connection, changes: Sequence[Change]) -> set[int]:
    """The ids of those changes whose article has got a source since they were read. Rules of that source were not
    asked: they are to be read and judged anew. Whoever lists an article sees to that where it was judged already."""
    query = select(article.c.id, article.c.source_id).where(article.c.id.in_({one.article_id for one in changes}))
    names = source_names(connection, {row.id: row.source_id for row in connection.execute(query)})
    return {one.id for one in changes if not set(names.get(one.article_id, ())) <= set(one.sources)}


def rules_loaded_at(connection: sa.Connection) -> dict[str, datetime]:
    rows = connection.execute(select(rule.c.name, rule.c.loaded_at).where(rule.c.retired_at.is_(None)))
    return {row.name: row.loaded_at for row in rows}


def raise_alerts(
    connection: sa.Connection,
    change_ids: Sequence[int],
    judged: Sequence[Judged],
    now: datetime,
    due_at: DueAt,
    most: Callable[[str], int] = lambda channel: MOST_ALERTS_A_DELIVERY,
) -> int:
    """Write, in the caller's one transaction, that these changes are judged, and the alerts and deliveries that follow.

    An alert joins the delivery that gathers for its rule and channel, or opens one, which is due by `due_at`; one that
    holds as many as a channel's messages may, by `most`, is full. A change that was judged meanwhile is passed over
    whole. Answers how many alerts were raised.
    """
    fresh = set(
        connection.execute(
            update(change)
            .where(change.c.id.in_(change_ids), change.c.matched_at.is_(None))
            .values(matched_at=now)
            .returning(change.c.id)
        ).scalars()
    )
    # A change may be judged again, when another source has its article as well.
    query = select(alert.c.change_id, alert.c.rule).where(alert.c.change_id.in_(fresh))
    there = {(row.change_id, row.rule) for row in connection.execute(query)}
    raised = [one for one in judged if one.change_id in fresh and (one.change_id, one.rule) not in there]
    halted = stopped.since(connection) if raised else {}
    gathering: dict[tuple[str, str], tuple[str, int]] = {}
    for one in raised:
        if one.once_a_story and not one.untold and (told := _told_of_story(connection, one)):
            one = replace(one, untold=told)
        if not one.untold:
            channels, why = stopped.left(one.rule, one.channels, halted)
            one = replace(one, channels=channels, untold=why)
        alert_id = connection.execute(
            alert.insert()
            .values(
                change_id=one.change_id,
                rule=one.rule,
                holds=one.holds,
                words=json.dumps(one.words, ensure_ascii=False),
                created_at=now,
                untold=one.untold or ("" if one.channels else "no channel"),
            )
            .returning(alert.c.id)
        ).scalar_one()
        for name in () if one.untold else dict.fromkeys(one.channels):
            delivery_id, held = gathering.get((name, one.rule)) or _gathers(connection, name, one.rule, now)
            if not delivery_id or held >= most(name):
                delivery_id, held = new_delivery(connection, name, one.rule, now, due_at(one.rule, name, now)), 0
            connection.execute(delivery_alert.insert().values(delivery_id=delivery_id, alert_id=alert_id))
            gathering[name, one.rule] = (delivery_id, held + 1)
    return len(raised)


def _told_of_story(connection: sa.Connection, one: Judged) -> str:
    """Why an article that a rule holds for now is not told: that another source's of its story was; "" if none."""
    row = connection.execute(_TOLD_OF_STORY, {"change": one.change_id, "rule": one.rule}).first()
    return f"the same story was told in alert {row.id}" if row else ""


def has_gathered(connection: sa.Connection, now: datetime) -> bool:
    """Is there anything for `close` to do? Read first: a tick that changes nothing writes nothing."""
    gathered = select(delivery.c.id).where(delivery.c.state == DeliveryState.OPEN, delivery.c.closes_at <= now)
    return connection.execute(gathered.limit(1)).first() is not None


def close(connection: sa.Connection, now: datetime) -> int:
    """Deliveries that have gathered long enough are due; those of a channel that is paused or gone wait with it."""
    ready = connection.execute(
        select(delivery.c.id, channel.c.paused_at, channel.c.retired_at, channel.c.error, channel.c.name)
        .join(channel, channel.c.name == delivery.c.channel, isouter=True)
        .where(delivery.c.state == DeliveryState.OPEN, delivery.c.closes_at <= now)
    ).all()
    for row in ready:
        values: dict[str, object] = {"state": DeliveryState.PENDING, "next_attempt_at": now}
        if row.name is None or row.retired_at is not None:
            values = {"state": DeliveryState.PAUSED, "error": NO_SUCH_CHANNEL}
        elif row.paused_at is not None:
            values = {"state": DeliveryState.PAUSED, "error": row.error}
        connection.execute(update(delivery).where(delivery.c.id == row.id).values(values))
    return len(ready)


def replan(connection: sa.Connection, due_at: DueAt, now: datetime) -> int:
    """What gathers goes by the plan that is in force, reckoned from when it was opened, or from now where that lies in
    the future: the clock was set back. Answers how many were moved; writes nothing where none is."""
    moved = 0
    for row in connection.execute(select(delivery).where(delivery.c.state == DeliveryState.OPEN)).all():
        opened_at = min(row.created_at, now)
        closes_at = due_at(row.rule, row.channel, opened_at)
        if (opened_at, closes_at) != (row.created_at, row.closes_at):
            values = {"created_at": opened_at, "closes_at": closes_at}
            connection.execute(update(delivery).where(delivery.c.id == row.id).values(values))
            moved += 1
    return moved


def take_over_plans(connection: sa.Connection, due_at: DueAt, now: datetime) -> None:
    """What gathers goes by the plan that is in force now; what quiet hours or a limit hold is due, and the next round
    holds it by that plan, or sends it. What a receiver asked for, no plan changes."""
    replan(connection, due_at, now)
    held = (delivery.c.state == DeliveryState.PENDING) & delivery.c.held.not_in(("", BY_HAND, ASKED_TO_WAIT))
    connection.execute(update(delivery).where(held).values(next_attempt_at=now, held=""))


def _gathers(connection: sa.Connection, name: str, rule_name: str, now: datetime) -> tuple[str, int]:
    """The delivery that gathers for this rule and channel, and how many alerts it holds; "" where none does.

    Always the newest: what an older one would have room for belongs behind what the newer ones hold.
    """
    newest = connection.execute(
        select(delivery.c.id)
        .where(
            delivery.c.channel == name,
            delivery.c.rule == rule_name,
            delivery.c.state == DeliveryState.OPEN,
            delivery.c.closes_at > now,
        )
        .order_by(delivery.c.turn.desc())
        .limit(1)
    ).scalar_one_or_none()
    if newest is None:
        return "", 0
    held = select(func.count()).where(delivery_alert.c.delivery_id == newest)
    return newest, connection.execute(held).scalar_one()


def new_delivery(
    connection: sa.Connection,
    name: str,
    rule_name: str,
    now: datetime,
    closes_at: datetime,
    notice: Notice | None = None,
) -> str:
    """Open a delivery, the last in the order of its channel; answers its id."""
    delivery_id = uuid4().hex
    last = connection.execute(select(func.max(delivery.c.turn)).where(delivery.c.channel == name)).scalar_one()
    connection.execute(
        delivery.insert().values(
            id=delivery_id,
            channel=name,
            rule=rule_name,
            state=DeliveryState.OPEN,
            created_at=now,
            closes_at=closes_at,
            notice=notice_json(notice) if notice else "",
            turn=(last or 0) + 1,
        )
    )
    return delivery_id


_this, _of_story, _added = article.alias("this"), article.alias("of_story"), change.alias("added")
_TOLD_OF_STORY = (
    select(alert.c.id)
    .join(_added, _added.c.id == alert.c.change_id)
    .join(_of_story, _of_story.c.id == _added.c.article_id)
    .join(_this, _this.c.story_id == _of_story.c.story_id)
    .join(change, change.c.article_id == _this.c.id)
    .where(
        change.c.id == bindparam("change"),
        # What a source reports again, it reports anew: only another's copy is known already.
        _of_story.c.source_id != _this.c.source_id,
        _added.c.kind.in_((str(ChangeKind.ADDED), str(ChangeKind.EDITED))),
        alert.c.rule == bindparam("rule"),
        alert.c.holds == "now",
        alert.c.untold == "",
    )
    .order_by(alert.c.id)
    .limit(1)
)
