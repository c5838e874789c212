"""`dateline backfill`: how far back, and how it is in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.backfill import in_words, is_done
from scheduler.duration import since_of
from storage.backfill import BackfillState

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATE = BackfillState(
    id=1,
    source="gazette",
    since=datetime(2026, 1, 31, tzinfo=UTC),
    asked_at=NOW,
    done_at=None,
    pages=2,
    found=30,
    waiting=4,
    oldest=datetime(2026, 3, 1, 9, tzinfo=UTC),
    message="",
)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("90d", NOW - timedelta(days=90)),
        ("12h", NOW - timedelta(hours=12)),
    ],
)
def test_a_day_or_so_long_ago(text: str, since: datetime) -> None:
    """A day begins at midnight UTC."""
    assert since_of(text, NOW) == since


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-02-30", "is no day of the calendar"),
        ("0000-01-01", "is no day of the calendar"),
        ("2026-11-21", "lies ahead"),
        ("yesterday", 'write "2026-01-31", or "90d"'),
        ("31.01.2026", 'write "2026-01-31", or "90d"'),
        ("-3d", 'write "2026-01-31", or "90d"'),
        ("99999999d", 'write "2026-01-31", or "90d"'),
        ("", 'write "2026-01-31", or "90d"'),
    ],
)
def test_what_is_no_day_is_refused_with_the_mend(text: str, words: str) -> None:
    """Quoted as it was written."""
    with pytest.raises(ValueError, match=words) as refused:
        since_of(text, NOW)
    assert str(refused.value).startswith(repr(text))


def test_how_it_is_in_words() -> None:
    """Under way with what is waiting; at the end why it ended, and "done" where there is nothing to say."""
    assert in_words(STATE) == (
        "gazette, since 2026-01-31: 2 pages, 30 found, 4 still to be read, back to 2026-03-01; under way"
    )
    bare = replace(STATE, waiting=0, oldest=None, done_at=NOW)
    assert in_words(bare) == "gazette, since 2026-01-31: 2 pages, 30 found; done"
    one = replace(bare, pages=1, message="reached 2026-01-31")
    assert in_words(one) == "gazette, since 2026-01-31: 1 page, 30 found; reached 2026-01-31"


def test_it_is_done_when_its_articles_are_read() -> None:
    """The last page alone is not the end."""
    assert [is_done(one) for one in (STATE, replace(STATE, done_at=NOW), replace(STATE, done_at=NOW, waiting=0))] == [
        False,
        False,
        True,
    ]
