"""Articles whose lead says that they are gone and that stand at another of their addresses: they moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, select, update

from storage.gone import GONE
from storage.removals import Pending
from storage.schema.articles import address, article
from storage.schema.looking import source
from storage.sooner import look_now

READ_AT_ONCE = 5_000  # articles in a statement: a purge of 35,000 takes seven
ASKED_AT_ONCE = 200  # addresses of a host whose looks are due at one time, to find out whether they show their articles
LED_AT_ONCE = 5_000  # articles in one transaction: one short statement for each


@dataclass(frozen=True, slots=True)
class Other:
    """An address of an article beside its lead that has shown it and does not say that it is gone. `number` is the
    revision that it showed, `fault` what came of its last look if that failed."""

    article_id: int
    address_id: int
    host: str
    number: int
    ahead_since: datetime | None
    looked_at: datetime
    next_look_at: datetime | None
    fault: str
    fault_since: datetime | None

    def shows_it(self, since: datetime) -> bool:
        """Was it seen there after the lead first failed?"""
        return not self.fault and self.ahead_since is None and self.looked_at >= since

    def may_show_it(self, now: datetime, confirm: timedelta) -> bool:
        """Is it worth waiting for? A server that fails, or a text that waits for its lead, is given as long as a
        removal takes."""
        if self.fault in GONE:
            return False
        began = self.ahead_since or self.fault_since
        return began is None or began > now - confirm


@dataclass(frozen=True, slots=True)
class Parted:
    """What is suspected, by what the other addresses say: `gone` stand nowhere, `moved` stand at the address beside
    them, of `unsure` a look at one of `unseen` tells. Each in the order in which they were suspected."""

    gone: tuple[Pending, ...]
    moved: tuple[tuple[Pending, int], ...]
    unsure: tuple[Pending, ...]
    unseen: tuple[Other, ...]


def others(connection: sa.Connection, suspected: Sequence[Pending]) -> dict[int, list[Other]]:
    """By article the addresses beside its lead that may show it, of those that are watched; a bounded number of
    statements."""
    found: dict[int, list[Other]] = defaultdict(list)
    for begin in range(0, len(suspected), READ_AT_ONCE):
        ids = [one.article_id for one in suspected[begin : begin + READ_AT_ONCE]]
        for row in connection.execute(_OTHERS, {"ids": ids}):
            found[row.article_id].append(Other(**row._mapping))
    return dict(found)


def part(
    suspected: Sequence[Pending], known: Mapping[int, Sequence[Other]], now: datetime, confirm: timedelta
) -> Parted:
    """Tell those that moved from those that are gone. Only addresses at the host of the lead count: a copy at another
    may outlive the article. Pure."""
    gone: list[Pending] = []
    moved: list[tuple[Pending, int]] = []
    unsure: list[Pending] = []
    unseen: list[Other] = []
    for one in suspected:
        here = [other for other in known.get(one.article_id, ()) if _site(other.host) == _site(one.host)]
        showing = [other for other in here if other.shows_it(one.gone.since)]
        awaited = [other for other in here if other.may_show_it(now, confirm)]
        if showing:
            # The newest text that it has shown: an earlier one at the lead would read as an edit.
            best = max(showing, key=lambda other: (other.number, other.looked_at, -other.address_id))
            moved.append((one, best.address_id))
        elif awaited:
            unsure.append(one)
            unseen += (other for other in awaited if other.looked_at < one.gone.since)
        else:
            gone.append(one)
    return Parted(tuple(gone), tuple(moved), tuple(unsure), tuple(unseen))


def lead_there(connection: sa.Connection, moved: Sequence[tuple[Pending, int]]) -> bool:
    """Let these be led by the addresses beside them; their revisions go on saying where each was read. True: there are
    more than are written at once."""
    some = [{"of": one.article_id, "lead": one.address_id, "becomes": to} for one, to in moved[:LED_AT_ONCE]]
    if some:
        connection.execute(_LED, some)
    return len(moved) > LED_AT_ONCE


def ask(connection: sa.Connection, unseen: Collection[Other], now: datetime) -> None:
    """Have them looked at, the newest first and some at a time: so many looks must not keep the news waiting."""
    look_now(connection, sorted(unseen, key=lambda other: -other.address_id)[:ASKED_AT_ONCE], now)


def _site(host: str) -> str:
    return host.removeprefix("www.")


_OTHERS = (
    select(
        address.c.article_id,
        address.c.id.label("address_id"),
        address.c.host,
        sa.func.coalesce(address.c.revision_number, 0).label("number"),
        address.c.ahead_since,
        address.c.last_look_at.label("looked_at"),
        address.c.next_look_at,
        address.c.fault,
        address.c.fault_since,
    )
    .join(article, article.c.id == address.c.article_id)
    .join(source, source.c.id == address.c.source_id)
    .where(
        address.c.article_id.in_(bindparam("ids", expanding=True)),
        address.c.id != article.c.lead_id,
        address.c.looks > 0,
        address.c.last_look_at.is_not(None),
        address.c.gone_since.is_(None),
        source.c.enabled,
        source.c.retired_at.is_(None),
    )
)
# What was read may have moved on meanwhile: only the lead that was suspected is replaced.
_LED = (
    update(article)
    .where(article.c.id == bindparam("of"), article.c.lead_id == bindparam("lead"))
    .values(lead_id=bindparam("becomes"), lost_at=None, lost_looks=None, lost_how="")
)
