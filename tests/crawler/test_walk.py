"""What a walk makes of pages that are doubtful and of errors of its own, with a real store and made-up answers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.fetch import Fetched
from crawler.ledger import Ledger
from crawler.lessons import Lessons
from crawler.link_lessons import LinkLessons
from crawler.reading import Reading, read_page
from crawler.walk import Rooms, Walk, now
from storage.articles import Articles
from storage.model import Article, Link, Outcome, Validators
from storage.schema import address, host
from storage.snapshots import Snapshots
from storage.store import Connection, Store
from storage.writer import Writer
from tests.storage.watch import GAZETTE, Watch, link, report


class Answers:
    """A site and its reader: what stands at each URL, an article or an error."""

    def __init__(self) -> None:
        self.at: dict[str, Article | Exception] = {}
        self.robots = SimpleNamespace(load=lambda files: None)

    def delay_of(self, host: str) -> timedelta:
        return timedelta(0)

    async def fetch(self, url: str, *, validators: Validators, delay: timedelta) -> Fetched:
        said = self.at[url]
        if isinstance(said, Exception):
            raise said
        digest = blake2b(said.body.encode()).digest()
        same = digest == validators.body_hash
        return Fetched(url, 200, said.body.encode(), "text/html", "", "", now(), digest, same, False)

    async def run(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """In place of the extraction process."""
        return Reading(self.at[args[0].url]) if function is read_page else function(*args, **options)


class Walker:
    def __init__(self, watch: Watch, writer: Writer, folder: Path) -> None:
        self.watch, self.site = watch, Answers()
        articles = Articles()
        self.rooms = Rooms(
            store=watch.store,
            writer=writer,
            ledger=Ledger(writer, watch.looks, articles, watch.schedule),
            looks=watch.looks,
            articles=articles,
            snapshots=Snapshots(folder),
            fetcher=self.site,  # type: ignore[arg-type]
            pool=self.site,  # type: ignore[arg-type]
            links=LinkLessons(watch.store, lambda write: None),
            lessons=Lessons(watch.store, lambda write: None),
            changed=lambda: None,
            waiting=asyncio.Semaphore(8),
            stopping=asyncio.Event(),
        )

    def lists(self, *links: Link) -> None:
        (claim,) = self.watch.claim()
        self.watch.listed(claim, claim.listings[0], links)
        self.watch.release(claim)

    async def walk(self, articles: Mapping[str, Article | Exception]) -> None:
        """Look at all addresses, as if they were due."""
        self.site.at = {f"https://gazette.example/{name}": said for name, said in articles.items()}
        self.watch.now = now()

        def due(connection: Connection) -> None:
            connection.execute(sa.update(address).values(next_look_at=self.watch.now))
            connection.execute(sa.update(host).values(next_due_at=self.watch.now, next_allowed_at=self.watch.now))

        self.watch.store.write(due)
        (claim,) = self.watch.claim()
        await Walk(self.rooms, replace(claim, listings=())).run()


@pytest.fixture
async def walker(store: Store, tmp_path: Path) -> AsyncIterator[Walker]:
    watch = Watch(store, now())
    watch.config(GAZETTE)
    writer = Writer(store)
    yield Walker(watch, writer, tmp_path / "snapshots")
    await asyncio.to_thread(writer.close)


async def test_an_error_of_our_own_costs_its_page_alone(walker: Walker) -> None:
    """It is booked and tried later: unbooked it would be first in line for ever, and all others behind it."""
    walker.lists(link("one"), link("two"))
    await walker.walk({"one": RuntimeError("a parser that stumbled"), "two": report("two")})
    one, two = walker.watch.address("one"), walker.watch.address("two")
    assert (one.fault, one.failures, two.looks) == (str(Outcome.UNREACHABLE), 1, 1)
    assert one.next_look_at > now()


async def test_a_stub_beside_the_lead_is_no_article(walker: Walker) -> None:
    """A page that asks for a login or a click in place of the text, at the second of an article's addresses."""
    whole, stub = report("ships"), Article("Title of ships", "Switch your reading glasses on to see this page.")
    walker.lists(link("one"), link("two"))
    for second in (whole, stub, stub, stub):
        await walker.walk({"one": whole, "two": second})
    assert walker.watch.changes() == [("added", True)]
    assert walker.watch.address("two").fault == str(Outcome.NOT_WHOLE)
