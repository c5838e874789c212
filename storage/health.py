"""Is a source well? What came of its looks, since when it is in its state, and what the operator is told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.model import Outcome, SourceState
from storage.schema import look_count, notice, source

DOWN_AFTER = 3  # failed looks in a row: one bad answer is nobody's news


def completed(connection: sa.Connection, at: Mapping[int, datetime]) -> None:
    """A look at a listing of each of these sources completed, at the given time."""
    connection.execute(_COMPLETED, [{"of": source_id, "at": moment} for source_id, moment in at.items()])
    unwell = connection.execute(
        select(source).where(source.c.id.in_(at), (source.c.state != SourceState.OK) | (source.c.message != ""))
    ).all()
    for row in unwell:
        now = at[row.id]
        values = (
            {"message": ""}
            if row.state == SourceState.OK
            else {"message": "", "state": SourceState.OK, "state_since": now}
        )
        connection.execute(update(source).where(source.c.id == row.id).values(values))
        if row.state == SourceState.DOWN:
            tell(
                connection,
                f"{row.name} is back",
                f"The source {row.name} answers again. It was down since {row.state_since:%Y-%m-%d %H:%M} UTC: "
                f"{row.message}",
                now,
            )


def failed(connection: sa.Connection, source_id: int, outcome: Outcome, message: str, now: datetime) -> None:
    """A look at the source's own listing failed; at the third in a row it is down, which is told once."""
    row = connection.execute(select(source).where(source.c.id == source_id)).one()
    words = f"{outcome}: {message}" if message else str(outcome)
    values = {"failures": row.failures + 1, "last_look_at": now, "message": words}
    if row.failures + 1 >= DOWN_AFTER and row.state != SourceState.DOWN:
        values |= {"state": SourceState.DOWN, "state_since": now}
        tell(
            connection, f"{row.name} is down", f"The source {row.name} failed {DOWN_AFTER} times in a row: {words}", now
        )
    connection.execute(update(source).where(source.c.id == source_id).values(values))


def tell(connection: sa.Connection, subject: str, text: str, now: datetime, channel: str = "") -> None:
    """Leave a notice for the operator. `channel` is the one that it is about: it is told through the others."""
    connection.execute(notice.insert().values(subject=subject, text=text, channel=channel, created_at=now))


def count(connection: sa.Connection, looks: Iterable[tuple[int, datetime, Outcome]]) -> None:
    """Add looks to the counters of their source and hour: no row a look."""
    counted = Counter((source_id, _hour(at), str(outcome)) for source_id, at, outcome in looks)
    if not counted:
        return
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    # In order, so that two writers on PostgreSQL take the rows' locks the same way round.
    rows = [
        {"source_id": source_id, "hour": hour, "outcome": outcome, "looks": number}
        for (source_id, hour, outcome), number in sorted(counted.items())
    ]
    statement = insert(look_count)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["source_id", "hour", "outcome"],
            set_={"looks": look_count.c.looks + statement.excluded.looks},
        ),
        rows,
    )


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


_COMPLETED = (
    update(source)
    .where(source.c.id == bindparam("of"))
    .values(
        failures=0,
        last_look_at=bindparam("at"),
        first_completed_at=func.coalesce(
            source.c.first_completed_at, bindparam("at", type_=source.c.last_look_at.type)
        ),
    )
)
