"""The README's account of what commands print as JSON, held against what they do print."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

README = Path(__file__).parents[1] / "README.md"
# Of an object its keys, each with what stands there, None for a value; of a list the one that all of it are like; a
# name is told on a line of its own.
Shape = dict[str, Any] | list[Any] | str | None


def accounts() -> dict[str, Shape]:
    """What the README tells, by the name at the beginning of each line."""
    _, _, below = README.read_text(encoding="utf-8").partition("\n### JSON\n")
    block = below.partition("```text\n")[2].partition("```")[0]
    rows = re.findall(r"^(\S.*?) {2,}(.*(?:\n .*)*)", re.sub(r" *#.*", "", block), re.MULTILINE)
    read = {name: list(_read(deque(re.findall(r"[{}\[\],:+]|[\w-]+", told)))) for name, told in rows}
    return {name: _joined(parts, read) for name, parts in read.items()}


def _read(tokens: deque[str]) -> Iterator[Shape]:
    """The shapes that stand one behind the other, joined by +."""
    yield _one(tokens)
    while tokens and tokens[0] == "+":
        tokens.popleft()
        yield _one(tokens)


def _one(tokens: deque[str]) -> Shape:
    match tokens.popleft():
        case "[":
            shape: Shape = [_one(tokens)]
            assert tokens.popleft() == "]"
            return shape
        case "{":
            keys: dict[str, Shape] = {}
            end = ","
            while end == ",":
                key = tokens.popleft()
                assert re.fullmatch(r"\w+", key) and key not in keys, key
                keys[key] = None
                if (end := tokens.popleft()) == ":":
                    keys[key] = _one(tokens)
                    end = tokens.popleft()
            assert end == "}", end
            return keys
        case name:
            return name


def _joined(parts: list[Shape], told: dict[str, list[Shape]]) -> Shape:
    if len(parts) == 1:
        return parts[0]
    whole: dict[str, Any] = {}
    for one in parts:
        keys = _joined(told[one], told) if isinstance(one, str) else one
        assert isinstance(keys, dict)
        whole |= keys
    return whole


def assert_as_told(name: str, *answers: Any) -> None:
    """The answers together have all that the README tells of, and nothing else, in the same order of lists and objects.
    A null says nothing of what stands there at other times."""
    told = accounts()
    assert name in told, f"{README.name} tells nothing of {name}: give it a line under JSON"
    met: set[str] = set()
    untold = {fault for one in answers for fault in _untold(told[name], one, name, told, met)}
    assert not untold, f"printed, and not told in {README.name}: {', '.join(sorted(untold))}"
    unmet = set(_places(told[name], name, told, set())) - met
    assert not unmet, f"told in {README.name}, and not printed: {', '.join(sorted(unmet))}"


def _untold(shape: Shape, value: Any, at: str, told: dict[str, Shape], met: set[str]) -> Iterator[str]:
    """What an answer has beyond its shape; what it has of it is `met`."""
    if isinstance(shape, str):
        shape, at = told[shape], shape
    if value is None:
        return
    if isinstance(shape, list):
        assert isinstance(value, list), f"{at} is no list"
        for one in value:
            yield from _untold(shape[0], one, at, told, met)
    elif isinstance(shape, dict):
        assert isinstance(value, dict), f"{at} is no object"
        by_name = next((key for key in shape if key.isupper()), "")
        for key, inner in value.items():
            known = key if key in shape else by_name
            if not known:
                yield f"{at}.{key}"
                continue
            met.add(f"{at}.{known}")
            yield from _untold(shape[known], inner, f"{at}.{known}", told, met)
    elif _has_keys(value):
        yield f"{at} in full"


def _has_keys(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_keys, value)))


def _places(shape: Shape, at: str, told: dict[str, Shape], been: set[str]) -> Iterator[str]:
    """Every key of a shape and of those that it names, as `_untold` calls them."""
    if isinstance(shape, str):
        if shape in been:
            return
        been.add(shape)
        shape, at = told[shape], shape
    for one in shape if isinstance(shape, list) else ():
        yield from _places(one, at, told, been)
    for key, inner in shape.items() if isinstance(shape, dict) else ():
        yield f"{at}.{key}"
        yield from _places(inner, f"{at}.{key}", told, been)
