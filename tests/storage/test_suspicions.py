"""What is suspected and never settled: it neither holds up what goes later nor has anybody asked again and again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa

from storage import mass, upkeep
from storage.articles import Articles
from storage.gone import round_of
from storage.looks import Looks
from storage.model.looking import Link, SourceConfig
from storage.neighbours import AROUND
from storage.rhythm import Rhythm
from storage.schema.articles import address
from storage.store import Store
from tests.storage.moving import gazette, shows, told
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, REVISIT, Watch, link

NAMES = [f"story-{letter}" for letter in "abcdefghijkl"]
ODD = NAMES[:8]
LINKS = [link(name) for name in NAMES]
ANEW = [link(name, f"Another title of {name}") for name in ODD]


def known(watch: Watch) -> Watch:
    """Twelve articles whose ladder has ended."""
    watch.articles = Articles(round_of(DAY))
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round(LINKS)
    watch.pass_by(2 * DAY, step=6 * HOUR, links=LINKS)
    return watch


def looks(watch: Watch, links: list[Link], gone: Collection[str], fails: Collection[str] = ()) -> None:
    """All that is due, after six hours."""
    watch.pass_by(6 * HOUR, step=6 * HOUR, links=links, gone=gone, fails=fails)


def test_what_was_once_said_to_be_gone_holds_up_no_removal(watch: Watch) -> None:
    """Eight addresses answer 404 once, and 403 for good. Weeks later one article goes, and is told."""
    known(watch)
    looks(watch, ANEW, gone=ODD)
    for _ in range(12):
        looks(watch, ANEW, gone=(), fails=ODD)
    assert {watch.address(name).gone_looks for name in ODD} == {1}
    newer = [link("newer-a"), link("newer-b")]
    watch.later(20 * DAY)
    looks(watch, newer, gone=(), fails=ODD)
    for _ in range(10):
        looks(watch, newer, gone=["newer-a"], fails=ODD)
    assert [kind for kind, _ in watch.changes() if kind != "added"] == ["removed"]


def test_a_source_that_is_switched_off_holds_up_no_removal(watch: Watch) -> None:
    """What went at its last looks is asked for no more."""
    sports = "https://gazette.example/sports"
    off = [GAZETTE, SourceConfig("sports", sports, every=15 * MINUTE)]
    watch.articles = Articles(round_of(DAY))
    watch.config(*off)
    watch.round([])
    watch.later(15 * MINUTE)
    for claim in watch.claim():
        for due in claim.listings:
            watch.listed(claim, due, LINKS if due.url == sports else [])
        watch.release(claim)
    watch.round([])
    watch.later(DAY).round([], gone=ODD)
    assert {watch.address(name).gone_looks for name in ODD} == {1}
    watch.config(GAZETTE, SourceConfig("sports", sports, every=15 * MINUTE, enabled=False))
    newer = [link("newer-a"), link("newer-b")]
    watch.later(20 * DAY).round(newer)
    watch.pass_by(2 * DAY, step=2 * HOUR, links=newer, gone=["newer-a", *ODD])
    assert [kind for kind, _ in watch.changes() if kind != "added"] == ["removed"]


def test_many_addresses_that_show_other_articles_are_one_event(store: Store) -> None:
    """Though their ladder has ended: they are looked at until it is sure."""
    watch = gazette(store)
    watch.round([], says=shows())
    watch.later(15 * MINUTE).round(LINKS, says=shows())
    watch.pass_by(2 * DAY, step=6 * HOUR, links=LINKS, says=shows())
    assert watch.address(ODD[0]).next_look_at is None
    given_away = shows(**{name: f"harbour{name[-1]}" for name in ODD})
    watch.pass_by(2 * DAY, step=3 * HOUR, links=ANEW, says=given_away)
    with watch.store.reader() as connection:
        assert [(one.kind, one.articles) for one in mass.events(connection)] == [("removed", 8)]
    assert len(watch.notices()) == 1
    assert "removed" not in {kind for kind, _ in told(watch)}


def asked(watch: Watch, time: timedelta) -> int:
    """How many looks are made within this time, of articles that one is missing of, with a look at the clock."""
    number, until = 0, watch.now + time
    while watch.now < until:
        watch.store.write(lambda c: upkeep.sweep(c, watch.now))
        watch.settle()
        number += len(watch.later(MINUTE).round([], gone=NAMES[:1]))
    return number


def missing_twice(watch: Watch) -> Watch:
    known(watch)
    watch.round([ANEW[0]])
    while not watch.rows(sa.select(address.c.id).where(address.c.gone_looks > 1)):
        watch.later(HOUR).round([ANEW[0]], gone=NAMES[:1])
    return watch


def test_neighbours_are_asked_once_under_another_confirm(watch: Watch) -> None:
    """Two looks agreed within an hour; by a day the second would still be to come."""
    watch.looks = Looks(Rhythm(REVISIT, spread=0), HOUR)
    missing_twice(watch)
    watch.looks = Looks(Rhythm(REVISIT, spread=0), DAY)
    assert asked(watch, HOUR) <= 2 * AROUND + 5


def test_neighbours_are_asked_once_after_the_clock_was_set_back(watch: Watch) -> None:
    """Two looks agreed in a year that never was."""
    watch.later(365 * DAY)
    missing_twice(watch)
    watch.later(-365 * DAY)
    assert asked(watch, HOUR) <= 2 * AROUND + 5
