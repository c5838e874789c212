"""What a person has retried: one goes past quiet hours and limits, many keep to them."""

from __future__ import annotations

import pytest

from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Postbox
from scheduler.timing import Timed
from storage.schema.telling import channel, delivery
from tests.scheduler.clockwork import NIGHT, SECOND, Clockwork
from tests.storage.watch import HOUR


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


async def test_all_that_was_given_up_comes_within_the_limit(
    clockwork: Clockwork, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for one knows which; who asks for all of a bad week asks for no flood. So with quiet hours."""
    monkeypatch.setattr(Channel, "at_once", 1)
    clockwork.only("harbour")
    clockwork.at(10)
    postbox.answer_hooks(413, times=5)
    for _ in range(5):
        clockwork.desk.publish()
        await clockwork.tick()
    clockwork.limit("2/1h")
    assert set(clockwork.desk.retry_given_up()) == {"it is pending again, within quiet hours and its channel's limit"}
    for sent in (2, 4, 5):
        await clockwork.tick()
        assert len(postbox.received_hooks) == sent
        clockwork.desk.watch.later(HOUR + SECOND)
    assert [state for state, _ in clockwork.states()] == ["sent"] * 5


async def test_all_that_was_given_up_waits_for_the_morning(clockwork: Clockwork, postbox: Postbox) -> None:
    clockwork.only("harbour")
    clockwork.at(10)
    postbox.answer_hooks(413, times=1)
    clockwork.desk.publish()
    await clockwork.tick()
    clockwork.plan(channels={"hook": Timed.model_validate(NIGHT)})
    clockwork.at(22)
    clockwork.desk.retry_given_up()
    await clockwork.tick()
    assert postbox.received_hooks == []
    clockwork.at(7)
    await clockwork.tick()
    assert len(postbox.received_hooks) == 1
