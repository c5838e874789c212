"""What is not told at once: quiet hours, digests, and the limit of what a channel may carry."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from scheduler import pipeline, steps
from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Postbox
from scheduler.timing import Timed
from storage import health
from tests.scheduler.clockwork import NIGHT, SECOND, Clockwork, kinds
from tests.storage.watch import DAY, HOUR, MINUTE

# Quiet hours, digests


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


class OfPeople(Channel):
    most_alerts = 500


async def test_a_digest_for_people_is_one_message_however_much_there_was(
    clockwork: Clockwork, postbox: Postbox
) -> None:
    """A program gets each alert, and so several messages."""
    clockwork.only("harbour")
    clockwork.plan(channels={"hook": Timed.model_validate({"digest": "0 8 * * *"})})
    for channel_, messages in ((OfPeople, 1), (Channel, 3)):
        hook = channel_.model_validate({"name": "hook", "type": "webhook", "url": postbox.hook_url})
        clockwork.telling = replace(clockwork.telling, channels={"hook": hook})
        for _ in range(3):
            clockwork.desk.publish(40)
            assert await clockwork.tick() == []
        clockwork.at(8)
        assert await clockwork.tick() == [messages]


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


async def test_a_summary_for_a_program_leaves_no_alert_out(clockwork: Clockwork, postbox: Postbox) -> None:
    """What finds no room in a webhook's 20 kB makes the next one, and waits for its place."""
    clockwork.only("harbour")
    clockwork.limit("1/1h")
    for _ in range(5):
        clockwork.desk.publish(30)
        await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    for _ in range(5):
        assert await clockwork.tick_later(HOUR) == [1]
    data = [hook.content["data"] for hook in postbox.received_hooks]
    assert [one["omitted"] for one in data] == [0] * 5
    told = [one["id"] for each in data for one in (*each["alerts"], *each["more"])]
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
