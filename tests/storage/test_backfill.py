"""Back-fill: page after page of what a source published earlier, as history, until the day that was asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import backfill
from storage.model import Link, ListingPage, Outcome, When
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
                    older = (page_url(number + 1),) if number < self.last else ()
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
