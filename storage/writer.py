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


class Writer:
    """Runs writes for an event loop, in order, without blocking it.

    Parts that wait at the same time share a transaction: one fsync for up to 50 of them. A part that raises is undone
    alone and its caller gets the error; the others are committed. A result is given out only after the commit.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parts: queue.SimpleQueue[Part | None] = queue.SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def do(self, change: Callable[[sa.Connection], Result]) -> Result:
        """Run `change` on the writing connection and wait for its commit.

        A caller that is cancelled while it waits does not undo its part once that has begun.
        """
        future: Future[Result] = Future()
        self._parts.put((change, future))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Write what still waits, then end the thread."""
        self._parts.put(None)
        self._thread.join()

    def _run(self) -> None:
        while not self._closing and (first := self._parts.get()) is not None:
            self._together(first)

    def _together(self, first: Part) -> None:
        """Commit `first` and what waits behind it."""
        done: list[tuple[Future[Any], Any, BaseException | None]] = []
        until = monotonic() + LONGEST_S
        try:
            with self._store.writer() as connection:
                part: Part | None = first
                while part is not None:
                    change, future = part
                    # Without this a cancelled future would raise in set_result below, and end the thread.
                    if future.set_running_or_notify_cancel():
                        done.append((future, *_tried(connection, change)))
                    part = self._next() if len(done) < MOST_TOGETHER and monotonic() < until else None
        except Exception as reason:  # the transaction as a whole: disk full, database locked
            for future, _, _ in done:
                future.set_exception(reason)
            return
        for future, result, error in done:
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
            self._closing = True
        return part


def _tried(connection: sa.Connection, change: Callable[[sa.Connection], Any]) -> tuple[Any, BaseException | None]:
    savepoint = connection.begin_nested()
    try:
        result = change(connection)
    except Exception as reason:
        savepoint.rollback()
        return None, reason
    savepoint.commit()
    return result, None
