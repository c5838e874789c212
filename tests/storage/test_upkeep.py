"""What is dropped in time, and what a clock that was set back must not silence."""

from __future__ import annotations

import sqlalchemy as sa

from storage import health, outbox, requests
from storage.articles import Articles
from storage.gone import round_of
from storage.model.looking import Outcome, RobotsFile
from storage.schema.looking import look_count, request, robots
from storage.store import Store
from storage.upkeep import sweep
from tests.storage.desk import Desk
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, START, Watch, link, report


def swept(watch: Watch) -> None:
    watch.store.write(lambda connection: sweep(connection, watch.now))


def test_counters_robots_and_requests_are_dropped_in_time(watch: Watch) -> None:
    """And not before."""
    watch.config(GAZETTE)
    number = watch.source().id

    def fill(connection: sa.Connection) -> None:
        health.count(connection, [(number, START, Outcome.NEW)])
        watch.looks.keep_robots(connection, RobotsFile("https://gazette.example", 200, "", START))
        requests.ask(connection, "once", START)

    def kept() -> list[int]:
        return [len(watch.rows(sa.select(table))) for table in (look_count, robots, request)]

    watch.store.write(fill)
    watch.later(23 * HOUR)
    swept(watch)
    assert kept() == [1, 1, 1]
    watch.later(2 * HOUR)
    swept(watch)
    assert kept() == [1, 0, 0]
    watch.later(90 * DAY)
    swept(watch)
    assert kept() == [0, 0, 0]


def test_a_sweep_changes_no_plan_while_the_clock_is_right(watch: Watch) -> None:
    """Also where a server asked for a day's patience."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.later(15 * MINUTE).round_fails(Outcome.RATE_LIMITED, retry_after=DAY)
    before = [watch.listing(), watch.host(), watch.address("one")]
    swept(watch)
    swept(watch.later(HOUR))
    assert [watch.listing(), watch.host(), watch.address("one")] == before


def test_a_clock_that_is_set_back_a_day_does_not_silence_a_source(watch: Watch) -> None:
    """Its listing, what was found and not read yet, and the host go on as if nothing had happened."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    (claim,) = watch.later(15 * MINUTE).claim()
    watch.listed(claim, claim.listings[0], [link("one"), link("new")])
    watch.release(claim)
    watch.now -= DAY
    assert watch.round() == []
    swept(watch)
    assert watch.round() == [link("new").url, link("one").url]
    looked_at = watch.later(15 * MINUTE).round([link("newer")])  # the others, too: they are a quarter of an hour old
    assert looked_at[0] == GAZETTE.url
    assert sorted(looked_at[1:]) == [link("new").url, link("newer").url, link("one").url]
    before = watch.listing()
    swept(watch)
    assert watch.listing() == before


def test_what_a_server_asked_for_holds_over_a_clock_that_is_set_back(watch: Watch) -> None:
    """Three hours are three hours, by whatever clock."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.failed(claim, claim.listings[0], Outcome.RATE_LIMITED, retry_after=3 * HOUR)
    watch.release(claim, after=3 * HOUR)
    watch.now -= DAY
    swept(watch)
    assert watch.later(3 * HOUR - MINUTE).claim() == []
    assert len(watch.later(MINUTE).claim()) == 1


def test_deliveries_and_rules_go_on_after_a_clock_that_is_set_back(desk: Desk) -> None:
    """What gathers, waits or probes does so for as long as was meant, and rules hold for what is seen from now on."""
    desk.told_of(channels=("hook",))
    desk.pause("hook")
    desk.told_of()
    desk.later(again_in=HOUR)
    desk.raise_alerts(desk.publish(), wait=HOUR)
    desk.watch.now -= DAY
    swept(desk.watch)
    with desk.watch.store.reader() as connection:
        assert outbox.rules_loaded_at(connection)["ships"] <= desk.watch.now
    assert desk.due_channels() == ["hook"]
    desk.watch.later(HOUR)
    desk.close()
    assert desk.due_channels() == ["hook", "mail"]
    assert desk.states() == ["paused", "pending", "pending"]


def test_what_began_before_the_clock_was_set_back_comes_to_its_end(store: Store) -> None:
    """An edit that waits for its round, an article that went, and one that is new and looked at by its age."""
    watch = Watch(store, articles=Articles(round_of(DAY), DAY))
    watch.config(GAZETTE)
    links = [link(f"a{number}") for number in range(9)]
    watch.round(links)
    watch.pass_by(HOUR, links=links)
    said = {"a3": "everybody complained"}
    shown = {"links": [*links, link("new")], "says": lambda name: report(name, said.get(name, "nobody complained"))}
    watch.later(365 * DAY).round(**shown, gone={"a5"})
    watch.now -= 365 * DAY
    swept(watch)
    watch.pass_by(5 * HOUR, **shown, gone={"a5"})
    with store.reader() as connection:
        assert [str(one.kind) for one in outbox.unmatched(connection, 100, watch.now)] == ["edited", "added"]
    said["new"] = "some complained"
    watch.pass_by(2 * DAY, **shown, gone={"a5"})
    assert sorted(kind for kind, is_history in watch.changes() if not is_history) == [
        *("added", "edited", "edited", "removed")
    ]
