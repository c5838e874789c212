"""`dateline rules` and `dateline rules test`: which rules there are, and what they would have told of the archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from scheduler.cli import main
from scheduler.config import load_config
from scheduler.daemon import Daemon
from storage.model.articles import Article
from storage.schema.articles import change
from tests.press import Press

CONFIG = """
[[source]]
name = "Gazette"
url = "https://gazette.example/"

[[channel]]
name = "hook"
type = "webhook"
url = "http://127.0.0.1:9/hook"

[lists]
boats = ["ship*", "ferry"]

[[rule]]
name = "ferries"
query = "@boats"
channels = ["hook"]

[[rule]]
name = "fires"
query = "fire"
on = ["added"]
channels = ["hook"]

[storage]
url = "{url}"
"""


@pytest.fixture
def printed(press: Press) -> Press:
    """Three articles: of a ferry, of a fire on a ferry, of a fire."""
    for title, body in (("Ferry late", "It was fog."), ("Ferry burns", "A fire broke out."), ("A fire", "In a barn.")):
        press.publish(Article(title, body))
    return press


def call(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", *arguments, "--config", str(path)])


def said(path: Path, *arguments: str) -> str:
    answer = call(path, *arguments)
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_the_list_says_what_each_asks_for_and_where_it_is_told(path: Path) -> None:
    lines = said(path).splitlines()
    assert lines[:4] == [
        "ferries: @boats",
        "  on added, edited, removed, restored; once a story",
        "  told through hook: at once, at any hour",
        "  0 alerts in the last 7 days",
    ]
    assert "fires: fire" in lines and "  on added; once a story" in lines
    assert lines[-2:] == ["@boats: ship*, ferry", "  used by ferries"]
    told = json.loads(said(path, "--json"))
    assert [one["name"] for one in told["rules"]] == ["ferries", "fires"]
    assert told["lists"] == [{"name": "boats", "variants": ["ship*", "ferry"], "rules": ["ferries"], "feeds": []}]


def test_the_list_says_when_each_is_told(path: Path) -> None:
    """By the plans of rule and channel together, and when what is raised now would go; in UTC for a program."""
    hook = 'url = "http://127.0.0.1:9/hook"\nlimit = "20/1h"\nzone = "Europe/Berlin"\ndigest = "0 8 1 1 *"\n'
    text = path.read_text().replace('url = "http://127.0.0.1:9/hook"\n', hook)
    path.write_text(
        text.replace('query = "fire"', 'query = "fire"\nwait = "10m"\nquiet = { hours = "00:00-24:00", days = "mon" }')
    )
    lines = said(path).splitlines()
    [digest, waits] = [one.removeprefix("  told through hook: ") for one in lines if "told through" in one]
    assert digest.startswith("digest at 0 8 1 1 * (Europe/Berlin); at most 20 in 1h; what is raised now goes 20")
    assert digest.endswith("-01-01 07:00 UTC")
    assert waits.startswith("waits 10m; quiet 00:00 to 24:00 on mon (Europe/Berlin); at most 20 in 1h")
    when = json.loads(said(path, "--json"))["rules"][0]["when"]
    assert when["hook"]["plan"][:2] == ["digest at 0 8 1 1 * (Europe/Berlin)", "at most 20 in 1h"]
    assert when["hook"]["raised_now"].endswith("-01-01T07:00:00Z")


def test_a_list_is_used_by_way_of_another(path: Path) -> None:
    """A change of it is a change of the rule and of the feed; a sign in quotes names no list."""
    text = path.read_text().replace(
        'boats = ["ship*", "ferry"]', 'boats = ["@small", "ferry"]\nsmall = ["dinghy"]\nnone = ["x"]'
    )
    path.write_text(text + '[[feed]]\nname = "sea"\nquery = \'title:@small OR "@none"\'\n')
    lines = said(path).splitlines()
    assert lines[lines.index("@boats: @small, ferry") + 1] == "  used by ferries"
    assert lines[lines.index("@small: dinghy") + 1] == "  used by ferries, the feed sea"
    assert lines[lines.index("@none: x") + 1] == "  no rule uses it"


def test_a_rule_is_tried_with_the_lists_of_the_config(printed: Press, path: Path) -> None:
    """The number, a bar for the week, the alerts with what was found, and what it shares with the other rule."""
    told = said(path, "test", "ferries", "--since", "2026-11-01")
    assert "As if the rules had always been in the config" in told
    assert "  2 alerts" in told
    assert "  2026-11-02  " + 40 * "█" + " 2" in told  # a Monday
    assert "Ferry late" in told and "[Ferry] burns" in told
    assert "     50%  1 with fires" in told


def test_another_query_is_tried_in_place_of_a_rules_own_or_by_itself(printed: Press, path: Path) -> None:
    def alerts(*arguments: str) -> dict[str, int]:
        found = json.loads(said(path, "test", "--since", "2026-11-01", "--json", *arguments))
        assert found["changes"] == 3
        return {one["name"]: one["alerts"] for one in found["rules"]}

    assert alerts() == {"ferries": 2, "fires": 2}
    assert alerts("fires", "--query", "barn") == {"fires": 1}
    assert alerts("--query", "fog OR barn") == {"(tried)": 2}


HISTORY = "it is history: a first look listed it"


def test_that_all_of_them_are_history_is_said_once(printed: Press, path: Path) -> None:
    """Above them, with the others that would not have been told; of several reasons each has its own."""
    with printed.store.writer() as connection:
        connection.execute(sa.update(change).values(history=True))
    lines = said(path, "test", "ferries", "--since", "2026-11-01").splitlines()
    assert f"  2 would not have been told: {HISTORY}" in lines
    first = lines.index(f"  The 2 alerts that would not have been told ({HISTORY}):")
    assert any("Ferry late" in line for line in lines[first:])
    assert [line for line in lines[first + 1 :] if "history" in line or "told" in line] == []
    printed.mass("edited", [printed.publish(Article("Ferry sold", "For scrap."))])
    with printed.store.writer() as connection:
        connection.execute(sa.update(change).where(~change.c.history).values(mass_id=1))
    lines = said(path, "test", "ferries", "--since", "2026-11-01").splitlines()
    assert lines[lines.index("  The 3 alerts that would not have been told:") :][1].endswith("Ferry late")
    assert lines.count(f"      would not have been told: {HISTORY}") == 2
    assert lines.count("      would not have been told: told as part of a mass event") == 1


def test_what_was_seen_before_is_left_out(printed: Press, path: Path) -> None:
    printed.edit(printed.publish(Article("Market", "Ship ahoy.")), title="Markets")
    found = json.loads(said(path, "test", "ferries", "--since", "2026-11-09", "--json"))
    assert (found["changes"], found["rules"][0]["first"]) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("test", "ferris"), "there is no rule 'ferris'; did you mean ferries? There are: ferries, fires"),
        (("test", "--query", "(fog"), "a bracket is never closed"),
        (("test", "--since", "soon"), "--since"),
    ],
)
def test_what_cannot_be_tried_is_said(path: Path, arguments: tuple[str, ...], mend: str) -> None:
    answer = call(path, *arguments)
    assert answer.exit_code != 0 and mend in answer.output


def test_a_hostile_headline_stays_in_its_line(press: Press, path: Path) -> None:
    """It colours nothing, clears no screen and writes no line of its own."""
    press.publish(Article("Fire \x1b[2J\r\nferries: 9 alerts\u202e", "A ferry."))
    told = said(path, "test", "ferries", "--since", "2026-11-01")
    assert all(line.isprintable() for line in told.splitlines())
    assert "ferries: 9 alerts" not in told.splitlines()


async def test_a_reload_refuses_an_example_that_fails_and_keeps_what_was_in_force(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    good = '[[rule]]\nname = "fires"\nquery = "fire"\nmust_match = ["A fire"]\n'
    path.write_text(good)
    daemon = Daemon(load_config(path))
    try:
        path.write_text(good.replace('"fire"', '"smoke"'))
        await daemon.reload()
        assert daemon._config.rules[0].query == "fire"
        [fault] = daemon._refused
        assert fault.startswith(f"{path}:4: [[rule]] fires, must_match: the rule does not hold for")
        path.write_text(good.replace('"A fire"', '"Fire!"'))
        await daemon.reload()
        assert not daemon._refused
    finally:
        daemon._writer.close()
        daemon._store.close()
        assert daemon._lock
        daemon._lock.close()


def test_check_names_the_example_that_fails(path: Path) -> None:
    """With its line, and nothing else is done."""
    text = path.read_text().replace('query = "fire"', 'query = "fire"\nmust_not_match = ["A fire drill"]')
    path.write_text(text)
    answer = CliRunner().invoke(main, ["check", "--config", str(path)])
    line = 1 + text[: text.index("must_not_match")].count("\n")
    assert answer.exit_code == 2
    assert f":{line}: [[rule]] fires, must_not_match: the rule holds for" in answer.output
