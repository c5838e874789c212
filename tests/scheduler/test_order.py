"""Of one story a channel is told in the order in which it happened, whatever fails."""

from __future__ import annotations

import asyncio

import pytest

from scheduler import pipeline
from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Postbox
from scheduler.timing import Timed
from storage import deliveries, health, notices
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


def note(clockwork: Clockwork, subject: str, about: str) -> None:
    """A notice of this, which becomes a delivery of its own."""
    clockwork.store.write(lambda c: health.tell(c, subject, "It is.", clockwork.clock(), about=about))
    clockwork.store.write(lambda c: notices.take_notices(c, ("hook",), clockwork.clock()))


def heard(postbox: Postbox) -> list[str]:
    return [hook.content["data"]["subject"] for hook in postbox.received_hooks]


async def test_of_a_source_the_operator_is_told_in_order(
    clockwork: Clockwork, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is back after it was down, although that was refused at first; what is told of another does not wait."""
    monkeypatch.setattr(Channel, "at_once", 1)  # so that the same one is refused
    postbox.answer_hooks(400, times=1)
    note(clockwork, "gazette is down", "source gazette")
    note(clockwork, "herald is down", "source herald")
    note(clockwork, "gazette is back", "source gazette")
    note(clockwork, "the config was refused", "")
    clockwork.desk.publish()
    await clockwork.tick()
    told = [hook.content["data"]["subject"] for hook in postbox.attempts]
    assert told[:3] == ["gazette is down", "herald is down", "the config was refused"]
    assert heard(postbox)[:2] == told[1:3] and len(postbox.received_hooks) == 4
    await clockwork.tick_later(MINUTE)
    assert heard(postbox)[4:] == ["gazette is down", "gazette is back"]


async def test_notices_of_a_channel_do_not_overtake_each_other_on_their_way(
    clockwork: Clockwork, postbox: Postbox
) -> None:
    """Several messages are under way at once, and a receiver may take the second one first."""
    note(clockwork, "the channel mail is paused", "channel mail")
    note(clockwork, "the channel mail works again", "channel mail")
    postbox.answer_hooks("hang")
    ticking = asyncio.create_task(clockwork.tick())
    await postbox.wait_for(attempts=1)
    with clockwork.store.reader() as connection:
        [first] = deliveries.next_due(connection, "hook", clockwork.clock(), 40)
    assert first.delivery.notice is not None and first.delivery.notice.subject == "the channel mail is paused"
    assert len(postbox.attempts) == 1
    postbox.answer_hooks(204)
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    await clockwork.tick()
    assert heard(postbox) == ["the channel mail is paused", "the channel mail works again"]


async def test_notices_that_are_summed_up_stand_behind_what_is_tried_again(
    clockwork: Clockwork, postbox: Postbox
) -> None:
    """The first was attempted and keeps its bytes: what comes after it waits, also where a limit makes it one."""
    clockwork.limit("1/1h")
    postbox.answer_hooks(400, times=1)
    note(clockwork, "gazette is down", "source gazette")
    await clockwork.tick()
    for subject, source in (("herald is down", "herald"), ("gazette is back", "gazette"), ("herald is back", "herald")):
        note(clockwork, subject, f"source {source}")
    await clockwork.tick()
    assert heard(postbox) == ["2 notices: herald is down; herald is back"]
    for _ in range(2):
        await clockwork.tick_later(HOUR)
    assert heard(postbox)[1:] == ["gazette is down", "gazette is back"]


def test_who_asks_for_a_notice_by_hand_hears_what_it_waits_for(clockwork: Clockwork) -> None:
    note(clockwork, "gazette is down", "source gazette")
    note(clockwork, "gazette is back", "source gazette")
    clockwork.desk.close()
    _, second = [row.id for row in clockwork.desk.deliveries()]
    assert "about the same source or channel" in clockwork.desk.retry(second)
