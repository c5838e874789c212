"""What is over a channel's limit: how much it has carried, and many deliveries made one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import func, select, update

from storage.deliveries import BY_HAND, is_due, load
from storage.model.telling import DeliveryState
from storage.notices import joined
from storage.outbox import MOST_ALERTS_A_DELIVERY
from storage.rows import notice_json
from storage.schema.telling import alert, delivery, delivery_alert
from storage.stopped import NOT_YET_SENT, since
from storage.turns import in_turn

MOST_NOTICES = 200
MOST_RULES = 3  # that a summary names


def sent_within(connection: sa.Connection, name: str, span: timedelta, now: datetime) -> list[datetime]:
    """When a channel carried the messages of the last `span`, oldest first. What a clock that was set back has left in
    the future does not count."""
    of_late = (delivery.c.channel == name) & (delivery.c.sent_at > now - span) & (delivery.c.sent_at <= now)
    return list(connection.execute(select(delivery.c.sent_at).where(of_late).order_by(delivery.c.sent_at)).scalars())


def due_count(connection: sa.Connection, name: str, now: datetime) -> int:
    """How many deliveries are due for a channel, and not by hand; those too that wait for an earlier one of their
    story."""
    query = select(func.count()).where(delivery.c.channel == name, is_due(now), delivery.c.held != BY_HAND)
    return int(connection.execute(query).scalar_one())


def sum_up(
    connection: sa.Connection,
    name: str,
    now: datetime,
    rings: Callable[[str], bool] = lambda rule: True,
    most: int = MOST_ALERTS_A_DELIVERY,
) -> int:
    """Make one delivery of those that are due for a channel and were never attempted: all alerts, or all notices, as
    the oldest of them is; of rules that may ring now. It holds `most` alerts, what is behind them makes the next, and
    keeps the oldest's id and turn. Answers how many it took in.

    An alert stays what it was, and is told in this delivery in place of its own.
    """
    fresh = is_due(now) & delivery.c.first_attempt_at.is_(None) & delivery.c.payload.is_(None)
    fresh &= delivery.c.held != BY_HAND
    rules = connection.execute(select(delivery.c.rule).where(delivery.c.channel == name, fresh).distinct()).scalars()
    fresh &= delivery.c.rule.not_in([one for one in rules if not rings(one)])
    oldest = connection.execute(
        select(delivery.c.notice).where(delivery.c.channel == name, fresh).order_by(delivery.c.turn).limit(1)
    ).first()
    if oldest is None:
        return 0
    if oldest.notice:
        return _of_notices(connection, name, fresh)
    return _of_alerts(connection, name, fresh, most)


def _of_alerts(connection: sa.Connection, name: str, fresh: sa.ColumnElement[bool], most: int) -> int:
    taken: list[str] = []
    room = most
    for one in in_turn(connection, name, fresh & (delivery.c.notice == ""), together=True):
        held = select(func.count()).where(delivery_alert.c.delivery_id == one)
        room -= connection.execute(held).scalar_one()
        if room < 0 and taken:
            break
        taken.append(one)
    if len(taken) < 2:
        return 0
    kept, *others = taken
    query = select(delivery.c.rule).where(delivery.c.id.in_(taken)).group_by(delivery.c.rule)
    rules = connection.execute(query.order_by(func.min(delivery.c.turn))).scalars().all()
    connection.execute(update(delivery_alert).where(delivery_alert.c.delivery_id.in_(others)).values(delivery_id=kept))
    connection.execute(delivery.delete().where(delivery.c.id.in_(others)))
    connection.execute(update(delivery).where(delivery.c.id == kept).values(rule=rules_in_words(rules)))
    return len(taken)


def _of_notices(connection: sa.Connection, name: str, fresh: sa.ColumnElement[bool]) -> int:
    taken = list(islice(in_turn(connection, name, fresh & (delivery.c.notice != ""), together=True), MOST_NOTICES))
    if len(taken) < 2:
        return 0
    one = joined([each.notice for each in load(connection, taken) if each.notice is not None])
    connection.execute(delivery.delete().where(delivery.c.id.in_(taken[1:])))
    connection.execute(update(delivery).where(delivery.c.id == taken[0]).values(notice=notice_json(one)))
    return len(taken)


def leave_out(connection: sa.Connection, rule: str, channel: str, why: str, now: datetime) -> None:
    """Take the alerts of a rule that its reader stopped out of the summaries for a channel that were not put into words
    yet; a summary that holds no other is dropped, and so is one in words once all of its rules are stopped."""
    ended = {"state": DeliveryState.DROPPED, "error": why, "held": "", "next_attempt_at": None, "ended_at": now}
    halted = since(connection)
    waits = (delivery.c.channel == channel) & delivery.c.state.in_(NOT_YET_SENT)
    for (of, name), rules in in_words(connection, waits).items():
        if rule in rules and all((one, name) in halted for one in rules):
            connection.execute(update(delivery).where(delivery.c.id == of).values(ended))
    for of, numbers, left in _held_of(connection, rule, channel):
        if not left:
            connection.execute(update(delivery).where(delivery.c.id == of).values(ended))
            continue
        out = (delivery_alert.c.delivery_id == of) & delivery_alert.c.alert_id.in_(numbers)
        connection.execute(delivery_alert.delete().where(out))
        elsewhere = select(delivery_alert.c.alert_id)
        told_nowhere = alert.c.id.in_(numbers) & alert.c.id.not_in(elsewhere)
        connection.execute(update(alert).where(told_nowhere).values(untold=why))
        connection.execute(update(delivery).where(delivery.c.id == of).values(rule=rules_in_words(left)))


def part(connection: sa.Connection, rule: str, channel: str) -> None:
    """Make the alerts of a rule a delivery of their own again, in the place of each summary for a channel that holds
    them and was not put into words yet."""
    for of, numbers, left in _held_of(connection, rule, channel):
        if not left:
            connection.execute(update(delivery).where(delivery.c.id == of).values(rule=rule))
            continue
        whole = connection.execute(select(delivery).where(delivery.c.id == of)).one()
        own = uuid4().hex
        connection.execute(delivery.insert().values({**whole._mapping, "id": own, "rule": rule}))
        theirs = (delivery_alert.c.delivery_id == of) & delivery_alert.c.alert_id.in_(numbers)
        connection.execute(update(delivery_alert).where(theirs).values(delivery_id=own))
        connection.execute(update(delivery).where(delivery.c.id == of).values(rule=rules_in_words(left)))


def in_words(connection: sa.Connection, which: sa.ColumnElement[bool]) -> dict[tuple[str, str], list[str]]:
    """The summaries among those deliveries that were put into words, by id and channel, each with the rules of all that
    it tells. Nothing can be taken out of one: it is told, or not, as a whole."""
    query = (
        select(delivery.c.id, delivery.c.channel, alert.c.rule)
        .join(delivery_alert, delivery_alert.c.delivery_id == delivery.c.id)
        .join(alert, alert.c.id == delivery_alert.c.alert_id)
        .where(which, delivery.c.rule != alert.c.rule, delivery.c.payload.is_not(None))
        .distinct()
    )
    rules: dict[tuple[str, str], list[str]] = {}
    for of, name, rule in connection.execute(query):
        rules.setdefault((of, name), []).append(rule)
    return rules


def _held_of(connection: sa.Connection, rule: str, channel: str) -> list[tuple[str, list[int], list[str]]]:
    """The summaries for a channel without words that hold alerts of a rule: each with these, and its other rules."""
    ours = select(delivery.c.id).where(
        delivery.c.channel == channel,
        delivery.c.rule != rule,
        delivery.c.notice == "",
        delivery.c.payload.is_(None),
        delivery.c.state.in_(NOT_YET_SENT),
    )
    held = (
        select(delivery_alert.c.delivery_id, alert.c.id, alert.c.rule)
        .join(alert, alert.c.id == delivery_alert.c.alert_id)
        .where(delivery_alert.c.delivery_id.in_(ours))
        .order_by(alert.c.id)
    )
    rules: dict[str, dict[str, None]] = {}
    theirs: dict[str, list[int]] = {}
    for of, number, its in connection.execute(held):
        rules.setdefault(of, {})
        if its == rule:
            theirs.setdefault(of, []).append(number)
        else:
            rules[of][its] = None
    return [(of, numbers, list(rules[of])) for of, numbers in theirs.items()]


def rules_in_words(names: Sequence[str]) -> str:
    """The rules of a summary; no rule's own name where there are several, since those hold no comma."""
    if len(names) <= MOST_RULES:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_RULES])}, and {len(names) - MOST_RULES} more"
