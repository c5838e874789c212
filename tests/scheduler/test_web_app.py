"""The page and the feeds over HTTP: what is shown, what is refused, what is not sent twice."""

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
from storage import deliveries
from storage.archive import Archive
from storage.fates import Fates
from storage.finding import find
from storage.model.articles import Article, Dateline, When
from storage.schema.looking import host, source
from storage.schema.telling import alert
from storage.tombstones import bury
from tests.press import BEGAN
from tests.reading_room import NOW, rulebook, served
from tests.storage.desk import Desk
from tests.storage.watch import Watch


def text(title="Ferry to run all winter", body="The council met on Sunday and agreed.", **more):
    return Article(title=title, body=body, **more)


async def test_front_page(press, page):
    """The first page shows articles and changes: an edit with its struck and its new words."""
    guid = press.publish(text(published=When(datetime(2026, 11, 7, tzinfo=UTC), "day")))
    press.edit(guid, body="The council met on Monday and agreed.", stealth=True)
    shown = await page.text("/")
    assert '<span class="flag edited">figures edited</span> <span class="flag">edited without saying so</span>' in shown
    assert "Ferry to run all winter" in shown
    assert '<del class="went">Sunday</del>' in shown and '<ins class="came">Monday</ins>' in shown
    assert "8 November 2026" in shown
    assert "7 November 2026" in shown and "7 November 2026, " not in shown  # a day has no clock


async def test_alerts_page(store, page):
    """Each alert with what became of it: sent, given up with the way to send it again, or why nobody was told."""
    desk = Desk(Watch(store))
    desk.config()
    desk.told_of(channels=("mail", "hook"))
    desk.sent("mail")
    due = desk.due("hook")
    store.write(lambda connection: deliveries.give_up(connection, due, "413 too <large>", desk.watch.now))
    desk.raise_alerts(desk.publish(), untold="older than the rule's max_age")
    shown = await page.text("/alerts")
    assert "<strong>mail</strong> sent" in shown
    assert "413 too &lt;large&gt;" in shown and f"dateline deliveries retry {due.delivery.id}" in shown
    assert "Nobody was told: older than the rule&#39;s max_age" in shown
    assert shown.index("older than the rule") < shown.index("<strong>mail</strong> sent")
    assert '<strong>ships</strong> now matches: <span dir="auto"><mark>ships</mark></span>' in shown
    guid = Fates(store).alerts()[0].guid
    assert f'<a href="/article/{guid}">Title of a1</a>' in shown
    assert (await page.get(f"/article/{guid}")).status == 200
    # A notice of what was given up, which the daemon has not yet made a delivery of.
    assert "Not told to the operator yet" in shown and "a delivery to hook was given up" in shown


async def test_alerts_page_names_what_waits(store, page):
    """Before the first alert it says so; a channel that is paused, or gone, stands above what waits for it."""
    assert "No channel is configured" in await page.text("/alerts")
    desk = Desk(Watch(store, NOW - timedelta(hours=1)))
    desk.config()
    empty = await page.text("/alerts")
    assert "No rule has held for a change yet" in empty and empty.count("<strong>well</strong>") == 2
    desk.told_of(channels=("mail", "hook"))
    desk.pause("mail")
    desk.config(channels=("mail",))
    shown = await page.text("/alerts")
    assert "<strong>paused</strong> since" in shown and "1 waiting" in shown
    assert "<strong>mail</strong> paused with its channel, next probe" in shown
    assert '<strong>hook</strong> paused · <span dir="auto">no such channel in the config</span>' in shown
    notes = json.loads((await page.get("/health")).body)
    assert notes["status"] == "degraded"
    assert notes["reasons"] == ["the channel mail is paused since 8 November 2026, 08:17 UTC: refused"]


async def test_alerts_of_one_rule(store, page):
    """Chosen in a form that sends to this page alone; also one that is in the config no more, or never was."""
    desk = Desk(Watch(store))
    desk.config()
    desk.raise_alerts(desk.publish(), rules=["ships", "a <b> & c"])
    shown = await page.text("/alerts")
    assert shown.count("now matches") == 2 and "<option>ships</option>" in shown
    shown = await page.text("/alerts?rule=a+%3Cb%3E+%26+c")
    assert shown.count("now matches") == 1 and "of the rule a &lt;b&gt; &amp; c</h2>" in shown
    assert "<option selected>a &lt;b&gt; &amp; c</option>" in shown
    assert "The rule nobody has raised no alert." in await page.text("/alerts?rule=nobody")
    policy = (await page.get("/alerts")).headers["content-security-policy"]
    assert "form-action 'self'" in policy and "script" not in policy


async def test_alerts_page_is_bounded(store, page):
    """The newest hundred alerts, and that there are more is said."""
    desk = Desk(Watch(store))
    desk.config()
    changes = desk.publish(2)
    desk.raise_alerts(changes, rules=[f"rule {number}" for number in range(60)])
    shown = await page.text("/alerts")
    assert shown.count("</strong> now matches") == 100
    assert "These are the newest 100." in shown


async def test_the_page_of_a_dropped_article_says_that_it_is_gone(store, press, page):
    """410, so that whoever kept its address knows that it will not come back."""
    guid = press.publish(Article("Ferry runs", "It runs."))
    store.write(lambda connection: bury(connection, find(connection, guid), "a wish", NOW))
    answer = await page.get(f"/article/{guid}")
    assert answer.status == 410 and b"dropped from the archive" in answer.body and b"Ferry" not in answer.body
    assert (await page.get("/article/00000000-0000-4000-8000-00000000ffff")).status == 404


async def test_empty_page(press, page):
    """Before the first article the page says what is going on."""
    assert "dateline add URL" in await page.text("/")
    press.source("Gazette", state="new")
    press.source("Post", state="new", message="unreachable: no such host")
    shown = await page.text("/")
    assert "The first look is under way" in shown
    assert 'its first look has not succeeded yet: <span dir="auto">unreachable: no such host' in shown


async def test_article_page(press, page):
    """An article's page shows its text, its fields, its revisions and what changed."""
    guid = press.publish(
        text(
            html='<p>The council met.</p><img src="https://gazette.example/p.png" alt="a ferry">',
            dateline=Dateline("Harbour", "Nov. 8", "HNA"),
            authors=("Ada Beck",),
            language="en",
        )
    )
    press.edit(guid, title="Ferry to run until spring", html="<p>Now with snow.</p>")
    newest = await page.text(f"/article/{guid}")
    assert "<p>Now with snow.</p>" in newest
    assert "Harbour, Nov. 8, HNA" in newest and "Ada Beck" in newest
    assert '<del class="went">all winter</del>' in newest
    first = await page.text(f"/article/{guid}?revision=1")
    assert "This is revision 1" in first
    assert '<a href="https://gazette.example/p.png"' in first and "[a ferry]</a>" in first
    assert "<img" not in first  # the page loads nothing from elsewhere
    for missing in (f"/article/{guid}?revision=3", f"/article/{guid}?revision=x", "/article/none"):
        assert (await page.get(missing)).status == 404


async def test_article_page_says_what_is_doubtful(press, page):
    """A teaser, a live blog, and a date that the page states and that cannot be."""
    doubt = "published 2031-01-01 (json-ld) lies in the future"
    guid = press.publish(text(teaser=True, live=True, doubts=(doubt,)))
    said = await page.text(f"/article/{guid}")
    assert "Only a teaser is public" in said
    assert "A live blog" in said
    assert doubt in said


async def test_sources_page(press, page):
    """Each source is shown with its state in words, its looks and its feed."""
    press.source("Gazette", state="down", message="unreachable: <refused>")
    press.source("Off", enabled=False)
    press.looks("Gazette", BEGAN, unchanged=3)
    press.looks("Gazette", BEGAN + timedelta(hours=1), unchanged=3, unreachable=1)
    press.looks("Gazette", BEGAN + timedelta(hours=2), unreachable=4)
    shown = await page.text("/sources")
    assert "<strong>down</strong> since" in shown
    assert "unreachable: &lt;refused&gt;" in shown
    assert "not watched: switched off" in shown
    assert "(3 h ago)" in shown and "(due now)" in shown
    assert "looks of the last 48 hours: 6 well, 5 failed" in shown
    assert shown.count("<rect") == 2 * 48
    bars = shown.partition("Gazette</h2>")[2].partition("</svg>")[0]
    assert bars.index("6 November 2026, 10:00 UTC: no look") < bars.index("08:00 UTC: 0 well, 4 failed")
    assert bars.endswith("8 November 2026, 09:00 UTC: no look</title></rect>")  # the hour of now
    assert [shown.count(f'<rect class="{kind}"') for kind in ("well", "mixed", "failed")] == [1, 1, 1]


async def test_sources_page_dates_no_failed_look_by_the_state_that_goes_on(press, page):
    """One failed look is a minute old, however long the source has been well; and what is watched are its listings."""
    press.source("Gazette", message="http error: 503", url="https://gazette.example/front")
    shown = await page.text("/sources")
    assert "<strong>its last look failed</strong></p>" in shown
    assert '<dt>Watches</dt><dd class="url"><a href="https://gazette.example/"' in shown
    assert "https://gazette.example/front" not in shown


async def test_sources_page_says_what_there_was_no_time_for(press, page):
    """Looks again that were dropped, how many, where, and what would mend it; they are no looks that went well."""
    press.source("Gazette")
    with press.store.writer() as connection:
        connection.execute(update(host).values(delay_s=5))
    press.looks("Gazette", BEGAN, unchanged=3, dropped=1200)
    press.looks("Gazette", BEGAN - timedelta(hours=30), dropped=7)
    shown = await page.text("/sources")
    said = "1,200 at gazette.example: more fall due than a delay of 5s leaves time for. Fewer times in [changes]"
    assert f"Looks again dropped in the last 24 hours: {said}" in shown
    assert "looks of the last 48 hours: 3 well, 0 failed" in shown


async def test_feeds_page_names_what_can_be_fetched(press, page):
    """Every address on the page of feeds answers, in its format."""
    press.publish(text(), "North Post")
    shown = await page.text("/feeds")
    for path, kind in [
        ("/feeds/all.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/source/North%20Post.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/source/North%20Post.json", "application/feed+json; charset=utf-8"),
    ]:
        assert page.url + path in shown
        answer = await page.get(path)
        assert (answer.status, answer.headers["content-type"]) == (200, kind)


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
