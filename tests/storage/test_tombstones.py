"""What a person dropped is gone with all that told of it, and never comes back as news."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import tombstones
from storage.capture import Capture
from storage.finding import NoSuchArticle, find
from storage.model.looking import Outcome
from storage.schema.articles import address, article, change, revision, revision_snapshot, tombstone, tombstone_text
from storage.schema.telling import alert, delivery, metadata
from storage.sightings import Sighting
from storage.snapshots import Snapshots
from storage.tombstones import Buried
from tests.storage.desk import Desk
from tests.storage.watch import DAY, GAZETTE, HERALD, HOUR, MINUTE, START, Watch, link, report

NAME = "https://gazette.example/{}"


def drop(watch: Watch, name: str, reason: str = "a wish") -> Buried:
    def write(connection: sa.Connection) -> Buried:
        return tombstones.bury(connection, find(connection, NAME.format(name)), reason, watch.now)

    return watch.store.write(write)


def count(watch: Watch, table: sa.Table) -> int:
    return len(watch.rows(sa.select(table)))


def is_sound(watch: Watch) -> bool:
    """No row names one that is not there."""
    with watch.store.reader() as connection:
        return connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.fixture
def gazette(watch: Watch) -> Watch:
    """It has listed one and two, and both were read."""
    watch.config(GAZETTE)
    watch.round()
    watch.later(15 * MINUTE).round([link("one"), link("two")])
    return watch


def test_what_is_dropped_is_gone_but_for_its_tombstone(gazette: Watch) -> None:
    gazette.later(15 * MINUTE).round([link("one"), link("two")], words="everybody complained")
    chain = gazette.rows(sa.select(revision.c.chain).order_by(revision.c.number.desc(), revision.c.id))[0].chain
    assert (count(gazette, article), count(gazette, revision), count(gazette, change)) == (2, 4, 4)
    drop(gazette, "one")
    assert (count(gazette, article), count(gazette, revision), count(gazette, change)) == (1, 2, 2)
    (stone,) = gazette.rows(sa.select(tombstone))
    assert (stone.chain, stone.revisions, stone.reason, stone.dropped_at) == (chain, 2, "a wish", gazette.now)
    assert count(gazette, tombstone_text) == 2
    place = gazette.address("one")
    assert (place.article_id, place.next_look_at, place.listed_title) == (None, None, "")
    assert is_sound(gazette)
    with gazette.store.reader() as connection:
        for asked in (NAME.format("one"), stone.guid):
            with pytest.raises(NoSuchArticle, match="dropped on 2026-03-01 12:30 UTC: a wish"):
                find(connection, asked)


def test_its_address_is_never_looked_at_again(gazette: Watch) -> None:
    """Whatever a listing comes to say of it, also another source's, and also after days."""
    gazette.config(GAZETTE, HERALD)
    drop(gazette, "one")
    gazette.later(15 * MINUTE)
    looked_at = gazette.round([link("one", "Another title"), link("two"), link("one?utm_source=x", "A third")])
    assert NAME.format("one") not in looked_at and HERALD.url in looked_at
    gazette.pass_by(2 * DAY, step=timedelta(hours=4), links=[link("one", "A fourth title"), link("two")])
    assert gazette.address("one").looks == 1 and gazette.address("one").next_look_at is None
    assert count(gazette, article) == 1 and is_sound(gazette)


@pytest.mark.parametrize("again", ["first", "edited"])
def test_its_texts_are_never_new_again(gazette: Watch, again: str) -> None:
    """At whatever address they come to stand, in any of its revisions; that address is not looked at again either."""
    words = {"first": "nobody complained", "edited": "everybody complained"}
    gazette.later(15 * MINUTE).round([link("one"), link("two")], words=words["edited"])
    drop(gazette, "one")
    before = gazette.changes()
    text = report("one", words[again])
    gazette.later(15 * MINUTE).round([link("moved")], says=lambda name: text)
    place = gazette.address("moved")
    assert (place.article_id, place.next_look_at, place.looks) == (None, None, 1) and place.tombstone_id is not None
    assert gazette.changes() == before and count(gazette, article) == 1
    assert NAME.format("moved") not in gazette.later(DAY).round([link("moved", "Title anew")])


def test_another_text_is_news_as_ever(gazette: Watch) -> None:
    drop(gazette, "one")
    gazette.later(15 * MINUTE).round([link("three")])
    assert gazette.changes()[-1] == ("added", False) and count(gazette, article) == 2


def test_a_living_article_that_comes_to_show_a_dropped_text_stays_as_it_is(gazette: Watch) -> None:
    drop(gazette, "one")
    before = gazette.changes()
    dropped = report("one")
    gazette.later(15 * MINUTE).round([link("two")], says=lambda name: dropped)
    assert gazette.changes() == before and gazette.address("two").tombstone_id is None
    assert gazette.address("two").next_look_at is not None


def test_a_look_that_was_under_way_plans_no_other(gazette: Watch) -> None:
    """The worker has the address in its hands while a person drops its article."""
    gazette.later(HOUR)
    (claim,) = gazette.claim()
    one, two = sorted(claim.addresses, key=lambda due: due.url)
    drop(gazette, "one")
    gazette.read(claim, one, report("one", "everybody complained"))
    gazette.unchanged((claim, one))
    gazette.failed(claim, one, Outcome.NOT_FOUND, "404")
    gazette.unchanged((claim, two))
    gazette.release(claim)
    assert gazette.address("one").next_look_at is None and gazette.address("two").next_look_at is not None
    assert count(gazette, article) == 1


def test_nothing_is_kept_ready_for_what_is_dropped(gazette: Watch) -> None:
    """Its bytes are not even put on the disk."""
    drop(gazette, "one")
    sighting = Sighting(gazette.address("one").id, report("one", "everybody complained"))
    other = replace(sighting, address_id=gazette.address("two").id, article=report("one"))
    with gazette.store.reader() as connection:
        assert not gazette.articles.foresee(connection, sighting, gazette.now).revises
        assert not gazette.articles.foresee(connection, other, gazette.now).revises


def test_deliveries_of_it_are_not_made_and_those_of_others_are_made_anew(desk: Desk) -> None:
    """What was sent stays counted, without its bytes; nothing is sent twice for it."""
    desk.told_of()
    desk.sent()
    desk.raise_alerts(desk.publish(2))
    desk.close()
    both = desk.take()
    desk.told_of(channels=("hook",))
    with desk.watch.store.reader() as connection:
        told = tombstones.doomed(connection, find(connection, NAME.format("a3")))
    assert (told.alerts, told.untold, told.revisions, told.url) == (1, 1, 1, NAME.format("a3"))
    for name in ("a0", "a1", "a3"):
        drop(desk.watch, name)
    assert is_sound(desk.watch) and count(desk.watch, alert) == 1
    sent, gathered = desk.deliveries()
    assert (sent.state, sent.payload) == ("sent", None)
    assert (gathered.id, gathered.state, gathered.payload) == (both.delivery.id, "pending", None)
    due = desk.due()
    assert due is not None and [one.change.url for one in due.delivery.alerts] == [NAME.format("a2")]
    drop(desk.watch, "a2")
    assert [row.state for row in desk.deliveries()] == ["sent"] and desk.due() is None
    assert count(desk.watch, delivery) == 1 and desk.unmatched() == []


def test_bytes_go_with_it_where_no_other_revision_names_them(gazette: Watch, tmp_path: Path) -> None:
    """Written a moment ago, they are left to retention: a look under way may name the same."""
    snapshots = Snapshots(tmp_path / "snapshots")
    own, shared, fresh = (snapshots.keep(body) for body in (b"own", b"shared", b"fresh"))
    for digest in (own, shared):
        os.utime(tmp_path / "snapshots" / digest[:2] / f"{digest}.zst", (START.timestamp(), START.timestamp()))
    ids = {row.url: row.id for row in gazette.rows(sa.select(address.c.url, revision.c.id).join(revision))}
    rows = [(own, "one"), (shared, "one"), (fresh, "one"), (shared, "two")]
    values = [{"hash": digest, "revision_id": ids[NAME.format(name)]} for digest, name in rows]
    gazette.store.write(lambda connection: connection.execute(revision_snapshot.insert(), values))
    buried = drop(gazette, "one")
    assert (set(buried.unnamed), buried.shared) == ({own, fresh}, 1)
    os.utime(tmp_path / "snapshots" / fresh[:2] / f"{fresh}.zst", (gazette.now.timestamp(), gazette.now.timestamp()))
    assert tombstones.remove_files(snapshots, buried, gazette.now) == 1
    assert [snapshots.has(one) for one in (own, shared, fresh)] == [False, True, True]
    assert tombstones.remove_files(snapshots, buried, gazette.now + MINUTE * 20) == 0


def test_an_address_stays_known_whose_text_was_dropped_twice(gazette: Watch) -> None:
    """Two articles may have said the same once; the second tombstone knows it by the first."""
    gazette.later(15 * MINUTE).round([link("one"), link("two")], says=lambda name: report(name, "one and the same"))
    drop(gazette, "one")
    gazette.store.write(lambda connection: connection.execute(sa.update(revision).values(fingerprint=b"\x01" * 16)))
    gazette.store.write(
        lambda connection: connection.execute(tombstone_text.insert().values(fingerprint=b"\x01" * 16, tombstone_id=1))
    )
    drop(gazette, "two")
    assert count(gazette, tombstone) == 2 and is_sound(gazette)


def test_every_table_that_names_an_article_is_thought_of() -> None:
    """Whoever adds one has to say what becomes of its rows when an article is dropped."""
    naming = {
        table.name
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in ("article", "revision", "change", "alert")
    }
    assert naming == {
        *("address", "article_source", "revision", "revision_snapshot", "change", "alert", "delivery_alert")
    }


def test_captures_go_with_their_revisions(gazette: Watch) -> None:
    """Headers and addresses of what was served are nowhere afterwards."""
    (claim,) = gazette.later(15 * MINUTE).claim()
    gazette.listed(claim, claim.listings[0], [link("three")])
    gazette.release(claim)
    served = Capture("https://secret.example/", "https://secret.example/", 200, (("X", "y"),), START, "ab" * 32)
    sighting = Sighting(gazette.address("three").id, report("three"), (served,))
    gazette.store.write(lambda connection: gazette.articles.save(connection, sighting, gazette.now))
    assert drop(gazette, "three").unnamed == ("ab" * 32,)
    with gazette.store.reader() as connection:
        dump = str([connection.execute(sa.select(table)).all() for table in metadata.tables.values()])
    assert "secret.example" not in dump and "Title of three" not in dump
