"""What is remembered of words is in bounds, however many rules and feeds there are."""

from __future__ import annotations

import gc

import pytest

from scheduler.query import known
from scheduler.query.grammar import parse
from scheduler.query.known import Known
from scheduler.query.matcher import Matcher, Text, compile_rules


def remembered() -> int:
    return sum(len(one) for one in gc.get_objects() if isinstance(one, Known))


def test_many_feeds_together_remember_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is asked of every article, and kept as long as the daemon runs."""
    gc.collect()
    before = remembered()
    monkeypatch.setattr(known, "ALL_KNOWN", 1000)
    feeds: list[Matcher] = [compile_rules({"": parse(f"ferry word{number}")}) for number in range(20)]
    for first in range(0, 2000, 100):
        text = Text("A ferry", " ".join(f"word{number}" for number in range(first, first + 100)))
        held = [number for number, feed in enumerate(feeds) if feed.match(text)]
        assert held == (list(range(20)) if first == 0 else [])
        assert remembered() - before < 1000
