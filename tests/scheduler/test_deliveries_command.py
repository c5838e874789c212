"""`dateline deliveries`: what was told and what became of it; one sent again, one dropped."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from scheduler.cli import main
from storage import deliveries, health
from storage.schema.telling import delivery, delivery_alert
from storage.store import Store
from tests.storage.desk import Desk
from tests.storage.watch import Watch

CONFIG = '[[source]]\nname = "gazette"\nurl = "https://gazette.example/"\n[storage]\nurl = "{url}"\n'


@pytest.fixture
def desk(store: Store) -> Desk:
    desk = Desk(Watch(store))
    desk.config()
    return desk


def call(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["deliveries", "--config", str(path), *arguments])


def said(path: Path, *arguments: str) -> str:
    answer = call(path, *arguments)
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_before_the_first(path: Path) -> None:
    assert said(path) == "Nothing was told yet: there are no deliveries.\n"
    assert json.loads(said(path, "--json")) == []


def test_the_newest_stands_first_and_can_be_asked_for_by_state_channel_and_rule(desk: Desk, path: Path) -> None:
    """A line each: when, id, state, channel, what it tells, and why it waits or what was answered."""
    desk.told_of(2)
    desk.given_up()
    desk.told_of(channels=("mail", "hook"))
    desk.later()
    first, second, third = (row.id[:8] for row in desk.deliveries())
    lines = said(path).splitlines()
    assert [line.split()[2] for line in lines] == [second, third, first]
    assert lines[0].endswith("pending   mail  ships: 1 alert  451 busy")
    assert lines[2].endswith("given up  mail  ships: 2 alerts  550 no such user")
    assert [line.split()[2] for line in said(path, "--state", "given-up").splitlines()] == [first]
    assert [line.split()[2] for line in said(path, "--channel", "hook").splitlines()] == [third]
    assert said(path, "--state", "dropped") == "There is no delivery like that.\n"
    assert said(path, "--rule", "boats") == (
        "The config has no rule 'boats', and no delivery is of one; there are none\n"
    )
    assert [one["id"] for one in json.loads(said(path, "--json", "--most", "1"))] == [desk.deliveries()[1].id]


def test_what_was_sent_long_after_it_was_made_says_when(desk: Desk, path: Path) -> None:
    """Such as a digest; the time at the beginning is that of its making."""
    for pause in (timedelta(seconds=20), timedelta(hours=8)):
        desk.told_of()
        due = desk.take()
        desk.watch.later(pause)
        desk.watch.store.write(lambda c, due=due: deliveries.sent(c, due, desk.watch.now, "250 Ok"))  # type: ignore[misc]
    late, soon = said(path).splitlines()
    assert soon.endswith("ships: 1 alert  250 Ok")
    assert late.endswith(f"ships: 1 alert  at {desk.watch.now:%Y-%m-%d %H:%M:%S}: 250 Ok")


def test_one_is_shown_with_its_receipt(desk: Desk, path: Path) -> None:
    """When, to whom, after how many attempts, what was answered, and of what it tells; by the beginning of its id."""
    desk.told_of()
    due = desk.take()
    desk.watch.store.write(lambda c: deliveries.sent(c, due, desk.watch.now, "250 2.0.0 Ok: queued", "ann@example.org"))
    shown = said(path, "show", due.delivery.id[:6])
    for words in (
        "state         sent",
        "to            ann@example.org",
        "sent          2026-03-01 12:15:00 UTC",
        "attempts      1",
        "answer        250 2.0.0 Ok: queued",
        "alert 1, rule ships: Title of a0",
    ):
        assert words in shown
    assert "next attempt" not in shown and "gathers until" not in shown
    fields = json.loads(said(path, "show", due.delivery.id, "--json"))
    assert (fields["sent_at"], fields["answer"], fields["sent_to"]) == (
        "2026-03-01T12:15:00Z",
        "250 2.0.0 Ok: queued",
        "ann@example.org",
    )
    assert [one["title"] for one in fields["tells_of"]] == ["Title of a0"]


def test_an_edit_says_that_it_waits_for_its_turn(desk: Desk, path: Path) -> None:
    """The article itself was not taken yet, and its edit does not come before it."""
    desk.told_of()
    desk.later(again_in=timedelta(hours=9))
    desk.edit("a0")
    desk.raise_alerts(desk.unmatched())
    desk.close()
    edit, first = said(path).splitlines()
    assert edit.endswith("ships: 1 alert  waits for its turn since 2026-03-01 17:15:00 UTC")
    assert first.endswith("ships: 1 alert  451 busy")
    assert "waits for its turn since" in CliRunner().invoke(main, ["why", "2", "--config", str(path)]).output


def test_a_notice_is_shown_with_its_words(desk: Desk, path: Path) -> None:
    desk.watch.store.write(lambda c: health.tell(c, "gazette is\x1b[31m down", "It\nfailed.", desk.watch.now))
    desk.close(tell=("mail",))
    [row] = desk.deliveries()
    shown = said(path, "show", row.id)
    assert "notice: gazette is" in shown and "  It\n  failed." in shown and "\x1b" not in shown


def test_what_was_given_up_is_sent_again_all_at_once(desk: Desk, path: Path) -> None:
    """All, or those of a channel, or one."""
    for name in ("mail", "hook"):
        desk.told_of(channels=(name,))
        desk.given_up(name)
    assert ": it is pending again, within quiet hours" in said(path, "retry", "--channel", "hook")
    assert desk.states() == ["given up", "pending"]
    assert len(said(path, "retry", "--all-given-up").splitlines()) == 1
    assert desk.states() == ["pending", "pending"]
    assert said(path, "retry", "--all-given-up") == "None was given up; `retry ID` attempts one that waits.\n"
    assert call(path, "retry").exit_code == 2
    assert call(path, "retry", "abcd", "--all-given-up").exit_code == 2


def named(desk: Desk, *ids: str) -> None:
    """Deliveries of these ids, each given up."""
    for one in ids:
        desk.told_of()
        due = desk.given_up().delivery.id
        with desk.watch.store.writer() as connection:
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
            of = delivery_alert.c.delivery_id == due
            connection.execute(sa.update(delivery_alert).where(of).values(delivery_id=one))
            connection.execute(sa.update(delivery).where(delivery.c.id == due).values(id=one))


ALIKE = ("deadbeef00" + "1" * 22, "deadbeef00" + "2" * 22, "deadc0de" + "3" * 24)


def test_ids_are_short_and_each_stands_for_one_delivery(desk: Desk, path: Path) -> None:
    """Eight letters, or as many as tell it from all others; programs get all of it, and so does `show`."""
    named(desk, *ALIKE)
    short = ["deadbeef001", "deadbeef002", "deadc0de"]
    lines = said(path).splitlines()
    assert [line.split()[2] for line in lines] == short[::-1]
    assert len({line.index("given up") for line in lines}) == 1, "what follows stands in a column"
    assert [one["id"] for one in json.loads(said(path, "--json"))] == list(ALIKE)[::-1]
    assert said(path, "--most", "1").split()[2] == "deadc0de"
    for one, whole in zip(short, ALIKE, strict=True):
        assert said(path, "show", one).splitlines()[0] == whole
    assert said(path, "retry", "deadbeef002").startswith("deadbeef002: it is ")
    assert said(path, "drop", "deadc0de") == "deadc0de: dropped\n"
    assert [row.state for row in desk.deliveries()] == ["given up", "pending", "dropped"]
    status = CliRunner().invoke(main, ["status", "--config", str(path)]).output
    assert "given up: deadbeef001 to mail" in status


def test_a_beginning_that_several_have_is_refused_with_their_names(desk: Desk, path: Path) -> None:
    """Nothing is done, and what was meant can be seen."""
    named(desk, *ALIKE)
    for command in ("show", "retry", "drop"):
        answer = call(path, command, "dead")
        assert answer.exit_code == 1
        assert (
            "dead: several deliveries begin so: deadbeef001 (mail, ships), deadbeef002 (mail, ships), "
            "deadc0de (mail, ships); write more of it" in answer.output
        )
    named(desk, *(f"deadbee{number}" + "4" * 24 for number in range(9)))
    assert call(path, "drop", "deadbee").output.endswith("deadbee4 (mail, ships) and others; write more of it\n")
    assert desk.states() == ["given up"] * 12


def test_one_is_dropped_with_its_reason(desk: Desk, path: Path) -> None:
    """It stays in the list; what was sent, and what is not there, cannot be."""
    desk.told_of()
    [row] = desk.deliveries()
    assert said(path, "drop", row.id, "--reason", "told by phone") == f"{row.id[:8]}: dropped\n"
    assert said(path, "--state", "dropped").endswith("dropped by hand: told by phone\n")
    again = call(path, "drop", row.id)
    assert (again.exit_code, "it is dropped already" in again.output) == (1, True)
    assert "there is no such delivery" in call(path, "show", "ffff").output
    assert "there is no such delivery" in call(path, "show", "%%%%").output
    assert "fff: write at least 4 letters of its id" in call(path, "show", "fff").output


@pytest.mark.parametrize("command", ["show", "retry", "drop"])
def test_an_empty_id_is_said_to_be_one(desk: Desk, path: Path, command: str) -> None:
    """A script whose variable is not set names nothing, and is told so."""
    desk.told_of()
    for empty in ("", "    "):
        answer = call(path, command, empty)
        told = "Error: the id is empty: write at least 4 letters of one that is listed\n"
        assert (answer.exit_code, answer.output) == (1, told)
