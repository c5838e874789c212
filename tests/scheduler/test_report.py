"""What commands say of the store in words."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from click.testing import CliRunner

from scheduler.cli import main
from scheduler.report import counts_in_words, status_in_words
from scheduler.wrapped import columns
from storage.archive import Archive
from storage.schema.looking import host
from storage.schema.telling import channel, heartbeat, stopped
from storage.store import Store
from tests.press import BEGAN, Press


def test_status_says_what_there_was_no_time_for(store: Store) -> None:
    """How many looks again were dropped, at which host, and which key of the config would mend it."""
    press = Press(store)
    press.source("Gazette", message="a listing answers 404")
    press.source("Herald")
    store.write(lambda connection: connection.execute(sa.update(host).values(delay_s=2.5)))
    press.looks("Gazette", BEGAN, unchanged=3, dropped=1200)
    press.looks("Gazette", BEGAN + timedelta(hours=1), dropped=34)
    counts = Archive(store).status(BEGAN + timedelta(hours=2))
    assert [one["dropped"]["looks"] for one in counts["sources"]] == [1234, 0]  # type: ignore[attr-defined]
    gazette, fault, dropped, herald = status_in_words(counts).splitlines()[1:5]
    assert gazette.startswith("Gazette") and fault.strip() == "its last look failed: a listing answers 404"
    assert "dropped in the last 24 hours: 1,234 at gazette.example: more fall due than a delay of 2500ms" in dropped
    assert "[changes] revisit" in dropped and herald.startswith("Herald")


DOWN_SINCE = BEGAN - timedelta(days=3)
A_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
A_TIME_OF_JSON = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_status_says_since_when_a_source_is_down(store: Store) -> None:
    """And what it is that failed; so does its JSON."""
    press = Press(store)
    press.source("Gazette", state="down", state_since=DOWN_SINCE, message="http error: 503")
    press.source("Herald", state="new", message="unreachable: refused", last_look_at=None)
    press.source("Post")
    counts = Archive(store).status(BEGAN)
    assert [(one["state"], one["since"]) for one in counts["sources"]] == [  # type: ignore[attr-defined]
        ("down", "2026-11-05T06:00:00Z"),
        ("new", "2026-11-08T06:00:00Z"),
        ("ok", "2026-11-08T06:00:00Z"),
    ]
    gazette, down, herald, unheard, post = status_in_words(counts).splitlines()[1:6]
    assert gazette.startswith("Gazette") and herald.startswith("Herald") and " never " in herald
    assert down.strip() == "down since 2026-11-05 06:00 UTC, http error: 503"
    assert unheard.strip() == "its first look has not succeeded yet: unreachable: refused"
    assert post.endswith("2026-11-08 06:00 UTC  2026-11-08 06:10 UTC")


def test_a_source_is_well_in_status_as_on_the_page(store: Store) -> None:
    """One word for one thing; programs have the state by its own name."""
    press = Press(store)
    for name, state in (("Gazette", "ok"), ("Herald", "new"), ("Post", "down")):
        press.source(name, state=state, state_since=DOWN_SINCE)
    counts = Archive(store).status(BEGAN)
    assert [line.split()[1] for line in status_in_words(counts).splitlines()[1:4]] == ["well", "new", "down"]
    assert [one["state"] for one in counts["sources"]] == ["ok", "new", "down"]  # type: ignore[attr-defined]


def test_the_columns_of_status_stand_below_each_other_in_any_script(store: Store) -> None:
    """A terminal shows a letter of Korean in two columns."""
    press = Press(store)
    for name in ("조선중앙통신", "Gazette"):
        press.source(name)
    lines = status_in_words(Archive(store).status(BEGAN)).splitlines()[:3]
    assert {columns(line[: line.index(word)]) for line, word in zip(lines, ("state", "well", "well"), strict=True)} == {
        14
    }


def test_all_times_of_status_have_one_form(store: Store, tmp_path: Path) -> None:
    """Of sources, channels, rules that were stopped, and the heartbeat; in JSON a form of its own."""
    Press(store).source("Gazette", state="down", state_since=DOWN_SINCE, message="http error: 503")
    with store.writer() as connection:
        connection.execute(channel.insert().values(name="mail", paused_at=BEGAN, probe_at=BEGAN, error="refused"))
        connection.execute(stopped.insert().values(rule="ferry", channel="mail", at=BEGAN))
        connection.execute(heartbeat.insert().values(id=1, at=BEGAN, called_at=BEGAN, reason="not called"))
    config = tmp_path / "config.toml"
    config.write_text(f'[daemon]\nheartbeat = "http://127.0.0.1:9/x"\n[storage]\nurl = "{store.url}"\n')
    for options, form, number in (((), A_TIME, 7), (("--json",), A_TIME_OF_JSON, 5)):
        said = CliRunner().invoke(main, ["status", *options, "--config", str(config)]).output
        assert len(form.findall(said)) == number
        assert "2026" not in form.sub("", said)


def test_a_round_says_what_failed_and_no_more() -> None:
    """One bad answer makes no source down: it is well, and its last look failed."""
    errors = [
        {"source": "courier", "state": "ok", "since": "2026-10-31T12:00:00Z", "message": "http error: 503"},
        {"source": "gazette", "state": "down", "since": "2026-10-31T12:00:00Z", "message": "robots: no"},
        {"source": "herald", "state": "new", "since": "2026-10-31T12:00:00Z", "message": "unreachable: refused"},
    ]
    numbers = ("looks", "listed", "new", "edited", "removed", "restored", "alerts", "delivered", "pending")
    assert counts_in_words(dict.fromkeys(numbers, 1) | {"errors": errors}).splitlines() == [
        "1 look, 1 article listed: 1 new, 1 edited, 1 removed, 1 restored; 1 alert, 1 delivery sent, 1 waiting",
        "  courier: its last look failed: http error: 503",
        "  gazette: down since 2026-10-31 12:00 UTC, robots: no",
        "  herald: its first look has not succeeded yet: unreachable: refused",
    ]
    none = counts_in_words(dict.fromkeys(numbers, 0) | {"errors": []})
    assert none.startswith("0 looks, 0 articles listed: 0 new") and "0 alerts, 0 deliveries sent, 0 waiting" in none


def test_a_source_with_time_for_all_says_nothing(store: Store) -> None:
    """Nor does one whose drops are older than a day."""
    press = Press(store)
    press.source("Gazette")
    press.looks("Gazette", BEGAN - timedelta(hours=30), dropped=7)
    assert "dropped" not in status_in_words(Archive(store).status(BEGAN))
