"""The pages over HTTP: the first one, articles, alerts, sources and feeds, and what is shown on each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from storage import deliveries
from storage.fates import Fates
from storage.finding import find
from storage.model.articles import Article, Dateline, When
from storage.schema.looking import host
from storage.tombstones import bury
from tests.press import BEGAN
from tests.reading_room import NOW, text
from tests.storage.desk import Desk
from tests.storage.watch import Watch


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
    """Before the first alert it says so; a channel that is paused, or gone, stands above what waits for it. Those that
    are well are one line, that the alerts are not far below."""
    assert "No channel is configured" in await page.text("/alerts")
    desk = Desk(Watch(store, NOW - timedelta(hours=1)))
    desk.config()
    empty = await page.text("/alerts")
    assert "No rule has held for a change yet" in empty and "<strong>well</strong>: hook, mail</p>" in empty
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


async def test_alerts_page_says_of_a_channel_that_it_puts_off(store, page):
    """A mail server whose mailbox is full says so of each mail: the channel is not paused, and not well."""
    desk = Desk(Watch(store, NOW - timedelta(hours=1)))
    desk.config()
    desk.told_of(channels=("mail", "hook"))
    desk.later("mail")
    shown = await page.text("/alerts")
    assert "<strong>puts off what it is sent</strong> · 1 waiting" in shown
    assert shown.count("<strong>well</strong>") == 1
    desk.watch.later(timedelta(minutes=2))
    desk.sent("mail")
    assert (await page.text("/alerts")).count("<strong>well</strong>") == 2


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
