"""`dateline run` as a service manager runs it: real processes on a config of the test's own, and none left behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
import psutil
import sqlalchemy as sa

from scheduler.demo.postbox import Postbox
from storage.schema.articles import address
from storage.schema.looking import host, listing
from storage.schema.telling import notice
from storage.store import Store, open_store

DEADLINE_S = 180.0  # for what takes a second or two on a machine that has nothing else to do
LOOK_S = 0.05
KILLED_AT = Path(__file__).parent / "killed_at"
REPOSITORY = Path(__file__).parent.parent
PATIENCE_S = 240.0  # for a command that ends by itself
DATELINE = str(Path(sys.executable).with_name("dateline"))
_held: list[socket.socket] = []


def config_text(
    port: int,
    sources: Mapping[str, str],
    postbox: Postbox | None = None,
    *,
    query: str = "alarm",
    tell: Sequence[str] = (),
    retry: Sequence[str] = ("200ms",),
    revisit: Sequence[str] = ("30d",),
    every: str = "1s",
    confirm: str = "1s",
    timeout: str = "10s",
    answers_within: str = "5s",
    daemon: str = "",
    extra: str = "",
) -> str:
    """A config that looks every second, told through a webhook "hook" and a mailbox "mail" where there is a postbox.

    `timeout` is the crawler's and `answers_within` the channels'. What never hangs has time: on a loaded machine a
    second passes without anybody's fault, and what fails for it is tried again in minutes, or comes twice.
    """

    def texts(values: Sequence[str]) -> str:
        return json.dumps(list(values))

    channels = ["hook", "mail"] if postbox else []
    parts = [
        f'[daemon]\nlisten = "127.0.0.1:{port}"\ntell = {texts(tell)}\n{daemon}',
        f'[crawler]\ncontact = "tests@example.org"\ndelay = "20ms"\ntimeout = "{timeout}"\nmax_page = "1MB"\n'
        'allow_addresses = ["127.0.0.0/8"]',
        f'[changes]\nrevisit = {texts(revisit)}\nconfirm = "{confirm}"',
        f"[delivery]\nretry = {texts(retry)}",
        *(f'[[source]]\nname = "{name}"\nurl = "{url}"\nevery = "{every}"' for name, url in sources.items()),
        f'[[rule]]\nname = "watch"\nquery = {json.dumps(query)}\nchannels = {texts(channels)}',
    ]
    if postbox:
        secret = f'\nsecret = "{postbox.secret}"' if postbox.secret else ""
        parts.append(
            f'[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "{postbox.hook_url}"\n'
            f'timeout = "{answers_within}"{secret}'
        )
        parts.append(
            f'[[channel]]\nname = "mail"\ntype = "email"\nhost = "{postbox.address}"\nport = {postbox.mail.port}\n'
            f'timeout = "{answers_within}"\nfrom = "dateline@example.org"\nto = ["desk@example.org"]'
        )
    return "\n\n".join([*parts, extra, ""])


class Running:
    """One Dateline: its folder with config and data, its processes, and what its store holds.

    Every process that comes of it carries a mark in its environment, so that none can hide.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, folder / "config.toml"
        self.port = free_port()
        self.environment = {"PYTHONPATH": str(REPOSITORY)}  # the code beside these tests, whatever is installed
        self.process: asyncio.subprocess.Process | None = None
        self._mark = f"dateline-{uuid4().hex}"
        self._store: Store | None = None

    def write(self, text: str) -> None:
        """Replace the config at once: a daemon that reads it meanwhile finds the old one or the new one."""
        self.config.with_suffix(".new").write_text(text, encoding="utf-8")
        self.config.with_suffix(".new").rename(self.config)

    async def start(self, *, wait: bool = True) -> None:
        """Start the daemon; with `wait`, until it says that it and its worker are well."""
        self.process = await self.command("run", "--config", str(self.config))
        if wait:
            await self.until_well()

    async def command(self, *arguments: str, **streams: Any) -> asyncio.subprocess.Process:
        """Start `dateline ...`; what it says goes to the log unless `streams` say where."""
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, DATELINE, *arguments),
                env=os.environ | self.environment | {"DATELINE_TEST": self._mark},
                cwd=REPOSITORY,
                **{"stdin": asyncio.subprocess.DEVNULL, "stdout": log, "stderr": log, **streams},
            )

    async def stop(self) -> int:
        """End it as a service manager does; answers its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), DEADLINE_S)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    def kill_all(self) -> None:
        """Kill whatever lives of it; some of them end with those before them."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    async def ended(self) -> int:
        """Wait until the daemon has ended by itself, or by what a test did to it."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), DEADLINE_S)

    # What there is

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = open_store(f"sqlite:///{self.folder}/data/dateline.db")
        return self._store

    def read(self, query: sa.Executable) -> Sequence[Any]:
        with self.store.reader() as connection:
            return connection.execute(query).all()

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return int(self.read(sa.select(sa.func.count()).select_from(table).where(*where))[0][0])

    def time_passes(self, by: timedelta = timedelta(days=400)) -> None:
        """Make everything that is planned due, as if its time had come: no test waits five minutes for a retry."""
        columns = (listing.c.next_look_at, address.c.next_look_at, host.c.next_due_at, host.c.next_allowed_at)
        self._earlier(*columns, notice.c.told_at, by=by)

    def let_notices_go(self) -> None:
        """Many that were told in the last ten minutes hold the next ones up, to be one message: not in a test."""
        self._earlier(notice.c.told_at, by=timedelta(minutes=10))

    def _earlier(self, *columns: sa.Column[Any], by: timedelta) -> None:
        with self.store.writer() as connection:
            for column in columns:
                # Moved and not set: what was not reached the last time still goes first.
                earlier = sa.type_coerce(column, sa.BigInteger) - by // timedelta(microseconds=1)
                connection.execute(column.table.update().where(column.is_not(None)).values({column: earlier}))

    def processes(self) -> list[psutil.Process]:
        """All that live of those it has ever started."""
        return [one for one in psutil.process_iter() if _is_marked(one, self._mark)]

    def worker(self) -> psutil.Process | None:
        return self._first(lambda command: command[1:3] == ["-m", "crawler"])

    def fork_server(self) -> psutil.Process | None:
        """The one that extraction processes are forked from."""
        return self._first(lambda command: "multiprocessing.forkserver" in " ".join(command))

    def extraction(self) -> psutil.Process | None:
        """The process that reads pages; None while there is none."""
        server = self.fork_server()
        with suppress(psutil.NoSuchProcess):  # it may end meanwhile
            return next(iter(server.children()), None) if server else None
        return None

    def _first(self, meant: Callable[[list[str]], bool]) -> psutil.Process | None:
        found = []
        for process in self.processes():
            with suppress(psutil.Error):  # it may end between any two questions
                if meant(process.cmdline()):
                    found.append((process.create_time(), process.pid, process))
        # The extraction process is a fork of its server and shows the same command.
        return min(found)[2] if found else None

    # Waiting

    async def until(self, condition: Callable[[], Any], what: str = "", deadline_s: float = DEADLINE_S) -> Any:
        """Wait until `condition` answers something true, and return that. Fails with the end of the log."""
        until = monotonic() + deadline_s
        while not (found := condition()):
            if monotonic() > until:
                raise AssertionError(
                    f"waited {deadline_s:g} s for {what or condition}; the log ends:\n{self.log_end()}"
                )
            await asyncio.sleep(LOOK_S)
        return found

    async def until_well(self) -> None:
        async def is_well() -> bool:
            assert self.process is not None
            if self.process.returncode is not None:
                raise AssertionError(f"ended with {self.process.returncode}; the log ends:\n{self.log_end()}")
            status, _ = await self.get("/health")
            return status == 200

        until = monotonic() + DEADLINE_S
        while not await is_well():
            assert monotonic() < until, f"not well within {DEADLINE_S:g} s; the log ends:\n{self.log_end()}"
            await asyncio.sleep(LOOK_S)

    async def get(self, path: str) -> tuple[int, bytes]:
        """Ask the page; status 0 where nobody answers."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
                session.get(f"http://127.0.0.1:{self.port}{path}") as answer,
            ):
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return 0, b""

    async def until_nothing_runs(self) -> None:
        """Wait until no process is left, of those that it started and of those that they did."""
        await self.until(lambda: not self.processes(), "the end of all processes")

    def log_end(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:])

    async def close(self) -> None:
        """Leave no process behind, however the test ended."""
        self.kill_all()
        if self.process is not None:
            await self.process.wait()
        if self._store is not None:
            self._store.close()


@asynccontextmanager
async def dateline(folder: Path) -> AsyncIterator[Running]:
    running = Running(folder)
    try:
        yield running
    finally:
        await running.close()


class Said(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


async def said(folder: Path, *arguments: str, stdin: bytes = b"") -> Said:
    """Call `dateline ...` in `folder`, to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, DATELINE, *arguments),
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin), PATIENCE_S)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return Said(process.returncode or 0, out.decode(), err.decode())


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def free_port(address: str = "127.0.0.1") -> int:
    """A port where a daemon may listen, now and after each of its ends; until then who connects is refused.

    On Linux it is held, bound and without a listener, while the tests of this process last: the system gives it to
    nobody who asks for any port, and who asks for this one may share it.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((address, 0))
    port = int(held.getsockname()[1])
    if sys.platform == "linux":
        _held.append(held)
    else:  # whoever is bound to a port keeps all others from it
        held.close()
    return port


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get("DATELINE_TEST") == mark and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
