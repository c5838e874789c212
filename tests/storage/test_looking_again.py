"""Looks again beside all else at a host: at most half of its time, the overtaken dropped and counted, a sample late."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.model.looking import Outcome
from storage.rhythm import LEAST_SHARE, SAVED_UP, Rhythm
from storage.schedule import MOST_LOOKS_A_CLAIM, Release, Schedule
from storage.schema.articles import address
from storage.schema.looking import host
from tests.hasty import open_hasty
from tests.storage.busy_host import BusyHost, evenly
from tests.storage.test_rhythm import LADDER
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, START, Watch, link, report

SECOND = timedelta(seconds=1)
HALF_AN_HOUR_OF_5_S = 360


def read(watch: Watch, *names: str) -> None:
    """The gazette lists these, and they are read."""
    watch.config(GAZETTE)
    watch.round([link(name) for name in names])


def release(watch: Watch, claim: Any, again: timedelta = timedelta(0), delay: timedelta = 5 * SECOND) -> None:
    """As a walk does: what is overtaken is dropped, and the host given back."""
    ended = Release(claim, watch.now, delay, watch.now, again)

    def write(connection: sa.Connection) -> None:
        watch.looks.drop_overtaken(connection, [ended])
        watch.schedule.release(connection, [ended])

    watch.store.write(write)


def dropped(watch: Watch) -> int:
    counted = watch.rows(sa.text("SELECT sum(looks) AS number FROM look_count WHERE outcome = 'dropped'"))  # type: ignore[arg-type]
    return counted[0].number or 0


# A host's time


@pytest.mark.parametrize("seed", range(3))
def test_a_busy_host_keeps_its_listings_and_new_articles_in_time(watch: Watch, seed: int) -> None:
    """An archive of 250 and then three articles in five minutes, at any times: looks again are all that waits."""
    chance = random.Random(seed)
    news = sorted(START + HOUR + chance.random() * 5 * HOUR for _ in range(180))
    gazette = BusyHost(watch, Rhythm(LADDER, 50), [START] * 250 + news)
    gazette.run(START + 6 * HOUR)
    assert max(made - due for due, made in gazette.listings) < 75 * SECOND
    waited = [made - listed for listed, made in list(gazette.first_reads.values())[250:]]
    assert len(waited) > 160 and max(waited) < 3 * MINUTE
    assert 200 < gazette.most_again_in_an_hour() <= HALF_AN_HOUR_OF_5_S
    assert len(gazette.first_reads) + len(gazette.again) > 1000


def test_the_same_happens_every_time(watch: Watch, tmp_path: Path, empty_database: Path) -> None:
    """No dice are thrown: two hosts with the same news are looked at in the same way."""
    shutil.copy(empty_database, tmp_path / "other.db")
    other = open_hasty(f"sqlite:///{tmp_path}/other.db")
    made = []
    for each in (watch, Watch(other)):
        gazette = BusyHost(each, Rhythm(LADDER, 50), evenly(60, HOUR))
        gazette.run(START + 90 * MINUTE)
        made.append((gazette.listings, gazette.first_reads, gazette.again))
    other.close()
    assert made[0] == made[1]


def test_a_ladder_that_is_too_dense_is_thinned_out(watch: Watch) -> None:
    """Ten looks in an hour at 100 articles are more than there is time for: some are dropped and counted, none of an
    article is made twice for nothing, and the newest articles get theirs."""
    ladder = tuple(6 * MINUTE * step for step in range(1, 11))
    gazette = BusyHost(watch, Rhythm(ladder), evenly(200, 2 * HOUR))
    gazette.run(START + 2 * HOUR)
    assert gazette.dropped() > 200
    assert gazette.most_again_in_an_hour() <= HALF_AN_HOUR_OF_5_S
    young = [at for at, _, age in gazette.again if age < 12 * MINUTE and at > START + HOUR]
    assert len(young) > 15  # by lateness alone there would be none: whatever is looked at has waited for longer
    by_article: dict[str, list[timedelta]] = {}
    for _, url, age in gazette.again:
        by_article.setdefault(url, []).append(age)
    for ages in by_article.values():  # each look has a step of the ladder of its own
        steps = [sum(step * 0.9 <= age for step in ladder) for age in ages]
        assert steps == sorted(steps) and all(steps)


@pytest.mark.soak
def test_a_month_at_a_host_of_20_000_articles(watch: Watch) -> None:
    """5 s between two requests: 3,000 of an archive and 567 new ones a day, and every promise holds for all of it."""
    gazette = BusyHost(watch, Rhythm(LADDER, 50), [START] * 3000 + evenly(17_000, 30 * DAY))
    gazette.run(START + 30 * DAY)
    assert max(made - due for due, made in gazette.listings) < 75 * SECOND
    settled = [made - listed for listed, made in gazette.first_reads.values() if listed > START + 6 * HOUR]
    assert len(settled) > 16_000 and max(settled) < 5 * MINUTE
    assert 300 < gazette.most_again_in_an_hour() <= HALF_AN_HOUR_OF_5_S
    late = [at for at, _, age in gazette.again if age > 8 * DAY]
    assert late
    by_day = [sum(at <= one < at + DAY for one in late) for at in late]
    assert max(by_day) <= 50


def test_looks_again_wait_for_their_share_and_nothing_else_does(watch: Watch) -> None:
    """A host whose looks again have had their half is left alone until the next listing or new article."""
    read(watch, "one", "two")
    (claim,) = watch.later(15 * MINUTE).claim()
    watch.unchanged((claim, claim.listings[0]), (claim, claim.addresses[0]))
    release(watch, claim, again=12 * MINUTE)
    due_at = watch.host().next_due_at
    assert due_at == watch.now + 15 * MINUTE == watch.listing().next_look_at
    assert watch.later(14 * MINUTE).claim() == []
    (claim,) = watch.later(MINUTE).claim()
    watch.listed(claim, claim.listings[0], [link("new")])
    release(watch, claim)
    (claim,) = watch.claim()
    assert [due.url.rpartition("/")[2] for due in claim.addresses] == ["new"]
    assert claim.again_for == timedelta(0)
    read_it = claim.addresses[0]
    watch.read(claim, read_it, report("new"))
    release(watch, claim)
    watch.now = START + 15 * MINUTE + 12 * MINUTE * 2.4 - SAVED_UP + LEAST_SHARE
    assert watch.host().next_due_at == watch.now
    (claim,) = watch.claim()
    assert claim.again_for == LEAST_SHARE
    assert [due.url.rpartition("/")[2] for due in claim.addresses] == ["two"]


def test_their_share_is_kept_over_a_restart(watch: Watch) -> None:
    """What was used up stays used up, whoever claims next."""
    read(watch, "one")
    (claim,) = watch.later(15 * MINUTE).claim()
    release(watch, claim, again=HOUR)
    watch.schedule = Schedule(watch.store)
    watch.free_claims()
    (claim,) = watch.claim()
    assert (len(claim.listings), claim.addresses, claim.again_for) == (1, (), timedelta(0))


def test_where_more_wait_than_fit_in_every_other_is_the_newest(watch: Watch) -> None:
    """By lateness alone, an article that was edited a minute ago would wait behind a whole archive."""
    names = [str(number) for number in range(MOST_LOOKS_A_CLAIM)]
    read(watch, *names)
    (claim,) = watch.later(MINUTE).claim() or watch.later(14 * MINUTE).claim()
    watch.listed(claim, claim.listings[0], [link("young"), *(link(name) for name in names)])
    watch.release(claim, delay=5 * SECOND)
    (claim,) = watch.claim()
    watch.read(claim, claim.addresses[0], report("young"))
    watch.release(claim, delay=5 * SECOND)
    watch.store.write(
        lambda c: c.execute(sa.update(host).values(again_until=START + 29 * MINUTE, next_due_at=START + 30 * MINUTE))
    )
    (claim,) = watch.later(15 * MINUTE).claim()
    again = [due.url.rpartition("/")[2] for due in claim.addresses]
    assert again[:2] == ["0", "young"]
    assert len(set(again)) == len(again) == MOST_LOOKS_A_CLAIM


# What is dropped


def test_a_look_whose_next_one_is_due_as_well_is_dropped(watch: Watch) -> None:
    """One look serves both; it is planned for the later of them, and the source says how many were left."""
    read(watch, "one", "two", "three")
    (claim,) = watch.later(5 * HOUR).claim()
    watch.unchanged((claim, claim.addresses[0]))
    release(watch, claim)
    assert watch.address("one").next_look_at == START + DAY
    assert watch.address("two").next_look_at == watch.address("three").next_look_at == START + 4 * HOUR
    assert dropped(watch) == 4


def test_a_look_that_is_only_late_is_not_dropped(watch: Watch) -> None:
    """It sees what no other will."""
    read(watch, "one")
    (claim,) = watch.later(59 * MINUTE).claim()
    release(watch, claim)
    assert watch.address("one").next_look_at == START + 15 * MINUTE
    assert dropped(watch) == 0


def test_what_may_be_gone_is_never_dropped(watch: Watch) -> None:
    """Such a look decides something: it waits for its turn, however long."""
    read(watch, "one", "two")
    watch.store.write(
        lambda c: c.execute(
            sa.update(address).where(address.c.url.endswith("/one")).values(gone_since=START, gone_looks=1)
        )
    )
    (claim,) = watch.later(5 * HOUR).claim()
    release(watch, claim)
    assert watch.address("one").next_look_at == START + 15 * MINUTE
    assert watch.address("two").next_look_at == START + 4 * HOUR


def test_what_was_never_read_is_never_dropped(watch: Watch) -> None:
    """A new article waits as long as it must."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("one")])
    release(watch, claim)
    (claim,) = watch.later(5 * HOUR).claim()
    release(watch, claim)
    assert watch.address("one").next_look_at == START
    assert dropped(watch) == 0


def test_a_worker_that_lost_its_claim_drops_nothing(watch: Watch) -> None:
    """The new holder of the host decides."""
    read(watch, "one")
    (lost,) = watch.later(5 * HOUR).claim()
    watch.free_claims()
    release(watch, lost)
    assert watch.address("one").next_look_at == START + 15 * MINUTE


# The sample


def test_a_sample_is_looked_at_for_90_days(watch: Watch) -> None:
    """Of twelve articles of a day in so small a sample, few; each to the end, and none of the others."""
    watch.looks = watch.looks.__class__(Rhythm((15 * MINUTE, DAY), 36, spread=0), DAY)
    names = [str(number) for number in range(12)]
    read(watch, *names)
    last: dict[str, timedelta] = {}
    for _ in range(40):
        due = [at for name in names if (at := watch.address(name).next_look_at)]
        if not due:
            break
        watch.now = min(due)
        for claim in watch.claim():
            for one in claim.addresses:
                last[one.url] = watch.now - START
                watch.unchanged((claim, one))
            watch.release(claim)
    assert set(last.values()) == {DAY, 90 * DAY}
    assert 1 <= sum(age == 90 * DAY for age in last.values()) < 6


@pytest.mark.parametrize(("edited_after", "next_in"), [(2 * DAY, 28 * DAY), (10 * DAY, 15.75 * DAY)])
def test_a_source_that_edits_what_is_old_is_looked_at_more_often(
    watch: Watch, edited_after: timedelta, next_in: timedelta
) -> None:
    """An edit later than the ladder reaches says so, for 90 days; an early one does not."""
    watch.looks = watch.looks.__class__(Rhythm(LADDER, 50, spread=0), DAY)
    read(watch, "one", "two")
    watch.later(edited_after)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("two", "Another title")])
    two = next(due for due in claim.addresses if due.url.endswith("/two"))
    watch.read(claim, two, report("two", "many complained"))
    watch.release(claim)
    watch.now = START + 14 * DAY + HOUR
    (claim,) = watch.claim()
    one = next(due for due in claim.addresses if due.url.endswith("/one"))
    watch.unchanged((claim, one))
    assert watch.address("one").next_look_at == START + next_in


def test_what_was_never_read_joins_no_sample(watch: Watch) -> None:
    """It is tried at the times of the ladder, and then let go."""
    watch.looks = watch.looks.__class__(Rhythm((15 * MINUTE, DAY), 50, spread=0), DAY)
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("one")])
    watch.release(claim)
    for _ in range(30):
        if (at := watch.address("one").next_look_at) is None:
            break
        watch.now = at
        watch.round_fails(Outcome.NOT_FOUND)
    assert watch.now == START + DAY
