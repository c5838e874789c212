"""The worker tells whoever started it the truth about its end."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from crawler.settings import CrawlerSettings
from crawler.worker import WorkerSettings
from storage.looks import Looks
from storage.rhythm import Rhythm
from storage.schema.looking import host
from storage.store import Store
from tests.running import REPOSITORY
from tests.storage.watch import DAY, GAZETTE, HOUR, START, Watch, link

DEADLINE_S = 180.0


async def test_a_round_that_could_not_be_made_is_no_success(store: Store, tmp_path: Path) -> None:
    """It cannot claim what is due, since the database is damaged: `dateline once` must not say that all is well."""
    with store.writer() as connection:
        connection.execute(host.insert().values(name="a.example", next_due_at=START, next_allowed_at=START))
        connection.execute(sa.text("DROP TABLE listed"))
        connection.execute(sa.text("DROP TABLE listing"))
    told = WorkerSettings(str(store.url), str(tmp_path), CrawlerSettings("Dateline/test"), (), until_idle=True)
    status, log = await ended(told)
    assert status == 1, log


async def test_a_worker_that_starts_with_another_ladder_plans_by_it(store: Store, tmp_path: Path) -> None:
    """What was seen before under a ladder of a month is looked at within the hour."""
    watch = Watch(store, now=datetime.now(UTC), looks=Looks(Rhythm((30 * DAY,)), DAY))
    watch.config(replace(GAZETTE, every=DAY))
    watch.round([link("one")])
    assert watch.address("one").next_look_at > watch.now + DAY
    crawler = CrawlerSettings("Dateline/test")
    status, log = await ended(WorkerSettings(str(store.url), str(tmp_path), crawler, (HOUR, 30 * DAY), until_idle=True))
    assert status == 0, log
    assert watch.address("one").next_look_at == watch.host().next_due_at == watch.now + HOUR


WARMS_UP_FOR_LONG = """
import sys
from crawler import pool, worker
from tests.crawler.test_worker import warm_up_for_long

if __name__ == "__main__":
    pool._warm = warm_up_for_long
    sys.exit(worker.main())
"""


def warm_up_for_long() -> None:
    """In place of the imports of the extraction process."""
    Path(os.environ["WARMING"]).touch()
    time.sleep(600)


async def test_a_worker_that_is_ended_while_it_warms_up_ends_in_order(store: Store, tmp_path: Path) -> None:
    """On a slow machine the imports take longer than the time it has for its end: the hard way it would leave files."""
    told = WorkerSettings(str(store.url), str(tmp_path), CrawlerSettings("Dateline/test"), ())
    (tmp_path / "warms.py").write_text(WARMS_UP_FOR_LONG)
    warming = tmp_path / "warming"
    with tempfile.TemporaryDirectory() as temporary:
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, str(tmp_path / "warms.py")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY), "TMPDIR": temporary, "WARMING": str(warming)},
        )
        assert worker.stdin
        worker.stdin.write(told.to_json().encode() + b"\n")
        async with asyncio.timeout(DEADLINE_S):
            while not warming.exists():  # noqa: ASYNC110  (another process, not an event)
                await asyncio.sleep(0.01)
            worker.send_signal(signal.SIGTERM)
            assert await worker.wait() == 0
        assert os.listdir(temporary) == []


async def ended(told: WorkerSettings) -> tuple[int, str]:
    """Start a worker that is told this; answers its exit status and its log."""
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
    return await worker.wait(), log.decode()
