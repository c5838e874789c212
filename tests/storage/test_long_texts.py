"""Texts as long as a page may make them: compared up to a bound, and told coarsely beyond it. By counted work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest
from diff_match_patch import diff_match_patch

from storage import blocks, churn, identity
from storage.diff import diff
from storage.identity import fingerprint, same_text
from storage.lengths import MOST, is_summary, weight
from storage.model.articles import Article, Diff, When
from storage.same import MOST_MOVED, is_another, is_moved, is_near
from storage.text import fold
from storage.verdict import Act, Earlier, Verdict, taking_turns

WORDS = [f"word{number}" for number in range(3000)]


def lines(seed: int, number: int = 30_000) -> list[str]:
    chance = Random(seed)
    return [" ".join(chance.choices(WORDS, k=4)) for _ in range(number)]


def article(said: list[str], title: str = "T") -> Article:
    return Article(title, "\n".join(said))


def joined(made: Diff) -> tuple[str, str]:
    before, after = ("".join(text for sign, text in made.body if sign in signs) for signs in ("=-<", "=+>"))
    return before, after


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many pieces each call of the library was given."""
    given: list[int] = []
    whole = diff_match_patch.diff_main

    def counted(self: diff_match_patch, one: str, other: str, *more: object) -> object:
        given.append(len(one) + len(other))
        return whole(self, one, other, *more)

    monkeypatch.setattr(diff_match_patch, "diff_main", counted)
    yield given


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How much each folding weighs."""
    given: list[int] = []

    def counted(text: str) -> str:
        given.append(weight(text) + 20)
        return fold(text)

    for module in (identity, churn, blocks):
        monkeypatch.setattr(module, "fold", counted)
    yield given


def spread(said: list[str]) -> list[str]:
    return [f"{line} anew" if number % 100 == 5 else line for number, line in enumerate(said)]


@pytest.mark.parametrize(
    ("before", "after", "cls"),
    [
        (lines(1), lines(2), "rewrite"),
        (lines(1), spread(lines(1)), "wording"),
        (["a", "b"] * 200_000, ["b", "c", "a"] * 130_000, "wording"),
        ([" ".join(lines(1))], [" ".join(lines(2))], "rewrite"),
        (["漢字" * 300_000], ["字漢語" * 200_000], "rewrite"),
    ],
    ids=["other lines", "some lines edited", "lines of a letter", "one long line", "no spaces"],
)
def test_texts_that_differ_in_too_much_are_summarised(
    before: list[str], after: list[str], cls: str, compared: list[int]
) -> None:
    """The diff is still both texts, exactly; it says of itself that it is a summary, and nobody looked for words."""
    made = diff(article(before), article(after))
    assert joined(made) == ("\n".join(before), "\n".join(after))
    assert (is_summary(made), made.cls) == (True, cls)
    assert sum(compared) <= 10, "nothing but the headline was compared"


def test_an_edit_of_a_long_text_is_told_as_of_a_short_one(compared: list[int]) -> None:
    """What both begin and end with costs nothing."""
    said = ["The bridge of the harbour was opened for 40 ships of the town.", *lines(1)]
    said[15_000] = "In all, 1,200 ships came in."
    after = [line.replace("1,200 ships", "1,300 ships") for line in said]
    made = diff(article(said), article(after))
    assert (made.cls, is_summary(made)) == ("numbers", False)
    assert [op for op in made.body if op[0] != "="] == [("-", "200"), ("+", "300")] or made.body[1:3] == (
        ("-", "1,200"),
        ("+", "1,300"),
    )
    assert joined(made) == ("\n".join(said), "\n".join(after))
    assert sum(compared) < 1000


def test_a_diff_just_below_the_bound_is_none_of_a_summary() -> None:
    before, after = "a " * 200_000 + "x y", "b " * 200_000 + "z y"
    made = diff(Article("T", before), Article("T", after))
    assert weight(before) + weight(after) < MOST and not is_summary(made)


def test_what_decides_within_a_write_reads_little_of_a_long_text(folded: list[int]) -> None:
    """The look has folded both texts before; each answer is found in their beginnings, in what differs."""
    before, after = article(lines(1), "The old headline"), article(lines(2), "Another matter altogether")
    assert not same_text(before, after) and fingerprint(before) != fingerprint(after)
    folded.clear()
    assert is_another(before, after)
    assert not is_near(before, after) and not is_moved(before, after)
    same_text(before, after)
    fingerprint(after)
    assert sum(folded) < 500_000, "of 3 million"


def test_long_texts_that_take_turns_are_known_by_their_fingerprints(folded: list[int]) -> None:
    """Six revisions are compared within a write."""
    editions = [article(lines(seed)) for seed in (1, 2)]
    marks = [fingerprint(one) for one in editions]
    lately = [Earlier(number, "wording", editions[number % 2], marks[number % 2]) for number in (4, 3, 2, 1)]
    verdict = Verdict(Act.REVISE, cls="wording")
    folded.clear()
    assert taking_turns(verdict, lately, editions[1], marks[1]).cls == "editions"
    assert sum(folded) < 1000


def test_the_lines_of_a_long_edit_are_weighed_up_to_a_bound(folded: list[int]) -> None:
    made = Diff((), (("-", "\n".join(lines(1))), ("+", "\n".join(lines(2)))), "rewrite")
    assert len(blocks.edited_lines(made)) <= 2 * blocks.MOST_LINES
    assert len(folded) <= 2 * blocks.MOST_LINES


def test_a_text_of_a_million_lines_is_not_looked_through_for_a_move() -> None:
    """Whether it moved is asked within a write: its lead is looked at instead."""
    said = [f"w{number} x" for number in range(300_000)]
    one = Article("T", "\n".join(said), published=When(datetime(2026, 3, 1, tzinfo=UTC), "day"))
    assert weight(one.body) > MOST_MOVED
    assert not is_moved(one, Article("T", "\n".join(["Menu of the site", *said]), published=one.published))
