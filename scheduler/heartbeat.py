"""The dead man's switch: an address that is called while all is well, so that somebody else notices when it is not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from scheduler.secret import Secret
from scheduler.unanswered import in_words
from storage import heartbeat
from storage.writer import Writer

log = logging.getLogger("dateline.heartbeat")

LONGEST_S = 10.0
MOST_OF_AN_ANSWER = 4096  # bytes


class Heartbeat:
    """One beat after the other; what is wrong is logged when it begins and when it ends, not at each beat."""

    def __init__(self, writer: Writer, clock: Callable[[], datetime]) -> None:
        self._writer, self._clock, self._said = writer, clock, ""

    async def beat(self, url: Secret, wrong: Sequence[str]) -> None:
        """Call the address, unless something is wrong or the store cannot be written to; note what came of it."""
        faults = [*wrong, *await self._not_writable()]
        if faults:
            reason = f"not called: {'; '.join(faults)}"
        elif reason := await call(url):
            reason = f"the address does not answer: {reason}"
        if reason and reason != self._said:
            log.warning("heartbeat %s", reason)
        elif self._said and not reason:
            log.info("heartbeat well again")
        self._said = reason
        try:
            await self._writer.do(lambda c: heartbeat.end(c, reason, self._clock()))
        except Exception as fault:  # a full disk: there is nothing to note it with
            log.error("heartbeat cannot be noted error=%s", type(fault).__name__)

    async def _not_writable(self) -> list[str]:
        try:
            await self._writer.do(lambda c: heartbeat.begin(c, self._clock()))
        except Exception as fault:
            return [f"the store cannot be written to ({type(fault).__name__})"]
        return []


async def call(url: Secret) -> str:
    """GET the address, without following where it leads; answers "" where it took it, or why not, without its path."""
    host = urlsplit(url.reveal()).hostname or ""
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=LONGEST_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            ) as session,
            session.get(url.reveal(), headers={"user-agent": "Dateline"}, allow_redirects=False) as answer,
        ):
            await answer.content.read(MOST_OF_AN_ANSWER)
            return "" if 200 <= answer.status < 300 else f"{host} answered {answer.status}"
    except TimeoutError:
        return f"{host} did not answer within {LONGEST_S:g} s"
    except (aiohttp.ClientError, OSError, ValueError) as fault:  # whose words may hold all of the address
        return in_words(fault, host)
