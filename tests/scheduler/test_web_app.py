"""The page and the feeds over HTTP: what is refused, what is not sent twice, and that nothing hostile gets through."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import aiohttp
import pytest
from sqlalchemy import update

from scheduler.web.app import make_app
from scheduler.web.doorway import Doorway
from scheduler.web.feeds import Feeds
from storage.archive import Archive
from storage.fates import Fates
from storage.model.articles import Dateline, When
from storage.schema.looking import source
from storage.schema.telling import alert
from tests.press import BEGAN
from tests.reading_room import rulebook, served, text


async def test_feed_is_not_sent_twice(press, page):
    """A reader that has the feed gets 304 by its ETag or its time, and the feed once it has changed."""
    press.publish(text())
    first = await page.get("/feeds/all.rss")
    etag, dated = first.headers["etag"], first.headers["last-modified"]
    for known in (
        {"if_none_match": etag},
        {"if_none_match": etag.removeprefix("W/")},
        {"if_none_match": f'"other", {etag}'},
        {"if_none_match": "*"},
        {"if_modified_since": dated},
        {"if_modified_since": format_datetime(parsedate_to_datetime(dated) + timedelta(days=1), usegmt=True)},
    ):
        answer = await page.get("/feeds/all.rss", **known)
        assert (answer.status, answer.body) == (304, b""), known
        assert answer.headers["etag"] == etag
    for other in (
        {"if_none_match": '"other"'},
        {"if_none_match": '"other"', "if_modified_since": dated},
        {"if_modified_since": "Sun, 08 Nov 2026 00:00:00 GMT"},
        {"if_modified_since": "yesterday"},
        {"if_modified_since": f"Mon, 09 Nov {'9' * 20} 00:00:00 GMT"},
    ):
        assert (await page.get("/feeds/all.rss", **other)).status == 200, other
    press.publish(text("Another"))
    for known in ({"if_none_match": etag}, {"if_modified_since": dated}):
        assert (await page.get("/feeds/all.rss", **known)).status == 200


async def test_feed_gzipped_or_plain(press, page):
    """Who takes gzip gets it; who does not gets the same bytes plain."""
    press.publish(text())
    plain = await page.get("/feeds/all.atom", accept_encoding="identity")
    packed = await page.get("/feeds/all.atom", accept_encoding="br, gzip;q=0.5")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert "content-encoding" not in (await page.get("/feeds/all.atom", accept_encoding="gzip;q=0, br")).headers
    assert packed.headers["vary"] == "accept-encoding"


async def test_head(press, page):
    """HEAD is answered as GET, without a body."""
    press.publish(text())
    for path in ("/", "/feeds/all.rss", "/health", "/static/style.css"):
        head = await page.get(path, "HEAD", accept_encoding="identity")
        whole = await page.get(path, accept_encoding="identity")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(whole.body))


async def test_no_browser_keeps_what_it_does_not_ask_for(press, page):
    """A new style shows with the next page; a browser that is told nothing keeps the old one for days."""
    press.publish(text())
    for path in ("/", "/static/style.css", "/static/revisions.js", "/feeds/all.rss", "/schema/alert.json", "/nope"):
        answer = await page.get(path)
        assert answer.headers["cache-control"] in ("no-cache", "no-store"), path
    style = await page.get("/static/style.css")
    assert (await page.get("/static/style.css", if_none_match=style.headers["etag"])).status == 304


async def test_nothing_here(page):
    """What there is not is answered by a page that says so; what may only be read is only read."""
    for path in ("/nope", "/feeds/none.rss", "/feeds/all.exe", "/feeds/all", "/static/../app.py", "/static/none"):
        answer = await page.get(path)
        assert answer.status == 404
        assert b"There is no page, article or feed" in answer.body
    assert (await page.get("/", "POST")).status == 405


async def test_health(press, page, store):
    """200 while all is well, 503 with the reasons where a restart may help; see below for what lies between."""
    well = await page.get("/health")
    assert (well.status, well.body) == (200, b'{"status":"well","reasons":[],"notes":[]}')
    page.wrong.append("no tick has come to its end")
    ill = await page.get("/health")
    assert ill.status == 503
    assert b"no tick has come to its end" in ill.body
    page.wrong.clear()
    with store.writer() as connection:
        connection.exec_driver_sql("ALTER TABLE change RENAME TO elsewhere")
    ill = await page.get("/health")
    assert ill.status == 503
    assert b"the database cannot be read" in ill.body


async def test_health_says_what_a_person_should_look_at(press, page, store):
    """A source that is down and a config that was refused: the daemon works, so nobody need restart it."""
    press.publish(text())
    since = datetime(2026, 11, 8, 5, tzinfo=UTC)
    with store.writer() as connection:
        connection.execute(update(source).values(state="down", state_since=since, message="503\nService"))
    page.trouble.append("the config was refused, the one before is in force: [[rule]] query")
    answer = await page.get("/health")
    told = json.loads(answer.body)
    assert (answer.status, told["status"]) == (200, "degraded")
    assert told["reasons"] == [
        page.trouble[0],
        "the source Gazette is down since 8 November 2026, 05:00 UTC: 503 Service",
    ]
    with store.writer() as connection:
        connection.execute(update(source).values(enabled=False))
    page.trouble.clear()
    assert json.loads((await page.get("/health")).body)["status"] == "well"


async def test_security_headers(press, page):
    """Every answer forbids scripts, foreign loads, sniffing, framing and referrers, errors as well."""
    press.publish(text())
    for path in ("/", "/feeds/all.rss", "/nope", "/health", "/static/style.css"):
        headers = (await page.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script" not in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


async def test_fault_is_told_without_its_reason(press, page, store):
    """A fault of our own is a page that tells nothing of it, with the same headers."""
    press.publish(text())
    with store.writer() as connection:
        connection.exec_driver_sql("ALTER TABLE revision RENAME TO elsewhere")
    answer = await page.get("/")
    assert answer.status == 500
    assert b"revision" not in answer.body and b"Something broke" in answer.body
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8700", 200),
        ("localhost:8700", 200),
        ("LOCALHOST.", 200),
        ("[::1]:8700", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
        ("[::1", 421),
    ],
)
async def test_only_our_own_names_are_answered(page, host, status):
    """A name on the internet that resolves to loopback does not get our page."""
    answer = await page.get("/health", host=host)
    assert answer.status == status
    if status == 421:
        assert b"base_url" in answer.body


def test_name_of_base_url_is_ours():
    """The name that readers use, as the config says it, is answered."""
    door = Doorway(lambda *_: None, ["127.0.0.1", "News.Example.org"])
    assert door._is_ours("news.example.org")
    assert door._is_ours("news.example.org:443")
    assert not door._is_ours("example.org")


async def test_hostile_article_is_harmless_on_every_page(press, page):
    """What a site wrote stands on our pages as text: no element, attribute or link of its making."""
    bad = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    guid = press.publish(
        text(
            title=bad,
            body=bad,
            html=f"<p>{bad}</p><svg onload=alert(1)><a href='javascript:alert(1)'>x</a>",
            authors=(bad,),
            section=bad,
            language=bad,
            image="javascript:alert(1)",
            original_url="javascript:alert(1)",
            dateline=Dateline(bad, bad, bad),
            published=When(BEGAN, zone=bad),
        )
    )
    with press.store.writer() as connection:
        connection.exec_driver_sql("UPDATE address SET url = 'javascript:alert(1)'")
    press.edit(guid, title=bad + "!", body=bad + " And more.")
    press.source("Gazette")
    with press.store.writer() as connection:
        raised = {"change_id": 1, "rule": bad, "holds": "now", "words": json.dumps([bad]), "created_at": BEGAN}
        connection.execute(alert.insert().values(raised | {"untold": bad}))
    ours = '<script src="/static/revisions.js" defer></script>'
    paths = ("/", "/changes", "/alerts", "/mass", "/mass/1", "/sources", "/feeds")
    press.mass("edited", [guid], common=[f"-{bad}", f"+{bad}"])
    for path in (*paths, f"/article/{guid}", f"/article/{guid}?revision=1", f"/article/{guid}?revision=1&against=2"):
        shown = (await page.text(path)).replace(ours, "").lower()
        for forbidden in ("<script", "<img", 'onerror=a"', "<svg onload", 'href="javascript', "href='javascript"):
            assert forbidden not in shown, (path, forbidden)


async def test_page_behind_a_path(store):
    """Where readers come through a proxy with a path, links begin with it."""
    archive = Archive(store)
    base = "https://news.example.org/dateline"

    def make(_):
        return make_app(
            archive, Fates(store), Feeds(archive, [], [], base), list, base, "127.0.0.1", rulebook=rulebook(store)
        )

    async with served(make) as url, aiohttp.ClientSession() as session, session.get(url + "/feeds") as answer:
        shown = await answer.text()
    assert 'href="/dateline/sources"' in shown
    assert "https://news.example.org/dateline/feeds/all.rss" in shown
