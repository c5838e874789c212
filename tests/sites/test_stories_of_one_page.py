"""Many stories in one page, all the way: listed, fetched without their fragments, read and stored apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urldefrag

import sqlalchemy as sa

from crawler.fetch import Fetched
from crawler.ledger import Ledger
from crawler.lessons import Lessons
from crawler.link_lessons import LinkLessons
from crawler.walk import Rooms, Walk, now
from storage.furniture import KnownFurniture
from storage.model.looking import SourceConfig, Validators
from storage.schema.articles import address, revision
from storage.snapshots import Snapshots
from storage.store import Store
from storage.writer import Writer
from tests.storage.watch import Watch

DAY = "http://www.kcna.co.jp/item/2004/200410/news10/27.htm"
PAGE = Path(__file__).parent / "kcna_co_jp" / "many_stories_listing.html"


class OnePage:
    """A site of one page, and a pool that reads in this process. As the real fetcher, it asks for no fragment."""

    robots = SimpleNamespace(load=lambda files: None)

    def __init__(self) -> None:
        self.asked = 0

    def delay_of(self, host: str) -> timedelta:
        return timedelta(0)

    async def fetch(self, url: str, *, validators: Validators, delay: timedelta) -> Fetched:
        self.asked += 1
        body = PAGE.read_bytes()
        digest = blake2b(body, digest_size=32).digest()
        return Fetched(
            urldefrag(url).url, 200, body, "text/html", "", "", now(), digest, digest == validators.body_hash, False
        )

    async def run(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return function(*args, **options)


async def test_each_story_of_a_page_is_an_article_of_its_own(store: Store, tmp_path: Path) -> None:
    """Two stories under one page's address become two articles with a headline and a text each, fetched together."""
    watch, writer, site = Watch(store, now()), Writer(store), OnePage()
    watch.config(SourceConfig("archive", DAY))
    rooms = Rooms(
        store=store,
        writer=writer,
        ledger=Ledger(writer, watch.looks, watch.articles, watch.schedule),
        looks=watch.looks,
        articles=watch.articles,
        snapshots=Snapshots(tmp_path),
        fetcher=site,  # type: ignore[arg-type]
        pool=site,  # type: ignore[arg-type]
        links=LinkLessons(store, lambda write: None),
        furniture=KnownFurniture(now),
        lessons=Lessons(store, lambda write: None),
        changed=lambda: None,
        waiting=asyncio.Semaphore(8),
        stopping=asyncio.Event(),
    )
    for _ in range(2):  # the listing, then what it named
        watch.now = now()
        (claim,) = watch.claim()
        await Walk(rooms, claim).run()
    await asyncio.to_thread(writer.close)
    with store.reader() as connection:
        urls = connection.execute(sa.select(address.c.url).order_by(address.c.url)).scalars().all()
        titles = set(connection.execute(sa.select(revision.c.title)).scalars())
    assert site.asked == 2
    assert urls == [f"{DAY}#1", f"{DAY}#2"]
    assert titles == {"Made-up Mill Opens", "Invented Bridge Painted"}
