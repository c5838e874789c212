"""A password, a key or an address that is one: named in the config, read from where it lies, never shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import AfterValidator, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

LARGEST = 10_000  # bytes of a file that holds a secret: more is another file


class Secret:
    """A secret in a pydantic model: "env:NAME", "file:PATH" or the secret itself.

    A relative path counts from `folder` of the validation context, else from the working directory. Compares equal by
    what it holds, so that a reload sees whether it changed. Shown, it is "***".

    With `elsewhere` in the validation context a variable that is not set makes no fault but a secret that is not known:
    who sends nothing needs none, and the daemon was started in another shell.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | None) -> None:
        self._value = value

    @property
    def is_known(self) -> bool:
        return self._value is not None

    def reveal(self) -> str:
        if self._value is None:
            raise LookupError("a secret of the config is not set here, and was needed all the same")
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(_validated)


class NotSet(ValueError):
    """The environment variable that a secret lies in is not set."""


def where_known(check: Callable[[Secret], Secret]) -> AfterValidator:
    """The check of what a secret holds, as a validator; what is not known passes."""
    return AfterValidator(lambda secret: check(secret) if secret.is_known else secret)


def resolve(text: str, folder: Path) -> str:
    """Read what `text` names. Raises ValueError that names the variable or the file, never what is in it."""
    if text.startswith("env:"):
        name = text.removeprefix("env:")
        value = os.environ.get(name, "")
        if not value:
            raise NotSet(f"the environment variable {name!r} is not set: set it where Dateline is started")
        return value
    if text.startswith("file:"):
        return _from_file(folder / Path(text.removeprefix("file:")).expanduser())
    if not text:
        raise ValueError('empty: write "env:NAME", "file:PATH" or the secret itself')
    return text


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as reason:
        raise ValueError(f"the file {path} cannot be read: {reason.strerror}") from None
    if len(content) > LARGEST:
        raise ValueError(f"the file {path} is longer than {LARGEST:,} bytes: name the file that holds the secret alone")
    try:
        value = content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError(f"the file {path} is not UTF-8") from None
    if not value:
        raise ValueError(f"the file {path} is empty")
    return value


def _validated(value: object, info: ValidationInfo) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise ValueError('no text: write "env:NAME", "file:PATH" or the secret itself')
    context = info.context or {}
    try:
        return Secret(resolve(value, Path(context.get("folder", "."))))
    except NotSet:
        if not context.get("elsewhere"):
            raise
        return Secret(None)
