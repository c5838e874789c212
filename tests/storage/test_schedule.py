"""Claims: exclusive, fenced by their epoch, and in the order in which the work is to be done."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage.model.looking import Link, Outcome, RobotsFile, SourceConfig
from storage.schedule import MOST_LOOKS_A_CLAIM, ClaimLost, Release, fence
from storage.schema.articles import address
from storage.schema.looking import host
from tests.storage.watch import DAY, GAZETTE, HERALD, HOUR, MINUTE, START, Watch, link, report

SECOND = timedelta(seconds=1)


def test_a_claim_is_exclusive(watch: Watch) -> None:
    """A host that one worker holds is due for nobody else, until it is given back."""
    watch.config(GAZETTE)
    (claim,) = watch.claim(worker="one")
    assert watch.claim(worker="two") == []
    watch.unchanged((claim, claim.listings[0]))
    watch.release(claim)
    assert watch.later(15 * MINUTE).claim(worker="two")[0].epoch == claim.epoch + 1


def test_many_hosts_are_claimed_at_once_the_latest_first(watch: Watch) -> None:
    """The host that has waited longest comes first, and no more are taken than asked for."""
    for number in range(4):
        watch.config(*(SourceConfig(f"s{n}", f"https://s{n}.example/") for n in range(number + 1)))
        watch.later(SECOND)
    assert [claim.host for claim in watch.claim(3)] == ["s0.example", "s1.example", "s2.example"]
    assert [claim.host for claim in watch.claim(3)] == ["s3.example"]


def test_listings_of_one_host_are_one_claim(watch: Watch) -> None:
    """Two sources at a host are one worker's work: nobody asks a host twice at a time."""
    watch.config(GAZETTE, SourceConfig("gazette sport", "https://gazette.example/sport"))
    (claim,) = watch.claim()
    assert [due.source for due in claim.listings] == ["gazette", "gazette sport"]


def test_what_a_source_says_travels_with_the_claim(watch: Watch) -> None:
    """A worker reads no config: the claim brings all that a look needs."""
    watch.config(
        SourceConfig("g", "https://g.example/", 5 * MINUTE, "kcna", "html", language="ko", timezone="Asia/Pyongyang")
    )
    due = watch.claim()[0].listings[0]
    assert (due.source, due.url, due.every) == ("g", "https://g.example/", 5 * MINUTE)
    assert (due.kind, due.site, due.language, due.timezone) == ("html", "kcna", "ko", "Asia/Pyongyang")


def test_listings_come_first_then_new_addresses_then_looks_again_by_lateness(watch: Watch) -> None:
    """The order of a claim is the order in which news is found."""
    watch.config(GAZETTE)
    watch.round([link("old")])
    watch.later(MINUTE).config(GAZETTE, SourceConfig("sport", "https://gazette.example/sport"))
    watch.round([link("older-look")])
    with watch.store.writer() as connection:  # due at 12:15 and 12:16; then something new is listed
        connection.execute(sa.update(host).values(next_due_at=watch.now))
    watch.later(20 * MINUTE)
    claim = watch.claim()[0]
    watch.listed(claim, claim.listings[0], [link("new")])
    watch.release(claim)
    claim = watch.claim()[0]
    assert [due.source for due in claim.listings] == ["sport"]
    assert [one.url.rpartition("/")[2] for one in claim.addresses] == ["new", "old", "older-look"]


def test_news_goes_before_the_rest_of_a_first_look(watch: Watch) -> None:
    """A site that was added may have thousands of articles, and one more an hour later."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link(str(number)) for number in range(MOST_LOOKS_A_CLAIM + 10)])
    watch.release(claim)
    (claim,) = watch.later(HOUR).claim()
    watch.listed(claim, claim.listings[0], [link("news"), link("more-news")])
    watch.release(claim)
    due = [one.url.rpartition("/")[2] for one in watch.claim()[0].addresses]
    assert due[:3] == ["news", "more-news", "0"]
    assert len(due) == MOST_LOOKS_A_CLAIM == len(set(due))


def test_a_claim_takes_no_more_than_its_worth_of_a_host(watch: Watch) -> None:
    """A host with a thousand new addresses is given back between, so that its listings get their turn."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link(str(number)) for number in range(MOST_LOOKS_A_CLAIM + 10)])
    watch.release(claim)
    assert len(watch.claim()[0].addresses) == MOST_LOOKS_A_CLAIM


def test_what_is_due_is_found_by_an_index_of_its_own(watch: Watch) -> None:
    """However many looks again are due, no claim, release or drop passes over them to what is new, or the other way."""
    watch.config(GAZETTE)
    watch.round([link(str(number)) for number in range(3)])
    statements: list[tuple[str, object]] = []
    sa.event.listen(watch.store.engine, "before_cursor_execute", lambda *seen: statements.append((seen[2], seen[3])))
    (claim,) = watch.later(5 * HOUR).claim()
    ended = Release(claim, watch.now, SECOND, watch.now)
    watch.store.write(lambda c: watch.looks.drop_overtaken(c, [ended]))
    watch.release(claim)
    with watch.store.reader() as connection:
        plans = {
            row.detail
            for statement, parameters in list(statements)
            if statement.startswith("SELECT") and "address" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        }
    of_addresses = {plan for plan in plans if "address" in plan or plan.startswith(("SEARCH one", "SCAN one"))}
    assert {plan.partition("INDEX ")[2].partition(" ")[0] for plan in of_addresses} <= {
        *("ix_address_news", "ix_address_new", "ix_address_again", ""),
    }
    assert all("USING INTEGER PRIMARY KEY" in plan or "ix_address" in plan for plan in of_addresses), of_addresses


def test_hosts_that_no_source_looks_at_get_no_more_than_their_share(watch: Watch) -> None:
    """A listing leads to a hundred hosts, all due before the herald is: they do not fill the room in front of it."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [Link(f"https://s{number}.example/story") for number in range(100)])
    watch.release(claim)
    watch.later(SECOND).config(GAZETTE, HERALD)
    claims = watch.claim(10, most_strangers=3)
    assert [one.is_stranger for one in claims] == [True, True, True, False]
    assert claims[-1].host == "herald.example"
    assert watch.claim(10, most_strangers=0) == []
    assert len(watch.claim(10)) == 10


def test_a_lost_claim_stores_nothing(watch: Watch) -> None:
    """What a worker looked at under a claim that was freed is refused, whichever way it tries to store it."""
    watch.config(GAZETTE)
    (lost,) = watch.claim()
    assert watch.free_claims() == 1
    due = lost.listings[0]
    with pytest.raises(ClaimLost):
        watch.listed(lost, due, [link("one")])
    with pytest.raises(ClaimLost):
        watch.failed(lost, due)
    with pytest.raises(ClaimLost), watch.store.writer() as connection:
        fence(connection, lost)
    watch.unchanged((lost, due))
    watch.release(lost)
    assert watch.rows(sa.select(address)) == []
    assert watch.listing().last_look_at is None
    assert watch.host().claimed_by is None


def test_a_host_that_a_dead_worker_asked_for_the_first_time_gets_its_pause(watch: Watch) -> None:
    """No delay was given to it yet, so the one of the config counts."""
    watch.config(GAZETTE)
    watch.claim()
    watch.store.write(lambda connection: watch.schedule.free_claims(connection, watch.now, 10 * SECOND))
    assert watch.host().next_allowed_at == watch.now + 10 * SECOND


def test_a_lost_claim_does_not_ride_on_its_successor(watch: Watch) -> None:
    """Where looks of a lost claim and of the next one at the same host are written together, only the latter count."""
    watch.config(GAZETTE)
    (lost,) = watch.claim()
    watch.free_claims()
    (holds,) = watch.claim()
    watch.unchanged((lost, lost.listings[0]), (holds, holds.listings[0]))
    counted = watch.rows(sa.text("SELECT looks FROM look_count"))  # type: ignore[arg-type]
    assert [row.looks for row in counted] == [1]
    watch.release(lost)
    assert watch.host().claimed_by is not None


def test_a_claim_that_was_given_back_is_over(watch: Watch) -> None:
    """A save that comes after the release is refused, even before anybody else claims."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.release(claim)
    with pytest.raises(ClaimLost):
        watch.failed(claim, claim.listings[0])


def test_a_host_is_due_when_the_earliest_of_its_work_is(watch: Watch) -> None:
    """After a release the host waits for its next look, be it at a listing or at an address."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    assert watch.host().next_due_at == START + 15 * MINUTE
    watch.later(15 * MINUTE).round([link("one")])
    watch.config(GAZETTE, SourceConfig("slow", "https://gazette.example/slow", every=DAY))
    watch.round()
    assert watch.host().next_due_at == START + 30 * MINUTE


def test_a_host_that_may_not_be_asked_yet_is_not_claimed(watch: Watch) -> None:
    """Delay and Retry-After are the host's, and are kept by whoever claims next."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.release(claim, after=HOUR, delay=10 * SECOND)
    assert watch.later(59 * MINUTE).claim() == []
    assert not watch.schedule.has_due(watch.now, timedelta(0))
    assert watch.schedule.has_due(watch.now, MINUTE)
    (claim,) = watch.later(MINUTE).claim()
    assert claim.delay == 10 * SECOND


def test_retry_after_holds_over_a_kill(watch: Watch) -> None:
    """A worker that is killed before it gives the host back has stored what the server asked for."""
    watch.config(GAZETTE, SourceConfig("sport", "https://gazette.example/sport"))
    (claim,) = watch.claim()
    watch.failed(claim, claim.listings[0], Outcome.RATE_LIMITED, "429", retry_after=2 * HOUR)
    watch.free_claims()
    assert watch.later(119 * MINUTE).claim() == []
    assert len(watch.later(MINUTE).claim()[0].listings) == 2


def test_a_host_of_a_dead_worker_gets_its_delay_anew(watch: Watch) -> None:
    """It may have asked for a page a moment before it died."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.release(claim, delay=30 * SECOND)
    watch.claim()
    watch.later(SECOND).free_claims()
    assert watch.later(29 * SECOND).claim() == []
    assert len(watch.later(SECOND).claim()) == 1


def test_disabled_and_retired_sources_are_not_claimed(watch: Watch) -> None:
    """Neither their listings nor their addresses are looked at, also where the host is claimed for another source."""
    sport = SourceConfig("sport", "https://gazette.example/sport")
    watch.config(GAZETTE, sport)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("one")])
    watch.release(claim)
    watch.config(sport)
    (claim,) = watch.claim()
    assert ([due.source for due in claim.listings], claim.addresses) == (["sport"], ())
    watch.unchanged((claim, claim.listings[0]))
    watch.release(claim)
    assert watch.host().next_due_at == START + 15 * MINUTE


def test_robots_txt_comes_with_the_claim_for_a_day(watch: Watch) -> None:
    """A restart does not ask for it again; an old one is not handed out."""
    watch.config(GAZETTE)
    file = RobotsFile("https://gazette.example", 200, "User-agent: *\nDisallow: /private", START)
    watch.store.write(lambda connection: watch.looks.keep_robots(connection, file))
    (claim,) = watch.later(23 * HOUR).claim()
    assert claim.robots == (file,)
    watch.release(claim)
    assert watch.later(HOUR).claim()[0].robots == ()


def test_an_article_read_is_known_by_its_address(watch: Watch) -> None:
    """The next look at it brings the validators and the number of looks."""
    watch.config(GAZETTE, HERALD)
    watch.round([link("one")])
    (claim,) = (one for one in watch.later(15 * MINUTE).claim() if one.addresses)
    (again,) = claim.addresses
    assert (again.looks, again.validators.etag, again.failures) == (1, "etag", 0)
    assert again.article_id is not None
    assert watch.read(claim, again, report("one")).outcome is Outcome.UNCHANGED


def reserve(watch: Watch, name: str = "gazette.example", seconds: int = 60) -> bool:
    until = watch.now + seconds * SECOND
    return watch.store.write(lambda c: watch.schedule.reserve(c, name, watch.now, until))


def test_a_reserved_host_is_nobodys_until_it_is_given_back(watch: Watch) -> None:
    """A command beside the worker has one request's turn, and the host its pause behind it."""
    watch.config(GAZETTE)
    assert reserve(watch)
    assert watch.claim() == []
    assert not reserve(watch)
    watch.store.write(lambda c: watch.schedule.give_back(c, "gazette.example", watch.now + 2 * SECOND))
    assert watch.claim() == []
    assert not reserve(watch)
    assert len(watch.later(2 * SECOND).claim()) == 1


def test_a_host_that_a_worker_holds_cannot_be_reserved(watch: Watch) -> None:
    """And giving back what is not one's own leaves the worker's claim alone."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    assert not reserve(watch)
    watch.store.write(lambda c: watch.schedule.give_back(c, "gazette.example", watch.now + DAY))
    watch.unchanged((claim, claim.listings[0]))
    watch.release(claim)
    assert len(watch.later(15 * MINUTE).claim()) == 1


def test_a_reserve_ends_by_itself(watch: Watch) -> None:
    """Where the command was killed, the worker waits no longer than for its request."""
    watch.config(GAZETTE)
    assert reserve(watch, seconds=60)
    assert watch.later(59 * SECOND).claim() == []
    assert len(watch.later(SECOND).claim()) == 1


def test_a_host_that_nobody_knows_can_be_reserved(watch: Watch) -> None:
    """The source that is looked for is not there yet; a config that names it meanwhile waits for its turn."""
    assert reserve(watch)
    assert not reserve(watch)
    watch.config(GAZETTE)
    assert watch.claim() == []
    assert len(watch.later(MINUTE).claim()) == 1


def test_the_end_of_a_claim_cuts_no_pause_short(watch: Watch) -> None:
    """What a server asked for during the claim holds behind it."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.failed(claim, claim.listings[0], Outcome.RATE_LIMITED, retry_after=HOUR)
    watch.release(claim, after=MINUTE)
    assert watch.host().next_allowed_at == watch.now + HOUR
