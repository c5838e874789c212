"""How much of two texts is compared word by word; what differs by more is summarised. Pure.

A text may have a million characters, or as many lines: a diff of all that would take seconds, and what decides within
a write would hold up every other write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from storage.model.articles import Diff, DiffOp

MOST = 1_000_000  # weight of what lies between the common beginning and end of two texts
A_LINE = 20  # characters that a line weighs by itself: each is looked up, folded and paired


def weight(text: str) -> int:
    """What comparing a text costs, in characters."""
    return len(text) + A_LINE * text.count("\n")


def is_summary(diff: Diff) -> bool:
    """Whether the texts differ in too much to be compared word by word: then all between their common beginning and
    end is shown as replaced."""
    return any(_is_summary(ops) for ops in (diff.title, diff.body))


def common_ends(before: str, after: str) -> tuple[int, int]:
    """How many characters both texts begin with, and how many they end with behind these, in whole words."""
    fewer = min(len(before), len(after))
    head = _longest(fewer, lambda size: before.startswith(after[:size]))
    while head and not after[head - 1].isspace():
        head -= 1
    tail = _longest(fewer - head, lambda size: before.endswith(after[len(after) - size :]))
    while tail and not after[len(after) - tail].isspace():
        tail -= 1
    return head, tail


def _longest(most: int, fits: Callable[[int], bool]) -> int:
    """The greatest size up to `most` that fits, where all smaller ones do."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _is_summary(ops: Iterable[DiffOp]) -> bool:
    return sum(weight(text) for sign, text in ops if sign in "-+") > MOST
