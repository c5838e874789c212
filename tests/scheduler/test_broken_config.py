"""A config that is broken on the disk, while a daemon runs with the one before: what answers all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.worker import hold_lock
from scheduler.cli import main
from scheduler.salvage import ground_of
from storage.model.articles import Article
from storage.store import open_store
from tests.press import Press

BROKEN = """\
[daemon]
data = "kept"
base_url = "https://news.example/"
listen = 7

[[source]]
name = "gazette"
url = "https://gazette.example/"
every = "soon"

[lists]
boats = ["ferry"]

[[rule]]
name = "ferries"
query = "@boats AND"
"""
FAULTS = [
    "4: [daemon], listen: write a text, in quotes",
    "9: [[source]] gazette, every: 'soon' is no duration",
    "16: [[rule]] ferries, query: at column 11: nothing stands after AND",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """With a store where it says, and an article in it."""
    store = open_store(f"sqlite:///{tmp_path}/kept/dateline.db", migrate=True)
    Press(store).publish(Article("Ferry late", "It was fog."))
    store.close()
    path = tmp_path / "config.toml"
    path.write_text(BROKEN)
    return path


def call(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--config", str(path)])


def test_status_answers_and_names_the_faults(path: Path) -> None:
    """By the store that the config still names, and whether a daemon runs with the config before."""
    answer = call(path, "status")
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert "1 article at 1 address, 1 revision" in lines
    at = lines.index("No daemon runs, and none starts until the config is mended:")
    for said, fault in zip(lines[at + 1 :], FAULTS, strict=True):
        assert said.startswith(f"{path}:{fault}")
    lock = hold_lock(path.parent / "kept/daemon.lock")
    assert lock is not None
    said = call(path, "status").output
    lock.close()
    assert "The daemon runs, process " in said and ", with the config before this one, which is broken:\n" in said
    told = json.loads(call(path, "status", "--json").stdout)
    assert told["articles"] == 1 and len(told["config"]) == 3


def test_status_of_a_good_config_has_no_fault(path: Path) -> None:
    path.write_text('[daemon]\ndata = "kept"\n')
    assert json.loads(call(path, "status", "--json").stdout)["config"] == []


def test_search_finds_without_the_lists(path: Path) -> None:
    """And leads to the page that the config names; a query that names a list says why it cannot be answered."""
    answer = call(path, "search", "ferry", "--json")
    assert answer.exit_code == 0, answer.output
    [found] = json.loads(answer.stdout)["articles"]
    assert found["page"].startswith("https://news.example/article/")
    answer = call(path, "search", "@boats")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert [one.startswith(f"{path}:") for one in answer.stderr.splitlines()] == [True, True, True, False]
    assert answer.stderr.endswith("The query names a list, and no list is known until the config is mended.\n")
    answer = call(path, "search", "ferry AND")
    assert answer.exit_code == 2 and "nothing stands after AND" in answer.stderr and "soon" not in answer.stderr


def test_rules_say_that_they_need_the_config(path: Path) -> None:
    answer = call(path, "rules")
    assert answer.exit_code == 2
    assert answer.stderr.splitlines()[-1].startswith("`dateline rules` is about the rules of this file: mend it first.")


def test_without_a_store_the_faults_are_said_all_the_same(tmp_path: Path) -> None:
    """Also where there is no config: the folder may be the wrong one."""
    path = tmp_path / "config.toml"
    for command in (("status",), ("search", "ferry")):
        answer = call(path, *command)
        assert (answer.exit_code, answer.stdout) == (2, "")
        assert [one in answer.stderr for one in ("no such file", "there is no database at")] == [True, True]


@pytest.mark.parametrize("command", [("status",), ("status", "--json"), ("search", "ferry")])
def test_without_a_store_what_to_mend_comes_first(tmp_path: Path, command: tuple[str, ...]) -> None:
    """`dateline run` would make the store, and does not start before the config is mended."""
    path = tmp_path / "config.toml"
    path.write_text(BROKEN)
    answer = call(path, *command)
    assert (answer.exit_code, answer.stdout) == (2, "")
    *faults, last = answer.stderr.splitlines()
    assert [one.startswith(f"{path}:{fault}") for one, fault in zip(faults, FAULTS, strict=True)] == [True] * 3
    assert last == (
        f"Mend the config first. Then: there is no database at {tmp_path}/kept/dateline.db: start `dateline run` or "
        "`dateline once`, which make it"
    )


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (BROKEN, "kept"),
        (BROKEN.replace("[lists]", '[[rule]]\nquery = "x\n'), "kept"),
        (BROKEN.replace('data = "kept"', 'data = "kept'), "data"),
        (BROKEN.replace('"kept"', '"a\\u0000b"'), "data"),
        (BROKEN.replace("[daemon]", "[[daemon]]"), "data"),
        ("[daemon\n", "data"),
        ("daemon = 3\nstorage = [1]\n", "data"),
        ('[daemon]\ndata = "kept"\n[lists]\nx = ' + "[" * 5000, "kept"),
        ('[daemon]\ndata = "kept"\n[lists]\nx = ' + "9" * 5000, "kept"),
    ],
    ids=[
        "faults",
        "no TOML further down",
        "no TOML there",
        "no name",
        "twice",
        "no TOML at all",
        "no tables",
        "too deep",
        "too long",
    ],
)
def test_where_the_store_is_is_read_from_what_is_left(tmp_path: Path, text: str, data: str) -> None:
    """Whatever stands there, it is asked for without an end; what cannot be read is as by default."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    found = ground_of(path)
    assert found.faults
    assert found.data == tmp_path / data
    assert found.store_url == f"sqlite:///{tmp_path}/{data}/dateline.db"


def test_a_heartbeat_in_a_variable_is_told_beside_other_faults(path: Path) -> None:
    """Also where the variable is set for the daemon alone."""
    path.write_text('[daemon]\ndata = "kept"\nheartbeat = "env:DATELINE_TEST_NO_SUCH_VARIABLE"\nlisten = 7\n')
    answer = call(path, "status")
    assert answer.exit_code == 0
    assert "listen: write a text" in answer.output
    assert answer.output.endswith("heartbeat: not called yet\n")
