"""Snapshots of an agency's site, one after the other through the real reader, walk and store: every edit that a person
classed is found as one edit of one article, nothing else is, and a new layout of all pages is no news."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
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
from crawler.walk import MOST_WAITING_PAGES, Rooms, Walk, now
from storage.articles import Articles
from storage.furniture import KnownFurniture
from storage.gone import round_of
from storage.model.looking import Validators
from storage.schema.articles import address, article, change, revision
from storage.schema.looking import host, listing
from storage.schema.telling import notice
from storage.snapshots import Snapshots
from storage.store import Connection, Store
from storage.writer import Writer
from tests import agency_archive as agency
from tests.agency_archive import EDITS, LATER_EDITS, Edit
from tests.storage.watch import DAY, GAZETTE, HOUR, LINGER_S, Watch


class Replay:
    """The site as it stood at a snapshot, in place of fetcher and extraction process."""

    def __init__(self, watch: Watch, writer: Writer, folder: Path) -> None:
        self.watch, self.site = watch, agency.Site()
        self.robots = SimpleNamespace(load=lambda files: None)
        self.seen = 0  # id of the last change
        articles = Articles(round_of(DAY))
        self._rooms = Rooms(
            store=watch.store,
            writer=writer,
            ledger=Ledger(writer, watch.looks, articles, watch.schedule, LINGER_S),
            looks=watch.looks,
            articles=articles,
            snapshots=Snapshots(folder),
            fetcher=self,  # type: ignore[arg-type]
            pool=self,  # type: ignore[arg-type]
            links=LinkLessons(watch.store, lambda write: None),
            furniture=KnownFurniture(now),
            lessons=Lessons(watch.store, lambda write: None),
            changed=lambda: None,
            waiting=asyncio.Semaphore(MOST_WAITING_PAGES),
            stopping=asyncio.Event(),
        )

    def delay_of(self, host: str) -> Any:
        return 0 * HOUR

    async def fetch(self, url: str, *, validators: Validators, delay: Any) -> Fetched:
        body = self.site.page(url)
        digest = blake2b(body).digest()
        return Fetched(url, 200, body, "text/html; charset=utf-8", "", "", now(), digest, False, False)

    async def run(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return function(*args, **options)

    async def snapshot(self) -> list[tuple[str, str, bool, str]]:
        """Look once at the listing and at all that is known. Answers the changes since the last one: kind, class,
        whether it is history, and the headline now; after the daemon settled what it holds."""
        self.site.view += 1
        began = now()

        def due(connection: Connection) -> None:
            connection.execute(sa.update(listing).values(next_look_at=began))
            connection.execute(sa.update(address).values(next_look_at=began))

        def free(connection: Connection) -> None:
            connection.execute(sa.update(host).values(next_due_at=began, next_allowed_at=began, again_until=None))

        self.watch.store.write(due)
        for _ in range(60):
            self.watch.now = now()
            self.watch.store.write(free)
            claims = self.watch.claim()
            for claim in claims:
                await Walk(self._rooms, claim).run()
                self.watch.release(claim)
            if not any(claim.listings or claim.addresses for claim in claims):
                break
        else:
            raise AssertionError("the looks do not end")
        self.watch.later(HOUR).settle()
        rows = self.watch.rows(
            sa.select(change.c.id, change.c.kind, change.c.cls, change.c.history, revision.c.title)
            .join(article, article.c.id == change.c.article_id)
            .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
            .where(change.c.id > self.seen)
            .order_by(change.c.id)
        )
        self.seen = max((row.id for row in rows), default=self.seen)
        return [(row.kind, row.cls, row.history, row.title) for row in rows]

    def number(self, table: sa.Table) -> int:
        return int(self.watch.rows(sa.select(sa.func.count()).select_from(table))[0][0])

    def expected(self, edits: tuple[Edit, ...]) -> list[tuple[str, str, bool, str]]:
        told = [one for one in edits if one.cls]
        return sorted(("edited", one.cls, False, self.site.reports[one.of].title) for one in told)


@pytest.fixture
async def replay(store: Store, tmp_path: Path) -> AsyncIterator[Replay]:
    watch = Watch(store, now())
    watch.config(GAZETTE)
    writer = Writer(store)
    yield Replay(watch, writer, tmp_path / "snapshots")
    await asyncio.to_thread(writer.close)


async def test_each_edit_is_one_edit_and_nothing_else_is(replay: Replay) -> None:
    """The first snapshot is history; each article is one, under two to four addresses in two layouts."""
    first = await replay.snapshot()
    assert {one[:3] for one in first} == {("added", "", True)}
    assert (len(first), replay.number(article)) == (agency.ARTICLES, agency.ARTICLES)
    assert replay.number(address) == len(replay.site.listed)
    assert await replay.snapshot() == [], "counters and the date of the visit"

    replay.site.edit(*EDITS)
    assert sorted(await replay.snapshot()) == replay.expected(EDITS)
    assert await replay.snapshot() == []

    replay.site.publish(agency.ARTICLES)
    assert [one[:3] for one in await replay.snapshot()] == [("added", "", False)]

    # A layout break: all pages have another frame, and other counters.
    replay.site.is_new = True
    assert await replay.snapshot() == []
    assert await replay.snapshot() == []
    assert (replay.number(notice), replay.number(article)) == (0, agency.ARTICLES + 1)

    replay.site.edit(*LATER_EDITS)
    assert sorted(await replay.snapshot()) == replay.expected(LATER_EDITS)
    assert await replay.snapshot() == []
    assert replay.number(notice) == 0


@pytest.mark.parametrize("one", [one for one in EDITS if one.cls], ids=lambda one: f"{one.cls} of {one.of}")
async def test_an_edit_in_the_very_snapshot_of_a_new_layout_is_found(replay: Replay, one: Edit) -> None:
    """A site is laid out anew in a night in which somebody edits an article as well."""
    replay.site.reports = {number: replay.site.reports[number] for number in {*range(6), one.of}}
    await replay.snapshot()
    replay.site.is_new = True
    replay.site.edit(one)
    assert await replay.snapshot() == replay.expected((one,))
