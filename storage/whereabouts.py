"""Where an article stands: the addresses that lead to it, whether it may be gone, and who was told of its changes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import func, select

from storage.model.telling import DeliveryState
from storage.schema.articles import address, article, change, mass
from storage.schema.telling import alert, delivery, delivery_alert


@dataclass(frozen=True, slots=True)
class Leading:
    """An address that leads to an article. `fault` is what came of its last look if that failed, "" else."""

    url: str
    is_lead: bool
    looks: int
    last_look_at: datetime | None
    next_look_at: datetime | None
    fault: str
    gone_since: datetime | None


@dataclass(frozen=True, slots=True)
class Missing:
    """Since when, and in how many looks that count, the lead has not shown its article. `mass_id` is the event that
    holds it, if many of its host are missing together."""

    since: datetime
    looks: int
    shows_another: bool
    mass_id: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """An alert of a change: its deliveries as (channel, state), or in `untold` the one reason why it has none."""

    rule: str
    holds: str
    words: tuple[str, ...]
    at: datetime
    untold: str
    deliveries: tuple[tuple[str, DeliveryState], ...]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`addresses` begin with the lead. `told` and `masses` are by the ids of changes; those that nobody was told of,
    or that are part of no mass event, are not in them."""

    addresses: tuple[Leading, ...]
    missing: Missing | None
    told: Mapping[int, tuple[Told, ...]]
    masses: Mapping[int, int]


def whereabouts(connection: sa.Connection, article_id: int) -> Whereabouts:
    of = change.c.article_id == article_id
    masses = connection.execute(select(change.c.id, change.c.mass_id).where(of, change.c.mass_id.is_not(None)))
    return Whereabouts(
        _addresses(connection, article_id),
        _missing(connection, article_id),
        _told(connection, of),
        {row.id: row.mass_id for row in masses},
    )


def _addresses(connection: sa.Connection, article_id: int) -> tuple[Leading, ...]:
    query = (
        select(address, (article.c.lead_id == address.c.id).label("is_lead"))
        .join(article, article.c.id == address.c.article_id)
        .where(address.c.article_id == article_id)
        .order_by((article.c.lead_id != address.c.id), address.c.id)
    )
    return tuple(
        Leading(
            url=row.url,
            is_lead=bool(row.is_lead),
            looks=row.looks,
            last_look_at=row.last_look_at,
            next_look_at=row.next_look_at,
            fault=row.fault,
            gone_since=row.gone_since,
        )
        for row in connection.execute(query)
    )


def _missing(connection: sa.Connection, article_id: int) -> Missing | None:
    """As storage/removals.py counts: what says that it is not there, or shows another article."""
    held = (
        select(func.max(mass.c.id))
        .where(mass.c.host == address.c.host, mass.c.kind == "removed", mass.c.ended_at.is_(None))
        .correlate(address)
        .scalar_subquery()
    )
    query = (
        select(
            article.c.lost_at,
            article.c.lost_looks,
            *(address.c.gone_since, address.c.gone_looks),
            article.c.removed_at,
            held.label("mass_id"),
        )
        .join(address, address.c.id == article.c.lead_id)
        .where(article.c.id == article_id)
    )
    row = connection.execute(query).first()
    if row is None or (row.gone_since is None and row.lost_at is None):
        return None
    held_by = row.mass_id if row.removed_at is None else None
    if row.gone_since is not None:
        return Missing(row.gone_since, row.gone_looks, False, held_by)
    return Missing(row.lost_at, max(row.lost_looks or 1, 1), True, held_by)


def _told(connection: sa.Connection, of: sa.ColumnElement[bool]) -> dict[int, tuple[Told, ...]]:
    alerts = connection.execute(
        select(alert).join(change, change.c.id == alert.c.change_id).where(of).order_by(alert.c.id)
    ).all()
    bound = connection.execute(
        select(delivery_alert.c.alert_id, delivery.c.channel, delivery.c.state)
        .join(delivery, delivery.c.id == delivery_alert.c.delivery_id)
        .join(alert, alert.c.id == delivery_alert.c.alert_id)
        .join(change, change.c.id == alert.c.change_id)
        .where(of)
        .order_by(delivery.c.channel)
    )
    deliveries: dict[int, list[tuple[str, DeliveryState]]] = defaultdict(list)
    for row in bound:
        deliveries[row.alert_id].append((row.channel, DeliveryState(row.state)))
    told: dict[int, list[Told]] = defaultdict(list)
    for row in alerts:
        through, words = tuple(deliveries[row.id]), tuple(json.loads(row.words))
        told[row.change_id].append(Told(row.rule, row.holds, words, row.created_at, row.untold, through))
    return {change_id: tuple(each) for change_id, each in told.items()}
