"""A store under watch, for the tests of what is due and what came of it."""

from __future__ import annotations

import pytest

from storage.store import Store
from tests.storage.watch import Watch


@pytest.fixture
def watch(store: Store) -> Watch:
    """Nothing is watched yet; it is START."""
    return Watch(store)
