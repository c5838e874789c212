"""Sixteen shapes of failure, each at a source of 200 stored articles: no removal, no edit, no new article, no alert.

The answers are made up, the checks of an answer, the reader, the walk and the store are the real ones.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from crawler.fault import LookFault
from crawler.fetch import Fetched
from crawler.ledger import Ledger
from crawler.lessons import Lessons
from crawler.link_lessons import LinkLessons
from crawler.walk import MOST_WAITING_PAGES, Rooms, Walk, now
from crawler.whole import check_kind, check_status, check_transfer, unpack
from scheduler.demo.texts import made_up
from storage.articles import Articles
from storage.furniture import KnownFurniture
from storage.gone import round_of
from storage.model.looking import Outcome, Validators
from storage.schema.articles import address, article, mass, revision
from storage.schema.articles import change as change_table
from storage.schema.looking import host
from storage.schema.telling import notice
from storage.snapshots import Snapshots
from storage.store import Connection, Store
from storage.writer import Writer
from tests.storage.watch import DAY, GAZETTE, LINGER_S, Watch, link

ARTICLES = 200
NAMES = [f"{number}.html" for number in range(ARTICLES)]
TELLING = (revision, change_table, article, mass, notice)


class Answer(NamedTuple):
    status: int = 200
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    packed: str = ""
    flags: tuple[str, ...] = ()
    at: str = ""  # where a redirect led to


def page(number: int) -> bytes:
    text = made_up(number)
    paragraphs = "".join(f"<p>{one}</p>" for one in text.paragraphs)
    menu = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("world", "town", "sport", "weather"))
    return (
        f"<html><head><title>{text.title} - Gazette</title></head><body><header><ul>{menu}</ul></header>"
        f"<main><article><h1>{text.title}</h1><div class=text>{paragraphs}</div></article></main>"
        "<footer><p>The Gazette, all rights reserved.</p></footer></body></html>"
    ).encode()


def redesigned(number: int) -> bytes:
    """The same text in other clothes."""
    text = made_up(number)
    paragraphs = "".join(f"<p class='p-{place}'><span>{one}</span></p>" for place, one in enumerate(text.paragraphs))
    return (
        f"<!doctype html><html><head><title>{text.title} | The New Gazette</title></head><body><div id=app>"
        f"<div class=top><a href='/'>Gazette</a> <a href='/subscribe'>Subscribe</a></div>"
        f"<section class=story><h1 class=headline>{text.title}</h1><div class=share>Share</div>"
        f"<div class='story-body'>{paragraphs}</div></section>"
        "<aside><h3>Read also</h3><a href='/1.html'>Another story of the town</a></aside></div></body></html>"
    ).encode()


def words(title: str, *lines: str, form: str = "") -> bytes:
    said = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{said}{form}</body></html>".encode()


ROW = "<div><h2><a href='/{}'>{}</a></h2><p>{}</p></div>"
HOME = words("Gazette") + b"".join(
    ROW.format(name, made_up(number).title, made_up(number).paragraphs[0][:90]).encode()
    for number, name in enumerate(NAMES[:20])
)
LONG = "The lamp of this house is lit when somebody who has hands touches it, and only then do its doors open. " * 3
PASSWORD = "<form><input name=user><input type=password name=password></form>"
Shape = Callable[[int], Answer]
SHAPES: dict[str, Shape] = {
    "500": lambda number: Answer(500, words("Internal Server Error")),
    "503 for maintenance": lambda number: Answer(503, words("We will be back soon")),
    "403 of a firewall": lambda number: Answer(403, words("403 Forbidden")),
    "timeout": lambda number: Answer(0),
    "connection reset in the middle": lambda number: Answer(200, page(number)[:900], flags=("dataloss",)),
    "cut gzip": lambda number: Answer(200, gzip.compress(page(number))[:-20], packed="gzip"),
    "empty body": lambda number: Answer(200, b" \n"),
    "captcha with 200": lambda number: Answer(200, words("Just a moment...", f"Ray ID: {number}abc")),
    "login with 200": lambda number: Answer(200, words("Log in", "Members read on.", form=PASSWORD)),
    "consent with 200": lambda number: Answer(
        200, words("We value your privacy", "We and our 812 partners store information on your device.")
    ),
    "company filter with 200": lambda number: Answer(
        200, words("Web Page Blocked!", f"Category: News. Ticket {number}. Ask your administrator.")
    ),
    "a wall in words of its own": lambda number: Answer(
        200, words("Show us that you have hands", f"Visitor {number}, touch the lamp. {LONG}")
    ),
    "a page for all in few words": lambda number: Answer(200, words("Closed for stocktaking", "Come back on Monday.")),
    "home page with 200": lambda number: Answer(200, HOME),
    "stub with 200": lambda number: Answer(200, words(made_up(number).title, "Please enable JavaScript to read on.")),
    "redesign": lambda number: Answer(200, redesigned(number)),
}  # fmt: skip


class Wire:
    """What the server answers: the page of each article, or the shape that is set."""

    def __init__(self) -> None:
        self.shape: Shape = lambda number: Answer(200, page(number))
        self.robots = SimpleNamespace(load=lambda files: None)
        self._asked = count()

    def delay_of(self, host: str) -> timedelta:
        return timedelta(0)

    async def fetch(self, url: str, *, validators: Validators, delay: timedelta) -> Fetched:
        answer = self.shape(int(url.rpartition("/")[2].removesuffix(".html")))
        if not answer.status:
            raise LookFault(Outcome.UNREACHABLE, "no answer within 1 s")
        check_status(answer.status)
        body = unpack(answer.body, answer.packed, 1 << 20)
        check_transfer(list(answer.flags), body)
        check_kind(answer.kind, body)
        body += f"<!-- {next(self._asked)} -->".encode()  # no two answers are the same bytes
        digest = blake2b(body).digest()
        at = answer.at or url
        return Fetched(at, 200, body, answer.kind, "", "", now(), digest, False, at != url)

    async def run(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """In place of the extraction process."""
        return function(*args, **options)


class Site:
    def __init__(self, watch: Watch, writer: Writer, folder: Path) -> None:
        self.watch, self.wire = watch, Wire()
        articles = Articles(round_of(DAY))
        self._rooms = Rooms(
            store=watch.store,
            writer=writer,
            ledger=Ledger(writer, watch.looks, articles, watch.schedule, LINGER_S),
            looks=watch.looks,
            articles=articles,
            snapshots=Snapshots(folder),
            fetcher=self.wire,  # type: ignore[arg-type]
            pool=self.wire,  # type: ignore[arg-type]
            links=LinkLessons(watch.store, lambda write: None),
            furniture=KnownFurniture(now),
            lessons=Lessons(watch.store, lambda write: None),
            changed=lambda: None,
            waiting=asyncio.Semaphore(MOST_WAITING_PAGES),
            stopping=asyncio.Event(),
        )

    async def look_at_all(self) -> None:
        """One look at each article, whatever the schedule says."""

        began = now()

        def due(connection: Connection) -> None:
            connection.execute(sa.update(address).values(next_look_at=began))

        def free(connection: Connection) -> None:
            connection.execute(sa.update(host).values(next_due_at=began, next_allowed_at=began))

        self.watch.store.write(due)
        left, before = ARTICLES, -1
        while left and left != before:
            self.watch.now = now()
            self.watch.store.write(free)
            (claim,) = self.watch.claim()
            await Walk(self._rooms, replace(claim, listings=())).run()
            waiting = sa.select(sa.func.count()).where(address.c.next_look_at <= began)
            before, left = left, self.watch.rows(waiting)[0][0]

    def stored(self) -> dict[str, int]:
        return {table.name: self.watch.rows(sa.select(sa.func.count()).select_from(table))[0][0] for table in TELLING}


@pytest.fixture(params=[ARTICLES])
async def site(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    watch = Watch(store, now())
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(
        claim,
        claim.listings[0],
        [link(name, made_up(number).title) for number, name in enumerate(NAMES[: request.param])],
    )
    watch.release(claim)
    writer = Writer(store)
    yield Site(watch, writer, tmp_path / "snapshots")
    await asyncio.to_thread(writer.close)


@pytest.mark.soak
async def test_four_looks_of_each_shape(site: Site) -> None:
    """As below, as often as a server may fail in a night, in another order."""
    await no_shape_is_news(site, [*SHAPES][::-1], looks=4)


async def test_no_shape_of_failure_is_news(site: Site) -> None:
    """And when the server is well again, the next looks find every article as it was."""
    await no_shape_is_news(site, [*SHAPES], looks=1)


async def no_shape_is_news(site: Site, shapes: list[str], looks: int) -> None:
    await site.look_at_all()
    well, before = site.wire.shape, site.stored()
    assert before["article"] == ARTICLES
    for name in shapes:
        site.wire.shape = SHAPES[name]
        for _ in range(looks):
            await site.look_at_all()
        site.watch.settle()
        assert (name, site.stored()) == (name, before)
    site.wire.shape = well
    await site.look_at_all()
    site.watch.settle()
    assert site.stored() == before
    assert site.watch.rows(sa.select(address.c.id).where(address.c.fault != "")) == []


@pytest.mark.parametrize("site", [30], indirect=True)
async def test_an_hour_of_404_is_no_removal(site: Site) -> None:
    """And neither is one of redirects to the home page, nor of pages that say so themselves: all come back."""
    await site.look_at_all()
    well, before = site.wire.shape, site.stored()
    for gone in (
        Answer(404, words("Not Found")),
        Answer(200, HOME, at="https://gazette.example/"),
        Answer(200, words("Page not found - Gazette", "Try the search.")),
    ):
        site.wire.shape = lambda number, gone=gone: gone  # type: ignore[misc]
        await site.look_at_all()
        site.watch.settle()
        suspected = site.watch.rows(sa.select(address.c.id).where(address.c.gone_since.is_not(None)))
        assert (len(suspected), site.stored()) == (before["article"], before)
        site.wire.shape = well
        await site.look_at_all()
        site.watch.settle()
        assert site.stored() == before
    assert site.watch.rows(sa.select(address.c.id).where(address.c.gone_since.is_not(None))) == []
