"""A worker's first reads of newspapers: `python -m bench._worker_reads FOLDER FEED...`.

Prints the CPU seconds of the worker's own process (the extraction process has its own) and the articles stored.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from time import process_time

from sqlalchemy import func, select

from crawler.settings import CrawlerSettings
from crawler.worker import WorkerSettings, run_worker
from storage import sources
from storage.model.looking import SourceConfig
from storage.schema.articles import article
from storage.store import open_store


def main(folder: str, feeds: list[str]) -> None:
    url = f"sqlite:///{folder}/{len(feeds)}.db"
    store = open_store(url, migrate=True)
    with store.writer() as connection:
        wanted = [SourceConfig(f"paper {number}", feed) for number, feed in enumerate(feeds)]
        sources.take_over(connection, wanted, datetime.now(UTC))
    store.close()
    settings = CrawlerSettings(
        user_agent="Dateline-bench",
        contact="",
        delay=timedelta(seconds=0.01),
        concurrency=16,
        timeout=timedelta(seconds=30),
        max_page=8_000_000,
        allow_addresses=("127.0.0.0/8",),
    )
    began = process_time()
    run_worker(WorkerSettings(url, folder, settings, (timedelta(days=1),), until_idle=True))
    used = process_time() - began
    store = open_store(url)
    with store.reader() as connection:
        stored = connection.execute(select(func.count(article.c.id))).scalar_one()
    print(used, stored)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
