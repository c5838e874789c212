"""A process that fetches as the worker does: requests as JSON lines on stdin, outcomes on stdout.

    python -m tests.crawler.fetch_many SETTINGS

The real reactor and the real engine, which cannot run inside pytest. A request is {"id", "url"} and may have "etag",
"last_modified", "body_hash" (hex) and "delay" (seconds); each is answered as soon as it is known. {"tell": "state"}
answers what the engine holds, {"robots": [...]} loads stored files. It ends with its stdin.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.fault import LookFault
from crawler.settings import CrawlerSettings, scrapy_settings
from storage.model.looking import RobotsFile, Validators


async def _answer(fetcher: Any, asked: dict[str, Any]) -> dict[str, Any]:
    validators = Validators(
        asked.get("etag", ""), asked.get("last_modified", ""), bytes.fromhex(asked.get("body_hash", ""))
    )
    try:
        got = await fetcher.fetch(asked["url"], validators=validators, delay=timedelta(seconds=asked.get("delay", 0)))
    except LookFault as fault:
        wait = fault.retry_after.total_seconds() if fault.retry_after is not None else None
        return {"outcome": fault.outcome.name, "message": fault.message, "retry_after": wait}
    return {
        "outcome": "FETCHED",
        "url": got.url,
        "status": got.status,
        "body": got.body.decode("latin-1"),
        "content_type": got.content_type,
        "etag": got.etag,
        "last_modified": got.last_modified,
        "body_hash": got.body_hash.hex(),
        "not_modified": got.not_modified,
        "redirected": got.redirected,
        "asked": got.asked,
        "headers": got.headers,
    }


def _tell(answered: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answered) + "\n")
    sys.stdout.flush()


async def _serve(crawler: Any, settings: CrawlerSettings) -> None:
    from crawler.fetch import Fetcher

    fetcher = Fetcher(crawler, settings)
    fetcher.robots.on_fetched = lambda file: _tell({"robots": file.origin, "status": file.status, "body": file.body})
    lines = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    under_way: set[asyncio.Task[None]] = set()

    async def one(asked: dict[str, Any]) -> None:
        _tell({"id": asked["id"], **await _answer(fetcher, asked)})

    while line := await lines.readline():
        asked = json.loads(line)
        if "robots" in asked:
            fetcher.robots.load(RobotsFile(*file, datetime.now(UTC)) for file in asked["robots"])
        elif "tell" in asked:
            gc.collect()  # a fault's traceback may still hold a turn
            downloader = crawler.engine.downloader
            held = {name: [len(slot.active), len(slot.queue)] for name, slot in downloader.slots.items()}
            _tell({"id": asked["id"], "slots": held, "active": len(downloader.active), "turns": len(fetcher._turns)})
        else:
            task = asyncio.create_task(one(asked))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
    for task in under_way:
        task.cancel()


def main() -> None:
    settings = CrawlerSettings.from_json(json.loads(sys.argv[1]))
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from scrapy import Spider
    from scrapy.crawler import AsyncCrawlerRunner
    from twisted.internet import reactor

    class Fetching(Spider):
        name = "fetching"

        async def start(self) -> AsyncIterator[Any]:
            await _serve(self.crawler, settings)
            return
            yield

    async def crawl() -> None:
        try:
            await AsyncCrawlerRunner(scrapy_settings(settings)).crawl(Fetching)
        finally:
            reactor.stop()

    begun: list[asyncio.Task[None]] = []
    loop = asyncio.get_event_loop_policy().get_event_loop()
    reactor.callWhenRunning(lambda: begun.append(loop.create_task(crawl())))
    reactor.run(installSignalHandlers=False)
    begun[0].result()


if __name__ == "__main__":
    main()
