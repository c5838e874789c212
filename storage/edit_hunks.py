"""A word diff taken apart: whole paragraphs that went, came or moved, and the places where words changed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.model.articles import DiffOp

_PARAGRAPH = re.compile(r"[^\n]+")
_LETTER = re.compile(r"\w")
# Characters on each side: a text without a break would be walked through for each place where it was changed.
_AROUND = 2_000
_NEAR = 8  # characters that stay between two paragraphs of which one is in the other's place: a full stop, a break


@dataclass(frozen=True, slots=True)
class Side:
    """A place in one of the two texts: [start, end), empty where the other text alone has something there."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> str:
        return self.text[self.start : self.end]

    @property
    def line(self) -> tuple[int, int]:
        """[start, end) of the paragraph around it, as far as it is near; of several, all of them."""
        first, last = max(0, self.start - _AROUND), min(len(self.text), self.end + _AROUND)
        start, end = self.text.rfind("\n", first, self.start) + 1, self.text.find("\n", self.end, last)
        return start or first, last if end < 0 else end


@dataclass(frozen=True, slots=True)
class Hunk:
    """A place where the two texts differ."""

    gone: Side
    came: Side


@dataclass(frozen=True, slots=True)
class Taken:
    """A diff taken apart. A paragraph that another stands in the place of is a hunk of both."""

    hunks: tuple[Hunk, ...]
    removed: tuple[Side, ...]
    added: tuple[Side, ...]
    moved: bool
    stayed: int  # letters and digits


def take_apart(before: str, after: str, ops: Sequence[DiffOp]) -> Taken:
    marks = tuple("".join(sign * len(text) for sign, text in ops if sign in signs) for signs in ("=-<", "=+>"))
    gone, came = _whole(before, marks[0], "-"), _whole(after, marks[1], "+")
    replaced, removed, added = _replaced(gone, came, marks)
    whole = ({one.start: one.end for one in gone}, {one.start: one.end for one in came})
    return Taken(
        hunks=(*_hunks(before, after, ops, whole), *replaced),
        removed=tuple(removed),
        added=tuple(added),
        moved=any(sign == "<" for sign, _ in ops),
        stayed=sum(sum(map(str.isalnum, text)) for sign, text in ops if sign in "=<"),
    )


def _whole(text: str, marks: str, sign: str) -> list[Side]:
    """The paragraphs of which no letter stayed."""
    found = []
    if sign in marks:
        # Only round what changed: a text may have a million characters, and as many lines.
        start, end = text.rfind("\n", 0, marks.index(sign)) + 1, text.find("\n", marks.rindex(sign))
        for one in _PARAGRAPH.finditer(text, start, len(text) if end < 0 else end):
            marked = marks[one.start() : one.end()]
            if not _LETTER.search(one[0]):
                continue
            if sign not in marked or "<" in marked or ">" in marked:
                continue
            if "=" not in marked or not any(
                mark == "=" and char.isalnum() for mark, char in zip(marked, one[0], strict=True)
            ):
                found.append(Side(text, one.start(), one.end()))
    return found


def _stayed(marks: str, of: Sequence[Side]) -> Iterator[int]:
    """How many characters stayed before each of these places, which are in order."""
    number = at = 0
    for one in of:
        number, at = number + marks.count("=", at, one.start), one.start
        yield number


def _replaced(
    gone: Sequence[Side], came: Sequence[Side], marks: Sequence[str]
) -> tuple[list[Hunk], list[Side], list[Side]]:
    """Which paragraphs stand in the place of which, and those that do not."""
    stayed = [list(_stayed(mark, of)) for mark, of in zip(marks, (gone, came), strict=True)]
    hunks, removed, added = [], [], []
    i = j = 0
    while i < len(gone) or j < len(came):
        if j == len(came) or (i < len(gone) and stayed[0][i] + _NEAR < stayed[1][j]):
            removed.append(gone[i])
            i += 1
        elif i == len(gone) or stayed[1][j] + _NEAR < stayed[0][i]:
            added.append(came[j])
            j += 1
        else:
            hunks.append(Hunk(gone[i], came[j]))
            i, j = i + 1, j + 1
    return hunks, removed, added


def _hunks(before: str, after: str, ops: Sequence[DiffOp], whole: tuple[dict[int, int], dict[int, int]]) -> list[Hunk]:
    """Each run of what went and came, without the paragraphs that did so as a whole."""
    hunks: list[Hunk] = []
    i = j = i_begin = j_begin = 0
    for sign, text in (*ops, ("=", "")):
        if sign not in "-+":
            gone, came = _without(before, i_begin, i, whole[0]), _without(after, j_begin, j, whole[1])
            hunks += [
                Hunk(one, other)
                for one, other in zip(gone, came, strict=True)
                if one.words.strip() or other.words.strip()
            ]
        i += len(text) * (sign in "=-<")
        j += len(text) * (sign in "=+>")
        if sign not in "-+":
            i_begin, j_begin = i, j
    return hunks


def _without(text: str, start: int, end: int, whole: dict[int, int]) -> tuple[Side, Side]:
    """What of [start, end) stands before its first whole paragraph, and behind its last."""
    inside = [at for at in range(start, end) if at in whole] if whole and end - start > 1 else []
    if not inside:
        return Side(text, start, end), Side(text, end, end)
    return Side(text, start, inside[0]), Side(text, min(whole[inside[-1]], end), end)
