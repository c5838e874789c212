"""Fetching from a hostile web: where redirects lead, and what robots.txt forbids on the way."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable

import pytest

from tests.crawler.conftest import ALL_DISALLOWED, DELAY_S, MAX_PAGE
from tests.crawler.fetching import Fetching
from tests.crawler.hostile import Site, answer, gaps, hang, redirect, reset

# Redirects, each hop checked


def test_redirects_are_followed(crawler: Fetching, site: Site, new_site: Callable[[], Site]) -> None:
    """Five hops, relative or to another host, end at a page whose address is told; validators go along."""
    other = new_site()
    site.pages |= {
        "/1": redirect("2", 301),
        "/2": redirect("/3", 302),
        "/3": redirect(f"//{site.address}:{site.port}/4?a=b#c", 303),
        "/4?a=b": redirect("./5", 307),
        "/5": redirect(other.url("/6"), 308),
    }
    other.pages["/6"] = answer()
    got = crawler.fetch(site.url("/1"), etag='"1"')
    assert (got["outcome"], got["url"], got["redirected"]) == ("FETCHED", other.url("/6"), True)
    assert other.paths == ["/robots.txt", "/6"]
    assert other.seen[1].headers["If-None-Match"] == '"1"'
    assert "Referer" not in other.seen[1].headers


@pytest.mark.parametrize(
    ("to", "outcome", "words"),
    [
        ("/a", "HTTP_ERROR", "more than 5 redirects"),
        ("", "HTTP_ERROR", "named no address"),
        ("file:///etc/passwd", "NOT_ALLOWED", "file:///etc/passwd"),
        ("ftp://127.1.0.1/", "NOT_ALLOWED", "ftp:"),
        ("data:text/html,<p>hello", "NOT_ALLOWED", "data:"),
        ("javascript:alert(1)", "NOT_ALLOWED", "javascript:"),
        ("http://user:password@127.1.0.1/", "NOT_ALLOWED", ""),
        ("http://[::1/", "NOT_ALLOWED", ""),
        ("http://" + "x" * 3000, "NOT_ALLOWED", ""),
        ("http://no such host/", "NOT_ALLOWED", ""),
    ],
)
def test_a_redirect_that_leads_nowhere_is_a_fault(
    crawler: Fetching, site: Site, to: str, outcome: str, words: str
) -> None:
    """Loops end after five hops; what is not http or https, or hides a user, is not followed."""
    site.pages["/a"] = redirect(to)
    got = crawler.fetch(site.url("/a"))
    assert got["outcome"] == outcome
    assert words in got["message"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.66",
        "127.66",
        "2130706498",
        "0x7f000042",
        "0177.0.0.0102",
        "[::ffff:127.0.0.66]",
        "[::ffff:7f00:42]",
        "[64:ff9b::7f00:42]",
        "[2002:7f00:42::]",
        "①②⑦.0.0.66",
        "127.0.0.66.",
        "169.254.169.254",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "localhost.localdomain",
    ],
)
def test_no_redirect_reaches_an_address_that_is_not_allowed(
    crawler: Fetching, site: Site, trap: Site, host: str
) -> None:
    """However the address is spelt, nothing is dialled: neither its robots.txt nor the page."""
    site.pages["/a"] = redirect(f"http://{host}:{trap.port}/a")
    got = crawler.fetch(site.url("/a"))
    assert got["outcome"] in ("NOT_ALLOWED", "UNREACHABLE")
    if host == "127.0.0.66":
        assert got["outcome"] == "NOT_ALLOWED"
        assert "127.0.0.66" in got["message"] and "allow_addresses" in got["message"]
    assert trap.connections == 0


def test_an_address_that_is_not_allowed_is_not_fetched_either(crawler: Fetching, trap: Site) -> None:
    """Not as a source, not by a name that leads inside, and not as anybody's proxy."""
    assert crawler.fetch(trap.url())["outcome"] == "NOT_ALLOWED"
    assert crawler.fetch("file:///etc/passwd")["outcome"] == "NOT_ALLOWED"
    assert trap.connections == 0


def test_a_hop_obeys_the_robots_txt_of_its_own_origin(
    crawler: Fetching, site: Site, new_site: Callable[[], Site]
) -> None:
    """A redirect to what another host disallows ends there, without a request for the page."""
    other = new_site()
    site.pages["/a"] = redirect(other.url("/b"))
    other.pages |= {"/robots.txt": ALL_DISALLOWED, "/b": answer()}
    got = crawler.fetch(site.url("/a"))
    assert got["outcome"] == "ROBOTS"
    assert other.paths == ["/robots.txt"]


# robots.txt


@pytest.mark.parametrize(
    ("robots", "outcome"),
    [
        (answer(b"User-agent: *\nDisallow: /b\n"), "FETCHED"),
        (answer(gzip.compress(b"User-agent: *\nDisallow: /a\n"), Content_Encoding="gzip"), "ROBOTS"),
        (answer(b"\xef\xbb\xbfUser-agent: dateline\nDisallow: /a\n"), "ROBOTS"),
        (answer(b"User-agent: *\nDisallow: /a\n", length=False), "ROBOTS"),
        (answer(b"User-agent: *\nDisallow: /a\n" + b"#" * 150_000), "ROBOTS"),
        (answer(b"User-agent: *\nDisallow: /a\n", 404), "FETCHED"),
        (answer(b"User-agent: *\nDisallow: /a\n", 403), "FETCHED"),
        (answer(b"", 204), "FETCHED"),
        (answer(b"User-agent: *\n", 206), "NOT_WHOLE"),
        (answer(b"User-agent: *\n", length=False, Content_Length="999"), "NOT_WHOLE"),
        (answer(b"#" * (MAX_PAGE + 1)), "TOO_LARGE"),
        (answer(b"", 500), "HTTP_ERROR"),
        (answer(b"", 503), "HTTP_ERROR"),
        (answer(b"", 429, Retry_After="7"), "RATE_LIMITED"),
        (reset, "UNREACHABLE"),
        (hang, "UNREACHABLE"),
        (redirect("/rules"), "ROBOTS"),
        (redirect("/robots.txt"), "FETCHED"),
        (redirect("file:///etc/passwd"), "NOT_ALLOWED"),
    ],
)
def test_robots_txt_is_obeyed_strictly(crawler: Fetching, site: Site, robots: bytes, outcome: str) -> None:
    """4xx allows; 5xx, 429, half a file and no answer disallow, and are not asked for again with the next page."""
    site.pages |= {"/robots.txt": robots, "/rules": ALL_DISALLOWED, "/a": answer(), "/b": answer()}
    assert crawler.fetch(site.url("/a"))["outcome"] == outcome
    asked = site.paths.count("/robots.txt")
    assert crawler.fetch(site.url("/a"))["outcome"] == outcome
    assert ("/a" in site.paths) is (outcome == "FETCHED")
    again = site.paths.count("/robots.txt") - asked
    assert again == (asked if outcome == "NOT_ALLOWED" else 0), "what our config refuses is judged anew"


def test_robots_txt_of_another_host_counts_for_ours(
    crawler: Fetching, site: Site, new_site: Callable[[], Site], trap: Site
) -> None:
    """A redirected robots.txt is followed to other hosts, as the RFC wants it, but not to addresses inside."""
    other, third = new_site(), new_site()
    site.pages |= {"/robots.txt": redirect(other.url("/robots.txt")), "/a": answer()}
    other.pages["/robots.txt"] = ALL_DISALLOWED
    third.pages |= {"/robots.txt": redirect(trap.url("/robots.txt")), "/a": answer()}
    assert crawler.fetch(site.url("/a"))["outcome"] == "ROBOTS"
    assert crawler.fetch(third.url("/a"))["outcome"] == "NOT_ALLOWED"
    assert (site.paths, third.paths, trap.connections) == (["/robots.txt"], ["/robots.txt"], 0)


def test_a_robots_txt_elsewhere_is_asked_for_at_the_pace_of_its_own_host(
    crawler: Fetching, site: Site, new_site: Callable[[], Site]
) -> None:
    """Else a site could have the turn of another's host held for the five minutes that it asks for itself."""
    other = new_site()
    site.pages |= {"/robots.txt": redirect(other.url("/robots.txt")), "/a": answer()}
    other.pages |= {"/robots.txt": answer(b""), "/b": answer()}
    assert crawler.fetch(other.url("/b"))["outcome"] == "FETCHED"
    assert crawler.fetch(site.url("/a"), delay=5)["outcome"] == "FETCHED"
    assert max(gaps(other)) < 5


def test_fetched_robots_txt_is_handed_over_and_loaded_again(crawler: Fetching, site: Site) -> None:
    """What was fetched can be stored, and what was stored spares the request."""
    site.pages |= {"/robots.txt": answer(b"User-agent: *\nDisallow: /x"), "/a": answer()}
    crawler.fetch(site.url("/a"))
    origin = site.url("")
    assert {"robots": origin, "status": 200, "body": "User-agent: *\nDisallow: /x"} in crawler.robots
    crawler.load_robots(("http://127.1.200.1:9", 200, "User-agent: *\nDisallow: /a"))
    assert crawler.fetch("http://127.1.200.1:9/a")["outcome"] == "ROBOTS", "nobody is there to answer"


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(crawler: Fetching, site: Site) -> None:
    """A kept connection may end just when it is used again: asked once more, after the pause like any request."""
    first = iter([True])

    async def closed_at_first(writer: asyncio.StreamWriter) -> None:
        if next(first, False):
            await reset(writer)
        else:
            writer.write(answer())
            await writer.drain()

    site.pages["/a"] = closed_at_first
    assert crawler.fetch(site.url("/a"))["outcome"] == "FETCHED"
    assert site.paths == ["/robots.txt", "/a", "/a"]
    assert min(gaps(site)) >= DELAY_S
