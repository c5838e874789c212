"""The extraction process: reading pages where a hostile one can hurt nobody, under a time and a memory limit."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as OutOfTime
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import forkserver
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.fault import LookFault
from storage.model.looking import Outcome

Params = ParamSpec("Params")
Result = TypeVar("Result")

TIME_LIMIT_S = 20.0
WARM_UP_S = 60.0
ANSWERS_WITHIN_S = 5.0  # a pool that broke, with that for those who wait
MEMORY_LIMIT = 1 << 30
PAGES_A_PROCESS = 2000
PR_SET_PDEATHSIG = 1


class Pool:
    """One process that reads pages: bytes in, dataclasses out, never the database.

    A page that takes too long or too much memory costs the process its life and only that page its reading; the next
    page finds a new process. lxml never runs in a thread of ours: it crashed there.
    """

    def __init__(self, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._time_limit_s = time_limit_s
        self._pool = _new_pool()
        self.on_answered: Callable[[], None] = lambda: None  # called after each page, whatever came of it

    async def warm_up(self) -> None:
        """Start the process and its imports before the first page's time limit runs."""
        await self._run(WARM_UP_S, _warm)

    async def run(self, function: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Call `function` in the process. Raises what it raises, and LookFault(TOO_SLOW) where it was ended."""
        try:
            return await self._run(self._time_limit_s, function, *args, **kwargs)
        finally:
            self.on_answered()

    async def _run(
        self, time_limit_s: float, function: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        for last_try in (False, True):
            try:
                pool = self._whole_pool()
                future = pool.schedule(function, args=args, kwargs=kwargs, timeout=time_limit_s)
                return await _result(pool, asyncio.wrap_future(future))
            except OutOfTime:
                raise LookFault(Outcome.TOO_SLOW, f"reading it took longer than {self._time_limit_s:g} s") from None
            except (MemoryError, RecursionError):
                raise LookFault(Outcome.TOO_SLOW, "reading it took more memory than a page may") from None
            except ProcessExpired as reason:
                raise LookFault(Outcome.TOO_SLOW, f"the reader ended with code {reason.exitcode}") from None
            except BrokenProcessPool:
                # The idle process was killed from outside. Not the page's fault, nor that of those that waited with it.
                if last_try:
                    raise
        raise AssertionError("unreachable")

    def _whole_pool(self) -> ProcessPool:
        """The pool, or a new one: a process that is killed while it is idle breaks a pebble pool for good."""
        if not self._pool.active:
            self._pool.stop()
            self._pool = _new_pool()
        return self._pool

    def close(self) -> None:
        self._pool.stop()
        self._pool.join()


async def _result(pool: ProcessPool, answer: asyncio.Future[Result]) -> Result:
    """Wait for an answer. A pool that breaks just when a page is handed to it forgets to answer for that page."""
    while not answer.done():
        is_whole = pool.active
        await asyncio.wait([answer], timeout=ANSWERS_WITHIN_S)
        if not is_whole and not answer.done():
            raise BrokenProcessPool
    return answer.result()


def _new_pool() -> ProcessPool:
    return ProcessPool(
        max_workers=1,
        max_tasks=PAGES_A_PROCESS,
        initializer=_begin,
        initargs=(os.getpid(),),
        context=multiprocessing.get_context("forkserver"),
    )


def _begin(worker: int) -> None:
    """Runs first in the new process: limits, and an end together with the worker's."""
    # The fork server's own life line, inherited: while we hold it, the server outlives a worker that was killed.
    alive = getattr(forkserver._forkserver, "_forkserver_alive_fd", None)
    if alive is not None:
        with suppress(OSError):
            os.close(alive)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    server = os.getppid()
    if server == 1 or not _alive(worker):
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the worker ends us
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _warm() -> None:
    """Import what pages need, and keep it out of the garbage collector's way."""
    import crawler.reading  # noqa: F401
    import storage.diff
    import storage.edit_class  # noqa: F401

    gc.collect()
    gc.freeze()
