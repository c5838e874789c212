"""Where addresses stand, and which articles they belong to or may turn out to: the reading before a verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from storage.identity import title_key
from storage.model.articles import Article, ChangeKind
from storage.rows import article_from, revision_from
from storage.schema.articles import address, article, change, revision
from storage.schema.looking import source
from storage.stories import candidates
from storage.verdict import LATELY, Earlier, Home, Homes, Place


@dataclass(frozen=True, slots=True)
class Asked:
    """An address with what was read there, if anything was yet: the fingerprint of its text (b"": none), the key of
    the address that it names as its original, the article itself, and the bands by which others are found that say
    nearly the same."""

    address_id: int
    fingerprint: bytes = b""
    original: bytes | None = None
    article: Article | None = None
    bands: tuple[int, ...] = ()


def standings(connection: sa.Connection, asked: Sequence[Asked], *, lock: bool) -> list[tuple[Place, Homes]]:
    """How each address stands, in the order asked; at most seven statements, and two for each that brings bands, so
    some dozens are asked for at once.

    `lock`: the articles stay as they are until the transaction ends, also where the database lets others write
    meanwhile. Raises KeyError for an address that is not known.
    """
    rows = {row.id: row for row in connection.execute(_PLACES, {"ids": [one.address_id for one in asked]})}
    shown = _shown(connection, {one.fingerprint for one in asked if one.fingerprint})
    hosts = _lead_hosts(connection, {of for found in shown.values() for of in found})
    named = _articles_at(connection, {one.original for one in asked if one.original})
    titles = {
        one.address_id: key
        for one in asked
        if one.article and rows[one.address_id].article_id is None
        if (key := title_key(one.article, rows[one.address_id].host))
    }
    titled = _articles_titled(connection, set(titles.values()))
    concerned = [
        _Concerned(
            own=row.article_id,
            naming=row.naming,
            named=named.get(one.original),
            by_text=_of_host(shown[one.fingerprint], hosts, row.host.removeprefix("www.")),
            by_title=titled.get(titles.get(one.address_id)),
            lost=row.lost,
            by_near=_near(connection, one.bands, row.host) if row.article_id is None else None,
        )
        for one in asked
        for row in (rows[one.address_id],)
    ]
    found = _homes(connection, {of for one in concerned for of in one if of is not None}, lock=lock)
    return [
        (
            _place(rows[one.address_id], one.original),
            Homes(**{role: found.get(of) for role, of in ids._asdict().items()}, shown=shown[one.fingerprint]),
        )
        for one, ids in zip(asked, concerned, strict=True)
    ]


def lately(connection: sa.Connection, article_id: int) -> list[Earlier]:
    """The newest revisions of an article, the newest first."""
    rows = connection.execute(_LATELY, {"of": article_id})
    return [Earlier(row.number, row.cls, article_from(row), row.fingerprint) for row in rows]


class _Concerned(NamedTuple):
    """The articles that an address may be about, each by its part in Homes."""

    own: int | None
    naming: int | None
    named: int | None
    by_text: int | None
    by_title: int | None
    lost: int | None
    by_near: int | None


def _place(row: Any, original: bytes | None) -> Place:
    return Place(
        id=row.id,
        key=row.key,
        host=row.host,
        source_id=row.source_id,
        history=row.history,
        article_id=row.article_id,
        original_key=row.original_key if original in (None, row.key) else original,
        revision_number=row.revision_number,
        ahead_since=row.ahead_since,
        listed_title=row.listed_title,
        doubted=row.doubted,
        doubted_since=row.doubted_since,
        doubted_at=row.doubted_at,
        doubted_looks=row.doubted_looks,
    )


def _shown(connection: sa.Connection, prints: Collection[bytes]) -> defaultdict[bytes, dict[int, int]]:
    """For each fingerprint the articles that said so, each with the number of its newest revision that did."""
    shown: defaultdict[bytes, dict[int, int]] = defaultdict(dict)
    if prints:
        for print_, article_id, number in connection.execute(_SHOWN, {"prints": list(prints)}):
            shown[print_][article_id] = number
    return shown


def _articles_at(connection: sa.Connection, keys: Collection[bytes]) -> dict[bytes | None, int]:
    if not keys:
        return {}
    return {row.key: row.article_id for row in connection.execute(_ARTICLES_AT, {"keys": list(keys)})}


def _of_host(found: Collection[int], hosts: Mapping[int, str], host: str) -> int | None:
    """The oldest of these articles that this host leads. Another site's copy is an article of its own: it may stay as
    it is when this one is edited, and stand when this one is gone."""
    return min((of for of in found if hosts.get(of) == host), default=None)


def _lead_hosts(connection: sa.Connection, ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    return {row.id: row.host.removeprefix("www.") for row in connection.execute(_LEAD_HOSTS, {"ids": list(ids)})}


def _articles_titled(connection: sa.Connection, keys: Collection[bytes]) -> dict[bytes | None, int]:
    if not keys:
        return {}
    return {row.title_key: row.article_id for row in connection.execute(_TITLED, {"keys": list(keys)})}


def _near(connection: sa.Connection, bands: tuple[int, ...], host: str) -> int | None:
    """The likeliest article of this host that may say nearly the same."""
    found = candidates(connection, bands)
    here = set(connection.execute(_OF_HOST, {"ids": found, "host": host}).scalars()) if found else set()
    return next((one for one in found if one in here), None)


def _homes(connection: sa.Connection, ids: Collection[int], *, lock: bool) -> dict[int | None, Home]:
    if not ids:
        return {}
    return {
        row.article_id: Home(
            article_id=row.article_id,
            number=row.number,
            history=row.article_history,
            updated_at=row.updated_at,
            lead_id=row.lead_id,
            lead_host=row.lead_host,
            lead_looked_at=row.lead_looked_at,
            lead_fails=bool(row.lead_fault),
            is_missed=any(at is not None for at in (row.lead_gone_since, row.lost_at, row.lead_doubted_since)),
            current=revision_from(row),
            fingerprint=row.fingerprint,
        )
        for row in connection.execute(_LOCKED_HOMES if lock else _HOMES, {"ids": list(ids)})
    }


_copy, _lead, _lost = address.alias("copy"), address.alias("lead"), article.alias("lost")
_PLACES = select(
    address.c.id,
    address.c.key,
    address.c.host,
    address.c.source_id,
    address.c.history,
    address.c.article_id,
    address.c.original_key,
    address.c.revision_number,
    address.c.ahead_since,
    address.c.listed_title,
    address.c.doubted,
    address.c.doubted_since,
    address.c.doubted_at,
    address.c.doubted_looks,
    select(func.min(article.c.id))
    .join(_copy, _copy.c.id == article.c.lead_id)
    .where(_copy.c.original_key == address.c.key)
    .scalar_subquery()
    .label("naming"),
    select(func.max(_lost.c.id))
    .where(_lost.c.lead_id == address.c.id, _lost.c.lost_at.is_not(None))
    .scalar_subquery()
    .label("lost"),
).where(address.c.id.in_(bindparam("ids", expanding=True)))
_SHOWN = (
    select(revision.c.fingerprint, revision.c.article_id, func.max(revision.c.number))
    .where(revision.c.fingerprint.in_(bindparam("prints", expanding=True)))
    .group_by(revision.c.fingerprint, revision.c.article_id)
)
_TITLED = (
    select(revision.c.title_key, func.min(revision.c.article_id).label("article_id"))
    .where(revision.c.title_key.in_(bindparam("keys", expanding=True)))
    .group_by(revision.c.title_key)
)
_LEAD_HOSTS = (
    select(article.c.id, _lead.c.host)
    .join(_lead, _lead.c.id == article.c.lead_id)
    .where(article.c.id.in_(bindparam("ids", expanding=True)))
)
_OF_HOST = (
    select(article.c.id)
    .join(_lead, _lead.c.id == article.c.lead_id)
    # Nobody looks at the address of a source that is not watched any more: there is nothing to wait for.
    .join(source, (source.c.id == _lead.c.source_id) & source.c.enabled & source.c.retired_at.is_(None))
    .where(article.c.id.in_(bindparam("ids", expanding=True)), _lead.c.host == bindparam("host"))
)
_ARTICLES_AT = select(address.c.key, address.c.article_id).where(
    address.c.key.in_(bindparam("keys", expanding=True)), address.c.article_id.is_not(None)
)
# Without the HTML, which nothing is decided by: to unpack it costs more than all the rest of a reading.
_HOMES = (
    select(
        *(one for one in revision.c if one.name != "html"),
        sa.literal(b"").label("html"),
        article.c.history.label("article_history"),
        article.c.updated_at,
        article.c.lead_id,
        _lead.c.host.label("lead_host"),
        _lead.c.last_look_at.label("lead_looked_at"),
        _lead.c.fault.label("lead_fault"),
        _lead.c.gone_since.label("lead_gone_since"),
        _lead.c.doubted_since.label("lead_doubted_since"),
        article.c.lost_at,
    )
    .join(article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
    .join(_lead, _lead.c.id == article.c.lead_id)
    .where(article.c.id.in_(bindparam("ids", expanding=True)))
)
_LOCKED_HOMES = _HOMES.with_for_update(of=article)  # SQLite has no such clause and needs none: one writer at a time
_LATELY = (
    select(revision, change.c.cls)
    .join(change, change.c.after_id == revision.c.id)
    .where(revision.c.article_id == bindparam("of"), change.c.article_id == revision.c.article_id)
    .where(change.c.kind.in_((str(ChangeKind.ADDED), str(ChangeKind.EDITED))))
    .order_by(revision.c.number.desc())
    .limit(LATELY)
)
