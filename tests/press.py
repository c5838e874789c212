"""A press that puts articles straight into the tables: for tests of what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from storage import mass
from storage.diff import diff
from storage.identity import address_key, fingerprint, host_of
from storage.model.articles import Article, ChangeKind
from storage.rows import article_from, article_values, classes_text, diff_json
from storage.schema.articles import address, article, article_source, change, revision
from storage.schema.looking import host, listing, look_count, source
from storage.store import Connection, Store

BEGAN = datetime(2026, 11, 8, 6, 0, tzinfo=UTC)


class Press:
    """Each article is seen a minute after the last, unless a test says when; what happens is `judged` at once, as the
    daemon does."""

    def __init__(self, store: Store, *, judged: bool = True) -> None:
        self.store, self.clock, self._count, self.judged = store, BEGAN, 0, judged

    def tick(self) -> datetime:
        self.clock += timedelta(minutes=1)
        return self.clock

    def source(self, name: str = "Gazette", **values: object) -> int:
        """The source's id; made, with one listing that is due in ten minutes, where it is not there yet."""
        url = f"https://{name.lower().replace(' ', '-')}.example/"
        row = {"name": name, "url": url, "every_s": 900, "enabled": True, "state": "ok", "state_since": BEGAN}
        with self.store.writer() as connection:
            if known := connection.execute(select(source.c.id).where(source.c.name == name)).scalar():
                return known
            made = connection.execute(
                source.insert().values(row | {"last_look_at": BEGAN} | values)
            ).inserted_primary_key
            connection.execute(host.insert().values(name=host_of(url), next_allowed_at=BEGAN))
            due = {"named_at": BEGAN, "next_look_at": BEGAN + timedelta(minutes=10)}
            connection.execute(
                listing.insert().values(source_id=made[0], url=url, host=host_of(url), history=True, **due)
            )
            return made[0]

    def publish(self, text: Article, where: str = "Gazette", at: datetime | None = None, url: str = "") -> str:
        """The guid of a new article."""
        source_id, at = self.source(where), at or self.tick()
        self._count += 1
        guid = str(UUID(int=self._count, version=4))
        with self.store.writer() as connection:
            url = url or f"https://{where.lower().replace(' ', '-')}.example/{self._count}"
            seen = {"source_id": source_id, "first_seen_at": at, "history": False}
            known = {"guid": guid, "updated_at": at, "number": 1}
            article_id = connection.execute(article.insert().values(seen | known)).inserted_primary_key[0]
            place = {"key": address_key(url), "url": url, "article_id": article_id}
            place["host"] = connection.execute(select(host.c.name).limit(1)).scalar()
            lead_id = connection.execute(address.insert().values(seen | place)).inserted_primary_key[0]
            connection.execute(update(article).where(article.c.id == article_id).values(lead_id=lead_id))
            listed_by = {"source_id": source_id, "article_id": article_id, "first_seen_at": at}
            connection.execute(article_source.insert().values(listed_by))
            self._change(
                connection, article_id, ChangeKind.ADDED, None, self._revise(connection, article_id, text, at), at
            )
        return guid

    def edit(self, guid: str, at: datetime | None = None, *, stealth: bool = False, **changed: object) -> None:
        """Change some fields of an article."""
        at = at or self.tick()
        with self.store.writer() as connection:
            row = connection.execute(select(article).where(article.c.guid == guid)).one()
            newest = connection.execute(
                select(revision).where(revision.c.article_id == row.id, revision.c.number == row.number)
            ).one()
            before = article_from(newest)
            after = replace(before, **changed)
            values = {"number": row.number + 1, "updated_at": at}
            connection.execute(update(article).where(article.c.id == row.id).values(values))
            made = self._revise(connection, row.id, after, at, row.number + 1)
            shown = diff(before, after)
            values = {"diff": diff_json(shown), "cls": shown.cls, "also": classes_text(shown.also), "stealth": stealth}
            self._change(connection, row.id, ChangeKind.EDITED, newest.id, made, at, **values)

    def remove(self, guid: str, at: datetime | None = None) -> None:
        at = at or self.tick()
        with self.store.writer() as connection:
            row = connection.execute(select(article).where(article.c.guid == guid)).one()
            last = select(revision.c.id).where(revision.c.article_id == row.id).order_by(revision.c.number.desc())
            connection.execute(update(article).where(article.c.id == row.id).values(removed_at=at))
            self._change(connection, row.id, ChangeKind.REMOVED, connection.execute(last).scalar(), None, at)

    def restore(self, guid: str, at: datetime | None = None) -> None:
        at = at or self.tick()
        with self.store.writer() as connection:
            row = connection.execute(select(article).where(article.c.guid == guid)).one()
            last = select(revision.c.id).where(revision.c.article_id == row.id).order_by(revision.c.number.desc())
            connection.execute(update(article).where(article.c.id == row.id).values(removed_at=None))
            self._change(connection, row.id, ChangeKind.RESTORED, None, connection.execute(last).scalar(), at)

    def mass(self, kind: mass.Kind, guids: Sequence[str], where: str = "Gazette", common: Sequence[str] = ()) -> int:
        """The number of a mass event that was told: what is not decided yet of these articles is part of it."""
        source_id, at = self.source(where), self.tick()

        def write(connection: Connection) -> int:
            of_source = select(source.c.url).where(source.c.id == source_id)
            url = connection.execute(of_source).scalar_one()
            event = mass.begin(connection, kind, host_of(url), source_id, at, common)
            ids = select(article.c.id).where(article.c.guid.in_(guids))
            held = change.c.article_id.in_(ids), change.c.matched_at.is_(None)
            connection.execute(update(change).where(*held).values(mass_id=event.id, matched_at=at))
            mass.tell_of(connection, event, "An event", [], len(guids), at)
            return event.id

        return self.store.write(write)

    def decide(self) -> None:
        """What waits is told alone."""
        with self.store.writer() as connection:
            connection.execute(update(change).where(change.c.matched_at.is_(None)).values(matched_at=self.clock))

    def attach(self, guid: str, where: str) -> None:
        """Another source lists the article, too."""
        source_id = self.source(where)
        with self.store.writer() as connection:
            row = connection.execute(select(article).where(article.c.guid == guid)).one()
            values = {"source_id": source_id, "article_id": row.id, "first_seen_at": row.first_seen_at}
            connection.execute(article_source.insert().values(values))

    def looks(self, where: str, hour: datetime, **outcomes: int) -> None:
        """Count looks of an hour: `looks("Gazette", hour, unchanged=4, unreachable=1)`."""
        source_id = self.source(where)
        with self.store.writer() as connection:
            for outcome, number in outcomes.items():
                values = {"source_id": source_id, "hour": hour, "outcome": outcome, "looks": number}
                connection.execute(look_count.insert().values(values))

    def _revise(self, connection, article_id, text, at, number=1):
        lead = select(article.c.lead_id).where(article.c.id == article_id)
        values = article_values(text) | {"article_id": article_id, "number": number, "seen_at": at}
        values |= {"address_id": connection.execute(lead).scalar(), "fingerprint": fingerprint(text)}
        return connection.execute(revision.insert().values(values)).inserted_primary_key[0]

    def _change(self, connection, article_id, kind, before, after, at, **more):
        values = {"article_id": article_id, "kind": kind, "before_id": before, "after_id": after}
        values |= {"matched_at": at if self.judged else None}
        connection.execute(change.insert().values(values | {"seen_at": at, "history": False} | more))
