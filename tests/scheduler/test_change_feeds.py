"""Feeds of changes: one entry for each edit, removal and return, with the diff inside, and one for a mass event."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from scheduler.feed import FeedDocument
from scheduler.web import questions
from scheduler.web.change_entries import MOST_MEMBERS, change_entry, mass_entry
from scheduler.web.edition import render_whole
from scheduler.web.feeds import Feeds, formats
from scheduler.web.questions import Happened
from storage.archive import Archive
from storage.diff import diff
from storage.finding import find
from storage.mass import Mass, Member
from storage.model.articles import Article, Change, ChangeKind, Revision
from storage.model.telling import RuleConfig
from storage.tombstones import bury
from tests.press import BEGAN, Press

BASE = "http://127.0.0.1:8700"
GUID = "00000000-0000-4000-8000-000000000001"
FORMATS = formats()
every_format = pytest.mark.parametrize("name", FORMATS)
RULES = [
    RuleConfig("ferry", "ferry"),
    RuleConfig("headlines", "ferry", on=("edited:headline",)),
    RuleConfig("ferry in Post", "ferry", sources=("Post",)),
    RuleConfig("what is new", "ferry", on=("added",), max_age=timedelta(minutes=1)),
]


class Clock:
    def __init__(self):
        self.now = BEGAN + timedelta(days=1)

    def __call__(self):
        return self.now


@pytest.fixture
def press(store):
    return Press(store)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def feeds(store, clock):
    return Feeds(Archive(store), RULES, [], BASE, now=clock)


def text(title="Ferry to run all winter", body="The council met on Sunday and agreed."):
    return Article(title=title, body=body)


async def items(feeds, address):
    return json.loads(gzip.decompress((await feeds.fetch(address, "json")).body))["items"]


async def titles(feeds, address="changes"):
    return [one["title"] for one in await items(feeds, address)]


def read(name, content):
    """Title, id and HTML of each entry; the feed is well-formed."""
    if name == "json":
        return [(one["title"], one["id"], one["content_html"]) for one in json.loads(content)["items"]]
    etree.fromstring(content)
    feed = feedparser.parse(content, sanitize_html=False)
    assert not feed.bozo
    return [(one.title, one.id, one.content[0].value) for one in feed.entries]


async def test_what_happened_in_words(press, feeds):
    """Each change is an entry: what happened and to what, the newest first; what was added is none."""
    one, two = press.publish(text()), press.publish(text("Snow falls"))
    press.edit(one, body="The council met on Monday and agreed.", stealth=True)
    press.edit(two, title="Snow melts")
    press.edit(two, title="Snow  melts")
    press.remove(one)
    press.restore(one)
    assert await titles(feeds) == [
        "Restored: Ferry to run all winter",
        "Removed: Ferry to run all winter",
        "Headline edited: Snow melts",
        "Figures edited, without saying so: Ferry to run all winter",
    ]


@every_format
async def test_the_diff_is_inside(press, feeds, name):
    """With its colours in the tags, for readers who have no style sheet, and as text where the format has room."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry to run until spring", body="The council met on Monday and agreed.\n\nIt snowed.")
    kept = await feeds.fetch("changes", name)
    [(_, _, content)] = read(name, gzip.decompress(kept.body))
    shown = html.fragment_fromstring(content, create_parent=True)
    assert [one.text for one in shown.iter("del")] == ["all winter", "Sunday"]
    assert [one.text for one in shown.iter("ins")][:2] == ["until spring", "Monday"]
    assert all("background" in one.get("style") for one in (*shown.iter("del"), *shown.iter("ins")))
    assert [one.get("href") for one in shown.iter("a")] == [
        f"{BASE}/article/{guid}?revision=2&against=1",
        "https://gazette.example/1",
    ]
    if name == "json":
        [item] = await items(feeds, "changes")
        assert "[-Sunday-]{+Monday+}" in item["content_text"]
        assert item["external_url"] == "https://gazette.example/1"
        facts = {key: item["_dateline"][key] for key in ("change", "class", "stealth", "article")}
        assert facts == {"change": "edited", "class": "numbers", "stealth": False, "article": f"urn:uuid:{guid}"}


async def test_every_change_has_an_id_for_ever(press, feeds, store):
    """Its own, the same whatever comes later, wherever it is asked for, and from another start of the daemon."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry sinks")
    press.remove(guid)
    before = [one["id"] for one in await items(feeds, "changes")]
    assert len(set(before)) == 2 and all(one.startswith("urn:uuid:") for one in before)
    assert f"urn:uuid:{guid}" not in before  # that is the article's
    press.attach(guid, "Post")
    press.restore(guid)
    again = Feeds(Archive(store), RULES, [], BASE)
    for address in ("changes", "source/Gazette/changes", "source/Post/changes", "rule/ferry/changes"):
        assert [one["id"] for one in await items(again, address)][1:] == before, address


async def test_of_a_source(press, feeds):
    """Also what happened to an article that another source lists as well."""
    one, two = press.publish(text(), "Gazette"), press.publish(text("Snow falls"), "Post")
    press.edit(one, title="Ferry sinks")
    press.edit(two, title="Snow melts")
    assert await titles(feeds, "source/Post/changes") == ["Headline edited: Snow melts"]
    assert await titles(feeds, "source/Gazette/changes") == ["Headline edited: Ferry sinks"]


async def test_of_a_rule(press, feeds):
    """The changes that it tells of: matched before or after, of its sources and kinds, also those long before it."""
    one, two = press.publish(text(), "Gazette"), press.publish(text("Bus waits"), "Post")
    press.edit(one, title="Tram to run all winter")
    press.edit(two, title="Ferry waits")
    press.edit(two, body="The council met on Monday and agreed.")
    press.edit(press.publish(text("Snow")), title="Snow falls")
    press.remove(two)
    told = ["Removed: Ferry waits", "Figures edited: Ferry waits", "Headline edited: Ferry waits"]
    assert await titles(feeds, "rule/ferry/changes") == [*told, "Headline edited: Tram to run all winter"]
    assert await titles(feeds, "rule/ferry in Post/changes") == told
    assert await titles(feeds, "rule/headlines/changes") == [told[2], "Headline edited: Tram to run all winter"]
    # It matches first after an edit, which is told to a rule that asked for what is added alone.
    assert await titles(feeds, "rule/what is new/changes") == [told[2]]


async def test_what_comes_later_is_judged_once(press, feeds, store, monkeypatch):
    """A feed that was asked for follows what happens; what waits for its round appears when it is decided on."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry sinks")
    assert len(await titles(feeds, "rule/ferry/changes")) == 1
    press.judged = False
    press.edit(guid, title="Ferry floats")
    press.judged = True
    press.edit(press.publish(text("Snow")), title="Snow falls")
    assert await titles(feeds, "rule/ferry/changes") == ["Headline edited: Ferry sinks"]
    press.decide()
    assert await titles(feeds, "rule/ferry/changes") == [
        "Headline edited: Ferry floats",
        "Headline edited: Ferry sinks",
    ]
    chronicle, seen = Archive(store).chronicle, []
    asks = Happened(chronicle, holds=lambda change: bool(seen.append(change.id)) or True)
    asks.places()
    assert len(seen) == 3
    press.edit(guid, title="Ferry sails")
    assert len(asks.places()) == 4
    asks.places()
    assert len(seen) <= 7 and seen.count(seen[-1]) == 1


async def test_nothing_new_costs_one_question(press, feeds, monkeypatch, store):
    """A poll that finds nothing new neither reads a change nor makes a byte."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry sinks")
    press.mass("removed", [guid])
    for address in ("changes", "source/Gazette/changes", "rule/ferry/changes"):
        await feeds.fetch(address, "rss")
    chronicle = feeds._archive.chronicle
    for name in ("newest", "decided_since", "changes", "marks", "events", "members", "frontier"):
        monkeypatch.setattr(chronicle, name, None)
    for address in ("changes", "source/Gazette/changes", "rule/ferry/changes"):
        await feeds.fetch(address, "rss")


async def test_unchanged_feed_keeps_its_bytes(press, feeds, clock):
    """Also after a day, and when an article is added; then it has another ETag and a later time."""
    guid = press.publish(text())
    press.edit(guid, title="Ferry sinks")
    first = await feeds.fetch("changes", "atom")
    clock.now += timedelta(days=1)
    press.publish(text("Snow falls"))
    assert await feeds.fetch("changes", "atom") == first
    press.remove(guid)
    second = await feeds.fetch("changes", "atom")
    assert (second.etag != first.etag, second.changed_at > first.changed_at) == (True, True)


async def test_the_newest_hundred(press, feeds, monkeypatch):
    """Of all, of a source and of a rule, whatever the chunks in which they are looked for."""
    monkeypatch.setattr(questions, "CHUNK", 7)
    guid = press.publish(text())
    for number in range(104):
        press.edit(guid, title=f"Ferry {number}")
    wanted = [f"Headline edited: Ferry {number}" for number in range(103, 3, -1)]
    for address in ("changes", "source/Gazette/changes", "rule/ferry/changes"):
        assert await titles(feeds, address) == wanted, address
    press.edit(guid, title="Ferry 104")
    for address in ("changes", "source/Gazette/changes", "rule/ferry/changes"):
        assert await titles(feeds, address) == ["Headline edited: Ferry 104", *wanted[:-1]], address


async def test_a_long_search_goes_on(press, feeds, monkeypatch):
    """Readers get what was found, and more when they ask again."""
    monkeypatch.setattr(questions, "CHUNK", 1)
    monkeypatch.setattr(questions, "SCAN_S", -1)
    guid = press.publish(text())
    for number in range(3):
        press.edit(guid, title=f"Ferry {number}")
    assert [len(await titles(feeds, "rule/ferry/changes")) for _ in range(4)] == [1, 2, 3, 3]


async def test_a_mass_event_is_one_entry(press, feeds):
    """With the beginning of its list and the way to all of it; a rule hears of it as it would be told."""
    press.judged = False
    guids = [press.publish(text(f"Story {number}")) for number in range(30)]
    for guid in guids:
        press.remove(guid)
    number = press.mass("removed", guids)
    [item] = await items(feeds, "changes")
    assert item["title"] == "30 articles are gone from gazette.example"
    assert item["url"] == f"{BASE}/mass/{number}"
    assert item["content_html"].count("<li") == MOST_MEMBERS
    assert "... and 10 more." in item["content_html"] and "... and 10 more." in item["content_text"]
    assert f'<a href="{BASE}/mass/{number}">The whole list</a>' in item["content_html"]
    assert await titles(feeds, "source/Gazette/changes") == await titles(feeds, "rule/ferry/changes") == [item["title"]]
    press.source("Post")
    for address in ("source/Post/changes", "rule/ferry in Post/changes", "rule/headlines/changes"):
        assert await titles(feeds, address) == [], address


async def test_a_site_wide_change_shows_what_it_has_in_common(press, feeds):
    press.judged = False
    guids = [press.publish(text(f"Story {number}")) for number in range(6)]
    press.mass("edited", guids, common=["-Read <b>more</b>", "+Subscribe now"])
    [item] = await items(feeds, "changes")
    assert item["title"] == "Site-wide change at Gazette: 6 articles changed alike"
    assert ">Read &lt;b&gt;more&lt;/b&gt;</del>" in item["content_html"]
    assert ">Subscribe now</ins>" in item["content_html"]


async def test_a_mass_event_that_goes_on_keeps_its_id(press, feeds, store):
    """Its entry says how it stands; it is not told anew."""
    guids = [press.publish(text(f"Story {number}")) for number in range(6)]
    press.mass("removed", guids)
    before = (await items(feeds, "changes"))[0]
    with store.writer() as connection:
        connection.exec_driver_sql(
            f"UPDATE mass SET how = 'dismissed', ended_at = {int(press.tick().timestamp()) * 10**6}"
        )
    after = (await items(feeds, "changes"))[0]
    assert (before["id"], before["date_published"]) == (after["id"], after["date_published"])
    assert "dismissed" in after["content_html"] and after["date_modified"] > before["date_modified"]


async def test_feeds_that_there_are_not(press, feeds):
    press.source("Gazette")
    for address in ("source/Nobody/changes", "rule/none/changes", "source/changes", "rule/changes", "changes/changes"):
        assert await feeds.fetch(address, "rss") is None, address


async def test_a_source_may_be_called_changes(press, feeds):
    press.publish(text(), "changes")
    assert [one["title"] for one in await items(feeds, "source/changes")] == ["Ferry to run all winter"]
    assert await items(feeds, "source/changes/changes") == []


async def test_a_new_config(press, feeds):
    """A rule with other words has another feed; one that left has none."""
    press.edit(press.publish(text()), body="The council met on Monday and agreed.")
    assert len(await titles(feeds, "rule/ferry/changes")) == 1
    feeds.take_over([RuleConfig("ferry", "snow")], [])
    assert await titles(feeds, "rule/ferry/changes") == []
    assert await feeds.fetch("rule/headlines/changes", "json") is None


async def test_a_dropped_article_leaves_the_feeds(press, feeds, clock, store):
    guid = press.publish(text())
    press.edit(guid, title="Ferry sinks")
    other = press.publish(text("Snow"))
    press.edit(other, title="Ferry snowed in")
    assert len(await titles(feeds, "rule/ferry/changes")) == 2
    store.write(lambda connection: bury(connection, find(connection, guid), "a wish", clock.now))
    for address in ("changes", "rule/ferry/changes"):
        assert await titles(feeds, address) == ["Headline edited: Ferry snowed in"], address
    # The newest goes as well, and its number in the table may be given to the next.
    store.write(lambda connection: bury(connection, find(connection, other), "a wish", clock.now))
    press.edit(press.publish(text("Ice")), title="Ferry frozen")
    for address in ("changes", "rule/ferry/changes"):
        assert await titles(feeds, address) == ["Headline edited: Ferry frozen"], address
    assert feeds.left_out == []


async def test_a_change_that_cannot_be_told_is_left_out_and_named(press, feeds, store):
    """A row that somebody broke; the others are told."""
    for title in ("One", "Two", "Three"):
        press.edit(press.publish(text(title)), title=f"{title} ferries")
    with store.writer() as connection:
        connection.exec_driver_sql("UPDATE change SET diff = '{' WHERE id = 4")
        connection.exec_driver_sql("UPDATE article SET guid = 'no guid' WHERE id = 3")
    assert await titles(feeds) == ["Headline edited: One ferries"]
    assert len(feeds.left_out) == 2
    assert any("change 4 cannot be read" in line for line in feeds.left_out)


def change(before: Article | None, after: Article | None, **changed: object) -> Change:
    stood = [one and Revision(number, 1, number, BEGAN, one) for number, one in enumerate((before, after), 1)]
    kind = ChangeKind.EDITED if before and after else ChangeKind.RESTORED if after else ChangeKind.REMOVED
    step = diff(before, after) if before and after else None
    cls = step.cls if step else ""
    made = Change(7, 1, GUID, kind, cls, BEGAN, "https://gazette.example/1", ("Gazette",), *stood, step)
    return replace(made, **changed)


def document(*entries):
    return FeedDocument("http://h/feeds/changes", "Changes", "All", "http://h/", "http://h/f.x", BEGAN, entries)


@every_format
def test_markup_in_a_text_is_text(name):
    """What a site wrote stands in the diff as it is written: no element of its making."""
    bad = '</p><script>alert(1)</script><img src=x onerror=alert(1)>]]>"'
    made = change(text(bad, bad + " of Sunday"), text(bad + "!", bad + " of Monday"), url="javascript:alert(1)")
    entries = [change_entry(made, BASE), change_entry(change(None, text(bad, bad), url="/x"), BASE)]
    event = Mass(1, "edited", bad, 1, bad, BEGAN, BEGAN, None, "", (f"-{bad}", f"+{bad}"), 9)
    entries.append(mass_entry(event, [Member(GUID, bad, bad, None, BEGAN)], BASE))
    for _, _, content in read(name, FORMATS[name].render(document(*entries))):
        shown = html.fragment_fromstring(content, create_parent=True)
        assert {one.tag for one in shown.iter()} <= {"div", "p", "a", "del", "ins", "span", "br", "ol", "li"}
        assert all(one.get("href").startswith(BASE) for one in shown.iter("a"))


anything = st.text(st.characters(codec=None), max_size=60)


@every_format
@settings(max_examples=100, deadline=None)
@given(title=anything, body=anything, other=anything, source=anything, url=anything)
def test_any_text_makes_a_well_formed_feed(name, title, body, other, source, url):
    """Illegal characters, line ends, half of a character: each change is told."""
    shown = [change(text(title, body), text(other, body + other)), change(text(title, body), None)]
    entries = [change_entry(replace(one, sources=(source or "S",), url=url), BASE) for one in shown]
    member = Member(GUID, title, url, None, BEGAN)
    event = Mass(1, "removed", source, 1, source, BEGAN, BEGAN, None, other, (f"-{body}",), 9)
    entries.append(mass_entry(event, [member], BASE))
    content, left_out = render_whole(FORMATS[name].render, document(*entries))
    assert left_out == [] and len(read(name, content)) == 3


@every_format
def test_the_last_day_of_all_is_told(name):
    """A clock that was set wrong makes no broken feed."""
    late = BEGAN.replace(year=9999)
    content, left_out = render_whole(
        FORMATS[name].render, document(change_entry(change(text(), None, seen_at=late), BASE))
    )
    assert left_out == [] and len(read(name, content)) == 1


def test_a_huge_text_is_told_in_part():
    """A megabyte that was written anew makes no entry of a megabyte."""
    made = change_entry(change(text(body="a " * 400_000), text(body="b " * 400_000)), BASE)
    assert len(made.html) < 60_000 and len(made.text) < 60_000 and len(made.summary) <= 600
