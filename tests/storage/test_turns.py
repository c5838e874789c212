"""What waits for its turn is found without reading all of it again and again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage import deliveries
from storage.model.telling import DeliveryState, Notice
from storage.outbox import new_delivery, take_over_channels
from storage.schema.telling import delivery
from storage.store import Connection, Store
from tests.press import BEGAN


def wait(connection: Connection, number: int, now: datetime) -> None:
    """So many notices about one source, which came while its operator's channel was paused."""
    take_over_channels(connection, ["hook"], now)
    for each in range(number):
        words = f"gazette is {'back' if each % 2 else 'down'}"
        new_delivery(connection, "hook", "", now, now, Notice(words, words, ("source gazette",)))
    connection.execute(sa.update(delivery).values(state=DeliveryState.PENDING, next_attempt_at=now))


def test_notices_that_wait_for_one_another_are_read_once(store: Store) -> None:
    """One of them goes in each round: to read all of them for every hundred that wait would take longer each time."""
    asked: list[int] = []
    for number in (50, 450):
        store.write(lambda c, number=number: wait(c, number, BEGAN))
        statements: list[str] = []

        def hear(_0: object, _1: object, statement: str, *_2: object, heard: list[str] = statements) -> None:
            heard.append(statement)

        with store.reader() as connection:
            sa.event.listen(connection.engine, "before_cursor_execute", hear)
            [first] = deliveries.next_due(connection, "hook", BEGAN, 40)
            sa.event.remove(connection.engine, "before_cursor_execute", hear)
        assert first.delivery.notice is not None and first.delivery.notice.subject == "gazette is down"
        asked.append(sum("delivery.rule = ''" in one or "delivery.rule = ?" in one for one in statements))
    assert asked == [1, 1]
