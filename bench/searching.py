"""The first page of a search in a made-up archive, against the bare FTS5 MATCH of its newest fifty.

DATELINE_BENCH_ARTICLES sets how many articles, 100,000 if not given: a million take half an hour to make.
"""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.figure import Figure, median_cpu_ms
from scheduler.query.grammar import parse
from scheduler.searching import Asked, search
from storage import search as index
from storage.archive import Archive
from storage.model.looking import SourceConfig
from storage.narrowing import narrow
from storage.schema.articles import address, article, article_source, revision
from storage.sources import take_over
from storage.store import Store, open_store

STORED = int(os.environ.get("DATELINE_BENCH_ARTICLES", "100000"))
NOW = datetime(2026, 11, 1, tzinfo=UTC)
QUERIES = {
    "a rare word": "quibblethwaite",
    "a common word": "w1",
    "a phrase": '"w1 w2"',
    "two words": "w40 w90",
    "a CJK word": "北京",
    "NOT": "w30 NOT w90",
}
TOGETHER = 1000


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.db"
        store = open_store(f"sqlite:///{path}", migrate=True)
        try:
            _fill(store)
            return list(_figures(store, path))
        finally:
            store.close()


def _figures(store: Store, path: Path) -> Iterator[Figure]:
    raw, archive = sqlite3.connect(path), Archive(store)
    floor = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT 50"
    size = sum(row[0] for row in raw.execute("SELECT length(block) FROM search_data"))
    for name, query in QUERIES.items():
        wanted = narrow(parse(query))
        assert wanted is not None
        expression = index.as_fts5(wanted)
        yield Figure(
            f"search for {name} among {STORED:,}",
            median_cpu_ms(lambda query=query: search(archive, Asked(query))),
            "ms",
            bar=100.0,
            bar_in_unit=True,
            floor=median_cpu_ms(lambda expression=expression: raw.execute(floor, (expression,)).fetchall()),
            note=f"floor: FTS5 alone, the newest 50; index {size / STORED:.0f} bytes an article",
        )
    raw.close()


def _fill(store: Store) -> None:
    """Articles of 150 words, drawn as words are: the n-th a n-th as often as the first."""
    chance = random.Random(7)
    vocabulary = [f"w{number}" for number in range(1, 20_001)]
    weights = [1 / number for number in range(1, 20_001)]
    with store.writer() as connection:
        take_over(connection, [SourceConfig("one", "http://one.example/")], NOW)
    for start in range(1, STORED + 1, TOGETHER):
        numbers = range(start, min(start + TOGETHER, STORED + 1))
        with store.writer() as connection:
            _write(connection, numbers, vocabulary, weights, chance)
        while True:
            with store.reader() as reading:
                entries = index.next_entries(reading, 200)
            if not entries:
                break
            with store.writer() as connection:
                index.put(connection, entries)


def _write(connection: Any, numbers: range, vocabulary: list[str], weights: list[float], chance: random.Random) -> None:
    seen = {one: NOW + timedelta(seconds=one) for one in numbers}
    known = {"source_id": 1, "history": True}
    connection.execute(
        article.insert(),
        [
            known
            | {"id": one, "guid": str(UUID(int=one)), "lead_id": one, "number": 1}
            | {"first_seen_at": seen[one], "updated_at": seen[one]}
            for one in numbers
        ],
    )
    connection.execute(
        address.insert(),
        [
            known
            | {"id": one, "key": one.to_bytes(16), "url": f"http://one.example/{one}", "host": "one.example"}
            | {"article_id": one, "first_seen_at": seen[one]}
            for one in numbers
        ],
    )
    connection.execute(
        article_source.insert(), [{"source_id": 1, "article_id": one, "first_seen_at": seen[one]} for one in numbers]
    )
    texts = {one: " ".join(chance.choices(vocabulary, weights, k=150)) for one in numbers}
    for one in numbers:
        texts[one] += " quibblethwaite" * (one % 50_000 == 7) + " 他在北京市说" * (one % 100 == 7)
    connection.execute(
        revision.insert(),
        [
            {"article_id": one, "number": 1, "address_id": one, "seen_at": seen[one], "fingerprint": one.to_bytes(16)}
            | {"title": f"Article {one}", "body": texts[one], "html": b"", "meta": "{}"}
            for one in numbers
        ],
    )
