"""A store under watch, and the desk that tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store
from tests.storage.desk import Desk
from tests.storage.sighted import Archive, make_empty, opened
from tests.storage.watch import Watch


@pytest.fixture
def watch(store: Store) -> Watch:
    """Nothing is watched yet; it is START."""
    return Watch(store)


@pytest.fixture
def desk(watch: Watch) -> Desk:
    """A desk with the rule RULE and the channels mail and hook, and nothing to tell yet."""
    desk = Desk(watch)
    desk.config()
    return desk


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_empty(tmp_path_factory.mktemp("store"))


@pytest.fixture
def archive(empty: Path, tmp_path: Path) -> Iterator[Archive]:
    """Nothing was seen yet; it is START."""
    with opened(empty, tmp_path / "d.db") as archive:
        yield archive
