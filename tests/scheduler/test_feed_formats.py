"""One contract over every format: what a reader gets, whatever the sites wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from scheduler.feed import FeedArticle, FeedDocument
from scheduler.web.edition import feed_article, render_whole
from scheduler.web.feeds import formats
from storage.archive import ArchivedArticle, Place
from storage.model.articles import Article, When

SEEN = datetime(2026, 11, 8, 6, 0, 0, 123456, tzinfo=UTC)
FORMATS = formats()
XML = [name for name in FORMATS if name != "json"]
every_format = pytest.mark.parametrize("name", FORMATS)


def archived(text: Article, number: int = 1, **changed: object) -> ArchivedArticle:
    made = ArchivedArticle(
        place=Place(SEEN + timedelta(minutes=number), number),
        guid=f"00000000-0000-4000-8000-{number:012}",
        url=f"https://gazette.example/{number}",
        sources=("Gazette",),
        updated_at=SEEN + timedelta(minutes=number),
        removed_at=None,
        history=False,
        number=1,
        article=text,
    )
    return replace(made, **changed)


def article(text: Article, number: int = 1, **changed: object) -> FeedArticle:
    return feed_article(archived(text, number, **changed), "http://127.0.0.1:8700")


def document(*articles: FeedArticle) -> FeedDocument:
    return FeedDocument(
        id="http://127.0.0.1:8700/feeds/all",
        title="Dateline: All articles",
        description="Everything that Dateline reads",
        home_url="http://127.0.0.1:8700/",
        self_url="http://127.0.0.1:8700/feeds/all.x",
        updated_at=max((one.updated_at for one in articles), default=SEEN),
        articles=articles,
    )


def read(name: str, content: bytes) -> list[dict[str, object]]:
    """What a reader makes of a feed: the same few fields from each format."""
    if name == "json":
        feed = json.loads(content)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert feed["feed_url"].startswith("http://127.0.0.1:8700/feeds/")
        return [
            {
                "id": one["id"],
                "title": one["title"],
                "link": one["url"],
                "html": one["content_html"],
                "summary": one["summary"],
                "published": one.get("date_published", ""),
                "updated": one["date_modified"],
                "authors": [author["name"] for author in one.get("authors", [])],
            }
            for one in feed["items"]
        ]
    etree.fromstring(content)
    feed = feedparser.parse(content, sanitize_html=False)
    assert not feed.bozo
    assert [one.href for one in feed.feed.links if one.rel == "self"] == ["http://127.0.0.1:8700/feeds/all.x"]
    return [
        {
            "id": one.id,
            "title": one.title,
            "link": one.link,
            "html": one.content[0].value,
            "summary": one.summary,
            "published": one.get("published", ""),
            "updated": one.updated,
            "authors": [author["name"] for author in one.get("authors", [])],
        }
        for one in feed.entries
    ]


@every_format
def test_an_article(name):
    """A reader gets title, link, full text, author and both of its times."""
    text = Article(
        title="Ferry to run all winter",
        body="The council agreed.",
        html="<p>The council <b>agreed</b>.</p>",
        published=When(SEEN, "minute"),
        authors=("Ada Beck", "Jon Ruud"),
        section="Region",
    )
    (told,) = read(name, FORMATS[name].render(document(article(text))))
    assert told["id"] == "urn:uuid:00000000-0000-4000-8000-000000000001"
    assert told["title"] == "Ferry to run all winter"
    assert told["link"] == "https://gazette.example/1"
    assert told["html"] == "<p>The council <b>agreed</b>.</p>"
    assert told["summary"] == "The council agreed."
    assert told["published"] in ("2026-11-08T06:00:00+00:00", "Sun, 08 Nov 2026 06:00:00 +0000")
    assert told["updated"] == "2026-11-08T06:01:00+00:00"
    assert told["authors"] == ["Ada Beck", "Jon Ruud"]


@every_format
def test_a_day_makes_no_clock(name):
    """An article with a day alone has no time of publication; the day stands in words instead."""
    text = Article(title="A", body="B", published=When(datetime(2026, 11, 7, tzinfo=UTC), "day"))
    (told,) = read(name, FORMATS[name].render(document(article(text))))
    assert told["published"] == ""
    assert "7 November 2026" in told["summary"]
    assert "7 November 2026" in told["html"]


@every_format
@pytest.mark.parametrize("published", [None, When(datetime(1, 1, 1, tzinfo=UTC))])
def test_no_date_is_invented(name, published):
    """Where the site names no time, or an impossible one, the feed names none."""
    (told,) = read(name, FORMATS[name].render(document(article(Article(title="A", body="B", published=published)))))
    assert told["published"] == ""


@every_format
def test_articles_stay_in_their_order(name):
    """A feed keeps the order that it is given, which is that of first sight."""
    articles = [article(Article(title=str(number), body="B"), number) for number in (9, 3, 7)]
    assert [one["title"] for one in read(name, FORMATS[name].render(document(*articles)))] == ["9", "3", "7"]


@every_format
def test_the_same_articles_make_the_same_bytes(name):
    """Nothing of the time of rendering is in a feed: it could not be told that it is unchanged."""
    made = document(article(Article(title="A", body="B")))
    assert FORMATS[name].render(made) == FORMATS[name].render(made)


@every_format
def test_an_empty_feed(name):
    """Before the first article there is a valid feed without any."""
    assert read(name, FORMATS[name].render(document())) == []


@every_format
def test_markup_in_a_title_is_text(name):
    """A title is no markup: what looks like a script is shown as it is written."""
    title = "<script>alert(1)</script> & <b>bold</b>"
    (told,) = read(name, FORMATS[name].render(document(article(Article(title=title, body="<i>x</i>")))))
    assert told["title"] == title
    assert "<i>" not in told["html"]
    if name == "rss":
        assert told["summary"] == "&lt;i&gt;x&lt;/i&gt;"


@every_format
def test_hostile_html_is_harmless(name):
    """What got past the first gate stops at the last: no script, no handler, no foreign scheme, no relative link."""
    html = (
        '<p onclick="x()">a<script>alert(1)</script><a href="javascript:x()">b</a><a href="java&#09;script:x()">c</a>'
        '<a href="/d">d</a><iframe src="https://evil.example"></iframe><form action="https://evil.example">e</form>'
        '<img src="data:image/svg+xml,<svg onload=x()>"><svg onload=x()></svg>]]>&#1;&#xFFFE;</p>'
    )
    (told,) = read(name, FORMATS[name].render(document(article(Article(title="A", body="B", html=html)))))
    lowered = str(told["html"]).lower()
    for bad in ("script", "onclick", "onload", "iframe", "form", "data:", 'href="/', "\x01", "\ufffe", "<svg"):
        assert bad not in lowered, bad
    assert "]]&gt;" in lowered


@every_format
def test_an_unsafe_address_is_not_linked(name):
    """An article whose address may not be followed links to our own page."""
    (told,) = read(name, FORMATS[name].render(document(article(Article(title="A", body="B"), url="javascript:x()"))))
    assert told["link"] == "http://127.0.0.1:8700/article/00000000-0000-4000-8000-000000000001"


@every_format
def test_a_title_is_never_empty(name):
    """An article without a title is named by its first words, or as what it is."""
    untitled = [article(Article(title="", body="The council agreed."), 1), article(Article(title="\x01", body=""), 2)]
    told = read(name, FORMATS[name].render(document(*untitled)))
    assert [one["title"] for one in told] == ["The council agreed.", "Without a title"]


@every_format
def test_one_bad_article_never_breaks_a_feed(name):
    """An article that cannot be written is left out and named; the others are told."""
    good = [article(Article(title=str(number), body="B"), number) for number in (1, 2)]
    bad = replace(article(Article(title="A", body="B"), 3), title="torn \ud800 in two")
    content, left_out = render_whole(FORMATS[name].render, document(good[0], bad, good[1]))
    assert [one["title"] for one in read(name, content)] == ["1", "2"]
    (line,) = left_out
    assert "torn in two" in line
    assert "00000000-0000-4000-8000-000000000003" in line


anything = st.text(st.characters(codec=None), max_size=60)


@every_format
@settings(max_examples=150, deadline=None)
@given(title=anything, body=anything, html=anything, author=anything, section=anything, url=anything)
def test_any_text_makes_a_well_formed_feed(name, title, body, html, author, section, url):
    """Whatever is in the archive, the article is told and the feed is well-formed."""
    text = Article(title=title, body=body, html=html, authors=(author,), section=section, image=url, language=section)
    told = read(name, FORMATS[name].render(document(article(text, url=url, sources=(author or "Gazette",)))))
    assert len(told) == 1


def test_notes_tell_what_no_format_has_a_word_for():
    """That an article is gone, or known from a listing alone, stands in its text."""
    told = article(Article(title="A", body="B", listing_only=True), removed_at=SEEN)
    assert "No longer on the site since 8 November 2026, 06:00 UTC." in told.summary
    assert "Only what the site's list says" in told.html
