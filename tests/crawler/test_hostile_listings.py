"""Listings as nobody should send them: cut, with bytes turned, in another charset; read or refused, and soon."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.choice import Found, choice
from crawler.discover import Offer, offers
from crawler.fault import LookFault
from crawler.pages import Page
from crawler.politeness import Rules, sitemaps_of
from crawler.read import LISTINGS, read_listing

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://gazette.example/feed"
ITEMS = "".join(
    f"<item><title>Ferry {n} &amp; <![CDATA[<b>소식</b>]]></title><link>/news/{n}</link><guid>g{n}</guid>"
    f"<pubDate>Tue, 06 Jan 2026 10:1{n}:12 GMT</pubDate><description>&lt;p&gt;x</description></item>"
    for n in range(3)
)
SEEDS = [
    f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>G</title>{ITEMS}</channel></rss>',
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/a/"><entry><title type="html">&lt;i&gt;</title>'
    '<link href="b"/><updated>2026-01-06T10:00:00Z</updated><content type="xhtml"><div>x</div></content>'
    "</entry></feed>",
    '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "url": "/1", "title": "T", "tags": [1]}]}',
    "<urlset><url><loc>/1?a=1&b=2</loc><lastmod>2026-01-06</lastmod><news:news><news:title>T</news:title></news:news>"
    "</url></urlset>",
    "<sitemapindex><sitemap><loc>https://gazette.example/1.xml</loc><lastmod>2026-01-06</lastmod></sitemap></sitemapindex>",
    "https://gazette.example/1\nhttps://gazette.example/2\n",
    json.dumps([{"id": 1, "link": "/1", "date_gmt": "2026-01-06T10:00:00", "title": {"rendered": "T"}}]),
    "<link rel=alternate type=application/rss+xml href=/feed title='a > b'><a href=/rss.xml>RSS</a>",
]
CHARSETS = ["utf-8", "utf-16", "utf-16-le", "utf-32", "euc-kr", "cp037", "gb18030"]


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """A listing with something wrong: an end, some bytes, a charset, or a packing."""
    body = bytearray(draw(st.sampled_from(SEEDS)).encode(draw(st.sampled_from(CHARSETS)), "replace"))
    for _ in range(draw(st.integers(0, 8))):
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    cut = bytes(body[: draw(st.integers(0, len(body)))])
    return gzip.compress(cut)[: draw(st.integers(5, 500))] if draw(st.integers(0, 9)) == 0 else cut


@given(
    hostile(), st.sampled_from(["", *LISTINGS]), st.sampled_from(["", "text/xml; charset=rot13", "x; charset=utf-16"])
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_listing_is_read_or_refused(body: bytes, kind: str, content_type: str) -> None:
    """Nothing but a LookFault is raised, and what is read holds only addresses that may be followed."""
    page = Page(url=URL, body=body, fetched_at=NOW, content_type=content_type)
    try:
        told, listing = read_listing(page, kind)
    except LookFault:
        return
    for url in (*(link.url for link in listing.links), *listing.listings, *listing.older):
        assert url.startswith(("http://", "https://"))
    choice([Found(Offer(URL, told), listing, NOW)], "https://gazette.example/")


@given(hostile(), st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_page_and_header_make_offers(body: bytes, header: str) -> None:
    """Or are refused."""
    try:
        told = offers(Page(url=URL, body=body, fetched_at=NOW), header)
    except LookFault:
        return
    assert all(one.kind in LISTINGS for one in told)


@given(st.text(max_size=300), st.text(max_size=50))
@settings(max_examples=300, deadline=None)
def test_any_robots_file_is_read(text: str, url: str) -> None:
    """It allows or it does not."""
    rules = Rules(f"User-agent: *\n{text}\nUser-agent: dateline\n{text}", "dateline")
    assert rules.allow(url) in (True, False)
    assert rules.crawl_delay.total_seconds() >= 0
    sitemaps_of(text, URL)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("feed", "<rss><channel>" + "<item><title>a &nope; b" * 60_000),
        ("feed", "<rss><channel><item>" + "<x>" * 60_000),
        ("feed", "<rss><channel><item><title>" + "&lt;a" * 300_000),
        ("feed", "<rss><channel>" + "<item><link>/1</link></item>" * 60_000),
        ("feed", '{"items": [' + '{"title": "<b"},' * 100_000 + "{}]}"),
        ("sitemap", "<urlset>" + "<url>" * 300_000),
        ("sitemap", "<urlset>" + "<![CDATA[" * 200_000),
        ("sitemap", "<urlset>" + "&" * 1_500_000),
        ("sitemap", "https://a.example/" * 80_000),
        ("wordpress", "[" + '{"link": "/1"},' * 100_000 + "{}]"),
        ("", "<link '" * 200_000 + "<script" * 200_000 + "<!--" * 200_000),
    ],
)
def test_a_listing_made_to_be_slow_costs_little(kind: str, body: str) -> None:
    """The work grows with the size alone: a megabyte and a half takes seconds at most."""
    page = Page(url=URL, body=body.encode(), fetched_at=NOW)
    for read in (lambda: read_listing(page, kind), lambda: offers(page, body[:100_000])):
        with suppress(LookFault):
            read()
