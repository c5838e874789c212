"""What commands that only read the store need of a config, also of a broken one: the daemon runs on with the one
before, and whoever asks how things are wants an answer."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from scheduler.config import BrokenConfig, base_url_of, load_config, store_url_of, text_of
from scheduler.query.grammar import NO_LISTS, Lists
from scheduler.tables import Daemon, Storage, Table

_NO_TOML = (ValueError, RecursionError)  # a number may be too long, and brackets stand in each other too deeply
_TABLES = re.compile(r"^(?=\[)", re.MULTILINE)
_Table = TypeVar("_Table", bound=Table)


@dataclass(frozen=True, slots=True)
class Ground:
    """`faults` are those of the config, empty where it is good; of a broken one no list is known, and the store is
    where what can be read of it says, or else where it is by default."""

    store_url: str
    data: Path
    base_url: str
    has_heartbeat: bool
    lists: Lists
    faults: tuple[str, ...] = ()


def ground_of(path: Path) -> Ground:
    """The ground of the config at `path`, whatever stands in it, and also where there is none."""
    try:
        config = load_config(path, secrets_elsewhere=True)
    except BrokenConfig as broken:
        return _left_of(path, tuple(broken.faults))
    has_heartbeat = config.tables.daemon.heartbeat is not None
    return Ground(config.store_url, config.data, config.base_url, has_heartbeat, config.lists)


def _left_of(path: Path, faults: tuple[str, ...]) -> Ground:
    folder, found = path.resolve().parent, _readable(path)
    daemon, storage = _good(Daemon, found.get("daemon")), _good(Storage, found.get("storage"))
    data = (folder / daemon.data).resolve()
    return Ground(
        store_url=store_url_of(storage.url, folder, data),
        data=data,
        base_url=base_url_of(daemon),
        # Its address may be a variable that is set for the daemon alone.
        has_heartbeat=isinstance(found.get("daemon"), dict) and "heartbeat" in found["daemon"],
        lists=NO_LISTS,
        faults=faults,
    )


def _readable(path: Path) -> Mapping[str, Any]:
    """The tables of a config; of one that is no TOML those tables that are some by themselves."""
    try:
        text = text_of(path).replace("\r\n", "\n")
    except (BrokenConfig, FileNotFoundError):
        return {}
    with suppress(*_NO_TOML):
        return tomllib.loads(text)
    found: dict[str, Any] = {}
    for part in _TABLES.split(text):
        with suppress(*_NO_TOML):
            found = tomllib.loads(part) | found
    return found


def _good(model: type[_Table], table: object) -> _Table:
    """The table with those of its keys that are good."""
    good = {}
    for key, value in table.items() if isinstance(table, dict) else ():
        with suppress(ValidationError):
            model.model_validate({key: value})
            good[key] = value
    return model.model_validate(good)
