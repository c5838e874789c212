"""`dateline deliveries`: what was told and what became of it; one sent again, one dropped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import main
from storage import deliveries, health
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
    first, second, third = (row.id for row in desk.deliveries())
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
    assert [one["id"] for one in json.loads(said(path, "--json", "--most", "1"))] == [second]


def test_one_is_shown_with_its_receipt(desk: Desk, path: Path) -> None:
    """When, to whom, after how many attempts, what was answered, and of what it tells; by the beginning of its id."""
    desk.told_of()
    due = desk.take()
    desk.watch.store.write(lambda c: deliveries.sent(c, due, desk.watch.now, "250 2.0.0 Ok: queued", "ann@example.org"))
    shown = said(path, "show", due.delivery.id[:6])
    for words in (
        "state         sent",
        "to            ann@example.org",
        "sent          2026-03-01 12:15:00",
        "attempts      1",
        "answer        250 2.0.0 Ok: queued",
        "alert 1, rule ships: Title of a0",
    ):
        assert words in shown
    fields = json.loads(said(path, "show", due.delivery.id, "--json"))
    assert (fields["sent_at"], fields["answer"], fields["sent_to"]) == (
        "2026-03-01T12:15:00Z",
        "250 2.0.0 Ok: queued",
        "ann@example.org",
    )
    assert [one["title"] for one in fields["tells_of"]] == ["Title of a0"]


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
    assert said(path, "retry", "--channel", "hook").endswith(": it is pending again\n")
    assert desk.states() == ["given up", "pending"]
    assert len(said(path, "retry", "--all-given-up").splitlines()) == 1
    assert desk.states() == ["pending", "pending"]
    assert said(path, "retry", "--all-given-up") == "None was given up; `retry ID` attempts one that waits.\n"
    assert call(path, "retry").exit_code == 2
    assert call(path, "retry", "abcd", "--all-given-up").exit_code == 2


def test_one_is_dropped_with_its_reason(desk: Desk, path: Path) -> None:
    """It stays in the list; what was sent, and what is not there, cannot be."""
    desk.told_of()
    [row] = desk.deliveries()
    assert said(path, "drop", row.id, "--reason", "told by phone") == f"{row.id}: dropped\n"
    assert said(path, "--state", "dropped").endswith("dropped by hand: told by phone\n")
    again = call(path, "drop", row.id)
    assert (again.exit_code, "it is dropped already" in again.output) == (1, True)
    assert "there is no such delivery" in call(path, "show", "ffff").output
    assert "there is no such delivery" in call(path, "show", "%").output
