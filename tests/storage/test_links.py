"""What a listing names: history and news, and when a known address is looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from storage.model.articles import When
from storage.model.looking import Link
from storage.schema.articles import article_source, change
from tests.storage.watch import DAY, GAZETTE, HERALD, HOUR, MINUTE, START, Watch, link, report


def relisted(watch: Watch, *links: Link) -> int:
    """A quarter of an hour later the listing shows these; how many addresses are to be looked at for it?"""
    (claim,) = watch.later(15 * MINUTE).claim()
    saved = watch.listed(claim, claim.listings[0], links)
    watch.release(claim)
    return saved.again


def test_a_first_look_lists_history_and_the_next_lists_news(watch: Watch) -> None:
    """Also where the history is read later than what is new."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("old")])
    watch.release(claim)
    watch.later(15 * MINUTE).round([link("old"), link("new")])
    assert watch.changes() == [("added", True), ("added", False)] or watch.changes() == [
        ("added", False),
        ("added", True),
    ]
    assert (watch.address("old").history, watch.address("new").history) == (True, False)


def test_a_first_look_that_fails_is_none(watch: Watch) -> None:
    """History is what the first completed look lists."""
    watch.config(GAZETTE)
    watch.round_fails()
    watch.later(15 * MINUTE).round([link("old")])
    watch.later(15 * MINUTE).round([link("old"), link("new")])
    assert watch.changes() == [("added", True), ("added", False)]


@pytest.mark.parametrize(
    "links",
    [
        [link("a"), link("b"), link("c")],
        [link(name, published=When(START - days * DAY)) for name, days in (("a", 9), ("c", 1), ("b", 5))],
        [link("a", published=When(START)), link("b"), link("c", published=When(START))],
    ],
    ids=["a list, from its end", "a sitemap in any order, by its dates", "not all have dates"],
)
def test_what_is_oldest_is_read_first(watch: Watch, links: list[Link]) -> None:
    """A feed shows on top what was read last. A list shows c first here, and a last."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], links)
    watch.release(claim)
    (claim,) = watch.claim()
    assert [one.url.rpartition("/")[2] for one in claim.addresses] == ["a", "b", "c"]


def test_an_edit_of_history_is_news(watch: Watch) -> None:
    """What stood there before we came is history; that it changed since is not."""
    watch.config(GAZETTE)
    watch.round([link("old")])
    watch.later(15 * MINUTE).round([link("old")], words="many complained")
    assert watch.changes() == [("added", True), ("edited", False)]


@pytest.mark.parametrize(
    "now_said",
    [
        link("one", "Another title"),
        link("one", lastmod="2026-03-02"),
        link("one", published=When(START + HOUR)),
    ],
    ids=["title", "lastmod", "date"],
)
def test_another_title_date_or_lastmod_makes_an_address_due(watch: Watch, now_said: Link) -> None:
    """A listing that says another thing than before is a reason to look."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    assert relisted(watch, now_said) == 1
    assert watch.address("one").next_look_at == watch.now
    assert watch.address("one").listed_title == now_said.title
    assert relisted(watch, now_said) == 0


@pytest.mark.parametrize(
    "now_said",
    [link("one", "Mayor's “plan”"), link("one", 'Mayor’s  "plan"'), link("one", "Mayor's “plan”", summary="More")],
    ids=["the same", "typeset otherwise", "another summary"],
)
def test_the_same_said_again_is_no_reason_to_look(watch: Watch, now_said: Link) -> None:
    """Neither are a quote mark that turned round, a second space, or a teaser."""
    watch.config(GAZETTE)
    watch.round([link("one", "Mayor's “plan”")])
    planned = watch.address("one").next_look_at
    assert relisted(watch, now_said) == 0
    assert watch.address("one").next_look_at == planned


def test_flapping_between_two_listings_of_a_source_is_no_reason_to_look(watch: Watch) -> None:
    """Each listing is compared with what it said itself: two that word a title differently do not argue."""
    watch.config(GAZETTE)
    short, long = link("one", "Ships"), link("one", "Harbour counts its ships", lastmod="2026")
    watch.round([short], ["https://gazette.example/section"], in_section=[long])
    looks = watch.address("one").looks
    for _ in range(3):
        watch.later(MINUTE)
        with watch.store.writer() as connection:
            connection.execute(sa.text("UPDATE listing SET next_look_at = 0"))
            connection.execute(sa.text("UPDATE host SET next_due_at = 0"))
        watch.round([short], ["https://gazette.example/section"], in_section=[long])
    assert watch.address("one").looks == looks


def test_spellings_of_one_address_are_one(watch: Watch) -> None:
    """http and https, www., tracking parameters and fragments do not make another address."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    spellings = ("https://gazette.example/one", "http://www.gazette.example/one?utm_source=x", link("one").url + "#top")
    saved = watch.listed(claim, claim.listings[0], [Link(url) for url in spellings])
    assert saved.new == 1


def test_a_listing_of_thousands_is_one_look(watch: Watch) -> None:
    """More addresses than a statement takes parameters; the next look knows them all."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    links = [link(str(number)) for number in range(3000)]
    assert watch.listed(claim, claim.listings[0], links).new == 3000
    assert watch.listed(claim, claim.listings[0], links).new == 0


def test_addresses_at_another_host_are_work_of_that_host(watch: Watch) -> None:
    """An aggregator's links are looked at under the politeness of the hosts that they lead to."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [Link("https://elsewhere.example/story")])
    watch.release(claim)
    (claim,) = watch.claim()
    assert (claim.host, len(claim.addresses)) == ("elsewhere.example", 1)


def test_rules_are_asked_again_when_another_source_lists_an_article_as_news(watch: Watch) -> None:
    """A rule of that source alone was not asked when the first one showed it; what a first look lists is no news."""
    unjudged = sa.select(sa.func.count()).where(change.c.matched_at.is_(None))

    def rounds(*listed: list[Link]) -> int:
        """A look of each at its listing, an hour later; how many changes are to be judged, given that all were?"""
        watch.store.write(lambda connection: connection.execute(change.update().values(matched_at=START)))
        shows = dict(zip((GAZETTE.url, HERALD.url), listed, strict=True))
        watch.later(HOUR)
        while claims := watch.claim():
            for claim in claims:
                for due in claim.listings:
                    watch.listed(claim, due, shows[due.url])
                for address in claim.addresses:
                    watch.read(claim, address, report(address.url))
                watch.release(claim)
        return int(watch.rows(unjudged)[0][0])

    watch.config(GAZETTE)
    watch.round([])
    assert rounds([link("one")], []) == 1
    watch.config(GAZETTE, HERALD)
    assert rounds([link("one")], [link("one")]) == 0
    assert rounds([link("two")], [link("one")]) == 1
    assert rounds([link("two")], [link("one"), link("two")]) == 1
    assert rounds([link("two")], [link("one"), link("two")]) == 0


def test_an_article_that_another_source_lists_stands_in_both(watch: Watch) -> None:
    """It is read once, and belongs to the feeds of both sources."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.config(GAZETTE, HERALD)
    watch.round([link("one")])
    assert len(watch.rows(sa.select(article_source))) == 2
    assert watch.address("one").looks == 1


def test_an_address_of_a_source_that_left_is_taken_on_by_who_lists_it(watch: Watch) -> None:
    """Otherwise nobody would look at it again: it goes on with the other source."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("one"), link("two")])
    watch.release(claim)
    watch.config(HERALD)
    watch.round([link("two")])
    assert watch.address("two").looks == 1
    assert watch.address("one").looks == 0
    assert watch.changes() == [("added", True)]


def test_an_address_of_a_source_that_left_is_news_where_it_is_listed_as_news(watch: Watch) -> None:
    """The gazette had found it, never read it, and left; the herald lists it as something new."""
    watch.config(GAZETTE, replace(HERALD, every=HOUR))
    watch.round()
    (claim,) = watch.later(15 * MINUTE).claim()
    watch.listed(claim, claim.listings[0], [link("one")])
    watch.release(claim)
    watch.config(replace(HERALD, every=HOUR))
    watch.later(HOUR).round([link("one")])
    assert watch.changes() == [("added", False)]


def test_dates_keep_their_precision(watch: Watch) -> None:
    """What a listing says of an address travels to the look as it was said."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    day = When(datetime.fromisoformat("2026-02-28T00:00:00+00:00"), "day", origin="list")
    watch.listed(claim, claim.listings[0], [link("one", published=day, summary="A summary")])
    watch.release(claim)
    listed = watch.claim()[0].addresses[0].listed
    assert (listed.title, listed.published, listed.summary) == ("Title of one", day, "A summary")


def test_addresses_that_a_site_file_holds_for_one_are_one(watch: Watch) -> None:
    """The one that was listed first is asked for; under any other the article is known."""
    watch.config(GAZETTE)
    watch.round([link("one?page=1", same="https://gazette.example/one")])
    watch.later(15 * MINUTE)
    assert watch.round([link("one?page=2", same="https://gazette.example/one")])[1:] == [
        "https://gazette.example/one?page=1"
    ]
    assert watch.changes() == [("added", True)]
