"""Why somebody was told, or was not: alerts with what became of them, and how the channels are. It only reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from storage.counts import WAITING
from storage.deliveries import NO_SUCH_CHANNEL
from storage.model.articles import ChangeKind
from storage.model.telling import DeliveryState, Notice
from storage.rows import notice_from
from storage.schema.articles import article, change, revision
from storage.schema.looking import source
from storage.schema.telling import alert, channel, delivery, delivery_alert, notice, rule
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a delivery so far. `reason` is why it was not sent yet, "" where nothing went wrong.

    `at` is when it was sent; else when it goes on: has gathered, is attempted next, is next in turn to probe its
    channel. None where it does not go on by itself.
    """

    delivery_id: str
    channel: str
    rule: str  # "" for a notice
    state: DeliveryState
    attempts: int
    at: datetime | None
    reason: str
    answer: str = ""  # of the other side, when it took it
    sent_to: str = ""

    @property
    def waits_its_turn(self) -> bool:
        """Is it due and not attempted yet, with nothing that holds it but what its channel is told before it?"""
        is_due = self.state == DeliveryState.PENDING and self.at is not None
        return is_due and not self.attempts and not self.reason


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert and what became of it: its deliveries in the order of their channels, or the one reason for none.

    `title` is the article's after the change, before it where the article is gone.
    """

    id: int
    rule: str
    holds: str
    words: tuple[str, ...]
    created_at: datetime
    kind: ChangeKind
    cls: str
    stealth: bool
    guid: str
    source: str  # where the article was first seen
    title: str
    language: str
    untold: str
    fates: tuple[Fate, ...]


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel and how it is: paused since, not in the config any more, or else at work.

    `failures` are its own faults in a row and `reason` the last one's; `waiting` counts deliveries, `put_off` those of
    them that were attempted and are to be attempted again. Without a fault of its own `reason` is one of theirs.
    """

    name: str
    in_config: bool
    paused_at: datetime | None
    probe_at: datetime | None
    failures: int
    reason: str
    waiting: int
    put_off: int = 0


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice that some channel of the operator's has not got; without fates where none was tried yet."""

    notice: Notice
    created_at: datetime
    fates: tuple[Fate, ...]


class Fates:
    """Who was told, and why not. Each method is one consistent, short read, safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def alerts(self, limit: int = 100, of_rule: str = "") -> list[RaisedAlert]:
        """The newest alerts, newest first; of one rule, of all where none is named."""
        before, after = revision.alias("before"), revision.alias("after")
        query = (
            select(
                alert,
                *(change.c.kind, change.c.cls, change.c.stealth, article.c.guid, source.c.name.label("source")),
                func.coalesce(after.c.title, before.c.title, "").label("title"),
                func.coalesce(after.c.language, before.c.language, "").label("language"),
            )
            .join(change, change.c.id == alert.c.change_id)
            .join(article, article.c.id == change.c.article_id)
            .join(source, source.c.id == article.c.source_id)
            .join(before, before.c.id == change.c.before_id, isouter=True)
            .join(after, after.c.id == change.c.after_id, isouter=True)
            .where(*([alert.c.rule == of_rule] if of_rule else []))
            .order_by(alert.c.created_at.desc(), alert.c.id.desc())
            .limit(limit)
        )
        with self._store.reader() as reading:
            rows = reading.execute(query).all()
            fates = fates_of(reading, [row.id for row in rows])
        return [
            RaisedAlert(
                id=row.id,
                rule=row.rule,
                holds=row.holds,
                words=tuple(json.loads(row.words)),
                created_at=row.created_at,
                kind=ChangeKind(row.kind),
                cls=row.cls,
                stealth=row.stealth,
                guid=row.guid,
                source=row.source,
                title=row.title,
                language=row.language,
                untold=row.untold,
                fates=tuple(fates.get(row.id, ())),
            )
            for row in rows
        ]

    def rules(self, limit: int) -> list[str]:
        """Rules that were ever in the config, by name; so many at most."""
        with self._store.reader() as reading:
            return list(reading.execute(select(rule.c.name).order_by(rule.c.name).limit(limit)).scalars())

    def channels(self) -> list[ChannelState]:
        """Every channel of the config, by name, and those that left it while deliveries wait for them."""
        wait = select(delivery.c.channel, func.count().label("number")).where(delivery.c.state.in_(WAITING))
        with self._store.reader() as reading:
            waiting = {row.channel: row.number for row in reading.execute(wait.group_by(delivery.c.channel))}
            known = {row.name: row for row in reading.execute(select(channel))}
            put_off = {row.channel: (row.number, row.error) for row in reading.execute(_PUT_OFF)}
        shown = waiting.keys() | {name for name, row in known.items() if row.retired_at is None}
        return [
            _channel_state(name, known.get(name), waiting.get(name, 0), *put_off.get(name, (0, "")))
            for name in sorted(shown)
        ]

    def paused_channels(self) -> list[ChannelState]:
        """Those channels of the config that wait for a probe to find them well, by name."""
        return [one for one in self.channels() if one.in_config and one.paused_at is not None]

    def notices(self, limit: int = 20) -> list[OpenNotice]:
        """Notices that were not told yet, or not through every channel of the operator's; newest first."""
        untaken = select(notice).where(notice.c.told_at.is_(None)).order_by(notice.c.id.desc()).limit(limit)
        # By their states, of which there is an index: of all deliveries, those that were not sent are few.
        unsent = _FATES.add_columns(delivery.c.notice, delivery.c.created_at)
        unsent = unsent.where(delivery.c.state.in_((*WAITING, DeliveryState.GIVEN_UP)), delivery.c.notice != "")
        unsent = unsent.order_by(delivery.c.created_at.desc(), delivery.c.channel).limit(limit)
        with self._store.reader() as reading:
            open_ = [
                OpenNotice(Notice(row.subject, row.text), row.created_at, ()) for row in reading.execute(untaken).all()
            ]
            fates: dict[tuple[datetime, str], list[Fate]] = {}
            for row in reading.execute(unsent):
                fates.setdefault((row.created_at, row.notice), []).append(_fate(row))
        for (at, text), each in fates.items():
            if (of := notice_from(text)) is not None:
                open_.append(OpenNotice(of, at, tuple(each)))
        return sorted(open_, key=lambda one: one.created_at, reverse=True)[:limit]


# What a paused delivery waits for is the channel's to say: its own reason may be an older one.
_PUT_OFF = (
    select(delivery.c.channel, func.count().label("number"), func.max(delivery.c.error).label("error"))
    .where(delivery.c.state == DeliveryState.PENDING, delivery.c.attempts > 0, delivery.c.error != "")
    .group_by(delivery.c.channel)
)
_FATES = (
    select(
        *(delivery.c[name] for name in ("id", "channel", "rule", "state", "attempts", "error", "held")),
        *(delivery.c[name] for name in ("closes_at", "next_attempt_at", "sent_at", "answer", "sent_to")),
        (channel.c.name.is_not(None) & channel.c.retired_at.is_(None)).label("in_config"),
        channel.c.probe_at,
        channel.c.error.label("channel_error"),
    )
    .select_from(delivery)
    .join(channel, channel.c.name == delivery.c.channel, isouter=True)
)


def given_up(reading: sa.Connection, limit: int = 10) -> list[Fate]:
    """The newest deliveries that were given up, newest first."""
    query = _FATES.where(delivery.c.state == DeliveryState.GIVEN_UP)
    query = query.order_by(delivery.c.created_at.desc(), delivery.c.id).limit(limit)
    return [_fate(row) for row in reading.execute(query)]


def fates_of(reading: sa.Connection, alert_ids: Sequence[int]) -> dict[int, list[Fate]]:
    """What became of the deliveries of these alerts, by alert, in the order of their channels."""
    query = (
        _FATES.add_columns(delivery_alert.c.alert_id)
        .join(delivery_alert, delivery_alert.c.delivery_id == delivery.c.id)
        .where(delivery_alert.c.alert_id.in_(alert_ids))
        .order_by(delivery.c.channel)
    )
    fates: dict[int, list[Fate]] = {}
    for row in reading.execute(query):
        fates.setdefault(row.alert_id, []).append(_fate(row))
    return fates


def _fate(row: Any) -> Fate:
    state, reason, at = DeliveryState(row.state), row.error, None
    if state == DeliveryState.OPEN:
        at = row.closes_at
    elif state == DeliveryState.PENDING:
        at, reason = row.next_attempt_at, row.held or reason
    elif state == DeliveryState.SENT:
        at = row.sent_at
    elif state == DeliveryState.PAUSED:
        at, reason = (row.probe_at, row.channel_error or reason) if row.in_config else (None, NO_SUCH_CHANNEL)
    return Fate(row.id, row.channel, row.rule, state, row.attempts, at, reason, row.answer, row.sent_to)


def _channel_state(name: str, row: Any, waiting: int, put_off: int = 0, answered: str = "") -> ChannelState:
    """`row` of the channel's table, None where none was ever of that name."""
    if row is None or row.retired_at is not None:
        return ChannelState(name, False, None, None, 0, NO_SUCH_CHANNEL, waiting)
    reason = row.error or answered
    return ChannelState(name, True, row.paused_at, row.probe_at, row.failures, reason, waiting, put_off)
