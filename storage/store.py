"""`open_store(url)`: one engine for reading, one connection for writing, and the nouns that live on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

Result = TypeVar("Result")
Connection = sa.Connection  # the one name of SQLAlchemy's that the other floors need, to annotate what they pass on
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S = 10


class WrongSchema(Exception):
    """The database has another schema than this version of Dateline. Start the daemon once: it migrates."""


class Store:
    """What was seen, what changed, who has been told.

    Sync by design: callers in an event loop go through `storage.writer.Writer` to write, and read in a thread or in
    place where a read is short. Frozen dataclasses leave it, never rows.
    """

    def __init__(self, url: str | sa.URL) -> None:
        self.url = sa.make_url(url)
        self.engine = _engine(self.url, writes=True)
        self._reading = _engine(self.url, writes=False)

    @contextmanager
    def reader(self) -> Iterator[sa.Connection]:
        """A short read: one consistent view, cannot write."""
        with self._reading.connect() as connection:
            yield connection

    @contextmanager
    def writer(self) -> Iterator[sa.Connection]:
        """One short transaction, begun IMMEDIATE: never held over an await, a fetch, a diff or a parse."""
        with self.engine.begin() as connection:
            yield connection

    def write(self, change: Callable[[sa.Connection], Result]) -> Result:
        """Run `change` in a transaction of its own."""
        with self.writer() as connection:
            return change(connection)

    def close(self) -> None:
        self.engine.dispose()
        self._reading.dispose()


def open_store(url: str, *, migrate: bool = False) -> Store:
    """Open the database at `url`; only the daemon (and tests) pass `migrate`, which also creates it.

    Raises WrongSchema where the schema is not this version's, older or newer.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        path = Path(parsed.database or "")
        if migrate:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif not path.exists():
            raise WrongSchema(f"there is no database at {path}: start `dateline run` or `dateline once`, which make it")
    store = Store(parsed)
    try:
        if migrate:
            with store.engine.begin() as connection:
                if (has := _revision(connection)) != _head():
                    # Not above: it loads alembic, which every command and worker would wait for, and few need.
                    from storage.migrating import migrate_from

                    migrate_from(has, connection)
        else:
            with store.reader() as connection:
                has, wants = _revision(connection), _head()
            if has != wants:
                raise WrongSchema(
                    f"the database has schema {has or 'none'}, this version of Dateline wants {wants}: "
                    "start `dateline run` or `dateline once` of the same version, which migrate it"
                )
    except sa.exc.DatabaseError as reason:
        store.close()
        if getattr(reason.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB:
            raise
        raise WrongSchema(f"{parsed.database} is a file of another kind, and no database: name another") from None
    except BaseException:
        store.close()
        raise
    return store


def has_no_room(reason: BaseException) -> bool:
    """Did a statement fail for want of room on the disk, which ends by itself once somebody makes some?"""
    said = reason.orig if isinstance(reason, sa.exc.DBAPIError) else None
    return getattr(said, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(said, "sqlstate", "") == "53100"


def _engine(url: sa.URL, *, writes: bool) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        options = {} if writes else {"postgresql_readonly": True}
        return sa.create_engine(url, pool_pre_ping=True, execution_options=options)
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=4 if not writes else 1,
        max_overflow=8 if not writes else 0,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begun` does
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
        if writes:
            cursor.execute("PRAGMA journal_mode = WAL")
            # FULL: what was committed survives a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA foreign_keys = ON")
        else:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        # IMMEDIATE: a transaction that reads first and then writes would fail at once with SQLITE_BUSY_SNAPSHOT.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _head() -> str:
    """The newest migration: the names of their files begin with their revisions, which count up."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    has: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return has
