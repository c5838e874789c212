"""What became of every alert, and why; how the channels are."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from storage import by_hand, deliveries
from storage.deliveries import NO_SUCH_CHANNEL
from storage.fates import Fate, Fates, given_up
from storage.health import tell
from storage.model.telling import DeliveryState, Notice
from storage.schema.articles import change
from storage.schema.telling import delivery, delivery_alert
from tests.storage.desk import Desk
from tests.storage.watch import HOUR, MINUTE, report


@pytest.fixture
def fates(desk: Desk) -> Fates:
    return Fates(desk.watch.store)


def only_fate(fates: Fates) -> Fate:
    (alert,) = fates.alerts()
    (fate,) = alert.fates
    return fate


def test_the_newest_alerts_come_first(desk: Desk, fates: Fates) -> None:
    """Each with its rule, its words, its article and where that was seen; no more than were asked for."""
    changes = desk.publish(3)
    desk.raise_alerts(changes)
    newest = fates.alerts(limit=2)
    assert [one.id for one in newest] == [3, 2]
    assert [one.title for one in fates.alerts()] == ["Title of a2", "Title of a1", "Title of a0"]
    one = newest[0]
    assert (one.rule, one.holds, one.words, one.kind, one.source) == ("ships", "now", ("ships",), "added", "gazette")
    assert (one.created_at, one.guid) == (desk.watch.now, changes[2].guid)


def test_each_channel_has_its_own_fate(desk: Desk, fates: Fates) -> None:
    """One took it, the other has yet to be tried."""
    desk.told_of(channels=("mail", "hook"))
    sent = desk.sent("mail")
    (alert,) = fates.alerts()
    assert [(one.channel, one.state) for one in alert.fates] == [("hook", "pending"), ("mail", "sent")]
    assert alert.fates[1].delivery_id == sent.delivery.id
    assert alert.untold == ""


def test_alerts_in_one_delivery_share_its_fate(desk: Desk, fates: Fates) -> None:
    """What is told together is told at the same time."""
    desk.told_of(2)
    desk.sent()
    one, other = fates.alerts()
    assert one.fates == other.fates
    assert one.fates[0].at == desk.watch.now


@pytest.mark.parametrize("channels, untold", [((), "no channel"), (("mail",), "older than the rule's max_age")])
def test_an_alert_without_a_delivery_says_why(desk: Desk, fates: Fates, channels: tuple[str, ...], untold: str) -> None:
    """The one reason."""
    desk.told_of(channels=channels, untold=untold)
    (alert,) = fates.alerts()
    assert (alert.untold, alert.fates) == (untold, ())


def test_a_fate_says_when_it_goes_on(desk: Desk, fates: Fates) -> None:
    """From gathering to being sent: when the next step is, or was, and why it was not the last."""
    desk.raise_alerts(desk.publish(), wait=MINUTE)
    gathering = only_fate(fates)
    assert (gathering.state, gathering.at, gathering.reason) == (DeliveryState.OPEN, desk.watch.now + MINUTE, "")
    desk.watch.later(MINUTE)
    desk.close()
    due = only_fate(fates)
    assert (due.state, due.at, due.attempts) == (DeliveryState.PENDING, desk.watch.now, 0)
    desk.later(again_in=HOUR)
    later = only_fate(fates)
    assert (later.state, later.at, later.attempts, later.reason) == (
        DeliveryState.PENDING,
        desk.watch.now + HOUR,
        1,
        "451 busy",
    )
    desk.watch.later(HOUR)
    desk.sent()
    done = only_fate(fates)
    assert (done.state, done.at, done.reason) == (DeliveryState.SENT, desk.watch.now, "")


def test_what_was_given_up_stays_in_sight(desk: Desk, fates: Fates) -> None:
    """With its reason, until it is sent again; the newest first, no more than were asked for."""
    for _ in range(3):
        desk.told_of()
        desk.given_up()
    ids = [row.id for row in desk.deliveries()]
    with desk.watch.store.reader() as connection:
        assert [one.delivery_id for one in given_up(connection)] == ids[::-1]
        assert [one.delivery_id for one in given_up(connection, limit=1)] == ids[2:]
    one = fates.alerts()[0].fates[0]
    assert (one.state, one.at, one.reason) == (DeliveryState.GIVEN_UP, None, "550 no such user")
    desk.watch.store.write(lambda c: by_hand.retry(c, ids[2], desk.watch.now))
    with desk.watch.store.reader() as connection:
        assert [one.delivery_id for one in given_up(connection)] == ids[1::-1]


def test_what_was_given_up_has_its_short_id_also_where_it_goes_meanwhile(desk: Desk) -> None:
    """Both are of one view, whatever another process writes between."""
    desk.told_of()
    of = desk.given_up().delivery.id
    with desk.watch.store.reader() as connection:
        [one] = given_up(connection)
        for table, column in ((delivery_alert, delivery_alert.c.delivery_id), (delivery, delivery.c.id)):
            desk.watch.store.write(lambda c, t=table, at=column: c.execute(sa.delete(t).where(at == of)))
        assert by_hand.short_ids(connection, [one.delivery_id]) == {of: of[:8]}
    with desk.watch.store.reader() as connection:
        assert given_up(connection) == []


def test_a_channel_that_fails_is_shown_before_it_is_paused(desk: Desk, fates: Fates) -> None:
    """How often in a row, and why."""
    desk.told_of()
    desk.channel_fails()
    hook, mail = fates.channels()
    assert (hook.name, hook.in_config, hook.failures, hook.waiting, hook.reason) == ("hook", True, 0, 0, "")
    assert (mail.name, mail.failures, mail.reason, mail.waiting, mail.paused_at) == ("mail", 1, "refused", 1, None)
    assert fates.paused_channels() == []


def test_what_waits_with_a_paused_channel_says_so(desk: Desk, fates: Fates) -> None:
    """Its fate names the next probe, and the reason of the last."""
    desk.told_of()
    desk.pause()
    (mail,) = fates.paused_channels()
    assert (mail.name, mail.reason, mail.waiting) == ("mail", "refused", 1)
    assert mail.paused_at == desk.watch.now - MINUTE
    fate = only_fate(fates)
    assert (fate.state, fate.at, fate.reason) == (DeliveryState.PAUSED, mail.probe_at, "refused")
    due = desk.take()
    assert due.probes
    desk.watch.store.write(
        lambda c: deliveries.channel_failed(c, due, "no route", desk.watch.now + HOUR, HOUR, desk.watch.now)
    )
    fate = only_fate(fates)
    assert (fate.at, fate.reason) == (desk.watch.now + HOUR, "no route")
    desk.watch.later(HOUR)
    desk.sent()
    assert fates.paused_channels() == []
    assert only_fate(fates).state == DeliveryState.SENT


@pytest.mark.parametrize("paused_before", [False, True])
def test_a_channel_that_left_the_config_is_shown_while_something_waits(
    desk: Desk, fates: Fates, paused_before: bool
) -> None:
    """It is no paused one: no probe will find it well."""
    desk.told_of()
    if paused_before:
        desk.pause()
    desk.config(channels=("hook",))
    gone = fates.channels()[1]
    assert (gone.name, gone.in_config, gone.reason, gone.waiting) == ("mail", False, NO_SUCH_CHANNEL, 1)
    assert fates.paused_channels() == []
    fate = only_fate(fates)
    assert (fate.state, fate.at, fate.reason) == (DeliveryState.PAUSED, None, NO_SUCH_CHANNEL)
    desk.config()
    desk.sent()
    desk.config(channels=("hook",))
    assert [one.name for one in fates.channels()] == ["hook"]


def test_a_channel_that_never_was_in_the_config_is_shown(desk: Desk, fates: Fates) -> None:
    """Deliveries for it wait all the same."""
    desk.told_of(channels=("pager",))
    assert [(one.name, one.in_config) for one in fates.channels()] == [("hook", True), ("mail", True), ("pager", False)]
    assert only_fate(fates).reason == NO_SUCH_CHANNEL


def test_notices_are_open_until_all_channels_have_them(desk: Desk, fates: Fates) -> None:
    """First no channel has it, then one, then all."""
    desk.watch.store.write(lambda c: tell(c, "the Gazette is down", "It does not answer.", desk.watch.now))
    (untaken,) = fates.notices()
    assert (untaken.notice, untaken.fates) == (Notice("the Gazette is down", "It does not answer."), ())
    desk.close(tell=("mail", "hook"))
    (open_,) = fates.notices()
    assert open_.notice == untaken.notice
    assert [(one.channel, one.state) for one in open_.fates] == [("hook", "pending"), ("mail", "pending")]
    desk.sent("mail")
    (open_,) = fates.notices()
    assert [(one.channel, one.state) for one in open_.fates] == [("hook", "pending")]
    desk.given_up("hook")
    assert fates.notices()[0].fates[0].state == DeliveryState.GIVEN_UP
    with desk.watch.store.reader() as connection:
        [of] = given_up(connection)
    assert of.rule == ""
    desk.watch.store.write(lambda c: by_hand.retry(c, of.delivery_id, desk.watch.now))
    desk.sent("hook")
    assert fates.notices() == []


def test_the_newest_notices_come_first(desk: Desk, fates: Fates) -> None:
    """Taken or not, and no more than were asked for."""
    for number in range(4):
        now = desk.watch.now + timedelta(minutes=number)
        desk.watch.store.write(lambda c, number=number, now=now: tell(c, f"notice {number}", "", now))
        if number == 1:
            desk.close(tell=("mail",))
    assert [one.notice.subject for one in fates.notices()][:2] == ["notice 3", "notice 2"]
    assert len(fates.notices()) == 4
    assert len(fates.notices(limit=3)) == 3


def test_a_removal_is_named_by_the_last_title(desk: Desk, fates: Fates) -> None:
    """There is no text after it."""
    desk.told_of()
    change_id = desk.alerts()[0].change_id
    assert fates.alerts()[0].title == report("a0").title
    gone = {"kind": "removed", "before_id": change.c.after_id, "after_id": None}
    desk.watch.store.write(lambda c: c.execute(sa.update(change).where(change.c.id == change_id).values(gone)))
    assert (fates.alerts()[0].title, fates.alerts()[0].kind) == (report("a0").title, "removed")


def test_deliveries_that_were_sent_are_not_read_through(desk: Desk, fates: Fates) -> None:
    """They are many, and kept with their bytes: each question finds its few by an index."""
    with desk.watch.store.reader() as connection:
        asked: list[tuple[str, Any]] = []

        def hear(_0: object, _1: object, statement: str, parameters: Any, *_2: object) -> None:
            asked.append((statement, parameters))

        sa.event.listen(connection.engine, "before_cursor_execute", hear)
        for question in (fates.alerts, fates.channels, partial(given_up, connection), fates.notices):
            question()
        sa.event.remove(connection.engine, "before_cursor_execute", hear)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given).all() for one, given in asked]
    steps = [row.detail for plan in plans for row in plan]
    assert any("delivery USING INDEX ix_delivery_due" in one for one in steps)
    assert [one for one in steps if one.startswith(("SCAN delivery", "SCAN change"))] == []
