"""What a walk makes of pages that are doubtful and of errors of its own, with a real store and made-up answers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.fault import LookFault
from crawler.fetch import Fetched
from crawler.ledger import Ledger
from crawler.link_lessons import LinkLessons
from crawler.reading import Reading, read_page
from crawler.walk import Rooms, Walk, now
from storage.articles import Articles
from storage.capture import captures_from
from storage.furniture import KnownFurniture
from storage.model.articles import Article
from storage.model.looking import Link, Outcome, Validators
from storage.rhythm import COSTS
from storage.rows import article_from
from storage.schema.articles import address, change, revision
from storage.schema.looking import host
from storage.snapshots import Snapshots
from storage.store import Connection, Store
from storage.writer import Writer
from tests.storage.watch import GAZETTE, LINGER_S, Watch, link, report


class Answers:
    """A site and its reader: what stands at each URL, an article or an error."""

    def __init__(self) -> None:
        self.at: dict[str, Article | Exception] = {}
        self.anew = 0  # other bytes of the same pages
        self.by_layout: Article | None = None  # what a layout reads, whatever the page says
        self.robots = SimpleNamespace(load=lambda files: None)
        self.delay = timedelta(0)  # booked, and not waited for
        self.clock: Callable[[], datetime] = now

    def delay_of(self, host: str) -> timedelta:
        return self.delay

    async def fetch(self, url: str, *, validators: Validators, delay: timedelta) -> Fetched:
        said = self.at[url]
        if isinstance(said, Exception):
            raise said
        digest = blake2b(f"{said.body}{self.anew}".encode()).digest()
        same = digest == validators.body_hash
        return Fetched(url, 200, said.body.encode(), "text/html", "", "", self.clock(), digest, same, False)

    async def run(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """In place of the extraction process."""
        if function is not read_page:
            return function(*args, **options)
        said = self.at[args[0].url]
        if options.get("in_full") or self.by_layout is None:
            return Reading(said, differs="body" if self.by_layout else "")
        return Reading(self.by_layout, by_layout=True)


class Walker:
    def __init__(self, watch: Watch, writer: Writer, folder: Path, articles: Articles | None = None) -> None:
        self.watch, self.site = watch, Answers()
        self.learned: list[Reading] = []
        articles = articles or Articles()
        self.rooms = Rooms(
            store=watch.store,
            writer=writer,
            ledger=Ledger(writer, watch.looks, articles, watch.schedule, LINGER_S),
            looks=watch.looks,
            articles=articles,
            snapshots=Snapshots(folder),
            fetcher=self.site,  # type: ignore[arg-type]
            pool=self.site,  # type: ignore[arg-type]
            links=LinkLessons(watch.store, lambda write: None),
            furniture=KnownFurniture(lambda: self.site.clock()),
            lessons=self,  # type: ignore[arg-type]
            changed=lambda: None,
            waiting=asyncio.Semaphore(8),
            stopping=asyncio.Event(),
        )

    def of(self, source_id: int, host: str) -> tuple[tuple[()], bool]:
        """No layout is ever known here; what is read is noted."""
        return (), False

    def take(self, source_id: int, host: str, began: tuple[()], reading: Reading, now: datetime) -> None:
        self.learned.append(reading)

    def lists(self, *links: Link) -> None:
        (claim,) = self.watch.claim()
        self.watch.listed(claim, claim.listings[0], links)
        self.watch.release(claim)

    async def walk(self, articles: Mapping[str, Article | Exception]) -> None:
        """Look at all addresses, as if they were due."""
        self.site.at = {f"https://gazette.example/{name}": said for name, said in articles.items()}
        self.watch.now = self.site.clock()

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


def part(number: int, next_page: str = "", words: str = "nobody complained") -> Article:
    """A page of a text on several; what it says is its own."""
    whole = report(f"part {number}", words)
    return replace(whole, title="Title of ships", next_page=f"https://gazette.example/{next_page}" if next_page else "")


def texts(walker: Walker) -> list[str]:
    """The revisions of the one article, oldest first."""
    return [row.body for row in walker.watch.rows(sa.select(revision.c.body).order_by(revision.c.number))]


def classes(walker: Walker) -> list[str]:
    return [row.cls for row in walker.watch.rows(sa.select(change.c.cls).order_by(change.c.id))]


async def test_the_pages_of_a_text_are_one_article(walker: Walker) -> None:
    """And an edit on any of them is one of the article."""
    walker.lists(link("one"))
    pages = {"one": part(1, "one/2"), "one/2": part(2, "one/3"), "one/3": part(3)}
    await walker.walk(pages)
    await walker.walk(pages)
    (body,) = texts(walker)
    assert [f"Paragraph 1 of part {number}" in body for number in (1, 2, 3)] == [True] * 3
    await walker.walk(pages | {"one/2": part(2, "one/3", "everybody complained")})
    assert len(texts(walker)) == 2
    assert "everybody complained" in texts(walker)[1]


@pytest.mark.parametrize("held", [1 << 20, 0])
async def test_the_bytes_of_every_page_are_kept(walker: Walker, monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    """Each is named by its revision with its own answer, also where it went to the disk before there was one."""
    monkeypatch.setattr("crawler.served.MOST_HELD", held)
    walker.lists(link("one"), link("two"))
    pages = {"one": part(1, "one/2"), "one/2": part(2, "one/3"), "one/3": part(3), "two": report("two")}
    await walker.walk(pages)
    several, single = walker.watch.rows(sa.select(revision).order_by(sa.func.length(revision.c.capture).desc()))
    served = captures_from(several.capture)
    assert [one.url.removeprefix("https://gazette.example/") for one in served] == ["one", "one/2", "one/3"]
    kept = [walker.rooms.snapshots.read(one.snapshot).decode() for one in served]
    assert kept == [pages[name].body for name in ("one", "one/2", "one/3")]
    assert several.snapshot == served[0].snapshot
    (alone,) = captures_from(single.capture)
    assert walker.rooms.snapshots.read(alone.snapshot).decode() == pages["two"].body
    assert (alone.status, alone.asked) == (200, "https://gazette.example/two")


async def test_what_only_a_listing_tells_has_no_bytes(walker: Walker) -> None:
    walker.lists(link("one", "A title of some length"))
    await walker.walk({"one": LookFault(Outcome.ROBOTS, "robots.txt disallows it")})
    (row,) = walker.watch.rows(sa.select(revision))
    assert article_from(row).listing_only and (row.snapshot, row.capture) == ("", "") and len(row.chain) == 32


async def test_a_page_that_may_come_later_is_waited_for(walker: Walker) -> None:
    """A part of a text never passes for all of it."""
    walker.lists(link("one"))
    await walker.walk({"one": part(1, "one/2"), "one/2": LookFault(Outcome.HTTP_ERROR, "the server answered 500")})
    assert (texts(walker), walker.watch.address("one").fault) == ([], str(Outcome.HTTP_ERROR))


async def test_a_host_that_refuses_a_further_page_is_left_alone(walker: Walker) -> None:
    """For as long as it asks, whatever of it was being read."""
    walker.lists(link("one"), link("two"), link("three"))
    refused = LookFault(Outcome.RATE_LIMITED, "429", timedelta(hours=1))
    await walker.walk({"one": part(1, "one/2"), "one/2": refused, "two": report("two"), "three": report("three")})
    assert walker.watch.host().next_allowed_at > now() + timedelta(minutes=50)


async def test_a_page_that_is_not_there_costs_no_article(walker: Walker) -> None:
    """What there is is kept and says that it goes on; the whole text, once it is there, completes it."""
    walker.lists(link("one"))
    gone = LookFault(Outcome.NOT_FOUND, "the server answered 404 Not Found")
    await walker.walk({"one": part(1, "one/2"), "one/2": gone})
    (row,) = walker.watch.rows(sa.select(revision))
    assert article_from(row).next_page == "https://gazette.example/one/2"
    await walker.walk({"one": part(1, "one/2"), "one/2": part(2)})
    assert classes(walker) == ["", "completed"]


async def test_a_page_that_is_gone_takes_nothing_away(walker: Walker) -> None:
    """The whole text that was read before stays, and the look is one that failed."""
    walker.lists(link("one"))
    await walker.walk({"one": part(1, "one/2"), "one/2": part(2)})
    await walker.walk({"one": part(1, "one/2"), "one/2": LookFault(Outcome.NOT_FOUND, "404")})
    assert len(texts(walker)) == 1
    assert walker.watch.address("one").fault == str(Outcome.NOT_WHOLE)


async def test_a_wall_that_goes_up_is_no_edit(walker: Walker) -> None:
    """Its teaser never replaces the text; a text that opens after its teaser completes it."""
    walker.lists(link("one"), link("two"))
    whole = report("one")
    teaser = replace(whole, body=whole.body.partition("\n\n")[0], teaser=True)
    other = report("two")
    opens = replace(other, body=other.body.partition("\n\n")[0], teaser=True)
    await walker.walk({"one": whole, "two": opens})
    await walker.walk({"one": teaser, "two": other})
    assert classes(walker) == ["", "", "completed"]
    assert walker.watch.address("one").fault == str(Outcome.LOGIN)


async def test_another_way_of_reading_is_no_edit(walker: Walker) -> None:
    """What the layout reads otherwise than the store has it is read in full before it may be one."""
    walker.lists(link("one"))
    whole, short = report("one"), report("one", "nobody complained.")
    await walker.walk({"one": whole})
    walker.site.by_layout = short
    walker.site.anew += 1
    await walker.walk({"one": whole})
    assert classes(walker) == [""]
    assert [one.differs for one in walker.learned] == ["", "", "body"]  # and what they differ in is learned from
    edited = report("one", "everybody complained")
    await walker.walk({"one": edited})
    assert len(texts(walker)) == 2
    assert texts(walker)[1] == edited.body


async def test_looks_again_end_with_their_share_of_the_hosts_time(walker: Walker) -> None:
    """Each takes the host's pause; what is left of them stays due, and what is new is read before them."""
    walker.lists(*(link(str(number)) for number in range(4)))
    first = {str(number): report(str(number)) for number in range(4)}
    await walker.walk(first)
    walker.watch.now = now()
    (claim,) = walker.watch.later(timedelta(minutes=15)).claim()
    walker.watch.listed(claim, claim.listings[0], [link("new")])
    walker.watch.release(claim)
    walker.site.delay = timedelta(seconds=5)
    until = now() - timedelta(seconds=8)
    walker.watch.store.write(lambda c: c.execute(sa.update(host).values(again_until=until)))
    await walker.walk(first | {"new": report("new")})
    looks = {row.url.rpartition("/")[2]: row.looks for row in walker.watch.rows(sa.select(address))}
    assert looks == {"0": 2, "1": 2, "2": 1, "3": 1, "new": 1}
    assert walker.watch.host().again_until == until + timedelta(seconds=2 * 5 * COSTS)


async def test_a_retraction_in_place_of_a_long_text_is_an_edit(walker: Walker) -> None:
    """The shortest of texts may be the news. Another short text there is a stub as ever."""
    whole = report("ships")
    walker.lists(link("one"))
    await walker.walk({"one": whole})
    await walker.walk({"one": replace(whole, body="Please enable scripts to read this.")})
    assert walker.watch.changes() == [("added", True)]
    await walker.walk({"one": replace(whole, body="Retraction: this report was false and has been withdrawn.")})
    assert walker.watch.changes() == [("added", True), ("edited", False)]
