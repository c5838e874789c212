"""What one table of a config says of another: names that are not there, names and addresses that are there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scheduler.faults import Fault
from scheduler.nearest import instead
from scheduler.query.grammar import Lists, QueryError, parse
from scheduler.tables import is_name
from storage.text import public_url

NAMED = ("source", "rule", "channel", "feed")
TAKEN = ("all", "changes", "source", "rule", "search")  # the first part of other feeds' addresses


def crossed(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults between the tables of a config as it was read; tables that are broken themselves are seen through,
    so that all faults are told at once."""
    rows = {table: _rows(raw, table) for table in NAMED}
    for table, of_table in rows.items():
        seen: set[str] = set()
        for place, row in of_table:
            name = _text(row, "name")
            # Names stand in addresses and mails, where nobody tells "KCNA" from "kcna".
            if name and name.casefold() in seen:
                yield (table, place, "name"), f"another [[{table}]] has this name; capitals make no difference"
            seen.add(name.casefold())
    urls: dict[str, str] = {}
    for place, row in rows["source"]:
        url = public_url(_text(row, "url"))
        if url and url in urls:
            yield ("source", place, "url"), f"the source {urls[url]!r} watches this address already"
        urls[url] = _text(row, "name")
    yield from _missing(rows["rule"], "rule", "sources", "source", rows)
    yield from _missing(rows["feed"], "feed", "sources", "source", rows)
    yield from _missing(rows["rule"], "rule", "channels", "channel", rows)
    daemon = raw.get("daemon")
    channels = _names(rows["channel"])
    for name in _texts(daemon, "tell") if isinstance(daemon, dict) else []:
        if name not in channels:
            yield ("daemon", "tell"), _no_such("channel", name, channels)
    for place, row in rows["feed"]:
        if (name := _text(row, "name")).casefold() in TAKEN:
            yield ("feed", place, "name"), f"{name!r} is the address of another feed; take another name"


def whole_lists(lists: Lists) -> tuple[Lists, list[Fault]]:
    """Lists may name each other: also those that no rule names must lead somewhere. Those that do not are told once,
    and stand for themselves in the lists that queries are read with: not every query that names them is at fault."""
    whole = dict(lists)
    faults: dict[Fault, None] = {}
    for name in lists:
        try:
            parse(f"@{name}", lists)
        except QueryError as reason:
            whole[name] = (name,)
            faults[("lists", reason.in_list or name), reason.message] = None
    return whole, list(faults)


Rows = list[tuple[int, dict[str, Any]]]


def _missing(of_table: Rows, table: str, key: str, wanted: str, rows: Mapping[str, Rows]) -> Iterator[Fault]:
    there = _names(rows[wanted])
    for place, row in of_table:
        for name in _texts(row, key):
            if name not in there:
                yield (table, place, key), _no_such(wanted, name, there)


def _no_such(table: str, name: str, known: Iterable[str]) -> str:
    named = f"named {name!r}" if is_name(name) else "of that name"  # an address with a secret in it may stand there
    return f"there is no [[{table}]] {named}; {instead(name, known)}"


def _names(of_table: Rows) -> dict[str, None]:
    """In the order of the file, those that are some."""
    return dict.fromkeys(name for _, row in of_table if is_name(name := _text(row, "name")))


def _rows(raw: Mapping[str, Any], table: str) -> Rows:
    found = raw.get(table)
    return [(place, row) for place, row in enumerate(found if isinstance(found, list) else []) if isinstance(row, dict)]


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _texts(row: Mapping[str, Any], key: str) -> list[str]:
    value = row.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
