"""`dateline add URL` as a user calls it, at newspapers on loopback: what it finds, says, writes, and leaves alone."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from scheduler.demo.newspaper import Newspaper, Statistics
from scheduler.demo.texts import made_up
from tests.running import Running, config_text, dateline, free_port, names_in, said
from tests.told_as_json import assert_as_told

DELAY_S = 0.05
PLACES = 13  # that a look round asks at most where nothing answers, beside robots.txt


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with dateline(tmp_path) as running:
        yield running


def printed(newspaper: Newspaper, number: int = 22) -> None:
    """Articles of the last days, one every six hours, the newest a moment ago."""
    now = datetime.now(UTC)
    for one in range(number):
        newspaper.publish(*made_up(one), at=now - timedelta(hours=6 * (number - one)))


def config(folder: Path, sources: dict[str, str] | None = None, port: int = 0, timeout: str = "10s") -> Path:
    path = folder / "config.toml"
    text = config_text(port or free_port(), sources or {}, timeout=timeout)
    path.write_text(text.replace('delay = "20ms"', f'delay = "{DELAY_S * 1000:g}ms"'), encoding="utf-8")
    return path


def written(path: Path) -> list[dict[str, object]]:
    return tomllib.loads(path.read_text(encoding="utf-8")).get("source", [])


def assert_polite(statistics: Statistics, most: int = PLACES + 1) -> None:
    assert statistics.most_in_flight == 1
    assert statistics.disallowed == []
    assert statistics.shortest_gap_s >= DELAY_S
    assert sum(statistics.requests.values()) <= most


async def test_the_feed_is_chosen_and_shown(tmp_path: Path, newspaper: Newspaper) -> None:
    """With why, and the first ten articles with their days; a dry run writes nothing, and all of it is polite."""
    printed(newspaper)
    path = config(tmp_path)
    before = path.read_bytes()
    answer = await said(tmp_path, "add", newspaper.url, "--name", "courier", "--dry-run")
    assert answer.status == 0, answer.err
    assert f"*  feed      {newspaper.feed_url}\n       20 articles, the newest 6 h ago; chosen: " in answer.out
    assert f"-  html      {newspaper.url}\n       20 articles, the newest 6 h ago; the feed is enough" in answer.out
    first = answer.out.partition("The first 10 articles that it would read:\n")[2].splitlines()[:11]
    assert [line[14:] for line in first[:10]] == [made_up(number).title for number in range(21, 11, -1)]
    assert all(datetime.fromisoformat(line[2:12]) for line in first[:10])
    assert first[10] == ""
    assert answer.out.endswith(f'listings = ["{newspaper.feed_url}"]\nNothing was written.\n')
    assert (path.read_bytes(), answer.err) == (before, "")
    assert_polite(newspaper.statistics, 4)


async def test_a_short_feed_gets_the_list_page_beside_it(tmp_path: Path, newspaper: Newspaper) -> None:
    """Written without asking where nobody can answer; the same address again is refused before the site is asked."""
    newspaper.in_feed, newspaper.in_sitemap = 8, 0
    printed(newspaper)
    path = config(tmp_path)
    answer = await said(tmp_path, "add", newspaper.url.rstrip("/"), "--name", "courier")
    assert answer.status == 0, answer.err
    assert "fills the gaps of the feed, which holds 8 articles only" in answer.out
    listings = [newspaper.feed_url, newspaper.url]
    assert written(path) == [{"name": "courier", "url": newspaper.url, "listings": listings}]

    asked = newspaper.statistics.requests.total()
    again = await said(tmp_path, "add", newspaper.url)
    assert (again.status, again.out) == (2, "")
    assert "the source 'courier' watches this address already" in again.err
    assert newspaper.statistics.requests.total() == asked
    assert len(written(path)) == 1


async def test_a_site_without_a_feed_gets_its_list_page(tmp_path: Path, newspaper: Newspaper) -> None:
    """As one JSON object, with every place that was tried in vain; a site's own address needs no listings."""
    newspaper.in_feed = newspaper.in_sitemap = 0
    printed(newspaper)
    path = config(tmp_path)
    answer = await said(tmp_path, "add", newspaper.url, "--name", "courier", "--json")
    assert answer.status == 0, answer.err
    told = answer.json
    assert_as_told("add", told)
    (chosen,) = told["listings"]
    assert (chosen["url"], chosen["kind"], chosen["articles"], chosen["chosen"]) == (newspaper.url, "html", 20, True)
    assert len(told["failed"]) == PLACES - 1
    assert [one["title"] for one in told["first"]] == [made_up(number).title for number in range(21, 11, -1)]
    assert tomllib.loads(told["table"])["source"] == written(path) == [{"name": "courier", "url": newspaper.url}]
    assert_polite(newspaper.statistics)


async def test_an_address_that_is_not_allowed_is_refused_at_once(tmp_path: Path, newspaper: Newspaper) -> None:
    """Not asked for each usual place; and without a word of --as-is, since every look would be refused as well."""
    path = config(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("allow_addresses", "# allow_addresses"), encoding="utf-8")
    answer = await said(tmp_path, "add", newspaper.url)
    assert answer.status == 1
    assert answer.err.endswith(
        "which is not public: if it is yours, name it in [crawler] allow_addresses. Nothing was written.\n"
    )
    assert sum(newspaper.statistics.requests.values()) == 0


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("404", "not found: the server answered 404"),
        ("500", "http error: the server answered 500"),
        ("captcha200", "Nothing here lists articles"),
        ("robots", "disallowed by robots.txt"),
    ],
)
async def test_what_cannot_be_read_is_not_written(
    tmp_path: Path, newspaper: Newspaper, trouble: Literal["404", "500", "captcha200", "robots"], words: str
) -> None:
    """Exit status 1, why, and what to do if one knows better."""
    printed(newspaper)
    url = newspaper.url + ("nowhere/" if trouble == "404" else "")
    if trouble == "robots":
        newspaper.disallow = ("/",)
    elif trouble != "404":
        newspaper.break_(trouble)
    path = config(tmp_path)
    before = path.read_bytes()
    answer = await said(tmp_path, "add", url)
    assert answer.status == 1
    assert words in answer.out + answer.err
    assert answer.err.endswith(f"Nothing was written. If you know better: dateline add --as-is {url}\n")
    assert "Traceback" not in answer.err
    assert path.read_bytes() == before
    assert names_in(tmp_path) == [path.name]
    assert_polite(newspaper.statistics, 2 if trouble == "404" else PLACES + 1)


async def test_a_look_that_fails_is_an_object_too(tmp_path: Path, newspaper: Newspaper) -> None:
    """A program reads why on stdout, a person on stderr; nothing is written."""
    newspaper.break_("500")
    path = config(tmp_path)
    before = path.read_bytes()
    answer = await said(tmp_path, "add", newspaper.url, "--json")
    assert answer.status == 1
    assert_as_told("add, in vain", answer.json)
    assert answer.json == {
        "url": newspaper.url,
        "outcome": "http error",
        "error": "the server answered 500 Internal Server Error",
        "table": "",
    }
    assert "http error: the server answered 500 Internal Server Error. Nothing was written." in answer.err
    assert path.read_bytes() == before


async def test_an_address_is_written_as_it_is_unasked(tmp_path: Path, newspaper: Newspaper) -> None:
    """Nobody is asked, neither the site nor the user; what is no address at all is refused."""
    path = config(tmp_path)
    answer = await said(tmp_path, "add", newspaper.url, "--as-is", "--json", "--every", "5m", "--name", "courier")
    assert answer.status == 0, answer.err
    assert tomllib.loads(answer.json["table"])["source"] == written(path)
    assert written(path) == [{"name": "courier", "url": newspaper.url, "every": "5m"}]
    assert newspaper.statistics.requests.total() == 0

    wrong = await said(tmp_path, "add", "not-a-url")
    assert (wrong.status, wrong.out) == (2, "")
    assert wrong.err == "'not-a-url' is no http or https address: write it as your browser shows it\n"


async def test_a_running_daemon_and_a_look_round_take_turns(running: Running, newspaper: Newspaper) -> None:
    """No two requests overlap, and the daemon takes the source over; a kill of `add` in the middle of a request leaves
    the daemon waiting no longer than for that request."""
    newspaper.answer_s, newspaper.in_sitemap = 0.03, 0
    printed(newspaper, 9)
    path = config(running.folder, {"town": newspaper.url + "section/town/"}, running.port, timeout="3s")
    await running.start()
    await newspaper.wait_for("/section/town/", 2)
    adding = await running.command("add", newspaper.url, "--name", "courier", "--config", str(path))
    assert await adding.wait() == 0, running.log_end()
    await newspaper.wait_for("/feed.xml", 2)
    assert written(path)[1]["listings"] == [newspaper.feed_url, newspaper.url]
    assert_polite(newspaper.statistics, 1000)

    newspaper.break_("timeout", under="/section/trade/")
    killed = await running.command("add", newspaper.url + "section/trade/", "--config", str(path))
    await newspaper.wait_for("/section/trade/")
    killed.kill()
    await killed.wait()
    newspaper.heal()
    await newspaper.wait_for("/section/town/", newspaper.statistics.requests["/section/town/"] + 1, timeout_s=60)
    assert len(written(path)) == 2
    assert_polite(newspaper.statistics, 1000)
