"""Pages that are made to be found at every place cost a bounded time, and hide nothing."""

from __future__ import annotations

from itertools import product
from time import process_time

import pytest

from scheduler.query.matcher import MOST_SPANS, Text
from tests.scheduler.test_matcher import match


def test_a_page_that_repeats_a_word_is_bounded() -> None:
    """A megabyte of one word costs a bounded number of places and about a second."""
    began = process_time()
    found = match("习近平 OR war", Text("", "war é习近平，" * 100_000))
    assert process_time() - began < 10
    assert found is not None
    assert len(found.body) <= 2 * MOST_SPANS


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (" OR ".join("ア" * number for number in range(1, 90)), "ア" * 950_000),
        (" OR ".join("가" * number for number in range(1, 90)), "가" * 950_000),
        (" OR ".join("a" * number + "*" for number in range(2, 95)), "a" * 950_000),
        (" OR ".join(f'"{" ".join("a" * number)}"' for number in range(2, 60)), "a " * 475_000),
        (" NEAR/100 ".join("abcdefghij"), "a b c d e f g h i j " * 47_000),
    ],
)
def test_a_page_that_is_made_to_be_found_is_bounded(query: str, body: str) -> None:
    """Many terms that stand at every place of a megabyte cost a second, where they cost a minute and gigabytes."""
    began = process_time()
    match(query, Text("", body))
    assert process_time() - began < 15


@pytest.mark.parametrize("lead", ["أل", "ال\u064e"])
def test_a_page_that_folds_at_every_place_is_bounded(lead: str) -> None:
    """A hundred names in a megabyte without a space, whose letters are others once they are folded."""
    names = ["".join(letters) for letters in product("صخرحك", repeat=3)][:100]
    body = "".join(f"{lead}{name}," for name in names) * (950_000 // 600)
    began = process_time()
    match(" OR ".join(names), Text("", body))
    assert process_time() - began < 10


def test_what_stands_behind_a_crowd_is_found() -> None:
    """Terms that do not stand everywhere are looked for to the end."""
    crowd = " OR ".join("a" * number + "*" for number in range(2, 95))
    found = match(f"({crowd}) harbour NOT boat", Text("", "a" * 500_000 + " the harbour"))
    assert found is not None and "harbour" in found.words
