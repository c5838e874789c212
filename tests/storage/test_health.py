"""Is a source well? It goes down once, is told once, and comes back."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from storage import health
from storage.model.looking import Outcome
from storage.schema.looking import look_count
from storage.schema.telling import notice
from tests.storage.watch import GAZETTE, HOUR, MINUTE, START, Watch, link


def fail(watch: Watch, times: int) -> None:
    for _ in range(times):
        watch.round_fails()
        watch.now = watch.listing().next_look_at


def test_two_failures_are_nobodys_news(watch: Watch) -> None:
    """The source's state says what failed; it is not down."""
    watch.config(GAZETTE)
    watch.round()
    watch.later(15 * MINUTE)
    fail(watch, 2)
    assert (watch.source().state, watch.source().message) == ("ok", "http error: 503")
    watch.round()
    assert (watch.source().message, watch.source().failures, watch.notices()) == ("", 0, [])


def test_the_third_failure_in_a_row_is_told_once(watch: Watch) -> None:
    """However long it lasts; that it is over is told, too."""
    watch.config(GAZETTE)
    watch.round()
    watch.later(15 * MINUTE)
    fail(watch, 2)
    down_at = watch.now
    fail(watch, 5)
    assert (watch.source().state, watch.source().state_since) == ("down", down_at)
    assert watch.notices() == ["gazette is down"]
    watch.round()
    assert (watch.source().state, watch.source().state_since) == ("ok", watch.now)
    assert watch.notices() == ["gazette is down", "gazette is back"]
    (down, back) = watch.rows(sa.select(notice).order_by(notice.c.id))
    assert down.about == back.about == "source gazette"
    assert f"{down_at:%Y-%m-%d %H:%M} UTC" in back.text
    fail_again = watch.later(15 * MINUTE)
    fail(fail_again, 3)
    assert watch.notices()[2:] == ["gazette is down"]


def test_a_304_is_a_sign_of_life(watch: Watch) -> None:
    """A source that has nothing new is back all the same."""
    watch.config(GAZETTE)
    fail(watch, 3)
    (claim,) = watch.claim()
    watch.unchanged((claim, claim.listings[0]))
    assert watch.notices() == ["gazette is down", "gazette is back"]


def test_a_source_that_was_never_up_can_be_down(watch: Watch) -> None:
    """And its first completed look lists history."""
    watch.config(GAZETTE)
    fail(watch, 3)
    assert watch.source().state == "down"
    watch.round([link("one")])
    assert (watch.source().state, watch.changes()) == ("ok", [("added", True)])


def test_addresses_that_fail_do_not_make_a_source_down(watch: Watch) -> None:
    """A page is not its source."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link(str(number)) for number in range(5)])
    watch.release(claim)
    watch.round_fails()
    assert (watch.source().state, watch.notices()) == ("ok", [])


def test_a_rename_while_it_is_down_is_told_under_the_new_name(watch: Watch) -> None:
    """The state is the source's and not the name's."""
    watch.config(GAZETTE)
    fail(watch, 3)
    watch.config(replace(GAZETTE, name="the gazette"))
    watch.round()
    assert watch.notices() == ["gazette is down", "the gazette is back"]


def test_looks_are_counted_by_source_hour_and_outcome(watch: Watch) -> None:
    """Not a row a look."""
    watch.config(GAZETTE)
    number = watch.source().id
    looks = [(number, START, Outcome.UNCHANGED)] * 3 + [
        (number, START + 59 * MINUTE, Outcome.UNCHANGED),
        (number, START + HOUR, Outcome.UNCHANGED),
        (number, START, Outcome.TOO_LARGE),
    ]
    for _ in range(2):
        watch.store.write(lambda connection: health.count(connection, looks))
    watch.store.write(lambda connection: health.count(connection, []))
    rows = watch.rows(sa.select(look_count).order_by(look_count.c.hour, look_count.c.outcome))
    assert [(row.hour, row.outcome, row.looks) for row in rows] == [
        (START, "too large", 2),
        (START, "unchanged", 8),
        (START + HOUR, "unchanged", 2),
    ]


def test_one_of_two_listings_that_fails_is_told_and_no_outage(watch: Watch) -> None:
    """The source goes on with the other, says so as long as it lasts, and tells when it is over."""
    fresh = "https://gazette.example/fresh"
    watch.config(replace(GAZETTE, listings=(GAZETTE.url, fresh)))
    watch.round()
    for _ in range(4):
        (claim,) = watch.later(HOUR).claim()
        for due in claim.listings:
            if due.url == fresh:
                watch.failed(claim, due)
            else:
                watch.unchanged((claim, due))
        watch.release(claim)
    assert watch.notices() == ["a listing of gazette is down"]
    assert (watch.source().state, watch.source().message) == ("ok", "http error: 503")
    watch.later(12 * HOUR).round()
    assert watch.notices()[1:] == ["a listing of gazette is back"]
    assert watch.source().message == ""


def test_two_listings_that_fail_are_one_outage(watch: Watch) -> None:
    """It is told once, of the source."""
    watch.config(replace(GAZETTE, listings=(GAZETTE.url, "https://gazette.example/fresh")))
    watch.round()
    for _ in range(6):
        watch.later(6 * HOUR).round_fails()
    assert (watch.source().state, watch.notices()) == ("down", ["gazette is down"])


def test_two_listings_that_come_back_are_told_once(watch: Watch) -> None:
    """Both in one round: of the second no notice says that it is back, since none said that it was down."""
    watch.config(replace(GAZETTE, listings=(GAZETTE.url, "https://gazette.example/fresh")))
    watch.round()
    for _ in range(4):
        watch.later(6 * HOUR).round_fails()
    watch.later(12 * HOUR).round()
    assert watch.notices() == ["gazette is down", "gazette is back"]
    watch.later(6 * HOUR).round_fails()
    assert watch.notices() == ["gazette is down", "gazette is back"]


def test_a_listing_that_stays_away_after_an_outage_is_told(watch: Watch) -> None:
    """The source is back by its other listing alone; of this one nobody had said anything yet."""
    fresh = "https://gazette.example/fresh"
    watch.config(replace(GAZETTE, listings=(GAZETTE.url, fresh)))
    watch.round()
    for _ in range(4):
        watch.later(6 * HOUR).round_fails()
    for _ in range(2):
        (claim,) = watch.later(12 * HOUR).claim()
        for due in claim.listings:
            if due.url == fresh:
                watch.failed(claim, due)
            else:
                watch.unchanged((claim, due))
        watch.release(claim)
    assert watch.notices() == ["gazette is down", "gazette is back", "a listing of gazette is down"]
    watch.later(12 * HOUR).round()
    assert watch.notices()[3:] == ["a listing of gazette is back"]
