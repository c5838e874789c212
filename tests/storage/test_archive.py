"""Scenarios: what readers are told of what the archive holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.archive import Archive, Place
from storage.model.articles import Article, ChangeKind
from storage.model.looking import SourceState
from storage.watched import HourOfLooks
from tests.press import BEGAN, Press


@pytest.fixture
def press(store):
    return Press(store)


@pytest.fixture
def archive(store):
    return Archive(store)


def text(title="Ferry to run all winter", body="The council met on Sunday and agreed."):
    return Article(title=title, body=body)


def titles(articles):
    return [one.article.title for one in articles]


def test_newest_first_by_first_sight(press, archive):
    """An article keeps its place in the order of first sight when it is edited."""
    first = press.publish(text("One"))
    press.publish(text("Two"))
    press.edit(first, title="One, corrected")
    assert titles(archive.newest()) == ["Two", "One, corrected"]


def test_articles_seen_at_the_same_moment_have_one_order(press, archive):
    """Whoever pages through the archive meets each article once, also where many were seen at once."""
    for number in range(7):
        press.publish(text(str(number)), at=BEGAN)
    pages, before = [], None
    while page := archive.places(before=before, limit=3):
        pages += page
        before = page[-1]
    assert pages == archive.places(limit=100)
    assert len(set(pages)) == 7


def test_articles_of_sources(press, archive):
    """An article that several of the sources list is given once, and each source's articles stay in order."""
    shared = press.publish(text("Shared"), "Gazette")
    press.publish(text("Post only"), "Post")
    press.publish(text("Elsewhere"), "Herald")
    press.attach(shared, "Post")
    assert titles(archive.newest(sources=["Gazette", "Post"])) == ["Post only", "Shared"]
    assert titles(archive.newest(sources=["Gazette"])) == ["Shared"]
    assert archive.newest(sources=["Nobody"]) == []
    assert archive.newest(sources=["Post"])[1].sources == ("Gazette", "Post")


def test_first_source_is_named_first(press, archive):
    """The source that an article was first seen at leads, whatever the names."""
    guid = press.publish(text(), "Zeitung")
    press.attach(guid, "Abend")
    assert archive.newest()[0].sources == ("Zeitung", "Abend")


def test_changes_to_what_was_there(press, archive):
    """Edits and removals are told newest first, with their diff; what was only added is not among them."""
    one, two = press.publish(text("One")), press.publish(text("Two"))
    press.edit(one, body="The council met on Monday and agreed.")
    press.remove(two)
    removed, edited = archive.changes()
    assert (removed.kind, removed.guid, removed.after) == (ChangeKind.REMOVED, two, None)
    assert (edited.kind, edited.guid) == (ChangeKind.EDITED, one)
    assert ("-", "Sunday") in edited.diff.body
    assert archive.changes(limit=1) == [removed]


def test_biography(press, archive):
    """An article is told with every revision from the first on and every change from the newest back."""
    guid = press.publish(text("One"))
    press.edit(guid, title="Two")
    press.remove(guid)
    told = archive.biography(guid)
    assert [one.article.title for one in told.revisions] == ["One", "Two"]
    assert [one.kind for one in told.changes] == ["removed", "edited", "added"]
    assert told.newest.number == 2
    assert told.newest.removed_at == press.clock
    assert archive.biography("no such guid") is None


def test_version_differs_after_each_change(press, archive):
    """Whatever is published, edited or removed gives another version; reading gives none."""
    versions = [archive.version()]
    guid = press.publish(text())
    versions.append(archive.version())
    press.edit(guid, title="Two")
    versions.append(archive.version())
    press.remove(guid)
    versions.append(archive.version())
    archive.newest()
    assert len(set(versions)) == 4
    assert archive.version() == versions[-1]


def test_version_tells_a_change_that_came_late(press, archive, store):
    """A change that is written after one with a higher id, as PostgreSQL allows, gives another version as well."""
    guid = press.publish(text())
    with store.writer() as connection:
        connection.exec_driver_sql("UPDATE change SET id = 10")
    before = archive.version()
    press.edit(guid, title="Two")
    with store.writer() as connection:
        connection.exec_driver_sql("UPDATE change SET id = 9 WHERE id = 11")
    assert archive.version() != before


def test_marks_tell_an_attached_source(press, archive):
    """A further source of an article is no change of it, but it would be shown differently."""
    guid = press.publish(text())
    ids = [archive.newest()[0].place.id]
    before = archive.marks(ids)
    assert archive.marks(ids) == before
    press.attach(guid, "Post")
    assert archive.marks(ids) != before


def test_sources_in_their_state(press, archive):
    """A source is told with its state, its articles, its planned look and 48 hours of looks."""
    press.source("Gazette", state="down", message="unreachable: refused")
    press.publish(text())
    hour = BEGAN.replace(minute=0)
    press.looks("Gazette", hour, unchanged=3, unreachable=1, new=1)
    press.looks("Gazette", hour - timedelta(hours=60), unchanged=9)
    (told,) = archive.sources(BEGAN + timedelta(minutes=30))
    assert (told.state, told.message, told.articles) == (SourceState.DOWN, "unreachable: refused", 1)
    assert told.next_look == BEGAN + timedelta(minutes=10)
    assert told.hours == (HourOfLooks(hour, well=4, faults=1),)


def test_retired_source_is_not_watched(press, archive):
    """A source that left the config is no longer told of, but its articles and its feed stay."""
    press.source("Gazette", retired_at=BEGAN)
    press.publish(text())
    assert archive.sources(BEGAN) == []
    assert archive.source_names() == []
    assert archive.knows_source("Gazette")
    assert len(archive.newest(sources=["Gazette"])) == 1


def test_status(press, archive):
    """`status` counts everything, and names what there is none of as well."""
    guid = press.publish(text())
    press.edit(guid, title="Two")
    assert archive.status(BEGAN) == {
        "sources": [
            {
                "name": "Gazette",
                "state": "ok",
                "since": "2026-11-08T06:00:00Z",
                "last_look": "2026-11-08T06:00:00Z",
                "next_look": "2026-11-08T06:10:00Z",
                "articles": 1,
                "message": "",
                "dropped": {"looks": 0, "host": "gazette.example", "delay_s": 0.0},
                "layouts": [],
            }
        ],
        "articles": 1,
        "addresses": 1,
        "revisions": 2,
        "changes": {"added": 1, "edited": 1, "removed": 0, "restored": 0},
        "alerts": 0,
        "deliveries": {"open": 0, "pending": 0, "sent": 0, "paused": 0, "given up": 0, "dropped": 0},
    }


def test_changes_after_a_mark(press, archive):
    """Whoever remembers a change's id hears of what came later, with those that may have come late."""
    one = press.publish(text("One"))
    (first, place), *_ = archive.changed_after(0, limit=10)
    press.publish(text("Two"))
    press.edit(one, title="One again")
    told = archive.changed_after(first, limit=10)
    assert [change_id for change_id, _ in told] == [first + 2, first + 1, first]
    assert told[0][1] == place == Place(BEGAN + timedelta(minutes=1), place.id)
