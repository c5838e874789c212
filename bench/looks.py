"""An unchanged look (304), schedule and all, against a bare fed spider that makes the same requests at the same pace.

CPU a look is the slope between a short and a long run of whole processes, so that start-up does not count.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figure import Figure

HOSTS, FEW, MANY, RUNS = 200, 1000, 4000, 3
DELAY, CONCURRENCY = "0.01", "16"


def run() -> list[Figure]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench._quiet_web", str(HOSTS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as web:
        assert web.stdout and web.stdin
        port = web.stdout.readline().strip()
        ours, floor = [], []
        for _ in range(RUNS):  # in turn, so that a machine that slows down slows both
            floor.append(_slope(lambda looks: _floor(port, looks)))
            ours.append(_slope(lambda looks: _ours(port, looks)))
        web.stdin.close()
    return [
        Figure("an unchanged look, CPU", statistics.median(ours), "ms", bar=1.5, floor=statistics.median(floor)),
    ]


def _slope(seconds: object) -> float:
    return (seconds(MANY) - seconds(FEW)) / (MANY - FEW) * 1000  # type: ignore[operator]


def _floor(port: str, looks: int) -> float:
    return _cpu("bench._fed_spider", str(HOSTS), port, str(looks), DELAY, CONCURRENCY)


def _ours(port: str, looks: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _cpu("bench._worker_looks", str(Path(folder)), str(HOSTS), port, str(looks), DELAY, CONCURRENCY)


def _cpu(module: str, *arguments: str) -> float:
    done = subprocess.run([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[-1])
