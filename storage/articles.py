"""What addresses say becomes articles, revisions and changes: read what is known, judge, write a little."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, exists, func, select

from storage.diff import LABEL
from storage.identity import address_key, fingerprint
from storage.model import Article, ChangeKind, Diff, Outcome, Revision
from storage.rows import article_values, diff_json, revision_from
from storage.schema import address, article, article_source, change, listed, listing, revision
from storage.sources import due_at
from storage.verdict import COMPLETED, Act, Home, Homes, Place, Verdict, judge


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds of an address before a save.

    `current` is the newest revision of its article, None where there is none yet. `leads`: another text here would
    make a revision, so a save needs the diff from `current` to it, and `number` as what the diff was made against.
    So it is, too, for a new address that an article's lead names as its original: it would lead at once.
    """

    article_id: int | None = None
    number: int = 0
    lead_id: int | None = None
    leads: bool = False
    current: Revision | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an address said at a look.

    `diff` leads from revision `expected` of the address's article to `article`; None where `Known` asks for none.
    `fingerprint` is worked out where it is empty.
    """

    address_id: int
    article: Article
    snapshot: str = ""
    diff: Diff | None = None
    expected: int = 0
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to.

    `redo`: the article has moved on, or the diff is missing; nothing was written: ask `known` and save again.
    `ahead`: the address shows a text that its lead has not shown; look again once the lead had its look.
    """

    outcome: Outcome
    article_id: int | None = None
    change_id: int | None = None
    redo: bool = False
    ahead: bool = False


class Articles:
    """Articles with their revisions and changes; every method works in the caller's transaction."""

    def known(self, connection: sa.Connection, address_id: int) -> Known:
        """What a save at this address has to be prepared for; for a reading connection, before the write."""
        row = connection.execute(_PLACE, {"of": address_id, "print": b"", "original": None}).one()
        home_id = row.naming if row.article_id is None else row.article_id
        if home_id is None:
            return Known()
        home = _homes(connection, [home_id], b"")[home_id]
        leads = home.lead_id == address_id or row.article_id is None
        return Known(row.article_id, home.number, home.lead_id, leads, home.current)

    def will_revise(self, connection: sa.Connection, sighting: Sighting) -> bool:
        """Whether a save would make a revision, as things stand: only then is the snapshot worth its file."""
        return _judged(connection, sighting, _fingerprint(sighting))[1].act in (Act.ADD, Act.REVISE)

    def save(self, connection: sa.Connection, sighting: Sighting, now: datetime) -> Saved:
        """Take in what an address said: a new article, a revision, another address of an article, or nothing.

        The same sighting saved again changes nothing. Raises ValueError for a text that was read and is empty, and
        sqlalchemy's NoResultFound for an address that is not known.
        """
        if not sighting.article.body and not sighting.article.listing_only:
            raise ValueError(f"address {sighting.address_id} was read, and no text was found: that is no sighting")
        print_ = _fingerprint(sighting)
        place, verdict = _judged(connection, sighting, print_)
        save = _Save(connection, place, sighting, print_, now)
        match verdict.act:
            case Act.ADD:
                return save.add(verdict)
            case Act.REVISE:
                return save.revise(verdict)
            case Act.ATTACH:
                return save.attach(verdict)
            case Act.AHEAD:
                return save.wait_for_lead(verdict)
            case Act.REDO:
                return Saved(Outcome.UNCHANGED, place.article_id, redo=True)


def _fingerprint(sighting: Sighting) -> bytes:
    return sighting.fingerprint or fingerprint(sighting.article)


def _judged(connection: sa.Connection, sighting: Sighting, print_: bytes) -> tuple[Place, Verdict]:
    named = None
    if sighting.article.original_url:
        with suppress(ValueError):  # not a public URL: it names nothing
            named = address_key(sighting.article.original_url)
    row = connection.execute(_PLACE, {"of": sighting.address_id, "print": print_, "original": named}).one()
    place = Place(
        id=row.id,
        source_id=row.source_id,
        history=row.history,
        article_id=row.article_id,
        key=row.key,
        original_key=row.original_key if named in (None, row.key) else named,
        revision_number=row.revision_number,
        ahead_since=row.ahead_since,
    )
    ids = (row.article_id, row.naming, row.named, row.by_text)
    homes = _homes(connection, {one for one in ids if one is not None}, print_)
    found = Homes(*(homes.get(one) for one in ids))
    return place, judge(place, found, sighting.article, sighting.diff, sighting.expected)


def _homes(connection: sa.Connection, ids: Iterable[int], print_: bytes) -> dict[int, Home]:
    if not (ids := list(ids)):
        return {}
    return {
        row.article_id: Home(
            article_id=row.article_id,
            number=row.number,
            history=row.article_history,
            shown=row.shown,
            lead_id=row.lead_id,
            lead_host=row.lead_host,
            lead_original=row.lead_original,
            lead_looked_at=row.lead_looked_at,
            lead_fails=bool(row.lead_fault),
            current=revision_from(row),
        )
        for row in connection.execute(_HOMES, {"ids": ids, "print": print_})
    }


@dataclass(frozen=True, slots=True)
class _Save:
    """The writes of one sighting, after the verdict."""

    connection: sa.Connection
    place: Place
    sighting: Sighting
    fingerprint: bytes
    now: datetime

    def add(self, verdict: Verdict) -> Saved:
        # An address that leaves its article for a text of its own does so now, even if history when it was found.
        history = self.place.history and verdict.home is None
        article_id = self._insert(
            article,
            guid=str(uuid.uuid4()),
            source_id=self.place.source_id,
            lead_id=self.place.id,
            first_seen_at=self.now,
            updated_at=self.now,
            history=history,
            number=1,
        )
        change_id = self._write_change(article_id, 1, ChangeKind.ADDED, before=None, cls="", history=history)
        self._belong(article_id, 1)
        return Saved(Outcome.NEW, article_id, change_id)

    def revise(self, verdict: Verdict) -> Saved:
        home, number = verdict.home, verdict.number
        assert home is not None and number is not None
        # What only typography changed does not go up again in a reader's list.
        statement, told_at = (_MOVED_UNTOLD, {}) if verdict.cls == LABEL else (_MOVED, {"at": self.now})
        moved = {"of": home.article_id, "was": home.number, "becomes": number, "lead": self.place.id}
        if self.connection.execute(statement, moved | told_at).rowcount != 1:
            return Saved(Outcome.UNCHANGED, home.article_id, redo=True)
        # An edit is news also of an old article; a text that was history when it was listed is none.
        found_now = self.place.article_id is None
        history = self.place.history if found_now else home.history and verdict.cls == COMPLETED
        change_id = self._write_change(
            home.article_id, number, ChangeKind.EDITED, before=home.current.id, cls=verdict.cls, history=history
        )
        self._belong(home.article_id, number)
        return Saved(Outcome.CHANGED, home.article_id, change_id)

    def attach(self, verdict: Verdict) -> Saved:
        home = verdict.home
        assert home is not None
        if verdict.leads and home.lead_id != self.place.id:
            self.connection.execute(_LEAD, {"of": home.article_id, "lead": self.place.id})
        self._belong(home.article_id, verdict.number)
        return Saved(Outcome.UNCHANGED, home.article_id)

    def wait_for_lead(self, verdict: Verdict) -> Saved:
        """Have the lead looked at first: what it shows decides whether this is an edit seen early."""
        home = verdict.home
        assert home is not None
        if self.place.ahead_since is None:
            self._belong(home.article_id, verdict.number, ahead_since=self.now)
            self.connection.execute(_LOOK_NOW, {"of": home.lead_id, "at": self.now})
            due_at(self.connection, home.lead_host, self.now)
        return Saved(Outcome.UNCHANGED, home.article_id, ahead=True)

    def _write_change(
        self, article_id: int, number: int, kind: ChangeKind, *, before: int | None, cls: str, history: bool
    ) -> int:
        """The revision and the step that leads to it; history is born judged."""
        after = self._insert(
            revision,
            article_id=article_id,
            number=number,
            address_id=self.place.id,
            seen_at=self.now,
            fingerprint=self.fingerprint,
            snapshot=self.sighting.snapshot,
            **article_values(self.sighting.article),
        )
        return self._insert(
            change,
            article_id=article_id,
            kind=str(kind),
            cls=cls,
            before_id=before,
            after_id=after,
            diff=diff_json(self.sighting.diff) if before is not None else "",
            seen_at=self.now,
            history=history,
            matched_at=self.now if history else None,
        )

    def _belong(self, article_id: int, number: int | None, ahead_since: datetime | None = None) -> None:
        """Say at the address what it shows; an article new to it joins the feeds of the sources that list it."""
        place = self.place
        joins = place.article_id != article_id
        # An address that names an original may name another one now.
        if joins or place.original_key or (number, ahead_since) != (place.revision_number, place.ahead_since):
            shows = {"article": article_id, "shown": number, "ahead": ahead_since, "original": place.original_key}
            self.connection.execute(_SHOWS, {"of": place.id} | shows)
        if joins:
            self.connection.execute(_JOIN_SOURCES, {"of": place.id, "article": article_id})

    def _insert(self, table: sa.Table, **values: Any) -> int:
        key = self.connection.execute(_INSERTS[table.name], values).inserted_primary_key
        assert key is not None
        return int(key[0])


_copy, _lead = address.alias("copy"), address.alias("lead")
_PLACE = select(
    address.c.id,
    address.c.key,
    address.c.source_id,
    address.c.history,
    address.c.article_id,
    address.c.original_key,
    address.c.revision_number,
    address.c.ahead_since,
    select(func.min(article.c.id))
    .join(_copy, _copy.c.id == article.c.lead_id)
    .where(_copy.c.original_key == address.c.key)
    .scalar_subquery()
    .label("naming"),
    select(_copy.c.article_id).where(_copy.c.key == bindparam("original")).scalar_subquery().label("named"),
    select(func.min(revision.c.article_id))
    .where(revision.c.fingerprint == bindparam("print"))
    .scalar_subquery()
    .label("by_text"),
).where(address.c.id == bindparam("of"))

_same = revision.alias("same")
_HOMES = (
    select(
        revision,
        article.c.history.label("article_history"),
        article.c.lead_id,
        _lead.c.host.label("lead_host"),
        _lead.c.original_key.label("lead_original"),
        _lead.c.last_look_at.label("lead_looked_at"),
        _lead.c.fault.label("lead_fault"),
        select(func.max(_same.c.number))
        .where(_same.c.fingerprint == bindparam("print"), _same.c.article_id == article.c.id)
        .scalar_subquery()
        .label("shown"),
    )
    .join(article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
    .join(_lead, _lead.c.id == article.c.lead_id)
    .where(article.c.id.in_(bindparam("ids", expanding=True)))
)

_INSERTS = {table.name: table.insert() for table in (article, revision, change)}
_LEAD = article.update().where(article.c.id == bindparam("of")).values(lead_id=bindparam("lead"))
# The number says that nobody has moved the article on since it was judged.
_MOVED_UNTOLD = _LEAD.where(article.c.number == bindparam("was")).values(number=bindparam("becomes"))
_MOVED = _MOVED_UNTOLD.values(updated_at=bindparam("at"))
_LOOK_NOW = address.update().where(address.c.id == bindparam("of")).values(next_look_at=bindparam("at"))
_SHOWS = (
    address.update()
    .where(address.c.id == bindparam("of"))
    .values(
        article_id=bindparam("article"),
        revision_number=bindparam("shown"),
        ahead_since=bindparam("ahead"),
        original_key=bindparam("original"),
    )
)
_sources = (
    select(address.c.source_id)
    .where(address.c.id == bindparam("of"))
    .union(
        select(listing.c.source_id)
        .join(listed, listed.c.listing_id == listing.c.id)
        .where(listed.c.address_id == bindparam("of"))
    )
    .subquery()
)
_JOIN_SOURCES = article_source.insert().from_select(
    ["source_id", "article_id", "first_seen_at"],
    select(_sources.c.source_id, article.c.id, article.c.first_seen_at)
    .join(article, article.c.id == bindparam("article"))
    .where(
        ~exists().where(article_source.c.source_id == _sources.c.source_id, article_source.c.article_id == article.c.id)
    ),
)
