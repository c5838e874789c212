"""The README tells every key that a command prints with --json, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from scheduler.cli import main
from storage import health, heartbeat, layouts, stopped
from storage.layouts import KnownLayouts
from storage.model.articles import Article, When
from storage.model.telling import RuleConfig
from storage.schema.articles import change
from storage.store import Store
from tests.press import BEGAN, Press
from tests.storage.desk import Desk
from tests.storage.watch import DAY, HOUR, Watch, link
from tests.told_as_json import accounts, assert_as_told

CONFIG = """
[daemon]
heartbeat = "http://127.0.0.1:9/beat"
[[source]]
name = "gazette"
url = "https://gazette.example/news"
[[channel]]
name = "mail"
type = "webhook"
url = "http://127.0.0.1:9/"
[lists]
boats = ["ship*", "ferry"]
[[rule]]
name = "ships"
query = "@boats harbour"
max_age = "2d"
channels = ["mail"]
[[rule]]
name = "lanterns"
query = "lanterns"
channels = ["mail"]
[storage]
url = "{url}"
"""
LOADED = (RuleConfig("ships", "@boats harbour", channels=("mail",)), RuleConfig("lanterns", "lanterns"))
ELSEWHERE = {"once", "add", "add, in vain"}  # where a newspaper is asked: tests/test_commands.py, test_looking_round.py
PARTS = {"date", "event", "delivery", "tried", "rule", "reasons", "clause"}


@pytest.fixture
def desk(store: Store) -> Desk:
    """A first article was told of, and then edited, which was told as well; two others stand beside it."""
    desk = Desk(Watch(store))
    desk.config(LOADED)
    desk.told_of(3)
    desk.edit("a0")
    desk.raise_alerts(desk.unmatched())
    desk.close()
    return desk


def printed(path: Path, *command: str) -> Any:
    answer = CliRunner().invoke(main, [*command, "--json", "--config", str(path)])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_status(desk: Desk, path: Path) -> None:
    now = desk.watch.now

    def write(connection: sa.Connection) -> None:
        layouts.keep(connection, desk.watch.source().id, "gazette.example", KnownLayouts("[]", is_known=True), now)
        stopped.stop(connection, "ships", "mail", now)
        heartbeat.begin(connection, now)

    desk.watch.store.write(write)
    assert_as_told("status", printed(path, "status"))


def test_history(desk: Desk, press: Press, path: Path) -> None:
    """Of an article that is missing, of one that was removed, and of one with dates."""
    stated = When(BEGAN, "minute")
    dated = press.publish(Article("Dated", "Text.", published=stated, modified=stated), "Herald")
    links = [link(name) for name in ("a0", "a1", "a2")]
    desk.watch.pass_by(5 * HOUR, links=links, gone=["a0"])
    missing = printed(path, "history", "https://gazette.example/a0")
    desk.watch.pass_by(3 * DAY, links=links, gone=["a0"])
    removed = printed(path, "history", "https://gazette.example/a0")
    assert_as_told("history", missing, removed, printed(path, "history", dated))


def test_story(desk: Desk, path: Path) -> None:
    assert_as_told("story", printed(path, "story", "https://gazette.example/a0"))


def test_mass(press: Press, path: Path) -> None:
    press.judged = False
    guid = press.publish(Article("Story", "Text."))
    press.remove(guid)
    number = press.mass("removed", [guid])
    assert_as_told("mass", printed(path, "mass"))
    assert_as_told("mass N", printed(path, "mass", str(number)))


def test_deliveries(desk: Desk, path: Path) -> None:
    """Of alerts, and of a notice."""
    desk.watch.store.write(lambda c: health.tell(c, "gazette is down", "It does not answer.", desk.watch.now))
    desk.close(tell=["mail"])
    found = printed(path, "deliveries")
    assert_as_told("deliveries", found)
    assert_as_told("deliveries show", *(printed(path, "deliveries", "show", one["id"]) for one in found))


def test_rules(desk: Desk, path: Path) -> None:
    assert_as_told("rules", printed(path, "rules"))


def test_rules_test(desk: Desk, path: Path) -> None:
    """Two rules that have alerts in common, and one that nobody would have been told of."""
    first = sa.select(sa.func.min(change.c.id)).scalar_subquery()
    desk.watch.store.write(lambda c: c.execute(change.update().where(change.c.id == first).values(history=True)))
    assert_as_told("rules test", printed(path, "rules", "test", "--since", "2026-01-01"))


async def test_search(desk: Desk, path: Path, page: Any) -> None:
    """The command, and the interface for programs."""
    stated = When(BEGAN, "minute")
    Press(desk.watch.store).publish(Article("Dated", "Of lanterns.", published=stated), "Herald")
    assert_as_told("search", printed(path, "search", "lanterns"))
    assert_as_told("search", json.loads(await page.text("/api/search?q=lanterns")))


def test_why(desk: Desk, path: Path) -> None:
    """An edit, of which both texts are judged."""
    assert_as_told("why", printed(path, "why", "2"), printed(path, "why", "4"))


def test_why_not(desk: Desk, path: Path) -> None:
    assert_as_told("why-not", printed(path, "why-not", "ships", "https://gazette.example/a0"))


async def test_health(page: Any) -> None:
    assert_as_told("/health", json.loads((await page.get("/health")).body))


def test_every_command_that_prints_json_is_told_and_tried() -> None:
    """And each of the lines, here or where a newspaper is asked."""
    tried = {"mass N", "deliveries show", "/health"} | PARTS | ELSEWHERE | set(_printing(main))
    assert set(accounts()) == tried


def _printing(group: click.Group, above: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if any(one.name == "as_json" for one in command.params):
            yield f"{above}{name}"
        if isinstance(command, click.Group):
            yield from _printing(command, f"{name} ")


def test_what_drifts_is_named(desk: Desk, path: Path) -> None:
    """In both directions, however common the key's name: each counts where it stands."""
    answer = printed(path, "story", "https://gazette.example/a0")
    [one] = answer["story"]
    with pytest.raises(AssertionError, match=r"printed, and not told in README\.md: story\.story\.name\b"):
        assert_as_told("story", {"story": [one | {"name": ""}]})
    del one["title"]
    with pytest.raises(AssertionError, match=r"told in README\.md, and not printed: story\.story\.title\b"):
        assert_as_told("story", answer)
