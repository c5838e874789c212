"""The page over HTTP and a config beside a store, for the tests of what pages and commands show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from scheduler.web.app import make_app
from scheduler.web.feeds import Feeds
from storage.archive import Archive
from storage.fates import Fates
from storage.store import Store
from tests.press import Press
from tests.reading_room import NOW, Page, rulebook, served


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
