"""Stores that do not wait for the disk."""

from __future__ import annotations

import sqlalchemy as sa

from storage.store import Store, open_store


def open_hasty(url: str | sa.URL) -> Store:
    """As `open_store`, for a database that is there: nobody cuts the power of a test, and to wait for the disk at each
    commit takes longer than all the rest. What a process that was killed had committed, another one finds all the same.
    """
    store = open_store(url)
    sa.event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return store
