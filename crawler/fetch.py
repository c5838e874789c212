"""One page from one host: robots.txt first, one request at a time, every redirect checked, and whole or not at all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from time import monotonic
from typing import Any
from urllib.parse import urldefrag, urlsplit
from weakref import WeakValueDictionary

from scrapy import Request

from crawler.fault import LookFault
from crawler.guard import install_guard
from crawler.politeness import Robots, Rules, retry_after
from crawler.settings import CrawlerSettings
from crawler.whole import ACCEPT_ENCODING, check_kind, check_status, check_transfer, unpack
from crawler.wire import StaleConnection, fault_of
from storage.capture import Headers
from storage.identity import host_of
from storage.model.looking import Outcome, Validators
from storage.text import one_line, public_url

MAX_REDIRECTS = 5
HASH_BYTES = 32
_NOT_KEPT = (b"set-cookie", b"set-cookie2")
_REDIRECTS = (301, 302, 303, 307, 308)
# A validator that is sent back must be what the server sent, so what is odd is dropped and never mended.
_VALIDATOR = re.compile(r"[\x20-\x7e]{1,256}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer. `url` is where it came from in the end, `body` is unpacked and b"" after a 304.

    `not_modified` is true for a 304 and for the same bytes as last time; `body_hash` is the blake2b of the bytes.
    `etag` and `last_modified` are as sent, "" where none can be sent back.
    """

    url: str
    status: int
    body: bytes
    content_type: str
    etag: str
    last_modified: str
    fetched_at: datetime
    body_hash: bytes
    not_modified: bool
    redirected: bool
    link: str = ""  # the Link header (RFC 8288)
    asked: str = ""  # the URL of the first request, before redirects
    # Names and values in the order in which they came, names in their usual case. Without Set-Cookie, and without those
    # of the connection (Transfer-Encoding and the like), which Twisted keeps to itself.
    headers: Headers = ()


class Fetcher:
    """Fetches for one worker, through the engine of its one crawler.

    Whoever asks for pages of a host, they wait for each other; between the end of one answer and the next request lies
    the longer of the floor and Crawl-delay. Made inside the running crawl.
    """

    def __init__(
        self, crawler: Any, settings: CrawlerSettings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine, self._settings, self._clock = crawler.engine, settings, clock
        self._guard = install_guard(settings.allow_addresses)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.robots = Robots(settings.user_agent)
        self.on_answered: Callable[[], None] = lambda: None  # called after each request, whatever came of it

    def delay_of(self, host: str) -> timedelta:
        """The pause that the host is given now: the floor, or what was kept with its latest request."""
        slot = self._engine.downloader.slots.get(host)
        kept = timedelta(seconds=slot.delay) if slot else timedelta(0)
        return max(self._settings.delay, kept)

    async def fetch(self, url: str, *, validators: Validators, delay: timedelta) -> Fetched:
        """Return what is at `url` now, after at most five redirects.

        Raises LookFault for everything but a whole page or a 304, robots.txt that disallows it or cannot be read
        included. Waits for the host's turn first: seconds to minutes. `delay` is what the host was given before: it
        holds for robots.txt, and then what that says.
        """
        asked = urldefrag(public_url(url)).url
        if not asked:
            raise LookFault(Outcome.NOT_ALLOWED, f"no address that we fetch: {url}")
        headers = _conditions(validators)
        at = asked
        for _ in range(MAX_REDIRECTS + 1):
            rules = await self._rules(at, delay)
            if not rules.allow(at):
                raise LookFault(Outcome.ROBOTS, f"robots.txt of {_origin(at)} disallows {at}")
            response = await self._ask(at, headers, rules.crawl_delay)
            if response.status not in _REDIRECTS:
                return self._fetched(response, asked, at, validators)
            at = _next_hop(response, at)
        raise LookFault(Outcome.HTTP_ERROR, f"more than {MAX_REDIRECTS} redirects")

    async def _rules(self, url: str, delay: timedelta) -> Rules:
        """What the URL's origin asks of us; fetched first where it is not known."""
        origin = _origin(url)
        if (rules := self.robots.rules(origin, self._clock())) is not None:
            return rules
        try:
            status, body = await self._ask_robots(origin, delay)
        except LookFault as fault:
            # What the guard refused depends on our config, so it is not kept.
            if fault.outcome != Outcome.NOT_ALLOWED:
                self.robots.unreadable(origin, fault, self._clock())
            raise
        return self.robots.answered(origin, status, body, self._clock())

    async def _ask_robots(self, origin: str, delay: timedelta) -> tuple[int, bytes]:
        """Status and bytes of robots.txt. Raises LookFault where it cannot be read, which disallows everything."""
        at = f"{origin}/robots.txt"
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._ask(at, {}, delay)
            if response.status not in _REDIRECTS:
                break
            at = _next_hop(response, at)  # to any host, whose file then counts for this origin (section 2.3.1.2) ...
            if (there := host_of(at)) != host_of(origin):
                delay = self.delay_of(there)  # ... at its own pace: ours may not hold up its turn
        status: int = response.status
        if status == 429 or status >= 500:
            self._refuse_limits(response, "robots.txt: ")
            raise LookFault(
                Outcome.HTTP_ERROR, f"robots.txt answered {status}: nothing is fetched until it can be read"
            )
        if status == 206 or "dataloss" in response.flags:
            raise LookFault(Outcome.NOT_WHOLE, "robots.txt came in part: nothing is fetched until it can be read")
        return status, self._unpacked(response) if 200 <= status < 300 else b""

    async def _ask(self, url: str, headers: dict[str, str], delay: timedelta) -> Any:
        """Make one request in the host's turn; any answer is returned as it came, with its body packed.

        Raises LookFault where there is no answer.
        """
        host = host_of(url)
        turn = self._turns.setdefault(host, asyncio.Lock())
        seconds = max(self._settings.delay, delay).total_seconds()
        request = Request(
            url,
            headers={
                "User-Agent": self._settings.user_agent_line,
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Encoding": ACCEPT_ENCODING,
                **headers,
            },
            meta={"download_slot": host, "download_timeout": self._settings.timeout.total_seconds()},
        )
        async with turn:
            try:
                try:
                    return await self._paced(request, host, seconds)
                except StaleConnection:
                    return await self._paced(request.copy(), host, seconds)
            except Exception as error:
                raise self._fault(error, host) from None

    async def _paced(self, request: Request, host: str, seconds: float) -> Any:
        self._pace(host, seconds)
        try:
            return await self._engine.download_async(request)
        finally:
            # Scrapy counts from the beginning of a request; a slow answer must not eat the pause after it.
            self._pace(host, seconds, monotonic())
            self.on_answered()

    def _pace(self, host: str, seconds: float, last_seen: float | None = None) -> None:
        """Tell Scrapy's slot the pause. It is made by the host's first request, and dropped a minute after its last."""
        if slot := self._engine.downloader.slots.get(host):
            slot.delay = seconds
            slot.lastseen = slot.lastseen if last_seen is None else last_seen

    def _fault(self, error: Exception, host: str) -> Exception:
        if refused := self._guard.refusal(host):
            return LookFault(
                Outcome.NOT_ALLOWED,
                f"{host} is at {refused}, which is not public: if it is yours, name it in [crawler] allow_addresses",
            )
        return fault_of(error, host, self._settings.timeout, self._settings.max_page) or error

    def _fetched(self, response: Any, asked: str, url: str, validators: Validators) -> Fetched:
        redirected = url != asked
        etag, modified = _validator(response, "ETag"), _validator(response, "Last-Modified")
        content_type = one_line(_header(response, "Content-Type"))
        now = self._clock()
        if response.status == 304 and (validators.etag or validators.last_modified):
            etag, modified = etag or validators.etag, modified or validators.last_modified
            known = validators.body_hash
            return Fetched(url, 304, b"", content_type, etag, modified, now, known, True, redirected)
        self._refuse_limits(response)
        check_status(response.status)
        body = self._unpacked(response)
        check_transfer(response.flags, body)
        check_kind(content_type, body)
        digest = blake2b(body, digest_size=HASH_BYTES).digest()
        same = digest == validators.body_hash
        link = one_line(_header(response, "Link"), 10_000)
        return Fetched(
            *(url, response.status, body, content_type, etag, modified, now, digest, same, redirected, link),
            asked=asked,
            headers=_headers(response),
        )

    def _refuse_limits(self, response: Any, where: str = "") -> None:
        """Raise LookFault(RATE_LIMITED) for a 429, and for a 503 that says when to come back."""
        wait = retry_after(_header(response, "Retry-After"), self._clock())
        if response.status == 429 or (response.status == 503 and wait is not None):
            words = (
                "the server answered 429 Too Many Requests" if response.status == 429 else "the server is busy (503)"
            )
            raise LookFault(Outcome.RATE_LIMITED, where + words, wait)

    def _unpacked(self, response: Any) -> bytes:
        encodings = ",".join(one.decode("latin-1") for one in response.headers.getlist("Content-Encoding"))
        return unpack(response.body, encodings, self._settings.max_page)


def _conditions(validators: Validators) -> dict[str, str]:
    given = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in given.items() if value}


def _next_hop(response: Any, at: str) -> str:
    """Where a redirect leads: http and https alone, and no user info. Raises LookFault for anything else."""
    if not (location := _header(response, "Location")):
        raise LookFault(Outcome.HTTP_ERROR, f"the server answered {response.status} and named no address")
    to = urldefrag(public_url(location, at)).url
    if not to:
        raise LookFault(Outcome.NOT_ALLOWED, f"redirected to what we do not fetch: {location}")
    return to


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _header(response: Any, name: str) -> str:
    return (response.headers.get(name) or b"").decode("utf-8", "replace")


def _headers(response: Any) -> Headers:
    """What the server said of its answer; Latin-1, in which every byte is a character (RFC 9110, section 5.5)."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        if name.lower() not in _NOT_KEPT
        for value in values
    )


def _validator(response: Any, name: str) -> str:
    value = _header(response, name).strip()
    return value if _VALIDATOR.fullmatch(value) else ""
