"""Durations as the config writes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.duration import LONGEST, duration, in_words


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("1.5h", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("250ms", timedelta(milliseconds=250)),
        (" 2s ", timedelta(seconds=2)),
        ("0s", timedelta(0)),
    ],
)
def test_what_is_a_duration(written: str, span: timedelta) -> None:
    """A number and a unit."""
    assert duration(written) == span


@pytest.mark.parametrize("written", ["", "15", "15 m", "m", "-1s", "1w", "1e3s", "soon", 900, 1.5, True, None, ["1s"]])
def test_what_is_none_is_refused_with_the_mend(written: object) -> None:
    """Never guessed."""
    with pytest.raises(ValueError, match='write "90s"'):
        duration(written)


@pytest.mark.parametrize("written", ["3651d", "9" * 400 + "d", "99999999999999h"])
def test_what_would_lead_behind_the_end_of_the_calendar_is_refused(written: str) -> None:
    """A look in the year 12000 cannot be planned."""
    with pytest.raises(ValueError, match="at most 3650d"):
        duration(written)


@given(st.integers(0, LONGEST // timedelta(milliseconds=1)))
def test_what_is_written_is_read_again(milliseconds: int) -> None:
    """In the largest unit that leaves no rest."""
    span = timedelta(milliseconds=milliseconds)
    assert duration(in_words(span)) == span


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    """Nothing else comes of it."""
    try:
        assert timedelta(0) <= duration(text) <= LONGEST
    except ValueError as reason:
        assert repr(text) in str(reason)
