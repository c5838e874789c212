"""kill -9 at an instruction: with this folder on PYTHONPATH a process ends itself at a function that a test names.

Python imports `sitecustomize` at every start. DATELINE_KILL_AT lists points such as
`worker after storage.articles:Articles.save_all`; each is wrapped when its module is imported. A wrapped function kills
only while the file DATELINE_KILL_NOW names its point, and takes that file away first: once, and when the test says so.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def _role() -> str:
    """Which process this is; the extraction process and its fork server are none of them."""
    if sys.orig_argv[1:3] == ["-m", "crawler"]:
        return "worker"
    return "daemon" if "run" in sys.orig_argv[1:] else ""


def _kill_if_named(point: str) -> None:
    now = os.environ["DATELINE_KILL_NOW"]
    with suppress(FileNotFoundError), open(now, encoding="utf-8") as file:
        if file.read() == point:
            os.rename(now, f"{now}.done")
            os.kill(os.getpid(), signal.SIGKILL)


def _wrapped(function: Callable[..., Any], point: str) -> Callable[..., Any]:
    moment = point.split()[1]

    def before() -> None:
        if moment == "before":
            _kill_if_named(point)

    def after(result: Any) -> Any:
        # "found": after a call that had something to do, of those that are made at every tick.
        if moment == "after" or (moment == "found" and result):
            _kill_if_named(point)
        return result

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            before()
            return after(await function(*args, **kwargs))

        return awaited

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        before()
        return after(function(*args, **kwargs))

    return called


class _Wrapping(Loader):
    """Loads a module as its own loader does, and then wraps the points in it."""

    def __init__(self, loader: Loader, points: Sequence[str]) -> None:
        self._loader, self._points = loader, points

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for point in self._points:
            *path, name = point.partition(":")[2].split(".")
            owner = functools.reduce(getattr, path, module)
            setattr(owner, name, _wrapped(getattr(owner, name), point))


class _Finder(MetaPathFinder):
    def __init__(self, points: Sequence[str]) -> None:
        self._points: dict[str, list[str]] = {}
        for point in points:
            self._points.setdefault(point.split()[2].partition(":")[0], []).append(point)

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if (points := self._points.pop(name, None)) is None:
            return None
        spec = importlib.util.find_spec(name)  # the points are taken out, so this asks the other finders
        if spec is not None and spec.loader is not None:
            spec.loader = _Wrapping(spec.loader, points)
        return spec


if role := _role():
    asked = [one for one in os.environ.get("DATELINE_KILL_AT", "").split(";") if one.startswith(f"{role} ")]
    if asked:
        sys.meta_path.insert(0, _Finder(asked))
