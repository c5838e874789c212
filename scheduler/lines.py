"""On which line of a TOML text a key stands: neither tomllib nor pydantic says it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"' -]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*=""")


def line_of(text: str, place: tuple[str | int, ...]) -> int:
    """Answer the line (from 1) of the key at `place`, such as ("source", 1, "every"); of its table where the key does
    not stand there; 1 where not even that does.

    Keys and headers are looked for line by line; the lines of a text in triple quotes may be taken for keys, which
    is near enough for a message.
    """
    table = str(place[0]) if place else ""
    row = place[1] if len(place) > 1 and isinstance(place[1], int) else None
    index = _index(text)
    for key in [one for one in place[1:] if isinstance(one, str)][:1]:
        if number := index.keys.get((table, row, key)):
            return number
    return index.headers.get((table, row)) or index.inline.get(table, 1)


@dataclass(frozen=True, slots=True)
class _Index:
    """Lines by what stands on them. A row is the number of a table among those of its name, None for any of them: of
    headers the last, of keys the first."""

    headers: dict[tuple[str, int | None], int] = field(default_factory=dict)
    keys: dict[tuple[str, int | None, str], int] = field(default_factory=dict)
    inline: dict[str, int] = field(default_factory=dict)  # listen = ... or source = [{ ... }] before the first table


@lru_cache(maxsize=2)  # ten thousand rules may have a fault each: the text is read once for all of them
def _index(text: str) -> _Index:
    index, rows, current = _Index(), dict[str, int](), ""
    # Not splitlines: TOML ends a line at "\n" alone, and so does an editor.
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            current = header[2].strip("\"' ")
            rows[current] = rows.get(current, -1) + (header[1] == "[[")
            index.headers[current, None] = index.headers[current, rows[current]] = number
        elif found := _KEY.match(line):
            key = next(one for one in found.groups() if one is not None)
            if current:
                index.keys.setdefault((current, None, key), number)
                index.keys.setdefault((current, rows[current], key), number)
            else:
                index.inline[key] = number
    return index
