"""A host whose every request takes its pause, walked as a worker walks it, at a clock that is set: weeks in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.walk import LONGEST_CLAIM_S
from storage.looks import Looks, Read, Unchanged
from storage.model.looking import Claim, Outcome
from storage.rhythm import Rhythm
from storage.schedule import Release
from storage.schema.looking import look_count
from tests.storage.watch import DAY, GAZETTE, HOUR, PAGE, START, Watch, link

LISTED = 100  # of the newest, at every look at the listing
LONGEST_CLAIM = timedelta(seconds=LONGEST_CLAIM_S)


@dataclass
class BusyHost:
    """The gazette, which publishes at the times of `published`, in order; nothing that it publishes ever changes."""

    watch: Watch
    rhythm: Rhythm
    published: Sequence[datetime]
    delay: timedelta = timedelta(seconds=5)
    listings: list[tuple[datetime, datetime]] = field(default_factory=list)  # when it was due, when it was looked at
    first_reads: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)  # when listed, when read
    again: list[tuple[datetime, str, timedelta]] = field(default_factory=list)  # when, what, how old by then

    def __post_init__(self) -> None:
        self.watch.looks = Looks(self.rhythm, DAY)
        self.watch.config(GAZETTE)

    def run(self, until: datetime) -> None:
        while self.watch.now < until:
            if claims := self.watch.claim():
                self._walk(claims[0])
                continue
            row = self.watch.host()
            self.watch.now = max(row.next_due_at, row.next_allowed_at)

    def _walk(self, claim: Claim) -> None:
        """As crawler/walk.py does; what is unchanged is written with the release, as by the ledger."""
        watch, began, again = self.watch, self.watch.now, timedelta(0)
        unchanged: list[Unchanged] = []
        for listing in claim.listings:
            self.listings.append((listing.planned_at or watch.now, watch.now))
            watch.listed(claim, listing, self._links())
            watch.later(self.delay)
        for due in claim.addresses:
            if watch.now - began > LONGEST_CLAIM or (due.is_again and again >= claim.again_for):
                break
            if due.is_again:
                self.again.append((watch.now, due.url, watch.now - due.first_seen_at))
                unchanged.append(Unchanged(claim, due, PAGE, watch.now))
                again += self.delay
            else:
                self.first_reads[due.url] = due.first_seen_at, watch.now
                read = Read(due, Outcome.NEW, PAGE, watch.now)
                watch.store.write(lambda c, read=read: watch.looks.addresses_read(c, [read]))
            watch.later(self.delay)
        ended = Release(claim, watch.now, self.delay, watch.now, again)

        def write(connection: sa.Connection) -> None:
            watch.looks.unchanged(connection, unchanged)
            watch.looks.drop_overtaken(connection, [ended])
            watch.schedule.release(connection, [ended])

        watch.store.write(write)

    def _links(self) -> list[object]:
        out = sum(at <= self.watch.now for at in self.published)
        newest = out if not self.listings[1:] else min(out, LISTED)  # the first look lists all of its history
        return [link(str(number)) for number in range(out - newest, out)]

    # What came of it

    def most_again_in_an_hour(self) -> int:
        """Of any hour, whenever it begins."""
        times = [at for at, _, _ in self.again]
        most = first = 0
        for last, at in enumerate(times):
            while at - times[first] >= HOUR:
                first += 1
            most = max(most, last - first + 1)
        return most

    def dropped(self) -> int:
        query = sa.select(sa.func.coalesce(sa.func.sum(look_count.c.looks), 0)).where(look_count.c.outcome == "dropped")
        return int(self.watch.rows(query)[0][0])


def evenly(number: int, over: timedelta, since: datetime = START) -> list[datetime]:
    return [since + over * place / number for place in range(number)]
