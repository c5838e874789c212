"""`dateline add URL`: a [[source]] table at the end of the config, checked before it is written."""

from __future__ import annotations

import json
import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from crawler.worker import hold_lock
from scheduler.config import BrokenConfig, Config, read_config, text_of
from storage.text import public_url

LONGEST_NAME = 60  # leaves room for a number


def add_source(path: Path, url: str, name: str | None, every: str) -> tuple[str, bool]:
    """Append the source to the file, and tell a running daemon to take it over.

    Answers the table as it was written and whether a daemon was told. Raises BrokenConfig where the config would be
    broken by it (or is already); the file is then left as it was.
    """
    address = public_url(url if "://" in url else f"https://{url}")
    if not address:
        raise BrokenConfig([f"{url!r} is no http or https address"])
    before = ""
    with suppress(FileNotFoundError):
        before = text_of(path)
    known = {one.name.casefold() for one in read_config(before, path).tables.source}
    keys = {"name": name or _name_for(address, known), "url": address} | ({"every": every} if every else {})
    table = "".join(["[[source]]\n", *(f"{key} = {_quoted(value)}\n" for key, value in keys.items())])
    gap = "" if not before or before.endswith(("\n\n", "\n\r\n")) else "\n" if before.endswith("\n") else "\n\n"
    ends = "\r\n" if "\r\n" in before else "\n"
    after = before + (gap + table).replace("\n", ends)
    config = read_config(after, path)
    _replace(path.resolve(), after)
    return table.rstrip(), _tell_daemon(config)


def _quoted(value: str) -> str:
    """As a TOML basic string, whose escapes are those of JSON; DEL is the one character that JSON leaves bare."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _name_for(address: str, known: set[str]) -> str:
    """The host without www., with a number behind it where a source has that name already."""
    host = re.sub(r"[^\w.-]", "-", (urlsplit(address).hostname or "").removeprefix("www."))
    name = host.strip("-.")[:LONGEST_NAME].strip("-.")
    number, wanted = 2, name
    while wanted.casefold() in known:
        number, wanted = number + 1, f"{name}-{number}"
    return wanted


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: a kill or a full disk leaves the old file. A config may hold secrets: no one else reads
    the new one before it has the old one's mode."""
    fresh = path.with_name(f".{path.name}.new")
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  (a descriptor)
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    fresh.chmod(mode)
    fresh.replace(path)


def _tell_daemon(config: Config) -> bool:
    """SIGHUP to the daemon that holds the lock of this config's data; False where none does."""
    lock = config.data / "daemon.lock"
    if not lock.exists():
        return False
    if (held := hold_lock(lock)) is not None:
        held.close()
        return False
    try:
        os.kill(int(lock.read_text(encoding="utf-8")), signal.SIGHUP)
    except (ValueError, ProcessLookupError):  # it takes the lock just now, or gives it back: it reads the file anyway
        return False
    return True
