"""A site purges its archive, as KCNA did in December 2013: one notice, a complete list, no alert for any of them."""

from __future__ import annotations

import pytest

from storage import mass, outbox
from storage.articles import Articles
from storage.gone import round_of
from storage.model.articles import Article
from storage.model.looking import Link, ListingPage, Outcome
from storage.store import Connection
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, PAGE, Watch

KEPT = 40  # of each hundred articles, the newest


def url(number: int) -> str:
    return f"https://gazette.example/story-{number}"


class Archive:
    """A gazette with so many articles, all of them read; `purged` are answered with 404."""

    def __init__(self, watch: Watch, articles: int) -> None:
        self.watch, self.articles = watch, articles
        self.purged: frozenset[str] = frozenset()
        watch.articles = Articles(round_of(DAY))
        watch.config(GAZETTE)
        self.list([])
        watch.later(15 * MINUTE)
        self.list([Link(url(number), f"Story {number}") for number in range(articles)])
        self.look()

    def list(self, links: list[Link]) -> None:
        (claim,) = self.watch.claim()
        page = ListingPage(tuple(reversed(links)))  # what is newest stands on top
        self.watch.store.write(
            lambda c: self.watch.looks.listing_read(c, claim, claim.listings[0], "feed", page, PAGE, self.watch.now)
        )
        self.watch.release(claim)

    def look(self) -> int:
        """Look at all that is due, a claim's worth in a transaction; answers how many."""
        looked = 0
        while claims := self.watch.claim():
            for claim in claims:
                gone = [one for one in claim.addresses if one.url in self.purged]
                there = [one for one in claim.addresses if one.url not in self.purged]
                looked += len(claim.addresses)
                for due in claim.listings:
                    self.watch.unchanged((claim, due))
                for one in there if not there or not there[0].article_id else ():
                    number = one.url.rpartition("-")[2]
                    body = " ".join(f"Word {place} of story {number} is {place * int(number)}." for place in range(30))
                    self.watch.read(claim, one, Article(f"Story {number}", body))
                known = [one for one in there if one.article_id]
                self.watch.unchanged(*((claim, one) for one in known))

                def fail(c: Connection, claim=claim, gone=gone) -> None:  # type: ignore[no-untyped-def]
                    for one in gone:
                        self.watch.looks.failed(c, claim, one, Outcome.NOT_FOUND, "404", None, self.watch.now)

                self.watch.store.write(fail)
                self.watch.release(claim)
        return looked


def purge(watch: Watch, articles: int) -> None:
    archive = Archive(watch, articles)
    for _ in range(10):  # the ladder ends; nothing is looked at any more
        watch.later(6 * HOUR)
        archive.look()
    lost = [number for number in range(articles) if number % 100 >= KEPT]
    archive.purged = frozenset(url(number) for number in lost)
    # The listing names some of them anew, and so it is noticed.
    watch.later(15 * MINUTE)
    archive.list([Link(url(number), f"Story {number}, in full") for number in range(0, articles, 25)])
    for _ in range(72):
        # The daemon settles each minute and asks for some of the others each time: as often as there are any.
        while archive.look():
            watch.settle()
        watch.settle()
        watch.later(HOUR)

    with watch.store.reader() as connection:
        [event] = mass.events(connection)
        titles = [member.title for member in mass.members(connection, event)]
    assert titles == [f"Story {number}" for number in lost]
    assert watch.notices() == [
        f"{len(lost):,} articles are gone from gazette.example: the site changed, moved or purged them"
    ]

    watch.store.write(lambda c: mass.decide(c, event.id, mass.CONFIRMED))
    watch.settle()
    kinds = [kind for kind, _ in watch.changes()]
    assert (kinds.count("removed"), kinds.count("added"), len(kinds)) == (len(lost), articles, len(lost) + articles)
    with watch.store.reader() as connection:
        assert {str(one.kind) for one in outbox.unmatched(connection, 500, watch.now)} == {"added"}
        assert len(mass.members(connection, mass.event(connection, event.id))) == len(lost)


def test_a_purge_of_two_thousand_is_one_notice(watch: Watch) -> None:
    """1,200 of them go; every one is in the list, though the ladder had ended for all."""
    purge(watch, 2_000)


@pytest.mark.soak
def test_a_purge_of_thirty_five_thousand_is_one_notice(watch: Watch) -> None:
    """The size of 2013, with as many again that stay."""
    purge(watch, 58_400)
