"""A store under watch: the daemon's and the worker's writes without daemon, worker or pages, at a clock that is set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage import mass_edits, mass_removals, stories
from storage.articles import Articles
from storage.diff import diff
from storage.links import ListingSaved
from storage.looks import Due, Looks, Read, Unchanged
from storage.minhash import bands
from storage.model.articles import Article
from storage.model.looking import Claim, DueAddress, DueListing, Link, ListingPage, Outcome, SourceConfig, Validators
from storage.rhythm import Rhythm
from storage.schedule import Release, Schedule
from storage.schema.articles import address, change
from storage.schema.looking import host, listing, source
from storage.schema.telling import notice
from storage.sightings import Saved, Sighting
from storage.sources import take_over
from storage.store import Store

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REVISIT = (15 * MINUTE, HOUR, 4 * HOUR, DAY)
GAZETTE = SourceConfig("gazette", "https://gazette.example/news", every=15 * MINUTE)
HERALD = SourceConfig("herald", "https://herald.example/list", every=15 * MINUTE)
PAGE = Validators("etag", "", b"hash")
LINGER_S = 0.001  # looks in tests come one by one: a ledger that gathers for longer gathers nothing


def link(name: str, title: str = "", **more: Any) -> Link:
    return Link(f"https://gazette.example/{name}", title or f"Title of {name}", **more)


def report(name: str, words: str = "nobody complained") -> Article:
    """An article of some length, whose text is its own."""
    body = "\n\n".join(
        f"Paragraph {number} of {name} says that the harbour of {name} counted {number * 7} ships, and that {words} "
        f"about the {number + 2} lanterns which {name} had bought in the spring of the year before."
        for number in range(1, 5)
    )
    return Article(f"Title of {name}", body)


@dataclass
class Watch:
    store: Store
    now: datetime = START
    schedule: Schedule = field(init=False)
    looks: Looks = field(default_factory=lambda: Looks(Rhythm(REVISIT, spread=0), DAY))
    articles: Articles = field(default_factory=Articles)

    def __post_init__(self) -> None:
        self.schedule = Schedule(self.store)

    def config(self, *wanted: SourceConfig) -> None:
        self.store.write(lambda connection: take_over(connection, wanted, self.now))

    def claim(self, most: int = 10, worker: str = "worker 1", most_strangers: int | None = None) -> list[Claim]:
        return self.store.write(
            lambda c: self.schedule.claim_due_hosts(c, worker, self.now, most, most_strangers=most_strangers)
        )

    def release(self, claim: Claim, after: timedelta = timedelta(0), delay: timedelta = timedelta(0)) -> None:
        ended = Release(claim, self.now + after, delay, self.now)
        self.store.write(lambda c: self.schedule.release(c, [ended]))

    def free_claims(self) -> int:
        return self.store.write(lambda connection: self.schedule.free_claims(connection, self.now))

    # What came of a look

    def listed(
        self, claim: Claim, due: DueListing, links: Sequence[Link], sections: Sequence[str] = (), kind: str = "feed"
    ) -> ListingSaved:
        """`links` as they were published; a list shows them from the end on, which stands on top."""
        page = ListingPage(tuple(reversed(links)), tuple(sections))
        return self.store.write(lambda c: self.looks.listing_read(c, claim, due, kind, page, PAGE, self.now))

    def unchanged(self, *looks: tuple[Claim, Due]) -> None:
        self.store.write(
            lambda c: self.looks.unchanged(c, [Unchanged(claim, due, PAGE, self.now) for claim, due in looks])
        )

    def failed(
        self,
        claim: Claim,
        due: Due,
        outcome: Outcome = Outcome.HTTP_ERROR,
        message: str = "503",
        retry_after: timedelta | None = None,
    ) -> None:
        self.store.write(lambda c: self.looks.failed(c, claim, due, outcome, message, retry_after, self.now))

    def read(self, claim: Claim, due: DueAddress, article: Article) -> Saved:
        with self.store.reader() as connection:
            known = self.articles.known(connection, due.id)
            foreseen = self.articles.foresee(connection, Sighting(due.id, article), self.now)
        if foreseen.is_elsewhere:
            self.failed(claim, due, Outcome.NOT_FOUND, "another article")
            return Saved(Outcome.NOT_FOUND)
        made = diff(known.current.article, article) if known.current and known.leads else None
        keys = bands(article.body) if known.article_id is None else ()
        sighting = Sighting(due.id, article, diff=made, expected=known.number, bands=keys)

        def write(connection: sa.Connection) -> Saved:
            saved = self.articles.save(connection, sighting, self.now)
            if saved.doubt:
                self.looks.failed(
                    connection, claim, due, saved.outcome, saved.doubt, None, self.now, look_by=saved.look_by
                )
            else:
                self.looks.addresses_read(connection, [Read(due, saved.outcome, PAGE, self.now)])
            return saved

        return self.store.write(write)

    # Whole rounds

    def round(
        self,
        links: Sequence[Link] = (),
        sections: Sequence[str] = (),
        *,
        words: str = "nobody complained",
        in_section: Sequence[Link] | None = None,
        gone: Collection[str] = (),
        fails: Collection[str] = (),
        says: Callable[[str], Article] | None = None,
    ) -> list[str]:
        """Look at all that is due now: root listings show `links` and name `sections`, these show `in_section`, and
        every article says its `words`, or what it `says`; of those that are `gone` there is a 404, of those that
        `fails` a 503. Answers the URLs in the order of the looks."""
        looked_at = []
        while claims := self.claim():
            for claim in claims:
                for due in claim.listings:
                    looked_at.append(due.url)
                    if due.named_at is None:
                        self.listed(claim, due, links, sections)
                    else:
                        self.listed(claim, due, in_section or ())
                for one in claim.addresses:
                    looked_at.append(one.url)
                    name = one.url.rpartition("/")[2]
                    if name in gone:
                        self.failed(claim, one, Outcome.NOT_FOUND, "404")
                    elif name in fails:
                        self.failed(claim, one)
                    else:
                        self.read(claim, one, says(name) if says else report(name, words))
                self.release(claim)
        return looked_at

    def round_fails(self, outcome: Outcome = Outcome.HTTP_ERROR, retry_after: timedelta | None = None) -> list[str]:
        looked_at = []
        for claim in self.claim():
            for due in (*claim.listings, *claim.addresses):
                looked_at.append(due.url)
                self.failed(claim, due, outcome, retry_after=retry_after)
            self.release(claim)
        return looked_at

    def pass_by(self, time: timedelta, step: timedelta = 15 * MINUTE, **shown: Any) -> None:
        """Let the time pass in steps, each with a round and with what the daemon settles."""
        until = self.now + time
        while self.now < until:
            self.later(step).round(**shown)
            self.settle()

    def settle(self, confirm: timedelta = DAY) -> None:
        """What the daemon does once a minute with what is gone, and with edits that wait for their round."""
        more = True
        while more:
            with self.store.reader() as connection:
                suspected, found = mass_removals.suspect(connection, self.now, confirm), mass_edits.waiting(connection)
            self.store.write(lambda c, found=found: mass_edits.settle(c, found, self.now, confirm))
            more = self.store.write(lambda c, gone=suspected: mass_removals.settle(c, gone, self.now, confirm))
        self.place()

    def place(self) -> None:
        """Give new articles their stories, as the daemon does before it judges."""
        with self.store.reader() as connection:
            new = stories.unplaced(connection, 5000)
        self.store.write(lambda connection: stories.place(connection, new))

    def later(self, by: timedelta) -> Watch:
        self.now += by
        return self

    # What stands in the store

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.store.reader() as connection:
            return list(connection.execute(query).all())

    def listing(self, url: str = GAZETTE.url) -> Any:
        return self.rows(sa.select(listing).where(listing.c.url == url))[0]

    def address(self, name: str) -> Any:
        return self.rows(sa.select(address).where(address.c.url == f"https://gazette.example/{name}"))[0]

    def host(self, name: str = "gazette.example") -> Any:
        return self.rows(sa.select(host).where(host.c.name == name))[0]

    def source(self, name: str = "gazette") -> Any:
        return self.rows(sa.select(source).where(source.c.name == name))[0]

    def notices(self) -> list[str]:
        return [row.subject for row in self.rows(sa.select(notice).order_by(notice.c.id))]

    def changes(self) -> list[tuple[str, bool]]:
        """Kind, and whether it is history, of every change in order."""
        return [(row.kind, row.history) for row in self.rows(sa.select(change).order_by(change.c.id))]
