"""What pages and commands ask of alerts and deliveries is found by an index, however many there are."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storage import by_hand, reasons, rule_counts
from storage.counts import counted_since
from storage.fates import Fates, given_up
from tests.storage.desk import Desk

WHOLE = re.compile(r"SCAN (alert|delivery|change|article|revision)\b(?! USING)")


def test_no_table_that_grows_is_read_whole(desk: Desk) -> None:
    """A hundred thousand alerts with their messages are some hundred megabytes."""
    desk.told_of(3)
    store, since = desk.watch.store, desk.watch.now - timedelta(days=7)
    fates = Fates(store)
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    assert len(fates.alerts()) == len(fates.alerts(of_rule="ships")) == 3
    fates.channels(), fates.notices(), fates.rules(10)
    with store.reader() as connection:
        given_up(connection)
        counted_since(connection, since)
        rule_counts.raised_since(connection, since)
        rule_counts.raised_by_day(connection, since, ["ships", "boats"])
        by_hand.listed(connection)
        by_hand.short_ids(connection, [one.id for one in by_hand.listed(connection, rule="ships")])
        reasons.of_alert(connection, "1")
    sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert len(asked) > 15
    with store.reader() as connection:
        for statement, parameters in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert [one for one in plan if WHOLE.match(one)] == [], statement


def test_alerts_of_one_rule(desk: Desk) -> None:
    """And the rules that there are or were, by name."""
    desk.told_of(2)
    fates = Fates(desk.watch.store)
    assert [one.id for one in fates.alerts(of_rule="ships")] == [2, 1]
    assert fates.alerts(of_rule="boats") == []
    assert fates.rules(10) == ["ships"] and fates.rules(0) == []
