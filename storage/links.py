"""What a listing names: new addresses, and other words about known ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select, update

from storage.gone import look_at_named
from storage.identity import address_key, canonical_url, host_of
from storage.model.articles import ChangeKind
from storage.model.looking import DueListing, Link
from storage.rows import when_json
from storage.schema.articles import address, article, article_source, change, listed
from storage.schema.looking import source
from storage.sources import due_at
from storage.text import fold, one_line

FORGOTTEN = b""  # as `said`: no listing says so
MOST_GONE = 500  # missing articles of a host that are remembered as named
MOST_HOSTS = 20  # of a list, those that it names most: one of links to all the world may name thousands


@dataclass(frozen=True, slots=True)
class ListingSaved:
    """How many addresses were not known before, and about how many known ones the listing says something else."""

    new: int
    again: int


def take_links(
    connection: sa.Connection, due: DueListing, links: Sequence[Link], *, history: bool, now: datetime
) -> ListingSaved:
    """Insert addresses that were not known, due now, the oldest first; look again where the listing says another thing
    than before."""
    by_key: dict[bytes, Link] = {}
    for link in links:
        by_key.setdefault(address_key(link.same or link.url), link)
    known = known_among(connection, due.id, list(by_key))
    for one in [one for one, found in known.items() if found.tombstone_id is not None]:
        del by_key[one], known[one]  # dropped by a person: whatever is said of it, it is looked at no more
    said_before = {found.id: found.said for found in known.values() if found.said is not None}
    new = _oldest_first([(one, link) for one, link in by_key.items() if one not in known])
    hosts = Counter(host_of(link.url) for _, link in new)
    for name in hosts:
        due_at(connection, name, now)
    hosts.update(one.host for one in known.values())
    main = {host_of(due.url), *(name for name, _ in hosts.most_common(MOST_HOSTS))}
    _forget_what_is_gone(connection, due.id, main, {one.id for one in known.values()})
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
    others = {found.source_id for found in known.values()} - {due.source_id}
    kept = _watched(connection, others) if others else {}
    again, first_here, shared = [], [], []
    for one, found in known.items():
        said = _said(by_key[one])
        if found.id not in said_before:
            first_here.append({"listing_id": due.id, "address_id": found.id, "said": said, "last_seen_at": now})
            if found.source_id in kept and not _is_hearsay(found, due, kept):
                shared.append((found, by_key[one]))
        elif said_before[found.id] != said:
            again.append((found, by_key[one], said))
    if others:
        left = [found for found in known.values() if found.source_id in others - kept.keys()]
        _inherit(connection, due.source_id, left, history=history, now=now)
    for found, link in shared:
        _share(connection, due, found, link, history=history, now=now)
    if first_here:
        connection.execute(listed.insert(), first_here)
        with_article = [found for found in known.values() if found.article_id is not None]
        joined = _also_in(connection, due.source_id, with_article)
        if joined and not history:
            connection.execute(_JUDGE_AGAIN, {"articles": list(joined)})
    heard = [(found, link) for found, link, _ in again if not _is_hearsay(found, due, kept)]
    for found, link in heard:
        at = now
        if said_before[found.id] == FORGOTTEN:
            at = look_at_named(found.gone_since, found.last_look_at, now)
            at = min(at, found.next_look_at or at)
        connection.execute(update(address).where(address.c.id == found.id).values(_says(link) | {"next_look_at": at}))
        due_at(connection, found.host, at)
    for found, _, said in again:
        connection.execute(
            update(listed).where(listed.c.listing_id == due.id, listed.c.address_id == found.id).values(said=said)
        )
    return ListingSaved(new=len(new), again=len(heard))


def _oldest_first(new: Sequence[tuple[bytes, Link]]) -> list[tuple[bytes, Link]]:
    """In the order in which they are to be read, and stand in feeds from then on: by the dates that the listing states,
    where it states each, and else from its end on, since lists begin with what is newest."""
    from_the_end = list(reversed(new))
    dates = {one: link.published.moment for one, link in new if link.published is not None}
    return sorted(from_the_end, key=lambda pair: dates[pair[0]]) if len(dates) == len(new) else from_the_end


def known_among(connection: sa.Connection, listing_id: int, keys: Sequence[bytes]) -> dict[bytes, Any]:
    """The stored addresses of these keys, by key: rows of id, source, article, host and what the listing `said` of
    them last, None where it has not named them yet."""
    found = (
        connection.execute(_KNOWN, {"keys": keys[start : start + 500], "listing": listing_id})
        for start in range(0, len(keys), 500)
    )
    return {row.key: row for rows in found for row in rows}


def _watched(connection: sa.Connection, ids: Collection[int]) -> dict[int, str]:
    """Those of these sources that are watched, with the hosts of their URLs."""
    query = select(source.c.id, source.c.url).where(
        source.c.id.in_(ids), source.c.enabled, source.c.retired_at.is_(None)
    )
    return {row.id: host_of(row.url) for row in connection.execute(query)}


def _is_hearsay(found: Any, due: DueListing, kept: Mapping[int, str]) -> bool:
    """Another site's word about an address that a source watches at its own site. Else any source could date and name
    another's articles, have its pages looked at again for ever, and make news of it history by naming it first."""
    owner = kept.get(found.source_id, "")
    return _is_one_site(owner, found.host) and not _is_one_site(host_of(due.url), found.host)


def _is_one_site(one: str, other: str) -> bool:
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _share(connection: sa.Connection, due: DueListing, found: Any, link: Link, *, history: bool, now: datetime) -> None:
    """What another source had found is listed here for the first time, by a listing that has as much to say of it.

    Where nobody could read it, it is looked at now: it may have been named before it was there. What a site lists as
    new is news, though another source's first look had come across it.
    """
    is_home = _is_one_site(host_of(due.url), found.host)
    if found.article_id is None:
        values: dict[str, Any] = _says(link) | {"next_look_at": now, "failures": 0}
        if not history:
            values["history"] = False
        if is_home:
            values |= {"source_id": due.source_id, "url": canonical_url(link.url), "history": history}
        connection.execute(update(address).where(address.c.id == found.id).values(values))
        due_at(connection, found.host, now)
    elif is_home and not history:
        is_history = (article.c.id == found.article_id) & article.c.history
        if connection.execute(update(article).where(is_history).values(history=False)).rowcount:
            added = (change.c.article_id == found.article_id) & (change.c.kind == ChangeKind.ADDED)
            connection.execute(update(change).where(added).values(history=False, matched_at=None))


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


def _also_in(connection: sa.Connection, source_id: int, found: Sequence[Any]) -> set[int]:
    """An article that another source lists, too, stands in the feeds of both. Answers those that this one had not."""
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
    return missing


def _said(link: Link) -> bytes:
    """What a listing says of an address, in eight bytes. The title as it is compared, so that a quote mark that
    turned round is no reason to look."""
    when = "" if link.published is None else link.published.moment.isoformat()
    return blake2b(json.dumps([fold(link.title), when, link.lastmod]).encode(), digest_size=8).digest()


def _forget_what_is_gone(
    connection: sa.Connection, listing_id: int, hosts: Collection[str], named: Collection[int]
) -> None:
    """Of articles that are missing and named no more, forget what the listing said: should it name one of them again,
    that is another thing than before, and it is looked at now. It may be back. Asked of its own host, since it may
    name nothing now, and of those that it names: a feed's own may be another."""
    for name in hosts:
        gone = connection.execute(_GONE, {"listing": listing_id, "host": name}).scalars()
        if left := [one for one in gone if one not in named]:
            of_this = (listed.c.listing_id == listing_id) & listed.c.address_id.in_(left)
            connection.execute(update(listed).where(of_this).values(said=FORGOTTEN))


def _says(link: Link) -> dict[str, Any]:
    return {
        "listed_title": one_line(link.title, 500),
        "listed_when": when_json(link.published),
        "listed_summary": link.summary,
    }


# Rules that ask for this source have not been asked yet; those that held are passed over when alerts are raised.
_JUDGE_AGAIN = (
    change.update()
    .where(
        change.c.article_id.in_(bindparam("articles", expanding=True)),
        change.c.kind == str(ChangeKind.ADDED),
        ~change.c.history,
        change.c.mass_id.is_(None),
    )
    .values(matched_at=None)
)

# Those that went last: of a site that purged its archive there may be any number.
_gone = address.alias("gone")
_newest_gone = (
    select(_gone.c.id)
    .where(_gone.c.host == bindparam("host"), _gone.c.gone_since.is_not(None))
    .order_by(_gone.c.gone_since.desc())
    .limit(MOST_GONE)
)
_GONE = select(listed.c.address_id).where(
    listed.c.listing_id == bindparam("listing"), listed.c.address_id.in_(_newest_gone), listed.c.said != FORGOTTEN
)

# Built once: that costs as much as running it.
_KNOWN = (
    select(
        *(address.c[name] for name in ("id", "key", "source_id", "article_id", "host", "tombstone_id")),
        *(address.c[name] for name in ("gone_since", "last_look_at", "next_look_at")),
        listed.c.said,
    )
    .join(listed, (listed.c.address_id == address.c.id) & (listed.c.listing_id == bindparam("listing")), isouter=True)
    .where(address.c.key.in_(bindparam("keys", expanding=True)))
)
