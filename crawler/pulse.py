"""Does the worker get on? Its daemon hears a pulse while it does, and none where it hangs although it is alive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from crawler.politeness import LONGEST_CRAWL_DELAY
from crawler.settings import CrawlerSettings

log = logging.getLogger("dateline.worker")

PULSE_S = 5.0
SLACK = timedelta(minutes=10)  # over the longest that one honest step takes: pages that queue, a machine that is busy


class Pulse:
    """When something last came to its end: an answer, a page that was read, a round of claims.

    Of steps and not of looks: a host that wants five minutes before each of ten redirects keeps one look busy for an
    hour, and in each of these steps the worker gets on.
    """

    def __init__(self, settings: CrawlerSettings, clock: Callable[[], float] = monotonic) -> None:
        # No step takes longer than a host's pause and its answer.
        self._longest_s = (max(settings.delay, LONGEST_CRAWL_DELAY) + settings.timeout + SLACK).total_seconds()
        self._clock = clock
        self._stirred_at = clock()

    def stir(self) -> None:
        self._stirred_at = self._clock()

    @property
    def gets_on(self) -> bool:
        return self._clock() - self._stirred_at <= self._longest_s

    async def beat(self, tell: Callable[[], None]) -> None:
        """Call `tell` every few seconds while the worker gets on, until cancelled. A blocked loop calls nothing."""
        stood = False
        while True:
            if self.gets_on:
                tell()
            elif not stood:
                log.error("nothing has come to its end for seconds=%.0f", self._clock() - self._stirred_at)
            stood = not self.gets_on
            await asyncio.sleep(PULSE_S)
