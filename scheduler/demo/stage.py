"""What the demo plays on: a newspaper, a postbox and a real Dateline between them, in a folder of its own."""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from time import monotonic
from typing import Self, TypeVar

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from storage.archive import Archive
from storage.store import open_store

Found = TypeVar("Found")

READER, RULE, SOURCE = "reader@example.org", "ferry", "courier"
QUERY = 'ferry AND "Gull Island"'
DELAY_S = 0.1
# The newspaper edits within seconds; real ones are looked at again after minutes, hours and days.
REVISIT = tuple(f"{seconds}s" for seconds in range(2, 61, 2))
PATIENCE_S = 120.0  # for what takes a second or two on a machine that has nothing else to do
LOOK_EVERY_S = 0.05
ENDED_WITHIN_S = 30.0
SECRET = "whsec_ZGVtb25zdHJhdGlvbiBzZWNyZXQgb25seQ=="  # noqa: S105  (of a webhook that lives as long as the demo)

_CONFIG = """\
[daemon]
listen = "127.0.0.1:{port}"

[crawler]
contact = "demo@example.org"
delay = "{delay}"                       # real sites are asked more gently
allow_addresses = ["127.0.0.0/8"]     # this machine's own are refused unless they are named

[changes]
revisit = [{revisit}]
confirm = "4s"

[[source]]
name = "{source}"
url = "{newspaper}"
every = "1s"

[[rule]]
name = "{rule}"
query = '{query}'
channels = ["mail", "hook"]

[[channel]]
name = "mail"
type = "email"
host = "{mail_host}"
port = {mail_port}
from = "dateline@example.org"
to = ["{reader}"]

[[channel]]
name = "hook"
type = "webhook"
url = "{hook_url}"
secret = "{secret}"
"""


class NotShown(Exception):
    """The demo could not go on. The message ends with the last lines of Dateline's log."""


class Stage:
    """`async with Stage() as stage`: newspaper and postbox are open; `await stage.start_dateline()` when the first
    articles are printed. At the end everything is stopped and the folder removed, whatever happened."""

    def __init__(self, *, revisit: Sequence[str] = REVISIT) -> None:
        self._revisit = tuple(revisit)
        self.newspaper, self.postbox = Newspaper(), Postbox(SECRET)
        self.page = ""  # Dateline's, without a slash at its end
        self.archive: Archive
        self._process: asyncio.subprocess.Process | None = None
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            self.folder = Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="dateline-demo-")))
            await self.newspaper.start()
            opening.push_async_callback(self.newspaper.stop)
            await self.postbox.start()
            opening.push_async_callback(self.postbox.stop)
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self._open.aclose()

    async def start_dateline(self) -> None:
        """Write its config, start `dateline run` and wait for its page. NotShown where it does not come up."""
        port = self._held_port()
        config = self.folder / "config.toml"
        config.write_text(self._config(port), encoding="utf-8")
        with (self.folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", "from scheduler.cli import main; main()", "run", "--config", str(config)),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the demo's: it ends Dateline in order
            )
        self._open.push_async_callback(self._stop_dateline)
        assert self._process.stdout
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)  # "Dateline runs ..."
        if self._process.returncode is not None or not (self.folder / "data/dateline.db").exists():
            raise NotShown(f"Dateline did not start:\n{self._end_of_log()}")
        self.page = f"http://127.0.0.1:{port}"
        store = open_store(f"sqlite:///{self.folder}/data/dateline.db")
        self._open.callback(store.close)
        self.archive = Archive(store)

    async def seen(self, what: str, look: Callable[[], Found | None]) -> Found:
        """Look until there is something. NotShown, naming `what`, where it does not come or Dateline has ended."""
        until = monotonic() + PATIENCE_S
        while not (found := look()):
            if self._process is None or self._process.returncode is not None or monotonic() > until:
                raise NotShown(f"Dateline did not show {what}:\n{self._end_of_log()}")
            await asyncio.sleep(LOOK_EVERY_S)
        return found

    def failed_look(self, url: str) -> str:
        """What Dateline's log says of the newest look at `url` that failed; "" if none did."""
        lines = [line for line in self._log() if "look failed" in line and f" url={url} " in line]
        return lines[-1].rpartition(" reason=")[2] if lines else ""

    async def _stop_dateline(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), ENDED_WITHIN_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _held_port(self) -> int:
        """A port of loopback that Dateline may listen on, and that on Linux is given to nobody else until the end."""
        held = self._open.enter_context(socket.socket())
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
        if sys.platform != "linux":  # elsewhere whoever is bound to a port keeps all others from it
            held.close()
        return port

    def _config(self, port: int) -> str:
        return _CONFIG.format(
            port=port,
            delay=f"{DELAY_S * 1000:g}ms",
            revisit=", ".join(f'"{one}"' for one in self._revisit),
            source=SOURCE,
            newspaper=self.newspaper.url,
            rule=RULE,
            query=QUERY,
            mail_host=self.postbox.address,
            mail_port=self.postbox.mail.port,
            reader=READER,
            hook_url=self.postbox.hook_url,
            secret=SECRET,
        )

    def _log(self) -> list[str]:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()

    def _end_of_log(self) -> str:
        return "\n".join(self._log()[-15:])
