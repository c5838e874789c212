"""Whatever bytes a server sends, reading them ends in an article, a listing or a LookFault that says why not."""

import json
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.charset import decode
from crawler.fault import LookFault
from crawler.pages import Page
from crawler.read import LISTINGS, read_article, read_listing
from storage.model.articles import Article
from storage.model.looking import ListingPage, Outcome
from tests.crawler.broken_pages import LABELS, PAGES, PARAGRAPH, broken

SEEN = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def read(body: bytes, kind: str, label: str = "utf-8") -> Article | ListingPage | Outcome:
    page = Page(
        url="http://news.example/2026/11/02/bridge",
        body=body,
        fetched_at=SEEN,
        content_type=f"text/html; charset={label}",
    )
    try:
        return read_article(page) if kind == "article" else read_listing(page, kind)[1]
    except LookFault as fault:
        assert str(fault)
        return fault.outcome


@pytest.mark.parametrize("kind", PAGES)
def test_the_whole_page_is_read(kind: str) -> None:
    """Else the broken ones would prove nothing."""
    assert not isinstance(read(PAGES[kind].encode(), kind), Outcome)


@settings(deadline=None, max_examples=150, print_blob=True)
@given(seed=st.integers(0, 2**64), kind=st.sampled_from(sorted(PAGES)), label=st.sampled_from(LABELS))
def test_a_broken_page_is_read_or_refused(seed: int, kind: str, label: str) -> None:
    """Cut, flipped, littered, its tags lost or doubled, under any charset: what comes out can be stored."""
    found = read(broken(PAGES[kind].encode(), random.Random(seed)), kind, label)
    if isinstance(found, Article):
        assert found.title and found.body
        (found.title + found.body + found.html + "".join(found.authors)).encode()
    elif isinstance(found, ListingPage):
        for link in found.links:
            (link.url + link.title).encode()


@settings(deadline=None, max_examples=60, print_blob=True)
@given(body=st.binary(max_size=400), label=st.sampled_from(LABELS), kind=st.sampled_from(("article", *LISTINGS, "")))
def test_any_bytes_are_read_or_refused(body: bytes, label: str, kind: str) -> None:
    """Including those that are no markup at all."""
    decode(body, f"text/html; charset={label}").encode()
    read(body, kind, label)


@settings(deadline=None, max_examples=60, print_blob=True)
@given(text=st.text(st.sampled_from("<>/&;\"'= -!?[]{}#xX0123\0\f\n\u00e9다")), kind=st.sampled_from(sorted(PAGES)))
def test_any_markup_is_read_or_refused(text: str, kind: str) -> None:
    """In the place where each kind of page has its text."""
    read(PAGES[kind].replace(PARAGRAPH, text, 1).replace("Harbour News", text, 1).encode(), kind)


def article(more: str = "", head: str = "") -> bytes:
    opened = f"<html><head><title>The bridge is open</title>{head}</head><h1>The bridge is open</h1>"
    return f"{opened}<p>{PARAGRAPH * 6}</p>{more}".encode()


def linked(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


@pytest.mark.parametrize(
    "body",
    [
        article("<div " + " ".join(f'a{i}="x"' for i in range(50_000)) + ">"),
        article("<p>" + "word " * 200_000),
        article("<p>" + "w" * 1_000_000),
        article("<p>e" + "\u0301" * 100_000),
        article("\0" * 100_000 + "\f<p>\f</p>"),
        article("<!--" + "-" * 500_000),
        article("<" * 300_000),
        article('<a href="' + "x='\"" * 100_000),
        article("<p>" + "&amp;&#8364;&nope;&#55296;" * 10_000),
        article(head="<title>" + "Long " * 100_000 + "</title>"),
        article(head=linked('{"@type": "NewsArticle"}') * 10_000),
        article(head=linked("[" * 100_000 + "]" * 100_000)),
        article(head=linked('{"a":' * 100_000 + "1" + "}" * 100_000)),
        article(head=linked('{"@type": "NewsArticle", "datePublished": ' + "1" * 10_000 + ', "author": -1e999}')),
        article(head=linked(json.dumps({"@type": "NewsArticle", "headline": "\ud800", "author": "\udfff\0"}))),
        article(head='<meta http-equiv="refresh" content="0;url=/elsewhere">'),
        article(head='<link rel="canonical" href="/' + "a/../" * 100_000 + '">'),
    ],
    ids=lambda body: f"{len(body)} bytes",
)
def test_an_article_among_rubbish_is_read(body: bytes) -> None:
    """Attributes, lines, titles and JSON of any size cost themselves and not the article."""
    found = read(body, "article")
    assert isinstance(found, Article)
    assert PARAGRAPH.strip() in found.body


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (article("<div>" * 30_000), Outcome.UNREADABLE),
        (article("<table><tr><td>" * 3_000), Outcome.UNREADABLE),
        (article("<p>x</p>" * 100_000), Outcome.TOO_LARGE),
        (article("x" * 9_000_000), Outcome.TOO_LARGE),
        (b"\0" * 100_000, Outcome.UNREADABLE),
        (b" \n ", Outcome.NOT_WHOLE),
    ],
    ids=["nested", "tables", "elements", "bytes", "zeros", "blank"],
)
def test_a_page_without_bounds_is_refused(body: bytes, outcome: Outcome) -> None:
    """With the reason."""
    assert read(body, "article") is outcome


@pytest.mark.parametrize("kind", LISTINGS)
def test_a_listing_nested_without_end_is_refused(kind: str) -> None:
    """Or read as far as it goes."""
    assert isinstance(read(b"<rss><channel>" + b"<a>" * 50_000, kind), Outcome)


def test_a_form_feed_costs_no_article() -> None:
    """It is white space in HTML, and lxml takes it for a control character where text is moved."""
    page = PAGES["article"].replace("By <a", "\f<i>By</i>\f<a").replace('<meta name="author" content="Ann Other">', "")
    assert isinstance(read(page.encode(), "article"), Article)


def test_references_to_no_character_cost_no_feed() -> None:
    """Not in a well-formed feed, and not in one for the lenient parser."""
    for reference in ("&#99999999999;", "&#xD800;", "&#x110000;"):
        found = read(PAGES["feed"].replace("Harbour News", f"Harbour & {reference} News").encode(), "feed")
        assert isinstance(found, ListingPage)
        assert len(found.links) == 6


def test_a_feed_that_breaks_its_parser_is_refused() -> None:
    """An end without a beginning, where feedparser counts on a number."""
    feed = PAGES["feed"].replace("Harbour News", "Harbour & News").replace("<width>10", "")
    assert read(feed.encode(), "feed") is Outcome.UNREADABLE


def test_a_sitemap_with_names_that_are_none_is_read() -> None:
    """The recovering parser lets them through."""
    found = read(PAGES["sitemap"].replace("<lastmod>", "<:a:b>x</:a:b><lastmod>").encode(), "sitemap")
    assert isinstance(found, ListingPage)
    assert len(found.links) == 10


@pytest.mark.parametrize("half", [b"\xed\xa0\x80", b"&#xD800;", b"&#55296;"])
def test_half_a_character_costs_no_sitemap(half: bytes) -> None:
    """As bytes or as a reference, it comes through the recovering parser and is no text afterwards."""
    found = read(PAGES["sitemap"].encode().replace(b"Bridge 10", b"Bridge " + half + b" 10"), "sitemap")
    assert isinstance(found, ListingPage)
    assert len(found.links) == 10
