"""A small newspaper on loopback that publishes, edits, deletes and breaks, and counts what is asked of it."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from time import monotonic
from typing import Literal

from aiohttp import web

from scheduler.demo import pages
from scheduler.demo.pages import Paper, Piece

Trouble = Literal[
    "500", "503", "429", "timeout", "reset", "truncated", "empty200", "captcha200", "loginwall", "home200"
]  # fmt: skip
LISTED = 20  # rows of a page of the front page, the feed and the news sitemap
DISALLOWED = ("/members/", "/print/", "/search")
_CLOSE_BY_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s


@dataclass
class Statistics:
    """What clients asked of the newspaper. Paths are without their query; robots.txt counts like any other."""

    requests: Counter[str] = field(default_factory=Counter)
    user_agents: Counter[str] = field(default_factory=Counter)
    not_modified: int = 0  # answers of 304
    disallowed: list[str] = field(default_factory=list)  # paths asked for against robots.txt
    in_flight: int = 0
    most_in_flight: int = 0
    shortest_gap_s: float = float("inf")  # between the beginnings of two requests
    last_began: float | None = None  # monotonic

    def begin(self, path: str, user_agent: str, *, allowed: bool) -> None:
        now = monotonic()
        if self.last_began is not None:
            self.shortest_gap_s = min(self.shortest_gap_s, now - self.last_began)
        self.last_began = now
        self.requests[path] += 1
        self.user_agents[user_agent] += 1
        if not allowed:
            self.disallowed.append(path)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)


@dataclass
class _Breakage:
    trouble: Trouble
    left: int | None  # requests; None: until `heal`
    under: str
    retry_after: str


class Newspaper:
    """One newspaper, which is one host: `await start()`, then `publish`, `edit`, `remove`, `break_` at will.

    `validators=False` makes a server that sends no ETag and no Last-Modified: every answer is a 200, and the box of
    related articles differs each time. `answer_s` is how long it thinks over an answer; with 0 requests can never be
    seen to overlap. `in_feed` and `in_sitemap` are their rows; with 0 there is none, and no page names one. The front
    page has older pages, `/?page=2` and on. `disallow` and `crawl_delay_s` go into robots.txt and may be changed at
    any time.
    """

    def __init__(
        self,
        name: str = "The Lanternport Courier",
        *,
        language: str = "en",
        sections: Sequence[str] = ("town", "trade", "culture"),
        validators: bool = True,
        answer_s: float = 0.002,
        in_feed: int = LISTED,
        in_sitemap: int = LISTED,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name, self.language, self.sections = name, language, tuple(sections)
        self.validators, self.answer_s, self.now = validators, answer_s, now
        self.in_feed, self.in_sitemap = in_feed, in_sitemap
        self.disallow: tuple[str, ...] = DISALLOWED
        self.crawl_delay_s: float | None = None
        self.statistics = Statistics()
        self.address, self.port = "127.0.0.1", 0
        self._pieces: dict[str, Piece] = {}  # by path, oldest first
        self._views = 0
        self._breakage: _Breakage | None = None
        self._healed = asyncio.Event()
        self._asked = asyncio.Condition()
        self._runner: web.ServerRunner | None = None

    async def start(self, address: str = "127.0.0.1", port: int = 0) -> None:
        """Open on a loopback address; after `stop` it opens again on its old port, with all that it had printed."""
        self._healed = asyncio.Event()
        # Cancelled when the client leaves: a request that hangs must not count as in flight for ever.
        server = web.Server(self._answer, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, address, port or self.port).start()
        self.address, self.port = self._runner.addresses[0][:2]

    async def stop(self) -> None:
        """Close the doors: connections are refused from now on. What hangs is let go."""
        self._healed.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """The front page; with `feed_url` and `sitemap_url` the three listings."""
        return f"http://{self.address}:{self.port}/"

    @property
    def feed_url(self) -> str:
        return self.url + "feed.xml"

    @property
    def sitemap_url(self) -> str:
        return self.url + "news-sitemap.xml"

    def publish(
        self,
        title: str,
        paragraphs: Sequence[str],
        *,
        section: str = "",
        author: str = "Ada Quill",
        at: datetime | None = None,
        path: str = "",
    ) -> str:
        """Print an article, on top of every listing; return its URL.

        `at` is aware, by default now. A section "members" is one that robots.txt keeps closed. The same text may be
        published again: it then stands at a second URL.
        """
        number, at = len(self._pieces) + 1, at or self.now()
        section = section or self.sections[number % len(self.sections)]
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        path = path or f"/{section}/{at:%Y/%m/%d}/{number}-{slug}".rstrip("-")
        if path in self._pieces:
            raise ValueError(f"{path} is published already: edit it, or give another path")
        self._pieces[path] = Piece(number, path, title, tuple(paragraphs), section, author, at, at)
        return self.url.rstrip("/") + path

    def edit(self, url: str, find: str, replacement: str) -> None:
        """Write `replacement` for `find` in the headline and the text. ValueError where it stands in neither."""
        piece = self._piece(url)
        title = piece.title.replace(find, replacement)
        paragraphs = tuple(text.replace(find, replacement) for text in piece.paragraphs)
        if (title, paragraphs) == (piece.title, piece.paragraphs):
            raise ValueError(f"{find!r} stands nowhere in {url}, or the edit changes nothing")
        self._pieces[piece.path] = replace(
            piece, title=title, paragraphs=paragraphs, modified=self.now(), edits=piece.edits + 1
        )

    def remove(self, url: str, status: Literal[404, 410] = 404) -> None:
        """Take an article off every listing; its page answers `status`."""
        piece = self._piece(url)
        self._pieces[piece.path] = replace(piece, gone=status)

    def restore(self, url: str) -> None:
        piece = self._piece(url)
        self._pieces[piece.path] = replace(piece, gone=0)

    def break_(
        self, trouble: Trouble, *, requests: int | None = None, under: str = "/", retry_after: str = "120"
    ) -> None:
        """Answer every path that begins with `under` with `trouble`, for so many requests or until `heal`.

        robots.txt goes on answering unless it is named: `under="/robots.txt"`. "503" and "429" carry `retry_after`
        (seconds or an HTTP date, "" for none). "home200" is the front page in place of what was asked for.
        """
        self.heal()
        self._breakage = _Breakage(trouble, requests, under, retry_after)
        self._healed = asyncio.Event()

    def heal(self) -> None:
        self._breakage = None
        self._healed.set()

    async def wait_for(self, path: str, count: int = 1, *, timeout_s: float = 180) -> None:
        """Wait until `path` has been asked for `count` times since `statistics` began. TimeoutError if it is not."""
        async with asyncio.timeout(timeout_s), self._asked:
            await self._asked.wait_for(lambda: self.statistics.requests[path] >= count)

    def _piece(self, url: str) -> Piece:
        path = url.removeprefix(self.url.rstrip("/"))
        if path not in self._pieces:
            raise KeyError(f"{url} was never published here")
        return self._pieces[path]

    @property
    def _paper(self) -> Paper:
        base = self.url.rstrip("/")
        return Paper(self.name, self.language, base, self.sections, bool(self.in_feed), bool(self.in_sitemap))

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        statistics, path = self.statistics, request.path
        allowed = path == "/robots.txt" or not request.path_qs.startswith(self.disallow)  # RFC 9309, 2.2.2
        statistics.begin(path, request.headers.get("User-Agent", ""), allowed=allowed)
        try:
            async with self._asked:
                self._asked.notify_all()
            if self.answer_s:
                await asyncio.sleep(self.answer_s)
            if breakage := self._breakage_at(path):
                return await self._broken(request, breakage)
            response = self._print(request, path)
            statistics.not_modified += response.status == 304
            return response
        finally:
            statistics.in_flight -= 1

    def _print(self, request: web.BaseRequest, path: str) -> web.Response:
        """The page at `path`, or 304 where the client has it."""
        paper = self._paper
        listed = [piece for piece in reversed(self._pieces.values()) if not piece.gone]
        if path == "/robots.txt":
            return web.Response(text=pages.robots_txt(paper, self.disallow, self.crawl_delay_s))
        if path == "/":
            return self._front(request, listed)
        if path == "/feed.xml" and self.in_feed:
            return self._listing(request, pages.feed(paper, listed[: self.in_feed]), "application/rss+xml", listed)
        if path == "/news-sitemap.xml" and self.in_sitemap:
            text = pages.news_sitemap(paper, listed[: self.in_sitemap])
            return self._listing(request, text, "application/xml", listed)
        if (section := path.removeprefix("/section/").strip("/")) in self.sections:
            inside = [piece for piece in listed if piece.section == section]
            text = pages.front_page(paper, inside[:LISTED], heading=section.title())
            return self._listing(request, text, "text/html", inside)
        if piece := self._pieces.get(path):
            return self._article(request, piece, listed)
        return _page(pages.plain_page(paper, "Not found", "There is no such page."), status=404)

    def _front(self, request: web.BaseRequest, listed: Sequence[Piece]) -> web.Response:
        """The front page, or the page of older articles that `page` asks for; 404 behind the last."""
        asked = request.query.get("page", "1")
        number = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
        shown = listed[(number - 1) * LISTED : number * LISTED] if number else []
        if not shown and number != 1:
            return _page(pages.plain_page(self._paper, "Not found", "There is no such page."), status=404)
        older = number + 1 if len(listed) > number * LISTED else 0
        return self._listing(request, pages.front_page(self._paper, shown, older=older), "text/html", shown)

    def _listing(self, request: web.BaseRequest, text: str, content_type: str, pieces: Sequence[Piece]) -> web.Response:
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
        modified = max((piece.modified for piece in pieces), default=None)
        return self._conditional(request, text, content_type, etag, modified)

    def _article(self, request: web.BaseRequest, piece: Piece, listed: Sequence[Piece]) -> web.Response:
        if piece.gone:
            text = "This article is no longer available."
            return _page(pages.plain_page(self._paper, "Page not found", text), status=piece.gone)
        self._views += 1
        others = [one for one in listed if one is not piece]
        turn = self._views % max(1, len(others))
        text = pages.article_page(self._paper, piece, (others[turn:] + others[:turn])[:4], self._views)
        return self._conditional(request, text, "text/html", piece.etag, piece.modified)

    def _conditional(
        self, request: web.BaseRequest, text: str, content_type: str, etag: str, modified: datetime | None
    ) -> web.Response:
        """RFC 9110 section 13.2.2: If-None-Match decides alone where it is sent, else If-Modified-Since."""
        if not self.validators:
            return _page(text, content_type)
        headers = {"ETag": etag}
        if modified is not None:
            headers["Last-Modified"] = format_datetime(modified.replace(microsecond=0), usegmt=True)
        if match := request.headers.get("If-None-Match"):
            known = etag in match
        elif (since := request.headers.get("If-Modified-Since")) and modified is not None:
            known = modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        else:
            known = False
        return web.Response(status=304, headers=headers) if known else _page(text, content_type, headers=headers)

    def _breakage_at(self, path: str) -> _Breakage | None:
        """What is wrong at `path` now; counts the request, and heals after the last one."""
        breakage = self._breakage
        if breakage is None or not path.startswith(breakage.under):
            return None
        if path == "/robots.txt" and breakage.under != path:
            return None
        if breakage.left is not None:
            breakage.left -= 1
            if breakage.left <= 0:
                self._breakage = None
        return breakage

    async def _broken(self, request: web.BaseRequest, breakage: _Breakage) -> web.StreamResponse:
        paper, trouble = self._paper, breakage.trouble
        if trouble in ("500", "503", "429"):
            headers = {"Retry-After": breakage.retry_after} if trouble != "500" and breakage.retry_after else {}
            text = pages.plain_page(paper, "Sorry", "The presses are standing still. Please try again later.")
            return _page(text, status=int(trouble), headers=headers)
        if trouble == "timeout":
            await self._healed.wait()
            return _page("", status=504)
        if trouble == "empty200":
            return _page("")
        if trouble == "captcha200":
            return _page(pages.captcha_page())
        if trouble == "loginwall":
            return _page(pages.login_page(paper))
        listed = [piece for piece in reversed(self._pieces.values()) if not piece.gone]
        front = pages.front_page(paper, listed[:LISTED])
        if trouble == "home200":
            return _page(front)
        return await _cut_off(request, front.encode() if trouble == "truncated" else b"")


def _page(
    text: str, content_type: str = "text/html", *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    response = web.Response(text=text, content_type=content_type, charset="utf-8", status=status, headers=headers)
    response.enable_compression()  # where the client accepts it, as nearly every server does
    return response


async def _cut_off(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
    """Send half of `body`, then close; with nothing to send, reset the connection before any answer."""
    transport = request.transport
    assert transport is not None
    response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
    if body:
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        transport.close()  # what is buffered still goes out
    else:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_BY_RESET)
        transport.abort()
    return response
