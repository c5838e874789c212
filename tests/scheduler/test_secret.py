"""Secrets: where they are read from, and that they never show."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from scheduler.secret import LARGEST, Secret, resolve


class Table(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    password: Secret


def test_a_secret_is_read_from_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment, from a file without its last line end, or as it stands."""
    monkeypatch.setenv("DESK_PASSWORD", "hush")
    (tmp_path / "password").write_text("hush\n")
    for text in ("env:DESK_PASSWORD", "file:password", f"file:{tmp_path}/password", "hush"):
        table = Table.model_validate({"password": text}, context={"folder": tmp_path})
        assert table.password.reveal() == "hush"
        assert table.password == Secret("hush")


def test_a_secret_never_shows() -> None:
    """Not by itself, not in its table, not in a format."""
    table = Table(password=Secret("hush"))
    assert "hush" not in f"{table} {table!r} {table.password} {table.password!r} {table.model_dump()}"
    assert table.password != Secret("other")
    assert pickle.loads(pickle.dumps(table.password)) == table.password


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("env:DATELINE_NOT_SET", "variable 'DATELINE_NOT_SET' is not set"),
        ("file:nowhere", "nowhere cannot be read: No such file"),
        ("file:.", "cannot be read: Is a directory"),
        ("file:empty", "empty is empty"),
        ("file:long", "is longer than"),
        ("file:binary", "is not UTF-8"),
        ("", "env:NAME"),
    ],
)
def test_a_secret_that_is_not_there_is_named(tmp_path: Path, text: str, words: str) -> None:
    """The fault names the variable or the file, and how to mend it."""
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "long").write_text("x" * (LARGEST + 1))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=words):
        resolve(text, tmp_path)


def test_a_secret_of_another_type_is_refused() -> None:
    """A number is no secret, and is not shown either."""
    with pytest.raises(ValueError, match="no text") as refused:
        Table.model_validate({"password": 4711})
    assert "4711" not in str(refused.value)
