"""A store of sightings, with two sources and a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import sqlalchemy as sa

from storage.articles import Articles
from storage.diff import diff
from storage.identity import address_key, host_of
from storage.model.articles import Article, When
from storage.model.looking import SourceConfig
from storage.schema.articles import address, article, change, listed, revision
from storage.schema.looking import host, listing, source
from storage.sightings import Known, Saved, Sighting
from storage.sources import take_over
from storage.store import Store, open_store
from tests.hasty import open_hasty

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = "\n\n".join(
    f"Paragraph {number} of the report says that the harbour office counted {number * 7} ships, that the wind "
    f"came from the north on day {number}, and that nobody complained about the {number + 2} lanterns."
    for number in range(1, 6)
)
REPORT = Article(
    title="Harbour counts its ships",
    body=BODY,
    html="<p>Paragraph</p>",
    published=When(datetime(2026, 3, 1, tzinfo=UTC), "day"),
    language="en",
)
EDITED = replace(REPORT, body=BODY.replace("nobody complained", "many complained"))
OTHER = Article(
    title="Orchard opens",
    body="\n\n".join(
        f"Row {number} of the orchard bears {number * 3} baskets of pears, which visitors may pick in week {number}, "
        f"if they bring gloves, a ladder of {number} steps and some patience for the gardener's stories."
        for number in range(1, 6)
    ),
)


@dataclass
class Archive:
    """A store with sources `one` and `two`, and a clock that each look moves on by an hour."""

    store: Store
    now: datetime = START
    articles: Articles = field(default_factory=Articles)

    def find(self, url: str, *, source_name: str = "one", history: bool = False) -> int:
        """Make an address as a listing look would."""
        with self.store.writer() as connection:
            row = connection.execute(
                sa.select(listing.c.id, listing.c.source_id).join(source).where(source.c.name == source_name)
            ).one()
            if not connection.execute(sa.select(host.c.name).where(host.c.name == host_of(url))).first():
                connection.execute(host.insert().values(name=host_of(url), next_allowed_at=START))
            address_id = connection.execute(
                address.insert()
                .values(
                    key=address_key(url),
                    url=url,
                    source_id=row.source_id,
                    host=host_of(url),
                    history=history,
                    first_seen_at=self.now,
                )
                .returning(address.c.id)
            ).scalar_one()
            self.list(address_id, row.id, connection)
        return int(address_id)

    def list(self, address_id: int, listing_id: int, connection: sa.Connection) -> None:
        connection.execute(
            listed.insert().values(address_id=address_id, listing_id=listing_id, said=b"", last_seen_at=self.now)
        )

    def known(self, address_id: int) -> Known:
        with self.store.reader() as connection:
            return self.articles.known(connection, address_id)

    def sighting(self, address_id: int, said: Article) -> Sighting:
        """As a look prepares it: the diff made against what is known before the write."""
        known = self.known(address_id)
        made = diff(known.current.article, said) if known.current and known.leads else None
        return Sighting(address_id, said, diff=made, expected=known.number)

    def save(self, sighting: Sighting) -> Saved:
        return self.store.write(lambda connection: self.articles.save(connection, sighting, self.now))

    def save_all(self, sightings: Sequence[Sighting]) -> Sequence[Saved]:
        return self.store.write(lambda connection: self.articles.save_all(connection, sightings, self.now))

    def look(self, address_id: int, said: Article) -> Saved:
        """A whole look: what is known, the diff, the save, and that the look was made."""
        self.now += HOUR
        saved = self.save(self.sighting(address_id, said))
        self.looked_at([address_id])
        return saved

    def looked_at(self, address_ids: Sequence[int]) -> None:
        with self.store.writer() as connection:
            connection.execute(address.update().where(address.c.id.in_(address_ids)).values(last_look_at=self.now))

    def picture(self) -> object:
        """All that was stored, but for ids and guids, which may be given in another order."""
        stands = self.rows(
            sa.select(address.c.id, address.c.revision_number, address.c.ahead_since, address.c.original_key)
            .add_columns(article.c.lead_id, article.c.number, article.c.updated_at, article.c.history)
            .outerjoin(article, article.c.id == address.c.article_id)
            .order_by(address.c.id)
        )
        told = self.rows(
            sa.select(article.c.lead_id, revision.c.number, revision.c.address_id, revision.c.body, change.c.diff)
            .add_columns(change.c.kind, change.c.cls, change.c.matched_at, revision.c.seen_at)
            .join(article, article.c.id == revision.c.article_id)
            .join(change, change.c.after_id == revision.c.id)
        )
        return stands, sorted(map(str, told))

    def rows(self, query: sa.Select[tuple[object, ...]]) -> list[sa.Row[tuple[object, ...]]]:
        with self.store.reader() as connection:
            return list(connection.execute(query).all())

    def counts(self) -> tuple[int, int, int]:
        """Articles, revisions, changes."""
        return tuple(  # type: ignore[return-value]
            self.rows(sa.select(sa.func.count()).select_from(table))[0][0] for table in (article, revision, change)
        )

    def place(self, address_id: int) -> sa.Row[tuple[object, ...]]:
        return self.rows(sa.select(address).where(address.c.id == address_id))[0]

    def kinds(self) -> list[tuple[str, str]]:
        return [(row.kind, row.cls) for row in self.rows(sa.select(change).order_by(change.c.id))]


def make_empty(folder: Path) -> Path:
    """A migrated database with the two sources, to be copied: migrating takes longer than most tests here."""
    path = folder / "d.db"
    store = open_store(f"sqlite:///{path}", migrate=True)
    with store.writer() as connection:
        take_over(connection, [SourceConfig(name, f"http://{name}.example/") for name in ("one", "two")], START)
    store.close()
    return path


@contextmanager
def opened(empty: Path, path: Path) -> Iterator[Archive]:
    store = open_hasty(f"sqlite:///{copyfile(empty, path)}")
    try:
        yield Archive(store)
    finally:
        store.close()


def copy_of(original: str, said: Article = REPORT) -> Article:
    return replace(said, original_url=original)
