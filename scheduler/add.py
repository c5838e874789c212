"""`dateline add URL`: a [[source]] table at the end of the config, checked before it is written."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from urllib.parse import urlsplit

from crawler.worker import hold_lock
from scheduler.config import BrokenConfig, Config, read_config
from storage.text import public_url


def add_source(path: Path, url: str, name: str | None, every: str) -> tuple[str, bool]:
    """Append the source to the file, and tell a running daemon to take it over.

    Answers the table as it was written and whether a daemon was told. Raises BrokenConfig where the config would be
    broken by it (or is already); the file is then left as it was.
    """
    address = public_url(url if "://" in url else f"https://{url}")
    if not address:
        raise BrokenConfig([f"{url!r} is no http or https address"])
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    known = {one.name for one in read_config(before, path).tables.source}
    table = f'[[source]]\nname = "{name or _name_for(address, known)}"\nurl = "{address}"\n'
    table += f'every = "{every}"\n' if every else ""
    after = (
        before + ("" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n") + table
    )
    config = read_config(after, path)
    _replace(path, after)
    return table.rstrip(), _tell_daemon(config)


def _name_for(address: str, known: set[str]) -> str:
    """The host without www., with a number behind it where a source has that name already."""
    name = re.sub(r"[^\w.-]", "-", (urlsplit(address).hostname or "").removeprefix("www.")).strip("-.")
    number, wanted = 2, name
    while wanted in known:
        number, wanted = number + 1, f"{name}-{number}"
    return wanted


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: a kill or a full disk leaves the old file."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        fresh.chmod(path.stat().st_mode)
    fresh.replace(path)


def _tell_daemon(config: Config) -> bool:
    """SIGHUP to the daemon that holds the lock of this config's data; False where none does."""
    lock = config.data / "daemon.lock"
    if not lock.exists():
        return False
    if (held := hold_lock(lock)) is not None:
        held.close()
        return False
    os.kill(int(lock.read_text(encoding="utf-8")), signal.SIGHUP)
    return True
