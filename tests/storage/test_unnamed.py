"""What waits for a channel that its rule does not name any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import stopped, summaries
from storage.model.telling import RuleConfig
from tests.storage.desk import RULE, Desk
from tests.storage.watch import DAY, HOUR, MINUTE

NOWHERE = replace(RULE, channels=())


def test_a_channel_that_is_taken_from_a_rule_is_told_nothing_more_of_it(desk: Desk) -> None:
    """What gathers, what is due and what waits to be tried again is dropped, says why, and can be sent by hand. Another
    channel of the rule, and another rule of the channel, go on."""
    both = RuleConfig("ships", "ships", channels=("mail", "hook"))
    other = RuleConfig("boats", "boats", channels=("mail",))
    desk.config([both, other])
    desk.told_of(channels=("mail", "hook"))
    desk.later()
    desk.told_of(rules=("boats",))
    desk.raise_alerts(desk.publish(), channels=("mail", "hook"), wait=DAY)
    desk.config([replace(both, channels=("hook",)), other])
    assert {(row.rule, row.channel, row.state) for row in desk.deliveries()} == {
        ("ships", "mail", "dropped"),
        ("ships", "hook", "pending"),
        ("ships", "hook", "open"),
        ("boats", "mail", "pending"),
    }
    dropped = [row for row in desk.deliveries() if row.state == "dropped"]
    assert [row.error for row in dropped] == ["its rule does not name this channel any more"] * 2
    desk.retry(dropped[0].id)
    desk.config([replace(both, channels=("hook",)), other])
    assert [row.state for row in desk.deliveries() if row.id == dropped[0].id] == ["pending"], "a person asked for it"


def test_a_rule_that_left_or_has_another_name_tells_what_it_raised(desk: Desk) -> None:
    """And what waits for a channel that left waits for it, also where the rule names another now."""
    desk.told_of()
    desk.config([RuleConfig("vessels", "ships", channels=("mail",))])
    assert [row.state for row in desk.deliveries()] == ["pending"]
    desk.config([replace(RULE, channels=("hook",))], channels=("hook",))
    assert [(row.state, row.error) for row in desk.deliveries()] == [("paused", "no such channel in the config")]


def test_a_slip_in_a_config_that_is_mended_soon_costs_nothing(desk: Desk) -> None:
    """What gathers gathers on, what was on its way goes on, in its place before what came since."""
    desk.told_of()
    desk.later(again_in=5 * HOUR)
    before = desk.deliveries()[0]
    desk.raise_alerts(desk.publish(), wait=7 * DAY)
    desk.config([NOWHERE])
    assert desk.states() == ["dropped", "dropped"]
    desk.watch.later(MINUTE)
    desk.config()
    assert desk.states() == ["pending", "open"]
    after = desk.find(before.id)
    assert (after.payload, after.attempts, after.turn, after.error) == (before.payload, 1, before.turn, "")
    desk.raise_alerts(desk.publish(), wait=7 * DAY)
    assert desk.alerts_in(desk.deliveries()[1].id) == 2
    desk.sent()


def test_what_a_slip_dropped_of_a_paused_channel_waits_with_it(desk: Desk) -> None:
    desk.told_of()
    desk.pause()
    desk.config([NOWHERE])
    desk.config()
    assert [(row.state, row.error) for row in desk.deliveries()] == [("paused", "refused")]


def test_what_a_slip_dropped_while_its_channel_was_paused_for_days_is_tried_as_long_as_any_other(desk: Desk) -> None:
    """The channel came back while it was dropped: the days of the pause are none of its own attempts."""
    desk.told_of()
    desk.told_of()
    for _ in range(2):
        desk.later()
    desk.watch.later(MINUTE)
    desk.pause()
    desk.watch.later(4 * DAY)
    probe = desk.take()
    desk.config([NOWHERE])
    desk.sent(taken=probe)
    desk.config()
    assert sorted(desk.states()) == ["pending", "sent"]
    desk.later()
    assert sorted(desk.states()) == ["pending", "sent"]


@pytest.mark.parametrize("after", [DAY, 7 * DAY])
def test_what_was_taken_off_for_long_is_told_no_more(desk: Desk, after: timedelta) -> None:
    """It is old by then."""
    desk.told_of()
    desk.config([NOWHERE])
    desk.watch.later(after)
    desk.config()
    assert desk.states() == ["dropped"]


def test_what_a_person_dropped_or_stopped_meanwhile_stays_so(desk: Desk) -> None:
    desk.told_of()
    desk.told_of()
    desk.drop(desk.deliveries()[0].id, "not wanted")
    desk.config([NOWHERE])
    desk.watch.store.write(lambda c: stopped.stop(c, "ships", "mail", desk.watch.now))
    desk.config()
    assert desk.states() == ["dropped", "dropped"]


BOATS = RuleConfig("boats", "boats", channels=("mail",))


@pytest.fixture
def summed_up(desk: Desk) -> Desk:
    """What two rules have for a channel waits as one delivery."""
    desk.config([RULE, BOATS])
    desk.told_of(rules=("ships", "boats"))
    desk.watch.store.write(lambda c: summaries.sum_up(c, "mail", desk.watch.now))
    assert [row.rule for row in desk.deliveries()] == ["ships, boats"]
    return desk


def waiting(desk: Desk) -> dict[str, tuple[str, int, int]]:
    return {row.rule: (row.state, desk.alerts_in(row.id), row.turn) for row in desk.deliveries()}


def test_a_summary_tells_nothing_of_a_rule_that_does_not_name_its_channel(summed_up: Desk) -> None:
    """What is in it of another rule is told; the other part can be sent by hand."""
    summed_up.config([NOWHERE, BOATS])
    assert waiting(summed_up) == {"boats": ("pending", 1, 1), "ships": ("dropped", 1, 1)}
    assert [one.untold for one in summed_up.alerts()] == ["", ""]


def test_a_summary_of_rules_that_all_do_not_name_its_channel_is_not_told(summed_up: Desk) -> None:
    """Not the last of them either."""
    summed_up.config([NOWHERE, replace(BOATS, channels=())])
    assert waiting(summed_up) == {"boats": ("dropped", 1, 1), "ships": ("dropped", 1, 1)}


def test_a_slip_that_is_mended_soon_costs_nothing_of_a_summary_either(summed_up: Desk) -> None:
    summed_up.config([NOWHERE, BOATS])
    summed_up.watch.later(MINUTE)
    summed_up.config([RULE, BOATS])
    assert waiting(summed_up) == {"boats": ("pending", 1, 1), "ships": ("pending", 1, 1)}


def test_a_summary_in_words_goes_while_one_of_its_rules_names_its_channel(summed_up: Desk) -> None:
    """Nothing can be taken out of it. With the last of them it is dropped, and taken up again with any."""
    summed_up.later()
    summed_up.config([NOWHERE, BOATS])
    assert summed_up.states() == ["pending"]
    summed_up.config([NOWHERE, replace(BOATS, channels=())])
    [row] = summed_up.deliveries()
    assert (row.state, row.error) == ("dropped", "its rule does not name this channel any more")
    summed_up.config([RULE, replace(BOATS, channels=())])
    assert summed_up.states() == ["pending"]


def test_a_summary_in_words_that_is_stopped_and_unnamed_is_dropped(summed_up: Desk) -> None:
    """The reader stopped one of its rules, and the other does not name the channel any more: nobody wants it."""
    summed_up.later()
    summed_up.watch.store.write(lambda c: stopped.stop(c, "ships", "mail", summed_up.watch.now))
    summed_up.config([RULE, BOATS])
    assert summed_up.states() == ["pending"]
    summed_up.config([RULE, replace(BOATS, channels=())])
    assert summed_up.states() == ["dropped"]
    summed_up.config([RULE, BOATS])
    assert summed_up.states() == ["pending"]


def test_a_summary_in_words_whose_rules_left_the_config_goes(summed_up: Desk) -> None:
    """They may only have got other names."""
    summed_up.later()
    summed_up.config([NOWHERE])
    assert summed_up.states() == ["pending"]
