"""What commands say of the store in words."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from scheduler.report import status_in_words
from storage.archive import Archive
from storage.schema.looking import host
from storage.store import Store
from tests.press import BEGAN, Press


def test_status_says_what_there_was_no_time_for(store: Store) -> None:
    """How many looks again were dropped, at which host, and which key of the config would mend it."""
    press = Press(store)
    press.source("Gazette", message="a listing answers 404")
    press.source("Herald")
    store.write(lambda connection: connection.execute(sa.update(host).values(delay_s=2.5)))
    press.looks("Gazette", BEGAN, unchanged=3, dropped=1200)
    press.looks("Gazette", BEGAN + timedelta(hours=1), dropped=34)
    counts = Archive(store).status(BEGAN + timedelta(hours=2))
    assert [one["dropped"]["looks"] for one in counts["sources"]] == [1234, 0]  # type: ignore[attr-defined]
    gazette, fault, dropped, herald = status_in_words(counts).splitlines()[1:5]
    assert gazette.startswith("Gazette") and fault.strip() == "a listing answers 404"
    assert "dropped in the last 24 hours: 1,234 at gazette.example: more fall due than a delay of 2500ms" in dropped
    assert "[changes] revisit" in dropped and herald.startswith("Herald")


def test_a_source_with_time_for_all_says_nothing(store: Store) -> None:
    """Nor does one whose drops are older than a day."""
    press = Press(store)
    press.source("Gazette")
    press.looks("Gazette", BEGAN - timedelta(hours=30), dropped=7)
    assert "dropped" not in status_in_words(Archive(store).status(BEGAN))
