"""A database is made, known, and never opened by a Dateline that does not understand it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st

from storage import outbox
from storage.identity import address_key
from storage.migrating import alembic_config
from storage.rows import article_from
from storage.schema.articles import address, article, revision, revision_snapshot
from storage.schema.columns import Moment
from storage.schema.looking import host, listing
from storage.schema.telling import delivery, metadata
from storage.store import Store, WrongSchema, open_store

NOW = datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/data/d.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url, migrate=True)
    yield store
    store.close()


def host_row(name: str) -> sa.Insert:
    return host.insert().values(name=name, next_allowed_at=NOW)


def names(store: Store) -> list[str]:
    with store.reader() as connection:
        return list(connection.execute(sa.select(host.c.name)).scalars())


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Buy bread, and a lantern for the harbour office.\n" * 100)
    for migrate in (False, True):
        with pytest.raises(WrongSchema, match="another kind"):
            open_store(f"sqlite:///{path}", migrate=migrate)
    assert path.read_text().startswith("Buy bread")


def set_version(store: Store, version: str) -> None:
    with store.writer() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_the_migrations_make_what_schema_says(store: Store) -> None:
    """But for the index of search: a virtual table with tables of its own, which SQLAlchemy has no words for."""

    def is_ours(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "table" or not re.match(r"search(_|$)", str(name))

    with store.reader() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        assert compare_metadata(context, metadata) == []


def test_a_second_opening_needs_no_migration(store: Store, url: str) -> None:
    """Worker and commands open what the daemon has made; migrating again changes nothing."""
    store.write(lambda connection: connection.execute(host_row("one.example")))
    for migrate in (False, True):
        again = open_store(url, migrate=migrate)
        assert names(again) == ["one.example"]
        again.close()


def test_without_leave_to_migrate_nothing_is_made(url: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSchema, match="dateline run"):
        open_store(url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("migrate", [False, True])
def test_a_newer_schema_is_refused(store: Store, url: str, migrate: bool) -> None:
    """Going back would lose what the newer one knows."""
    set_version(store, "9999_future")
    with pytest.raises(WrongSchema, match="9999_future"):
        open_store(url, migrate=migrate)


def test_a_stranger_s_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE recipes (id INTEGER)"))
    engine.dispose()
    with pytest.raises(WrongSchema, match="recipes"):
        open_store(f"sqlite:///{path}", migrate=True)
    with pytest.raises(WrongSchema, match="none"):
        open_store(f"sqlite:///{path}")


def test_a_reader_cannot_write(store: Store) -> None:
    with store.reader() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.execute(host_row("one.example"))


def test_a_reader_sees_one_view(store: Store) -> None:
    """What is written meanwhile does not show in a read that has begun."""
    with store.reader() as connection:
        before = connection.execute(sa.select(host.c.name)).all()
        store.write(lambda writing: writing.execute(host_row("one.example")))
        assert connection.execute(sa.select(host.c.name)).all() == before == []
    assert names(store) == ["one.example"]


def test_a_write_that_raises_is_undone(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writer() as connection:
        connection.execute(host_row("one.example"))
        _ = 1 / 0
    assert names(store) == []


def test_what_is_committed_survives_a_power_cut(store: Store) -> None:
    with store.writer() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8, minutes=30))])))
def test_a_moment_comes_back_to_the_microsecond(moment: datetime) -> None:
    """In UTC, whatever zone it came in; also long before 1970."""
    dialect = sa.create_engine("sqlite://").dialect
    stored = Moment().process_bind_param(moment, dialect)
    back = Moment().process_result_value(stored, dialect)
    assert back == moment and back is not None and back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a zone"), store.writer() as connection:
        connection.execute(host.insert().values(name="x", next_allowed_at=datetime(2026, 1, 1)))


def test_an_older_store_is_taken_along(tmp_path: Path) -> None:
    """Its sources and listings stay, and addresses get the keys that they are looked up by now."""
    url = f"sqlite:///{tmp_path}/old.db"
    store = Store(url)
    with store.writer() as connection:
        command.upgrade(alembic_config(connection), "0001")
        rows = (
            "INSERT INTO host (name, next_allowed_at, delay_s, epoch) VALUES ('a.example', 0, 0, 0)",
            "INSERT INTO source (id, name, url, every_s, enabled, state, state_since)"
            " VALUES (1, 'a', 'https://a.example/', 900, 1, 'ok', 0)",
            "INSERT INTO listing (id, source_id, url, host, history, body_hash, named_at)"
            " VALUES (1, 1, 'https://a.example/', 'a.example', 0, x'', 0)",
        )
        for row in rows:
            connection.exec_driver_sql(row)
        for number, place in enumerate(("1/amp", "1", "2?print=1"), 1):
            connection.exec_driver_sql(
                "INSERT INTO address (id, key, url, source_id, host, history, first_seen_at, body_hash)"
                f" VALUES ({number}, x'0{number}', 'https://a.example/story-{place}', 1, 'a.example', 0, 0, x'')"
            )
    store.close()
    with open_store(url, migrate=True).reader() as connection:
        keys = {row.id: row.key for row in connection.execute(sa.select(address.c.id, address.c.key))}
        (listed,) = connection.execute(sa.select(listing.c.url, listing.c.backfill_id))
    assert listed == ("https://a.example/", None)
    assert keys == {
        1: address_key("https://a.example/story-1"),
        2: b"\x02",
        3: address_key("https://a.example/story-2"),
    }


def test_a_store_from_before_there_was_a_chain_is_taken_along(tmp_path: Path) -> None:
    """Its revisions stay as they are, and the bytes that they name are known to be named."""
    url = f"sqlite:///{tmp_path}/old.db"
    store = Store(url)
    rows = (
        "INSERT INTO host (name, next_allowed_at, delay_s, epoch) VALUES ('a.example', 0, 0, 0)",
        "INSERT INTO source (id, name, url, every_s, enabled, state, state_since)"
        " VALUES (1, 'a', 'https://a.example/', 900, 1, 'ok', 0)",
        "INSERT INTO article (id, guid, source_id, lead_id, first_seen_at, updated_at, history, number)"
        " VALUES (1, 'g', 1, 1, 0, 0, 0, 2)",
        "INSERT INTO address (id, key, url, source_id, article_id, host, history, first_seen_at, body_hash)"
        " VALUES (1, x'01', 'https://a.example/1', 1, 1, 'a.example', 0, 0, x'')",
        *(
            "INSERT INTO revision (id, article_id, number, address_id, seen_at, fingerprint, title, body, html, meta,"
            f" snapshot) VALUES ({number}, 1, {number}, 1, 0, x'0{number}', 't', 'b', '<p>b</p>', '{{}}', '{snapshot}')"
            for number, snapshot in ((1, ""), (2, "ab" * 32))
        ),
    )
    with store.writer() as connection:
        command.upgrade(alembic_config(connection), "0004")
        for row in rows:
            connection.exec_driver_sql(row)
    store.close()
    with open_store(url, migrate=True).reader() as connection:
        kept = [tuple(row) for row in connection.execute(sa.select(revision.c.capture, revision.c.chain))]
        named = [tuple(row) for row in connection.execute(sa.select(revision_snapshot))]
        (first, _) = connection.execute(sa.select(revision, article.c.story_id).join(article)).all()
    assert kept == [("", None), ("", None)]
    assert named == [("ab" * 32, 2)]
    assert article_from(first).html == "<p>b</p>" and first.story_id is None


def test_deliveries_of_an_older_store_have_their_turns(tmp_path: Path) -> None:
    """In each channel by the time of their making: what is opened next comes behind them."""
    url = f"sqlite:///{tmp_path}/old.db"
    store = Store(url)
    with store.writer() as connection:
        command.upgrade(alembic_config(connection), "0008")
        for id, name, at in (("b", "mail", 2), ("a", "mail", 3), ("c", "hook", 1), ("d", "mail", 1)):
            connection.exec_driver_sql(
                "INSERT INTO delivery (id, channel, state, created_at, closes_at)"
                f" VALUES ('{id}', '{name}', 'sent', {at}, 0)"
            )
    store.close()
    store = open_store(url, migrate=True)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    new = store.write(lambda c: outbox.new_delivery(c, "mail", "ships", now, now))
    with store.reader() as connection:
        turns = {row.id: (row.channel, row.turn) for row in connection.execute(sa.select(delivery))}
    store.close()
    assert turns == {"d": ("mail", 1), "b": ("mail", 2), "a": ("mail", 3), "c": ("hook", 1), new: ("mail", 4)}


def test_the_store_is_empty_and_of_this_version(store):
    """Tests begin with tables and nothing in them."""
    with store.reader() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM article").scalar() == 0
