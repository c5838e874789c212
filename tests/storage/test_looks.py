"""What came of looks: the ladder, back-off, and what was asked for while a look was under way."""

from __future__ import annotations

import sqlalchemy as sa

from storage.looks import MOST_TRIES, Read
from storage.model.looking import Outcome
from storage.schema.looking import look_count
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, PAGE, START, Watch, link


def test_an_address_is_looked_at_again_at_the_times_of_the_ladder(watch: Watch) -> None:
    """They count from its first sight; behind the last of them nothing is planned."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    planned = []
    while (at := watch.address("one").next_look_at) is not None:
        planned.append(at - START)
        watch.now = at
        watch.round([link("one")])
    assert planned == [15 * MINUTE, HOUR, 4 * HOUR, DAY]


def test_the_ladder_skips_what_has_passed(watch: Watch) -> None:
    """After a night without a daemon there is one look and not one for each that was missed."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.later(5 * HOUR).round([link("one")])
    assert watch.address("one").looks == 2
    assert watch.address("one").next_look_at == START + DAY


def test_looks_that_found_nothing_change_nothing_but_the_schedule(watch: Watch) -> None:
    """Listing and address get their next look, and the counters say what came of it."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    (claim,) = watch.later(15 * MINUTE).claim()
    watch.unchanged((claim, claim.listings[0]), (claim, claim.addresses[0]))
    assert watch.listing().next_look_at == START + 30 * MINUTE
    assert watch.address("one").next_look_at == START + HOUR
    counted = watch.rows(sa.select(look_count.c.outcome, sa.func.sum(look_count.c.looks)).group_by("outcome"))
    assert dict(tuple(row) for row in counted) == {"new": 2, "unchanged": 2}
    assert watch.changes() == [("added", True)]


def test_a_listing_that_fails_is_tried_later_and_later(watch: Watch) -> None:
    """From its own rhythm up to six hours; a completed look brings the rhythm back."""
    watch.config(GAZETTE)
    waited = []
    for _ in range(8):
        watch.round_fails()
        waited.append(watch.listing().next_look_at - watch.now)
        watch.now = watch.listing().next_look_at
    assert waited == [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR]
    watch.round()
    assert (watch.listing().failures, watch.listing().next_look_at) == (0, watch.now + 15 * MINUTE)


def test_nobody_is_asked_sooner_than_it_asked_for(watch: Watch) -> None:
    """Retry-After is kept by listing and address alike, also where their own rhythm is quicker."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("one")])
    watch.release(claim)
    (claim,) = watch.claim()
    watch.failed(claim, claim.addresses[0], Outcome.RATE_LIMITED, retry_after=3 * HOUR)
    watch.release(claim)
    assert watch.address("one").next_look_at == START + 3 * HOUR
    watch.later(3 * HOUR).round_fails(Outcome.RATE_LIMITED, retry_after=8 * HOUR)
    assert watch.listing().next_look_at == watch.now + 8 * HOUR


def test_a_first_read_that_fails_is_tried_for_half_a_day_and_on_the_ladder(watch: Watch) -> None:
    """An outage of half a day costs no article; behind the ladder's last time the address is let go."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("one")])
    watch.release(claim)
    tried = []
    while (at := watch.address("one").next_look_at) is not None:
        watch.now = at
        if any(one.endswith("/one") for one in watch.round_fails()):
            tried.append(watch.now - START)
    assert len(tried) == MOST_TRIES + 1
    assert 10 * HOUR < tried[MOST_TRIES - 1] < DAY == tried[-1]
    assert (watch.address("one").fault, watch.address("one").fault_since) == ("http error", START)


def test_what_nothing_was_decided_of_is_read_again(watch: Watch) -> None:
    """An address ahead of its lead is judged at its next look even where the server says that nothing changed."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    (claim,) = watch.later(15 * MINUTE).claim()
    read = Read(claim.addresses[0], Outcome.UNCHANGED, PAGE, watch.now, again_in=10 * MINUTE)
    watch.store.write(lambda connection: watch.looks.addresses_read(connection, [read]))
    one = watch.address("one")
    assert (one.etag, one.body_hash, one.next_look_at) == ("", b"", watch.now + 10 * MINUTE)


def test_a_look_again_that_fails_is_repeated_before_the_ladder_goes_on(watch: Watch) -> None:
    """An edit that a listing announced is not missed because the server answered 503 once, even past the ladder."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.later(30 * DAY).round([link("one")])
    assert watch.address("one").next_look_at is None
    (claim,) = watch.later(15 * MINUTE).claim()
    watch.listed(claim, claim.listings[0], [link("one", "Another title")])
    watch.release(claim)
    assert watch.round_fails() == ["https://gazette.example/one"]
    assert watch.address("one").next_look_at == watch.now + 5 * MINUTE
    watch.later(5 * MINUTE).round([link("one", "Another title")], words="many complained")
    assert watch.changes() == [("added", True), ("edited", False)]


def test_a_look_that_was_asked_for_meanwhile_is_not_forgotten(watch: Watch) -> None:
    """A listing announces an edit while the page, fetched before it, is still being read."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    (claim,) = watch.later(15 * MINUTE).claim()
    fetched_at = watch.now
    watch.later(MINUTE).listed(claim, claim.listings[0], [link("one", "Another title")])
    asked_at, watch.now = watch.now, fetched_at
    watch.unchanged((claim, claim.addresses[0]))
    assert watch.address("one").next_look_at == asked_at
    watch.failed(claim, claim.addresses[0])
    assert watch.address("one").next_look_at == asked_at


def test_a_listing_that_was_stopped_while_it_was_looked_at_stays_stopped(watch: Watch) -> None:
    """The config got another address for the source: a look under way at the old one does not plan another."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.config(GAZETTE.__class__("gazette", "https://gazette.example/fresh"))
    watch.listed(claim, claim.listings[0], [link("one")])
    assert watch.listing().next_look_at is None
    watch.unchanged((claim, claim.listings[0]))
    assert watch.listing().next_look_at is None
    watch.failed(claim, claim.listings[0])
    assert watch.listing().next_look_at is None


def test_an_address_is_stated_by_a_feed_and_not_by_a_link_on_a_page(watch: Watch) -> None:
    """A page that cannot be read is an article where a feed says so; a bare link may be anything."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("one")], kind="html")
    one = watch.address("one").id
    with watch.store.reader() as connection:
        assert not watch.looks.is_stated(connection, one)
    watch.listed(claim, claim.listings[0], [link("one")], kind="feed")
    with watch.store.reader() as connection:
        assert watch.looks.is_stated(connection, one)
