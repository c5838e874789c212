"""The extraction process: what ends it costs the page that did it, and no other."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from crawler.fault import LookFault
from crawler.pool import Pool
from storage.model.looking import Outcome

ROOT = Path(__file__).parents[2]
PATIENCE_S = 180.0  # for what takes a second or two on a machine that has nothing else to do


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool(time_limit_s=5)
    yield pool
    await asyncio.to_thread(pool.close)


async def test_a_page_that_takes_too_long_is_ended(pool):
    """It fails by its name, and the next is read by another process."""
    first = await pool.run(os.getpid)
    with pytest.raises(LookFault) as fault:
        await pool.run(time.sleep, 60)
    assert fault.value.outcome is Outcome.TOO_SLOW
    assert await pool.run(os.getpid) not in (first, os.getpid())


async def test_a_page_that_takes_too_much_memory_is_ended(pool):
    """So does one that would eat the machine."""
    with pytest.raises(LookFault) as fault:
        await pool.run(bytes, 2 << 30)
    assert fault.value.outcome is Outcome.TOO_SLOW


async def test_a_page_that_crashes_the_process_fails_alone(pool):
    """Those that wait behind it are read."""
    crashing, *others = await asyncio.gather(
        pool.run(os.abort), *(pool.run(abs, -number) for number in range(5)), return_exceptions=True
    )
    assert isinstance(crashing, LookFault) and crashing.outcome is Outcome.TOO_SLOW
    assert others == [0, 1, 2, 3, 4]


async def test_pages_that_wait_when_the_process_is_killed_are_read_by_the_next(pool):
    """However many found the pool broken: one new process, and an answer for each of them."""
    first = await pool.run(os.getpid)
    os.kill(first, signal.SIGSTOP)  # so that none of them has begun
    waiting = [asyncio.create_task(pool.run(os.getpid)) for _ in range(8)]
    await asyncio.sleep(0)
    os.kill(first, signal.SIGKILL)
    [second] = set(await asyncio.gather(*waiting))
    assert second != first


async def test_the_fork_server_may_be_killed(pool):
    """Another is started, with another process."""
    first = psutil.Process(await pool.run(os.getpid))
    server = first.parent()
    assert server is not None
    server.kill()  # with which its process ends
    await asyncio.to_thread(psutil.wait_procs, [first], timeout=PATIENCE_S)
    second = psutil.Process(await pool.run(os.getpid))
    assert second.parent() != server


async def test_an_error_of_the_reader_is_no_broken_pool(pool):
    """A RuntimeError out of a page is that page's; the process is kept, and so are the pages that wait."""
    first = await pool.run(os.getpid)
    raised, *others = await asyncio.gather(
        pool.run(asyncio.get_running_loop), *(pool.run(os.getpid) for _ in range(5)), return_exceptions=True
    )
    assert isinstance(raised, RuntimeError)
    assert set(others) == {first}


HANGS = """
import asyncio, os, re, sys
from crawler.pool import Pool
from tests.crawler.test_pool import says_who_and_hangs

async def main():
    pool = Pool(time_limit_s=600)
    await pool.run(says_who_and_hangs, sys.argv[1])

if __name__ == "__main__":
    asyncio.run(main())
"""


def says_who_and_hangs(told: str) -> None:
    """Hang where no signal handler of Python's would run."""
    Path(told).write_text(str(os.getpid()))
    re.match("(a+)+$", "a" * 60 + "b")


def test_a_process_that_hangs_dies_with_its_worker(tmp_path):
    """The worker is killed, and has no moment to end anything."""
    (tmp_path / "hangs.py").write_text(HANGS)
    told = tmp_path / "pid"
    command, env = [sys.executable, tmp_path / "hangs.py", told], os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=env) as worker:
        until = time.monotonic() + PATIENCE_S
        while not (told.exists() and told.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        hanging = psutil.Process(int(told.read_text()))
        worker.kill()
    gone, _ = psutil.wait_procs([hanging], timeout=PATIENCE_S)
    assert gone == [hanging]
