"""What waits for a channel that its rule does not name any more: dropped, and taken up again if that was a mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import select, update

from storage import stopped
from storage.deliveries import BY_HAND
from storage.model.telling import DeliveryState, RuleConfig
from storage.schema.telling import alert, channel, delivery, delivery_alert
from storage.summaries import in_words, part

NOT_NAMED = "its rule does not name this channel any more"
UNDONE_WITHIN = timedelta(days=1)  # then it is old, and whoever names the channel again does not wait for it


def drop_unnamed(connection: sa.Connection, rules: Iterable[RuleConfig], channels: Iterable[str], now: datetime) -> int:
    """Drop what waits for a channel that its rule does not name any more, also what is a part of a summary; it can be
    sent by hand. A summary that was put into words is told while one of its rules that its reader has not stopped
    names the channel. Answers how many deliveries are dropped.

    Of a rule or a channel that left the config nothing is: either may only have got another name.
    """
    named, there, dropped = {one.name: one.channels for one in rules}, set(channels), 0
    for of, name in connection.execute(_SUMMED_UP).all():
        if _is_taken_off(of, name, named, there):
            part(connection, of, name)
    waits = delivery.c.state.in_(stopped.NOT_YET_SENT) & (delivery.c.held != BY_HAND)
    pairs = select(delivery.c.rule, delivery.c.channel).where(waits).distinct()
    mine = [
        (delivery.c.rule == of) & (delivery.c.channel == name)
        for of, name in connection.execute(pairs).all()
        if _is_taken_off(of, name, named, there)
    ]
    halted = stopped.since(connection)
    for (one, name), its in in_words(connection, waits).items():
        told = [of for of in its if (of, name) not in halted]  # once none is, `leave_out` has dropped it
        if told and all(_is_taken_off(of, name, named, there) for of in told):
            mine.append(delivery.c.id == one)
    why = {"error": NOT_NAMED, "held": "", "next_attempt_at": None, "ended_at": now}
    for which in mine:
        ended = update(delivery).where(waits, which).values(state=DeliveryState.DROPPED, **why)
        dropped += connection.execute(ended).rowcount
    return dropped


def take_up_named(
    connection: sa.Connection, rules: Iterable[RuleConfig], channels: Iterable[str], now: datetime
) -> int:
    """What was dropped so of late, and whose rule names the channel again, goes on where it stopped: a slip in a config
    that is mended a minute later costs nobody a week's digest. Answers how many deliveries."""
    named, there = {one.name: one.channels for one in rules}, set(channels)
    halted, taken_up = stopped.since(connection), 0
    of_late = (
        (delivery.c.state == DeliveryState.DROPPED)
        & (delivery.c.error == NOT_NAMED)
        & (delivery.c.ended_at > now - UNDONE_WITHIN)
    )

    def is_told(of: str, name: str) -> bool:
        return name in there and name in named.get(of, ()) and (of, name) not in halted

    pairs = select(delivery.c.rule, delivery.c.channel).where(of_late).distinct()
    again = [
        (name, (delivery.c.rule == of) & (delivery.c.channel == name))
        for of, name in connection.execute(pairs).all()
        if is_told(of, name)
    ]
    again += [
        (name, delivery.c.id == one)
        for (one, name), rules in in_words(connection, of_late).items()
        if any(is_told(of, name) for of in rules)
    ]
    for name, which in again:
        mine = of_late & which
        gathers = (delivery.c.closes_at > now) & delivery.c.payload.is_(None)
        # Meanwhile nobody tried: as where a person sends it again, it has three days of its own attempts before it.
        tried = sa.case((delivery.c.first_attempt_at.is_not(None), sa.literal(now, delivery.c.sent_at.type)))
        on: dict[str, object] = {"error": "", "ended_at": None, "first_attempt_at": tried}
        opened = update(delivery).where(mine, gathers).values(state=DeliveryState.OPEN, **on)
        taken_up += connection.execute(opened).rowcount
        paused = connection.execute(
            select(channel.c.error).where(channel.c.name == name, channel.c.paused_at.is_not(None))
        ).first()
        if paused is not None:
            on |= {"state": DeliveryState.PAUSED, "error": paused.error}
        else:
            on |= {"state": DeliveryState.PENDING, "next_attempt_at": now}
        taken_up += connection.execute(update(delivery).where(mine).values(on)).rowcount
    return taken_up


def _is_taken_off(of: str, name: str, named: Mapping[str, Collection[str]], there: Collection[str]) -> bool:
    return of in named and name in there and name not in named[of]


# The rules of alerts that wait as a part of another delivery than their rule's own, with its channel.
_SUMMED_UP = (
    select(alert.c.rule, delivery.c.channel)
    .join(delivery_alert, delivery_alert.c.alert_id == alert.c.id)
    .join(delivery, delivery.c.id == delivery_alert.c.delivery_id)
    .where(delivery.c.state.in_(stopped.NOT_YET_SENT), delivery.c.rule != alert.c.rule)
    .distinct()
)
