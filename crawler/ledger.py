"""Looks that found nothing new and claims that ended, written together: most of what a monitor ever does."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from storage.looks import Looks, Unchanged
from storage.schedule import Release, Schedule
from storage.store import Connection
from storage.writer import Writer

LINGER_S = 0.05
FULL = 200


class Ledger:
    """Gathers for 50 ms or 200 looks, then writes them in a handful of statements.

    The looks of a claim are written before its release; a kill in between only makes them due again.
    """

    def __init__(self, writer: Writer, looks: Looks, schedule: Schedule) -> None:
        self._writer, self._looks, self._schedule = writer, looks, schedule
        self._unchanged: list[Unchanged] = []
        self._ended: list[Release] = []
        self._full = asyncio.Event()
        self._written: asyncio.Task[None] | None = None

    async def unchanged(self, look: Unchanged) -> None:
        self._unchanged.append(look)
        self._soon()

    async def release(self, ended: Release) -> None:
        """Wait until the claim is given back."""
        self._ended.append(ended)
        await asyncio.shield(self._soon())

    def _soon(self) -> asyncio.Task[None]:
        if len(self._unchanged) >= FULL:
            self._full.set()
        if self._written is None:
            self._written = asyncio.create_task(self._write())
        return self._written

    async def _write(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._full.wait(), LINGER_S)
        looks, self._unchanged = self._unchanged, []
        ended, self._ended = self._ended, []
        self._full.clear()
        self._written = None

        def write(connection: Connection) -> None:
            if looks:
                self._looks.unchanged(connection, looks)
            self._schedule.release(connection, ended)

        await self._writer.do(write)
