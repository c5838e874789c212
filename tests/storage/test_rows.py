"""Dataclasses survive the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.model.articles import Article, Dateline, Diff, Revision, When
from storage.rows import article_from, article_values, diff_from, diff_json, revision_from, when_from, when_json

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
FULL = Article(
    title="Harbour “counts”",
    body="One.\n\n둘 平壌 \U0001f600",
    html="<p>One.</p>",
    published=When(NOON, "day", "Asia/Pyongyang", "list"),
    modified=When(NOON, "minute", "+09:00"),
    authors=("A. Writer", "B. Writer"),
    language="en",
    section="Port",
    image="http://one.example/a.jpg",
    canonical_url="http://one.example/a",
    original_url="http://two.example/a",
    dateline=Dateline("Pyongyang", "", "KCNA"),
    listing_only=True,
)


@pytest.mark.parametrize("said", [FULL, Article("T", "B"), Article("T", "B", published=When(NOON))])
def test_an_article_survives(said: Article) -> None:
    assert article_from(SimpleNamespace(**article_values(said))) == said


def test_what_is_empty_takes_no_room() -> None:
    assert article_values(Article("T", "B", published=When(NOON)))["meta"] == "{}"


def test_two_revisions_of_one_row_are_told_apart_by_prefix() -> None:
    """As a change reads its before and after in one join."""
    columns = {
        "id": 7,
        "article_id": 3,
        "number": 2,
        "seen_at": NOON,
        "snapshot": "ab",
        "chain": b"c",
    } | article_values(FULL)
    row = SimpleNamespace(**{f"after_{name}": value for name, value in columns.items()})
    assert revision_from(row, "after_") == Revision(7, 3, 2, NOON, FULL, "ab", b"c")


def test_nothing_is_the_empty_text() -> None:
    assert when_json(None) == diff_json(None) == "" and when_from("") is None and diff_from("") is None


@given(
    st.datetimes(timezones=st.just(timezone(timedelta(0)))),
    st.sampled_from(["second", "minute", "day"]),
    st.text(),
    st.text(),
)
def test_a_when_survives(moment: datetime, precision: str, zone: str, origin: str) -> None:
    when = When(moment, precision, zone, origin)  # type: ignore[arg-type]
    assert when_from(when_json(when)) == when


@given(st.lists(st.tuples(st.sampled_from("=-+"), st.text())), st.text())
def test_a_diff_survives(ops: list[tuple[str, str]], cls: str) -> None:
    made = Diff(title=(), body=tuple(ops), cls=cls)  # type: ignore[arg-type]
    assert diff_from(diff_json(made)) == made
