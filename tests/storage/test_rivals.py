"""What one source's listing says of another site's addresses: hearsay, which neither hides, holds up nor dates news."""

from __future__ import annotations

from storage.model.articles import When
from storage.model.looking import Link, SourceConfig
from tests.storage.watch import GAZETTE, HOUR, MINUTE, START, Watch, link

# Looks first, at a site of its own, and names what the gazette is about to publish.
RIVAL = SourceConfig("rival", "https://rival.example/feed", every=HOUR)


def rival_lists(watch: Watch, *links: Link) -> None:
    (claim,) = [one for one in watch.claim() if one.listings]
    watch.listed(claim, claim.listings[0], links)
    watch.release(claim)


def gazette_lists(watch: Watch, *links: Link) -> int:
    """Its listing alone is looked at; answers how many addresses are to be looked at for it."""
    (claim,) = watch.later(15 * MINUTE).claim()
    saved = watch.listed(claim, claim.listings[0], links)
    watch.release(claim)
    return saved.again


def set_up(watch: Watch) -> None:
    """The gazette has had its first look; a rival source is added."""
    watch.config(GAZETTE)
    watch.round()
    watch.config(GAZETTE, RIVAL)


def test_what_a_rival_listed_before_is_news_where_its_own_site_lists_it(watch: Watch) -> None:
    """Its address was guessed, was not there when it was looked at, and is looked at as soon as it is published."""
    set_up(watch)
    rival_lists(watch, link("one", "False title"))
    for _ in range(8):  # until nothing is tried any more
        for claim in watch.later(HOUR).claim():
            for due in claim.listings:
                watch.unchanged((claim, due))
            for one in claim.addresses:
                watch.failed(claim, one)
            watch.release(claim)
    gazette_lists(watch, link("one"))
    watch.round([link("one")])
    address = watch.address("one")
    assert (address.looks, address.source_id, address.listed_title) == (1, watch.source().id, "Title of one")
    assert watch.changes() == [("added", False)]


def test_what_a_rival_had_read_before_is_news_where_its_own_site_lists_it(watch: Watch) -> None:
    """A source that is added between two looks of another hides none of its news."""
    set_up(watch)
    rival_lists(watch, link("one"))
    watch.round()
    assert watch.changes() == [("added", True)]
    gazette_lists(watch, link("one"))
    assert watch.changes() == [("added", False)]


def test_what_its_own_sites_first_look_lists_stays_history(watch: Watch) -> None:
    """Whoever listed it first."""
    watch.config(RIVAL)
    rival_lists(watch, link("one"))
    watch.round()
    watch.config(RIVAL, GAZETTE)
    watch.round([link("one")])
    assert watch.changes() == [("added", True)]


def test_a_rival_cannot_make_us_look_at_another_site_again(watch: Watch) -> None:
    """New words at every look: it says them of addresses that are not its own."""
    set_up(watch)
    watch.later(15 * MINUTE).round([link("one")])
    planned = watch.address("one").next_look_at
    for hour in range(3):
        watch.now = START + (hour + 2) * HOUR
        (claim,) = [one for one in watch.claim() if one.host == "rival.example"]
        watch.listed(claim, claim.listings[0], [link("one", f"False {hour}", published=When(START))])
        watch.release(claim)
        watch.free_claims()
    address = watch.address("one")
    assert (address.next_look_at, address.listed_title, address.listed_when) == (planned, "Title of one", "")
