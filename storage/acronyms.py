"""Acronyms with full stops and without: U.S. is US, where capitals tell it from us. Pure."""

from __future__ import annotations

import re

_DOTTED = re.compile(r"(?<![^\s-])(?:[A-Z]\.){1,4}[A-Z]\.?(?![^\s-])")
_PLAIN = re.compile(r"(?<![^\s-])[A-Z]{2,5}(?![^\s-])")
_MAY_BE_ONE = re.compile(r"[A-Z][A-Z.]")  # few words have it, and a config may have a hundred thousand
_OF_THE_CLOCK = frozenset(("AM", "PM"))


def spellings(text: str) -> tuple[str, ...]:
    """A query's words with their acronyms written otherwise, first without full stops, then with; without the last one
    at the end, where a text may have it or not. Empty where there are none."""
    if not _MAY_BE_ONE.search(text):
        return ()
    plain = _DOTTED.sub(_without_stops, text)
    dotted = _PLAIN.sub(_with_stops, plain)
    return tuple(dict.fromkeys(one for one in (plain, dotted.removesuffix(".")) if one.rstrip(".") != text.rstrip(".")))


def places(said: str) -> tuple[tuple[int, int], ...]:
    """Where the acronyms stand in one of these spellings."""
    return tuple(found.span() for pattern in (_DOTTED, _PLAIN) for found in pattern.finditer(said))


def _without_stops(found: re.Match[str]) -> str:
    bare = found.group().replace(".", "")
    return found.group() if bare in _OF_THE_CLOCK else bare


def _with_stops(found: re.Match[str]) -> str:
    bare = found.group()
    return bare if bare in _OF_THE_CLOCK else "".join(f"{letter}." for letter in bare)
