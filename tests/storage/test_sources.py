"""The sources as the config names them: renames, retirement and return, another URL, disabled and enabled."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from storage.model.looking import Outcome
from storage.schema.looking import listing, source
from storage.sources import due_now
from tests.storage.watch import DAY, GAZETTE, HERALD, HOUR, MINUTE, START, Watch, link

FRESH = "https://gazette.example/fresh"
SPORT = "https://gazette.example/sport"


def names(watch: Watch) -> dict[str, bool]:
    """Every source that was ever there, and whether it is retired."""
    return {row.name: row.retired_at is not None for row in watch.rows(sa.select(source).order_by(source.c.id))}


def test_a_new_source_is_due_at_once(watch: Watch) -> None:
    """It is new until its first look completes."""
    watch.config(GAZETTE)
    assert watch.source().state == "new"
    assert watch.round() == [GAZETTE.url]
    assert (watch.source().state, watch.source().first_completed_at) == ("ok", START)


def test_the_same_config_again_changes_nothing(watch: Watch) -> None:
    """A restart is no reason to look."""
    watch.config(GAZETTE, HERALD)
    watch.round([link("one")])
    before = [watch.listing(), watch.host(), watch.source()]
    watch.later(MINUTE).config(GAZETTE, HERALD)
    assert [watch.listing(), watch.host(), watch.source()] == before


def test_a_rename_keeps_the_history(watch: Watch) -> None:
    """The same URL under a new name is the same source: no first look, and what is new is news."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.config(replace(GAZETTE, name="the gazette"))
    assert names(watch) == {"the gazette": False}
    watch.later(15 * MINUTE).round([link("one"), link("two")])
    assert watch.changes() == [("added", True), ("added", False)]


@pytest.mark.parametrize("first", ["moves", "retired"])
def test_a_rename_takes_the_source_that_was_watched_last(watch: Watch, first: str) -> None:
    """Two have had the address, one of them retired: the other one is renamed."""
    had = {"retired": replace(GAZETTE, name="retired"), "moves": replace(HERALD, name="moves")}
    watch.config(had.pop(first), *had.values())
    watch.config(replace(GAZETTE, name="moves"))
    watch.round([link("one")])
    watch.config(GAZETTE)
    assert names(watch) == ({"retired": True, "gazette": False})
    watch.later(15 * MINUTE).round([link("one"), link("two")])
    assert watch.changes() == [("added", True), ("added", False)]


def test_a_name_that_left_is_retired_with_all_that_it_had(watch: Watch) -> None:
    """It is looked at no more; its articles stay."""
    watch.config(GAZETTE, HERALD)
    watch.round([link("one")])
    watch.later(MINUTE).config(HERALD)
    assert names(watch) == {"gazette": True, "herald": False}
    assert watch.later(DAY).round() == [HERALD.url]
    assert watch.changes() == [("added", True)]


def test_old_articles_of_a_source_that_comes_back_are_no_news(watch: Watch) -> None:
    """It looks at history first, also at what it had found and not read before it left."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    (claim,) = watch.later(15 * MINUTE).claim()
    watch.listed(claim, claim.listings[0], [link("one"), link("unread")])
    watch.release(claim)
    watch.config()
    watch.later(30 * DAY).config(GAZETTE)
    watch.round([link("one"), link("meanwhile")])
    assert watch.changes() == [("added", True)] * 3
    watch.later(15 * MINUTE).round([link("meanwhile"), link("new")])
    assert watch.changes()[3:] == [("added", False)]


def test_a_source_that_comes_back_under_another_name_is_the_same(watch: Watch) -> None:
    """It was retired, so it looks at history first."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.config()
    watch.later(DAY).config(replace(GAZETTE, name="again"))
    watch.round([link("one"), link("meanwhile")])
    assert names(watch) == {"again": False}
    assert watch.changes() == [("added", True), ("added", True)]


def test_another_url_is_looked_at_instead_and_history_first(watch: Watch) -> None:
    """The old listing is left; what the new one lists at first is no news."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.config(replace(GAZETTE, url=FRESH))
    assert watch.round([link("one"), link("two")]) == [FRESH, link("two").url]
    assert watch.later(20 * DAY).round([link("two"), link("three")])[0] == FRESH
    assert GAZETTE.url not in watch.later(DAY).round()
    assert watch.changes() == [("added", True), ("added", True), ("added", False)]


def test_a_url_that_comes_back_is_looked_at_again(watch: Watch) -> None:
    """There and back again leaves one listing due."""
    watch.config(GAZETTE)
    watch.round()
    watch.config(replace(GAZETTE, url=FRESH))
    watch.config(GAZETTE)
    assert watch.round() == [GAZETTE.url]
    assert watch.claim() == []


def test_a_disabled_source_is_not_looked_at(watch: Watch) -> None:
    """Enabled again it goes on, and what was listed meanwhile is news."""
    watch.config(GAZETTE)
    watch.round([link("one")], [SPORT], in_section=[link("game")])
    watch.config(replace(GAZETTE, enabled=False))
    assert watch.later(DAY).round() == []
    watch.config(GAZETTE)
    watch.round([link("one"), link("two")], [SPORT], in_section=[link("match")])
    assert watch.changes() == [("added", True)] * 2 + [("added", False)] * 2


def test_enabling_brings_no_left_address_back(watch: Watch) -> None:
    """What the config named once and the menu of today does not name stays unlooked-at."""
    watch.config(GAZETTE)
    watch.round([], [SPORT])
    watch.config(replace(GAZETTE, url=FRESH))
    watch.round()
    watch.config(replace(GAZETTE, url=FRESH, enabled=False))
    watch.config(replace(GAZETTE, url=FRESH))
    assert watch.later(HOUR).round() == [FRESH]


def test_a_source_that_starts_disabled_is_not_looked_at(watch: Watch) -> None:
    """Its first look is its first look, whenever it is enabled."""
    watch.config(replace(GAZETTE, enabled=False))
    assert watch.round() == []
    watch.later(HOUR).config(GAZETTE)
    watch.round([link("one")])
    assert watch.changes() == [("added", True)]


def test_more_often_is_sooner(watch: Watch) -> None:
    """A shorter rhythm does not wait for the end of the longer one."""
    watch.config(replace(GAZETTE, every=DAY))
    watch.round()
    watch.config(replace(GAZETTE, every=5 * MINUTE))
    assert watch.later(5 * MINUTE).round() == [GAZETTE.url]


@pytest.mark.parametrize(
    "more", [{"site": "kcna"}, {"listing": "html"}, {"language": "ko"}, {"timezone": "Asia/Seoul"}], ids=str
)
def test_another_way_of_reading_reads_what_is_unchanged(watch: Watch, more: dict[str, str]) -> None:
    """The next look asks for the whole page again, at its usual time, also where other things change with it."""
    watch.config(GAZETTE)
    watch.round()
    watch.config(replace(GAZETTE, every=5 * MINUTE, **more))
    (claim,) = watch.later(5 * MINUTE).claim()
    (due,) = claim.listings
    assert (due.validators.etag, due.validators.body_hash) == ("", b"")
    assert due.kind == more.get("listing", "")


def test_due_now_makes_every_watched_listing_due(watch: Watch) -> None:
    """What is disabled, retired or dropped is none of them; the host's politeness still holds."""
    watch.config(GAZETTE, HERALD)
    watch.round([], [SPORT])
    watch.config(GAZETTE, replace(HERALD, enabled=False))
    assert watch.store.write(lambda connection: due_now(connection, watch.now)) == 1
    assert set(watch.round()) == {GAZETTE.url, SPORT}
    (claim,) = (one for one in watch.later(15 * MINUTE).claim() if one.listings)
    watch.failed(claim, claim.listings[0], Outcome.RATE_LIMITED, retry_after=HOUR)
    watch.release(claim, after=HOUR)
    watch.store.write(lambda connection: due_now(connection, watch.now))
    assert watch.claim() == []


def test_a_source_has_one_listing_a_url(watch: Watch) -> None:
    """Whatever the config did in between."""
    for url in (GAZETTE.url, FRESH, GAZETTE.url, FRESH):
        watch.config(replace(GAZETTE, url=url))
        watch.config()
    assert len(watch.rows(sa.select(listing))) == 2


def test_a_source_may_have_several_listings(watch: Watch) -> None:
    """They are looked at in place of its URL; what each of them lists at first is history."""
    both = replace(GAZETTE, listings=(FRESH, SPORT))
    watch.config(both)
    assert sorted(watch.round([link("one")])) == sorted([FRESH, SPORT, link("one").url])
    watch.later(15 * MINUTE).round([link("one"), link("two")])
    assert watch.changes() == [("added", True), ("added", False)]


def test_a_listing_that_is_named_later_looks_at_history_first(watch: Watch) -> None:
    """The others go on as they were, and one that is named no more is left."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.later(MINUTE).config(replace(GAZETTE, listings=(GAZETTE.url, FRESH)))
    assert watch.round([link("one"), link("old")]) == [FRESH, link("old").url]
    watch.config(replace(GAZETTE, listings=(FRESH,)))
    assert watch.later(15 * MINUTE).round([link("one"), link("old"), link("new")])[0] == FRESH
    assert GAZETTE.url not in watch.later(HOUR).round()
    assert watch.changes() == [("added", True), ("added", True), ("added", False)]


def test_other_links_of_a_list_page_are_read_when_the_selector_changes(watch: Watch) -> None:
    """What was unchanged is asked for again."""
    watch.config(GAZETTE)
    watch.round()
    watch.config(replace(GAZETTE, select="h2 a"))
    (claim,) = watch.later(15 * MINUTE).claim()
    assert (claim.listings[0].select, claim.listings[0].validators.etag) == ("h2 a", "")
