"""A web of many loopback hosts on which nothing changes: 304 to who knows the page, the page to who does not.

`python -m bench._quiet_web HOSTS`: prints its port, serves until its stdin closes.
"""

from __future__ import annotations

import asyncio
import sys

ETAG = '"the-same-as-ever"'
FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Quiet</title><link>http://quiet.example/</link>'
    b"<description>Nothing happens here</description></channel></rss>"
)


def addresses(hosts: int) -> list[str]:
    return [f"127.90.{number // 250}.{number % 250 + 1}" for number in range(hosts)]


def answer(request: bytes) -> bytes:
    if b"GET /robots.txt" in request:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    if b"f-none-match" in request.lower():
        return f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n\r\n".encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {ETAG}\r\nContent-Length: {len(FEED)}\r\n\r\n"
    )
    return head.encode() + FEED


class Visit(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._asked = transport, b""

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            request, _, self._asked = self._asked.partition(b"\r\n\r\n")
            self._transport.write(answer(request))  # type: ignore[attr-defined]


async def main(hosts: int) -> None:
    loop = asyncio.get_running_loop()
    port = 0
    for address in addresses(hosts):
        server = await loop.create_server(Visit, address, port)
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
