"""Faults of a config in words: where it stands, what is wrong, and what is allowed there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from scheduler.lines import line_of
from scheduler.nearest import instead
from scheduler.sending import channel_types
from scheduler.tables import Tables, is_name
from storage.text import one_line

Place = tuple[str | int, ...]  # ("source", 1, "every"): the key `every` of the second [[source]]
Fault = tuple[Place, str]
_TOML_PLACE = re.compile(r" \(at line ([0-9]+), column ([0-9]+)\)$")
_TOML_MENDS = (  # of what people slip on most, in the words of tomllib
    ("Illegal character '\\n'", ": a text ends on its line, with the quote that it began with"),
    ("Invalid value", ": a text stands in straight quotes, true and false in small letters"),
    ("Expected newline", ': a text stands in quotes, one with " in it in single ones: \'"Gull Island"\''),
    ("Cannot overwrite a value", ": a key of this table stands there twice"),
    ("Cannot declare", ": put the keys of both tables into one"),
)
MOST_HOMES = 2  # tables that a key is said to belong to: `name` belongs to most
OF_A_TABLE = 3  # parts of the place of a key that stands in no table within a table
_LEFT_OUT = "'', "  # a key that may be left out takes an empty text as well, which nobody needs to write

_ADDRESS = re.compile(r"""[^\s'"]+://[^\s'"]*""")


def faults_of(reason: ValidationError, model: type[BaseModel], at: Place = ()) -> list[Fault]:
    """What pydantic found wrong with a table of this model that stands at `at`; never empty. No address is
    repeated: one that is a secret is easily written a line too high."""
    errors = reason.errors(include_url=False)
    # A list whose only value is wrong is also said to be empty.
    inside = {error["loc"][:-1] for error in errors}
    told = [error for error in errors if error["type"] != "too_short" or error["loc"] not in inside]
    return [
        ((*at, *error["loc"]), _unaddressed(_words(error, model, is_whole=not at), error["input"])) for error in told
    ]


def as_lines(path: Path, text: str, raw: Mapping[str, Any], faults: Iterable[Fault]) -> list[str]:
    """A line for each fault, once, in the order in which they stand in the file."""
    each = dict.fromkeys(faults)
    placed = sorted(((line_of(text, place), place, words) for place, words in each), key=lambda one: one[0])
    return [_as_line(path, line, raw, place, words) for line, place, words in placed]


def not_toml(path: Path, reason: ValueError) -> str:
    """The line for a file that no TOML reader takes, with the line number where every other fault has it."""
    said = str(reason)
    mend = next((mend for known, mend in _TOML_MENDS if known in said), "")
    if placed := _TOML_PLACE.search(said):
        return f"{path}:{placed[1]}: not TOML at column {placed[2]}: {said[: placed.start()]}{mend}"
    return f"{path}: not TOML: {said}{mend}"


def _as_line(path: Path, line: int, raw: Mapping[str, Any], place: Place, words: str) -> str:
    """`config.toml:12: [[source]] kcna, every: "soon" is no duration ...`"""
    table, keys = (str(place[0]) if place else ""), place[1:]
    where, row = [f"[{table}]"], raw.get(table)
    if keys and isinstance(keys[0], int):
        row, keys = _inside_of(row, keys[0]), keys[1:]
        name = row.get("name") if isinstance(row, dict) else None
        where = [f"[[{table}]] {name if is_name(name) else f'number {int(place[1]) + 1}'}"]
    return f"{path}:{line}: {', '.join([*where, *_said(keys, row)])}: {words}"


def _said(keys: Place, value: object) -> Iterator[str]:
    """The keys that lead into a table; of several values the place, since what is wrong may not be repeated."""
    for key in keys:
        if isinstance(key, str) and key != "[key]":
            yield one_line(key)
        elif isinstance(key, int) and isinstance(value, list) and len(value) > 1:
            yield f"number {key + 1}"
        value = _inside_of(value, key)


def _inside_of(value: object, key: str | int) -> object:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def _unaddressed(words: str, value: object) -> str:
    """The words without the addresses that stand in the value that they are about."""
    for address in _ADDRESS.findall(repr(value)):
        words = words.replace(address, "...")
    return words


def _words(error: Mapping[str, Any], model: type[BaseModel], *, is_whole: bool) -> str:
    """`is_whole`: the model is that of the whole config, and its keys are tables."""
    match error["type"], error["loc"]:
        case "extra_forbidden", loc:
            there = instead(str(loc[-1]), _keys(model, loc))
            homes = _homes(str(loc[-1])) if len(loc) <= OF_A_TABLE else []
            belongs = f": it belongs to {' or '.join(homes)}" if 0 < len(homes) <= MOST_HOMES else ""
            return f"no such key here{belongs}; {there}"
        case "missing", _:
            return "is missing"
        case "tuple_type", (str(table),) if is_whole:
            return f"write [[{table}]], with two brackets: there may be several"
        case "model_type" | "dict_type", (str(table), int()) if is_whole:
            return f"write [[{table}]], and its keys below it"
        case "model_type", (str(table),) if is_whole:
            return f"write [{table}], with one bracket: there is only one"
        case "too_short", _:
            return "write at least one"
        case "string_type", _:
            return "write a text, in quotes"
        case "tuple_type" | "list_type", _:
            return "write a list, in square brackets, also of one alone"
        case "literal_error", _:
            return f"write {str(error['ctx']['expected']).removeprefix(_LEFT_OUT)}"
        case "greater_than_equal", _:
            return f"is too small: at least {error['ctx']['ge']:,}"
        case "less_than_equal", _:
            return f"is too large: at most {error['ctx']['le']:,}"
        case "int_type" | "int_parsing" | "int_from_float", _:
            return "write a whole number, without quotes"
        case "bool_type" | "bool_parsing", _:
            return "write true or false, without quotes"
    return str(error["msg"]).removeprefix("Value error, ")


def _keys(model: type[BaseModel], loc: Place) -> list[str]:
    """The keys of the table that the last part of `loc` was looked for in."""
    for part in loc[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            annotation = model.model_fields[part].annotation
            model = next((one for one in _inside(annotation) if issubclass(one, BaseModel)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _homes(key: str) -> list[str]:
    """The tables of a config that have such a key, as they are written there."""
    homes = []
    for table, field in Tables.model_fields.items():
        if any(key in _keys(one, (key,)) for one in _inside(field.annotation) if issubclass(one, BaseModel)):
            homes.append(f"[[{table}]]" if get_origin(field.annotation) is tuple else f"[{table}]")
    if types := [name for name, one in channel_types().items() if key in _keys(one, (key,))]:
        of_all = len(types) == len(channel_types())
        homes.append("[[channel]]" if of_all else f"[[channel]] of the type {' or '.join(types)}")
    return homes


def _inside(annotation: object) -> Iterator[type]:
    """The classes that an annotation is made of, such as those of `tuple[Annotated[Rule, ...], ...]`."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for one in get_args(annotation):
        yield from _inside(one)
