"""Every command as a user calls it: a process of its own, what it prints and how it ends."""

from __future__ import annotations

import asyncio
import gzip
import json
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from scheduler.demo.texts import made_up
from storage.model.telling import DeliveryState
from storage.schema.telling import channel, delivery
from storage.store import open_store
from tests.running import DATELINE, PATIENCE_S, REPOSITORY, config_text, free_port, names_in, said
from tests.told_as_json import assert_as_told

BROKEN = """\
[daemon]
fast = true

[[source]]
name = "courier"
url = "ftp://127.0.0.1/"
every = "soon"

[[rule]]
name = "watch"
query = "ferry AND"
"""


async def fetched(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.read()


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("module", ["scheduler", "scheduler.cli"])
async def test_the_command_is_also_a_module(tmp_path: Path, module: str) -> None:
    """Neither name of it ends in silence."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, "check"), cwd=tmp_path, stderr=asyncio.subprocess.PIPE
    )
    _, told = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert (process.returncode, b"config.toml: no such file" in told) == (2, True)


async def test_check_says_that_a_config_is_good(tmp_path: Path) -> None:
    """The example is good; what it warns of goes to stderr."""
    answer = await said(tmp_path, "check", "--config", str(REPOSITORY / "config.example.toml"))
    assert answer.status == 0
    assert "config.example.toml is good: 2 sources, 1 rule, 0 channels, 0 feeds" in answer.out
    assert "warning: [crawler] contact is empty" in answer.err


@pytest.mark.parametrize("command", ["check", "once", "run", "tell"])
async def test_a_broken_config_stops_every_command(tmp_path: Path, command: str) -> None:
    """Exit status 2 and all faults at once, each with its line, table, key and what is allowed; nothing is started.

    What reads the store alone answers all the same: `status` and `search`."""
    write(tmp_path, BROKEN)
    status, out, err = await said(tmp_path, command)
    assert (status, out) == (2, "")
    faults = err.splitlines()
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["config.toml:2", "[daemon], fast"],
        ["config.toml:6", "[[source]] courier, url"],
        ["config.toml:7", "[[source]] courier, every"],
        ["config.toml:11", "[[rule]] watch, query"],
    ]
    assert "there are: listen, base_url, data, tell" in faults[0]
    assert names_in(tmp_path) == ["config.toml"]


async def test_once_makes_a_round_and_counts_it(tmp_path: Path, newspaper: Newspaper, postbox: Postbox) -> None:
    """New, then told, then nothing new, then every source failed: the counts and the exit status say so."""
    newspaper.publish(*made_up(1))
    newspaper.publish(*made_up(2))
    text = config_text(free_port(), {"courier": newspaper.url}, postbox, query="steamer", every="15m")
    write(tmp_path, text.replace("tests@example.org", "", 1))

    first = await said(tmp_path, "once", "--json")
    assert (first.status, first.err) == (0, ""), "cron would mail what the config warns of after every round"
    none = dict.fromkeys(("edited", "removed", "restored", "alerts", "delivered", "pending"), 0)
    assert first.json == none | {"looks": 3, "listed": 2, "new": 2, "errors": []}

    newspaper.publish(
        "A steamer comes", ("The steamer comes on Monday, the harbour board said.", *made_up(3).paragraphs)
    )
    due = await said(tmp_path, "once", "--json", "--due")
    assert (due.status, due.json["looks"], due.json["new"]) == (0, 0, 0), "nothing is due yet"

    second = await said(tmp_path, "once", "--json")
    assert second.json == none | {"looks": 2, "listed": 3, "new": 1, "alerts": 1, "delivered": 2, "errors": []}
    assert len(postbox.received_hooks) == len(postbox.received_mail) == 1

    answered = newspaper.statistics.not_modified
    third = await said(tmp_path, "once")
    assert third.status == 0
    assert third.out.startswith("1 look, 3 articles listed: 0 new, 0 edited"), third.out
    assert newspaper.statistics.not_modified == answered + 1

    await newspaper.stop()
    failed = await said(tmp_path, "once", "--json")
    assert failed.status == 1
    (error,) = failed.json["errors"]
    assert_as_told("once", failed.json)
    assert error["source"] == "courier"
    assert error["state"] == "ok", "one failed look makes no source down"
    assert "unreachable" in error["message"]

    status = (await said(tmp_path, "status", "--json")).json
    (source,) = status["sources"]
    names = ("name", "state", "since", "last_look", "next_look", "articles", "message", "dropped", "layouts")
    assert sorted(source) == sorted(names)
    assert (source["name"], source["state"], source["articles"]) == ("courier", "ok", 3)
    del status["sources"]
    assert status == {
        "articles": 3,
        "addresses": 3,
        "revisions": 3,
        "changes": {"added": 3, "edited": 0, "removed": 0, "restored": 0},
        "alerts": 1,
        "deliveries": {"open": 0, "pending": 0, "sent": 2, "paused": 0, "given up": 0, "dropped": 0},
        "stopped": [],
        "daemon": None,
        "config": [],
    }
    words = (await said(tmp_path, "status")).out
    assert "courier" in words
    assert "3 articles at 3 addresses, 3 revisions" in words


async def test_status_without_a_database_says_what_to_do(tmp_path: Path) -> None:
    """Nothing is made by asking."""
    write(tmp_path, config_text(free_port(), {}))
    answer = await said(tmp_path, "status")
    assert answer.status == 1
    assert "start `dateline run` or `dateline once`" in answer.err
    assert not (tmp_path / "data").exists()


async def test_add_appends_a_source(tmp_path: Path) -> None:
    """The rest of the file stays byte for byte; the name is the host's, a second one gets a number."""
    path = write(tmp_path, "# mine, as I like it\r\n[crawler]\r\ncontact   = 'a@example.org'")
    before = path.read_bytes()
    assert (await said(tmp_path, "add", "--as-is", "https://www.courier.example/news")).status == 0
    assert (await said(tmp_path, "add", "--as-is", "courier.example/sport", "--every", "5m")).status == 0
    after = path.read_bytes()
    assert after.startswith(before)
    added = after[len(before) :].decode().replace("\r\n", "\n")
    assert added == (
        '\n\n[[source]]\nname = "courier.example"\nurl = "https://www.courier.example/news"\n'
        '\n[[source]]\nname = "courier.example-2"\nurl = "https://courier.example/sport"\nevery = "5m"\n'
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("https://courier.example/",),
        ("ftp://courier.example/",),
        ("https://other.example/", "--name", "Courier"),
        ("https://other.example/", "--every", "soon"),
    ],
    ids=["the same address", "no web address", "the same name", "no duration"],
)
async def test_add_refuses_what_would_break_the_config(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Exit status 2 with the reason, and the file as it was."""
    text = '[crawler]\ncontact = "a@example.org"\n\n[[source]]\nname = "courier"\nurl = "https://courier.example/"\n'
    path = write(tmp_path, text)
    answer = await said(tmp_path, "add", "--as-is", *arguments)
    assert answer.status == 2
    assert answer.err
    assert path.read_text(encoding="utf-8") == text
    assert names_in(tmp_path) == ["config.toml"]


async def test_status_names_what_was_not_told(tmp_path: Path, postbox: Postbox) -> None:
    """In words: the channels that are paused, and the newest deliveries that were given up, with the way back."""
    write(tmp_path, config_text(free_port(), {}, postbox))
    store = open_store(f"sqlite:///{tmp_path}/data/dateline.db", migrate=True)
    quiet = await said(tmp_path, "status")
    assert quiet.out.endswith("alerts: 0; deliveries: none\nNo daemon runs: `dateline run` starts it.\n")
    with store.writer() as connection:
        paused = {"name": "mail", "paused_at": datetime(2026, 11, 8, tzinfo=UTC), "error": "mx.example refused"}
        connection.execute(channel.insert().values(paused))
        for day in range(1, 13):
            then = datetime(2026, 11, day, tzinfo=UTC)
            row = {"id": f"d{day}", "channel": "hook", "rule": "watch" if day > 5 else "", "error": "413"}
            row |= {"state": DeliveryState.GIVEN_UP, "created_at": then, "closes_at": then}
            connection.execute(delivery.insert().values(row))
    store.close()
    answer = await said(tmp_path, "status")
    told = answer.out.splitlines()[5:]
    assert told[0] == "the channel mail is paused since 2026-11-08 00:00 UTC: mx.example refused"
    assert told[1] == "Mended? What waits goes on once a test gets through: dateline tell CHANNEL"
    assert told[2] == "given up: d12 to hook, rule watch: 413"
    assert told[11] == "given up: d3 to hook, a notice: 413"
    assert told[12:] == ["Send one again: dateline deliveries retry ID"]
    assert sorted((await said(tmp_path, "status", "--json")).json) == sorted(
        [
            "sources",
            "articles",
            "addresses",
            "revisions",
            "changes",
            "alerts",
            "deliveries",
            "stopped",
            "daemon",
            "config",
        ]
    )


async def test_a_retry_takes_up_what_was_given_up(tmp_path: Path, postbox: Postbox) -> None:
    """The delivery is pending again, under its id and with its bytes; one that is not there is no success."""
    write(tmp_path, config_text(free_port(), {}, postbox))
    missing = await said(tmp_path, "deliveries", "retry", "d1")
    assert missing.status == 1
    assert "there is no database" in missing.err
    store = open_store(f"sqlite:///{tmp_path}/data/dateline.db", migrate=True)
    then = datetime(2026, 11, 8, tzinfo=UTC)
    given_up = {"id": "d1", "channel": "hook", "rule": "watch", "payload": b"{}", "state": DeliveryState.GIVEN_UP}
    with store.writer() as connection:
        connection.execute(channel.insert().values(name="hook"))
        connection.execute(delivery.insert().values(given_up | {"created_at": then, "closes_at": then}))

    assert (await said(tmp_path, "deliveries", "retry", "d2")).status == 1
    assert (await said(tmp_path, "deliveries", "retry", "d1")).status == 0
    with store.reader() as connection:
        row = connection.execute(delivery.select()).one()
    store.close()
    assert (row.id, row.state, row.payload) == ("d1", DeliveryState.PENDING, b"{}")


async def test_try_answers_line_by_line(tmp_path: Path, newspaper: Newspaper) -> None:
    """Each line has its answer before the next is asked; a line that fails is one error and ends nothing."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, DATELINE, "try", "match"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout

    async def ask(line: bytes) -> dict[str, Any]:
        process.stdin.write(line + b"\n")
        return json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))

    try:
        match = {"query": "ferry", "text": "A Ferry sails."}
        assert await ask(json.dumps(match).encode()) == {"match": True, "spans": [[2, 7]]}
        for broken in (b"[1]", b"not JSON", b"\xff\xfe", b'{"query": "a AND", "text": ""}', b'{"query": "a"}'):
            assert list(await ask(broken)) == ["error"]
        assert await ask(json.dumps(match | {"query": "boat"}).encode()) == {"match": False, "spans": []}
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()


async def test_try_reads_pages_from_files(tmp_path: Path, newspaper: Newspaper) -> None:
    """`read` and `list` take files, also packed ones, and need neither network nor config."""
    url = newspaper.publish(*made_up(1))
    (tmp_path / "article.html.gz").write_bytes(gzip.compress(await fetched(url)))
    (tmp_path / "front.html").write_bytes(await fetched(newspaper.url))

    lines = [{"file": "article.html.gz", "url": url}, {"file": "missing.html", "url": url}]
    answer = await said(tmp_path, "try", "read", stdin="\n".join(map(json.dumps, lines)).encode())
    read, missing = map(json.loads, answer.out.splitlines())
    assert answer.status == 0
    assert sorted(read) == sorted(
        ["file", "title", "body", "published", "modified", "authors", "language", "image", "canonical_url", "seconds"]
    )
    assert read["title"] == made_up(1).title
    assert read["body"] == "\n\n".join(made_up(1).paragraphs)
    assert missing["file"] == "missing.html"
    assert "No such file" in missing["error"]

    line = json.dumps({"file": "front.html", "url": newspaper.url})
    listed = (await said(tmp_path, "try", "list", stdin=line.encode())).json
    assert listed["file"] == "front.html"
    assert [(link["url"], link["title"]) for link in listed["links"]] == [(url, made_up(1).title)]


async def test_run_without_a_config_starts_from_the_example(tmp_path: Path) -> None:
    """It says so; where nothing can be reached it says that for each source, and stays up."""
    port = free_port()
    nobody = {"courier": f"http://127.0.0.1:{free_port()}/", "gazette": f"http://127.0.0.2:{free_port('127.0.0.2')}/"}
    (tmp_path / "config.example.toml").write_text(config_text(port, nobody), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, DATELINE, "run"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    try:
        async with asyncio.timeout(PATIENCE_S):
            assert b"starting from config.example.toml" in await process.stdout.readline()
            assert f"http://127.0.0.1:{port}/".encode() in await process.stdout.readline()
            failing = set(nobody)
            while failing:
                line = (await process.stderr.readline()).decode()
                assert line, "it ended"
                if "look failed" in line and "outcome=unreachable" in line:
                    failing -= {name for name in nobody if f"source={name} " in line}
            assert b"courier" in await fetched(f"http://127.0.0.1:{port}/")
            process.send_signal(signal.SIGTERM)
            await process.stderr.read()
            assert await process.wait() == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()


async def test_run_names_what_it_cannot_open(tmp_path: Path, newspaper: Newspaper) -> None:
    """A port that another program has is named with table and key."""
    write(tmp_path, config_text(newspaper.port, {"courier": newspaper.url}))
    answer = await said(tmp_path, "run")
    assert answer.status == 1
    assert f"[daemon] listen 127.0.0.1:{newspaper.port}: Address already in use: stop what listens there" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("arguments", [("--help",), ("status",)])
async def test_light_commands_import_nothing_heavy(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """`--help` and `status` answer at once: neither Scrapy nor an extractor is loaded."""
    write(tmp_path, config_text(free_port(), {}))
    code = (
        "import sys, click.testing, scheduler.cli\n"
        f"click.testing.CliRunner().invoke(scheduler.cli.main, {list(arguments)!r})\n"
        "heavy = {'scrapy', 'trafilatura', 'twisted', 'lxml', 'apscheduler', 'starlette', 'alembic'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert out.decode().strip() == ""
