"""Saving articles and their edits, 50 a transaction, against raw sqlite3 writing the very same rows."""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.figure import Figure, cpu_ms
from storage.articles import Articles
from storage.diff import diff
from storage.identity import address_key, fingerprint
from storage.model.articles import Article, When
from storage.model.looking import SourceConfig
from storage.schema.articles import address, listed
from storage.sightings import Sighting
from storage.sources import take_over
from storage.store import Store, open_store

ARTICLES, TOGETHER, RUNS = 600, 50, 5
NOW = datetime(2026, 3, 1, tzinfo=UTC)
# In the order in which their foreign keys allow it.
INSERTED = ("article", "revision", "change", "article_source")


def run() -> list[Figure]:
    sightings = list(_sightings())
    saved, raw = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(RUNS):  # by turns, so that a slow minute of the machine meets both
            rows = Path(folder) / f"{number}.db"
            saved.append(_save(rows, sightings))
            raw.append(_write_raw(rows, Path(folder) / f"{number}-raw.db"))
    each = 2 * ARTICLES
    return [
        Figure(
            "saving, an article or an edit",
            statistics.median(saved) / each,
            "ms",
            bar=7.0,  # 4 until each revision had its HTML packed and its hash in a chain
            floor=statistics.median(raw) / each,
            note="floor: sqlite3 executemany of the same rows",
        )
    ]


def _sightings() -> Iterator[Sighting]:
    """First every article as it was found, then every one edited: some 500 words each."""
    words = random.Random(7)
    vocabulary = ["".join(words.choices("abcdefghiklmnoprstu", k=words.randint(2, 9))) for _ in range(3000)]

    def paragraphs() -> list[str]:
        return [" ".join(words.choices(vocabulary, k=50)) + "." for _ in range(10)]

    def made(title: str, body: list[str]) -> Article:
        html = "".join(f"<p>{text}</p>" for text in body)
        return Article(title, "\n\n".join(body), html, When(NOW, "minute", "+09:00"), language="en", authors=("A. B.",))

    found = [made(f"Article {number}", paragraphs()) for number in range(ARTICLES)]
    for number, article in enumerate(found, 1):
        yield Sighting(number, article, fingerprint=fingerprint(article))
    for number, article in enumerate(found, 1):
        edited = replace(article, body=f"{article.body} And more.")
        yield Sighting(number, edited, (), diff(article, edited), 1, fingerprint(edited))


def _prepared(path: Path) -> Store:
    store = open_store(f"sqlite:///{path}", migrate=True)
    with store.writer() as connection:
        take_over(connection, [SourceConfig("one", "http://one.example/")], NOW)
        found = {"source_id": 1, "host": "one.example", "history": False, "first_seen_at": NOW}
        urls = [f"http://one.example/{number}" for number in range(ARTICLES)]
        connection.execute(address.insert(), [found | {"key": address_key(url), "url": url} for url in urls])
        connection.execute(
            listed.insert(),
            [
                {"listing_id": 1, "address_id": number, "said": b"", "last_seen_at": NOW}
                for number in range(1, ARTICLES + 1)
            ],
        )
    return store


def _batches(of: list[Sighting]) -> Iterable[list[Sighting]]:
    return (of[start : start + TOGETHER] for start in range(0, len(of), TOGETHER))


def _save(path: Path, sightings: list[Sighting]) -> float:
    store, articles = _prepared(path), Articles()

    def save() -> None:
        for batch in _batches(sightings):
            with store.writer() as connection:
                assert all(one.change_id for one in articles.save_all(connection, batch, NOW))

    try:
        return cpu_ms(save)
    finally:
        store.close()


def _write_raw(rows: Path, path: Path) -> float:
    """The same rows, ready made, into a database of the same schema with the same durability."""
    with sqlite3.connect(rows) as written:
        tables = {name: written.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in INSERTED}
        places = written.execute("SELECT article_id, id FROM address").fetchall()
    written.close()
    _prepared(path).close()
    half = {"article": ARTICLES, "revision": ARTICLES, "change": ARTICLES, "article_source": ARTICLES}
    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        raw.execute(f"PRAGMA {pragma}")
    inserts = {name: f"INSERT INTO {name} VALUES ({', '.join('?' * len(tables[name][0]))})" for name in INSERTED}

    def write() -> None:
        for start in range(0, ARTICLES, TOGETHER):
            raw.execute("BEGIN IMMEDIATE")
            for name in INSERTED:
                raw.executemany(inserts[name], tables[name][start : start + TOGETHER])
            raw.executemany(
                "UPDATE address SET article_id = ?, revision_number = 1 WHERE id = ?", places[start : start + TOGETHER]
            )
            raw.execute("COMMIT")
        for start in range(0, ARTICLES, TOGETHER):
            raw.execute("BEGIN IMMEDIATE")
            for name in ("revision", "change"):
                later = start + half[name]
                raw.executemany(inserts[name], tables[name][later : later + TOGETHER])
            edited = [(one,) for one, _ in places[start : start + TOGETHER]]
            raw.executemany("UPDATE article SET number = 2, updated_at = 0 WHERE id = ?", edited)
            raw.executemany("UPDATE address SET revision_number = 2 WHERE article_id = ?", edited)
            raw.execute("COMMIT")

    try:
        return cpu_ms(write)
    finally:
        raw.close()
