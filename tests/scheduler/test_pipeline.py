"""What the clock calls, against the real store and a real receiver: alerts raised, deliveries made, faults booked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from scheduler import pipeline, steps
from scheduler.channels.apprise import Channel as Apprise
from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Postbox
from scheduler.judge import Rules
from scheduler.message import Message
from scheduler.pipeline import back_off
from scheduler.template import Template
from scheduler.timing import Plans
from storage import by_hand, deliveries, stopped
from storage.schema.articles import change
from storage.schema.telling import notice
from storage.writer import Writer
from tests.scheduler.clockwork import RULES, SECOND, Clockwork
from tests.storage.watch import DAY, HOUR, MINUTE


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


async def test_a_busy_receiver_is_waited_for_and_is_no_fault(
    clockwork: Clockwork, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 with Retry-After: whatever there is for the channel, and comes for it, waits as long as was asked, and nobody
    is told of a channel that is alive. A person may go past it."""
    monkeypatch.setattr(pipeline, "CHANGES_AT_ONCE", 1)  # a delivery for each
    clockwork.telling = replace(clockwork.telling, rules=Rules(RULES[:1]))
    postbox.answer_hooks(429, retry_after="60", times=6)
    late = clockwork.desk.publish(9)[-1]
    until = clockwork.clock() + 30 * SECOND
    clockwork.store.write(lambda c: c.execute(sa.update(change).where(change.c.id == late.id).values(due_at=until)))
    assert await clockwork.tick() == [0]
    assert len(postbox.attempts) == 4, "those that were under way together"
    clockwork.replan()
    assert await clockwork.tick_later(30 * SECOND) == [0]
    rows = clockwork.desk.deliveries()
    assert [row.held for row in rows] == [deliveries.ASKED_TO_WAIT] * 9 and len(postbox.attempts) == 4
    assert await clockwork.tick_later(29 * SECOND) == []
    assert await clockwork.tick_later(SECOND) == [0]
    assert len(postbox.attempts) == 5, "one at a time, until one is taken"
    clockwork.store.write(lambda c: by_hand.retry(c, rows[7].id, clockwork.clock()))
    assert await clockwork.tick() == [0]
    assert len(postbox.attempts) == 6
    await clockwork.tick_later(2 * MINUTE - SECOND)
    assert len(postbox.attempts) == 6, "the step of the back-off is the longer of both"
    assert await clockwork.tick_later(MINUTE) == [9]
    assert clockwork.notices() == []


async def test_a_receiver_that_stays_busy_is_a_fault(clockwork: Clockwork, postbox: Postbox) -> None:
    """Once the wait is ten minutes: by the steps of the back-off, or by what it asks for."""
    clockwork.telling = replace(clockwork.telling, rules=Rules(RULES[:1]), tell=("spare",))
    postbox.answer_hooks(429)
    clockwork.desk.publish(1)
    for wait in (SECOND, 7 * SECOND, 38 * SECOND):
        await clockwork.tick_later(wait)
        assert clockwork.desk.channel("hook").paused_at is None
    await clockwork.tick_later(3 * MINUTE)
    assert clockwork.notices() == ["the channel hook is paused"] and len(postbox.attempts) == 4
    postbox.answer_hooks(204)
    await clockwork.tick_later(13 * MINUTE)
    postbox.answer_hooks(503, retry_after="3600", times=1)
    clockwork.desk.publish(1)
    await clockwork.tick_later(SECOND)
    told = ["the channel hook is paused", "the channel hook works again"]
    assert clockwork.notices() == [*told, told[0]]
    tried = len(postbox.attempts)
    await clockwork.tick_later(HOUR - SECOND)
    assert len(postbox.attempts) == tried
    await clockwork.tick_later(2 * SECOND)
    assert clockwork.notices() == told * 2 and len(postbox.attempts) == tried + 1


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
    assert {row.about for row in clockwork.desk.watch.rows(sa.select(notice.c.about))} == {"channel hook"}


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


# Receipts


async def test_a_receipt_says_when_to_whom_and_what_was_answered(clockwork: Clockwork, postbox: Postbox) -> None:
    """The webhook's host and status; the path, which may be a secret, nowhere."""
    clockwork.only("harbour")
    clockwork.desk.publish()
    await clockwork.tick()
    [row] = clockwork.desk.deliveries()
    assert (row.answer, row.sent_to, row.sent_at, row.attempts) == ("HTTP 204", "127.0.0.1", clockwork.clock(), 1)


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
