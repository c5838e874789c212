"""What looks came to and claims that ended, written together: a handful of statements for dozens of them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.articles import Articles
from storage.looks import Looks, Read, Unchanged
from storage.model.looking import Claim, DueAddress, Validators
from storage.schedule import ClaimLost, Release, Schedule, held
from storage.sightings import Saved, Sighting
from storage.store import Connection
from storage.text import one_line
from storage.writer import Writer, WriterClosed

log = logging.getLogger("dateline.worker")

LINGER_S = 0.05
AGAIN_S = 1.0
FULL_UNCHANGED, FULL_READ = 200, 50
ASKED_AGAIN = timedelta(seconds=30)  # one that may be another report than its lead: it is told late meanwhile
AHEAD_AGAIN = timedelta(minutes=10)  # an address that shows what its lead has not shown: its lead goes first

Came = Saved | ClaimLost


@dataclass(frozen=True, slots=True)
class AddressRead:
    """What was read at an address, with all that its save needs."""

    claim: Claim
    due: DueAddress
    sighting: Sighting
    validators: Validators
    at: datetime


class Ledger:
    """Gathers for `linger_s`, or until there is enough for a transaction, then writes.

    Looks of a claim are written before its release: the other way round, the next holder could ask the host too soon.
    """

    def __init__(
        self, writer: Writer, looks: Looks, articles: Articles, schedule: Schedule, linger_s: float = LINGER_S
    ) -> None:
        self._writer, self._looks, self._articles, self._schedule = writer, looks, articles, schedule
        self._linger_s = linger_s
        self._unchanged: list[Unchanged] = []
        self._readings: list[tuple[AddressRead, asyncio.Future[Came]]] = []
        self._ended: list[Release] = []
        self._full = asyncio.Event()
        self._written: asyncio.Task[None] | None = None

    def unchanged(self, look: Unchanged) -> None:
        """A look that found nothing new; written some time soon, and before its claim's release."""
        self._unchanged.append(look)
        self._soon()

    async def read(self, reading: AddressRead) -> Saved:
        """Wait until it is saved. Raises ClaimLost where the host is another worker's by now."""
        waiting: asyncio.Future[Came] = asyncio.get_running_loop().create_future()
        self._readings.append((reading, waiting))
        self._soon()
        came = await waiting
        if isinstance(came, ClaimLost):
            raise came
        return came

    async def release(self, ended: Release) -> None:
        """Wait until the claim is given back."""
        self._ended.append(ended)
        await asyncio.shield(self._soon())

    def _soon(self) -> asyncio.Task[None]:
        if len(self._unchanged) >= FULL_UNCHANGED or len(self._readings) >= FULL_READ:
            self._full.set()
        if self._written is None:
            self._written = asyncio.create_task(self._write())
        return self._written

    async def _write(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._full.wait(), self._linger_s)
        looks, self._unchanged = self._unchanged, []
        readings, self._readings = self._readings, []
        ended, self._ended = self._ended, []
        self._full.clear()
        self._written = None
        # Started in this order, so that no later release overtakes these looks on their way to the writer.
        await asyncio.gather(self._book(looks, ended), self._save(readings))

    async def _book(self, looks: list[Unchanged], ended: list[Release]) -> None:
        """Write until it is written: a full disk must not keep a host claimed for ever."""

        def write(connection: Connection) -> None:
            if looks:
                self._looks.unchanged(connection, looks)
            self._looks.drop_overtaken(connection, ended)
            self._schedule.release(connection, ended)

        while looks or ended:
            try:
                return await self._writer.do(write)
            except WriterClosed:
                raise
            except Exception as reason:
                log.error("cannot write looks=%d releases=%d reason=%s", len(looks), len(ended), one_line(str(reason)))
                await asyncio.sleep(AGAIN_S)
        return None

    async def _save(self, readings: list[tuple[AddressRead, asyncio.Future[Came]]]) -> None:
        """Save them, if any, together; where that fails one by one, so that one bad reading costs itself alone."""
        if not readings:
            return
        try:
            came = await self._writer.do(lambda connection: self._take([one for one, _ in readings], connection))
        except Exception as reason:
            if len(readings) == 1:
                _tell(readings[0][1], reason)
                return
            for one in readings:
                await self._save([one])
            return
        for (_, waiting), saved in zip(readings, came, strict=True):
            _tell(waiting, saved)

    def _take(self, readings: list[AddressRead], connection: Connection) -> list[Came]:
        kept = held(connection, [one.claim for one in readings])
        mine = [one for one in readings if (one.claim.host, one.claim.epoch) in kept]
        if not mine:
            return [ClaimLost(one.claim.host) for one in readings]
        saved = self._articles.save_all(connection, [one.sighting for one in mine], max(one.at for one in mine))
        came = {one.due.id: result for one, result in zip(mine, saved, strict=True)}
        done = [one for one in mine if not came[one.due.id].redo and not came[one.due.id].doubt]
        for one in mine:
            if (said := came[one.due.id]).doubt:
                self._looks.failed(
                    connection,
                    one.claim,
                    one.due,
                    outcome=said.outcome,
                    message=said.doubt,
                    retry_after=None,
                    now=one.at,
                    look_by=said.look_by,
                )
        if done:
            self._looks.addresses_read(
                connection,
                [
                    Read(
                        one.due,
                        came[one.due.id].outcome,
                        one.validators,
                        one.at,
                        _again_in(came[one.due.id], one.at),
                    )
                    for one in done
                ],
            )
        return [came.get(one.due.id) or ClaimLost(one.claim.host) for one in readings]


def _again_in(saved: Saved, at: datetime) -> timedelta | None:
    """Later and later while nothing is decided: a lead that is gone for good would have us look for ever."""
    if saved.ahead_since is None:
        return None
    return max(ASKED_AGAIN if saved.is_asked_for else AHEAD_AGAIN, at - saved.ahead_since)


def _tell(waiting: asyncio.Future[Came], came: Came | Exception) -> None:
    if waiting.done():  # the walk was cancelled meanwhile
        return
    if isinstance(came, Exception) and not isinstance(came, ClaimLost):
        waiting.set_exception(came)
    else:
        waiting.set_result(came)
