"""`dateline backfill` as a user calls it, at a newspaper with older pages: alone, killed, and beside a daemon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.texts import made_up
from storage.schema.articles import address, article, revision
from storage.schema.telling import alert
from tests.running import Running, config_text, dateline, said

PRINTED = 45  # one every twelve hours: two older pages, and 30 of them in the last 15 days
WANTED = 30


@pytest.fixture
async def running(tmp_path: Path, newspaper: Newspaper) -> AsyncIterator[Running]:
    """A Dateline whose one source is the newspaper, with a rule that matches all that is new in it."""
    now = datetime.now(UTC)
    for number in range(PRINTED):
        newspaper.publish(*made_up(number), at=now - timedelta(hours=12 * (PRINTED - number) - 1))
    async with dateline(tmp_path) as running:
        running.write(config_text(running.port, {"courier": newspaper.url}, query="the", every="1h"))
        yield running


def days_ago(number: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=number):%Y-%m-%d}"


def assert_all_is_history(running: Running) -> None:
    """Every article since then is there once, and nobody is told."""
    assert running.count(article) == running.count(revision) == running.count(address) == WANTED, running.log_end()
    assert running.count(article, article.c.history) == WANTED
    assert running.count(alert) == 0


async def test_pages_are_followed_to_the_day(running: Running, newspaper: Newspaper) -> None:
    """All of it is history; a second time only the pages are asked for, and the list says how it went."""
    asked_for = {days_ago(15)}
    answer = await said(running.folder, "backfill", "courier", "--since", "15d")
    assert answer.status == 0, answer.err
    day = answer.out.removeprefix("courier, since ").partition(":")[0]
    assert day in asked_for | {days_ago(15)}, "midnight may have passed"
    assert answer.out.startswith(f"courier, since {day}: 2 pages, {WANTED - 20} found, back to ")
    assert answer.out.endswith(f"; reached {day}\n")
    assert answer.err == "", "progress is for a terminal"
    assert newspaper.statistics.requests["/"] == 3
    assert_all_is_history(running)

    asked = newspaper.statistics.requests.total()
    again = await said(running.folder, "backfill", "courier", "--since", "15d")
    assert again.status == 0, again.err
    assert "2 pages, 0 found" in again.out
    assert newspaper.statistics.requests.total() - asked <= 4
    assert_all_is_history(running)
    listed = await said(running.folder, "backfill")
    of_each = [line.partition(" found")[0] for line in (*listed.out.splitlines(), again.out, answer.out)]
    assert of_each[:2] == of_each[2:] and of_each[1] == f"courier, since {day}: 2 pages, {WANTED - 20}"


async def test_a_kill_in_the_middle_loses_nothing(running: Running, newspaper: Newspaper) -> None:
    """Begun again it goes on where it stopped, and nothing is there twice."""
    asking = ("backfill", "courier", "--since", "15d", "--config", str(running.config))
    killed = await running.command(*asking)
    await newspaper.wait_for("/", 2)
    running.kill_all()
    await killed.wait()
    await running.until_nothing_runs()
    again = await running.command(*asking)
    assert await again.wait() == 0, running.log_end()
    assert f"{WANTED - 20} found" in running.log_end()
    assert_all_is_history(running)


async def test_beside_a_daemon_it_waits_and_can_be_stopped(running: Running, newspaper: Newspaper) -> None:
    """The daemon does the work; a back-fill that cannot go on is stopped with what it found."""
    await running.start()
    config = ("--config", str(running.config))
    answer = await said(running.folder, "backfill", "courier", "--since", "15d", *config)
    assert answer.status == 0, answer.err
    assert f"2 pages, {WANTED - 20} found" in answer.out
    assert newspaper.statistics.most_in_flight == 1
    assert_all_is_history(running)

    newspaper.break_("503", retry_after="3600")
    asked = newspaper.statistics.requests["/"]
    waiting = await running.command("backfill", "courier", "--since", "18d", *config)
    await newspaper.wait_for("/", asked + 1)
    stopped = await said(running.folder, "backfill", "courier", "--stop", *config)
    assert (stopped.status, stopped.out) == (0, "courier: stopped\n")
    assert await waiting.wait() == 0
    assert "0 found; stopped" in running.log_end()


async def test_what_it_cannot_do_is_said(running: Running) -> None:
    """In words that mend, with nothing asked."""
    nothing = await said(running.folder, "backfill")  # first: the others make a database
    no_day, nobody = await asyncio.gather(
        said(running.folder, "backfill", "courier", "--since", "yesterday"),
        said(running.folder, "backfill", "gazette", "--since", "3d"),
    )
    assert nothing.status == 1
    assert "there is no database" in nothing.err
    assert no_day.status == 2
    assert '--since: \'yesterday\' is no day: write "2026-01-31", or "90d" for the last 90 days' in no_day.err
    assert nobody.status == 1
    assert "there is no source 'gazette'" in nobody.err
