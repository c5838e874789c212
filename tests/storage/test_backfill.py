"""Back-fill: page after page of what a source published earlier, as history, until the day that was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from storage import backfill
from storage.model.articles import When
from storage.model.looking import Link, ListingPage, Outcome
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, PAGE, START, Watch, link, report


def page_url(number: int) -> str:
    return f"{GAZETTE.url}?page={number}" if number > 1 else GAZETTE.url


def on_day(name: str, days_ago: int) -> Link:
    return link(name, published=When(START - days_ago * DAY, "day", origin="list"))


class Archive:
    """A list of many pages with two articles a day; `dated` says whether its rows bear their dates."""

    def __init__(self, watch: Watch, last: int, *, dated: bool = True) -> None:
        self.watch, self.last, self.dated = watch, last, dated
        self.asked: list[str] = []

    def links(self, number: int) -> list[Link]:
        names = [(f"p{number}-{place}", 2 * number + place) for place in (0, 1)]
        return [on_day(name, ago) if self.dated else link(name) for name, ago in names]

    def work(self, fails: dict[int, Outcome] | None = None) -> None:
        """Do all that is due, until nothing is."""
        while claims := self.watch.claim():
            for claim in claims:
                for due in claim.listings:
                    number = int(due.url.partition("=")[2] or 1)
                    self.asked.append(due.url)
                    if fails and number in fails:
                        self.watch.failed(claim, due, fails[number])
                        continue
                    goes_on = number < self.last and not due.url.endswith(".xml")  # a feed names no older page
                    older = (page_url(number + 1),) if goes_on else ()
                    page = ListingPage(tuple(self.links(number)), older=older)
                    self.watch.store.write(
                        lambda c, claim=claim, due=due, page=page: self.watch.looks.listing_read(
                            c, claim, due, "html", page, PAGE, self.watch.now
                        )
                    )
                for one in claim.addresses:
                    name = one.url.rpartition("/")[2]
                    days = 2 * int(name[1:].partition("-")[0])
                    said = report(name)
                    published = When(START - days * DAY, "day", origin="meta")
                    self.watch.read(claim, one, type(said)(said.title, said.body, published=published))
                self.watch.release(claim)

    def ask(self, days: int) -> int:
        since = self.watch.now - days * DAY
        return self.watch.store.write(lambda c: backfill.begin(c, "gazette", since, self.watch.now))

    def state(self, number: int) -> backfill.BackfillState:
        with self.watch.store.reader() as connection:
            return backfill.states(connection, number)[0]


def started(watch: Watch, last: int, **more: Any) -> Archive:
    watch.config(GAZETTE)
    archive = Archive(watch, last, **more)
    archive.work()
    watch.later(MINUTE)
    return archive


def test_a_look_follows_no_older_pages(watch: Watch) -> None:
    """Only a back-fill does."""
    assert started(watch, 9).asked == [GAZETTE.url]


def test_pages_are_looked_at_until_the_day_is_reached(watch: Watch) -> None:
    """Each once; what lies before the day is left, and nothing that is found is news."""
    archive = started(watch, 50)
    number = archive.ask(days=9)
    archive.work()
    assert archive.asked[1:] == [page_url(one) for one in (1, 2, 3, 4, 5)]
    state = archive.state(number)
    assert (state.done_at, state.message, state.pages, state.found) == (watch.now, "reached 2026-02-20", 4, 6)
    assert (state.waiting, state.oldest) == (0, START - 8 * DAY)
    assert watch.changes() == [("added", True)] * 8
    watch.later(20 * MINUTE)
    archive.work()
    assert archive.asked[6:] == [GAZETTE.url]


def test_it_ends_with_the_list(watch: Watch) -> None:
    """A last page names no older one."""
    archive = started(watch, 3)
    number = archive.ask(days=900)
    archive.work()
    assert (archive.state(number).message, archive.state(number).found) == ("the list ends here", 4)


def test_a_last_page_that_goes_back_to_the_day_reaches_it(watch: Watch) -> None:
    """That nothing lies behind it is no news then."""
    archive = started(watch, 3)
    number = archive.ask(days=6)
    archive.work()
    assert (archive.state(number).message, archive.state(number).found) == ("reached 2026-02-23", 3)


@pytest.mark.parametrize("outcome", [Outcome.NOT_FOUND, Outcome.UNREADABLE])
def test_a_page_that_is_not_there_is_the_end(watch: Watch, outcome: Outcome) -> None:
    """Many sites name a next page that they do not have; the source is well."""
    archive = started(watch, 9)
    number = archive.ask(days=900)
    archive.work(fails={3: outcome})
    assert (archive.state(number).message, archive.state(number).pages) == ("the list ends here", 1)
    assert (watch.source().state, watch.notices()) == ("ok", [])


def test_a_page_that_fails_is_tried_again(watch: Watch) -> None:
    """The back-fill waits for it, and goes on."""
    archive = started(watch, 4)
    number = archive.ask(days=900)
    archive.work(fails={2: Outcome.HTTP_ERROR})
    assert archive.state(number).done_at is None
    watch.later(2 * MINUTE)
    archive.work()
    assert (archive.state(number).pages, archive.state(number).message) == (3, "the list ends here")


def test_a_page_that_fails_for_good_ends_it_in_words(watch: Watch) -> None:
    """What was found stays, and the state says which page it was."""
    archive = started(watch, 4)
    number = archive.ask(days=900)
    for _ in range(6):
        archive.work(fails={2: Outcome.HTTP_ERROR})
        watch.later(6 * HOUR)
    assert f"{page_url(2)} could not be read" in archive.state(number).message
    assert archive.state(number).done_at is not None


def test_a_list_without_dates_ends_by_the_articles(watch: Watch) -> None:
    """They were read between two pages."""
    archive = started(watch, 60, dated=False)
    archive.ask(days=9)
    archive.work()
    assert len(archive.asked) < 12


def test_a_list_that_shows_its_first_page_again_ends(watch: Watch) -> None:
    """Behind the last page some sites begin anew, for ever."""
    archive = started(watch, 10_000)
    archive.links = lambda number: [link(f"p{min(number, 3)}-{place}") for place in (0, 1)]  # type: ignore[method-assign]
    archive.ask(days=900)
    archive.work()
    assert archive.asked[1:] == [page_url(one) for one in (1, 2, 3, 4)]


def test_a_kill_loses_nothing(watch: Watch) -> None:
    """A claim that is freed is claimed again, and asking again goes on with the same back-fill, further back."""
    archive = started(watch, 50)
    number = archive.ask(days=5)
    watch.claim()
    watch.free_claims()
    assert archive.ask(days=9) == number
    archive.work()
    assert archive.state(number).found == 6


def test_a_later_one_goes_further_back(watch: Watch) -> None:
    """Pages of an earlier back-fill are looked at again: what stands on them has moved meanwhile."""
    archive = started(watch, 50)
    archive.ask(days=5)
    archive.work()
    watch.later(MINUTE)
    number = archive.ask(days=9)
    archive.work()
    assert archive.state(number).pages == 4


def test_a_stopped_one_keeps_what_it_found(watch: Watch) -> None:
    """Nothing of it is due any more."""
    archive = started(watch, 50)
    number = archive.ask(days=900)
    (claim,) = watch.claim()
    watch.release(claim)
    assert watch.store.write(lambda c: backfill.stop(c, "gazette", watch.now))
    asked = len(archive.asked)
    archive.work()
    assert archive.asked[asked:] == [GAZETTE.url]
    assert archive.state(number).message == "stopped"


def test_a_source_that_is_not_watched_has_no_back_fill(watch: Watch) -> None:
    """The name is said."""
    with pytest.raises(backfill.NotWatched, match="gazette"):
        watch.store.write(lambda c: backfill.begin(c, "gazette", START - timedelta(days=1), watch.now))


FEED = replace(GAZETTE, listings=("https://gazette.example/feed.xml",))


def test_a_source_with_a_feed_alone_is_filled_from_its_own_page(watch: Watch) -> None:
    """A feed names no older pages; the source's page does, and is looked at after the feed, once."""
    watch.config(FEED)
    archive = Archive(watch, 50)
    archive.work()
    watch.later(MINUTE)
    number = archive.ask(days=9)
    archive.work()
    assert archive.asked == [FEED.listings[0]] * 2 + [page_url(one) for one in (1, 2, 3, 4, 5)]
    assert archive.state(number).message == "reached 2026-02-20"
    watch.later(20 * MINUTE)
    archive.work()
    assert archive.asked[7:] == list(FEED.listings)


def test_what_is_news_on_the_sources_own_page_is_left_to_its_feed(watch: Watch) -> None:
    """As history nobody would be told of it."""
    watch.config(FEED)
    watch.round([link("old")])
    watch.later(MINUTE)
    watch.store.write(lambda c: backfill.begin(c, "gazette", START - 9 * DAY, watch.now))
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("old")])
    watch.release(claim)
    (claim,) = watch.claim()
    assert [one.url for one in claim.listings] == [GAZETTE.url]
    shown = [link("fresh", published=When(watch.now - HOUR, origin="list")), on_day("forgotten", 3), link("undated")]
    assert [one.title for one in backfill.wanted(claim.listings[0], shown, watch.now)] == [
        one.title for one in shown[1:]
    ]


def test_one_that_names_no_older_pages_says_so(watch: Watch) -> None:
    """Nothing found would look like a success."""
    archive = started(watch, 1)
    number = archive.ask(days=9)
    archive.work()
    assert (archive.state(number).pages, archive.state(number).message) == (0, "its listings name no older pages")


def test_one_does_not_end_before_a_listing_was_read(watch: Watch) -> None:
    """The source failed a moment ago, and fails again: the back-fill waits for it."""
    archive = started(watch, 3)
    watch.later(20 * MINUTE)
    for _ in range(2):
        archive.work(fails={1: Outcome.HTTP_ERROR})
        number = archive.ask(days=900)
        archive.work(fails={1: Outcome.HTTP_ERROR})
        assert archive.state(number).done_at is None
        watch.later(DAY)
    archive.work()
    assert (archive.state(number).pages, archive.state(number).message) == (2, "the list ends here")


def test_one_does_not_wait_for_a_listing_that_fails(watch: Watch) -> None:
    """Of two listings one fails after the other was read: its pages are gone through all the same."""
    watch.config(replace(GAZETTE, listings=(GAZETTE.url, page_url(99))))
    archive = Archive(watch, 3)
    archive.work()
    watch.later(MINUTE)
    number = archive.ask(days=900)
    archive.work(fails={99: Outcome.HTTP_ERROR})
    assert (archive.state(number).pages, archive.state(number).message) == (2, "the list ends here")
    assert archive.state(number).done_at == watch.now


def test_an_old_page_says_nothing_of_a_source_that_is_down(watch: Watch) -> None:
    """Its feed fails still: nobody is told that it is back."""
    watch.config(replace(GAZETTE, listings=(f"{GAZETTE.url}/feed",)))
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [link("a")])
    watch.release(claim)
    for _ in range(4):
        watch.later(7 * HOUR).round_fails()
    archive = Archive(watch, 3)
    archive.ask(days=30)
    while claims := watch.claim():
        for claim in claims:
            for due in claim.listings:
                if due.backfill is None:
                    watch.failed(claim, due)
                else:
                    watch.listed(claim, due, [on_day("old", 3)], kind="html")
            for one in claim.addresses:
                watch.read(claim, one, report(one.url.rpartition("/")[2]))
            watch.release(claim)
    assert (watch.source().state, watch.notices()) == ("down", ["gazette is down"])


@pytest.mark.parametrize("outcome", [Outcome.HTTP_ERROR, Outcome.NOT_FOUND])
@pytest.mark.parametrize("how", ["stopped", "disabled"])
def test_a_page_in_flight_brings_no_ended_one_back(watch: Watch, how: str, outcome: Outcome) -> None:
    """Stopped, or its source is switched off, while a page is looked at."""
    archive = started(watch, 50)
    number = archive.ask(days=900)
    (claim,) = watch.claim()
    first = ListingPage(tuple(archive.links(1)), older=(page_url(2), page_url(3)))
    watch.store.write(lambda c: watch.looks.listing_read(c, claim, claim.listings[0], "html", first, PAGE, watch.now))
    watch.release(claim)
    (in_flight,) = watch.claim()
    (page,) = in_flight.listings
    assert page.backfill
    if how == "stopped":
        watch.store.write(lambda c: backfill.stop(c, "gazette", watch.now))
    else:
        watch.config(replace(GAZETTE, enabled=False))
    watch.failed(in_flight, page, outcome)
    watch.release(in_flight)
    urls = [due.url for claim in watch.later(2 * MINUTE).claim() for due in claim.listings]
    assert [one for one in urls if "page=" in one] == []
    assert archive.state(number).message == ("stopped" if how == "stopped" else "the source is watched no more")


def test_asked_for_an_earlier_day_no_list_is_left_at_the_later_one(watch: Watch) -> None:
    """Pages that were read are read again: they held links that are wanted now."""
    archive = started(watch, 50)
    number = archive.ask(days=5)
    archive.work(fails={3: Outcome.HTTP_ERROR})
    assert archive.state(number).done_at is None
    watch.later(MINUTE)
    assert archive.ask(days=15) == number
    archive.work()
    watch.later(HOUR)
    archive.work()
    assert archive.state(number).oldest == START - 14 * DAY
