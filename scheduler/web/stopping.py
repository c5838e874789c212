"""The page behind "stop this rule": a signed link, no login. A GET changes nothing: mail scanners follow links."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from scheduler.links import SigningKey
from storage import stopped, summaries
from storage.store import Connection, Store
from storage.writer import Writer

log = logging.getLogger("dateline.web")

LONGEST_FORM = 4096  # bytes
ONE_CLICK = b"One-Click"  # RFC 8058: "List-Unsubscribe=One-Click", urlencoded or as multipart


@dataclass(frozen=True, slots=True)
class Stopping:
    """What the page needs: who signed its links, where it reads and writes, and the channels that each rule has."""

    key: SigningKey
    store: Store
    writer: Writer
    channels_of: Callable[[], Mapping[str, tuple[str, ...]]]
    clock: Callable[[], datetime]

    async def shown(self, request: Request) -> dict[str, Any]:
        """What a GET shows. Raises HTTPException 403 for a link that is not ours."""
        rule, channel = await self._asked(request)
        return await run_in_threadpool(self._state, rule, channel)

    async def done(self, request: Request) -> dict[str, Any]:
        """What a POST did: the token in the address is all the right that it needs, there are no cookies to abuse.
        Raises HTTPException 403 for a link that is not ours, 400 where it is not said what to do, 413."""
        rule, channel = await self._asked(request)
        form = await _form(request)
        acts = parse_qs(form.decode("ascii", "replace")).get("act", [])
        change: Callable[[Connection], object]
        if acts == ["start"]:
            change = partial(stopped.start, rule=rule, channel=channel)
        elif acts == ["stop"] or ONE_CLICK in form:
            change = partial(_stop, rule=rule, channel=channel, now=self.clock())
        else:
            raise HTTPException(400)
        await self.writer.do(change)
        log.info("%s rule=%s channel=%s", "started" if acts == ["start"] else "stopped", rule, channel)
        return await run_in_threadpool(self._state, rule, channel)

    async def listed(self) -> list[tuple[stopped.Stopped, str]]:
        """What is stopped, each with the token of its page."""
        return await run_in_threadpool(self._listed)

    async def tokens(self, ways: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """By rule and channel the token of the page that stops it there, or starts it again. Where the key fails there
        is none, and the log says so: the pages that lead there are shown all the same."""
        try:
            return await run_in_threadpool(lambda: {one: self.key.token(*one) for one in ways})
        except OSError as reason:
            log.error("no link to stop a rule reason=%s", reason)
            return {}

    async def _asked(self, request: Request) -> tuple[str, str]:
        token = request.query_params.get("token", "")
        try:
            opened = await run_in_threadpool(self.key.opened, token)
        except OSError as reason:
            log.error("no link can be checked reason=%s", reason)
            raise HTTPException(500) from None
        if opened is None:
            raise HTTPException(403)
        return opened

    def _state(self, rule: str, channel: str) -> dict[str, Any]:
        with self.store.reader() as connection:
            at = stopped.since(connection).get((rule, channel))
        is_told = channel in self.channels_of().get(rule, ())
        return {
            "rule": rule,
            "channel": channel,
            "stopped_at": at,
            "is_told": is_told,
            "token": self.key.token(rule, channel),
        }

    def _listed(self) -> list[tuple[stopped.Stopped, str]]:
        with self.store.reader() as connection:
            return [(one, self.key.token(one.rule, one.channel)) for one in stopped.listed(connection)]


def _stop(connection: Connection, rule: str, channel: str, now: datetime) -> None:
    stopped.stop(connection, rule, channel, now)
    summaries.leave_out(connection, rule, channel, stopped.in_words(now), now)


async def _form(request: Request) -> bytes:
    form = b""
    async for part in request.stream():
        form += part
        if len(form) > LONGEST_FORM:
            raise HTTPException(413)
    return form
