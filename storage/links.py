"""What a listing names: new addresses, and other words about known ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select, update

from storage.identity import address_key, canonical_url, host_of
from storage.model import DueListing, Link
from storage.rows import when_json
from storage.schema import address, article, article_source, listed, source
from storage.sources import due_at
from storage.text import fold, one_line


@dataclass(frozen=True, slots=True)
class ListingSaved:
    """How many addresses were not known before, and about how many known ones the listing says something else."""

    new: int
    again: int


def take_links(
    connection: sa.Connection, due: DueListing, links: Sequence[Link], *, history: bool, now: datetime
) -> ListingSaved:
    """Insert addresses that were not known, due now; look again where the listing says another thing than before."""
    by_key: dict[bytes, Link] = {}
    for link in links:
        by_key.setdefault(address_key(link.url), link)
    known = known_among(connection, due.id, list(by_key))
    said_before = {found.id: found.said for found in known.values() if found.said is not None}
    new = [(one, link) for one, link in by_key.items() if one not in known]
    for name in {host_of(link.url) for _, link in new}:
        due_at(connection, name, now)
    if new:
        rows = [
            {
                "key": one,
                "url": canonical_url(link.url),
                "source_id": due.source_id,
                "host": host_of(link.url),
                "history": history,
                "first_seen_at": now,
                "next_look_at": now,
            }
            | _says(link)
            for one, link in new
        ]
        connection.execute(address.insert(), rows)
        ids: dict[bytes, int] = {}
        for start in range(0, len(new), 500):
            some = [one for one, _ in new[start : start + 500]]
            inserted = connection.execute(select(address.c.key, address.c.id).where(address.c.key.in_(some)))
            ids |= {row.key: row.id for row in inserted}
        connection.execute(
            listed.insert(),
            [
                {"listing_id": due.id, "address_id": ids[one], "said": _said(link), "last_seen_at": now}
                for one, link in new
            ],
        )
    again, first_here = [], []
    for one, found in known.items():
        said = _said(by_key[one])
        if found.id not in said_before:
            first_here.append({"listing_id": due.id, "address_id": found.id, "said": said, "last_seen_at": now})
        elif said_before[found.id] != said:
            again.append((found, by_key[one], said))
    if others := {found.source_id for found in known.values()} - {due.source_id}:
        watched = source.c.enabled & source.c.retired_at.is_(None)
        kept = set(connection.execute(select(source.c.id).where(source.c.id.in_(others), watched)).scalars())
        left = [found for found in known.values() if found.source_id in others - kept]
        _inherit(connection, due.source_id, left, history=history, now=now)
    if first_here:
        connection.execute(listed.insert(), first_here)
        _also_in(connection, due.source_id, [found for found in known.values() if found.article_id is not None])
    for found, link, said in again:
        connection.execute(update(address).where(address.c.id == found.id).values(_says(link) | {"next_look_at": now}))
        due_at(connection, found.host, now)
        connection.execute(
            update(listed).where(listed.c.listing_id == due.id, listed.c.address_id == found.id).values(said=said)
        )
    return ListingSaved(new=len(new), again=len(again))


def known_among(connection: sa.Connection, listing_id: int, keys: Sequence[bytes]) -> dict[bytes, Any]:
    """The stored addresses of these keys, by key: rows of id, source, article, host and what the listing `said` of
    them last, None where it has not named them yet."""
    found = (
        connection.execute(_KNOWN, {"keys": keys[start : start + 500], "listing": listing_id})
        for start in range(0, len(keys), 500)
    )
    return {row.key: row for rows in found for row in rows}


def _inherit(connection: sa.Connection, source_id: int, left: Sequence[Any], *, history: bool, now: datetime) -> None:
    """Addresses of a source that is watched no more would never be looked at again: they are this source's now."""
    for found in left:
        values: dict[str, Any] = {"source_id": source_id}
        if found.article_id is None:  # never read
            values |= {"next_look_at": now, "failures": 0}
            if history:
                values["history"] = True
        connection.execute(update(address).where(address.c.id == found.id).values(values))
    for name in {found.host for found in left}:
        due_at(connection, name, now)


def _also_in(connection: sa.Connection, source_id: int, found: Sequence[Any]) -> None:
    """An article that another source lists, too, stands in the feeds of both."""
    ids = {one.article_id for one in found}
    there = set(
        connection.execute(
            select(article_source.c.article_id).where(
                article_source.c.source_id == source_id, article_source.c.article_id.in_(ids)
            )
        ).scalars()
    )
    if missing := ids - there:
        seen = connection.execute(select(article.c.id, article.c.first_seen_at).where(article.c.id.in_(missing)))
        connection.execute(
            article_source.insert(),
            [{"source_id": source_id, "article_id": row.id, "first_seen_at": row.first_seen_at} for row in seen],
        )


def _said(link: Link) -> bytes:
    """What a listing says of an address, in eight bytes. The title as it is compared, so that a quote mark that
    turned round is no reason to look."""
    when = "" if link.published is None else link.published.moment.isoformat()
    return blake2b(json.dumps([fold(link.title), when, link.lastmod]).encode(), digest_size=8).digest()


def _says(link: Link) -> dict[str, Any]:
    return {
        "listed_title": one_line(link.title, 500),
        "listed_when": when_json(link.published),
        "listed_summary": link.summary,
    }


# Built once: that costs as much as running it.
_KNOWN = (
    select(address.c.id, address.c.key, address.c.source_id, address.c.article_id, address.c.host, listed.c.said)
    .join(listed, (listed.c.address_id == address.c.id) & (listed.c.listing_id == bindparam("listing")), isouter=True)
    .where(address.c.key.in_(bindparam("keys", expanding=True)))
)
