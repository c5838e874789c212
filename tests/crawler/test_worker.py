"""The worker tells whoever started it the truth about its end."""

import asyncio
import os
import sys
from pathlib import Path

import sqlalchemy as sa

from crawler.settings import CrawlerSettings
from crawler.worker import WorkerSettings
from storage.schema import host
from storage.store import Store
from tests.running import REPOSITORY
from tests.storage.watch import START

DEADLINE_S = 60.0


async def test_a_round_that_could_not_be_made_is_no_success(store: Store, tmp_path: Path) -> None:
    """It cannot claim what is due, since the database is damaged: `dateline once` must not say that all is well."""
    with store.writer() as connection:
        connection.execute(host.insert().values(name="a.example", next_due_at=START, next_allowed_at=START))
        connection.execute(sa.text("DROP TABLE listed"))
        connection.execute(sa.text("DROP TABLE listing"))
    told = WorkerSettings(str(store.url), str(tmp_path), CrawlerSettings("Dateline/test"), (), until_idle=True)
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crawler"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert worker.stdin and worker.stderr
    worker.stdin.write(told.to_json().encode() + b"\n")
    log = await asyncio.wait_for(worker.stderr.read(), DEADLINE_S)
    assert await worker.wait() == 1, log.decode()
