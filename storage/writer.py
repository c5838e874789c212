"""The one thread of a process that writes: what waits is committed together, each part on its own savepoint."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Any, TypeVar

import sqlalchemy as sa

from storage.store import Store

Result = TypeVar("Result")
MOST_TOGETHER = 50
LONGEST_S = 0.2  # a transaction takes no further part once it has run so long; other writers wait for it

Part = tuple[Callable[[sa.Connection], Any], "Future[Any]"]


class WriterClosed(Exception):
    """The writer was closed: nothing more is written by this process."""


class Writer:
    """Runs writes for an event loop, in order, without blocking it.

    Parts that wait at the same time share a transaction: one fsync for up to 50 of them. A part that raises is undone
    alone and its caller gets the error; the others are committed. A result is given out only after the commit, and
    every caller gets an answer: where the transaction as a whole fails, its reason.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parts: queue.SimpleQueue[Part | None] = queue.SimpleQueue()
        self._door = threading.Lock()  # nothing is put behind the end of the queue, where nobody would answer it
        self._closed = False
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def do(self, change: Callable[[sa.Connection], Result]) -> Result:
        """Run `change` on the writing connection and wait for its commit.

        A caller that is cancelled while it waits does not undo its part once that has begun. Raises WriterClosed,
        what `change` raises, and sqlalchemy's errors where the database cannot be written to (full, locked for 10 s).
        """
        future: Future[Result] = Future()
        with self._door:
            if self._closed:
                raise WriterClosed
            self._parts.put((change, future))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Write what still waits, then end the thread."""
        with self._door:
            self._closed = True
            self._parts.put(None)
        self._thread.join()

    def _run(self) -> None:
        while not self._ending and (first := self._parts.get()) is not None:
            self._together(first)

    def _together(self, first: Part) -> None:
        """Commit `first` and what waits behind it."""
        part: Part | None = first
        begun: list[Future[Any]] = []
        came_of: list[tuple[Any, BaseException | None]] = []
        until = monotonic() + LONGEST_S
        try:
            with self._store.writer() as connection:
                while part is not None:
                    change, future = part
                    # False for a caller that was cancelled: its future would raise below, and end the thread.
                    if future.set_running_or_notify_cancel():
                        begun.append(future)
                        came_of.append(_tried(connection, change))
                    part = None
                    if len(begun) < MOST_TOGETHER and monotonic() < until:
                        part = self._next()
        except Exception as reason:  # the transaction as a whole: disk full, database locked
            if not begun and not first[1].cancelled() and first[1].set_running_or_notify_cancel():  # it never began
                begun.append(first[1])
            for future in begun:
                future.set_exception(reason)
            return
        for future, (result, error) in zip(begun, came_of, strict=True):
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

    def _next(self) -> Part | None:
        try:
            part = self._parts.get_nowait()
        except queue.Empty:
            return None
        if part is None:
            self._ending = True
        return part


def _tried(connection: sa.Connection, change: Callable[[sa.Connection], Any]) -> tuple[Any, BaseException | None]:
    """What came of one part. Raises where its savepoint is gone: SQLite gave up the whole transaction."""
    savepoint = connection.begin_nested()
    try:
        result = change(connection)
    except Exception as reason:
        savepoint.rollback()
        return None, reason
    savepoint.commit()
    return result, None
