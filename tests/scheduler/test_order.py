"""Of one story a channel is told in the order in which it happened, whatever fails."""

from __future__ import annotations

import asyncio

import pytest

from scheduler import pipeline
from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Postbox
from scheduler.timing import Timed
from storage.writer import Writer
from tests.scheduler.clockwork import Clockwork, kinds
from tests.storage.watch import DAY, HOUR, MINUTE


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
