"""Did an article move, is it gone, or does a look tell? What its other addresses say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.elsewhere import Other, part
from storage.model.looking import Gone, Outcome
from storage.removals import Pending
from tests.storage.watch import DAY, HOUR, START

SINCE = START - 12 * HOUR
PENDING = Pending(1, 10, 5, "gazette.example", Gone(SINCE, 2), START, is_down=False)
SEEN = Other(1, 11, "gazette.example", 3, None, SINCE + HOUR, None, "", None)


def fate(*known: Other) -> str | int:
    """The address where it stands, or what it is suspected to be."""
    parted = part([PENDING], {1: known}, START, DAY)
    if parted.moved:
        return parted.moved[0][1]
    return "gone" if parted.gone else "unsure"


def failing(outcome: Outcome, since: timedelta) -> Other:
    return replace(SEEN, fault=str(outcome), fault_since=START - since)


def test_an_article_without_another_address_is_gone() -> None:
    assert fate() == "gone"


def test_where_it_was_seen_since_it_stands() -> None:
    assert fate(SEEN) == 11


def test_the_newest_text_leads() -> None:
    """An address that is behind would read as an edit."""
    behind = replace(SEEN, address_id=12, number=2, looked_at=START)
    assert fate(behind, SEEN) == fate(SEEN, behind) == 11


def test_where_it_was_seen_before_a_look_tells() -> None:
    before = replace(SEEN, looked_at=SINCE - HOUR)
    assert fate(before) == "unsure"
    assert part([PENDING], {1: [before]}, START, DAY).unseen == (before,)


def test_a_copy_of_another_host_proves_nothing() -> None:
    assert fate(replace(SEEN, host="herald.example")) == "gone"
    assert fate(replace(SEEN, host="www.gazette.example")) == 11


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (failing(Outcome.HTTP_ERROR, HOUR), "unsure"),
        (failing(Outcome.HTTP_ERROR, 2 * DAY), "gone"),
        (failing(Outcome.NOT_FOUND, HOUR), "gone"),
        (replace(SEEN, ahead_since=START - HOUR), "unsure"),
        (replace(SEEN, ahead_since=START - 2 * DAY), "gone"),
    ],
)
def test_what_fails_or_shows_another_text_is_waited_for_as_long_as_a_removal_takes(other: Other, expected: str) -> None:
    assert fate(other) == expected
