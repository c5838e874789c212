"""A worker's unchanged looks: sources that are all due, of which it knows the pages.

`python -m bench._worker_looks FOLDER HOSTS PORT LOOKS DELAY CONCURRENCY`: prints the CPU seconds of the whole process.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from sqlalchemy import update

from bench._quiet_web import ETAG, addresses
from crawler.settings import CrawlerSettings
from crawler.worker import WorkerSettings, run_worker
from storage import sources
from storage.model.looking import SourceConfig
from storage.schema.looking import listing
from storage.store import open_store


def main(folder: Path, hosts: int, port: int, looks: int, delay: float, concurrency: int) -> None:
    url, names = f"sqlite:///{folder}/{looks}.db", addresses(hosts)
    store = open_store(url, migrate=True)
    wanted = [
        SourceConfig(f"quiet {number}", f"http://{names[number % hosts]}:{port}/feed/{number}", listing="feed")
        for number in range(looks)
    ]
    with store.writer() as connection:
        sources.take_over(connection, wanted, datetime.now(UTC))
        connection.execute(update(listing).values(etag=ETAG, history=False))
    store.close()
    began = process_time()
    settings = CrawlerSettings(
        user_agent="Dateline-bench",
        contact="",
        delay=timedelta(seconds=delay),
        concurrency=concurrency,
        timeout=timedelta(seconds=30),
        max_page=8_000_000,
        allow_addresses=("127.0.0.0/8",),
    )
    run_worker(WorkerSettings(url, str(folder), settings, (timedelta(days=1),), until_idle=True))
    used = process_time() - began
    store = open_store(url)
    with store.reader() as connection:
        due = connection.execute(listing.select().where(listing.c.next_look_at <= datetime.now(UTC))).all()
    assert not due, f"{len(due)} of {looks} sources were not looked at"
    print(used)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]), float(sys.argv[5]), int(sys.argv[6]))  # type: ignore[arg-type]
