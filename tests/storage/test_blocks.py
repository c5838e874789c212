"""The lines that an edit took away or put in: what many articles of a site have in common when the site changed."""

from __future__ import annotations

from storage.blocks import edited_lines
from storage.diff import diff
from storage.model.articles import Article

LINES = [
    "The ferry left at six.",
    "Nobody was on board.",
    "Follow us on our channels, 2026 edition.",
    "The sea was calm.",
]


def lines_of(before: list[str], after: list[str]) -> frozenset[str]:
    return edited_lines(diff(Article("T", "\n\n".join(before)), Article("T", "\n\n".join(after))))


def test_a_line_that_went_or_came_is_one_with_its_sign() -> None:
    assert lines_of(LINES, [*LINES[:2], LINES[3]]) == {"-Follow us on our channels, 0 edition."}
    assert lines_of(LINES[:3], LINES) == {"+The sea was calm."}


def test_an_edited_line_is_one_that_went_and_one_that_came() -> None:
    assert lines_of(LINES, [LINES[0].replace("six", "eight"), *LINES[1:]]) == {
        "-The ferry left at six.",
        "+The ferry left at eight.",
    }


def test_a_paragraph_that_moved_is_neither() -> None:
    """It is no line that all articles of a site lost or gained."""
    assert lines_of(LINES, [LINES[2], LINES[0], LINES[1], LINES[3]]) == frozenset()
    assert lines_of(LINES, [*LINES[1:], LINES[0]]) == frozenset()
