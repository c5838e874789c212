"""Hostile pages through the real worker: a named fault or clean text, in time, and nobody else pays for them."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import feedparser
import pytest
import sqlalchemy as sa
from lxml import etree

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from scheduler.demo.texts import made_up
from storage.model.looking import Outcome
from storage.model.telling import DeliveryState
from storage.rows import article_from
from storage.schema.articles import address, article, change, revision
from storage.schema.looking import source
from storage.schema.telling import alert, delivery
from tests.crawler.hostile import Site, Web, answer, redirect
from tests.running import Running, config_text, dateline

MOST_MEMORY = 400 << 20  # bytes, of the worker at its peak
NOT_CLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>")
    while True:
        writer.write(b"<p>and so on</p>" * 4096)
        await writer.drain()


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.1)


def _page(number: int, title: str = "Alarm at the harbour", *, head: str = "", inside: str = "") -> str:
    """A page with an article whose text is its own; `head` and `inside` stand before its end."""
    body = "".join(f"<p>{one}</p>" for one in made_up(number).paragraphs)
    return (
        f"<html><head><title>{title}</title>{head}</head>"
        f"<body><article><h1>{title}</h1>{body}{inside}</article></body></html>"
    )


def _feed(url: str, title: str = "Alarm at the harbour", before: str = "") -> bytes:
    text = (
        f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>Odd</title>'
        f"<item><title>{title}</title><link>{url}</link></item></channel></rss>"
    )
    return answer(text.encode("utf-8", "surrogatepass"), Content_Type="application/rss+xml")


_BOMB = gzip.compress(b"\0" * (64 << 20))
_LAUGHS = (
    "<!DOCTYPE rss [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
)
_ATTRIBUTES = " ".join(f"a{n}=1" for n in range(100_000))
_LINKS = "".join(f"<a href=/{n}>{n}</a> " for n in range(100_000))
_EXTERNAL = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

# What stands at the address of an article that a harmless feed lists, and the outcome of its look: "" where it is read.
ARTICLES = {
    "bomb": (answer(_BOMB, Content_Encoding="gzip"), Outcome.TOO_LARGE),
    "endless": (_endless, Outcome.TOO_LARGE),
    "drip": (_drip, Outcome.UNREACHABLE),
    "file": (redirect("file:///etc/passwd"), Outcome.NOT_ALLOWED),
    "private": (redirect("http://10.0.0.1/"), Outcome.NOT_ALLOWED),
    "metadata": (redirect("http://169.254.169.254/latest/meta-data/"), Outcome.NOT_ALLOWED),
    "attributes": (answer(_page(1, inside=f"<p {_ATTRIBUTES}>x</p>").encode()), ""),
    "nested": (answer(_page(2, inside="<div>" * 100_000 + "deep").encode()), Outcome.UNREADABLE),
    "links": (answer(_page(3, inside=_LINKS).encode()), Outcome.TOO_LARGE),
    "nul": (answer(_page(4, "Alarm\0 at\x07 the\x1b[31m harbour\x9f").encode()), ""),
    "surrogates": (answer(_page(5, "Alarm &#xD800;&#55357; at &#xFFFF; the harbour").encode()), ""),
    "raw surrogates": (answer(_page(6, "Alarm \ud800 at the harbour").encode("utf-8", "surrogatepass")), ""),
    "charset": (answer(_page(7).encode(), Content_Type="text/html; charset=\"no\x01such'charset\""), ""),
    "utf-7": (answer(_page(8, "Alarm +ADw-script+AD4-").encode(), Content_Type="text/html; charset=utf-7"), ""),
    "lines": (answer(_page(9, "Alarm&#13;&#10;Bcc: everyone@example.org&#13;&#10;&#13;&#10;hello").encode()), ""),
    "script": (answer(_page(10, "Alarm &lt;script&gt;alert(1)&lt;/script&gt;").encode()), ""),
    "markup": (answer(_page(11, inside="<p>Now <script>alert(1)</script><img src=x onerror=alert(1)> it"
               " <a href='javascript:alert(1)'>goes</a> on.]]></p>").encode()), ""),
}  # fmt: skip
# A feed that is hostile itself, and the outcome of its look: "" where what it lists is read.
FEEDS = {
    "laughs": (lambda site: _feed(site.url("/a"), "Alarm &a9;", _LAUGHS), ""),
    "external": (lambda site: _feed(site.url("/a"), "Alarm &x;", _EXTERNAL), ""),
    "feed bomb": (lambda site: answer(_BOMB, Content_Encoding="gzip"), Outcome.TOO_LARGE),
    "endless feed": (lambda site: _endless, Outcome.TOO_LARGE),
    "dripping feed": (lambda site: _drip, Outcome.UNREACHABLE),
}


@pytest.fixture
def sites() -> Iterator[dict[str, Site]]:
    """A site for each hostile page, on an address of its own; its feed lists nothing yet."""
    with Web() as web:
        sites = {}
        for number, name in enumerate((*ARTICLES, *FEEDS), start=1):
            sites[name] = site = web.site(f"127.0.8.{number}")
            site.pages["/first"] = answer(_page(100 + number, f"A quiet day {number}").encode())
            site.pages["/feed.xml"] = _feed(site.url("/first"), f"A quiet day {number}")
        yield sites


@pytest.fixture
async def running(tmp_path: Path, sites, newspaper: Newspaper, postbox: Postbox) -> AsyncIterator[Running]:
    """A Dateline that had its first looks, before anything hostile was published."""
    async with dateline(tmp_path) as running:
        listings = {name: site.url("/feed.xml") for name, site in sites.items()}
        text = config_text(running.port, listings | {"courier": newspaper.feed_url}, postbox, every="1h").replace(
            'max_page = "1MB"', 'max_page = "8MB"'
        )
        running.write(text)
        newspaper.publish(*made_up(200))
        await running.start()
        await running.until(lambda: running.count(article) == len(sites) + 1, "the first looks")
        yield running


async def test_hostile_pages_hurt_nobody(running: Running, sites, newspaper: Newspaper, postbox: Postbox) -> None:
    """Each ends in its named fault or in clean text, and a paper beside them is told while the slow ones still drip."""
    for name, (page, _) in ARTICLES.items():
        sites[name].pages |= {"/a": page, "/feed.xml": _feed(sites[name].url("/a"))}
    for number, (name, (feed, _)) in enumerate(FEEDS.items(), start=300):
        sites[name].pages |= {"/a": answer(_page(number).encode()), "/feed.xml": feed(sites[name])}
    honest = newspaper.publish("Alarm in Lanternport", made_up(299).paragraphs)
    running.time_passes()
    worker = await running.until(running.worker)

    await running.until(lambda: any(honest.encode() in hook.body for hook in postbox.attempts), "the honest alert")
    expected = {name: outcome for name, (_, outcome) in (ARTICLES | FEEDS).items()}
    await running.until(lambda: len(_came_of(running, sites)) == len(sites), "what came of each of them")
    assert _came_of(running, sites) == expected
    await running.until(lambda: _all_told(running), "deliveries")

    assert running.worker() == worker, "the worker did not live through it"
    assert _peak_memory(worker.pid) < MOST_MEMORY
    _check_stored(running)
    await _check_feeds(running)
    _check_told(running, postbox)


def _came_of(running: Running, sites: dict[str, Site]) -> dict[str, str]:
    """The outcome of the hostile look at each site: "" where it was read. What was not looked at yet is left out."""
    found = {}
    looked = address.c.looks + address.c.failures > 0
    for name, site in sites.items():
        at_page = running.read(sa.select(address.c.fault).where(address.c.url == site.url("/a"), looked))
        at_feed = running.read(sa.select(source.c.message).where(source.c.name == name, source.c.message != ""))
        if at_page:
            found[name] = at_page[0].fault
        elif at_feed:
            found[name] = at_feed[0].message.partition(":")[0]
    return found


def _all_told(running: Running) -> bool:
    """Asked in the order of their way: what is judged between the two questions is then seen unsent."""
    unjudged = running.count(change, change.c.matched_at.is_(None))
    return not unjudged and not running.count(delivery, delivery.c.state != DeliveryState.SENT)


def _peak_memory(process: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) << 10


def _check_stored(running: Running) -> None:
    """No control character, half of a pair, script or file of ours is in any text."""
    for said in map(article_from, running.read(sa.select(revision))):
        assert not NOT_CLEAN.search(said.title) and not NOT_CLEAN.search(said.body + said.html)
        assert "\n" not in said.title
        assert not re.search(r"<script|onerror=|javascript:", said.html)
    listed = [row.listed_title for row in running.read(sa.select(address.c.listed_title))]
    assert not any("root:" in title or "haha" in title or NOT_CLEAN.search(title) for title in listed)


async def _check_feeds(running: Running) -> None:
    """Each format holds every article and is well-formed to those who read it strictly."""
    count = running.count(article)
    for path in ("/feeds/all.rss", "/feeds/all.atom"):
        status, content = await running.get(path)
        read = feedparser.parse(content)
        assert (status, bool(read.bozo), len(read.entries)) == (200, False, count)
        etree.fromstring(content, etree.XMLParser(resolve_entities=False))
    status, content = await running.get("/feeds/all.json")
    assert (status, len(json.loads(content)["items"])) == (200, count)
    assert (await running.get("/"))[0] == (await running.get("/health"))[0] == 200


def _check_told(running: Running, postbox: Postbox) -> None:
    """Every alert is in a webhook that is signed JSON; no mail got a header from a page."""
    told = {one["id"] for hook in postbox.received_hooks for one in hook.content["data"]["alerts"]}
    assert told == {row.id for row in running.read(sa.select(alert.c.id))}
    assert len(told) > len(ARTICLES) / 2, "what was read was not told"
    assert all(hook.signed for hook in postbox.received_hooks)
    for mail in postbox.received_mail:
        assert mail.recipients == ("desk@example.org",)
        assert mail.message["Bcc"] is None and not mail.message.defects
        assert not NOT_CLEAN.search(str(mail.message["Subject"]))
