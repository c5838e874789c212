"""A site purges old articles whose planned looks are days apart: one event, however late each would have been found."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import mass
from storage.articles import Articles
from storage.gone import round_of
from storage.looks import Looks
from storage.neighbours import AROUND, ask_around
from storage.removals import pending
from storage.rhythm import Rhythm
from storage.schema.articles import address, change
from storage.sources import due_at
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

LADDER = (15 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY)  # by default
SECOND = timedelta(seconds=1)


def names(number: int) -> list[str]:
    return [f"story-{place:03d}" for place in range(number)]


def some(number: int, of: int) -> list[str]:
    """So many of them, from the oldest to the newest."""
    return [f"story-{place * of // number:03d}" for place in range(number)]


def known_for_long(watch: Watch, number: int) -> None:
    """So many articles, that were read one every half a day; by the defaults."""
    watch.looks = Looks(Rhythm(LADDER, sample=50), DAY)
    watch.articles = Articles(round_of(DAY))
    watch.config(GAZETTE)
    watch.round([])
    for place in range(1, number + 1):
        watch.later(12 * HOUR).round([link(name) for name in names(place)[-5:]])


def told(watch: Watch) -> tuple[int, list[int]]:
    """How many removals were told singly, and how many articles each event has."""
    single = sa.select(change.c.id).where(change.c.kind == "removed", change.c.mass_id.is_(None))
    with watch.store.reader() as connection:
        return len(watch.rows(single)), [one.articles for one in mass.events(connection)]


@pytest.mark.parametrize(("gone", "of"), [(8, 19), (12, 40), pytest.param(60, 200, marks=pytest.mark.soak)])
def test_old_articles_that_go_together_are_one_event(watch: Watch, gone: int, of: int) -> None:
    """By the defaults: the first that is found missing has its neighbours asked, and so on."""
    known_for_long(watch, of)
    while not watch.rows(sa.select(address.c.id).where(address.c.gone_since.is_not(None))):
        watch.pass_by(HOUR, step=HOUR, links=[], gone=some(gone, of))
    for _ in range(4):  # meanwhile news comes, which cannot have gone with them
        watch.pass_by(DAY, step=2 * HOUR, links=[link(f"newer-{watch.now:%m-%d}")], gone=some(gone, of))
    assert told(watch) == (0, [gone])
    assert len(watch.notices()) == 1


def test_looks_that_are_minutes_apart_while_a_removal_takes_one(watch: Watch) -> None:
    """Each would be confirmed before the next is found."""
    watch.looks = Looks(Rhythm((5 * HOUR,), spread=0), MINUTE)
    watch.articles = Articles(round_of(MINUTE), MINUTE)
    watch.config(GAZETTE)
    watch.round([])
    for place in range(1, 20):
        watch.later(15 * MINUTE).round([link(name) for name in names(place)])
    watch.later(29 * MINUTE)
    for _ in range(60):
        watch.later(10 * SECOND).round([], gone=some(8, 19))
        watch.settle(MINUTE)
    assert told(watch) == (0, [8])


def test_an_article_that_goes_alone_is_told_when_it_always_was(watch: Watch) -> None:
    """Its neighbours are asked once, and at its third look have long answered."""
    known_for_long(watch, 40)
    while not (found := watch.rows(sa.select(change.c.seen_at).where(change.c.kind == "removed"))):
        watch.pass_by(HOUR, step=30 * MINUTE, links=[], gone=["story-020"])
    assert found[0].seen_at - watch.address("story-020").gone_since < DAY + HOUR
    asked = [name for name in names(40) if watch.address(name).last_look_at > found[0].seen_at - 12 * HOUR - HOUR]
    assert {*names(40)[20 - AROUND : 21 + AROUND]} <= {*asked}
    assert told(watch) == (1, [])


def test_a_removal_waits_no_longer_than_another_confirmation(watch: Watch) -> None:
    """For neighbours that nobody gets to look at."""
    known_for_long(watch, 40)
    watch.store.write(lambda c: c.execute(sa.text("update address set next_look_at = null")))

    def look(at: str) -> None:
        query = sa.text("update address set next_look_at = :at where url like '%/' || :name")
        watch.store.write(lambda c: c.execute(query, {"at": 0, "name": at}))
        watch.store.write(lambda c: due_at(c, "gazette.example", watch.now))
        watch.round([], gone=["story-020"])

    def may_be_told() -> bool:
        with watch.store.reader() as connection:
            [found] = pending(connection)["gazette.example"]
        # Nobody looks: what is asked for is taken back.
        one = watch.store.write(lambda c: ask_around(c, [found], watch.now, DAY))
        watch.store.write(lambda c: c.execute(sa.text("update address set next_look_at = null")))
        return bool(one)

    for _ in range(3):
        look("story-020")
        watch.later(12 * HOUR)
    assert not may_be_told()
    watch.later(12 * HOUR)
    assert may_be_told()
