"""Verdicts carried out: articles, revisions, changes and addresses, each table written at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, exists, func, select, update

from storage import strangers
from storage.capture import captures_json
from storage.chain import link, record
from storage.diff import LABEL
from storage.identity import title_key
from storage.model.articles import ChangeKind, EditClass, Revision
from storage.model.looking import Outcome
from storage.proof import counted_json, showing
from storage.removals import returned
from storage.rows import article_values, classes_text, diff_json
from storage.schema.articles import address, article, article_source, change, listed, revision, revision_snapshot
from storage.schema.looking import listing
from storage.sightings import Saved, Sighting
from storage.sources import due_at
from storage.verdict import COMPLETED, Act, Place, Verdict

_OUTCOMES = {Act.ADD: Outcome.NEW, Act.REVISE: Outcome.CHANGED}


@dataclass(frozen=True, slots=True)
class Step:
    """One sighting with its verdict, and the article that it is about once that is known."""

    sighting: Sighting
    fingerprint: bytes
    place: Place
    verdict: Verdict

    @property
    def writes_text(self) -> bool:
        return self.verdict.act in (Act.ADD, Act.REVISE)

    @property
    def is_doubtful(self) -> bool:
        """Whether what it writes may be the site's doing, for all that one page can tell: an edit, or another article
        in place of one that was there."""
        edits = self.verdict.act is Act.REVISE and self.verdict.cls not in (LABEL, COMPLETED)
        return edits or (self.verdict.act is Act.ADD and self.verdict.loses is not None)

    @property
    def before(self) -> Revision | None:
        """The revision that the one which it writes comes after."""
        return self.verdict.home.current if self.verdict.act is Act.REVISE and self.verdict.home else None

    @property
    def also(self) -> tuple[str, ...]:
        """The classes beside that of its diff. A text that was completed, and editions that take turns, have none."""
        made = self.sighting.diff
        return made.also if made is not None and made.cls == self.verdict.cls else ()

    @property
    def is_stealth(self) -> bool:
        """Whether it is an edit of a page that states when it was modified, and says nothing of this one."""
        home, after = self.verdict.home, self.sighting.article.modified
        before = home.current.article.modified if home else None
        says_so = before is None or after is None or before.moment != after.moment
        is_told_of = self.verdict.cls not in (LABEL, COMPLETED, EditClass.CORRECTION)
        return self.verdict.act is Act.REVISE and is_told_of and not says_so

    def ahead_since(self, now: datetime) -> datetime | None:
        return (self.place.ahead_since or now) if self.verdict.act is Act.AHEAD else None

    @property
    def is_history(self) -> bool:
        """Whether what it writes is no news."""
        home = self.verdict.home
        if self.verdict.act is Act.ADD:
            # An address that leaves its article for a text of its own does so now, even if it was found as history;
            # one that never showed the article only waited for its lead.
            return self.place.history and (home is None or self.place.revision_number is None)
        assert home is not None
        if self.place.article_id is None:  # an original found after its copy
            return self.place.history
        # An edit is news also of an old article; a text that was history when it was listed is none.
        return home.history and self.verdict.cls == COMPLETED


def carry_out(connection: sa.Connection, steps: Sequence[Step], now: datetime, wait: timedelta) -> list[Saved]:
    """Write what the verdicts say, each table at once; no two steps are about one article or address."""
    article_ids = _move_articles(connection, steps, now)
    change_ids = _write_texts(connection, steps, article_ids, now, wait)
    _place_addresses(connection, steps, article_ids, now)
    _part(connection, steps, now, wait)
    strangers.note(connection, [(one.place, one.verdict) for one in steps], now)
    return [
        Saved(
            _OUTCOMES.get(act, one.verdict.fault if act is Act.DOUBT else Outcome.UNCHANGED),
            article_id or None,
            change_id,
            redo=act is Act.REDO,
            ahead_since=one.ahead_since(now),
            is_asked_for=act is Act.AHEAD and one.place.revision_number is None,
            doubt=one.verdict.why,
            look_by=one.verdict.look_by,
        )
        for one, article_id, change_id in zip(steps, article_ids, change_ids, strict=True)
        for act in (one.verdict.act,)
    ]


def _move_articles(connection: sa.Connection, steps: Sequence[Step], now: datetime) -> list[int]:
    """Make the new articles, move on the numbers and leads of others; the article of each step."""
    added = {
        index: {
            "guid": str(uuid.uuid4()),
            "source_id": one.place.source_id,
            "lead_id": one.place.id,
            "first_seen_at": now,
            "updated_at": now,
            "history": one.is_history,
            "number": 1,
        }
        for index, one in enumerate(steps)
        if one.verdict.act is Act.ADD
    }
    moved = [
        {
            "of": home.article_id,
            "lead": one.place.id,
            "becomes": home.number + one.writes_text,
            # What only typography changed does not go up again in a reader's list.
            # A text in place of what the listing told finds its story anew.
            "anew": one.verdict.cls == COMPLETED,
            "at": now if one.writes_text and one.verdict.cls != LABEL else home.updated_at,
        }
        for one in steps
        if (home := one.verdict.home) and one.verdict.act in (Act.REVISE, Act.ATTACH) and one.verdict.leads
        if one.writes_text or home.lead_id != one.place.id
    ]
    if moved:
        connection.execute(_MOVED, moved)
    ids = _inserted(connection, _NEW_ARTICLE, list(added.values()))
    return [ids[added[index]["guid"]] if index in added else _home_id(one) for index, one in enumerate(steps)]


def _home_id(step: Step) -> int:
    """0 where there is none: it is to be done over, and nothing is written."""
    return step.verdict.home.article_id if step.verdict.home else 0


def _write_texts(
    connection: sa.Connection, steps: Sequence[Step], article_ids: Sequence[int], now: datetime, wait: timedelta
) -> list[int | None]:
    """The revisions and the steps that lead to them; the change of each step, None where there is none."""
    texts = [(one, article_id) for one, article_id in zip(steps, article_ids, strict=True) if one.writes_text]
    revisions = [
        {
            "article_id": article_id,
            "number": one.verdict.number,
            "address_id": one.place.id,
            "seen_at": now,
            "fingerprint": one.fingerprint,
            "title_key": title_key(one.sighting.article, one.place.host) or None,
            "snapshot": next((part.snapshot for part in one.sighting.captures), ""),
            "capture": captures_json(one.sighting.captures) if one.sighting.captures else "",
            **article_values(one.sighting.article),
        }
        for one, article_id in texts
    ]
    _chain(connection, revisions, [one for one, _ in texts])
    after_ids = _inserted(connection, _NEW_REVISION, revisions)
    kept = {(part.snapshot, after_ids[article_id]) for one, article_id in texts for part in one.sighting.captures}
    if kept:
        connection.execute(revision_snapshot.insert(), [{"hash": name, "revision_id": of} for name, of in sorted(kept)])
    changes = [
        {
            "article_id": article_id,
            "after_id": after_ids[article_id],
            "cls": one.verdict.cls,
            "also": classes_text(one.also),
            "stealth": one.is_stealth,
            "seen_at": now,
            "history": one.is_history,
            "matched_at": now if one.is_history else None,  # history is born judged
            "due_at": now + wait if wait and one.is_doubtful else None,
            **_step_from(one),
        }
        for one, article_id in texts
    ]
    change_ids = _inserted(connection, _NEW_CHANGE, changes)
    return [change_ids.get(article_id) for article_id in article_ids]


def _chain(connection: sa.Connection, revisions: Sequence[dict[str, Any]], steps: Sequence[Step]) -> None:
    """Give each of these new rows its hash in the chain of its article."""
    ids = [row["article_id"] for row in revisions]
    guids = {row.id: row.guid for row in connection.execute(_GUIDS, {"ids": ids})} if ids else {}
    for row, one in zip(revisions, steps, strict=True):
        html = one.sighting.article.html.encode("utf-8", "surrogatepass")
        covered = record(guids[row["article_id"]], row, html)
        row["chain"] = link(one.before.chain if one.before else None, covered)


def _step_from(step: Step) -> dict[str, Any]:
    home = step.verdict.home
    if step.verdict.act is Act.ADD or home is None:
        return {"kind": str(ChangeKind.ADDED), "before_id": None, "diff": ""}
    return {"kind": str(ChangeKind.EDITED), "before_id": home.current.id, "diff": diff_json(step.sighting.diff)}


def _place_addresses(
    connection: sa.Connection, steps: Sequence[Step], article_ids: Sequence[int], now: datetime
) -> None:
    """Say at the addresses what they show; an article new to one joins the feeds of the sources that list it, and one
    that it was only taken for leaves them."""
    shows, joins, leaves = [], [], []
    for one, article_id in zip(steps, article_ids, strict=True):
        place, verdict = one.place, one.verdict
        if verdict.act in (Act.REDO, Act.DOUBT):
            continue
        ahead_since = one.ahead_since(now)
        is_new = place.article_id != article_id
        # An address that names an original may name another one now.
        if is_new or place.original_key or (verdict.number, ahead_since) != (place.revision_number, place.ahead_since):
            shows.append(
                {
                    "of": place.id,
                    "article": article_id,
                    "shown": verdict.number,
                    "ahead": ahead_since,
                    "original": place.original_key,
                }
            )
        if is_new:
            joins.append({"of": place.id, "article": article_id, "history": place.history or verdict.act is Act.AHEAD})
        if is_new and place.article_id is not None and place.revision_number is None:
            leaves.append({"of": place.id, "article": place.article_id})
        if ahead_since and not place.ahead_since and verdict.home:
            # What the lead shows decides whether this is an edit seen early: it is looked at first.
            connection.execute(_LOOK_NOW, {"of": verdict.home.lead_id, "at": now})
            due_at(connection, verdict.home.lead_host, now)
    if shows:
        connection.execute(_SHOWS, shows)
    if news := [row for row in joins if not row.pop("history")]:
        connection.execute(_JUDGE_AGAIN, news)
    if joins:
        connection.execute(_JOIN_SOURCES, joins)
    if leaves:
        connection.execute(_LEAVE_SOURCES, leaves)


def _part(connection: sa.Connection, steps: Sequence[Step], now: datetime, wait: timedelta) -> None:
    """Articles that lost their lead to another are suspected to be gone, unless a further address shows them; those
    that have it again are not."""
    for one in steps:
        if one.verdict.loses is None:
            continue
        lost_id, at = one.verdict.loses.article_id, one.place.id
        others = select(func.min(address.c.id)).where(address.c.article_id == lost_id)
        lead = connection.execute(others).scalar()
        seen = showing(now, _OUTCOMES.get(one.verdict.act, Outcome.UNCHANGED), one.sighting.article.title)
        lost = {"lead_id": at, "lost_at": now, "lost_looks": 1, "lost_how": counted_json((seen,))}
        parted = {"lead_id": lead} if lead else lost
        connection.execute(update(article).where(article.c.id == lost_id).values(**parted))
        if one.verdict.act is Act.ATTACH and one.verdict.home:
            back = update(article).where(article.c.id == one.verdict.home.article_id)
            connection.execute(back.values(lost_at=None, lost_looks=None, lost_how="", lead_id=at))
            returned(connection, [at], now, wait)


def _inserted(connection: sa.Connection, statement: sa.Executable, rows: list[dict[str, Any]]) -> dict[Any, int]:
    """Insert the rows; their ids by what else the statement returns, since it promises no order.

    Asked for the ids in order, SQLAlchemy would insert row by row.
    """
    return {row[0]: row[1] for row in connection.execute(statement, rows)} if rows else {}


_NEW_ARTICLE = article.insert().returning(article.c.guid, article.c.id)
_NEW_REVISION = revision.insert().returning(revision.c.article_id, revision.c.id)
_GUIDS = select(article.c.id, article.c.guid).where(article.c.id.in_(bindparam("ids", expanding=True)))
_NEW_CHANGE = change.insert().returning(change.c.article_id, change.c.id)
_MOVED = (
    article.update()
    .where(article.c.id == bindparam("of"))
    .values(
        lead_id=bindparam("lead"),
        number=bindparam("becomes"),
        updated_at=bindparam("at"),
        story_id=sa.case((bindparam("anew", type_=sa.Boolean), sa.null()), else_=article.c.story_id),
    )
)
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
# Another source shows it as news: rules that ask for that source have not been asked yet. Those that hold already are
# passed over when alerts are raised.
_JUDGE_AGAIN = (
    change.update()
    .where(
        change.c.article_id == bindparam("article"),
        change.c.kind == str(ChangeKind.ADDED),
        ~change.c.history,
        change.c.mass_id.is_(None),
        ~exists().where(
            article_source.c.article_id == bindparam("article"),
            article_source.c.source_id
            == select(address.c.source_id).where(address.c.id == bindparam("of")).scalar_subquery(),
        ),
    )
    .values(matched_at=None)
)
_JOIN_SOURCES = article_source.insert().from_select(
    ["source_id", "article_id", "first_seen_at"],
    select(_sources.c.source_id, article.c.id, article.c.first_seen_at)
    .join(article, article.c.id == bindparam("article"))
    .where(
        ~exists().where(article_source.c.source_id == _sources.c.source_id, article_source.c.article_id == article.c.id)
    ),
)
# The sources that list this address, and none of those that are left to the article.
_LEAVE_SOURCES = article_source.delete().where(
    article_source.c.article_id == bindparam("article"),
    article_source.c.source_id.in_(select(_sources.c.source_id)),
    article_source.c.source_id.not_in(select(address.c.source_id).where(address.c.article_id == bindparam("article"))),
    article_source.c.source_id.not_in(
        select(listing.c.source_id)
        .join(listed, listed.c.listing_id == listing.c.id)
        .join(address, address.c.id == listed.c.address_id)
        .where(address.c.article_id == bindparam("article"))
    ),
)
