"""What a round came to, as `dateline once --json` shows it."""

from __future__ import annotations

from storage.counts import counted_since, every_source_failed
from tests.storage.desk import Desk
from tests.storage.watch import GAZETTE, HERALD, HOUR, MINUTE, START, Watch, link

NOTHING = {
    "looks": 0,
    "listed": 0,
    "new": 0,
    "edited": 0,
    "removed": 0,
    "restored": 0,
    "alerts": 0,
    "delivered": 0,
    "pending": 0,
    "errors": [],
}


def test_an_empty_store_counts_nothing(watch: Watch) -> None:
    """All keys are there, for programs that read them."""
    with watch.store.reader() as connection:
        assert counted_since(connection, START) == NOTHING
        assert not every_source_failed(connection, START)


def test_a_round_is_counted_and_nothing_before_it(watch: Watch) -> None:
    """Looks at listings and addresses, what was listed, what is new and what was edited."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    begun = watch.later(15 * MINUTE).now
    watch.round([link("one"), link("two"), link("three")], words="many complained")
    with watch.store.reader() as connection:
        assert counted_since(connection, begun) == NOTHING | {"looks": 4, "listed": 3, "new": 2, "edited": 1}


def test_alerts_and_deliveries_are_counted(desk: Desk) -> None:
    """What was sent, and what waits for whatever reason."""
    desk.told_of(2, channels=("mail", "hook"))
    desk.sent()
    desk.told_of()
    with desk.watch.store.reader() as connection:
        counts = counted_since(connection, START)
    assert (counts["alerts"], counts["delivered"], counts["pending"]) == (3, 1, 2)


def test_a_source_that_failed_is_named_with_its_reason(watch: Watch) -> None:
    """One that failed is an error; that all did is more than that."""
    watch.config(GAZETTE, HERALD)
    first, second = watch.claim()
    watch.failed(first, first.listings[0])
    with watch.store.reader() as connection:
        name, since = first.listings[0].source, "2026-03-01T12:00:00Z"
        failed = {"source": name, "state": "new", "since": since, "message": "http error: 503"}
        assert counted_since(connection, START)["errors"] == [failed]
        assert every_source_failed(connection, START)
    watch.unchanged((second, second.listings[0]))
    with watch.store.reader() as connection:
        assert not every_source_failed(connection, START)
        assert counted_since(connection, START + HOUR)["errors"] == []
