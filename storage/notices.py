"""What the operator is told of Dateline itself: each notice once, and many at once as one message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import func, select, update

from storage import stopped
from storage.model.telling import Notice
from storage.outbox import DueAt, new_delivery
from storage.schema.articles import mass
from storage.schema.looking import source
from storage.schema.telling import notice
from storage.text import one_line

ONE_BY_ONE = 3  # that wait together; more of them are one message
AT_MOST, WITHIN = 20, timedelta(minutes=10)  # then the others wait until these have passed, and are one message
TAKEN_AT_ONCE = 500
MOST_SUBJECTS = 5


def untaken(connection: sa.Connection, now: datetime) -> bool:
    """Is there a notice that may be told now?"""
    waits = connection.execute(select(notice.c.id).where(notice.c.told_at.is_(None)).limit(1)).first()
    return waits is not None and not _is_storm(connection, now)


def take_notices(
    connection: sa.Connection,
    channels: Sequence[str],
    now: datetime,
    of_mass: Callable[[str, str], Sequence[tuple[str, str]]] = lambda kind, source: (),
    due_at: DueAt = lambda rule, channel, opened_at: opened_at,
) -> int:
    """Make deliveries of the notices that wait, for each of the operator's channels but the one that a notice is about,
    unless there is no other: then it waits there until the channel works.

    One of a mass event goes also to those that `of_mass` names for its kind and source, as rule and channel; not where
    its reader has stopped the rule.
    """
    if _is_storm(connection, now):
        return 0
    query = (
        select(notice, mass.c.kind, source.c.name.label("source"))
        .join(mass, mass.c.id == notice.c.mass_id, isouter=True)
        .join(source, source.c.id == mass.c.source_id, isouter=True)
        .where(notice.c.told_at.is_(None))
    )
    rows = connection.execute(query.order_by(notice.c.id).limit(TAKEN_AT_ONCE)).all()
    told: defaultdict[str, list[Notice]] = defaultdict(list)
    halted = stopped.since(connection)
    for row in rows:
        hears = of_mass(row.kind, row.source) if row.mass_id else ()
        names = dict.fromkeys((*channels, *(channel for rule, channel in hears if (rule, channel) not in halted)))
        for name in [one for one in names if one != row.channel] or names:
            told[name].append(Notice(row.subject, row.text, (row.about,) if row.about else ()))
    for name, notices in told.items():
        for one in notices if len(notices) <= ONE_BY_ONE else [joined(notices)]:
            new_delivery(connection, name, "", now, due_at("", name, now), one)
    ids = [row.id for row in rows]
    connection.execute(update(notice).where(notice.c.id.in_(ids)).values(told_at=now))
    return len(rows)


def joined(notices: Sequence[Notice]) -> Notice:
    """Many notices as one: a subject that names the first, and all that they say. It is about all that they are."""
    first = "; ".join(one_line(one.subject, 60) for one in notices[:MOST_SUBJECTS])
    more = len(notices) - MOST_SUBJECTS
    subject = f"{len(notices)} notices: {first}{f'; and {more} more' if more > 0 else ''}"
    about = tuple(dict.fromkeys(each for one in notices for each in one.about))
    return Notice(subject, "\n\n".join(f"{one.subject}\n{one.text}".strip() for one in notices), about)


def _is_storm(connection: sa.Connection, now: datetime) -> bool:
    """Have so many been told of late that the others wait a while, to come as one?"""
    of_late = (notice.c.told_at > now - WITHIN) & (notice.c.told_at <= now)
    return int(connection.execute(select(func.count()).where(of_late)).scalar_one()) >= AT_MOST
