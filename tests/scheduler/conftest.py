"""The page over HTTP, a config beside a store, a daemon's steps, an article's evidence: what several tests need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Postbox
from scheduler.judge import Rules
from scheduler.pipeline import Telling
from scheduler.web.app import make_app
from scheduler.web.feeds import Feeds
from storage.archive import Archive
from storage.evidence import Dossier
from storage.fates import Fates
from storage.model.articles import Article
from storage.snapshots import Snapshots
from storage.store import Store
from storage.writer import Writer
from tests.press import Press
from tests.reading_room import NOW, Page, rulebook, served
from tests.scheduler.clockwork import RETRY, RULES, Clockwork
from tests.scheduler.dossiers import give, look_up
from tests.storage.desk import Desk
from tests.storage.watch import Watch


@pytest.fixture
def press(store: Store) -> Press:
    return Press(store)


@pytest.fixture
async def page(store: Store, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """The page, with the rules of the module's own RULES."""
    archive, made = Archive(store), []

    def make(base_url):
        made.append(Feeds(archive, [], [], base_url, now=lambda: NOW))
        return make_app(
            archive,
            Fates(store),
            made[0],
            lambda: made[1].wrong,
            base_url,
            "127.0.0.1",
            rulebook=rulebook(store, getattr(request.module, "RULES", "")),
            trouble=lambda: made[1].trouble,
            now=lambda: NOW,
        )

    async with served(make) as url, aiohttp.ClientSession(auto_decompress=False) as session:
        made.append(Page(url, session, made[0]))
        yield made[1]


@pytest.fixture
def path(tmp_path: Path, store: Store, request: pytest.FixtureRequest) -> Path:
    """A config.toml of the module's own CONFIG, whose database is the store."""
    path = tmp_path / "config.toml"
    path.write_text(request.module.CONFIG.format(url=store.url), encoding="utf-8")
    return path


@pytest.fixture
async def clockwork(store: Store, postbox: Postbox) -> AsyncIterator[Clockwork]:
    """Two rules that hold for every article, and a webhook that the postbox receives."""
    desk, writer = Desk(Watch(store)), Writer(store)
    desk.config(RULES, ["hook", "spare"])
    hook = Channel.model_validate({"name": "hook", "type": "webhook", "url": postbox.hook_url})
    yield Clockwork(desk, writer, Telling(Rules(RULES), {"hook": hook}, (), RETRY))
    await asyncio.to_thread(writer.close)


@pytest.fixture
def made(store: Store, tmp_path: Path) -> tuple[Dossier, Snapshots]:
    """An article of three revisions: the second was served on two pages, the third is known from its list alone."""
    snapshots = Snapshots(tmp_path / "snapshots")
    press = Press(store)
    guid = press.publish(Article("One", "The first text."))
    press.edit(guid, body="The second text.")
    press.edit(guid, body="The third text.", listing_only=True)
    give(store, guid, snapshots, {1: [b"<p>first</p>"], 2: [b"<p>second</p>", b"<p>its end</p>"], 3: []})
    return look_up(store, guid), snapshots
