"""`dateline add URL`: a [[source]] table for the end of the config, checked before it is written."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from crawler.worker import hold_lock, holder
from scheduler.config import BrokenConfig, Config, read_config, text_of
from scheduler.faults import faults_of
from scheduler.lines import line_of
from scheduler.tables import Source
from storage.identity import address_key
from storage.store import Store, WrongSchema, open_store
from storage.text import public_url

LONGEST_NAME = 60  # leaves room for a number


@dataclass(frozen=True, slots=True)
class Addition:
    """A [[source]] table for the end of a config, which was read with it and is good."""

    path: Path
    url: str
    listings: tuple[str, ...]
    table: str
    text: str  # of the whole file
    config: Config

    def write(self) -> bool:
        """Write the file; answers whether a running daemon was told to take it over."""
        _replace(self.path.resolve(), self.text)
        return _tell_daemon(self.config)


@dataclass(frozen=True, slots=True)
class Seen:
    """What looking round at an address came to. `listings` are to be looked at, none where nothing fit was found."""

    url: str
    listings: tuple[str, ...]
    in_words: str
    as_json: dict[str, Any]


def look_round(config: Config, address: str, say: Callable[[str], None]) -> Seen:
    """Ask the site politely how it lists its articles. Raises LookFault where it cannot be asked at all."""
    from crawler.scout import scout  # 1 s: a `dateline add --as-is` needs none of it
    from scheduler import preview
    from scheduler.taking_over import worker_settings

    store = None
    with suppress(WrongSchema):  # nothing runs on a database that is not there, or of another version
        store = open_store(config.store_url)
    try:
        if store is not None:
            _free_claims(config, store)
        scouted = scout(worker_settings(config).crawler, address, store=store, say=say)
    finally:
        if store is not None:
            store.close()
    return Seen(
        url=scouted.url,
        listings=tuple(one.offer.url for one in scouted.chosen),
        in_words=preview.in_words(scouted, datetime.now(UTC)),
        as_json=preview.as_json(scouted),
    )


def _free_claims(config: Config, store: Store) -> None:
    """What a dead worker held is nobody's; waiting for it would be in vain."""
    from storage.schedule import Schedule

    if (lock := hold_lock(config.data / "worker.lock")) is not None:
        floor = config.tables.crawler.delay
        store.write(lambda connection: Schedule(store).free_claims(connection, datetime.now(UTC), floor))
        lock.close()


def address_of(url: str) -> str:
    """The address that a person typed, with https:// where it has no scheme. Raises BrokenConfig where it is none."""
    address = public_url(url if "://" in url else f"https://{url}")
    host = urlsplit(address).hostname or ""
    if not address or not ("." in host or ":" in host or host == "localhost"):
        raise BrokenConfig([f"{url!r} is no http or https address: write it as your browser shows it"])
    return address


def config_of(path: Path) -> Config:
    """The config that the source is to be added to; an empty one where there is no file yet. Raises BrokenConfig."""
    return read_config(_text(path), path, secrets_elsewhere=True)


def add_source(path: Path, url: str, name: str | None, every: str, listings: Sequence[str] = ()) -> Addition:
    """Make the source's table, to be looked at before it is written.

    Raises BrokenConfig where the config would be broken by it (or is already).
    """
    address, before = address_of(url), _text(path)
    watched = read_config(before, path, secrets_elsewhere=True).tables.source
    known = {one.name.casefold() for one in watched}
    keys = {"name": name or _name_for(address, known), "url": address} | ({"every": every} if every else {})
    if faults := [*_in_the_way(path, before, watched, keys), *_typed_wrong(keys)]:
        raise BrokenConfig(faults)
    lines = [f"{key} = {_quoted(value)}\n" for key, value in keys.items()]
    if listings and list(listings) != [address]:
        lines.append(f"listings = [{', '.join(map(_quoted, listings))}]\n")
    table = "".join(["[[source]]\n", *lines])
    gap = "" if not before or before.endswith(("\n\n", "\n\r\n")) else "\n" if before.endswith("\n") else "\n\n"
    ends = "\r\n" if "\r\n" in before else "\n"
    after = before + (gap + table).replace("\n", ends)
    config = read_config(after, path, secrets_elsewhere=True)
    return Addition(path, address, tuple(listings), table.rstrip(), after, config)


def _in_the_way(path: Path, text: str, watched: Sequence[Source], keys: Mapping[str, str]) -> Iterator[str]:
    """The sources that the config has already, by their lines."""
    for place, one in enumerate(watched):
        if address_key(one.url) == address_key(keys["url"]):
            line = line_of(text, ("source", place, "url"))
            yield f"{path}:{line}: the source {one.name!r} watches this address already, in whatever spelling"
        if one.name.casefold() == keys["name"].casefold():
            line = line_of(text, ("source", place, "name"))
            yield f"{path}:{line}: the source {one.name!r} has the name that was asked for: give another one, --name"


def _typed_wrong(keys: Mapping[str, str]) -> list[str]:
    """By what was typed: the lines of the new table are in no file yet."""
    try:
        Source.model_validate(keys)
    except ValidationError as reason:
        return [f"--{place[0]}: {words}" for place, words in faults_of(reason, Source)]
    return []


def _text(path: Path) -> str:
    with suppress(FileNotFoundError):
        return text_of(path)
    return ""


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
    process = holder(config.data / "daemon.lock")
    if process is None:  # where it takes the lock just now, or gives it back, it reads the file anyway
        return False
    try:
        os.kill(process, signal.SIGHUP)
    except ProcessLookupError:
        return False
    return True
