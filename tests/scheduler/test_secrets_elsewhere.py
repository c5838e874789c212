"""Secrets in variables that the daemon's shell has and the one beside it has not: who sends nothing needs none."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.worker import hold_lock
from scheduler.cli import main
from scheduler.config import BrokenConfig, load_config
from storage.model.articles import Article
from storage.store import open_store
from tests.press import Press

CONFIG = """\
[daemon]
heartbeat = "env:DATELINE_NOT_SET"

[lists]
boats = ["ferry"]

[[source]]
name = "gazette"
url = "https://gazette.example/"

[[rule]]
name = "ferries"
query = "@boats"
channels = ["me", "desk", "team"]

[[channel]]
name = "me"
type = "email"
host = "127.0.0.1"
username = "dateline"
password = "env:DATELINE_NOT_SET"
from = "dateline@example.org"
to = ["reader@example.org"]

[[channel]]
name = "desk"
type = "webhook"
url = "env:DATELINE_NOT_SET"
secret = "env:DATELINE_NOT_SET"

[[channel]]
name = "team"
type = "apprise"
url = "env:DATELINE_NOT_SET"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = open_store(f"sqlite:///{tmp_path}/data/dateline.db", migrate=True)
    Press(store).publish(Article("Ferry late", "It was fog."))
    store.close()
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


def call(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--config", str(path)])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["search", "@boats"], "Ferry late"),
        (["rules"], "told through desk"),
        (["rules", "test", "ferries"], "1 alert"),
        (["why-not", "ferries", "https://gazette.example/1"], "The query on the text"),
        (["deliveries"], ""),
        (["history", "https://gazette.example/1"], "Ferry late"),
        (["mass"], "no mass event"),
        (["add", "https://courier.example/", "--as-is"], 'name = "courier.example"'),
    ],
)
def test_what_sends_nothing_needs_no_secret(path: Path, asked: list[str], words: str) -> None:
    answer = call(path, *asked)
    assert answer.exit_code == 0, answer.output
    assert words in answer.output


def test_status_does_not_call_the_daemons_config_broken(path: Path) -> None:
    """It was started with the variables, and runs with this config."""
    lock = hold_lock(path.parent / "data/daemon.lock")
    assert lock is not None
    said = call(path, "status").output
    lock.close()
    assert "The daemon runs, process " in said and "broken" not in said


@pytest.mark.parametrize("asked", [["check"], ["tell", "me"], ["once"], ["run"]])
def test_what_sends_names_each_variable_that_is_not_set(path: Path, asked: list[str]) -> None:
    answer = call(path, *asked)
    assert answer.exit_code == 2
    assert answer.output.count("the environment variable 'DATELINE_NOT_SET' is not set") == 5


def test_what_is_wrong_otherwise_stays_a_fault(path: Path) -> None:
    """A file that is not there, an address that is none: the daemon would not have them either."""
    path.write_text(CONFIG.replace('secret = "env:DATELINE_NOT_SET"', 'secret = "file:nowhere"'))
    with pytest.raises(BrokenConfig, match="nowhere cannot be read"):
        load_config(path, secrets_elsewhere=True)
    path.write_text(CONFIG.replace('url = "env:DATELINE_NOT_SET"', 'url = "ftp://hooks.example/"'))
    with pytest.raises(BrokenConfig) as broken:
        load_config(path, secrets_elsewhere=True)
    assert len(broken.value.faults) == 2
