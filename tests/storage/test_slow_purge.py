"""A site purges old articles whose planned looks are days apart: one event, however late each would have been found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import mass
from storage.articles import Articles
from storage.gone import round_of
from storage.looks import Looks
from storage.mass_removals import ASKED_AT_ONCE
from storage.model.looking import Link
from storage.neighbours import AROUND, ask_around
from storage.removals import pending
from storage.rhythm import Rhythm
from storage.schema.articles import address, article, article_source, change
from storage.siblings import SAMPLE
from storage.sources import due_at
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

SPORTS = replace(GAZETTE, name="sports", url="https://gazette.example/sports", enabled=False)
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
            [found] = pending(connection, watch.now, DAY)["gazette.example"]
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


def noticed_together(watch: Watch, gone: list[str]) -> list[Link]:
    """A list that has other words for these has them looked at, before any other that is as old."""
    listed = [link(name, f"Another title of {name}") for name in gone]
    watch.pass_by(HOUR, step=HOUR, links=listed, gone=gone)
    return listed


def test_few_of_all_that_are_found_together_are_told_singly(watch: Watch) -> None:
    """Of those that were looked at by then they are many: so all are asked for, and they are six of forty."""
    known_for_long(watch, 40)
    few = some(6, 40)
    listed = noticed_together(watch, few)
    watch.pass_by(2 * DAY, step=2 * HOUR, links=listed, gone=few)
    assert (told(watch)[0], watch.notices()) == (6, [])
    with watch.store.reader() as connection:
        assert {one.how for one in mass.events(connection)} == {mass.SINGLY}


def test_few_of_a_site_that_publishes_hundreds_a_day_are_told_singly(watch: Watch) -> None:
    """What is newest there came after the first went, and says nothing of how many are left."""
    known_for_long(watch, 40)
    few = some(6, 40)
    listed = noticed_together(watch, few)
    publish_at_once(watch, SAMPLE)
    watch.pass_by(2 * DAY, step=2 * HOUR, links=listed, gone=few)
    assert (told(watch)[0], watch.notices()) == (6, [])


def test_what_nobody_watches_keeps_no_purge_from_being_whole(watch: Watch) -> None:
    """Newer articles of a source that is switched off are asked for in vain."""
    known_for_long(watch, 19)
    watch.config(GAZETTE, SPORTS)
    publish_at_once(watch, ASKED_AT_ONCE, watch.source("sports").id)
    gone = some(8, 19)
    watch.pass_by(12 * DAY, step=DAY, links=[])
    listed = [link(name, f"Another title of {name}") for name in gone[:6]]
    watch.pass_by(3 * DAY, step=2 * HOUR, links=listed, gone=gone)
    assert told(watch) == (0, [8])


def publish_at_once(watch: Watch, number: int, source_id: int = 1) -> None:
    """So many articles are read, without their texts."""

    def write(connection: sa.Connection) -> None:
        seen = {"source_id": source_id, "first_seen_at": watch.now}
        place = seen | {"host": "gazette.example", "history": False, "last_look_at": watch.now, "looks": 1}
        for at in range(10_000, 10_000 + number):
            told_of = {"guid": str(at), "lead_id": at, "updated_at": watch.now, "history": False, "number": 1}
            url = f"https://gazette.example/news-{at}"
            connection.execute(address.insert().values(place | {"id": at, "key": url.encode(), "url": url}))
            connection.execute(article.insert().values(seen | told_of | {"id": at}))
            connection.execute(article_source.insert().values(seen | {"article_id": at}))

    watch.store.write(write)
