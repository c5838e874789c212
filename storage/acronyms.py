"""Acronyms with full stops and without: U.S. is US, where capitals tell it from us. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product

_ACRONYM = re.compile(r"(?<![^\s-])(?:(?:[A-Z]\.){1,4}[A-Z]\.?|[A-Z]{2,5})(?![^\s-])")
_MAY_BE_ONE = re.compile(r"[A-Z][A-Z.]")  # few words have it, and a config may have a hundred thousand
_OF_THE_CLOCK = frozenset(("AM", "PM"))
_MOST_MIXED = 2  # acronyms of which a text may write one with full stops and the other without: U.S. GDP


def spellings(text: str) -> tuple[str, ...]:
    """A query's words with their acronyms written otherwise, first without full stops, then with; without the last one
    at the end, where a text may have it or not. Empty where there are none."""
    if not _MAY_BE_ONE.search(text):
        return ()
    found = [one for one in _ACRONYM.finditer(text) if _bare(one) not in _OF_THE_CLOCK]
    if len(found) <= _MOST_MIXED:
        ways: Iterable[tuple[bool, ...]] = product((False, True), repeat=len(found))
    else:
        ways = (False,) * len(found), (True,) * len(found)
    written = ("".join(_written(text, found, way)).removesuffix(".") for way in ways)
    return tuple(dict.fromkeys(one for one in written if one != text.removesuffix(".")))


def places(said: str) -> tuple[tuple[int, int], ...]:
    """Where the acronyms stand in one of these spellings, in order."""
    return tuple(found.span() for found in _ACRONYM.finditer(said))


def _written(text: str, found: Iterable[re.Match[str]], way: Iterable[bool]) -> Iterator[str]:
    """The pieces of the text, each acronym with full stops where `way` has it."""
    end = 0
    for one, dotted in zip(found, way, strict=True):
        yield text[end : one.start()]
        yield "".join(f"{letter}." for letter in _bare(one)) if dotted else _bare(one)
        end = one.end()
    yield text[end:]


def _bare(found: re.Match[str]) -> str:
    return found.group().replace(".", "")
