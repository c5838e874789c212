"""Whose turn it is: of one story, one source or one channel, a channel is told in the order in which it happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from storage.model.telling import DeliveryState
from storage.rows import notice_from
from storage.schema.articles import article, change
from storage.schema.telling import alert, delivery, delivery_alert

PORTION = 100  # deliveries looked through at once

Subject = int | str  # a story's id, or what a notice is about


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is not sent yet and tells of a story, or a notice about something."""

    id: str
    turn: int
    rule: str
    gathers: bool


def is_its_turn(
    one: Waiting,
    subjects: Collection[Subject],
    waiting: Mapping[Subject, Sequence[Waiting]],
    passed: Collection[str] = (),
) -> bool:
    """May this delivery go, or does an earlier one of a subject of its own wait before it? Those `passed` go with it.

    What another rule still gathers, for tomorrow's digest say, holds up nobody.
    """
    return not any(
        other.turn < one.turn and other.id not in passed and (not other.gathers or other.rule == one.rule)
        for subject in subjects
        for other in waiting.get(subject, ())
    )


def in_turn(
    connection: sa.Connection,
    name: str,
    which: sa.ColumnElement[bool],
    *,
    newest: bool = False,
    together: bool = False,
) -> Iterator[str]:
    """The ids of those deliveries of a channel whose turn it is, the oldest first (or the newest).

    `together`: each of them is sent with those before it, and so does not wait for them.
    """
    passed: set[str] = set()
    last: int | None = None
    unsent: dict[Subject, list[Waiting]] | None = None  # notices, read once: thousands may wait for one another
    while True:
        columns = (delivery.c.id, delivery.c.turn, delivery.c.rule, delivery.c.notice)
        query = select(*columns).where(delivery.c.channel == name, which)
        if last is not None:
            query = query.where(delivery.c.turn < last if newest else delivery.c.turn > last)
        order = delivery.c.turn.desc() if newest else delivery.c.turn
        rows = connection.execute(query.order_by(order).limit(PORTION)).all()
        if not rows:
            return
        last = rows[-1].turn
        stories = _stories_of(connection, [row.id for row in rows])
        waiting = _waiting(connection, name, {story for of in stories.values() for story in of})
        about = {row.id: _about(row) for row in rows}
        if any(about.values()):
            unsent = _notices(connection, name) if unsent is None else unsent
            waiting |= unsent
        for row in rows:
            one = Waiting(row.id, row.turn, row.rule, gathers=False)
            if is_its_turn(one, (*stories[row.id], *about[row.id]), waiting, passed):
                if together:
                    passed.add(row.id)
                yield row.id


def _stories_of(connection: sa.Connection, ids: Sequence[str]) -> defaultdict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for row in connection.execute(_STORIES, {"ids": ids}):
        found[row.delivery_id].add(row.story_id)
    return found


def _about(row: Any) -> tuple[str, ...]:
    notice = notice_from(row.notice)
    return notice.about if notice else ()


def _notices(connection: sa.Connection, name: str) -> dict[Subject, list[Waiting]]:
    """The notices that this channel has not sent yet, by what they are about."""
    found: defaultdict[Subject, list[Waiting]] = defaultdict(list)
    for row in connection.execute(_NOTICES, {"channel": name}):
        for each in _about(row):
            found[each].append(Waiting(row.id, row.turn, row.rule, row.state == DeliveryState.OPEN))
    return found


def _waiting(connection: sa.Connection, name: str, stories: Collection[int]) -> dict[Subject, list[Waiting]]:
    found: defaultdict[Subject, list[Waiting]] = defaultdict(list)
    for row in connection.execute(_WAITING, {"channel": name, "stories": sorted(stories)}):
        found[row.story_id].append(Waiting(row.id, row.turn, row.rule, row.state == DeliveryState.OPEN))
    return found


_NOT_ENDED = (str(DeliveryState.OPEN), str(DeliveryState.PENDING), str(DeliveryState.PAUSED))
_STORIES = (
    select(delivery_alert.c.delivery_id, article.c.story_id)
    .join(alert, alert.c.id == delivery_alert.c.alert_id)
    .join(change, change.c.id == alert.c.change_id)
    .join(article, article.c.id == change.c.article_id)
    .where(delivery_alert.c.delivery_id.in_(bindparam("ids", expanding=True)), article.c.story_id.is_not(None))
)
_WAITING = (
    select(delivery.c.id, delivery.c.turn, delivery.c.rule, delivery.c.state, article.c.story_id)
    .join(delivery_alert, delivery_alert.c.delivery_id == delivery.c.id)
    .join(alert, alert.c.id == delivery_alert.c.alert_id)
    .join(change, change.c.id == alert.c.change_id)
    .join(article, article.c.id == change.c.article_id)
    .where(
        article.c.story_id.in_(bindparam("stories", expanding=True)),
        # Not by an index: from ten thousand that wait the way to a few stories is far, the other way round it is short.
        func.coalesce(delivery.c.channel, "") == bindparam("channel"),
        func.coalesce(delivery.c.state, "").in_(_NOT_ENDED),
    )
)
# By the rule first, which only notices are without: what they say lies behind the bytes of a message.
_NOTICES = select(delivery.c.id, delivery.c.turn, delivery.c.rule, delivery.c.state, delivery.c.notice).where(
    delivery.c.channel == bindparam("channel"), delivery.c.state.in_(_NOT_ENDED), delivery.c.rule == ""
)
