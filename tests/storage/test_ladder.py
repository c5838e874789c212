"""Another ladder in the config: it counts for what was seen before as well."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.ladder import climb, planned_otherwise
from storage.looks import Looks
from storage.model.looking import Outcome
from storage.rhythm import Rhythm
from storage.schema.articles import address
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, REVISIT, START, Watch, link

LINKS = [link(f"a{number}") for number in range(40)]


def goes_by(watch: Watch, *ladder: timedelta, sample: int = 0, spread: float = 0.1) -> int:
    """A worker starts with this ladder; answers how many looks it moved."""
    rhythm = Rhythm(ladder, sample, spread=spread)
    watch.looks = Looks(rhythm, DAY)
    with watch.store.reader() as connection:
        ids = planned_otherwise(connection, rhythm, watch.now)
    watch.store.write(lambda connection: climb(connection, ids, rhythm, watch.now))
    return len(ids)


def planned(watch: Watch) -> list[datetime | None]:
    return [row.next_look_at for row in watch.rows(sa.select(address.c.next_look_at).order_by(address.c.url))]


def test_a_denser_ladder_counts_for_what_was_seen_before(watch: Watch) -> None:
    """Its next look comes at the next of the new times, and its host is due then."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.later(5 * HOUR).round([link("one")])
    assert watch.address("one").next_look_at == START + DAY
    assert goes_by(watch, HOUR, 6 * HOUR, DAY, spread=0) == 1
    assert watch.address("one").next_look_at == START + 6 * HOUR
    watch.now = START + 6 * HOUR
    watch.round([link("one")])
    assert (watch.address("one").looks, watch.address("one").next_look_at) == (3, START + DAY)


def test_a_host_is_due_when_its_moved_look_is(watch: Watch) -> None:
    """Also one that had nothing else to do before."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.later(5 * HOUR).round([link("one")])
    watch.store.write(lambda c: c.exec_driver_sql("UPDATE host SET next_due_at = NULL"))
    goes_by(watch, 6 * HOUR, spread=0)
    assert watch.host().next_due_at == START + 6 * HOUR


def test_a_longer_ladder_takes_up_what_had_had_its_last_look(watch: Watch) -> None:
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.later(30 * HOUR).round([link("one")])
    assert watch.address("one").next_look_at is None
    assert goes_by(watch, *REVISIT, 3 * DAY) == 1
    assert watch.address("one").next_look_at == START + 3 * DAY


def test_the_same_ladder_moves_nothing(watch: Watch) -> None:
    """Whenever a worker starts: not at a time that was kept early, and not behind the last."""
    watch.config(GAZETTE)
    goes_by(watch, *REVISIT)
    watch.round(LINKS)
    for _ in range(120):
        watch.later(17 * MINUTE).round(LINKS)
        before = planned(watch)
        assert goes_by(watch, *REVISIT) == 0
        assert planned(watch) == before
    assert not any(before)


def test_a_sparser_ladder_keeps_the_look_that_was_planned(watch: Watch) -> None:
    """The one behind it is planned by the new one."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    assert goes_by(watch, 3 * DAY) == 0
    watch.later(15 * MINUTE).round([link("one")])
    assert watch.address("one").looks == 2
    assert START + 2.7 * DAY <= watch.address("one").next_look_at <= START + 3 * DAY


def test_what_fails_keeps_its_own_times(watch: Watch) -> None:
    """A server that asked to be left alone for a day is."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    (claim,) = watch.later(15 * MINUTE).claim()
    watch.failed(claim, claim.addresses[0], Outcome.RATE_LIMITED, "429", DAY)
    assert goes_by(watch, 30 * MINUTE) == 0
    assert watch.address("one").next_look_at == watch.now + DAY


def test_a_source_that_is_switched_off_is_left_alone(watch: Watch) -> None:
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.config()
    assert goes_by(watch, MINUTE) == 0


def test_what_moved_on_since_it_was_read_is_passed_over(watch: Watch) -> None:
    """It is due now, and stays so."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    rhythm = Rhythm((MINUTE,))
    with watch.store.reader() as connection:
        ids = planned_otherwise(connection, rhythm, watch.now)
    watch.store.write(lambda c: c.execute(sa.update(address).values(next_look_at=watch.now)))
    watch.store.write(lambda connection: climb(connection, ids, rhythm, watch.now))
    assert len(ids) == 1 and watch.address("one").next_look_at == watch.now
