"""Deliveries on their way: at least once, with the same bytes; faults of the channel and faults of the message."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import deliveries, upkeep
from storage.by_hand import NotDone
from storage.schema.telling import notice
from tests.storage.desk import Desk
from tests.storage.watch import DAY, HOUR, MINUTE


def test_a_delivery_is_sent_once(desk: Desk) -> None:
    """What was sent is not due again."""
    desk.told_of()
    assert desk.due_channels() == ["mail"]
    desk.sent()
    (row,) = desk.deliveries()
    assert (row.state, row.attempts, row.sent_at, row.error) == ("sent", 1, desk.watch.now, "")
    assert (desk.due(), desk.due_channels()) == (None, [])


def test_the_oldest_delivery_is_next(desk: Desk) -> None:
    """One that was postponed does not hold up the others."""
    desk.told_of()
    desk.told_of()
    first = desk.later(again_in=HOUR)
    second = desk.sent()
    assert first.delivery.created_at < second.delivery.created_at
    assert desk.due() is None
    desk.watch.later(HOUR)
    assert desk.sent().delivery.id == first.delivery.id


def test_every_attempt_has_the_same_id_and_the_same_bytes(desk: Desk) -> None:
    """The bytes are kept before the first attempt; later ones do not replace them."""
    desk.told_of()
    first = desk.take(payload=b"first bytes")
    assert first.delivery.payload is None
    for _ in range(3):
        again = desk.take(payload=b"other bytes")
        assert (again.delivery.id, again.delivery.payload) == (first.delivery.id, b"first bytes")
        desk.later(again_in=timedelta(0))
    assert desk.payload(desk.sent().delivery) == b"first bytes"


def test_a_kill_between_sending_and_booking_repeats_the_delivery(desk: Desk) -> None:
    """It is still due, under its id."""
    desk.told_of()
    taken = desk.take()
    assert desk.take().delivery.id == taken.delivery.id


def test_a_message_that_is_not_taken_now_is_tried_again(desk: Desk) -> None:
    """The channel works: others go on, and nothing is counted against it."""
    desk.told_of()
    desk.later(again_in=30 * MINUTE)
    (row,) = desk.deliveries()
    assert (row.state, row.attempts, row.error) == ("pending", 1, "451 busy")
    assert row.next_attempt_at == desk.watch.now + 30 * MINUTE
    assert desk.channel().failures == 0


def test_a_message_is_given_up_after_three_days_of_its_own_attempts(desk: Desk) -> None:
    """It stays visible, and the operator is told how to send it again."""
    desk.told_of()
    attempts = 0
    while desk.states() == ["pending"]:
        desk.later(again_in=6 * HOUR)
        attempts += 1
        desk.watch.later(6 * HOUR)
    assert attempts == 13
    (row,) = desk.deliveries()
    assert (row.state, row.error) == ("given up", "451 busy (tried for 3 days)")
    assert desk.watch.notices()[-1] == "a delivery to mail was given up"
    assert f"dateline deliveries retry {row.id}" in desk.watch.rows(sa.select(notice.c.text))[-1].text


def test_a_channel_that_puts_everything_off_is_told_of_once_a_day(desk: Desk) -> None:
    """A mailbox that is full answers 452 to each mail: no fault of the channel, and nobody hears of anything."""
    desk.told_of()
    for _ in range(4):
        assert desk.watch.notices() == []
        desk.later(again_in=30 * MINUTE)
        desk.watch.later(30 * MINUTE)
    desk.later(again_in=30 * MINUTE)
    assert desk.watch.notices() == ["nothing sent through mail is taken in full"]
    desk.close(tell=("mail", "hook"))
    assert [row.channel for row in desk.deliveries()][1:] == ["hook"]
    for _ in range(50):
        desk.watch.later(30 * MINUTE)
        desk.later(again_in=30 * MINUTE)
    assert desk.watch.notices() == ["nothing sent through mail is taken in full"] * 2


def test_a_silence_is_told_of_also_where_the_clock_was_set_back_since_the_last(desk: Desk) -> None:
    """Neither that one nor what was taken since lies in the future."""
    desk.told_of()
    desk.told_of()
    desk.later(again_in=3 * HOUR)
    desk.watch.later(3 * HOUR)
    desk.sent(taken=desk.later())
    assert desk.watch.notices() == ["nothing sent through mail is taken in full"]
    desk.watch.later(-30 * DAY)
    desk.watch.store.write(lambda c: upkeep.sweep(c, desk.watch.now))
    for _ in range(2):
        desk.watch.later(3 * HOUR)
        desk.later(again_in=HOUR)
    assert desk.watch.notices() == ["nothing sent through mail is taken in full"] * 2


def test_one_message_that_is_put_off_while_others_are_taken_is_no_silence(desk: Desk) -> None:
    desk.told_of()
    desk.later(again_in=3 * HOUR)
    desk.told_of()
    desk.sent()
    desk.watch.later(3 * HOUR)
    desk.later()
    assert desk.watch.notices() == []


def test_a_fault_of_the_message_gives_it_up_at_once(desk: Desk) -> None:
    """It is told through every channel of the operator: this one itself is well."""
    desk.told_of()
    desk.told_of()
    desk.channel_fails()
    desk.given_up()
    assert desk.states() == ["pending", "given up"]
    assert desk.channel().failures == 0
    desk.close(tell=("mail", "hook"))
    assert [row.channel for row in desk.deliveries()][2:] == ["mail", "hook"]


def test_a_notice_that_is_given_up_makes_no_notice(desk: Desk) -> None:
    """Telling of what could not be told would never end."""
    desk.told_of()
    desk.given_up()
    desk.close(tell=("hook",))
    desk.given_up("hook")
    desk.close(tell=("mail", "hook"))
    assert desk.watch.notices() == ["a delivery to mail was given up"]
    assert desk.states() == ["given up", "given up"]


def test_what_was_given_up_can_be_sent_again(desk: Desk) -> None:
    """Under its id and with its bytes, with three days and all attempts before it."""
    desk.told_of()
    given_up = desk.given_up()
    desk.watch.later(10 * DAY)
    assert desk.retry(given_up.delivery.id) == "it is pending again"
    again = desk.due()
    assert again is not None
    assert (again.delivery.id, again.delivery.payload, again.delivery.attempts) == (
        given_up.delivery.id,
        b"first bytes",
        0,
    )
    desk.later()
    assert desk.states() == ["pending"]


def test_what_was_sent_is_not_sent_again(desk: Desk) -> None:
    """Nor what is not there; the words say why."""
    desk.told_of()
    done = desk.sent()
    for one, why in ((done.delivery.id, "it was sent at 2026-03-01"), ("unknown", "there is no such delivery")):
        with pytest.raises(NotDone, match=why):
            desk.retry(one)


def test_a_retry_through_a_paused_channel_probes_it_now(desk: Desk) -> None:
    """The delivery waits with it and is not lost to a channel that is paused or gone from the config."""
    desk.told_of()
    desk.told_of()
    given_up = desk.given_up()
    desk.channel_fails(again_in=timedelta(0))
    desk.channel_fails(again_in=timedelta(0))
    desk.channel_fails(again_in=HOUR)
    assert desk.due() is None
    assert "is paused and is probed now" in desk.retry(given_up.delivery.id)
    assert desk.states() == ["paused", "paused"]
    due = desk.due()
    assert due is not None and due.probes
    desk.config(channels=("hook",))
    assert "is not in the config" in desk.retry(given_up.delivery.id)
    desk.config()
    desk.sent()
    assert sorted(desk.states()) == ["pending", "sent"]


def test_a_dropped_delivery_is_never_sent_and_says_why(desk: Desk) -> None:
    """It stays, in whatever state it was; a person may take that back."""
    desk.raise_alerts(desk.publish(), wait=HOUR)
    [row] = desk.deliveries()
    desk.drop(row.id, "told by\nphone")
    desk.watch.later(DAY)
    desk.close()
    [row] = desk.deliveries()
    assert (row.state, row.error, row.ended_at is None) == ("dropped", "dropped by hand: told by phone", False)
    assert (desk.due(), desk.due_channels()) == (None, [])
    with pytest.raises(NotDone, match="it is dropped already"):
        desk.drop(row.id, "")
    desk.retry(row.id)
    assert desk.sent().delivery.id == row.id
    with pytest.raises(NotDone, match="it is sent already"):
        desk.drop(row.id, "")


@pytest.mark.parametrize("came_of", ["later", "channel_fails", "given_up"])
def test_a_delivery_that_is_dropped_while_it_is_under_way_stays_dropped(desk: Desk, came_of: str) -> None:
    """Whatever comes of the attempt, unless it arrives."""
    desk.told_of()
    due = desk.take()
    desk.drop(due.delivery.id, "wrong")
    getattr(desk, came_of)(taken=due)
    assert desk.states() == ["dropped"]


def test_one_channel_does_not_hold_up_another(desk: Desk) -> None:
    """A pause is the channel's own."""
    desk.told_of(channels=("mail", "hook"))
    desk.pause("mail")
    assert desk.due_channels() == ["hook", "mail"]
    desk.sent("hook")


def test_what_a_person_asks_for_is_not_held_by_a_round_that_had_begun(desk: Desk) -> None:
    """It was found due, then asked for, then found to be quiet."""
    desk.told_of()
    due = desk.due_together()
    desk.retry(due[0].delivery.id)
    later = desk.watch.now + HOUR
    desk.watch.store.write(lambda c: deliveries.hold_until(c, due, later, "quiet hours"))
    assert [one.by_hand for one in desk.due_together()] == [True]


def test_what_is_dropped_while_it_is_sent_and_taken_is_sent(desk: Desk) -> None:
    """It did not end before; the record says the one thing."""
    desk.told_of()
    due = desk.take()
    desk.drop(due.delivery.id, "too late")
    desk.sent(taken=due)
    [row] = desk.deliveries()
    assert (row.state, row.sent_at, row.ended_at, row.error) == ("sent", desk.watch.now, None, "")
