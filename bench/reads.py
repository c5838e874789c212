"""A new article's way from wire to store, all but its extraction: fetch, hand over, judge, snapshot, save.

CPU of the worker's process as the slope between few and many newspapers, their listings and robots.txt included.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile

from bench.figure import Figure

FEW, MANY, ARTICLES, RUNS = 8, 40, 15, 3


def run() -> list[Figure]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench._news_web", str(MANY), str(ARTICLES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as web:
        assert web.stdout and web.stdin
        feeds = [line.strip() for line in iter(web.stdout.readline, "\n")]
        slopes = []
        for _ in range(RUNS):
            (few, few_stored), (many, many_stored) = _worker(feeds[:FEW]), _worker(feeds)
            slopes.append((many - few) / (many_stored - few_stored) * 1000)
        web.stdin.close()
    return [Figure("a new article but its extraction, CPU", statistics.median(slopes), "ms", bar=10)]


def _worker(feeds: list[str]) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench._worker_reads", folder, *feeds]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds, stored = done.stdout.split()[-2:]
    return float(seconds), int(stored)
