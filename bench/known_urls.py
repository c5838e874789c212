"""Recognising the 50 URLs of a listing where a million addresses are stored, against the bare query."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.figure import Figure, cpu_ms
from storage.identity import address_key
from storage.links import known_among, take_links
from storage.model.looking import DueListing, Link, SourceConfig, Validators
from storage.sources import take_over
from storage.store import Store, open_store

STORED, LISTED, LISTINGS, RUNS = 1_000_000, 50, 40, 7
NOW = datetime(2026, 3, 1, tzinfo=UTC)
DUE = DueListing(
    id=1,
    source_id=1,
    source="one",
    url="http://one.example/",
    kind="html",
    site="",
    language="",
    timezone="",
    every=timedelta(minutes=15),
    validators=Validators(),
    failures=0,
)


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.db"
        store = open_store(f"sqlite:///{path}", migrate=True)
        try:
            with store.writer() as connection:
                take_over(connection, [SourceConfig("one", "http://one.example/")], NOW)
            _fill(path)
            return [_recognised(store, path)]
        finally:
            store.close()


def _fill(path: Path) -> None:
    """A million addresses with keys as scattered as hashes are, written by SQLite itself."""
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO address "
        "(key, url, source_id, host, history, first_seen_at, listed_title, listed_when, listed_summary, etag, "
        "last_modified, body_hash, looks, failures, fault) SELECT randomblob(16), 'http://one.example/old/' || i, 1, "
        "'one.example', 0, 0, '', '', '', '', '', x'', 1, 0, '' FROM n",
        (STORED,),
    )
    raw.commit()
    raw.close()


def _recognised(store: Store, path: Path) -> Figure:
    pages = [
        [Link(f"http://one.example/news/{page}/{number}", f"News {number}") for number in range(LISTED)]
        for page in range(LISTINGS)
    ]
    with store.writer() as connection:
        for page in pages:
            take_links(connection, DUE, page, history=False, now=NOW)
    raw = sqlite3.connect(path)
    query = f"SELECT id, key, article_id, host FROM address WHERE key IN ({', '.join('?' * LISTED)})"
    keys = [[address_key(link.url) for link in page] for page in pages]
    ours, floor = [], []
    with store.writer() as connection:
        for _ in range(RUNS):
            ours.append(cpu_ms(lambda: [_known(connection, page) for page in pages]) / LISTINGS)
            floor.append(cpu_ms(lambda: [raw.execute(query, some).fetchall() for some in keys]) / LISTINGS)
    raw.close()
    return Figure(
        f"{LISTED} known URLs among {STORED:,}",
        statistics.median(ours),
        "ms",
        bar=1.0,
        floor=statistics.median(floor),
        note="from URLs as listed to stored rows; floor: the bare query",
        bar_in_unit=True,
    )


def _known(connection: sa.Connection, page: list[Link]) -> None:
    keys = [address_key(link.url) for link in page]
    assert len(known_among(connection, DUE.id, keys)) == LISTED
