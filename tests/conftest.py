"""The world that the tests run in: a newspaper, a postbox and a store, each new for every test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from storage.store import Store, open_store
from tests.hasty import open_hasty

# No test asserts a wall-clock time; where CI is set, hypothesis also draws the same examples every time.
settings.register_profile("dateline", settings(settings.default, deadline=None))
settings.load_profile("dateline")


class Scheduling(LoadScopeScheduling):
    """Tests directly in this folder start processes and wait for them, and those of a file may share a Dateline: a file
    of them goes to one worker. All others go one by one to whoever is free.

    Not by the mark `xdist_group`: pytest-xdist 3.8 writes it into an attribute that pytest 9.2 reads no more.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if is_here(self.config.rootpath / file) else nodeid


def is_here(file: Path) -> bool:
    return file.parent == Path(__file__).parent


@pytest.hookimpl(optionalhook=True)  # also where pytest runs without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits goes first, so that others use the time that it leaves."""
    items.sort(key=lambda item: not is_here(item.path))


@pytest.fixture
async def newspaper() -> AsyncIterator[Newspaper]:
    """A newspaper that has opened on 127.0.0.1 and printed nothing yet."""
    newspaper = Newspaper()
    await newspaper.start()
    yield newspaper
    await newspaper.stop()


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    """An empty postbox that knows a secret and accepts everything."""
    postbox = Postbox(secret="whsec_ZGVtb25zdHJhdGlvbiBzZWNyZXQgb25seQ==")
    await postbox.start()
    yield postbox
    await postbox.stop()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations make it, to be copied: making it takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "d.db"
    open_store(f"sqlite:///{path}", migrate=True).close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    """An empty database of this version, in a file of its own."""
    shutil.copy(empty_database, tmp_path / "d.db")
    store = open_hasty(f"sqlite:///{tmp_path}/d.db")
    yield store
    store.close()
