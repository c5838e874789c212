"""Fetching from a hostile web, in the real engine on the real reactor: politeness as the servers see it."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from crawler.settings import CrawlerSettings
from tests.crawler.certificates import Authority
from tests.crawler.conftest import DELAY_S, MAX_PAGE
from tests.crawler.fetching import LONGEST_S, Fetching
from tests.crawler.hostile import PAGE, Site, Web, answer, gaps, hang, redirect, reset


def test_a_page_is_fetched_whole(crawler: Fetching, site: Site) -> None:
    """An answer comes with its bytes, their hash, where it came from and its validators."""
    site.pages["/a"] = answer(
        ETag='W/"1"', Last_Modified="Sun, 01 Mar 2026 12:00:00 GMT", Content_Type="text/html; charset=x"
    )
    got = crawler.fetch(site.url("/a#top"))
    assert {name: got[name] for name in ("outcome", "url", "status", "not_modified", "redirected")} == {
        "outcome": "FETCHED",
        "url": site.url("/a"),
        "status": 200,
        "not_modified": False,
        "redirected": False,
    }
    assert got["body"].encode() == PAGE
    assert got["body_hash"] == hashlib.blake2b(PAGE, digest_size=32).hexdigest()
    assert (got["etag"], got["last_modified"]) == ('W/"1"', "Sun, 01 Mar 2026 12:00:00 GMT")
    assert got["content_type"] == "text/html; charset=x"


def test_what_a_server_said_is_kept_but_for_cookies(crawler: Fetching, site: Site) -> None:
    """Every value in its place, also twice and in no charset; from which address to which."""
    site.pages["/a"] = redirect(site.url("/b"))
    site.pages["/b"] = (
        b"HTTP/1.1 203 Fine\r\nServer: caf\xe9\r\nset-cookie: id=secret\r\nVia: one\r\nVia: two\r\n"
        b"Content-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)
    )
    got = crawler.fetch(site.url("/a#top"))
    assert (got["asked"], got["url"], got["status"]) == (site.url("/a"), site.url("/b"), 203)
    said = [tuple(one) for one in got["headers"]]
    assert sorted(said) == sorted(
        [
            ("Content-Length", str(len(PAGE))),
            ("Server", "caf\xe9"),
            ("Via", "one"),
            ("Via", "two"),
            ("Content-Type", "text/html"),
        ]
    )
    assert said.index(("Via", "one")) < said.index(("Via", "two"))


def test_a_site_sees_who_asks(crawler: Fetching, site: Site) -> None:
    """Robots.txt comes first; both requests name us and our contact, and carry nothing that tells where we were."""
    site.pages["/a"] = answer(Set_Cookie="a=b")
    crawler.fetch(site.url("/a"))
    crawler.fetch(site.url("/a"))
    assert site.paths == ["/robots.txt", "/a", "/a"]
    for seen in site.seen:
        assert seen.headers["User-Agent"] == "Dateline/0.1 (+https://news.example/about)"
        assert set(seen.headers) == {"User-Agent", "Accept", "Accept-Encoding", "Host"}
    assert site.connections == 1, "one connection is kept for a host"


# Conditional requests


def test_a_page_that_did_not_change_is_known_by_304(crawler: Fetching, site: Site) -> None:
    """The validators are sent back as they were; after a 304 what was known is still known."""
    site.pages["/a"] = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n"
    got = crawler.fetch(site.url("/a"), etag='"1"', last_modified="Sun, 01 Mar 2026 12:00:00 GMT", body_hash="00ff")
    assert (got["outcome"], got["status"], got["not_modified"], got["body"]) == ("FETCHED", 304, True, "")
    assert (got["etag"], got["last_modified"], got["body_hash"]) == ('"1"', "Sun, 01 Mar 2026 12:00:00 GMT", "00ff")
    assert site.seen[1].headers["If-None-Match"] == '"1"'
    assert site.seen[1].headers["If-Modified-Since"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert "If-None-Match" not in site.seen[0].headers, "robots.txt is another file"


def test_the_same_bytes_are_known_by_their_hash(crawler: Fetching, site: Site) -> None:
    """A server without validators does not make us parse its page again, however it is packed."""
    site.pages["/a"] = answer(gzip.compress(PAGE), Content_Encoding="gzip")
    known = hashlib.blake2b(PAGE, digest_size=32).hexdigest()
    assert crawler.fetch(site.url("/a"), body_hash=known)["not_modified"]
    assert not crawler.fetch(site.url("/a"), body_hash="00" * 32)["not_modified"]


def test_a_304_that_was_not_asked_for_is_a_fault(crawler: Fetching, site: Site) -> None:
    """Without validators there is nothing that could be unmodified."""
    site.pages["/a"] = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n"
    assert crawler.fetch(site.url("/a"))["outcome"] == "HTTP_ERROR"


def test_a_validator_that_cannot_be_sent_back_is_dropped(crawler: Fetching, site: Site) -> None:
    """Too long, or of other characters than a header's: it would be another one when it comes back."""
    site.pages["/a"] = answer(ETag='"' + "x" * 300 + '"', Last_Modified="日")
    got = crawler.fetch(site.url("/a"))
    assert (got["etag"], got["last_modified"]) == ("", "")


# Whole or not at all


async def _cut_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + PAGE)
    await writer.drain()


async def _endless_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        await writer.drain()


async def _endless_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        writer.write(b"X-%d: %s\r\n" % (number, b"x" * 1000))
        await writer.drain()


async def _endless_100(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await writer.drain()


async def _one_endless_header(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x" * 10_000)
        await writer.drain()


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _drip_head(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"H")
        await writer.drain()
        await asyncio.sleep(0.05)


GZIPPED = gzip.compress(PAGE * 50, mtime=0)


@pytest.mark.parametrize(
    ("page", "outcome", "words"),
    [
        (answer(GZIPPED[:-20], Content_Encoding="gzip"), "NOT_WHOLE", "gzip stream is cut"),
        (answer(PAGE, length=False, Content_Length="5000"), "NOT_WHOLE", "middle of the answer"),
        (_cut_chunks, "NOT_WHOLE", "middle of the answer"),
        (answer(PAGE[:-7], length=False), "NOT_WHOLE", "does not end as a page"),
        (answer(PAGE, 206, Content_Range="bytes 0-59/100"), "NOT_WHOLE", "206 Partial Content"),
        (answer(b"", 204), "NOT_WHOLE", "204 No Content"),
        (answer(b"", 205), "NOT_WHOLE", "205"),
        (answer(b""), "NOT_WHOLE", "empty"),
        (answer(b"x" * (MAX_PAGE + 1)), "TOO_LARGE", "larger than 200,000 bytes"),
        (_endless_body, "TOO_LARGE", "larger than 200,000 bytes"),
        (answer(gzip.compress(bytes(20_000_000), mtime=0), Content_Encoding="gzip"), "TOO_LARGE", "unpacked"),
        (_endless_head, "TOO_LARGE", "header"),
        (_endless_100, "TOO_LARGE", "header"),
        (_one_endless_header, "TOO_LARGE", "header"),
        (_drip, "UNREACHABLE", "no whole answer within 3 s"),
        (_drip_head, "UNREACHABLE", "no whole answer within 3 s"),
        (hang, "UNREACHABLE", "no whole answer within 3 s"),
        (reset, "UNREACHABLE", "closed before an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "UNREACHABLE", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", "UNREACHABLE", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345", "UNREACHABLE", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "UNREACHABLE", "no HTTP"),
        (answer(b"\x89PNG\r\n\x1a\n", Content_Type="image/png"), "NOT_ASKED_FOR", "image/png"),
        (answer(b"%PDF-1.7"), "NOT_ASKED_FOR", "PDF"),
        (answer(b"secret", 401, WWW_Authenticate="Basic"), "LOGIN", "401 Unauthorized"),
        (answer(b"no", 403), "HTTP_ERROR", "403 Forbidden"),
        (answer(b"no", 404), "NOT_FOUND", "404 Not Found"),
        (answer(b"no", 500), "HTTP_ERROR", "500 Internal Server Error"),
        (answer(b"no", 503), "HTTP_ERROR", "503 Service Unavailable"),
    ],
)
def test_what_is_no_whole_page_is_a_fault_in_words(
    crawler: Fetching, site: Site, page: bytes, outcome: str, words: str
) -> None:
    """Cut, partial, empty, endless, slow or refused: each ends in its own fault, soon, and the next page is fetched."""
    site.pages |= {"/a": page, "/b": answer()}
    got = crawler.fetch(site.url("/a"))
    assert got["outcome"] == outcome
    assert words in got["message"]
    assert crawler.fetch(site.url("/b"))["outcome"] == "FETCHED"


@pytest.mark.parametrize(
    "page",
    [
        answer(GZIPPED, Content_Encoding="gzip"),
        answer(PAGE, length=False),
        answer(gzip.compress(PAGE, mtime=0), length=False, Content_Encoding="gzip"),
        b"HTTP/1.0 200 OK\r\n\r\n" + PAGE,
        answer(X_Policy="x" * 40_000),
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(),
        b"HTTP/1.1 200 OK\r\nno header at all\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE,
    ],
)
def test_odd_but_whole_pages_are_read(crawler: Fetching, site: Site, page: bytes) -> None:
    """Old servers end a page by closing the connection, and some send headers that are none."""
    site.pages["/a"] = page
    got = crawler.fetch(site.url("/a"))
    assert got["outcome"] == "FETCHED"
    assert got["body"].encode().startswith(PAGE)


def test_nobody_at_home_is_said_in_words(crawler: Fetching, addresses: Iterator[str]) -> None:
    """A refused connection and a name that does not exist are faults of the look, of robots.txt's already."""
    refused = crawler.fetch(f"http://{next(addresses)}:9/")
    assert (refused["outcome"], refused["message"]) == ("UNREACHABLE", "connection refused")
    unknown = crawler.fetch("http://no-such-name.invalid/")
    assert unknown["outcome"] == "UNREACHABLE"
    assert "no-such-name.invalid" in unknown["message"]
    assert "has no address" in crawler.fetch("http://a..example/")["message"]


def test_retry_after_is_told(crawler: Fetching, site: Site) -> None:
    """429 always, and 503 with a time, mean: not so fast. The time may be seconds or a date."""
    soon = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    site.pages |= {
        "/seconds": answer(b"", 429, Retry_After="90"),
        "/date": answer(b"", 503, Retry_After=soon),
        "/long": answer(b"", 429, Retry_After="99999999"),
        "/none": answer(b"", 429),
    }
    got = {path: crawler.fetch(site.url(path)) for path in site.pages}
    assert {one["outcome"] for one in got.values()} == {"RATE_LIMITED"}
    assert got["/seconds"]["retry_after"] == 90
    assert 7100 < got["/date"]["retry_after"] <= 7200
    assert got["/long"]["retry_after"] == 86_400
    assert got["/none"]["retry_after"] is None


# The pace, as the server sees it


def slow_page(seconds: float) -> Callable[[asyncio.StreamWriter], object]:
    async def page(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(answer())
        await writer.drain()

    return page


def test_a_host_is_asked_one_request_at_a_time(crawler: Fetching, site: Site) -> None:
    """However many want its pages, requests never overlap, and the pause begins when the last answer ended."""
    site.pages |= {f"/{n}": slow_page(0.15) if n % 2 else answer() for n in range(6)}
    waiting = [crawler.ask(site.url(f"/{n}")) for n in range(6)]
    assert [one.get(timeout=LONGEST_S)["outcome"] for one in waiting] == ["FETCHED"] * 6
    assert len(site.seen) >= 7
    assert min(gaps(site)) >= DELAY_S


def test_crawl_delay_is_kept_from_the_first_page_on(crawler: Fetching, site: Site) -> None:
    """What robots.txt asks for holds for the request after it already, and outlasts the floor."""
    site.pages |= {"/robots.txt": answer(b"User-agent: *\nCrawl-delay: 0.3\nDisallow: /x"), "/a": answer()}
    for _ in range(3):
        crawler.fetch(site.url("/a"), delay=20)
    assert len(site.seen) == 4
    assert min(gaps(site)) >= 0.3 and gaps(site)[1] < 20


def test_the_floor_is_kept_after_faults_and_over_ports_and_hops(
    crawler: Fetching, web: Web, addresses: Iterator[str]
) -> None:
    """A fault, another port and a redirect are requests to the same host like any other."""
    address = next(addresses)
    first, second = web.site(address), web.site(address)
    first.pages |= {"/a": redirect(second.url("/b")), "/reset": reset}
    second.pages["/b"] = answer()
    for path in ("/reset", "/a", "/missing", "/a"):
        crawler.fetch(first.url(path))
    seen = sorted([*first.seen, *second.seen], key=lambda one: one.begun)
    assert first.paths == ["/robots.txt", "/reset", "/reset", "/a", "/missing", "/a"]
    assert second.paths == ["/robots.txt", "/b", "/b"]
    assert min(after.begun - before.ended for before, after in itertools.pairwise(seen)) >= DELAY_S


def test_a_thousand_pages_leave_the_engine_as_it_was(crawler: Fetching, new_site: Callable[[], Site]) -> None:
    """Of a hundred hosts each keeps its pace, and afterwards nothing is held: no slot's queue, no request, no turn."""
    sites = [new_site() for _ in range(100)]
    for site in sites:
        site.pages |= {
            "/a": answer(),
            "/gone": answer(b"", 410),
            "/cut": answer(PAGE, length=False, Content_Length="99"),
        }
    paths = ["/a", "/gone", "/a", "/cut", "/a"] * 2
    waiting = [crawler.ask(site.url(path)) for path in paths for site in sites]
    outcomes = [one.get(timeout=LONGEST_S)["outcome"] for one in waiting]
    assert outcomes.count("FETCHED") == 600
    assert outcomes.count("NOT_FOUND") == outcomes.count("NOT_WHOLE") == 200
    assert all(min(gaps(site)) >= DELAY_S for site in sites)
    state = crawler.state()
    assert state["active"] == 0
    assert {tuple(held) for held in state["slots"].values()} == {(0, 0)}
    assert state["turns"] <= 1, "only a lock that somebody waits for is kept"


# TLS


def test_certificates_are_verified(crawler: Fetching, web: Web, addresses: Iterator[str], authority: Authority) -> None:
    """A certificate of a known authority for this host passes; another host's, or one that nobody knows, does not."""
    right, wrong, unknown = next(addresses), next(addresses), next(addresses)
    good = web.site(right, authority.context(right))
    other = web.site(wrong, authority.context(right))
    stranger = web.site(unknown, Authority(authority.folder / "stranger").context(unknown))
    for site in (good, other, stranger):
        site.pages["/a"] = answer()
    assert crawler.fetch(good.url("/a"))["outcome"] == "FETCHED"
    for site in (other, stranger):
        got = crawler.fetch(site.url("/a"))
        assert got["outcome"] == "UNREACHABLE"
        assert "certificate" in got["message"]
        assert site.seen == []


def test_the_guard_allows_only_what_is_named(web: Web, tmp_path: Path) -> None:
    """With one address allowed, its neighbour is not dialled, not even by a redirect."""
    home, trap = web.site("127.0.0.1"), web.site("127.0.0.66")
    home.pages |= {"/a": answer(), "/b": redirect(trap.url("/secret"))}
    settings = CrawlerSettings("Dateline/0.1", delay=timedelta(seconds=DELAY_S), allow_addresses=("127.0.0.1/32",))
    crawler = Fetching(settings)
    try:
        assert crawler.fetch(home.url("/a"))["outcome"] == "FETCHED"
        assert crawler.fetch(home.url("/b"))["outcome"] == "NOT_ALLOWED"
        assert crawler.fetch(trap.url("/secret"))["outcome"] == "NOT_ALLOWED"
    finally:
        assert crawler.close() == 0
    assert trap.connections == 0
