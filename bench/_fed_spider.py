"""The floor of an unchanged look: a bare fed spider that asks for the same pages at the same pace and forgets them.

`python -m bench._fed_spider HOSTS PORT LOOKS DELAY CONCURRENCY`: prints the CPU seconds of the whole process.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from time import process_time
from typing import Any

from scrapy import Request, Spider
from scrapy.utils.reactor import install_reactor

from bench._quiet_web import ETAG, addresses


class FedSpider(Spider):
    name = "fed"
    handle_httpstatus_list = (304,)

    def __init__(self, urls: list[str], concurrency: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.urls, self.room = urls, asyncio.Semaphore(concurrency * 2)

    async def start(self) -> AsyncIterator[Any]:
        for url in self.urls:
            await self.room.acquire()  # the queue's back-pressure
            yield Request(url, headers={"If-None-Match": ETAG}, dont_filter=True)

    async def parse(self, response: Any) -> None:
        assert response.status == 304, response.status
        self.room.release()


def main(hosts: int, port: int, looks: int, delay: float, concurrency: int) -> None:
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from scrapy.crawler import AsyncCrawlerProcess

    names = addresses(hosts)
    urls = [f"http://{names[number % hosts]}:{port}/feed/{number}" for number in range(looks)]
    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_ITEMS": 1,
            "CONCURRENT_REQUESTS": concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": delay,
            "RANDOMIZE_DOWNLOAD_DELAY": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "COOKIES_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    process.crawl(FedSpider, urls=urls, concurrency=concurrency)
    process.start()
    print(process_time())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), float(sys.argv[4]), int(sys.argv[5]))  # type: ignore[arg-type]
