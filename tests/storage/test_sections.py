"""Sections come and go with the menu that names them."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from storage.schema.looking import listing
from storage.sections import MOST_SECTIONS
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

SPORT, ARTS = "https://gazette.example/sport", "https://gazette.example/arts"


def test_a_section_found_at_the_first_look_is_history(watch: Watch) -> None:
    """What it lists stood there before we came."""
    watch.config(GAZETTE)
    watch.round([], [SPORT], in_section=[link("one")])
    assert watch.changes() == [("added", True)]
    watch.later(15 * MINUTE).round([], [SPORT], in_section=[link("one"), link("two")])
    assert watch.changes() == [("added", True), ("added", False)]


def test_a_section_found_later_is_news(watch: Watch) -> None:
    """It is new, and so is what it lists."""
    watch.config(GAZETTE)
    watch.round([link("zero")], [])
    watch.later(15 * MINUTE).round([link("zero")], [SPORT], in_section=[link("one")])
    assert watch.changes() == [("added", True), ("added", False)]


def test_a_section_goes_a_day_after_its_menu_dropped_it(watch: Watch) -> None:
    """And comes back when it is named again; what it lists then is news."""
    watch.config(GAZETTE)
    watch.round([], [SPORT, ARTS], in_section=[link("one")])
    for _ in range(5):
        watch.later(6 * HOUR).round([], [ARTS], in_section=[link("one")])
    assert watch.listing(SPORT).next_look_at is None
    assert watch.listing(ARTS).next_look_at is not None
    watch.later(HOUR).round([], [SPORT, ARTS], in_section=[link("one"), link("two")])
    assert watch.listing(SPORT).next_look_at == watch.now + 15 * MINUTE
    assert watch.changes() == [("added", True), ("added", False)]


def test_a_menu_that_does_not_change_keeps_its_sections(watch: Watch) -> None:
    """A 304 for days says that it names what it named."""
    watch.config(GAZETTE)
    watch.round([], [SPORT, ARTS])
    watch.later(15 * MINUTE).round([], [ARTS])
    for _ in range(10):
        watch.later(6 * HOUR)
        for claim in watch.claim():
            watch.unchanged(*((claim, due) for due in claim.listings))
            watch.release(claim)
    assert watch.listing(ARTS).next_look_at is not None
    assert watch.listing(SPORT).next_look_at is None


def test_days_without_a_look_drop_no_section(watch: Watch) -> None:
    """The daemon was off, or the site was down: nobody has seen a menu without it."""
    watch.config(GAZETTE)
    watch.round([], [SPORT])
    claim = watch.later(5 * DAY).claim()[0]
    for due in claim.listings:
        watch.failed(claim, due)
    watch.release(claim)
    assert watch.listing(SPORT).next_look_at is not None
    watch.later(5 * DAY)
    (claim,) = watch.claim()
    for due in sorted(claim.listings, key=lambda due: due.named_at is None):  # the section before its menu
        watch.unchanged((claim, due))
    watch.release(claim)
    assert watch.listing(SPORT).next_look_at == watch.now + 15 * MINUTE


def test_a_section_that_names_itself_goes_all_the_same(watch: Watch) -> None:
    """Its page stands on, with a menu of its own; the menu that leads there does not name it any more."""
    watch.config(GAZETTE)
    watch.round([], [SPORT])
    for _ in range(5):
        for claim in watch.later(6 * HOUR).claim():
            for due in claim.listings:
                watch.listed(claim, due, [], [SPORT] if due.url == SPORT else [])
            watch.release(claim)
    assert watch.listing(SPORT).next_look_at is None


def test_a_fault_of_a_section_is_none_of_the_source(watch: Watch) -> None:
    """A section that answers 404 does not make the source look down."""
    watch.config(GAZETTE)
    watch.round([], [SPORT])
    for _ in range(4):
        for claim in watch.later(6 * HOUR).claim():
            for due in claim.listings:
                if due.url == SPORT:
                    watch.failed(claim, due)
                else:
                    watch.unchanged((claim, due))
            watch.release(claim)
    assert (watch.source().state, watch.notices()) == ("ok", [])


def test_what_sections_list_is_history_after_another_address_of_the_source(watch: Watch) -> None:
    """The first look at the new menu is a first look at its sections, too, also where they were known before."""
    watch.config(GAZETTE)
    watch.round([], [SPORT], in_section=[link("one")])
    watch.config(replace(GAZETTE, url="https://gazette.example/fresh"))
    watch.later(15 * MINUTE).round([], [SPORT], in_section=[link("one"), link("two")])
    assert watch.changes() == [("added", True), ("added", True)]
    watch.later(15 * MINUTE).round([], [SPORT], in_section=[link("two"), link("three")])
    assert watch.changes()[2:] == [("added", False)]


def test_an_unchanged_first_look_ends_the_history(watch: Watch) -> None:
    """A section that comes back just as it was lists news from the next change on."""
    watch.config(GAZETTE)
    watch.round([], [SPORT], in_section=[link("one")])
    watch.config()
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [], [SPORT])
    watch.release(claim)
    (claim,) = watch.claim()
    (section,) = claim.listings
    watch.unchanged((claim, section))
    watch.release(claim)
    watch.later(15 * MINUTE).round([], [SPORT], in_section=[link("one"), link("two")])
    assert watch.changes() == [("added", True), ("added", False)]


def test_the_old_address_of_a_source_may_be_a_section_of_the_new(watch: Watch) -> None:
    """It is looked at if the new menu names it, and only then."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.config(replace(GAZETTE, url="https://gazette.example/fresh"))
    watch.round([], [])
    assert watch.listing(GAZETTE.url).next_look_at is None
    watch.later(15 * MINUTE).round([], [GAZETTE.url])
    assert watch.listing(GAZETTE.url).next_look_at == watch.now + 15 * MINUTE


def test_sections_without_end_are_no_work_without_end(watch: Watch) -> None:
    """Every section names three more that nobody has seen, as a hostile index of sitemaps does."""
    watch.config(GAZETTE)
    watch.round([], [f"{SPORT}/{number}" for number in range(MOST_SECTIONS - 1)])
    (claim,) = watch.later(15 * MINUTE).claim()
    for number, due in enumerate(claim.listings[:20]):
        watch.listed(claim, due, [], [f"{ARTS}/{number}/{more}" for more in range(3)])
    watch.release(claim)
    looked_at = sa.select(listing).where(listing.c.next_look_at.is_not(None))
    assert len(watch.rows(looked_at)) == MOST_SECTIONS
