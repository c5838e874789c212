"""Memory (PSS: shared pages counted by share) of a daemon that watches 1,000 unchanged sources and a newspaper.

`BENCH_CYCLES=50 python -m bench memory` is the long form: no growth over 50 cycles.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from bench._quiet_web import addresses
from bench.figure import Figure
from scheduler.demo.newspaper import Newspaper
from scheduler.demo.texts import made_up
from storage.schema.articles import article
from storage.schema.looking import look_count
from storage.store import open_store

HOSTS, SOURCES, ARTICLES = 200, 1000, 60
READ = 15  # articles at least, so that the extraction process has done some work
CYCLES = int(os.environ.get("BENCH_CYCLES", "8"))
LONGEST_S = 900


def run() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-m", "bench._quiet_web", str(HOSTS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as web,
    ):
        assert web.stdout and web.stdin
        port = web.stdout.readline().strip()
        try:
            return asyncio.run(_watched(Path(folder), port))
        finally:
            web.stdin.close()


async def _watched(folder: Path, port: str) -> list[Figure]:
    newspaper = Newspaper("The Bench")
    await newspaper.start("127.0.0.1")
    for number in range(ARTICLES):
        newspaper.publish(*made_up(number))
    (folder / "config.toml").write_text(_config(port, newspaper.feed_url), encoding="utf-8")
    daemon = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scheduler", "run", "--config", str(folder / "config.toml")),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        await _cycles(folder, CYCLES // 2)  # until then caches fill
        before = _memory(daemon.pid, "Anonymous")
        await _cycles(folder, CYCLES)
        held, after = _memory(daemon.pid, "Pss"), _memory(daemon.pid, "Anonymous")
    finally:
        daemon.terminate()
        await daemon.wait()
        await newspaper.stop()
    growth = {name: (after[name] - before[name]) / before[name] * 100 for name in after}
    note = f"{SOURCES} sources, {CYCLES} cycles"
    grew = ", ".join(f"{name} {percent:+.1f}" for name, percent in growth.items())
    return [
        Figure("daemon, PSS", held["daemon"], "MB", bar=90, note=note),
        Figure("worker, PSS", held["worker"], "MB", bar=130),
        Figure("extraction process with its server, PSS", held["extraction"], "MB", bar=140),
        Figure("growth over the second half of the cycles", max(growth.values()), "%", bar=3, note=grew),
    ]


async def _cycles(folder: Path, cycles: int) -> None:
    """Wait until every source has been looked at so many times, and the newspaper's articles are read."""
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        try:
            store = open_store(f"sqlite:///{folder}/data/dateline.db")
        except Exception:
            continue
        with store.reader() as connection:
            looks = connection.execute(select(func.sum(look_count.c.looks))).scalar() or 0
            read = connection.execute(select(func.count(article.c.id))).scalar_one()
        store.close()
        if looks >= cycles * SOURCES and read >= READ:
            return
    raise TimeoutError(f"{cycles} cycles were not made within {LONGEST_S} s")


def _memory(daemon: int, measure: str) -> dict[str, float]:
    """MB of the daemon, of its child, and of all below that.

    "Pss" counts shared pages by share, so it also moves when strangers that share the interpreter come and go;
    "Anonymous", what a process has allocated, tells whether it grows.
    """
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    (worker,) = children[daemon]
    below, todo = [], list(children.get(worker, []))
    while todo:
        one = todo.pop()
        below.append(one)
        todo += children.get(one, [])
    return {
        "daemon": _held(daemon, measure),
        "worker": _held(worker, measure),
        "extraction": sum(_held(one, measure) for one in below),
    }


def _held(process: int, measure: str) -> float:
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(rollup.partition(f"\n{measure}:")[2].split()[0]) / 1000


def _config(port: str, feed: str) -> str:
    names = addresses(HOSTS)
    sources = "".join(
        f'[[source]]\nname = "quiet {number}"\nevery = "3s"\n'
        f'url = "http://{names[number % HOSTS]}:{port}/feed/{number}"\n'
        for number in range(SOURCES)
    )
    return (
        '[daemon]\nlisten = "127.0.0.1:0"\n[crawler]\ndelay = "10ms"\nallow_addresses = ["127.0.0.0/8"]\n'
        f'[[source]]\nname = "bench"\nurl = "{feed}"\nevery = "1s"\n{sources}'
    )
