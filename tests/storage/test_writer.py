"""Writes of an event loop: in order, together, each undone alone, and nobody is left without an answer."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import writer as writing
from storage.health import tell
from storage.schema.telling import notice
from storage.store import Connection, Store, open_store
from storage.writer import Writer, WriterClosed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WITHIN_S = 60.0  # instead of for ever


@pytest.fixture
async def writer(store: Store) -> AsyncIterator[Writer]:
    writer = Writer(store)
    yield writer
    await asyncio.to_thread(writer.close)


def say(subject: str) -> Callable[[Connection], str]:
    """A write that leaves a row and answers its subject."""

    def write(connection: Connection) -> str:
        tell(connection, subject, "", NOW)
        return subject

    return write


def refuse(connection: Connection) -> None:
    tell(connection, "refused", "", NOW)
    raise ValueError("this part is broken")


def said(store: Store) -> list[str]:
    with store.reader() as connection:
        return list(connection.execute(sa.select(notice.c.subject).order_by(notice.c.id)).scalars())


class Gate:
    """A write that begins, and ends when it is opened: what is asked for meanwhile waits behind it."""

    def __init__(self) -> None:
        self.begun, self.opened = threading.Event(), threading.Event()

    def __call__(self, connection: Connection) -> None:
        self.begun.set()
        assert self.opened.wait(WITHIN_S)

    async def shut(self, writer: Writer) -> asyncio.Task[None]:
        task = asyncio.create_task(writer.do(self))
        assert await asyncio.to_thread(self.begun.wait, WITHIN_S)
        return task


async def test_a_result_is_given_after_the_commit(store: Store, writer: Writer) -> None:
    """What was answered can be read by everybody."""
    assert await writer.do(say("one")) == "one"
    assert said(store) == ["one"]


async def test_parts_that_wait_share_a_transaction_in_order(store: Store, writer: Writer) -> None:
    """Twenty writes that wait together cost two commits and not twenty."""
    commits: list[object] = []
    sa.event.listen(store.engine, "commit", commits.append)
    gate = Gate()
    first = await gate.shut(writer)
    others = [asyncio.create_task(writer.do(say(str(number)))) for number in range(20)]
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(first, *others)
    assert said(store) == [str(number) for number in range(20)]
    assert len(commits) <= 2


async def test_no_transaction_takes_more_than_its_share(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long queue is written in several transactions, so that other processes get their turn."""
    monkeypatch.setattr(writing, "MOST_TOGETHER", 5)
    commits: list[object] = []
    sa.event.listen(store.engine, "commit", commits.append)
    gate = Gate()
    first = await gate.shut(writer)
    others = [asyncio.create_task(writer.do(say(str(number)))) for number in range(20)]
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(first, *others)
    assert len(commits) >= 4


async def test_a_part_that_raises_leaves_the_others(store: Store, writer: Writer) -> None:
    """It is undone alone, and its caller alone gets the error."""
    gate = Gate()
    first = await gate.shut(writer)
    parts = [asyncio.create_task(writer.do(part)) for part in (say("before"), refuse, say("after"))]
    await asyncio.sleep(0)
    gate.opened.set()
    await first
    before, refused, after = await asyncio.gather(*parts, return_exceptions=True)
    assert (before, after) == ("before", "after")
    assert isinstance(refused, ValueError)
    assert said(store) == ["before", "after"]


async def test_a_caller_that_is_cancelled_while_it_waits_writes_nothing(store: Store, writer: Writer) -> None:
    """Its part has not begun; the parts around it are written, and the thread lives."""
    gate = Gate()
    first = await gate.shut(writer)
    parts = [asyncio.create_task(writer.do(say(name))) for name in ("before", "cancelled", "after")]
    await asyncio.sleep(0)
    parts[1].cancel()
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(first, *parts, return_exceptions=True)
    assert said(store) == ["before", "after"]
    assert await writer.do(say("later")) == "later"


async def test_a_caller_that_is_cancelled_after_its_part_began_undoes_nothing(store: Store, writer: Writer) -> None:
    """What has begun is committed: the writer does not die of an answer that nobody wants."""
    gate = Gate()
    first = await gate.shut(writer)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.opened.set()
    assert await writer.do(say("later")) == "later"


async def test_a_commit_that_fails_is_told_to_every_caller(store: Store, writer: Writer) -> None:
    """A full disk fails the transaction as a whole; when there is room again the writer goes on."""

    def full(connection: Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    gate = Gate()
    first = await gate.shut(writer)
    parts = [asyncio.create_task(writer.do(part)) for part in (say("one"), refuse, say("two"))]
    await asyncio.sleep(0)
    sa.event.listen(store.engine, "commit", full)
    gate.opened.set()
    came_of = await asyncio.wait_for(asyncio.gather(first, *parts, return_exceptions=True), WITHIN_S)
    assert all(isinstance(one, sqlite3.OperationalError) for one in came_of)
    sa.event.remove(store.engine, "commit", full)
    assert said(store) == []
    assert await writer.do(say("later")) == "later"


async def test_a_part_that_takes_the_transaction_with_it_hangs_nobody(store: Store, writer: Writer) -> None:
    """On some errors SQLite undoes the whole transaction by itself, savepoints and all: every caller is told."""

    def lose(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")
        raise ValueError("out of space")

    gate = Gate()
    first = await gate.shut(writer)
    parts = [asyncio.create_task(writer.do(part)) for part in (say("before"), lose)]
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.wait_for(asyncio.gather(first, *parts, return_exceptions=True), WITHIN_S)
    assert isinstance(parts[1].exception(), Exception)
    assert await writer.do(say("later")) == "later"


async def test_a_database_that_stays_locked_is_told_and_not_waited_for_in_vain(tmp_path: Path) -> None:
    """The transaction cannot even begin: the caller gets the reason, and the next write goes through."""
    store = open_store(f"sqlite:///{tmp_path}/d.db", migrate=True)
    sa.event.listen(store.engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout = 20"))
    writer = Writer(store)
    other = sqlite3.connect(tmp_path / "d.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sa.exc.OperationalError, match="locked"):
        await asyncio.wait_for(writer.do(say("one")), WITHIN_S)
    other.execute("ROLLBACK")
    other.close()
    assert await writer.do(say("two")) == "two"
    await asyncio.to_thread(writer.close)
    store.close()


async def test_a_busy_database_is_waited_for(tmp_path: Path, store: Store, writer: Writer) -> None:
    """Another process that writes for a moment costs that moment and no error."""
    other = sqlite3.connect(tmp_path / "d.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(writer.do(say("one")))
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    assert not done
    other.execute("COMMIT")
    other.close()
    assert await asyncio.wait_for(waiting, WITHIN_S) == "one"


async def test_closing_writes_what_waits(store: Store) -> None:
    """What was asked for before the end is written; what is asked for after it is refused, not forgotten."""
    writer = Writer(store)
    gate = Gate()
    first = await gate.shut(writer)
    waiting = [asyncio.create_task(writer.do(say(str(number)))) for number in range(3)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(writer.close))
    gate.opened.set()
    await asyncio.gather(first, closing, *waiting)
    assert said(store) == ["0", "1", "2"]
    with pytest.raises(WriterClosed):
        await asyncio.wait_for(writer.do(say("too late")), WITHIN_S)
