"""The desk that tells: alerts and deliveries in a store, without queries, channels or a daemon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from storage import by_hand, deliveries, notices, outbox, unnamed
from storage.deliveries import DueDelivery
from storage.model.articles import Change
from storage.model.telling import Delivery, RuleConfig
from storage.outbox import Judged
from storage.schema.articles import change
from storage.schema.telling import alert, channel, delivery, delivery_alert
from tests.storage.watch import GAZETTE, HOUR, MINUTE, Watch, link, report

GIVE_UP = timedelta(days=3)
RULE = RuleConfig("ships", "ships", channels=("mail",))


@dataclass
class Desk:
    watch: Watch
    published: int = 0
    said: dict[str, str] = field(default_factory=dict)

    def config(self, rules: Sequence[RuleConfig] = (RULE,), channels: Sequence[str] = ("mail", "hook")) -> None:
        def write(connection: sa.Connection) -> None:
            outbox.take_over_rules(connection, rules, self.watch.now)
            outbox.take_over_channels(connection, channels, self.watch.now)
            unnamed.drop_unnamed(connection, rules, channels, self.watch.now)
            unnamed.take_up_named(connection, rules, channels, self.watch.now)

        self.watch.store.write(write)

    def publish(self, number: int = 1) -> list[Change]:
        """So many new articles are seen; answers their changes, and any others that were not judged yet."""
        if not self.published:
            self.watch.config(GAZETTE)
            self.watch.round()
        self.watch.later(15 * MINUTE)
        self.watch.round([link(f"a{self.published + one}") for one in range(number)])
        self.published += number
        return self.unmatched()

    def edit(self, name: str, words: str = "everybody complained", after: timedelta = 5 * HOUR) -> None:
        """An article that was published says something else, which waits for no other of its round."""
        self.said[name] = words
        self.watch.later(after)
        self.watch.round(says=lambda one: report(one, self.said.get(one, "nobody complained")))
        self.watch.store.write(lambda c: c.execute(change.update().values(due_at=None)))

    def unmatched(self) -> list[Change]:
        self.watch.place()
        with self.watch.store.reader() as connection:
            return outbox.unmatched(connection, 500, self.watch.now)

    def raise_alerts(
        self,
        changes: Sequence[Change],
        channels: Sequence[str] = ("mail",),
        rules: Sequence[str] = ("ships",),
        wait: timedelta = timedelta(0),
        untold: str = "",
    ) -> int:
        """The rules hold for each of these changes; what has gathered long enough is closed."""
        judged = [
            Judged(change.id, rule, "now", ("ships",), tuple(channels), untold) for change in changes for rule in rules
        ]
        ids = [change.id for change in changes]
        return self.watch.store.write(
            lambda c: outbox.raise_alerts(c, ids, judged, self.watch.now, lambda rule, name, at: at + wait)
        )

    def close(self, tell: Sequence[str] = ()) -> None:
        def write(connection: sa.Connection) -> None:
            notices.take_notices(connection, tell, self.watch.now)
            outbox.close(connection, self.watch.now)

        self.watch.store.write(write)

    def told_of(self, number: int = 1, **how: Any) -> None:
        """A delivery with so many alerts is due."""
        self.raise_alerts(self.publish(number), **how)
        self.close()

    # Attempts

    def due(self, name: str = "mail") -> DueDelivery | None:
        with self.watch.store.reader() as connection:
            return next(iter(deliveries.next_due(connection, name, self.watch.now)), None)

    def take(self, name: str = "mail", payload: bytes = b"first bytes") -> DueDelivery:
        """The delivery whose attempt is about to be made: its bytes are kept."""
        due = self.due(name)
        assert due is not None
        self.watch.store.write(lambda c: deliveries.keep_payloads(c, {due.delivery.id: payload}, self.watch.now))
        return due

    def due_together(self, name: str = "mail", most: int = 100) -> list[DueDelivery]:
        with self.watch.store.reader() as connection:
            return deliveries.next_due(connection, name, self.watch.now, most)

    def sent(self, name: str = "mail", taken: DueDelivery | None = None) -> DueDelivery:
        due = taken or self.take(name)
        self.watch.store.write(lambda c: deliveries.sent(c, due, self.watch.now))
        return due

    def later(self, name: str = "mail", again_in: timedelta = MINUTE, taken: DueDelivery | None = None) -> DueDelivery:
        due, now = taken or self.take(name), self.watch.now
        self.watch.store.write(lambda c: deliveries.later(c, due, "451 busy", now + again_in, GIVE_UP, now))
        return due

    def given_up(self, name: str = "mail", *, answered: bool = True, taken: DueDelivery | None = None) -> DueDelivery:
        due = taken or self.take(name)
        self.watch.store.write(
            lambda c: deliveries.give_up(c, due, "550 no such user", self.watch.now, answered=answered)
        )
        return due

    def channel_fails(
        self,
        name: str = "mail",
        again_in: timedelta = MINUTE,
        taken: DueDelivery | None = None,
        *,
        is_busy: bool = False,
    ) -> DueDelivery:
        due, now = taken or self.take(name), self.watch.now
        failed = partial(deliveries.channel_failed, is_busy=is_busy)
        self.watch.store.write(lambda c: failed(c, due, "refused", now + again_in, GIVE_UP, now))
        return due

    def retry(self, delivery_id: str) -> str:
        return self.watch.store.write(lambda c: by_hand.retry(c, delivery_id, self.watch.now))

    def retry_given_up(self) -> list[str]:
        """All of them at once."""

        def write(connection: sa.Connection) -> list[str]:
            ids = by_hand.given_up(connection)
            return [by_hand.retry(connection, one, self.watch.now, is_one_of_many=True) for one in ids]

        return self.watch.store.write(write)

    def drop(self, delivery_id: str, reason: str) -> None:
        self.watch.store.write(lambda c: by_hand.drop(c, delivery_id, reason, self.watch.now))

    def pause(self, name: str = "mail") -> None:
        """Three faults of the channel in a row; its deliveries must be due."""
        for _ in range(3):
            self.channel_fails(name)
            self.watch.later(MINUTE)

    # What stands in the store

    def deliveries(self) -> list[Any]:
        return self.watch.rows(sa.select(delivery).order_by(delivery.c.created_at, sa.literal_column("delivery.rowid")))

    def states(self) -> list[str]:
        return [row.state for row in self.deliveries()]

    def alerts_in(self, delivery_id: str) -> int:
        return len(self.watch.rows(sa.select(delivery_alert).where(delivery_alert.c.delivery_id == delivery_id)))

    def alerts(self) -> list[Any]:
        return self.watch.rows(sa.select(alert).order_by(alert.c.id))

    def channel(self, name: str = "mail") -> Any:
        return self.watch.rows(sa.select(channel).where(channel.c.name == name))[0]

    def due_channels(self) -> list[str]:
        with self.watch.store.reader() as connection:
            return sorted(deliveries.due_channels(connection, self.watch.now))

    def find(self, delivery_id: str) -> Any:
        return self.watch.rows(sa.select(delivery).where(delivery.c.id == delivery_id))[0]

    def payload(self, one: Delivery) -> bytes | None:
        return self.find(one.id).payload  # type: ignore[no-any-return]
