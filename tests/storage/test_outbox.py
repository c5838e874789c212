"""Alerts and their deliveries: each change judged once, everything that follows in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from storage import health, notices, outbox
from storage.deliveries import NO_SUCH_CHANNEL
from storage.model.telling import RuleConfig
from storage.outbox import MOST_ALERTS_A_DELIVERY, Judged
from storage.schema.articles import change
from tests.storage.desk import RULE, Desk
from tests.storage.watch import DAY, HOUR, MINUTE, START


def at_once(rule: str, channel: str, opened_at: datetime) -> datetime:
    return opened_at


def test_two_rules_and_two_channels_make_two_alerts_and_four_deliveries(desk: Desk) -> None:
    """An alert for each rule, a delivery for each rule and channel."""
    assert desk.raise_alerts(desk.publish(), channels=("mail", "hook"), rules=("ships", "lanterns")) == 2
    assert [(row.rule, row.holds, row.untold) for row in desk.alerts()] == [
        ("ships", "now", ""),
        ("lanterns", "now", ""),
    ]
    made = [(row.channel, row.rule, row.state) for row in desk.deliveries()]
    assert made == [
        ("mail", "ships", "open"),
        ("hook", "ships", "open"),
        ("mail", "lanterns", "open"),
        ("hook", "lanterns", "open"),
    ]
    assert desk.unmatched() == []


def test_alerts_and_deliveries_are_one_transaction(desk: Desk) -> None:
    """What is cut off in the middle leaves nothing: the change is judged again."""
    changes = desk.publish()
    judged = [Judged(changes[0].id, rule, "now", ("ships",), ("mail",)) for rule in ("ships", "ships")]
    with pytest.raises(sa.exc.IntegrityError):
        desk.watch.store.write(lambda c: outbox.raise_alerts(c, [changes[0].id], judged, desk.watch.now, at_once))
    assert (desk.alerts(), desk.deliveries()) == ([], [])
    assert desk.unmatched() == changes


def test_a_change_is_judged_once_even_if_two_try(desk: Desk) -> None:
    """Both have read it as not judged; the one that writes second raises nothing."""
    changes = desk.publish(2)
    assert desk.raise_alerts(changes[:1]) == 1
    assert desk.raise_alerts(changes) == 1
    assert [row.change_id for row in desk.alerts()] == [one.id for one in changes]
    assert desk.raise_alerts(changes) == 0


def test_a_change_that_no_rule_holds_for_is_judged_too(desk: Desk) -> None:
    """It is not read again at every tick."""
    changes = desk.publish()
    desk.raise_alerts(changes, rules=())
    assert (desk.unmatched(), desk.alerts()) == ([], [])
    assert desk.watch.rows(sa.select(change.c.matched_at))[0].matched_at == desk.watch.now


def test_the_oldest_changes_are_judged_first(desk: Desk) -> None:
    """A long night is worked off in order, in portions."""
    ids = [one.id for one in desk.publish(5)]
    with desk.watch.store.reader() as connection:
        assert [one.id for one in outbox.unmatched(connection, 3, desk.watch.now)] == ids[:3]


def test_an_alert_without_delivery_says_why(desk: Desk) -> None:
    """Too old for the rule, or a rule without channels."""
    desk.raise_alerts(desk.publish(), untold="older than the rule's max_age")
    desk.raise_alerts(desk.publish(), channels=())
    assert [row.untold for row in desk.alerts()] == ["older than the rule's max_age", "no channel"]
    assert desk.deliveries() == []


def test_a_channel_that_is_named_twice_is_told_once(desk: Desk) -> None:
    """A rule may say channels = ["mail", "mail"]; so may the operator's own."""
    desk.raise_alerts(desk.publish(), channels=("mail", "mail"))
    desk.watch.store.write(lambda c: health.tell(c, "gazette is down", "", desk.watch.now))
    desk.close(tell=("hook", "hook"))
    assert [row.channel for row in desk.deliveries()] == ["mail", "hook"]


# Gathering


def test_an_open_delivery_gathers_for_as_long_as_it_is_told_to(desk: Desk) -> None:
    """What is raised within `wait` goes in one message; what comes later opens the next."""
    desk.raise_alerts(desk.publish(2), wait=20 * MINUTE)
    desk.close()
    assert (desk.states(), desk.due()) == (["open"], None)
    desk.raise_alerts(desk.publish(), wait=20 * MINUTE)
    (first,) = desk.deliveries()
    assert desk.alerts_in(first.id) == 3
    desk.watch.later(5 * MINUTE)
    desk.close()
    desk.raise_alerts(desk.publish(), wait=20 * MINUTE)
    assert desk.states() == ["pending", "open"]
    due = desk.due()
    assert due is not None
    assert [one.change.url.rpartition("/")[2] for one in due.delivery.alerts] == ["a0", "a1", "a2"]


def test_without_a_wait_each_round_is_a_delivery(desk: Desk) -> None:
    """What was raised together is told together, at once."""
    desk.told_of(3)
    desk.told_of(2)
    assert desk.states() == ["pending", "pending"]
    assert [desk.alerts_in(row.id) for row in desk.deliveries()] == [3, 2]


def test_a_delivery_holds_no_more_than_fifty_alerts(desk: Desk) -> None:
    """The rest goes into others, which are filled up before a new one is opened."""
    desk.raise_alerts(desk.publish(MOST_ALERTS_A_DELIVERY + 10), wait=HOUR)
    desk.raise_alerts(desk.publish(15), wait=HOUR)
    desk.raise_alerts(desk.publish(MOST_ALERTS_A_DELIVERY), wait=HOUR)
    assert sorted(desk.alerts_in(row.id) for row in desk.deliveries()) == [25, 50, 50]


def test_rules_do_not_gather_into_each_others_deliveries(desk: Desk) -> None:
    """A delivery is of one rule and for one channel."""
    desk.raise_alerts(desk.publish(2), channels=("mail", "hook"), rules=("ships", "lanterns"), wait=HOUR)
    assert [desk.alerts_in(row.id) for row in desk.deliveries()] == [2, 2, 2, 2]


# Notices


def test_a_notice_goes_to_every_channel_of_the_operator(desk: Desk) -> None:
    """At once, each in a delivery of its own, and once."""
    desk.watch.store.write(lambda c: health.tell(c, "gazette is down", "It failed.", desk.watch.now))
    with desk.watch.store.reader() as connection:
        assert notices.untaken(connection, desk.watch.now)
    desk.close(tell=("mail", "hook"))
    desk.close(tell=("mail", "hook"))
    assert [(row.channel, row.rule, row.state) for row in desk.deliveries()] == [
        ("mail", "", "pending"),
        ("hook", "", "pending"),
    ]
    due = desk.due()
    assert due is not None and due.delivery.notice is not None
    assert (due.delivery.notice.subject, due.delivery.notice.text) == ("gazette is down", "It failed.")
    with desk.watch.store.reader() as connection:
        assert not notices.untaken(connection, desk.watch.now)


def test_a_notice_about_a_channel_is_told_through_the_others(desk: Desk) -> None:
    """Through the one that fails it would not arrive."""
    desk.watch.store.write(lambda c: health.tell(c, "mail is paused", "", desk.watch.now, channel="mail"))
    desk.close(tell=("mail", "hook"))
    assert [row.channel for row in desk.deliveries()] == ["hook"]


def test_a_tick_with_nothing_to_do_finds_nothing(desk: Desk) -> None:
    """An open delivery is none before its time."""
    desk.raise_alerts(desk.publish(), wait=HOUR)
    with desk.watch.store.reader() as connection:
        assert not outbox.has_gathered(connection, desk.watch.now)
        assert outbox.has_gathered(connection, desk.watch.now + HOUR)


# Config taken over


def test_a_rule_holds_from_its_first_load_on(desk: Desk) -> None:
    """A restart and another query do not move that; leaving and coming back does."""

    def loaded_at() -> dict[str, timedelta]:
        with desk.watch.store.reader() as connection:
            return {name: at - START for name, at in outbox.rules_loaded_at(connection).items()}

    desk.watch.later(HOUR)
    desk.config([RULE, RuleConfig("new", "x")])
    assert loaded_at() == {"ships": timedelta(0), "new": HOUR}
    desk.watch.later(HOUR)
    desk.config([replace(RULE, query="ships OR boats")])
    assert loaded_at() == {"ships": timedelta(0)}
    desk.watch.later(HOUR)
    desk.config([RULE, RuleConfig("new", "x")])
    assert loaded_at() == {"ships": timedelta(0), "new": 3 * HOUR}
    desk.config([])
    assert loaded_at() == {}


def test_deliveries_of_a_channel_that_left_wait_for_it(desk: Desk) -> None:
    """As "no such channel", pending and gathering alike; they go on when it is back, and no time has passed."""
    desk.told_of()
    desk.later(again_in=HOUR)
    desk.raise_alerts(desk.publish(), wait=HOUR)
    desk.config(channels=("hook",))
    desk.watch.later(30 * DAY)
    desk.close()
    assert [(row.state, row.error) for row in desk.deliveries()] == [("paused", NO_SUCH_CHANNEL)] * 2
    assert (desk.due_channels(), desk.due()) == ([], None)
    desk.config()
    assert [(row.state, row.error) for row in desk.deliveries()] == [("pending", "")] * 2
    desk.later()
    assert desk.states() == ["pending", "pending"]


def test_a_channel_that_left_while_it_was_paused_comes_back_paused(desk: Desk) -> None:
    """A reload is no proof that it works: a probe is."""
    desk.told_of()
    desk.pause()
    desk.config(channels=("hook",))
    desk.watch.later(DAY)
    assert desk.due_channels() == []
    desk.config()
    due = desk.due()
    assert due is not None and due.probes
    desk.sent()
    assert desk.states() == ["sent"]
