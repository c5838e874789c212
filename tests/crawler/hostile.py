"""A web of hostile sites on loopback: each has an address of its own and answers whatever bytes a test wants."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic
from types import TracebackType

Page = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]
PAGE = b"<html><body><p>A quiet day at the harbour.</p></body></html>"


def answer(body: bytes = PAGE, status: int = 200, length: bool = True, **headers: str) -> bytes:
    """A whole answer as bytes; `length=False` leaves Content-Length out. Header names: Retry_After is Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("Content-Type", "text/html")
    if length:
        named["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


def redirect(to: str, status: int = 302) -> bytes:
    return answer(b"", status, Location=to)


@dataclass
class Seen:
    """A request as the site saw it; times of the monotonic clock, in seconds."""

    path: str
    headers: dict[str, str]
    begun: float
    ended: float


@dataclass
class Site:
    """One host. `pages` are whole answers as bytes, or coroutines that write; what is not named is a 404."""

    address: str
    port: int = 0
    scheme: str = "http"
    pages: dict[str, Page] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.address}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.seen]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.split(": ", 1) for line in head[1:] if line)
                seen = Seen(head[0].split(" ")[1], headers, monotonic(), monotonic())
                self.seen.append(seen)
                _note_end(writer, seen)
                page = self.pages.get(seen.path, answer(b"nothing here", 404))
                if isinstance(page, bytes):
                    writer.write(page)
                    await writer.drain()
                    # A length that is no lie keeps the connection; everything else is ended by its end.
                    head, _, body = page.partition(b"\r\n\r\n")
                    if b"\r\nContent-Length: %d\r\n" % len(body) in head + b"\r\n":
                        continue
                else:
                    await page(writer)
                break
        writer.close()


def _note_end(writer: asyncio.StreamWriter, seen: Seen) -> None:
    """Note the time before bytes leave: after it, the other end may be ahead of a thread that has to wait its turn."""
    write = type(writer).write

    def noted(data: bytes) -> None:
        seen.ended = monotonic()
        write(writer, data)

    writer.write = noted  # type: ignore[method-assign,assignment]


class Web:
    """The sites, in a thread with an event loop of its own. `with Web() as web: web.site("127.0.0.5")`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers: list[asyncio.Server] = []

    def site(self, address: str, tls: ssl.SSLContext | None = None, **pages: Page) -> Site:
        """Open a site; robots.txt is a 404 unless `pages` names one."""
        site = Site(address, scheme="https" if tls else "http", pages=dict(pages))

        async def open_site() -> None:
            server = await asyncio.start_server(site.serve, address, 0, ssl=tls)
            self._servers.append(server)
            site.port = server.sockets[0].getsockname()[1]

        asyncio.run_coroutine_threadsafe(open_site(), self._loop).result(10)
        return site

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        async def close() -> None:
            for server in self._servers:
                server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def gaps(site: Site) -> list[float]:
    return [after.begun - before.ended for before, after in pairwise(site.seen)]
