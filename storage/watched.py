"""The sources that are watched and how each of them is, for pages and `status`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import func, select

from storage import layouts
from storage.health import DROPPED
from storage.identity import host_of
from storage.layouts import KnownLayouts
from storage.model.looking import Outcome, SourceState
from storage.schema.articles import article_source
from storage.schema.looking import host, listing, look_count, source

DROPS_SHOWN = timedelta(hours=24)
_FAULTS = frozenset(outcome for outcome in Outcome if outcome.is_fault)


@dataclass(frozen=True, slots=True)
class HourOfLooks:
    """How the looks of one hour at a source ended; `hour` is its beginning."""

    hour: datetime
    well: int
    faults: int


@dataclass(frozen=True, slots=True)
class WatchedSource:
    """A source and how it is. `hours` names only hours with looks, in order; `listings` are those that the config
    named, `layouts` what was learned of its pages, one for each host. `dropped` counts looks again of the last 24 hours
    for which `delay`, the pause between two requests to `host`, left no time."""

    name: str
    url: str
    enabled: bool
    state: SourceState
    since: datetime
    message: str
    last_look: datetime | None
    next_look: datetime | None
    articles: int
    hours: tuple[HourOfLooks, ...] = ()
    listings: tuple[str, ...] = ()
    layouts: tuple[KnownLayouts, ...] = ()
    dropped: int = 0
    host: str = ""
    delay: timedelta = timedelta(0)


def watched(reading: sa.Connection, now: datetime, since: datetime | None) -> list[WatchedSource]:
    """Every source that is watched, by name; with its looks from `since` on, without any where that is None."""
    of = article_source.c.source_id
    counted = reading.execute(select(of, func.count().label("articles")).group_by(of))
    articles = {row.source_id: row.articles for row in counted}
    next_look = func.min(listing.c.next_look_at).label("next_look")
    planned = reading.execute(select(listing.c.source_id, next_look).group_by(listing.c.source_id))
    next_looks = {row.source_id: row.next_look for row in planned}
    roots: dict[int, list[str]] = {}
    named = listing.c.found_on.is_(None) & listing.c.backfill_id.is_(None)
    for row in reading.execute(select(listing.c.source_id, listing.c.url).where(named).order_by(listing.c.id)):
        roots.setdefault(row.source_id, []).append(row.url)
    known = layouts.by_source(reading)
    hours = _hours(reading, since) if since is not None else {}
    dropped = _dropped(reading, now - DROPS_SHOWN)
    delays = {row.name: row.delay_s for row in reading.execute(select(host.c.name, host.c.delay_s))} if dropped else {}
    rows = reading.execute(select(source).where(source.c.retired_at.is_(None)).order_by(source.c.name))
    return [
        WatchedSource(
            name=row.name,
            url=row.url,
            enabled=row.enabled,
            state=SourceState(row.state),
            since=row.state_since,
            message=row.message,
            last_look=row.last_look_at,
            next_look=next_looks.get(row.id),
            articles=articles.get(row.id, 0),
            hours=tuple(hours.get(row.id, ())),
            listings=tuple(roots.get(row.id, ())),
            layouts=tuple(known.get(row.name, ())),
            dropped=dropped.get(row.id, 0),
            host=host_of(row.url),
            delay=timedelta(seconds=delays.get(host_of(row.url), 0)),
        )
        for row in rows
    ]


def _hours(reading: sa.Connection, since: datetime) -> dict[int, list[HourOfLooks]]:
    counted_since = (look_count.c.hour > since) & (look_count.c.outcome != DROPPED)
    query = select(look_count).where(counted_since).order_by(look_count.c.source_id, look_count.c.hour)
    counted: dict[tuple[int, datetime], list[int]] = {}
    for row in reading.execute(query):
        counted.setdefault((row.source_id, row.hour), [0, 0])[row.outcome in _FAULTS] += row.looks
    hours: dict[int, list[HourOfLooks]] = {}
    for (source_id, hour), (well, faults) in counted.items():
        hours.setdefault(source_id, []).append(HourOfLooks(hour, well, faults))
    return hours


def _dropped(reading: sa.Connection, since: datetime) -> dict[int, int]:
    of_hour = (look_count.c.hour > since) & (look_count.c.outcome == DROPPED)
    query = select(look_count.c.source_id, func.sum(look_count.c.looks)).where(of_hour)
    return {source_id: int(number) for source_id, number in reading.execute(query.group_by(look_count.c.source_id))}
