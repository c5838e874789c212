"""Each revision is bound to the one before it, with all that it says and all that was served."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa

from storage.capture import Capture, captures_from, captures_json
from storage.chain import canonical, link, record, text_of
from storage.diff import diff
from storage.schema.articles import article, revision, revision_snapshot
from storage.sightings import Sighting
from tests.storage.watch import GAZETTE, MINUTE, START, Watch, report
from tests.storage.watch import link as listed

AT = datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=UTC)
SERVED = Capture(
    asked="https://gazette.example/one",
    url="https://gazette.example/one/",
    status=200,
    headers=(("Content-Type", "text/html"), ("X-Odd", 'caf\xe9 "\x85" \U0001f600')),
    at=AT,
    snapshot="ab" * 32,
)
ROW: dict[str, Any] = {
    "number": 1,
    "seen_at": AT,
    "title": "Ships",
    "body": "Seven ships.",
    "html": "<p>Seven ships.</p>",
    "published": None,
    "language": "en",
    "meta": "{}",
    "fingerprint": b"\x01" * 16,
    "snapshot": "ab" * 32,
    "capture": captures_json([SERVED]),
}


def test_what_was_served_comes_back_as_it_was() -> None:
    """Any byte of a header, in its place, and the time to the microsecond."""
    text = captures_json([SERVED, SERVED])
    assert captures_from(text) == (SERVED, SERVED) and text.isascii()
    assert captures_from("") == ()


@pytest.mark.parametrize("text", ["{}x", '{"a":1}', '[{"url":"x"}]', "[1]", "[" * 100_000])
def test_what_is_no_capture_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        captures_from(text)


@pytest.mark.parametrize(
    "changed",
    [
        {"number": 2},
        {"seen_at": AT.replace(microsecond=8)},
        {"title": "Ships."},
        {"body": "Seven  ships."},
        {"html": "<p>Seven ships. </p>"},
        {"published": AT},
        {"language": "de"},
        {"meta": '{"section":"Harbour"}'},
        {"meta": "not JSON"},
        {"fingerprint": b"\x02" * 16},
        {"snapshot": "cd" * 32},
        {"capture": captures_json([SERVED, SERVED])},
        {"capture": ""},
    ],
)
def test_a_link_covers_every_column(changed: dict[str, Any]) -> None:
    first = link(None, record("guid", ROW))
    assert link(None, record("guid", ROW | changed)) != first
    assert len(first) == 32 and first not in (link(b"\x00", record("guid", ROW)), link(None, record("other", ROW)))


def test_a_link_can_be_followed_with_a_standard_library() -> None:
    """As the verifier does: JSON with sorted keys and no spaces, SHA-256."""
    covered = json.loads(canonical(record("guid", ROW)))
    assert covered["text_sha256"] == sha256(b"Ships\n\nSeven ships.").hexdigest()
    by_hand = json.dumps({"previous": "07", "record": covered}, sort_keys=True, separators=(",", ":"))
    assert link(b"\x07", record("guid", ROW)) == sha256(by_hand.encode()).digest()
    assert text_of("\ud800", "") == b"\xed\xa0\x80\n\n", "a lone surrogate is a byte sequence, and no error"


def sighted(watch: Watch, address_id: int, words: str, *captures: Capture) -> None:
    with watch.store.reader() as connection:
        known = watch.articles.known(connection, address_id)
    text = report("one", words)
    made = diff(known.current.article, text) if known.current else None
    sighting = Sighting(address_id, text, captures, made, known.number)
    watch.store.write(lambda connection: watch.articles.save(connection, sighting, watch.now))


def test_the_store_chains_an_article_s_revisions(watch: Watch) -> None:
    """Over three revisions, the second of two pages and the third of none; each page's bytes are named."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [listed("one")])
    at = watch.address("one").id
    further = Capture("https://gazette.example/one/2", "https://gazette.example/one/2", 200, (), AT, "cd" * 32)
    for words, captures in (("all is well", (SERVED,)), ("all is ill", (SERVED, further)), ("nothing is", ())):
        sighted(watch.later(MINUTE), at, words, *captures)
    (guid,) = watch.rows(sa.select(article.c.guid))
    rows = watch.rows(sa.select(revision).order_by(revision.c.number))
    previous = None
    for row in rows:
        assert row.chain == link(previous, record(guid.guid, row._mapping))
        previous = row.chain
    assert [len(captures_from(row.capture)) for row in rows] == [1, 2, 0]
    assert [row.snapshot for row in rows] == ["ab" * 32, "ab" * 32, ""]
    named = watch.rows(sa.select(revision_snapshot).order_by(revision_snapshot.c.revision_id, revision_snapshot.c.hash))
    assert [(row.revision_id, row.hash[:2]) for row in named] == [
        (rows[0].id, "ab"),
        (rows[1].id, "ab"),
        (rows[1].id, "cd"),
    ]


def test_a_chain_begins_where_older_revisions_have_none(watch: Watch) -> None:
    """What was stored before there was a chain stays as it is."""
    watch.config(GAZETTE)
    (claim,) = watch.claim()
    watch.listed(claim, claim.listings[0], [listed("one")])
    at = watch.address("one").id
    sighted(watch.later(MINUTE), at, "all is well", SERVED)
    watch.store.write(lambda connection: connection.execute(sa.update(revision).values(chain=None, capture="")))
    sighted(watch.later(MINUTE), at, "all is ill", SERVED)
    older, newer = watch.rows(sa.select(revision).order_by(revision.c.number))
    (guid,) = watch.rows(sa.select(article.c.guid))
    assert older.chain is None and newer.chain == link(None, record(guid.guid, newer._mapping))
    assert newer.seen_at > START
