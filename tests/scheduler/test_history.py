"""`dateline history`: what happened to one article, for a terminal, a file and a program."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import main
from storage.finding import find
from storage.model.articles import Article
from storage.store import Store
from storage.tombstones import bury
from tests.press import BEGAN, Press
from tests.running import DATELINE, PATIENCE_S
from tests.storage.desk import Desk
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

CONFIG = '[[source]]\nname = "gazette"\nurl = "https://gazette.example/news"\n[storage]\nurl = "{url}"\n'


@pytest.fixture
def watch(store: Store) -> Watch:
    return Watch(store)


@pytest.fixture
def press(store: Store) -> Press:
    return Press(store)


def call(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["history", *arguments, "--config", str(path)])


def said(path: Path, *arguments: str) -> str:
    answer = call(path, *arguments)
    assert answer.exit_code == 0, answer.output
    return answer.output


def edited(press: Press) -> str:
    """An article that was edited twice, the second time without a word of it."""
    guid = press.publish(Article("Ferry to run all winter", "The council met on Sunday.\n\nIt agreed."))
    press.edit(guid, body="The council met on Monday.\n\nIt agreed.")
    press.edit(guid, title="Ferry to run until spring", stealth=True)
    return guid


def test_every_change_with_its_diff(press: Press, path: Path) -> None:
    """The oldest first: when, what in words, which revisions, and what went and came."""
    guid = edited(press)
    lines = said(path, guid).splitlines()
    assert lines[:2] == ["Ferry to run until spring", guid]
    assert "First seen 8 November 2026, 06:01 UTC at Gazette; 3 revisions." in lines
    assert "  * https://gazette.example/1 (leads; not looked at yet; no further look is planned)" in lines
    assert [line for line in lines if line.startswith("8 November")] == [
        "8 November 2026, 06:01 UTC  added (revision 1)",
        "8 November 2026, 06:02 UTC  figures edited (revision 1 to 2)",
        "8 November 2026, 06:03 UTC  headline edited, without saying so (revision 2 to 3)",
    ]
    assert "    The council met on [-Sunday-]{+Monday+}." in lines
    assert "    Ferry to run [-all winter-]{+until spring+}" in lines


def test_the_newest_first_and_without_diffs(press: Press, path: Path) -> None:
    told = said(path, edited(press), "--newest-first", "--no-diff")
    assert told.index("headline edited") < told.index("figures edited") < told.index("added (revision 1)")
    assert "[-" not in told


@pytest.mark.parametrize("name", ["https://gazette.example/1", "1", "http://127.0.0.1:8700/article/{guid}"])
def test_named_as_a_person_knows_it(press: Press, path: Path, name: str) -> None:
    """By its address, its number, or its page here."""
    guid = edited(press)
    assert guid in said(path, name.format(guid=guid))


def test_markdown(press: Press, path: Path) -> None:
    """What stands in the article is no markup."""
    guid = press.publish(Article("Ferry *runs*", "The council met on Sunday."))
    press.edit(guid, body="The council met on Monday.\n\n# No heading")
    told = said(path, guid, "--markdown")
    assert told.startswith("# Ferry \\*runs\\*\n")
    assert "## 8 November 2026, 06:02 UTC: figures edited (revision 1 to 2)" in told
    assert "~~Sunday.~~**Monday.**" in told and "\n# No" not in told


def test_what_is_left_out_of_a_long_diff_is_said(press: Press, path: Path) -> None:
    """How much it is, and how to see it; each paragraph that went stands in brackets of its own."""
    paragraphs = [f"Paragraph {number} of the long one says what it has to say." for number in range(900)]
    guid = press.publish(Article("Ferry runs", "The council met."))
    press.edit(guid, body="\n\n".join(["The council met.", *paragraphs]))
    told = said(path, guid)
    assert f"characters more that went or came: dateline history {guid} --full" in told
    assert "{+" + paragraphs[0] + "+}" in told and paragraphs[450] not in told
    full = said(path, guid, "--full")
    assert "characters more" not in full and all("{+" + one + "+}" in full for one in paragraphs)


def test_the_lead_is_no_star_in_markdown(press: Press, path: Path) -> None:
    told = said(path, edited(press), "--markdown")
    assert "\n- https://gazette.example/1 (leads;" in told and "\\* http" not in told


def test_json_holds_everything(press: Press, path: Path) -> None:
    """Texts, diffs, alerts and addresses; one object."""
    guid = edited(press)
    told = json.loads(said(path, guid, "--json"))
    assert (told["article"], told["removed_at"], told["missing"]) == (guid, None, None)
    assert [one["body"] for one in told["revisions"]][1] == "The council met on Monday.\n\nIt agreed."
    assert [(one["kind"], one["class"], one["stealth"]) for one in told["changes"]] == [
        ("added", "", False),
        ("edited", "numbers", False),
        ("edited", "headline", True),
    ]
    assert ["-", "Sunday"] in told["changes"][1]["diff"]["body"]
    assert told["addresses"][0]["url"] == "https://gazette.example/1"
    assert told["changes"][1]["seen_at"] == "2026-11-08T06:02:00Z"
    assert "diff" not in json.loads(said(path, guid, "--json", "--no-diff"))["changes"][1]


def test_who_was_told(store: Store, path: Path) -> None:
    """Each rule that held, and what became of its messages, or why nobody was told."""
    desk = Desk(Watch(store))
    desk.config()
    desk.told_of(channels=("mail", "hook"))
    desk.sent("mail")
    desk.raise_alerts(desk.publish(), untold="older than the rule's max_age")
    assert "    rule ships, now matches: hook pending, mail sent" in said(path, "https://gazette.example/a0")
    assert "nobody was told: older than the rule's max_age" in said(path, "https://gazette.example/a1")
    [change] = json.loads(said(path, "https://gazette.example/a0", "--json"))["changes"]
    assert change["alerts"][0]["deliveries"] == [["hook", "pending"], ["mail", "sent"]]


def test_where_a_removal_stands(watch: Watch, path: Path) -> None:
    """Suspected since when and by how many looks, then confirmed when, then restored."""
    links = [link("a"), link("b")]
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round(links)
    watch.pass_by(HOUR, links=links)
    assert "may be gone" not in said(path, "https://gazette.example/a")
    watch.pass_by(4 * HOUR, links=links, gone=["a"])
    told = " ".join(said(path, "https://gazette.example/a").split())
    assert "It may be gone: it is not there since 1 March 2026, 1" in told and "1 of 3 looks agree" in told
    assert "at the earliest, while its host shows other articles" in told
    assert "not found; next look" in told
    watch.pass_by(3 * DAY, links=links, gone=["a"])
    told = said(path, "https://gazette.example/a")
    assert "Removed; confirmed 2 March 2026" in told and "looks agree. The copy stays." in told
    assert "UTC  removed\n" in told
    watch.pass_by(9 * DAY, step=HOUR, links=links)
    told = said(path, "https://gazette.example/a")
    assert "restored (revision 1)" in told and "Removed; confirmed" not in told
    assert "it was not there since 1 March 2026, 1" in told and "looks agreed at https://gazette.example/a" in told
    assert told.count("UTC: not found, 404") >= 3
    changes = json.loads(said(path, "https://gazette.example/a", "--json"))["changes"]
    [proof] = [one["proof"] for one in changes if one["kind"] == "removed"]
    assert proof["number"] >= 3 and [one["outcome"] for one in proof["looks"]][:3] == ["not found"] * 3


def test_part_of_a_mass_event(press: Press, path: Path) -> None:
    """It was told as a whole, and where all of it stands is said."""
    press.judged = False
    guid = press.publish(Article("Ferry", "It runs."))
    press.remove(guid)
    number = press.mass("removed", [guid])
    assert f"part of mass event {number}, which was told as a whole: dateline mass {number}" in said(path, guid)


def test_colours_on_a_terminal(press: Press, path: Path) -> None:
    """And none where NO_COLOR is set; what a site wrote sends no codes of its own."""
    guid = press.publish(Article("Ferry", "The council met on Sunday \x1b[5m."))
    press.edit(guid, body="The council met on Monday \x1b[5m.")

    def on_a_terminal(**environment: str) -> bytes:
        master, slave = pty.openpty()
        command = [DATELINE, "history", guid, "--config", str(path)]
        kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        with subprocess.Popen(command, stdout=slave, stderr=slave, env=kept | environment) as process:
            os.close(slave)
            told = b""
            while True:
                try:
                    read = os.read(master, 65536)
                except OSError:  # the other end is closed
                    break
                if not read:
                    break
                told += read
            assert process.wait(PATIENCE_S) == 0
        os.close(master)
        return told

    told = on_a_terminal()
    assert b"\x1b[31;9mSunday\x1b[0m\x1b[32;4mMonday\x1b[0m" in told and b"[-" not in told
    assert b"\x1b[5m" not in told
    plain = on_a_terminal(NO_COLOR="1")
    assert b"[-Sunday-]{+Monday+}" in plain and b"\x1b" not in plain
    assert "\x1b" not in said(path, guid)


@pytest.mark.parametrize("option", [(), ("--markdown",), ("--json",)])
def test_hostile_texts_break_no_line(press: Press, path: Path, option: tuple[str, ...]) -> None:
    """Line ends, control characters and what turns text round, in every field that a site fills."""
    bad = "a\r\nb\x1b[2J\u202ec\ufffe"
    guid = press.publish(Article(bad, f"{bad}\n\nOn Sunday.", authors=(bad,)), url="https://gazette.example/%0D%0A")
    press.edit(guid, title=bad + "!", body=f"{bad}\n\nOn Monday.")
    told = said(path, guid, *option)
    assert option == ("--json",) or not any(one in told for one in "\r\x1b\u202e\ufffe")
    if option == ("--json",):
        assert json.loads(told)["title"] == bad + "!"


def test_the_last_day_of_all(press: Press, path: Path) -> None:
    """A clock that was set wrong breaks nothing, and what cannot be reckoned is said."""
    guid = press.publish(Article("Ferry", "It runs."), at=BEGAN.replace(year=9999, month=12, day=31))
    assert "31 December 9999" in said(path, guid)


def test_what_is_wrong_is_said(press: Press, path: Path, store: Store) -> None:
    """With the mend."""
    guid = press.publish(Article("Ferry", "It runs."))
    cases = [
        (("nothing",), "name its guid, or the whole address of its page"),
        (("https://gazette.example/none",), "is not known"),
        ((guid, "--markdown", "--json"), "--markdown or --json: name one of them"),
    ]
    for arguments, words in cases:
        answer = call(path, *arguments)
        assert answer.exit_code in (1, 2) and words in answer.stderr, arguments
    with store.writer() as connection:
        connection.exec_driver_sql("UPDATE revision SET meta = '{'")
    answer = call(path, guid)
    assert answer.exit_code == 1 and "cannot be read" in answer.stderr and "backup" in answer.stderr
    store.write(lambda connection: bury(connection, find(connection, guid), "a wish", BEGAN + timedelta(days=1)))
    answer = call(path, guid)
    assert answer.exit_code == 1 and "was dropped on 2026-11-09 06:00 UTC: a wish" in answer.stderr


def test_no_database_yet(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(url=f"sqlite:///{tmp_path}/none.db"), encoding="utf-8")
    answer = call(path, "1")
    assert answer.exit_code == 1 and "start `dateline run` or `dateline once`" in answer.stderr


def test_a_store_of_another_schema(path: Path, store: Store) -> None:
    with store.writer() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    answer = call(path, "1")
    assert answer.exit_code == 1 and "which migrate it" in answer.stderr
