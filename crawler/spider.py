"""The long-lived spider: claims in, looks and articles out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from scrapy import Spider

from crawler.walk import Rooms, Walk, now
from storage.model.looking import Claim
from storage.schedule import Schedule
from storage.store import has_no_room
from storage.text import one_line

log = logging.getLogger("dateline.worker")

TICK_S = 1.0
EARLY = timedelta(seconds=TICK_S)
AGAIN_S = 5.0  # after the database could not be written to
SOON = timedelta(minutes=1)  # work that a host's politeness holds back for so short is waited for before "nothing due"


class LookSpider(Spider):
    """Claims hosts and walks each of them in a coroutine of its own, `concurrency` at a time.

    It yields no requests: a walk asks the engine itself and has the answer in its hands, which reads from top to
    bottom and costs half the CPU of a request that is yielded and comes back to a callback.
    """

    name = "looks"

    def __init__(
        self,
        rooms: Callable[[Any], Rooms],
        schedule: Schedule,
        worker: str,
        concurrency: int,
        until_idle: bool,
        stir: Callable[[], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._make_rooms, self._schedule, self._worker = rooms, schedule, worker
        self._concurrency, self._until_idle, self._stir = concurrency, until_idle, stir
        self.wake = asyncio.Event()
        self.is_done = False  # Scrapy logs what `start` raises, and ends as if all were well

    async def start(self) -> AsyncIterator[Any]:
        rooms = self._make_rooms(self.crawler)
        free = asyncio.Semaphore(self._concurrency)
        walks: set[asyncio.Task[None]] = set()
        # A listing may lead to any number of hosts that answer slowly or never: they have half of the room, so that
        # they hold up no host that a source looks at.
        strangers: set[asyncio.Task[None]] = set()
        while not rooms.stopping.is_set():
            self.wake.clear()
            # As many claims wait as are walked: many hosts a transaction, and no walk waits for a claim.
            room = 2 * self._concurrency - len(walks)
            claims: list[Claim] | None = []
            if room >= self._concurrency or not walks:
                claims = await self._claim(rooms, room, max(1, self._concurrency // 2) - len(strangers))
                if claims or (claims is not None and not walks):
                    self._stir()  # not where nothing else is due: the walks that are under way may hang
            for claim in claims or ():
                walk = asyncio.create_task(self._walk(rooms, claim, free))
                walks.add(walk)
                walk.add_done_callback(walks.discard)
                if claim.is_stranger:
                    strangers.add(walk)
                    walk.add_done_callback(strangers.discard)
                walk.add_done_callback(lambda _: self.wake.set())
            if self._until_idle and not walks and not self._schedule.has_due(now(), SOON):
                break
            await self._pause()
        if walks:
            await asyncio.wait(walks)
        self.is_done = True
        return
        yield  # an async generator, as Scrapy wants it, that never yields

    async def _claim(self, rooms: Rooms, most: int, most_strangers: int) -> list[Claim] | None:
        """Take due hosts, maybe none; None where that fails. A full disk is waited for: the next worker would only
        find it full, too."""
        try:
            return await rooms.writer.do(
                partial(
                    self._schedule.claim_due_hosts,
                    worker=self._worker,
                    now=now(),
                    most=most,
                    within=EARLY,
                    most_strangers=most_strangers,
                )
            )
        except Exception as reason:
            if self._until_idle:
                raise
            log.error("cannot claim reason=%s", one_line(str(reason)))
            await self._pause(AGAIN_S)
            return [] if has_no_room(reason) else None

    async def _walk(self, rooms: Rooms, claim: Claim, free: asyncio.Semaphore) -> None:
        # Claimed early and slept here, so that the pause of a host costs neither a tick nor another host's turn.
        # Never for longer than that: a clock that was set back meanwhile would hold it for the difference.
        early_s = (claim.next_allowed_at - now()).total_seconds()
        await asyncio.sleep(min(max(0.0, early_s), EARLY.total_seconds()))
        async with free:
            try:
                await Walk(rooms, claim).run()
            except Exception:
                # The claim is freed by the ledger, or, where even that failed, when this worker ends.
                log.exception("walk ended host=%s", claim.host)

    async def _pause(self, longest_s: float = TICK_S) -> None:
        """Until the daemon or a walk wakes us; a lost wake costs a tick."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), longest_s)
