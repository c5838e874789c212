"""The other end of fetch_many.py: a crawler process that a test asks for pages."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from crawler.settings import CrawlerSettings

ROOT = Path(__file__).parents[2]
LONGEST_S = 180


class Fetching:
    """A process that fetches. What it wrote to stderr is in `log` after `close`."""

    def __init__(self, settings: CrawlerSettings, env: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.crawler.fetch_many", json.dumps(settings.to_json())],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.robots: list[dict[str, Any]] = []
        self.log = ""
        self._waiting: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._read, self._read_log)]
        for thread in self._threads:
            thread.start()

    def ask(self, url: str, **more: Any) -> queue.SimpleQueue[dict[str, Any]]:
        """Begin a fetch; its outcome will be in the queue."""
        return self._send({"url": url, **more})

    def fetch(self, url: str, **more: Any) -> dict[str, Any]:
        return self.ask(url, **more).get(timeout=LONGEST_S)

    def state(self) -> dict[str, Any]:
        return self._send({"tell": "state"}).get(timeout=LONGEST_S)

    def load_robots(self, *files: tuple[str, int, str]) -> None:
        self._write({"robots": files})

    def close(self) -> int:
        """End it as the daemon would, by its stdin; answers the exit status."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            status = self._process.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        for thread in self._threads:
            thread.join(5)
        assert self._process.stdout and self._process.stderr
        self._process.stdout.close()
        self._process.stderr.close()
        return status

    def _send(self, asked: dict[str, Any]) -> queue.SimpleQueue[dict[str, Any]]:
        number = len(self._waiting)
        self._waiting[number] = queue.SimpleQueue()
        self._write({"id": number, **asked})
        return self._waiting[number]

    def _write(self, line: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            told = json.loads(line)
            if "robots" in told:
                self.robots.append(told)
            else:
                self._waiting[told["id"]].put(told)

    def _read_log(self) -> None:
        assert self._process.stderr
        self.log = self._process.stderr.read()
