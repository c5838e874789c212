"""`dateline once` beside a daemon: a row asks, and is answered when the looks are done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import requests
from storage.counts import counted_since
from storage.model.looking import Outcome
from tests.storage.watch import GAZETTE, HERALD, HOUR, MINUTE, START, Watch, link

SECOND = timedelta(seconds=1)


def is_worked_off(watch: Watch) -> bool:
    with watch.store.reader() as connection:
        return requests.is_worked_off(connection, START + HOUR, watch.now)


def asked(watch: Watch, what: requests.What) -> requests.Request:
    """Everything had its look a moment ago; then it is asked for, and begun."""
    watch.config(GAZETTE, HERALD)
    watch.round([link("one")])
    watch.now = START + HOUR
    watch.round([link("one")])
    watch.store.write(lambda connection: requests.ask(connection, what, watch.now))
    with watch.store.reader() as connection:
        (request,) = requests.unanswered(connection)
    watch.store.write(lambda connection: requests.begin(connection, request, watch.now))
    return request


def test_a_request_is_answered_under_its_number(watch: Watch) -> None:
    """Until then there is no answer; afterwards it is asked no more."""
    request = asked(watch, "once")
    with watch.store.reader() as connection:
        assert requests.answer_to(connection, request.number) is None
        assert [one.begun_at for one in requests.unanswered(connection)] == [watch.now]
    watch.store.write(lambda connection: requests.answer(connection, request, {"new": 1}, watch.now))
    with watch.store.reader() as connection:
        assert requests.answer_to(connection, request.number) == {"new": 1}
        assert requests.answer_to(connection, request.number + 1) is None
        assert requests.unanswered(connection) == []


def test_once_makes_everything_due_and_due_nothing(watch: Watch) -> None:
    """`--due` only waits for what is due anyway."""
    asked(watch, "due")
    assert watch.round() == []
    watch.store.write(lambda c: requests.begin(c, requests.Request(1, "once", watch.now, None), watch.now))
    assert sorted(watch.round()) == [GAZETTE.url, HERALD.url]


def test_it_is_worked_off_when_every_listing_and_every_new_address_had_its_look(watch: Watch) -> None:
    """A look that failed is a look; a look again that falls due meanwhile is not waited for."""
    asked(watch, "once")
    assert not is_worked_off(watch)
    first, second = watch.claim()
    watch.failed(first, first.listings[0])
    watch.release(first)
    assert not is_worked_off(watch)
    watch.listed(second, second.listings[0], [link("new"), link("broken")])
    watch.release(second)
    assert not is_worked_off(watch)
    (claim,) = watch.claim()
    watch.failed(claim, claim.addresses[0])
    assert not is_worked_off(watch)
    watch.failed(claim, claim.addresses[1])
    watch.release(claim)
    assert is_worked_off(watch)
    watch.later(10 * MINUTE)
    assert is_worked_off(watch)


def test_a_claim_that_began_before_is_waited_for(watch: Watch) -> None:
    """What it has in its hands is not stored yet."""
    watch.config(GAZETTE)
    watch.now = START + HOUR
    (claim,) = watch.claim()
    watch.unchanged((claim, claim.listings[0]))
    assert not is_worked_off(watch)
    watch.release(claim)
    assert is_worked_off(watch)


@pytest.mark.parametrize("comes_to", ["unchanged", "read", "failed"])
def test_a_look_that_was_under_way_is_not_the_one_that_was_asked_for(watch: Watch, comes_to: str) -> None:
    """It may have missed what the asking is for: another look is made, and only that one is counted."""
    watch.config(GAZETTE)
    watch.now = START + HOUR
    (claim,) = watch.claim()
    due, under_way = claim.listings[0], watch.now
    asked_at = watch.later(SECOND).now
    watch.store.write(lambda c: requests.begin(c, requests.Request(1, "once", asked_at, None), asked_at))
    watch.now = under_way  # when that look was answered; it is stored only now
    if comes_to == "unchanged":
        watch.unchanged((claim, due))
    elif comes_to == "read":
        watch.listed(claim, due, [])
    else:
        watch.failed(claim, due)
    watch.now = asked_at
    watch.release(claim)
    with watch.store.reader() as connection:
        assert not requests.is_worked_off(connection, asked_at, watch.now)
        assert counted_since(connection, asked_at)["looks"] == 0
    watch.round()
    with watch.store.reader() as connection:
        assert requests.is_worked_off(connection, asked_at, watch.now)
        assert counted_since(connection, asked_at)["looks"] == 1
    assert watch.listing().next_look_at == watch.now + 15 * MINUTE


def test_a_host_that_is_held_back_is_not_waited_for(watch: Watch) -> None:
    """`once` ends although a server asked for a day's patience; the look is made when it may be."""
    asked(watch, "once")
    first, second = watch.claim()
    watch.failed(first, first.listings[0], Outcome.RATE_LIMITED, retry_after=20 * HOUR)
    watch.release(first, after=20 * HOUR)
    watch.store.write(lambda c: requests.begin(c, requests.Request(1, "once", watch.now, None), watch.now))
    watch.unchanged((second, second.listings[0]))
    watch.release(second)
    assert is_worked_off(watch)


def test_what_nobody_watches_is_not_waited_for(watch: Watch) -> None:
    """Addresses of a source that is disabled or left stay unread."""
    watch.config(GAZETTE)
    watch.now = START + HOUR
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("one")])
    watch.release(claim)
    watch.config(replace(GAZETTE, enabled=False))
    assert is_worked_off(watch)


def test_a_thousand_planned_looks_cost_no_scan_of_all_addresses(watch: Watch) -> None:
    """The daemon asks this at every tick while a request waits: addresses without a plan are not read."""
    statements: list[tuple[str, object]] = []
    sa.event.listen(watch.store._reading, "before_cursor_execute", lambda *seen: statements.append((seen[2], seen[3])))
    is_worked_off(watch)
    with watch.store.reader() as connection:
        plans = [
            row.detail
            for statement, parameters in list(statements)
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert [plan for plan in plans if "address" in plan] == ["SCAN address USING INDEX ix_address_new"]
