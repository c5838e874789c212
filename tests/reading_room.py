"""Serves an application on a free port of loopback, as the daemon does, and reads it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import uvicorn
from starlette.types import ASGIApp

from scheduler.config import read_config
from scheduler.web.feeds import Feeds
from scheduler.web.rulebook import Rulebook
from storage.model.articles import Article
from storage.store import Store
from tests.press import BEGAN

NOW = BEGAN + timedelta(hours=3)  # by the clock of the page


def text(title="Ferry to run all winter", body="The council met on Sunday and agreed.", **more):
    """Something to read."""
    return Article(title=title, body=body, **more)


class Page:
    """A reader of the page; `wrong` is what the daemon finds wrong with itself."""

    def __init__(self, url: str, session: aiohttp.ClientSession, feeds: Feeds) -> None:
        self.url, self.session, self.feeds = url, session, feeds
        self.wrong: list[str] = []
        self.trouble: list[str] = []

    async def get(self, path, method="GET", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, self.url + path, headers=headers, allow_redirects=False) as answer:
            answer.body = await answer.read()
            return answer

    async def text(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status == 200, answer.body
        return answer.body.decode()


def rulebook(store: Store, config: str = "") -> Rulebook:
    """The rules of this config, beside the store, by the clock of the page."""
    read = read_config(config, Path("config.toml"))
    return Rulebook(store, lambda: read, lambda: NOW)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(make: Callable[[str], ASGIApp]) -> AsyncIterator[str]:
    """The base URL of what `make` makes for it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = _Server(uvicorn.Config(make(base_url), lifespan="off", ws="none", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield base_url
        finally:
            server.should_exit = True
            await serving
