"""Rules that their readers have stopped."""

from __future__ import annotations

from storage import by_hand, deliveries, stopped, summaries
from storage.fates import Fates
from storage.stopped import Stopped
from tests.storage.desk import GIVE_UP, Desk
from tests.storage.watch import HOUR

WHY = "stopped by its reader on "


def stop(desk: Desk, channel: str = "mail", rule: str = "ships") -> None:
    desk.watch.store.write(lambda c: stopped.stop(c, rule, channel, desk.watch.now))


def test_alerts_of_a_stopped_rule_are_raised_and_say_why_nobody_is_told(desk: Desk) -> None:
    """They stand in the store and on the page."""
    stop(desk)
    desk.raise_alerts(desk.publish())
    assert desk.deliveries() == []
    assert [row.untold.startswith(WHY) for row in desk.alerts()] == [True]
    assert Fates(desk.watch.store).alerts()[0].untold.startswith(WHY)


def test_its_other_channels_and_other_rules_go_on(desk: Desk) -> None:
    """Stopped is one rule in one channel."""
    stop(desk)
    desk.raise_alerts(desk.publish(), channels=("mail", "hook"), rules=("ships", "boats"))
    told = {(row.rule, row.channel) for row in desk.deliveries()}
    assert told == {("ships", "hook"), ("boats", "mail"), ("boats", "hook")}
    assert [row.untold for row in desk.alerts()] == ["", ""]


def test_a_reason_that_was_there_before_stays(desk: Desk) -> None:
    """An alert has one reason."""
    stop(desk)
    desk.raise_alerts(desk.publish(), untold="older than the rule's max_age")
    desk.raise_alerts(desk.publish(), channels=())
    assert [row.untold for row in desk.alerts()] == ["older than the rule's max_age", "no channel"]


def test_what_was_on_its_way_is_dropped_and_can_be_sent_by_hand(desk: Desk) -> None:
    """Who stops a rule hears no more of it, not even of what waited; what was sent stays sent."""
    desk.told_of()
    desk.sent()
    desk.told_of()
    desk.told_of(channels=("hook",))
    stop(desk)
    sent, waited, other = desk.deliveries()
    assert [sent.state, waited.state, other.state] == ["sent", "dropped", "pending"]
    assert waited.error.startswith(WHY)
    desk.watch.store.write(lambda c: by_hand.retry(c, waited.id, desk.watch.now))
    assert desk.states() == ["sent", "pending", "pending"]


def test_started_again_it_tells_of_what_comes(desk: Desk) -> None:
    """Twice stopped is stopped since the first time; what was raised meanwhile is not told later."""
    stop(desk)
    begun = desk.watch.now
    desk.raise_alerts(desk.publish())
    stop(desk)
    stop(desk, "hook")
    with desk.watch.store.reader() as connection:
        assert stopped.listed(connection)[1] == Stopped("ships", "mail", begun)
    was = desk.watch.store.write(lambda c: stopped.start(c, "ships", "mail"))
    assert was == [Stopped("ships", "mail", begun)]
    desk.told_of()
    assert [row.channel for row in desk.deliveries()] == ["mail"]
    assert [one.channel for one in desk.watch.store.write(lambda c: stopped.start(c, "ships"))] == ["hook"]
    assert desk.watch.store.write(lambda c: stopped.start(c, "ships")) == []


def test_stopped_while_it_is_being_sent_it_is_not_tried_again(desk: Desk) -> None:
    """The attempt failed, and the reader wants no other."""
    desk.told_of()
    due, now = desk.take(), desk.watch.now
    stop(desk)
    desk.watch.store.write(lambda c: deliveries.later(c, due, "451 busy", now, GIVE_UP, now))
    assert desk.states() == ["dropped"]
    assert desk.due() is None


def test_a_summary_in_words_goes_until_all_of_its_rules_are_stopped(desk: Desk) -> None:
    """Nothing can be taken out of it. Another one, and the same rules in another channel, go on."""

    def stop_of(rule: str) -> None:
        stop(desk, rule=rule)
        why = stopped.in_words(desk.watch.now)
        desk.watch.store.write(lambda c: summaries.leave_out(c, rule, "mail", why, desk.watch.now))

    for rules in (("ships", "boats"), ("boats", "ferries")):
        desk.told_of(rules=rules, channels=("mail", "hook"))
        for name in ("mail", "hook"):
            desk.watch.store.write(lambda c, name=name: summaries.sum_up(c, name, desk.watch.now))
            desk.later(name, again_in=5 * HOUR)
    stop_of("ships")
    assert {row.state for row in desk.deliveries()} == {"pending"}
    stop_of("boats")
    ended = [(row.channel, row.rule) for row in desk.deliveries() if row.state == "dropped"]
    assert ended == [("mail", "ships, boats")]


def test_its_alerts_leave_the_summaries_that_wait(desk: Desk) -> None:
    """What is in one with other rules goes without them; one that holds nothing else is dropped."""

    def leave_out(rule: str) -> None:
        why = stopped.in_words(desk.watch.now)
        desk.watch.store.write(lambda c: summaries.leave_out(c, rule, "mail", why, desk.watch.now))

    for rule in ("ships", "boats"):
        desk.told_of(rules=(rule,))
    assert desk.watch.store.write(lambda c: summaries.sum_up(c, "mail", desk.watch.now)) == 2
    leave_out("ships")
    [left] = desk.deliveries()
    assert (left.rule, left.state) == ("boats", "pending")
    assert [row.untold.startswith(WHY) for row in desk.alerts()] == [True, False]
    desk.told_of(rules=("ships",))
    assert desk.watch.store.write(lambda c: summaries.sum_up(c, "mail", desk.watch.now)) == 2
    leave_out("ships")
    assert [row.rule for row in desk.deliveries()] == ["boats"]
