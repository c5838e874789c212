"""The steps of a daemon at a clock that is set, for the tests of telling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from scheduler import pipeline
from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Hook
from scheduler.judge import Rules
from scheduler.pipeline import Telling
from scheduler.timing import Plans
from storage import outbox
from storage.model.telling import RuleConfig
from storage.schema.telling import notice
from storage.store import Store
from storage.writer import Writer
from tests.storage.desk import Desk
from tests.storage.watch import DAY, HOUR, MINUTE

SECOND = timedelta(seconds=1)
NIGHT = {"quiet": {"hours": "22:00-07:00", "zone": "Europe/Berlin"}}  # 21:00 to 06:00 UTC in March
RETRY = (5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR)
RULES = (RuleConfig("harbour", "harbour", channels=("hook",)), RuleConfig("lanterns", "lanterns", channels=("hook",)))


@dataclass
class Clockwork:
    """The steps of a daemon on a desk, at the desk's clock."""

    desk: Desk
    writer: Writer
    telling: Telling

    @property
    def store(self) -> Store:
        return self.desk.watch.store

    def clock(self) -> datetime:
        return self.desk.watch.now

    async def tick(self) -> list[int]:
        """Raise, close and deliver what is due; answers how many were sent through each channel that had to."""
        await pipeline.raise_alerts(self.store, self.writer, self.telling, self.clock)
        names = await pipeline.close(self.store, self.writer, self.telling, self.clock)
        return [
            await pipeline.deliver(self.store, self.writer, lambda: self.telling, name, self.clock) for name in names
        ]

    async def tick_later(self, by: timedelta) -> list[int]:
        self.desk.watch.later(by)
        return await self.tick()

    def at(self, hour: int, minute: int = 0, days: int = 1) -> None:
        """Set the desk's clock on to that time, of this day or of the next."""
        wanted = self.desk.watch.now.replace(hour=hour, minute=minute)
        self.desk.watch.now = wanted if wanted > self.desk.watch.now else wanted + days * DAY

    def only(self, rule: str) -> None:
        self.telling = replace(self.telling, rules=Rules([one for one in RULES if one.name == rule]))

    def plan(self, **plans: Any) -> None:
        self.telling = replace(self.telling, plans=Plans(**plans))

    def limit(self, limit: str) -> None:
        hook = Channel.model_validate(self.telling.channels["hook"].model_dump() | {"limit": limit})
        self.telling = replace(self.telling, channels={"hook": hook})

    def replan(self) -> None:
        """What a reload does with what waits."""
        self.store.write(lambda c: outbox.take_over_plans(c, self.telling.plans.due_at, self.clock()))

    def states(self) -> list[tuple[str, int]]:
        return [(row.state, row.attempts) for row in self.desk.deliveries()]

    def notices(self) -> list[str]:
        return [row.subject for row in self.desk.watch.rows(sa.select(notice).order_by(notice.c.id))]


def kinds(hook: Hook) -> list[str]:
    return [one["kind"] for one in hook.content["data"]["alerts"]]
