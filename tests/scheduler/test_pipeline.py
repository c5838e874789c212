"""What the clock calls, against the real store and a real receiver: alerts raised, deliveries made, faults booked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from scheduler import pipeline, steps
from scheduler.channels.apprise import Channel as Apprise
from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Hook, Postbox
from scheduler.judge import Rules
from scheduler.message import Message
from scheduler.pipeline import Telling, back_off
from scheduler.places import Places
from scheduler.template import Template
from scheduler.timing import Plans, Timed
from storage import by_hand, health, outbox, stopped
from storage.model import Change, RuleConfig
from storage.schema import channel, delivery, notice
from storage.store import Store
from storage.writer import Writer
from tests.storage.desk import Desk
from tests.storage.watch import DAY, HOUR, MINUTE, Watch

SECOND = timedelta(seconds=1)
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


@pytest.fixture
async def clockwork(store: Store, postbox: Postbox) -> AsyncIterator[Clockwork]:
    """Two rules that hold for every article, and a webhook that the postbox receives."""
    desk, writer = Desk(Watch(store)), Writer(store)
    desk.config(RULES, ["hook", "spare"])
    hook = Channel.model_validate({"name": "hook", "type": "webhook", "url": postbox.hook_url})
    yield Clockwork(desk, writer, Telling(Rules(RULES), {"hook": hook}, (), RETRY))
    await asyncio.to_thread(writer.close)


async def test_an_article_is_told_once(clockwork: Clockwork, postbox: Postbox) -> None:
    """Each rule's alert in a delivery of its own; the next tick has nothing to do."""
    clockwork.desk.publish()
    assert await clockwork.tick() == [2]
    assert clockwork.states() == [("sent", 1), ("sent", 1)]
    assert await clockwork.tick() == []
    assert len(postbox.attempts) == 2


async def test_more_changes_than_a_portion_are_judged_in_one_call(
    clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on until nothing is left."""
    monkeypatch.setattr(pipeline, "CHANGES_AT_ONCE", 3)
    clockwork.desk.publish(8)
    assert await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock) == 16
    assert clockwork.desk.unmatched() == []


async def test_what_gathers_is_sent_when_its_time_has_come(clockwork: Clockwork, postbox: Postbox) -> None:
    """Not by the tick that raised it."""
    clockwork.telling = replace(clockwork.telling, plans=Plans(wait=HOUR), rules=Rules(RULES[:1]))
    clockwork.desk.publish(2)
    assert await clockwork.tick() == []
    clockwork.desk.publish()
    assert await clockwork.tick() == []
    assert await clockwork.tick_later(HOUR) == [1]
    assert len(postbox.received_hooks[0].content["data"]["alerts"]) == 3


async def test_a_repeat_has_the_same_id_and_the_same_bytes(clockwork: Clockwork, postbox: Postbox) -> None:
    """500, then 204 after the back-off: the receiver sees that it is one message."""
    clockwork.telling = replace(clockwork.telling, rules=Rules(RULES[:1]))
    postbox.answer_hooks(500, times=1)
    clockwork.desk.publish()
    assert await clockwork.tick() == [0]
    assert await clockwork.tick_later(4 * SECOND) == []
    assert await clockwork.tick_later(3 * SECOND) == [1]
    first, second = postbox.attempts
    assert (first.id, first.body) == (second.id, second.body)
    assert first.id == clockwork.desk.deliveries()[0].id


async def test_retry_after_holds_over_a_restart(clockwork: Clockwork, postbox: Postbox) -> None:
    """It lies in the column: another process with another writer waits as long."""
    postbox.answer_hooks(429, retry_after="7200", times=1)
    clockwork.telling = replace(clockwork.telling, rules=Rules(RULES[:1]))
    clockwork.desk.publish()
    await clockwork.tick()
    await asyncio.to_thread(clockwork.writer.close)
    clockwork.writer = Writer(clockwork.store)
    assert await clockwork.tick_later(2 * HOUR - SECOND) == []
    assert await clockwork.tick_later(SECOND) == [1]
    await asyncio.to_thread(clockwork.writer.close)


async def test_a_dead_channel_is_probed_ever_more_seldom(clockwork: Clockwork, postbox: Postbox) -> None:
    """The others wait without attempts; when it works again, all are sent."""
    postbox.answer_hooks(503)
    clockwork.telling = replace(clockwork.telling, tell=("spare",))
    clockwork.desk.publish(2)
    clockwork.desk.publish(2)
    for _ in range(4):
        await clockwork.tick_later(5 * MINUTE)
    assert clockwork.desk.channel("hook").paused_at is not None
    spent = [one for one in clockwork.states() if one[0] == "paused"]
    tried = len(postbox.attempts)
    for _ in range(24 * 3):
        await clockwork.tick_later(20 * MINUTE)
    assert tried + 3 <= len(postbox.attempts) <= tried + 8
    assert [one for one in clockwork.states() if one[0] == "paused"] == spent
    postbox.answer_hooks(204)
    await clockwork.tick_later(8 * HOUR)
    assert {row.state for row in clockwork.desk.deliveries() if row.channel == "hook"} == {"sent"}
    assert clockwork.notices() == ["the channel hook is paused", "the channel hook works again"]


async def test_a_fault_of_the_message_gives_it_up_and_the_next_goes_out(clockwork: Clockwork, postbox: Postbox) -> None:
    """It is told to the operator through another channel."""
    postbox.answer_hooks(413, times=1)
    clockwork.desk.publish()
    assert await clockwork.tick() == [1]
    assert clockwork.states() == [("given up", 1), ("sent", 1)]
    assert clockwork.notices() == ["a delivery to hook was given up"]


class Unrenderable(Channel):
    def render(self, message: Message) -> bytes:
        raise KeyError("whsec_very_secret")


async def test_what_cannot_be_rendered_is_given_up_and_named(clockwork: Clockwork, postbox: Postbox) -> None:
    """Nothing was sent; the reason holds no secret."""
    hook = Unrenderable.model_validate({"name": "hook", "type": "webhook", "url": postbox.hook_url})
    clockwork.telling = replace(clockwork.telling, channels={"hook": hook}, rules=Rules(RULES[:1]))
    clockwork.desk.publish()
    assert await clockwork.tick() == [0]
    (row,) = clockwork.desk.deliveries()
    assert (row.state, row.error) == ("given up", "it cannot be rendered: KeyError")
    assert postbox.attempts == []


class Broken(Channel):
    async def send(self, payload: bytes, *, delivery_id: str, now: datetime) -> None:
        raise KeyError(self.url.reveal())


async def test_an_error_of_a_channels_own_is_not_tried_at_every_tick(
    clockwork: Clockwork, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    """It backs off like any fault, and neither the row nor the log shows what it said."""
    broken = Broken.model_validate({"name": "hook", "type": "webhook", "url": postbox.hook_url})
    clockwork.telling = replace(clockwork.telling, channels={"hook": broken}, rules=Rules(RULES[:1]))
    clockwork.desk.publish()
    assert await clockwork.tick() == [0]
    assert await clockwork.tick() == []
    (row,) = clockwork.desk.deliveries()
    assert (row.state, row.error) == ("pending", "an error of Dateline's own, KeyError; its log says more")
    assert "in send" in caplog.text
    assert postbox.hook_url not in caplog.text


async def test_a_channel_that_never_ends_is_ended(
    clockwork: Clockwork, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the channel's own limits there is one of the step's."""
    monkeypatch.setattr(pipeline, "LONGEST_SEND_S", 0.05)
    postbox.answer_hooks("hang")
    clockwork.telling = replace(clockwork.telling, rules=Rules(RULES[:1]))
    clockwork.desk.publish()
    assert await clockwork.tick() == [0]
    assert clockwork.desk.deliveries()[0].error == "no answer within 0.05 s"


async def test_a_cut_off_attempt_is_repeated(clockwork: Clockwork, postbox: Postbox) -> None:
    """A daemon that stops cancels what it sends: the delivery is still due, under its id."""
    postbox.answer_hooks("hang")
    clockwork.telling = replace(clockwork.telling, rules=Rules(RULES[:1]))
    clockwork.desk.publish()
    ticking = asyncio.create_task(clockwork.tick())
    await postbox.wait_for(attempts=1)
    ticking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ticking
    postbox.answer_hooks(204)
    assert await clockwork.tick() == [1]
    first, second = postbox.attempts
    assert (first.id, first.body) == (second.id, second.body)


async def test_a_channel_that_is_not_in_the_config_is_left_alone(clockwork: Clockwork, postbox: Postbox) -> None:
    """Its deliveries wait; nothing is tried for it."""
    clockwork.desk.publish()
    await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    clockwork.telling = replace(clockwork.telling, channels={})
    assert await clockwork.tick() == [0]
    assert postbox.attempts == []


@dataclass
class Stumbling:
    """Rules with a fault that one article finds."""

    rules: Rules
    over: str
    by_name: Mapping[str, RuleConfig] = field(default_factory=dict)

    def judge(self, change: Change, *more: Any) -> list[Any]:
        if change.url.endswith(self.over):
            raise RecursionError
        return self.rules.judge(change, *more)  # type: ignore[arg-type]

    def judge_apart(self, *change: Any) -> tuple[list[Any], list[str]]:
        judged, _ = self.rules.judge_apart(*change)
        return [one for one in judged if one.rule != "lanterns"], ["lanterns"]

    def places(self, *asked: Any) -> Places:
        return self.rules.places(*asked)


async def test_a_rule_that_fails_on_an_article_holds_up_no_other(clockwork: Clockwork, postbox: Postbox) -> None:
    """It is named and told to the operator; other rules are told of the article, and of the others all are."""
    stumbling: Any = Stumbling(clockwork.telling.rules, over="/a1")
    clockwork.telling = replace(clockwork.telling, rules=stumbling)
    clockwork.desk.publish(3)
    await clockwork.tick()
    told = [len(hook.content["data"]["alerts"]) for hook in postbox.received_hooks]
    assert sorted(told) == [2, 3]
    assert clockwork.notices() == ["an article could not be judged"]
    assert await clockwork.tick() == []


async def test_a_sweep_is_a_write_of_its_own(clockwork: Clockwork) -> None:
    """The clock that was set back is mended by it."""
    clockwork.desk.publish()
    clockwork.desk.watch.now -= DAY
    await steps.sweep(clockwork.writer, clockwork.telling.plans.due_at, clockwork.clock)
    assert clockwork.desk.watch.listing().last_look_at == clockwork.desk.watch.now


async def test_a_delivery_that_is_sent_by_hand_again_goes_out_by_the_clock(
    clockwork: Clockwork, postbox: Postbox
) -> None:
    """Given up, then asked for again: the same id."""
    postbox.answer_hooks(422, times=1)
    clockwork.telling = replace(clockwork.telling, rules=Rules(RULES[:1]))
    clockwork.desk.publish()
    await clockwork.tick()
    (row,) = clockwork.desk.deliveries()
    clockwork.store.write(lambda c: by_hand.retry(c, row.id, clockwork.clock()))
    assert await clockwork.tick() == [1]
    assert [hook.id for hook in postbox.attempts] == [row.id, row.id]


spans = st.timedeltas(min_value=timedelta(milliseconds=10), max_value=timedelta(days=3))


@given(st.lists(spans, min_size=1, max_size=9), st.integers(0, 10_000), st.none() | spans)
def test_back_off_keeps_its_step_its_jitter_and_what_was_asked_for(
    retry: list[timedelta], attempts: int, asked: timedelta | None
) -> None:
    """Never sooner than the step or the server says, at most a quarter of the step later; the last one for ever."""
    waits = back_off(retry, attempts, asked)
    step = retry[min(attempts, len(retry) - 1)]
    assert waits >= max(step, asked or step)
    assert waits <= max(step * 1.25, asked or step)


# Order


async def test_a_story_is_told_in_its_order_whatever_fails(
    clockwork: Clockwork, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edit waits while the article itself is not taken; another story does not."""
    monkeypatch.setattr(Channel, "at_once", 1)  # so that the same one is refused again
    clockwork.only("harbour")
    postbox.answer_hooks(400, times=2)
    clockwork.desk.publish()
    await clockwork.tick()
    clockwork.desk.edit("a0")
    await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    clockwork.desk.publish()
    assert await clockwork.tick() == [1]
    assert [state for state, _ in clockwork.states()] == ["pending", "pending", "sent"]
    await clockwork.tick_later(MINUTE)
    assert [kinds(hook) for hook in postbox.received_hooks] == [["added"], ["added"], ["edited"]]
    assert postbox.received_hooks[1].id == clockwork.desk.deliveries()[0].id


async def test_what_a_person_asks_for_keeps_the_order_of_its_story(clockwork: Clockwork, postbox: Postbox) -> None:
    """The edit is not told before the article, and the answer says for what it waits."""
    clockwork.only("harbour")
    postbox.answer_hooks(400, times=1)
    clockwork.desk.publish()
    await clockwork.tick()
    clockwork.desk.edit("a0")
    await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    first, second = [row.id for row in clockwork.desk.deliveries()]
    assert clockwork.desk.retry(second).startswith("it goes once the earlier messages of its story have gone")
    assert clockwork.desk.retry(first).startswith("it is due now")
    assert await clockwork.tick() == [2]
    assert [kinds(hook) for hook in postbox.received_hooks][-2:] == [["added"], ["edited"]]


async def test_what_was_given_up_holds_up_its_story_no_longer(clockwork: Clockwork, postbox: Postbox) -> None:
    """Nor what was dropped."""
    clockwork.only("harbour")
    postbox.answer_hooks(413, times=1)
    clockwork.desk.publish()
    await clockwork.tick()
    clockwork.desk.edit("a0")
    assert await clockwork.tick() == [1]
    assert [state for state, _ in clockwork.states()] == ["given up", "sent"]


async def test_a_story_keeps_its_order_over_a_pause_and_a_restart(clockwork: Clockwork, postbox: Postbox) -> None:
    """Neither the newest probe nor the revival of all turns it round."""
    clockwork.only("harbour")
    postbox.answer_hooks(503)
    clockwork.desk.publish()
    await clockwork.tick()
    for words, after in (("sank", 30 * MINUTE), ("rose", HOUR), ("sank again", 3 * HOUR)):
        clockwork.desk.edit("a0", words, after)
        await clockwork.tick_later(10 * MINUTE)
    assert clockwork.desk.channel("hook").paused_at is not None
    assert len({hook.id for hook in postbox.attempts}) == 1
    await asyncio.to_thread(clockwork.writer.close)
    clockwork.writer = Writer(clockwork.store)
    postbox.answer_hooks(204)
    await clockwork.tick_later(DAY)
    told = [one["id"] for hook in postbox.received_hooks for one in hook.content["data"]["alerts"]]
    assert told == sorted(told) and len(told) == 4
    await asyncio.to_thread(clockwork.writer.close)


async def test_what_another_rule_gathers_holds_up_nobody(clockwork: Clockwork, postbox: Postbox) -> None:
    """One rule's digest of tomorrow, another's alert of now: of the same article, through the same channel."""
    clockwork.plan(rules={"harbour": Timed.model_validate({"digest": "0 8 * * *"})})
    clockwork.desk.publish()
    assert await clockwork.tick() == [1]
    assert sorted(clockwork.states()) == [("open", 0), ("sent", 1)]


async def test_several_are_under_way_at_once(clockwork: Clockwork, postbox: Postbox) -> None:
    """A receiver that takes its time is not waited for by one after the other; each comes once."""
    clockwork.only("harbour")
    for _ in range(9):
        clockwork.desk.publish()
        await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    postbox.answer_hooks("hang")
    ticking = asyncio.create_task(clockwork.tick())
    await postbox.wait_for(attempts=Channel.at_once)
    assert len(postbox.attempts) == Channel.at_once
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    postbox.answer_hooks(204)
    assert await clockwork.tick() == [9]
    assert len({hook.id for hook in postbox.received_hooks}) == len(postbox.received_hooks) == 9


# Quiet hours, digests


NIGHT = {"quiet": {"hours": "22:00-07:00", "zone": "Europe/Berlin"}}  # 21:00 to 06:00 UTC in March


async def test_quiet_hours_hold_the_message_and_not_the_rule(clockwork: Clockwork, postbox: Postbox) -> None:
    """What the night brings is judged by night, and told in the morning in one message."""
    clockwork.only("harbour")
    clockwork.plan(rules={"harbour": Timed.model_validate(NIGHT)})
    clockwork.at(22)
    for _ in range(3):
        clockwork.desk.publish()
        assert await clockwork.tick() == []
    assert len(clockwork.desk.alerts()) == 3
    [row] = clockwork.desk.deliveries()
    assert (row.state, row.closes_at.hour) == ("open", 6)
    assert await clockwork.tick_later(12 * HOUR) == [1]
    assert kinds(postbox.received_hooks[0]) == ["added"] * 3


async def test_a_retry_waits_for_the_morning_too(clockwork: Clockwork, postbox: Postbox) -> None:
    """Without spending an attempt, and the row says why; so does a probe."""
    clockwork.only("harbour")
    clockwork.plan(channels={"hook": Timed.model_validate(NIGHT)})
    clockwork.at(20, 30)
    postbox.answer_hooks(400, times=1)
    clockwork.desk.publish()
    await clockwork.tick()
    await clockwork.tick_later(20 * MINUTE)
    [row] = clockwork.desk.deliveries()
    assert (row.state, row.attempts, row.held, row.next_attempt_at.hour) == ("pending", 1, "quiet hours", 6)
    assert await clockwork.tick_later(HOUR) == []
    assert await clockwork.tick_later(12 * HOUR) == [1]


async def test_what_a_person_asks_for_goes_by_night(clockwork: Clockwork, postbox: Postbox) -> None:
    """One attempt, also of what still gathers and across a reload; if it fails, the next waits for the morning."""
    clockwork.only("harbour")
    clockwork.plan(rules={"harbour": Timed.model_validate(NIGHT)})
    clockwork.at(22)
    clockwork.desk.publish()
    assert await clockwork.tick() == []
    [row] = clockwork.desk.deliveries()
    assert clockwork.desk.retry(row.id) == "it is due now; neither quiet hours nor a limit holds it"
    clockwork.replan()
    postbox.answer_hooks(400, times=1)
    assert await clockwork.tick() == [0]
    assert await clockwork.tick_later(HOUR) == [0]
    [row] = clockwork.desk.deliveries()
    assert (row.attempts, row.held) == (1, "quiet hours")
    clockwork.desk.retry(row.id)
    assert await clockwork.tick() == [1]
    assert len(postbox.attempts) == 2


async def test_what_a_person_asks_for_goes_beyond_the_limit(clockwork: Clockwork, postbox: Postbox) -> None:
    """By itself, while the others wait, and is made part of no summary."""
    clockwork.only("harbour")
    clockwork.limit("1/1h")
    for _ in range(4):
        clockwork.desk.publish()
        await clockwork.tick()
    _, second, third, _ = clockwork.desk.deliveries()
    clockwork.desk.retry(third.id)
    assert await clockwork.tick() == [1]
    assert [row.state for row in clockwork.desk.deliveries()] == ["sent", "pending", "sent", "pending"]
    assert second.held == clockwork.desk.deliveries()[1].held == "over the channel's limit of 1/1h"


async def test_a_paused_channel_is_probed_with_what_a_person_asks_for(clockwork: Clockwork, postbox: Postbox) -> None:
    """By night as well; if the channel still fails, by its own measure from then on."""
    clockwork.only("harbour")
    clockwork.plan(channels={"hook": Timed.model_validate(NIGHT)})
    clockwork.at(12)
    for _ in range(3):
        clockwork.desk.publish()
        await clockwork.tick()
    second = clockwork.desk.deliveries()[1].id
    clockwork.store.write(lambda c: c.execute(delivery.update().values(state="paused", sent_at=None)))
    paused = {"paused_at": clockwork.clock(), "failures": 3, "error": "no", "probe_at": clockwork.clock()}
    clockwork.store.write(lambda c: c.execute(channel.update().values(paused)))
    clockwork.at(23)
    assert "is probed now" in clockwork.desk.retry(second)
    postbox.answer_hooks(500, times=1)
    assert await clockwork.tick() == [0]
    assert postbox.attempts[-1].id == second
    assert {row.held for row in clockwork.desk.deliveries()} == {""}
    assert await clockwork.tick_later(HOUR) == [0]
    assert len(postbox.attempts) == 4


async def test_a_paused_channel_is_not_probed_in_its_quiet_hours(clockwork: Clockwork, postbox: Postbox) -> None:
    """The probe is a message like any other."""
    clockwork.only("harbour")
    clockwork.plan(channels={"hook": Timed.model_validate(NIGHT)})
    clockwork.at(19)
    postbox.answer_hooks(503)
    clockwork.desk.publish()
    for _ in range(3):
        await clockwork.tick_later(5 * MINUTE)
    assert clockwork.desk.channel("hook").paused_at is not None
    clockwork.at(21, 30, days=0)
    before = len(postbox.attempts)
    await clockwork.tick_later(6 * HOUR)
    assert len(postbox.attempts) == before
    postbox.answer_hooks(204)
    clockwork.at(5, 58)
    await clockwork.tick()
    assert (len(postbox.attempts), clockwork.desk.channel("hook").probe_at.minute) == (before, 0)
    assert await clockwork.tick_later(2 * MINUTE) == [1]


async def test_what_is_urgent_probes_a_paused_channel_by_night(clockwork: Clockwork, postbox: Postbox) -> None:
    """It came when the channel was paused with what must not ring: that waits for the morning, and this does not."""
    clockwork.plan(rules={"lanterns": Timed(quiet=False)}, channels={"hook": Timed.model_validate(NIGHT)})
    clockwork.at(20, 30)
    postbox.answer_hooks(503)
    clockwork.desk.told_of(channels=("hook",), rules=("harbour",))
    for _ in range(3):
        await clockwork.tick_later(3 * MINUTE)
    assert clockwork.desk.channel("hook").paused_at is not None
    clockwork.at(21, 30, days=0)
    await clockwork.tick()
    postbox.answer_hooks(204)
    clockwork.desk.told_of(channels=("hook",), rules=("lanterns",))
    await clockwork.tick_later(10 * MINUTE)
    assert [hook.content["data"]["rule"] for hook in postbox.received_hooks] == ["lanterns"]
    assert [row.held for row in clockwork.desk.deliveries() if row.rule == "harbour"] == ["quiet hours"]


async def test_a_digest_is_one_message_at_its_time(clockwork: Clockwork, postbox: Postbox) -> None:
    """Nothing before it, everything with it; the next gathers for the next."""
    clockwork.only("harbour")
    clockwork.plan(channels={"hook": Timed.model_validate({"digest": "0 8 * * *"})})
    for _ in range(3):
        clockwork.desk.publish()
        assert await clockwork.tick() == []
    clockwork.at(8)
    assert await clockwork.tick() == [1]
    clockwork.desk.publish()
    assert await clockwork.tick() == []
    clockwork.at(8)
    assert await clockwork.tick() == [1]
    assert [len(kinds(hook)) for hook in postbox.received_hooks] == [3, 1]


async def test_what_gathers_goes_by_a_new_plan_at_once(clockwork: Clockwork, postbox: Postbox) -> None:
    """Reckoned from when it was opened: a digest that is given up goes now, one that is wished for waits."""
    clockwork.only("harbour")
    clockwork.plan(channels={"hook": Timed.model_validate({"digest": "0 8 * * *"})})
    clockwork.desk.publish()
    assert await clockwork.tick() == []
    clockwork.plan(wait=2 * HOUR)
    clockwork.replan()
    assert await clockwork.tick_later(HOUR) == []
    assert await clockwork.tick_later(HOUR) == [1]
    clockwork.desk.publish()
    await clockwork.tick()
    clockwork.plan()
    clockwork.replan()
    assert await clockwork.tick() == [1]


async def test_a_clock_that_jumps_loses_no_digest(clockwork: Clockwork, postbox: Postbox) -> None:
    """Opened by a clock that was five hours ahead: it still comes at eight, and with all that it holds."""
    clockwork.only("harbour")
    clockwork.plan(channels={"hook": Timed.model_validate({"digest": "0 8 * * *"})})
    clockwork.at(5)
    clockwork.desk.publish()
    await clockwork.tick()
    clockwork.desk.watch.now -= 6 * HOUR  # back to the evening before
    await steps.sweep(clockwork.writer, clockwork.telling.plans.due_at, clockwork.clock)
    assert await clockwork.tick() == []
    assert clockwork.desk.deliveries()[0].closes_at.hour == 8
    clockwork.desk.watch.now += 3 * DAY
    await steps.sweep(clockwork.writer, clockwork.telling.plans.due_at, clockwork.clock)
    assert await clockwork.tick() == [1]
    assert await clockwork.tick() == []


# Limits


async def test_what_is_over_the_limit_comes_as_one_summary(clockwork: Clockwork, postbox: Postbox) -> None:
    """Three in an hour: the third place is for all that wait; what comes later waits for room, and is one again."""
    clockwork.limit("3/1h")
    for _ in range(4):
        clockwork.desk.publish()
        await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    assert await clockwork.tick() == [3]
    assert [len(kinds(hook)) for hook in postbox.received_hooks] == [1, 1, 6]
    assert postbox.received_hooks[2].content["data"]["subject"].startswith("lanterns, harbour: 4 new at gazette: ")
    first = clockwork.clock()
    for _ in range(2):
        clockwork.desk.publish()
        assert await clockwork.tick() == [0]
    waiting = [row for row in clockwork.desk.deliveries() if row.state == "pending"]
    assert {(row.held, row.next_attempt_at) for row in waiting} == {("over the channel's limit of 3/1h", first + HOUR)}
    clockwork.desk.watch.now = first + HOUR
    assert await clockwork.tick() == [3]
    told = [one["id"] for hook in postbox.received_hooks for one in hook.content["data"]["alerts"]]
    assert sorted(told) == [row.id for row in clockwork.desk.alerts()]


async def test_a_limit_that_is_lifted_holds_nothing_longer(clockwork: Clockwork, postbox: Postbox) -> None:
    """A reload releases what waited for it."""
    clockwork.limit("1/1d")
    clockwork.desk.publish()
    assert await clockwork.tick() == [1]
    clockwork.desk.publish()
    assert await clockwork.tick() == [0]
    clockwork.limit("10/1d")
    clockwork.replan()
    assert await clockwork.tick() == [2]


async def test_a_limit_that_is_set_holds_for_what_is_on_its_way(
    clockwork: Clockwork, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sees a storm of messages and sets a limit has the next of them held, not the next storm's."""
    monkeypatch.setattr(pipeline, "ROUND", 1)
    clockwork.only("harbour")
    for _ in range(4):
        clockwork.desk.publish()
        await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    postbox.answer_hooks("hang")
    ticking = asyncio.create_task(clockwork.tick())
    await postbox.wait_for(attempts=1)
    clockwork.limit("1/1h")
    postbox.answer_hooks(204)
    assert await ticking == [1]
    assert [len(hook.content["data"]["alerts"]) for hook in postbox.received_hooks] == [3]


async def test_a_summary_is_repeated_as_it_is(clockwork: Clockwork, postbox: Postbox) -> None:
    """Once it was attempted nothing joins it: the same id, the same bytes."""
    clockwork.limit("1/1h")
    postbox.answer_hooks(400, times=1)
    clockwork.desk.publish(2)
    await clockwork.tick()
    clockwork.desk.publish()
    await clockwork.tick_later(10 * SECOND)
    first, second = postbox.attempts[:2]
    assert (first.id, first.body, second.answer) == (second.id, second.body, 204)
    assert await clockwork.tick_later(2 * HOUR) == [1]
    told = [one["id"] for hook in postbox.received_hooks for one in hook.content["data"]["alerts"]]
    assert sorted(told) == [row.id for row in clockwork.desk.alerts()]


async def test_a_limit_holds_for_notices_too(clockwork: Clockwork, postbox: Postbox) -> None:
    """A storm of them is one message, which names the first and holds all."""
    clockwork.limit("1/1h")
    clockwork.telling = replace(clockwork.telling, tell=("hook",))
    for number in range(3):
        clockwork.store.write(lambda c, number=number: health.tell(c, f"{number} is down", "It is.", clockwork.clock()))
        await pipeline.close(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    assert await clockwork.tick() == [1]
    [hook] = postbox.received_hooks
    assert hook.content["data"]["subject"] == "3 notices: 0 is down; 1 is down; 2 is down"
    assert hook.content["data"]["text"].count("It is.") == 3


async def test_a_summary_keeps_no_urgent_rule_waiting(
    clockwork: Clockwork, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all that is due when a machine has slept, what is quiet now is left out, beyond one round of it too."""
    monkeypatch.setattr(pipeline, "ROUND", 2)
    clockwork.limit("1/1h")
    clockwork.at(20)
    quiet = Timed.model_validate({"quiet": {"hours": "22:00-07:00"}, "zone": "UTC"})
    clockwork.plan(rules={"lanterns": quiet, "harbour": Timed(quiet=False)})
    for rule in ("harbour", "harbour", "harbour", "lanterns"):
        clockwork.desk.told_of(channels=("hook",), rules=(rule,))
    clockwork.at(23)
    await clockwork.tick()
    waiting = [row.rule for row in clockwork.desk.deliveries() if row.state == "pending"]
    assert waiting == ["lanterns"]
    assert [len(one.content["data"]["alerts"]) for one in postbox.received_hooks] == [3]


async def test_many_sources_that_go_down_are_one_notice(clockwork: Clockwork, postbox: Postbox) -> None:
    """One network that is gone is one message, not fifty; what follows at once waits, and is one as well."""
    clockwork.telling = replace(clockwork.telling, tell=("hook",))

    def down(begin: int, number: int) -> None:
        for one in range(begin, begin + number):
            clockwork.store.write(lambda c, one=one: health.tell(c, f"source {one} is down", "503", clockwork.clock()))

    down(0, 50)
    assert await clockwork.tick() == [1]
    assert "source 0 is down" in postbox.received_hooks[0].content["data"]["subject"]
    assert postbox.received_hooks[0].content["data"]["text"].count("is down") == 50
    down(50, 50)
    assert await clockwork.tick() == []
    assert await clockwork.tick_later(10 * MINUTE) == [1]
    assert len(postbox.received_hooks) == 2


async def test_a_trouble_of_the_only_channel_is_told_there(clockwork: Clockwork, postbox: Postbox) -> None:
    """A message that nobody takes says nothing of the channel; of its pause one hears when it is over."""
    clockwork.only("harbour")
    clockwork.telling = replace(clockwork.telling, tell=("hook",))
    postbox.answer_hooks(413, times=1)
    clockwork.desk.publish()
    await clockwork.tick()
    await clockwork.tick()
    assert [one.content["data"]["subject"] for one in postbox.received_hooks] == ["a delivery to hook was given up"]
    postbox.answer_hooks(410, times=1)
    clockwork.desk.publish()
    await clockwork.tick()
    for _ in range(4):
        await clockwork.tick_later(DAY)
    heard = " ".join(one.content["data"]["subject"] for one in postbox.received_hooks)
    assert "the channel hook is paused" in heard and "the channel hook works again" in heard


# Receipts


async def test_a_receipt_says_when_to_whom_and_what_was_answered(clockwork: Clockwork, postbox: Postbox) -> None:
    """The webhook's host and status; the path, which may be a secret, nowhere."""
    clockwork.only("harbour")
    clockwork.desk.publish()
    await clockwork.tick()
    [row] = clockwork.desk.deliveries()
    assert (row.answer, row.sent_to, row.sent_at, row.attempts) == ("HTTP 204", "127.0.0.1", clockwork.clock(), 1)


def kinds(hook: Hook) -> list[str]:
    return [one["kind"] for one in hook.content["data"]["alerts"]]


async def test_a_receiver_that_is_gone_pauses_its_channel_at_once(clockwork: Clockwork, postbox: Postbox) -> None:
    """One 410 is enough: what waits is held, and the operator is told."""
    clockwork.only("harbour")
    postbox.answer_hooks(410)
    clockwork.desk.publish()
    await clockwork.tick()
    assert len(postbox.attempts) == 1
    assert [state for state, _ in clockwork.states()] == ["paused"]
    assert clockwork.notices() == ["the channel hook is paused"]
    text = clockwork.desk.watch.rows(sa.select(notice.c.text))[0].text
    assert text.startswith("The channel hook failed: 127.0.0.1 answered 410: the receiver is gone for good.")


async def test_a_template_that_fails_is_told_once_a_day(clockwork: Clockwork, postbox: Postbox) -> None:
    """Every alert goes out in the built-in form; the operator hears of it, and does not hear of nothing else."""
    url = f"gotify://127.0.0.1:{postbox.hook_port}/token"
    wrong = "{{ alerts[0].published.at }}"
    table = {"name": "hook", "type": "apprise", "url": url, "text": Template("text", wrong)}
    clockwork.telling = replace(clockwork.telling, channels={"hook": Apprise.model_validate(table)})
    postbox.answer_hooks(200)
    for _ in range(2):
        clockwork.desk.publish()
        assert await clockwork.tick() == [2]
    assert clockwork.notices() == ["the template of hook failed"]
    assert "this is Dateline's own form" in postbox.received_hooks[0].content["message"]
    clockwork.desk.watch.later(DAY + HOUR)
    clockwork.desk.publish()
    await clockwork.tick()
    assert clockwork.notices() == ["the template of hook failed"] * 2


async def test_a_rule_that_was_stopped_is_not_told(clockwork: Clockwork, postbox: Postbox) -> None:
    """Between two ticks; the other rule is."""
    clockwork.store.write(lambda c: stopped.stop(c, "harbour", "hook", clockwork.clock()))
    clockwork.desk.publish()
    assert await clockwork.tick() == [1]
    assert [row.untold[:21] for row in clockwork.desk.alerts()] == ["stopped by its reader", ""]
