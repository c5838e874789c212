"""A channel at fault: it pauses, one delivery probes it, and what waits goes on when it works again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import by_hand, deliveries
from tests.storage.desk import Desk
from tests.storage.watch import DAY, HOUR, MINUTE


def test_a_channel_pauses_at_its_third_fault_in_a_row(desk: Desk) -> None:
    """The others wait without spending attempts, and it is told through another channel."""
    for _ in range(4):
        desk.told_of()
    for _ in range(2):
        desk.channel_fails()
    assert desk.channel().paused_at is None
    desk.channel_fails()
    assert desk.channel().paused_at == desk.watch.now
    assert [(row.state, row.attempts) for row in desk.deliveries()] == [("paused", 1)] * 3 + [("paused", 0)]
    assert desk.due() is None
    assert desk.watch.notices() == ["the channel mail is paused"]
    desk.close(tell=("mail", "hook"))
    assert [row.channel for row in desk.deliveries()][4:] == ["hook"]


def test_faults_that_are_not_in_a_row_pause_nothing(desk: Desk) -> None:
    """What gets through between them says that the channel works."""
    for _ in range(3):
        desk.told_of(2)
    for _ in range(5):
        desk.watch.later(MINUTE)
        desk.channel_fails(again_in=timedelta(0))
        desk.channel_fails(again_in=timedelta(0))
        desk.later(again_in=timedelta(0))
    assert (desk.channel().paused_at, desk.watch.notices()) == (None, [])


def test_one_delivery_probes_a_paused_channel(desk: Desk) -> None:
    """Again and again, later and later by the caller's measure, without spending an attempt or telling anybody."""
    desk.told_of(channels=("mail",))
    desk.told_of()
    desk.pause()
    spent = [row.attempts for row in desk.deliveries()]
    for number in range(5):
        due = desk.channel_fails(again_in=HOUR)
        assert (due.probes, due.channel_failures) == (True, 3 + number)
        assert desk.due() is None
        assert desk.due_channels() == []
        desk.watch.later(HOUR)
        assert desk.due_channels() == ["mail"]
    assert [row.attempts for row in desk.deliveries()] == spent
    assert desk.states() == ["paused", "paused"]
    assert desk.watch.notices() == ["the channel mail is paused"]


@pytest.mark.parametrize("waits", [(9, 15), (15, 60), (60, 15), (15, 1)])
def test_a_paused_channel_is_probed_no_sooner_than_any_of_its_attempts_was_asked_to_wait(
    desk: Desk, waits: tuple[int, int]
) -> None:
    """They were under way together, and the receiver asked for another wait each time."""
    desk.told_of()
    desk.told_of()
    for wait, one in zip(waits, desk.due_together(), strict=True):
        desk.channel_fails(again_in=wait * MINUTE, taken=one, is_busy=True)
    assert desk.channel().probe_at == desk.watch.now + max(waits) * MINUTE


def test_a_fault_beside_one_that_was_asked_to_wait_is_probed_no_sooner(desk: Desk) -> None:
    """The third in a row pauses the channel, while its receiver waits for nine minutes."""
    for _ in range(4):
        desk.told_of()
    first, *others = desk.due_together()
    desk.channel_fails(again_in=9 * MINUTE, taken=first, is_busy=True)
    for one in others:
        desk.channel_fails(taken=replace(one, channel_failures=2))
    assert desk.channel().probe_at == desk.watch.now + 9 * MINUTE


def test_one_message_that_a_channel_cannot_bear_holds_up_no_other(desk: Desk) -> None:
    """Its server answers 500 to that one alone: the next probe is another's, and revives the channel."""
    desk.told_of()
    desk.pause()
    desk.watch.later(MINUTE)
    desk.told_of()
    probed = []
    for _ in range(2):
        probed.append(desk.channel_fails(again_in=HOUR).delivery.id)
        desk.watch.later(HOUR)
    assert probed == [row.id for row in desk.deliveries()]


@pytest.mark.parametrize("answer", ["sent", "later", "given_up"])
def test_a_probe_that_is_answered_revives_all(desk: Desk, answer: str) -> None:
    """Whatever the channel says of the message: it speaks."""
    for _ in range(3):
        desk.told_of()
    desk.pause()
    getattr(desk, answer)()
    assert desk.channel().paused_at is None
    assert desk.states()[1:] == ["pending", "pending"]
    assert desk.watch.notices()[:2] == ["the channel mail is paused", "the channel mail works again"]
    desk.sent()
    desk.sent()


def test_a_message_that_never_reached_the_channel_does_not_revive_it(desk: Desk) -> None:
    """One that cannot be rendered is given up, and says nothing of the channel."""
    desk.told_of()
    desk.told_of()
    desk.pause()
    desk.given_up(answered=False)
    assert sorted(desk.states()) == ["given up", "paused"]
    assert desk.channel().paused_at is not None


def test_what_is_raised_while_a_channel_is_paused_waits_with_it(desk: Desk) -> None:
    """It is paused as soon as it has gathered, says why, and goes on with the others."""
    desk.told_of()
    desk.pause()
    desk.told_of()
    assert [(row.state, row.error) for row in desk.deliveries()] == [("paused", "refused")] * 2
    desk.sent()
    assert desk.states() == ["sent", "pending"]


def test_the_time_of_a_pause_is_no_time_of_attempts(desk: Desk) -> None:
    """A channel that was away for a month gives nothing up; three days of attempts count on where they stopped."""
    desk.told_of()
    desk.later(again_in=timedelta(0))
    desk.watch.later(2 * DAY)
    desk.pause()
    desk.watch.later(30 * DAY)
    desk.later(again_in=timedelta(0))
    assert desk.states() == ["pending"]
    desk.watch.later(23 * HOUR)
    desk.later(again_in=timedelta(0))
    assert desk.states() == ["pending"]
    desk.watch.later(HOUR)
    desk.later(again_in=timedelta(0))
    assert desk.states() == ["given up"]


def test_a_first_attempt_that_was_a_probe_begins_with_the_revival(desk: Desk) -> None:
    """The three days of a delivery that had no attempt before the pause begin when the channel works, not later."""
    for _ in range(3):
        desk.told_of()
        desk.later(again_in=DAY)
    desk.watch.later(3 * DAY)
    desk.told_of()
    for _ in range(3):
        desk.channel_fails(again_in=DAY)
    assert desk.states() == ["given up", "given up", "given up", "paused"]
    desk.watch.later(DAY)
    desk.channel_fails(again_in=DAY)
    desk.watch.later(DAY)
    desk.later(again_in=HOUR)
    assert desk.deliveries()[3].first_attempt_at == desk.watch.now


@pytest.mark.parametrize("is_busy", [False, True])
def test_a_channel_that_is_mended_while_it_is_probed_is_probed_again(desk: Desk, *, is_busy: bool) -> None:
    """The attempt under way went where it went before, and may hang for a minute; but who asked to wait is heeded."""
    desk.told_of()
    for _ in range(3):
        desk.channel_fails()
        desk.watch.later(MINUTE)
    probe = desk.take()
    desk.watch.later(MINUTE / 2)
    assert desk.watch.store.write(lambda c: by_hand.probe(c, ["mail"], desk.watch.now)) == ["mail"]
    desk.channel_fails(taken=probe, again_in=6 * HOUR, is_busy=is_busy)
    assert (desk.due() is None) is is_busy
    desk.watch.later(6 * HOUR)
    desk.channel_fails(again_in=6 * HOUR)
    assert desk.due() is None


def test_attempts_that_fail_together_count_once(desk: Desk) -> None:
    """Several are under way when a server restarts: that is one fault, and pauses nothing."""
    for _ in range(4):
        desk.told_of()
    for due in desk.due_together():
        desk.channel_fails(taken=due)
    assert (desk.channel().failures, desk.channel().paused_at) == (1, None)
    assert desk.states() == ["pending"] * 4


def test_what_fails_while_its_channel_leaves_the_config_waits_with_it(desk: Desk) -> None:
    """As the others do: it is not shown as due, and goes on when the channel is back."""
    desk.told_of()
    desk.told_of()
    first, second = desk.due_together()
    desk.config(channels=("hook",))
    desk.later(taken=first)
    desk.channel_fails(taken=second)
    assert [(row.state, row.error) for row in desk.deliveries()] == [("paused", deliveries.NO_SUCH_CHANNEL)] * 2
    assert desk.due_channels() == []
    desk.config()
    assert desk.states() == ["pending", "pending"]


def test_what_waits_for_a_channel_that_left_while_it_was_probed_waits_for_it(desk: Desk) -> None:
    """The probe was taken. Once the channel is back, no time of its own attempts has passed."""
    for _ in range(2):
        desk.told_of()
    for _ in range(2):
        desk.later()
    desk.watch.later(MINUTE)
    desk.pause()
    probe = desk.take()
    desk.config(channels=("hook",))
    desk.sent(taken=probe)
    [left] = [row for row in desk.deliveries() if row.state != "sent"]
    assert (left.state, left.error) == ("paused", "no such channel in the config")
    desk.watch.later(4 * DAY)
    desk.config()
    desk.later()
    assert sorted(desk.states()) == ["pending", "sent"]
