"""On which line of a TOML text a key stands: neither tomllib nor pydantic says it."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"' -]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*=""")


def line_of(text: str, place: tuple[str | int, ...]) -> int:
    """Answer the line (from 1) of the key at `place`, such as ("source", 1, "every"); of its table where the key does
    not stand there; 1 where not even that does.

    Keys and headers are looked for line by line; the lines of a text in triple quotes may be taken for keys, which
    is near enough for a message.
    """
    table = str(place[0]) if place else ""
    wanted_row = place[1] if len(place) > 1 and isinstance(place[1], int) else None
    keys = [one for one in place[1:] if isinstance(one, str)]
    current, row, header_line = "", -1, 1
    # Not splitlines: TOML ends a line at "\n" alone, and so does an editor.
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            current = header[2].strip("\"' ")
            if current == table:
                row += header[1] == "[["
                if wanted_row is None or row == wanted_row:
                    header_line = number
        elif current == table and (wanted_row is None or row == wanted_row) and keys:
            if (key := _KEY.match(line)) and keys[0] in key.groups():
                return number
        elif not current and (key := _KEY.match(line)) and table in key.groups():
            header_line = number  # listen = ... or source = [{ ... }] before the first table
    return header_line
