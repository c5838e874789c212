"""A store under watch, and the desk that tells of it."""

from __future__ import annotations

import pytest

from storage.store import Store
from tests.storage.desk import Desk
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
