"""Whose turn it is: of one story, a channel is told in the order in which it happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from storage.model.telling import DeliveryState
from storage.schema.articles import article, change
from storage.schema.telling import alert, delivery, delivery_alert

PORTION = 100  # deliveries looked through at once


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is not sent yet and tells of a story."""

    id: str
    turn: int
    rule: str
    gathers: bool


def is_its_turn(
    one: Waiting, stories: Collection[int], waiting: Mapping[int, Sequence[Waiting]], passed: Collection[str] = ()
) -> bool:
    """May this delivery go, or does an earlier one of a story of its own wait before it? Those `passed` go with it.

    What another rule still gathers, for tomorrow's digest say, holds up nobody.
    """
    return not any(
        other.turn < one.turn and other.id not in passed and (not other.gathers or other.rule == one.rule)
        for story in stories
        for other in waiting.get(story, ())
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
    while True:
        query = select(delivery.c.id, delivery.c.turn, delivery.c.rule).where(delivery.c.channel == name, which)
        if last is not None:
            query = query.where(delivery.c.turn < last if newest else delivery.c.turn > last)
        order = delivery.c.turn.desc() if newest else delivery.c.turn
        rows = connection.execute(query.order_by(order).limit(PORTION)).all()
        if not rows:
            return
        last = rows[-1].turn
        stories = _stories_of(connection, [row.id for row in rows])
        waiting = _waiting(connection, name, {story for of in stories.values() for story in of})
        for row in rows:
            one = Waiting(row.id, row.turn, row.rule, gathers=False)
            if is_its_turn(one, stories[row.id], waiting, passed):
                if together:
                    passed.add(row.id)
                yield row.id


def _stories_of(connection: sa.Connection, ids: Sequence[str]) -> defaultdict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for row in connection.execute(_STORIES, {"ids": ids}):
        found[row.delivery_id].add(row.story_id)
    return found


def _waiting(connection: sa.Connection, name: str, stories: Collection[int]) -> Mapping[int, list[Waiting]]:
    found: defaultdict[int, list[Waiting]] = defaultdict(list)
    for row in connection.execute(_WAITING, {"channel": name, "stories": sorted(stories)}):
        found[row.story_id].append(Waiting(row.id, row.turn, row.rule, row.state == DeliveryState.OPEN))
    return found


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
        func.coalesce(delivery.c.state, "").in_(
            (str(DeliveryState.OPEN), str(DeliveryState.PENDING), str(DeliveryState.PAUSED))
        ),
    )
)
