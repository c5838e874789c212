"""Sizes as the config writes them: "500kB", "8MB", "10GB"."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d{1,9}) ?(B|kB|KB|MB|GB|TB)?")
_UNITS = {"B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}


def bytes_in(value: object) -> int:
    """Read a size in bytes. Raises ValueError with the mend."""
    found = _SIZE.fullmatch(str(value).strip())
    if not found or isinstance(value, bool):
        raise ValueError(f'{value!r} is no size: write "500kB", "8MB" or "10GB"')
    return int(found[1]) * _UNITS[found[2] or "B"]


def size_in_words(number: int) -> str:
    """A size for people: 512 B, 1.5 kB, 20.3 MB."""
    for unit in ("TB", "GB", "MB", "kB"):
        if number >= _UNITS[unit]:
            return f"{number / _UNITS[unit]:.1f} {unit}"
    return f"{number} B"
