"""`try feed`, `sitemap`, `discover` and `robots`: what a site offers, answered line by line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from click.testing import CliRunner

from scheduler.cli import main

URLSET = "<urlset><url><loc>https://gazette.example/{0}</loc><lastmod>2026-11-0{0}</lastmod></url></urlset>"


def asked(verb: str, *lines: object) -> list[dict[str, object]]:
    text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    done = CliRunner().invoke(main, ["try", verb], input=text)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_try_feed_answers_every_entry(tmp_path: Path) -> None:
    """Those without an address too; a line that cannot be answered does not end the others."""
    (tmp_path / "a.xml.gz").write_bytes(
        gzip.compress(
            b"<rss version='2.0'><channel><title>G</title><item><title>T</title><guid isPermaLink='false'>7</guid>"
            b"<pubDate>Tue, 06 Jan 2026 10:11:12 +0900</pubDate><description>S</description></item></channel></rss>"
        )
    )
    file = str(tmp_path / "a.xml.gz")
    answers = asked(
        "feed", {"file": file}, "{", {"file": "/no/such"}, {}, {"file": file, "url": "https://gazette.example/"}
    )
    entry = {"id": "7", "url": "", "title": "T", "published": "2026-01-06T10:11:12+09:00", "summary": "S"}
    assert answers[0] == answers[4] == {"file": file, "title": "G", "entries": [entry]}
    assert all("error" in one for one in answers[1:4])


def test_try_sitemap_reaches_every_page() -> None:
    """From robots.txt and the usual places, through every sitemap of an index; what is missing is passed over."""
    index = "".join(f"<sitemap><loc>https://gazette.example/m{n}.xml</loc></sitemap>" for n in range(1, 6))
    bodies = {
        "robots.txt": "User-agent: *\nSitemap: https://gazette.example/index.xml",
        "index.xml": f"<sitemapindex>{index}<sitemap><loc>https://gazette.example/index.xml</loc></sitemap></sitemapindex>",
        **{f"m{n}.xml": URLSET.format(n) for n in range(1, 5)},
    }
    responses = [
        {"url": f"https://gazette.example/{name}", "headers": {}, "body": body} for name, body in bodies.items()
    ]
    zipped = gzip.compress(URLSET.format(9).encode()).hex()
    responses.append({"url": "https://gazette.example/sitemap.xml", "headers": {}, "body_hex": zipped})
    (answer, fault) = asked(
        "sitemap", {"responses": responses, "homepage": "https://gazette.example"}, {"homepage": "x"}
    )
    pages = answer["pages"]
    assert isinstance(pages, list)
    assert {one["url"][-1] for one in pages} == {"1", "2", "3", "4", "9"}
    assert "error" in fault


def test_what_is_no_answer_of_a_server_is_a_fault_in_words() -> None:
    """Of any shape: which key it is, and what stands there."""
    home = "https://gazette.example"
    shapes: list[object] = ["x", None, {}, ["x"], [{"body": ""}], [{"url": 1}], [{"url": home, "body_hex": "0g"}]]
    faults = asked("sitemap", *({"homepage": home, "responses": one} for one in shapes))
    assert faults == [{"error": '"responses" must be a list of {"url", "body"} or {"url", "body_hex"}'}] * len(shapes)
    assert asked("sitemap", {"homepage": 1, "responses": []}) == [{"error": '"homepage" must be a text'}]
    assert asked("sitemap", {"homepage": home, "responses": [{"url": home, "body": None, "body_hex": None}]}) == [
        {"pages": []}
    ]


def test_try_discover_answers_what_the_page_declares(tmp_path: Path) -> None:
    """Guesses are not answered."""
    page = tmp_path / "a.html"
    page.write_text(
        "<link rel=alternate type=application/rss+xml href=/feed/><a href=/rss>RSS</a><link rel=sitemap href=/s.xml>"
    )
    assert asked("discover", {"file": str(page), "url": "https://gazette.example/"}) == [
        {"file": str(page), "feeds": ["https://gazette.example/feed/"], "sitemaps": ["https://gazette.example/s.xml"]}
    ]


def test_try_robots_answers_whether_and_how_fast() -> None:
    """By the same rules as the crawler's."""
    robots = "User-agent: other\nDisallow: /\nUser-agent: *\nCrawl-delay: 2.5\nDisallow: /a"
    url = "https://gazette.example/a"
    assert asked(
        "robots",
        {"robots": robots, "url": url, "agent": "Dateline"},
        {"robots": robots, "url": url + "?", "agent": "Other"},
        {"robots": 5, "url": url, "agent": "Dateline"},
        {"robots": "", "url": url, "agent": "Dateline"},
    ) == [
        {"allowed": False, "crawl_delay": 2.5},
        {"allowed": False, "crawl_delay": None},
        {"error": '"robots", "url" and "agent" must be texts'},
        {"allowed": True, "crawl_delay": None},
    ]
