"""Articles that may be of one story, found among a million, against the bare read of as many ranges of the index."""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
from pathlib import Path

from bench.figure import Figure, cpu_ms
from storage.minhash import LEAD_BANDS, WHOLE_BANDS
from storage.store import Store, open_store
from storage.stories import MOST_OF_A_BAND, candidates

STORED, ASKED, RUNS = 1_000_000, 300, 5
BANDS = WHOLE_BANDS + LEAD_BANDS
FURNITURE = 50_000  # articles that share a band with each text that is asked for: the foot of a site


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.db"
        store = open_store(f"sqlite:///{path}", migrate=True)
        try:
            _fill(path)
            return [_found(store, path)]
        finally:
            store.close()


def _fill(path: Path) -> None:
    """The bands of a million articles, with keys as scattered as hashes are, written in order by SQLite itself."""
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("PRAGMA temp_store = MEMORY")
    raw.execute(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) "
        "INSERT INTO band (key, article_id) SELECT random() AS key, 1 + i / ? FROM n ORDER BY 1",
        (STORED * BANDS, BANDS),
    )
    raw.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO band (key, article_id) SELECT 7, i FROM n",
        (FURNITURE,),
    )
    raw.commit()
    raw.close()


def _found(store: Store, path: Path) -> Figure:
    chance = random.Random(7)
    raw = sqlite3.connect(path)
    asked = [[7, *(_stored_key(raw, chance) for _ in range(BANDS - 1))] for _ in range(ASKED)]
    query = "SELECT article_id FROM band WHERE key = ? ORDER BY article_id DESC LIMIT ?"
    ours, floor = [], []
    with store.reader() as connection:
        for _ in range(RUNS):
            ours.append(cpu_ms(lambda: [candidates(connection, keys) for keys in asked]) / ASKED)
            floor.append(
                cpu_ms(lambda: [raw.execute(query, (key, MOST_OF_A_BAND)).fetchall() for keys in asked for key in keys])
                / ASKED
            )
    raw.close()
    return Figure(
        "finding candidates of a story at 1M articles",
        statistics.median(ours),
        "ms",
        bar=1.0,
        bar_in_unit=True,
        floor=statistics.median(floor),
        note="floor: sqlite3, one statement a band",
    )


def _stored_key(raw: sqlite3.Connection, chance: random.Random) -> int:
    """A key that stands there: each band of the text is shared with some other article."""
    at = chance.randint(-(2**62), 2**62)
    return int(raw.execute("SELECT key FROM band WHERE key >= ? ORDER BY key LIMIT 1", (at,)).fetchone()[0])
