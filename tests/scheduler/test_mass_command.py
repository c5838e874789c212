"""`dateline mass`: what there is, all of one event, and what a person says to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import main
from storage import mass
from storage.model.articles import Article
from storage.store import Store
from tests.press import Press

CONFIG = '[[source]]\nname = "gazette"\nurl = "https://gazette.example/"\n[storage]\nurl = "{url}"\n'


def call(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["mass", *arguments, "--config", str(path)])


def said(path: Path, *arguments: str) -> str:
    answer = call(path, *arguments)
    assert answer.exit_code == 0, answer.output
    return answer.output


def purge(press: Press, number: int = 3) -> int:
    press.judged = False
    guids = [press.publish(Article(f"Story {one}", "Text.")) for one in range(number)]
    for guid in guids:
        press.remove(guid)
    return press.mass("removed", guids)


def test_before_the_first(path: Path) -> None:
    assert said(path) == "There has been no mass event.\n"
    assert json.loads(said(path, "--json")) == []


def test_the_newest_stands_first(press: Press, path: Path) -> None:
    """Each in a line: when, how many of which source, where, and how it stands."""
    purge(press)
    press.mass("edited", [press.publish(Article("Ferry", "It runs."))], common=["-old", "+new"])
    first, second = said(path).splitlines()
    assert first.split()[0] == "2" and "article of Gazette changed alike at gazette.example (told " in first
    assert second.split()[0] == "1" and "3 articles of Gazette gone at gazette.example (told " in second
    assert [one["id"] for one in json.loads(said(path, "--json"))] == [2, 1]


def test_all_articles_of_one(press: Press, path: Path) -> None:
    """With when each was first seen gone and where it stood, and what can be said to it."""
    number = purge(press)
    told = said(path, str(number))
    assert [f"Story {one}" in told for one in range(4)] == [True, True, True, False]
    assert "https://gazette.example/1" in told
    assert f"Are they gone? dateline mass {number} --confirm. Has the site moved?" in told
    one = json.loads(said(path, str(number), "--json"))
    assert (one["kind"], one["articles"], one["how"], one["ended_at"]) == ("removed", 3, "", None)
    assert [each["title"] for each in one["members"]] == ["Story 0", "Story 1", "Story 2"]
    assert one["members"][0]["since"].startswith("2026-11-08T06:")


def test_what_edits_have_in_common(press: Press, path: Path) -> None:
    number = press.mass("edited", [press.publish(Article("Ferry", "It runs."))], common=["-old", "+new"])
    told = said(path, str(number))
    assert "\n  - old\n  + new\n" in told and "--confirm" not in told


@pytest.mark.parametrize(("option", "how"), [("--confirm", mass.CONFIRMED), ("--dismiss", mass.DISMISSED)])
def test_what_a_person_says(press: Press, path: Path, store: Store, option: str, how: str) -> None:
    """It is kept for the daemon, said, and can be seen."""
    number = purge(press)
    assert f"({how} by a person; the daemon records it)" in said(path, str(number), option)
    with store.reader() as connection:
        assert mass.event(connection, number).how == how
    assert "Are they gone?" not in said(path, str(number))


def test_what_is_wrong_is_said(press: Press, path: Path, store: Store) -> None:
    """With the mend; nothing is decided."""
    number = purge(press)
    edits = press.mass("edited", [press.publish(Article("Ferry", "It runs."))])
    for arguments, status, words in [
        (("--confirm",), 2, "say which: dateline mass NUMBER --confirm"),
        (("77",), 1, "there is no mass event 77: `dateline mass` lists those that there are"),
        (("77", "--confirm"), 1, "there is no mass event 77"),
        (("99999999999999999999",), 1, "there is no mass event 99999999999999999999"),
        ((str(edits), "--confirm"), 1, "there is nothing to decide"),
        (("many",), 2, "not a valid integer"),
    ]:
        answer = call(path, *arguments)
        assert (answer.exit_code, words in answer.stderr) == (status, True), (arguments, answer.stderr)
    store.write(lambda c: mass.end(c, mass.event(c, number), mass.CAME_BACK, press.clock))
    answer = call(path, str(number), "--dismiss")
    assert answer.exit_code == 1 and f"mass event {number} has ended: they came back" in answer.stderr


def test_hostile_titles_stay_on_their_line(press: Press, path: Path) -> None:
    """Line ends and codes for the terminal."""
    press.judged = False
    guid = press.publish(Article("Ferry\r\nFrom: x\x1b[2J", "It runs."))
    press.remove(guid)
    number = press.mass("removed", [guid])
    told = said(path, str(number))
    assert "\x1b" not in told and "\r" not in told and "Ferry From: x[2J\n" in told
    assert "\x1b" not in said(path, str(number), "--json")


def test_no_database_yet(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(url=f"sqlite:///{tmp_path}/none.db"), encoding="utf-8")
    answer = call(path)
    assert answer.exit_code == 1 and "start `dateline run` or `dateline once`" in answer.stderr
