"""The page of changes, and what an article's page says of its revisions and of its removal."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from lxml import etree, html

from scheduler.web import compare
from scheduler.web.doorway import HEADERS
from scheduler.web.happenings import ON_A_PAGE
from storage.model.articles import Article
from storage.schema.telling import alert
from tests.press import BEGAN
from tests.reading_room import NOW
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

DAYS = 8 * 7


def text(title="Ferry to run all winter", body="The council met on Sunday and agreed.", **more):
    return Article(title=title, body=body, **more)


def headlines(shown):
    return [one.text_content() for one in html.fromstring(shown).cssselect("main article h3")]


def links(shown, label):
    """Names and addresses of a row of links, and which is chosen."""
    row = html.fromstring(shown).cssselect(f'nav[aria-label="{label}"] a')
    return {one.text: one.get("href") for one in row}, [one.text for one in row if one.get("aria-current")]


async def test_changes_of_all_sources(press, page):
    """The newest first, each with what happened in words, what went and came, and the way to both revisions."""
    one, two = press.publish(text()), press.publish(text("Snow falls"), "Post")
    press.edit(one, body="The council met on Monday and agreed.", stealth=True)
    press.edit(two, title="Snow melts")
    press.edit(two, body="The council met on  Sunday and agreed.")
    press.remove(two)
    shown = await page.text("/changes")
    assert headlines(shown) == ["Snow melts", "Snow fallsmelts", "Ferry to run all winter"]
    assert '<span class="flag edited">figures edited</span> <span class="flag">edited without saying so</span>' in shown
    assert '<del class="went">Sunday</del><ins class="came">Monday</ins>' in shown
    assert f'href="/article/{one}?revision=2&amp;against=1"' in shown
    assert '<a href="/changes" aria-current="page">' in shown


async def test_before_anything_happened(press, page):
    press.publish(text())
    assert "Nothing of this kind has happened yet" in await page.text("/changes")
    assert "No article was edited or removed" in await page.text("/")


async def test_one_kind(press, page):
    """Every kind and class can be asked for, typography, too; each by a link."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry to run until spring")
    press.edit(guid, body="The council met on Monday and agreed.")
    press.edit(guid, body="The council met  on Monday and agreed.")
    press.remove(guid)
    kinds, chosen = links(await page.text("/changes"), "Kinds of changes")
    assert chosen == ["everything"]
    for name, flags in [
        ("edited", ["figures edited", "headline edited"]),
        ("removed", ["removed"]),
        ("headline edited", ["headline edited"]),
        ("typography edited", ["typography edited"]),
        ("restored", []),
    ]:
        shown = await page.text(f"/changes{kinds[name]}")
        assert re.findall(r'<span class="flag \w+">([\w ]+)</span>', shown) == flags, name
        assert links(shown, "Kinds of changes")[1] == [name]


async def test_edits_of_the_headline_are_all_with_another_one(press, page):
    """As in rules: whatever else the edit changed, and whatever its class is."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry to run in spring", body="The council met on 14 Monday and agreed to 900 trips.")
    press.edit(guid, body="The council met on 15 Monday and agreed to 901 trips.")
    shown = await page.text("/changes?kind=edited:headline")
    assert len(re.findall(r'<span class="flag edited">', shown)) == 1
    assert "in spring" in shown


async def test_every_page_is_in_the_navigation(press, page):
    """Also the events of many articles; the page that is open is marked."""
    shown = await page.text("/mass")
    assert '<a href="/mass" aria-current="page">Mass events</a>' in shown


async def test_a_long_comparison_says_what_it_leaves_out(press, page):
    """With a link to all of it; what is too long for words says so."""
    guid = press.publish(text(body="One word " * 9_000))
    press.edit(guid, body="Other text " * 9_000)
    shown = (await page.text(f"/article/{guid}")).partition('id="compared"')[2]
    assert "characters more that went or came" in shown
    link = unescape(re.findall(r'<a href="([^"]+)">the whole</a>', shown)[0])
    whole = (await page.text(f"/article/{guid}{link.partition('#')[0]}")).partition('id="compared"')[2]
    assert "characters more that went or came" not in whole.partition("</section>")[0]
    assert whole.count("Other text") >= 9_000


async def test_a_comparison_of_texts_without_end_is_a_summary(press, page):
    """It has a bound, and says so."""
    guid = press.publish(text(body="\n".join(f"line {number}" for number in range(60_000))))
    press.edit(guid, title="Between")
    press.edit(guid, body="\n".join(f"row {number}" for number in range(60_000)))
    shown = (await page.text(f"/article/{guid}?revision=3&against=1")).partition('id="compared"')[2]
    assert "too long to be compared word by word" in shown and len(shown.partition("</section>")[0]) < 100_000


async def test_one_source(press, page):
    """And one of its kinds; the links keep what was chosen."""
    for name in ("North Post", "Gazette"):
        guid = press.publish(text(name), name)
        press.edit(guid, title=f"{name} anew")
        press.remove(guid)
    sources, chosen = links(await page.text("/changes"), "Sources")
    assert (list(sources), chosen) == (["all sources", "Gazette", "North Post"], ["all sources"])
    shown = await page.text(f"/changes{sources['North Post']}")
    assert headlines(shown) == ["North Post anew", "North Post anew"]
    both = links(shown, "Kinds of changes")[0]["removed"]
    assert both == "?kind=removed&source=North+Post"
    assert headlines(await page.text(f"/changes{both}")) == ["North Post anew"]


@pytest.mark.parametrize(
    "asked",
    [
        "kind=added",
        "kind=none",
        "kind=edited:none",
        "source=Nobody",
        "before=x",
        "before=5",
        f"before={'9' * 18}-1",
        f"before=-{'9' * 18}-1",
        "before=1-",
        f"before={quote('٣-٣')}x",
    ],
)
async def test_what_there_is_not(press, page, asked):
    press.publish(text())
    assert (await page.get(f"/changes?{asked}")).status == 404


async def test_pages_show_each_once(press, page):
    """Changes and mass events between them, also where many were seen at one moment."""
    guid = press.publish(text())
    for number in range(2 * ON_A_PAGE + 5):
        if number % 30 == 10:
            press.clock = BEGAN + timedelta(seconds=number)
            press.mass("edited", [guid])
        press.edit(guid, title=f"Ferry {number}", at=BEGAN + timedelta(minutes=number // 20))
    seen, address = [], "/changes"
    while address:
        shown = await page.text(address)
        seen += re.findall(r'<h3[^>]*><a href="([^"]+)"', shown)
        older = links(shown, "Further changes")[0].get("Older changes")
        address = f"/changes{older}" if older else ""
    assert len(seen) == len(set(seen)) == 2 * ON_A_PAGE + 5 + 3
    assert "The newest" in shown and links(shown, "Further changes")[0] == {"The newest": "?"}


async def test_a_mass_event_is_one_of_them(press, page):
    """One line with the way to its list; its changes do not stand there, nor on the front page."""
    press.judged = False
    guids = [press.publish(text(f"Story {number}")) for number in range(30)]
    for guid in guids:
        press.remove(guid)
    number = press.mass("removed", guids)
    shown = await page.text("/changes")
    assert headlines(shown) == ["30 articles are gone from gazette.example"]
    assert f'<a href="/mass/{number}">' in shown
    assert headlines(await page.text("/changes?kind=removed&source=Gazette")) == headlines(shown)
    assert headlines(await page.text("/changes?kind=edited")) == []
    assert "No article was edited or removed" in await page.text("/")
    article = await page.text(f"/article/{guids[0]}")
    assert f'<a href="/mass/{number}">told with others</a>' in article


async def test_bars_of_the_last_weeks(press, page):
    """One a day, the highest fills the height; each says in words what happened."""
    guid = press.publish(text())
    for hour in range(3):
        press.edit(guid, title=f"Ferry {hour}", at=NOW - 2 * DAY + timedelta(minutes=hour))
    press.remove(guid, at=NOW - 2 * DAY)
    press.edit(guid, title="Long ago", at=NOW - 60 * DAY)
    press.edit(guid, title="Of the first day", at=NOW - (DAYS - 1) * DAY)
    shown = html.fromstring(await page.text("/changes"))
    [bars] = shown.cssselect("svg.chart")
    assert bars.get("aria-label") == "changes of the last 8 weeks, by day: 4 edited, 1 removed"
    titles = [one.text for one in bars.iter("title")]
    assert len(titles) == DAYS
    assert titles[-3] == "6 November 2026: 3 edited, 1 removed"
    assert titles[-2:] == ["7 November 2026: nothing", "8 November 2026: nothing"]
    assert titles[0] == "14 September 2026: 1 edited"
    day = [(one.get("class"), one.get("y"), one.get("height")) for one in list(bars)[-3].iter("rect")]
    assert day == [("edited", "12", "36"), ("removed", "0", "12")]
    assert etree.tostring(bars)  # well-formed as it stands


async def test_any_two_revisions(press, page):
    """Compared with the headline first, either way round, or the same one; without a script by links."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry to run until spring")
    press.edit(guid, body="The council met on Monday and agreed.", stealth=True)
    whole = await page.text(f"/article/{guid}?revision=3&against=1")
    part = whole.partition('id="compared"')[2].partition("</section>")[0]
    assert part.index('<p class="diff headline"') < part.index('<del class="went">Sunday</del>')
    assert "This is revision" not in whole
    back = (await page.text(f"/article/{guid}?revision=1&against=3")).partition('id="compared"')[2]
    assert '<del class="went">Monday</del><ins class="came">Sunday</ins>' in back
    assert "Headline and text are the same" in await page.text(f"/article/{guid}?revision=2&against=2")
    # Without any named: the newest and the one before, with what was said of that step.
    newest = (await page.text(f"/article/{guid}")).partition('id="compared"')[2].partition("</section>")[0]
    assert "figures edited, without saying so" in newest and "until spring" not in newest
    first = (await page.text(f"/article/{guid}?revision=1")).partition('id="compared"')[2].partition("</section>")[0]
    assert "headline edited" in first
    froms, chosen = links(whole, "From revision")
    assert (list(froms), chosen) == (["1", "2", "3"], ["1"])
    assert froms["2"] == "?revision=3&against=2#revisions"
    assert links(whole, "To revision")[0]["2"] == "?revision=2&against=1#revisions"
    for asked in ("revision=3&against=4", "revision=3&against=x", "revision=9&against=1"):
        assert (await page.get(f"/article/{guid}?{asked}")).status == 404


async def test_an_article_with_one_revision(press, page):
    """There is nothing to compare, and no script."""
    guid = press.publish(text())
    shown = await page.text(f"/article/{guid}")
    assert "Compare its revisions" not in shown and "<script" not in shown
    assert (await page.get(f"/article/{guid}?against=2")).status == 404


async def test_the_article_page_alone_runs_a_script(press, page):
    """Our own file, none inline and none from elsewhere; every other page none at all."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry to run until spring")
    answer = await page.get(f"/article/{guid}")
    policy = HEADERS["content-security-policy"]
    assert answer.headers["content-security-policy"] == policy + "; script-src 'self'; connect-src 'self'"
    ours = b'<script src="/static/revisions.js" defer></script>'
    assert answer.body.count(b"<script") == answer.body.count(ours) == 1
    script = await page.get("/static/revisions.js")
    assert script.status == 200 and script.headers["content-type"].startswith("text/javascript")
    for path in ("/", "/changes", "/article/none", "/static/revisions.js"):
        assert (await page.get(path)).headers["content-security-policy"] == policy


async def test_a_comparison_is_made_once(press, page, monkeypatch):
    """However many ask for it at the same time."""
    guid = press.publish(text())
    for number in range(3):
        press.edit(guid, title=f"Ferry {number}")
    made, real = [], compare.diff
    monkeypatch.setattr(compare, "diff", lambda before, after: made.append(1) or real(before, after))
    await asyncio.gather(*(page.text(f"/article/{guid}?revision=4&against=1") for _ in range(5)))
    assert len(made) == 1


async def test_a_hostile_comparison_ends(press, page):
    """Two texts of half a megabyte without a word in common."""
    guid = press.publish(text(body="".join(chr(0x4E00 + number * 7 % 20000) for number in range(500_000))))
    press.edit(guid, title="B")
    press.edit(guid, body="".join(chr(0x4E00 + number * 11 % 20000) for number in range(500_000)))
    shown = await page.text(f"/article/{guid}?revision=3&against=1")
    assert len(shown.partition('id="compared"')[2].partition("</section>")[0]) < 100_000


async def test_how_to_export_and_when_it_stood(press, page):
    guid = press.publish(text())
    press.edit(guid, title="Ferry to run until spring")
    shown = await page.text(f"/article/{guid}?revision=1")
    assert f"<code>dateline evidence {guid} --out article.zip</code>" in shown
    assert f'<a href="/article/{guid}?revision=1">from <time datetime="2026-11-08T06:01:00+00:00">' in shown


async def test_where_a_removal_stands(store, page):
    """Since when it is looked for and how many looks agree; then when it was confirmed."""
    watch, listed = Watch(store), [link("a"), link("b")]
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round(listed)
    watch.pass_by(HOUR, links=listed)
    with store.reader() as connection:
        guid = connection.exec_driver_sql("SELECT guid FROM article WHERE id = 1").scalar()
    assert "may be gone" not in await page.text(f"/article/{guid}")
    watch.pass_by(4 * HOUR, links=listed, gone=["a"])
    said = await page.text(f"/article/{guid}")
    assert "It may be gone: it is not there since 1 March 2026" in said and "of 3 looks agree" in said
    watch.pass_by(3 * DAY, links=listed, gone=["a"])
    assert "Removed; confirmed 2 March 2026" in await page.text(f"/article/{guid}")


async def test_alerts_carry_the_mark_of_stealth(press, page, store):
    guid = press.publish(text())
    press.edit(guid, title="Ferry to run until spring", stealth=True)
    press.edit(guid, title="Ferry to run until summer")
    raised = {"rule": "ferry", "holds": "still", "words": json.dumps(["ferry"]), "created_at": BEGAN, "untold": "x"}
    with store.writer() as connection:
        connection.execute(alert.insert(), [raised | {"change_id": 2}, raised | {"change_id": 3}])
    shown = await page.text("/alerts")
    assert shown.count("headline edited") == 2 and shown.count("edited without saying so") == 1


async def test_feeds_of_changes_are_named_and_answer(press, page):
    """Each address on the page of feeds; a reader that has it gets 304."""
    guid = press.publish(text(), "North Post")
    press.edit(guid, title="Ferry to run until spring")
    shown = await page.text("/feeds")
    for path, kind in [
        ("/feeds/changes.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/source/North%20Post/changes.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/source/North%20Post/changes.json", "application/feed+json; charset=utf-8"),
    ]:
        assert page.url + path in shown
        answer = await page.get(path, accept_encoding="identity")
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
        assert b"until spring" in answer.body
        assert (await page.get(path, if_none_match=answer.headers["etag"])).status == 304
        assert (await page.get(path, if_modified_since=answer.headers["last-modified"])).status == 304
    assert 'href="/feeds/changes.atom"' in shown
