"""What the commands say of themselves, and when they warn."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import main
from storage import stopped
from storage.store import open_store

SOURCE = '[[source]]\nname = "gazette"\nurl = "https://gazette.example/"\n'
WARNING = "warning: [crawler] contact is empty"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("add", ("--dry-run", "--json", "--as-is", "--yes", "Exit status: 0 well, 1 nothing was found, 2 broken")),
        ("backfill", ("--since", "--stop", "nobody is told", "goes on where it stopped", "Without SOURCE")),
        ("once", ("--due", "--json", "Exit status: 0 it ran, 1 every source failed, 2 broken config")),
    ],
)
def test_the_help_names_every_option_and_how_it_ends(command: str, words: tuple[str, ...]) -> None:
    """One who reads nothing else must know."""
    told = " ".join(call(command, "--help").output.split())
    assert [one for one in words if one not in told] == []


def test_the_config_warns_where_a_person_works_on_it(path: Path) -> None:
    """`check` and `add` say what it warns of; cron would mail it after each `status` or `tell`."""
    open_store(f"sqlite:///{path.parent}/data/dateline.db", migrate=True).close()
    config = ("--config", str(path))
    warned = {
        name: WARNING in call(*arguments, *config).stderr
        for name, arguments in {
            "check": ("check",),
            "add": ("add", "--as-is", "https://herald.example/"),
            "dry run": ("add", "--as-is", "--dry-run", "https://post.example/"),
            "status": ("status",),
            "tell": ("tell", "nobody"),
            "rules": ("rules",),
            "search": ("search", "ferry"),
            "backfill": ("backfill",),
        }.items()
    }
    assert [name for name, is_warned in warned.items() if is_warned] == ["check", "add"]


@pytest.mark.parametrize("arguments", [("--since", "3d"), ("--stop",)])
def test_a_back_fill_without_a_source_is_refused(path: Path, arguments: tuple[str, ...]) -> None:
    """A list of back-fills would look like an answer."""
    answer = call("backfill", *arguments, "--config", str(path))
    assert answer.exit_code == 2
    assert "name the source" in answer.stderr


def test_a_stopped_rule_is_named_and_started_again(path: Path) -> None:
    """`status` says what to type; what is not stopped is a fault."""
    store = open_store(f"sqlite:///{path.parent}/data/dateline.db", migrate=True)
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for channel in ("me", "the desk"):
        store.write(lambda connection, channel=channel: stopped.stop(connection, "big ferry", channel, at))
    store.close()
    config = ("--config", str(path))
    said = call("status", *config).output
    assert "stopped by its reader since 2026-11-20 12:00 UTC: rule big ferry in the desk." in said
    assert "dateline rules start 'big ferry' --channel 'the desk'" in said
    assert json.loads(call("status", "--json", *config).output)["stopped"][0] == {
        "rule": "big ferry",
        "channel": "me",
        "at": "2026-11-20T12:00:00Z",
    }
    started = call("rules", "start", "big ferry", "--channel", "me", *config)
    assert started.output == "big ferry is told through me again; it was stopped since 2026-11-20 12:00 UTC\n"
    assert "the desk again" in call("rules", "start", "big ferry", *config).output
    again = call("rules", "start", "big ferry", *config)
    assert again.exit_code == 1 and "there is no rule 'big ferry'" in again.stderr


@pytest.mark.parametrize("command", ["run", "once"])
def test_a_folder_that_cannot_be_used_is_named_with_the_mend(tmp_path: Path, command: str) -> None:
    """Here a file stands in its place."""
    (tmp_path / "taken").write_text("")
    config = tmp_path / "c.toml"
    config.write_text('[daemon]\ndata = "taken/data"\n[[source]]\nname = "a"\nurl = "https://a.example/"\n')
    answer = CliRunner().invoke(main, [command, "--config", str(config)])
    assert answer.exit_code == 1
    assert f"{tmp_path / 'taken'}" in answer.output and "name another in the config" in answer.output


def test_a_database_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "d.db").mkdir()
    config = tmp_path / "c.toml"
    config.write_text(f'[storage]\nurl = "sqlite:///{tmp_path}/d.db"\n')
    answer = CliRunner().invoke(main, ["deliveries", "--config", str(config)])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: the database cannot be used: unable to open database file")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tell", "hok"), "there is no channel 'hok'; did you mean hook? There are: hook"),
        (("tell",), "name one of the channels; there are: hook"),
        (("backfill", "gazete", "--stop"), "no source 'gazete' that is watched; did you mean gazette? There are"),
        (("deliveries", "--channel", "hok"), "did you mean hook? There are: hook"),
        (("deliveries", "retry", "--channel", "hok"), "did you mean hook? There are: hook"),
        (("rules", "start", "ferris"), "there is no rule 'ferris'; did you mean ferries? There are: ferries"),
        (("rules", "start", "ferries", "--channel", "hok"), "there is no channel 'hok'; did you mean hook? There are"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_name_that_is_none_is_told_with_the_nearest(path: Path, arguments: tuple[str, ...], said: str) -> None:
    """By every command that looks one up."""
    hook = '[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "http://127.0.0.1:9/"\n'
    path.write_text(SOURCE + hook + '[[rule]]\nname = "ferries"\nquery = "ferry"\nchannels = ["hook"]\n')
    open_store(f"sqlite:///{path.parent}/data/dateline.db", migrate=True).close()
    assert said in call(*arguments, "--config", str(path)).output
