"""What a round of looks came to, in numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from storage.model.articles import ChangeKind
from storage.model.telling import DeliveryState
from storage.schema.articles import address, article, change
from storage.schema.looking import listing, source
from storage.schema.telling import alert, delivery
from storage.text import iso

WAITING = (DeliveryState.OPEN, DeliveryState.PENDING, DeliveryState.PAUSED)


def counted_since(connection: sa.Connection, since: datetime) -> dict[str, Any]:
    """Count what was looked at, seen and told since then, as `dateline once --json` shows it.

    `looks` counts each listing and address once, `listed` the links that the listings named. `errors` has a row for
    each source whose last look failed; `since` is since when it is in its state.
    """
    seen = select(change.c.kind, func.count().label("number")).where(change.c.seen_at >= since).group_by(change.c.kind)
    kinds = {row.kind: row.number for row in connection.execute(seen)}
    failing = connection.execute(
        select(source.c.name, source.c.state, source.c.state_since, source.c.message)
        .where(source.c.last_look_at >= since, source.c.failures > 0, source.c.enabled, source.c.retired_at.is_(None))
        .order_by(source.c.name)
    )

    def number(column: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.coalesce(column, 0)).where(*where)).scalar_one())

    return {
        "looks": number(func.count(listing.c.id), listing.c.last_look_at >= since)
        + number(func.count(address.c.id), address.c.last_look_at >= since),
        "listed": number(func.sum(listing.c.links), listing.c.last_ok_at >= since),
        "new": number(func.count(article.c.id), article.c.first_seen_at >= since),
        "edited": kinds.get(ChangeKind.EDITED, 0),
        "removed": kinds.get(ChangeKind.REMOVED, 0),
        "restored": kinds.get(ChangeKind.RESTORED, 0),
        "alerts": number(func.count(alert.c.id), alert.c.created_at >= since),
        "delivered": number(func.count(delivery.c.id), delivery.c.sent_at >= since),
        "pending": number(func.count(delivery.c.id), delivery.c.state.in_(WAITING)),
        "errors": [
            {"source": row.name, "state": row.state, "since": iso(row.state_since), "message": row.message}
            for row in failing
        ],
    }


def every_source_failed(connection: sa.Connection, since: datetime) -> bool:
    """Has no enabled source had a completed look since then? False where there is no source."""
    watched = (source.c.enabled, source.c.retired_at.is_(None), source.c.last_look_at >= since)
    total, failing = connection.execute(
        select(func.count(), func.coalesce(func.sum(sa.cast(source.c.failures > 0, sa.Integer)), 0)).where(*watched)
    ).one()
    return bool(total) and total == failing
