"""The README names every key that a command prints with --json."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from scheduler.cli import main
from storage.model.articles import Article
from storage.schema.articles import change
from storage.schema.telling import alert
from storage.store import Store
from tests.press import BEGAN, Press

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BY_NAME = ("lists", "untold", "shared", "weeks", "flips", "deliveries")  # whose own keys are names, or told elsewhere
CONFIG = """
[[source]]
name = "Gazette"
url = "https://gazette.example/"
[[channel]]
name = "hook"
type = "webhook"
url = "http://127.0.0.1:9/"
[lists]
boats = ["ship*", "ferry"]
[[rule]]
name = "ferries"
query = "@boats late"
channels = ["hook"]
[storage]
url = "{url}"
"""


def keys_of(told: Any, name: str = "") -> set[str]:
    """Every key, but for those that are names of channels, rules, reasons or lists."""
    if isinstance(told, list):
        return {key for one in told for key in keys_of(one)}
    if not isinstance(told, dict) or name in BY_NAME:
        return set()
    if name == "when":
        return {key for one in told.values() for key in keys_of(one)}
    return {*told, *(inner for key, one in told.items() for inner in keys_of(one, key))}


@pytest.fixture
def told(store: Store, press: Press, path: Path) -> None:
    """A rule has raised an alert of an article."""
    press.publish(Article("Ferry late", "It was fog."))
    with store.writer() as connection:
        [number] = connection.execute(sa.select(change.c.id)).scalars()
        row = {"change_id": number, "rule": "ferries", "holds": "now", "words": '["Ferry"]'}
        connection.execute(alert.insert().values(row | {"created_at": BEGAN + timedelta(hours=1)}))


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "command",
    [
        ("rules",),
        ("rules", "test", "--since", "2026-11-01"),
        ("search", "ferry"),
        ("why", "1"),
        ("why-not", "ferries", "https://gazette.example/1"),
    ],
    ids=" ".join,
)
def test_every_key_is_described(path: Path, command: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(main, [*command, "--json", "--config", str(path)])
    assert answer.exit_code == 0, answer.output
    keys = keys_of(json.loads(answer.stdout))
    assert len(keys) > 8
    assert sorted(one for one in keys if f"`{one}`" not in README) == []
