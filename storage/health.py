"""Is a source well? What came of its looks, since when it is in its state, and what the operator is told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select, update

from storage.model.looking import DueListing, Outcome, SourceState
from storage.schema.looking import listing, look_count, source
from storage.schema.telling import notice

DROPPED = "dropped"  # counted beside the outcomes of looks: looks again for which there was no time
DOWN_AFTER = 3  # failed looks in a row: one bad answer is nobody's news


def completed(connection: sa.Connection, at: Mapping[int, datetime]) -> None:
    """A look at a listing of each of these sources completed, at the given time.

    Of a source with several listings the message stays while another of them fails.
    """
    connection.execute(_COMPLETED, [{"of": source_id, "at": moment} for source_id, moment in at.items()])
    unwell = connection.execute(
        select(source).where(source.c.id.in_(at), (source.c.state != SourceState.OK) | (source.c.message != ""))
    ).all()
    fails = _failing(connection, {row.id for row in unwell})
    for row in unwell:
        now = at[row.id]
        if row.state == SourceState.OK and row.id in fails:
            continue
        values = (
            {"message": ""}
            if row.state == SourceState.OK
            else {"message": "", "state": SourceState.OK, "state_since": now}
        )
        connection.execute(update(source).where(source.c.id == row.id).values(values))
        if row.state == SourceState.DOWN:
            # That its other listings failed as well is told with it: whether they still do is told anew.
            connection.execute(
                update(listing)
                .where(_IS_ROOT, listing.c.source_id == row.id, listing.c.failures >= DOWN_AFTER)
                .values(failures=DOWN_AFTER - 1)
            )
            tell(
                connection,
                f"{row.name} is back",
                f"The source {row.name} answers again. It was down since {row.state_since:%Y-%m-%d %H:%M} UTC: "
                f"{row.message}",
                now,
                about=f"source {row.name}",
            )


def failed(connection: sa.Connection, source_id: int, outcome: Outcome, message: str, now: datetime) -> None:
    """A look at the source's own listing failed; at the third in a row of all of them it is down, which is told once.

    The listing's own row is booked before.
    """
    row = connection.execute(select(source).where(source.c.id == source_id)).one()
    words = f"{outcome}: {message}" if message else str(outcome)
    values = {"failures": row.failures + 1, "last_look_at": now, "message": words}
    if (
        row.failures + 1 >= DOWN_AFTER
        and row.state != SourceState.DOWN
        and not _has_listing(connection, source_id, DOWN_AFTER)
    ):
        values |= {"state": SourceState.DOWN, "state_since": now}
        tell(
            connection,
            f"{row.name} is down",
            f"The source {row.name} failed {DOWN_AFTER} times in a row: {words}",
            now,
            about=f"source {row.name}",
        )
    connection.execute(update(source).where(source.c.id == source_id).values(values))


def listing_failed(connection: sa.Connection, due: DueListing, words: str, now: datetime) -> None:
    """A listing beside others failed three times in a row: told once, since the source itself goes on."""
    if _failures(connection, due.id) == DOWN_AFTER and _has_listing(connection, due.source_id, 1):
        text = (
            f"The source {due.source} goes on with its other listings. {due.url} failed {DOWN_AFTER} times in a row: "
        )
        tell(connection, f"a listing of {due.source} is down", text + words, now, about=f"source {due.source}")


def listing_completed(connection: sa.Connection, due: DueListing, now: datetime) -> None:
    """The counterpart of `listing_failed`; before the listing's own row is booked."""
    is_root = due.named_at is None and due.backfill is None
    if is_root and _failures(connection, due.id) >= DOWN_AFTER and _has_listing(connection, due.source_id, 1, due.id):
        about = f"source {due.source}"
        tell(connection, f"a listing of {due.source} is back", f"{due.url} answers again.", now, about=about)


def _failures(connection: sa.Connection, listing_id: int) -> int:
    """How often a listing failed in a row by now: since it was claimed its source may have come back."""
    return connection.execute(select(listing.c.failures).where(listing.c.id == listing_id)).scalar() or 0


def _has_listing(connection: sa.Connection, source_id: int, fewer_than: int, but: int = 0) -> bool:
    """Has the source a listing that failed fewer times in a row than this?"""
    query = select(sa.literal(1)).where(
        _IS_ROOT, listing.c.source_id == source_id, listing.c.failures < fewer_than, listing.c.id != but
    )
    return connection.execute(query.limit(1)).first() is not None


def _failing(connection: sa.Connection, source_ids: Collection[int]) -> set[int]:
    """Those of these sources that have a listing which failed three times in a row."""
    failing = select(listing.c.source_id).where(
        _IS_ROOT, listing.c.source_id.in_(source_ids), listing.c.failures >= DOWN_AFTER
    )
    return set(connection.execute(failing).scalars()) if source_ids else set()


def tell(
    connection: sa.Connection,
    subject: str,
    text: str,
    now: datetime,
    *,
    about: str = "",
    channel: str = "",
    mass_id: int | None = None,
) -> None:
    """Leave a notice for the operator. What is `about` the same, "source NAME" or "channel NAME", is told in order.
    `channel` is one that does not work: it is told through the others. With a mass event it goes also to those whose
    rules ask for changes of its kind."""
    values = {"subject": subject, "text": text, "about": about, "channel": channel, "mass_id": mass_id}
    connection.execute(notice.insert().values(created_at=now, **values))


def tell_daily(
    connection: sa.Connection, subject: str, text: str, now: datetime, *, about: str = "", channel: str = ""
) -> None:
    """As `tell`, unless a notice of this subject was left within a day. What a clock that was set back has left in the
    future does not count."""
    within_a_day = (notice.c.created_at > now - timedelta(days=1)) & (notice.c.created_at <= now)
    lately = select(notice.c.id).where(notice.c.subject == subject, within_a_day)
    if connection.execute(lately.limit(1)).first() is None:
        tell(connection, subject, text, now, about=about, channel=channel)


def count(connection: sa.Connection, looks: Iterable[tuple[int, datetime, Outcome]]) -> None:
    """Add looks to the counters of their source and hour: no row a look."""
    _add(connection, Counter((source_id, _hour(at), str(outcome)) for source_id, at, outcome in looks))


def count_dropped(connection: sa.Connection, dropped: Iterable[tuple[int, datetime, int]]) -> None:
    """Count looks again that were not made, so many at a source."""
    counted: Counter[tuple[int, datetime, str]] = Counter()
    for source_id, at, number in dropped:
        counted[source_id, _hour(at), DROPPED] += number
    _add(connection, counted)


def _add(connection: sa.Connection, counted: Mapping[tuple[int, datetime, str], int]) -> None:
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


# What the config named: neither a section nor a page of a back-fill.
_IS_ROOT = listing.c.found_on.is_(None) & listing.c.backfill_id.is_(None) & listing.c.next_look_at.is_not(None)
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
