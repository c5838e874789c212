"""Feeds as they are kept: made when something changed, the same bytes until then."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from scheduler.tables import FeedTable
from scheduler.web import questions
from scheduler.web.feeds import Feeds
from scheduler.web.questions import Matching
from scheduler.web.shelf import Shelf
from storage.archive import Archive
from storage.finding import find
from storage.model.articles import Article
from storage.model.telling import RuleConfig
from storage.tombstones import bury
from tests.press import BEGAN, Press

BASE = "http://127.0.0.1:8700"


@pytest.fixture
def press(store):
    return Press(store)


class Clock:
    def __init__(self):
        self.now = BEGAN + timedelta(days=1)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def feeds(store, clock):
    rules = [RuleConfig("ferry", "ferry"), RuleConfig("ferry in Post", "ferry", sources=("Post",))]
    tables = [FeedTable(name="north", sources=("Gazette", "Post"), title="News from the north")]
    return Feeds(Archive(store), rules, tables, BASE, now=clock)


def text(title, body="The council met on Sunday and agreed."):
    return Article(title=title, body=body)


def shown(kept):
    return json.loads(gzip.decompress(kept.body))


def titles(kept):
    return [one["title"] for one in shown(kept)["items"]]


async def test_every_kind_of_feed(press, feeds):
    """All articles, those of a source, of a rule, and of a feed of the config each have their address."""
    press.publish(text("Ferry runs"), "Gazette")
    press.publish(text("Snow falls"), "Post")
    press.publish(text("Ferry waits"), "Herald")
    assert titles(await feeds.fetch("all", "json")) == ["Ferry waits", "Snow falls", "Ferry runs"]
    assert titles(await feeds.fetch("source/Post", "json")) == ["Snow falls"]
    assert titles(await feeds.fetch("rule/ferry", "json")) == ["Ferry waits", "Ferry runs"]
    assert titles(await feeds.fetch("rule/ferry in Post", "json")) == []
    north = await feeds.fetch("north", "json")
    assert titles(north) == ["Snow falls", "Ferry runs"]
    assert shown(north)["title"] == "News from the north"
    assert [one.address for one in feeds.subscriptions()] == [
        "all",
        "changes",
        "north",
        "rule/ferry",
        "rule/ferry/changes",
        "rule/ferry in Post",
        "rule/ferry in Post/changes",
        "source/Gazette",
        "source/Gazette/changes",
        "source/Herald",
        "source/Herald/changes",
        "source/Post",
        "source/Post/changes",
    ]


async def test_feeds_that_there_are_not(press, feeds):
    """An address or an extension that is not known has no feed."""
    press.source("Gazette")
    for address, extension in [
        ("none", "rss"),
        ("source/Nobody", "rss"),
        ("rule/none", "rss"),
        ("source/", "rss"),
        ("rule", "rss"),
        ("all", "exe"),
        ("", "rss"),
    ]:
        assert await feeds.fetch(address, extension) is None


async def test_every_subscription_can_be_fetched_in_every_format(press, feeds):
    """What the page names is there, at the address that it names."""
    press.publish(text("Ferry runs"), "North Post")
    for one in feeds.subscriptions():
        for extension, url in one.urls:
            kept = await feeds.fetch(one.address, extension)
            assert url.startswith(f"{BASE}/feeds/") and " " not in url
            assert url.encode() in gzip.decompress(kept.body)


async def test_unchanged_feed_keeps_its_bytes(press, feeds, clock):
    """As long as nothing changed, a feed is neither made nor dated anew."""
    press.publish(text("Ferry runs"))
    first = await feeds.fetch("all", "rss")
    clock.now += timedelta(hours=3)
    assert await feeds.fetch("all", "rss") == first


async def test_feed_follows_what_is_published(press, feeds, clock):
    """A new article is in the feed at once, and the feed has another ETag and a later time."""
    press.publish(text("One"))
    first = await feeds.fetch("all", "json")
    press.publish(text("Two"))
    second = await feeds.fetch("all", "json")
    assert titles(second) == ["Two", "One"]
    assert second.etag != first.etag
    assert second.changed_at > first.changed_at  # within the same second, too: readers ask by whole seconds


async def test_edit_moves_updated_only(press, feeds):
    """An edited article keeps its place, its id and its first sight; its text and its time of update are new."""
    guid = press.publish(text("One"))
    press.publish(text("Two"))
    before = shown(await feeds.fetch("all", "json"))["items"][1]
    press.edit(guid, title="One, corrected")
    after = shown(await feeds.fetch("all", "json"))["items"][1]
    assert (before["id"], before["_dateline"]) == (after["id"], after["_dateline"])
    assert (before["title"], after["title"]) == ("One", "One, corrected")
    assert after["date_modified"] > before["date_modified"]


async def test_change_elsewhere_makes_no_other_bytes(press, feeds):
    """A source's feed does not change by what another source publishes."""
    press.publish(text("One"), "Gazette")
    first = await feeds.fetch("source/Gazette", "atom")
    press.publish(text("Two"), "Post")
    assert await feeds.fetch("source/Gazette", "atom") == first


async def test_attached_source_shows_after_a_while(press, feeds, clock):
    """That another source lists an old article is no change, but a minute later its feed has the article."""
    guid = press.publish(text("One"), "Gazette")
    press.source("Post")
    assert titles(await feeds.fetch("source/Post", "json")) == []
    press.attach(guid, "Post")
    clock.now += timedelta(seconds=61)
    assert titles(await feeds.fetch("source/Post", "json")) == ["One"]


async def test_a_hundred_articles(press, feeds):
    """A feed holds the newest hundred."""
    for number in range(103):
        press.publish(text(str(number)))
    assert titles(await feeds.fetch("all", "json")) == [str(number) for number in range(102, 2, -1)]


async def test_rule_hears_of_edits(press, feeds):
    """An old article that an edit makes match comes in at its place; one that ceases to match goes."""
    one, two = press.publish(text("Bus runs")), press.publish(text("Ferry runs"))
    press.publish(text("Ferry waits"))
    assert titles(await feeds.fetch("rule/ferry", "json")) == ["Ferry waits", "Ferry runs"]
    press.edit(one, title="Ferry and bus run")
    press.edit(two, title="Tram runs")
    assert titles(await feeds.fetch("rule/ferry", "json")) == ["Ferry waits", "Ferry and bus run"]


async def test_rule_may_ask_what_happened(press, feeds):
    """Of all that ever happened to an article: a feed is no single change."""
    feeds.take_over([RuleConfig("headlines", "ferry change:edited:headline"), RuleConfig("edits", "change:edited")], [])
    runs, waits = press.publish(text("Ferry runs")), press.publish(text("Ferry waits"))
    press.publish(text("Ferry sinks"))
    assert titles(await feeds.fetch("rule/headlines", "json")) == []
    press.edit(runs, title="Ferry runs late")
    press.edit(waits, body="The council met on Monday and agreed.")
    press.edit(runs, body="The council met on Tuesday and agreed.")
    assert titles(await feeds.fetch("rule/headlines", "json")) == ["Ferry runs late"]
    assert titles(await feeds.fetch("rule/edits", "json")) == ["Ferry waits", "Ferry runs late"]


def test_rule_searches_until_it_has_enough(press, store, monkeypatch):
    """The search goes back chunk by chunk, stops at enough, and goes on when one of the found is lost."""
    monkeypatch.setattr(questions, "CHUNK", 3)
    monkeypatch.setattr(questions, "MOST_ARTICLES", 2)
    guids = [press.publish(text(f"Ferry {number}" if number % 3 == 0 else "Bus")) for number in range(12)]
    asks = Matching(Archive(store), "ferry")

    def found():
        return [one.article.title for one in Archive(store).articles([place.id for place in asks.places()])]

    assert found() == ["Ferry 9", "Ferry 6"]
    assert asks.settled
    press.edit(guids[9], title="Tram")
    assert found() == ["Ferry 6", "Ferry 3"]
    press.edit(guids[0], title="Tram")  # below what was searched
    press.edit(guids[1], title="Ferry 1")
    press.edit(guids[3], title="Tram")
    press.edit(guids[6], title="Tram")
    assert found() == ["Ferry 1"]
    press.publish(text("Ferry 12"))
    press.publish(text("Ferry 13"))
    assert found() == ["Ferry 13", "Ferry 12"]
    press.edit(guids[11], title="Ferry 11")
    press.edit("00000000-0000-4000-8000-00000000000d", title="Tram")
    assert found() == ["Ferry 13", "Ferry 11"]
    press.edit(guids[11], title="Tram")
    assert found() == ["Ferry 13", "Ferry 1"]  # it was dropped as too old, and is found again


def test_long_search_goes_on_at_the_next_question(press, store, monkeypatch):
    """A search that takes too long answers what it has, and finds the rest when it is asked again."""
    monkeypatch.setattr(questions, "CHUNK", 1)
    monkeypatch.setattr(questions, "SCAN_S", -1)
    for number in range(3):
        press.publish(text(f"Ferry {number}"))
    asks = Matching(Archive(store), "ferry")
    assert [len(asks.places()) for _ in range(5)] == [1, 2, 3, 3, 3]
    assert asks.settled


async def test_feed_of_a_long_search_fills_up(press, feeds, monkeypatch):
    """Readers of a feed that is still searched for get what was found, and more when they ask again."""
    monkeypatch.setattr(questions, "CHUNK", 1)
    monkeypatch.setattr(questions, "SCAN_S", -1)
    for number in range(3):
        press.publish(text(f"Ferry {number}"))
    assert [len(titles(await feeds.fetch("rule/ferry", "json"))) for _ in range(4)] == [1, 2, 3, 3]


async def test_rule_for_some_sources(press, feeds):
    """A rule that names sources holds no article of others, when it is first searched for and later."""
    press.publish(text("Ferry runs"), "Gazette")
    press.publish(text("Ferry waits"), "Post")
    assert titles(await feeds.fetch("rule/ferry in Post", "json")) == ["Ferry waits"]
    press.publish(text("Ferry sinks"), "Gazette")
    press.publish(text("Ferry floats"), "Post")
    assert titles(await feeds.fetch("rule/ferry in Post", "json")) == ["Ferry floats", "Ferry waits"]


def test_search_judges_only_what_changed(press, store, monkeypatch):
    """Once the archive was searched, asking again reads only articles with new changes."""
    for number in range(9):
        press.publish(text(f"Ferry {number}"))
    archive = Archive(store)
    asks, read = Matching(archive, "ferry"), []
    articles = archive.articles
    monkeypatch.setattr(archive, "articles", lambda ids: read.append(len(ids)) or articles(ids))
    asks.places()
    asks.places()
    read.clear()
    asks.places()
    press.publish(text("Ferry 9"))
    assert len(asks.places()) == 10
    assert read == [1]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE article SET updated_at = 1 << 62 WHERE id = 2",
        "UPDATE revision SET meta = '{' WHERE article_id = 2",
        "UPDATE revision SET body = x'00ff' WHERE article_id = 2",
    ],
)
async def test_bad_article_is_left_out_and_named(press, feeds, store, damage, caplog):
    """A row that cannot be told is left out of the feeds and named; the others are told."""
    for title in ("One", "Two", "Three"):
        press.publish(text(title))
    with store.writer() as connection:
        connection.exec_driver_sql(damage)
    assert titles(await feeds.fetch("all", "json")) == ["Three", "One"]
    assert titles(await feeds.fetch("rule/ferry", "json")) == []
    (line,) = feeds.left_out
    assert line.startswith("left out of feeds:")
    assert line in caplog.text
    press.publish(text("Four"))
    assert titles(await feeds.fetch("all", "json")) == ["Four", "Three", "One"]


async def test_broken_database_is_no_empty_feed(press, feeds, store):
    """Where the database itself fails, readers get an error and keep what they have."""
    press.publish(text("One"))
    with store.writer() as connection:
        connection.exec_driver_sql("ALTER TABLE revision RENAME TO elsewhere")
    with pytest.raises(OperationalError):
        await feeds.fetch("all", "json")


async def test_new_config(press, feeds):
    """A new config's questions are answered at once; those that did not change keep their bytes."""
    press.publish(text("Ferry runs"))
    press.publish(text("Snow falls"))
    kept = await feeds.fetch("rule/ferry", "json")
    assert await feeds.fetch("north", "json")
    feeds.take_over([RuleConfig("ferry", "ferry"), RuleConfig("snow", "snow")], [])
    assert await feeds.fetch("rule/ferry", "json") is not None
    assert (await feeds.fetch("rule/ferry", "json")) == kept
    assert titles(await feeds.fetch("rule/snow", "json")) == ["Snow falls"]
    assert await feeds.fetch("north", "json") is None
    feeds.take_over([RuleConfig("snow", "ferry")], [])
    assert titles(await feeds.fetch("rule/snow", "json")) == ["Ferry runs"]


async def test_readers_at_the_same_time(press, feeds):
    """Many readers at once get the same feed."""
    press.publish(text("Ferry runs"))
    kept = await asyncio.gather(*(feeds.fetch("rule/ferry", "rss") for _ in range(20)))
    assert all(one == kept[0] for one in kept)


def test_shelf_keeps_what_is_used():
    """A full shelf drops what was not used for longest, and never holds more than its room."""
    shelf: Shelf[str] = Shelf(10)
    for key in "abc":
        shelf.put(key, key.upper(), 3)
    assert shelf.get("a") == "A"
    shelf.put("d", "D", 3)
    assert [shelf.get(key) for key in "abcd"] == ["A", None, "C", "D"]
    shelf.put("a", "AA", 11)
    assert shelf.get("a") is None


async def test_a_dropped_article_leaves_every_feed(press, feeds, clock, store):
    """Also one that a search remembers; nothing is said to be missing, and no feed breaks."""
    for title in ("Ferry runs", "Ferry waits"):
        guid = press.publish(text(title))
    for address in ("all", "rule/ferry"):
        assert titles(await feeds.fetch(address, "json")) == ["Ferry waits", "Ferry runs"]
    store.write(lambda connection: bury(connection, find(connection, guid), "a wish", clock.now))
    clock.now += timedelta(minutes=2)
    for address in ("all", "rule/ferry"):
        assert titles(await feeds.fetch(address, "json")) == ["Ferry runs"]
    assert feeds.left_out == []
