"""Deciding about an article that was read again: other bytes, the same news. And what a million articles take."""

from __future__ import annotations

import random
import statistics
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.figure import Figure, cpu_ms
from storage.articles import Articles
from storage.furniture import KnownFurniture
from storage.identity import address_key, same_text
from storage.model.articles import Article, When
from storage.model.looking import SourceConfig
from storage.schema.articles import address, listed
from storage.sightings import Sighting
from storage.sources import take_over
from storage.store import Store, open_store
from storage.stories import place, unplaced

ARTICLES, TOGETHER, RUNS = 1_000, 50, 5
PARAGRAPHS, WORDS = 10, 45
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MILLION = 1_000_000


def run() -> list[Figure]:
    chance = random.Random(7)
    articles = list(_articles(chance))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.db"
        store = open_store(f"sqlite:///{path}", migrate=True)
        try:
            empty = _bytes(store, path)
            _save(store, articles)
            _place(store)
            stored = _bytes(store, path) - empty
            again = [_again(chance, article) for article in articles]
            furniture = KnownFurniture(lambda: NOW)
            decided = [cpu_ms(lambda: _decide(store, furniture, again)) / ARTICLES for _ in range(RUNS)]
            floor = [cpu_ms(lambda: _compare(articles, again)) / ARTICLES for _ in range(RUNS)]
        finally:
            store.close()
    words = sum(len(one.body.split()) for one in articles) / ARTICLES
    return [
        Figure(
            "deciding about an article that was read again",
            statistics.median(decided),
            "ms",
            bar=2.0,
            bar_in_unit=True,
            floor=statistics.median(floor),
            note="floor: comparing the two texts; the save is with it",
        ),
        Figure(
            "a million articles, without the bytes",
            stored / ARTICLES * MILLION / 1e9,
            "GB",
            bar=6.0,
            note=f"by {ARTICLES:,} of {words:.0f} words with HTML, bands and indexes",
        ),
    ]


def _articles(chance: random.Random) -> list[Article]:
    vocabulary = ["".join(chance.choices("abcdefghiklmnoprstu", k=chance.randint(2, 9))) for _ in range(5_000)]
    made = []
    for number in range(ARTICLES):
        paragraphs = [" ".join(chance.choices(vocabulary, k=WORDS)).capitalize() + "." for _ in range(PARAGRAPHS)]
        paragraphs.append("Follow the Gazette on all channels.")
        html = "".join(f"<p>{one}</p>" for one in paragraphs)
        when = When(NOW - timedelta(minutes=number), "minute", "+09:00")
        title = " ".join(chance.choices(vocabulary, k=8)).capitalize()
        made.append(Article(title, "\n\n".join(paragraphs), html, when, language="en", authors=("A. B.",)))
    return made


def _again(chance: random.Random, article: Article) -> Article:
    """The page as it is served an hour later: a counter, a clock, and a line of the site's in another place."""
    *paragraphs, foot = article.body.split("\n\n")
    views = f"{chance.randint(1, 99_999):,} views"
    return replace(article, body="\n\n".join([views, *paragraphs[:3], foot, *paragraphs[3:], foot, "3 hours ago"]))


def _save(store: Store, articles: list[Article]) -> None:
    urls = [f"http://one.example/news/2026/03/01/{number}-a-headline-in-the-address" for number in range(ARTICLES)]
    with store.writer() as connection:
        take_over(connection, [SourceConfig("one", "http://one.example/")], NOW)
        found = {"source_id": 1, "host": "one.example", "history": False, "first_seen_at": NOW}
        connection.execute(address.insert(), [found | {"key": address_key(url), "url": url} for url in urls])
        rows = [
            {"listing_id": 1, "address_id": at, "said": b"12345678", "last_seen_at": NOW}
            for at in range(1, ARTICLES + 1)
        ]
        connection.execute(listed.insert(), rows)
    for start in range(0, ARTICLES, TOGETHER):
        some = enumerate(articles[start : start + TOGETHER], start + 1)
        with store.writer() as connection:
            Articles().save_all(connection, [Sighting(number, one) for number, one in some], NOW)


def _place(store: Store) -> None:
    while True:
        with store.reader() as connection:
            found = unplaced(connection, TOGETHER)
        if not found:
            return
        with store.writer() as connection:
            place(connection, found)


def _decide(store: Store, furniture: KnownFurniture, again: list[Article]) -> None:
    """As a walk does it: what is known, whether it differs, whether the site alone made the difference; then save."""
    articles, sightings = Articles(), []
    for number, article in enumerate(again, 1):
        with store.reader() as connection:
            known = articles.known(connection, number)
        assert known.current is not None
        before = known.current.article
        if not same_text(before, article):
            with store.reader() as connection:
                assert furniture.of(connection, 1).explains(before, article)
            article = replace(article, title=before.title, body=before.body)
        assert same_text(before, article) and known.stays_with(article)
        sightings.append(Sighting(number, article, (), None, known.number, known.fingerprint, may_write=False))
    for start in range(0, ARTICLES, TOGETHER):
        with store.writer() as connection:
            articles.save_all(connection, sightings[start : start + TOGETHER], NOW)


def _compare(articles: list[Article], again: list[Article]) -> None:
    for one, other in zip(articles, again, strict=True):
        same_text(one, other)


def _bytes(store: Store, path: Path) -> int:
    """What the database takes: all of its pages that are in use."""
    with store.writer() as connection:
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size
