"""The daemon's one worker: started, woken, watched, started again."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from crawler.worker import CHANGED, EXIT_LOCKED, EXIT_RECYCLED, WorkerSettings

log = logging.getLogger("dateline.daemon")

LONGEST_BACK_OFF_S = 30.0
HEALTHY_AFTER_S = 60.0
PATIENT = 10  # attempts, a second apart, while the worker of a daemon that was killed still ends
TOO_OFTEN = 3  # workers in a row that ended before they were healthy
DRAINED_WITHIN_S = 7.0
LISTEN_S = 10.0
MOST_SILENT = 18  # times in a row that nothing was heard within LISTEN_S, of a worker that says so every five seconds


class Supervisor:
    """Keeps a worker alive. Two pipes only wake: a byte to it means "look", a byte from it "changed" or "I get on".

    A worker that is alive and says nothing hangs: it is ended, another one follows, and `hung` is called.
    """

    def __init__(
        self, settings: WorkerSettings, changed: Callable[[], None], hung: Callable[[], None] = lambda: None
    ) -> None:
        self.settings = settings
        self._changed, self._hung = changed, hung
        self.hangs = False  # the last one did, and the next has not been heard yet
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._restarting = False
        self._begun = monotonic()  # the present worker, or the last one
        self.failures = 0
        self._locked = 0  # attempts in a row that found another worker at work

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def keeps_ending(self) -> bool:
        """Has one worker after the other ended early, and the present one not lasted yet? For the second or two that
        each of them is alive nothing is looked at."""
        return self.failures >= TOO_OFTEN and monotonic() - self._begun <= HEALTHY_AFTER_S

    async def run(self) -> None:
        """Start a worker, and another when it ends, until `stop`."""
        while not self._stopping.is_set():
            self._begun = monotonic()
            try:
                status = await self._one_worker()
            except OSError as reason:  # no memory or no process is to be had for now: that ends no daemon
                log.error("cannot start a worker reason=%s", reason)
                status = 1
            if self._stopping.is_set():
                return
            if status in (0, EXIT_RECYCLED) or self._restarting:
                self._restarting, self.failures = False, 0
                continue
            self._locked = self._locked + 1 if status == EXIT_LOCKED else 0
            if not 0 < self._locked <= PATIENT:
                self.failures = 1 if monotonic() - self._begun > HEALTHY_AFTER_S else self.failures + 1
            wait_s = 1.0 if status == EXIT_LOCKED else min(2.0 ** (self.failures - 1), LONGEST_BACK_OFF_S)
            log.error("worker ended status=%d again_in=%gs", status, wait_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait_s)

    async def run_once(self) -> int:
        """Start one worker and wait for its end; answers its exit status."""
        return await self._one_worker()

    def look(self) -> None:
        """Wake the worker: something may be due."""
        if self.is_alive and self._process and self._process.stdin:
            with suppress(OSError, RuntimeError):
                self._process.stdin.write(b".")

    def restart(self, settings: WorkerSettings) -> None:
        """Let the worker drain, and start the next one with these settings."""
        self.settings, self._restarting = settings, True
        self._terminate()

    async def stop(self) -> None:
        """Drain the worker; ends it the hard way where it does not."""
        self._stopping.set()
        self._terminate()
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), DRAINED_WITHIN_S)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    self._process.kill()

    def _terminate(self) -> None:
        if self.is_alive and self._process:
            with suppress(ProcessLookupError):
                self._process.terminate()

    async def _one_worker(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "crawler"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # No proxy: it would dial where the guard cannot see.
            env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        )
        assert self._process.stdin and self._process.stdout
        if self._stopping.is_set():  # while it was being started, when `stop` knew nothing of it yet
            self._terminate()
        self._process.stdin.write(self.settings.to_json().encode() + b"\n")
        await self._listen(self._process, self._process.stdout)
        return await self._process.wait()

    async def _listen(self, process: asyncio.subprocess.Process, stdout: asyncio.StreamReader) -> None:
        """Hear what a worker says, until it ends; end it where it says nothing for too long.

        Counted in listenings of our own and not by a clock: a daemon that did not run itself for a while has heard
        nothing, and that is no fault of its worker's.
        """
        silent = 0
        while True:
            try:
                said = await asyncio.wait_for(stdout.read(4096), LISTEN_S)
            except TimeoutError:
                silent += 1
                if silent == MOST_SILENT:
                    log.error("the worker hangs and is ended pid=%d silent=%gs", process.pid, MOST_SILENT * LISTEN_S)
                    self.hangs = True
                    with suppress(ProcessLookupError):
                        process.kill()
                    self._hung()
                continue
            if not said:
                return
            silent, self.hangs = 0, False
            if CHANGED in said:
                self._changed()
