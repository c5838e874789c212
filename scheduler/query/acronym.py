"""Whether what was found in another spelling is the acronym that was asked for: U.S. is US, not us, nor JOIN US."""

from __future__ import annotations

from typing import NamedTuple

from scheduler.query import edges
from scheduler.query.folding import SPACE, Folded, fold_text
from storage import acronyms


class Place(NamedTuple):
    """An acronym as [first, last) of the folded letters of a spelling. Another acronym of the spelling before it tells
    nothing."""

    first: int
    last: int
    dotted: bool
    is_behind_another: bool


def places_in(said: str) -> tuple[Place, ...]:
    """Where acronyms stand in a spelling, in order."""
    found: list[Place] = []
    before = 0
    for start, end in acronyms.places(said):
        first, last = len(fold_text(said[:start])), len(fold_text(said[:end]))
        dotted, is_behind_another = "." in said[start:end], bool(found) and not said[before:start].strip(" -")
        found.append(Place(first, last, dotted, is_behind_another))
        before = end
    return tuple(found)


def are_meant(page: Folded, start: int, places: tuple[Place, ...]) -> bool:
    """Do these of a term that begins at `start` stand there as acronyms?"""
    return all(
        page.written(start + one.first, start + one.last).isupper()
        and (_is_whole(page, start + one.first, start + one.last) if one.dotted else _stands_out(page, start, one))
        for one in places
    )


def _is_whole(page: Folded, start: int, end: int) -> bool:
    """U.S. is no part of U.S.A."""
    word = page.starts[page.word_at(start)]
    before, behind = page.text[word:start], page.text[end : page.stop_at(end - 1)]
    return not (before.endswith(".") and _is_letter(before[-2:-1])) and not (
        behind.startswith(".") and _is_letter(behind[1:2])
    )


def _is_letter(char: str) -> bool:
    """A letter that goes on with those before it, as none of a Korean particle does: U.S.의."""
    return edges.script_of(char) == "spaced"


def _stands_out(page: Folded, start: int, place: Place) -> bool:
    """Is the word at once before it in no capitals, as in a headline that says JOIN US? A comma parts names, and a
    bracket. What stands behind it tells nothing: US GDP, US TROOPS LEAVE."""
    number = page.word_at(start + place.first)
    if place.is_behind_another or number == 0 or not _are_side_by_side(page, number - 1):
        return True
    before = page.word(number - 1)
    return len(before) < 2 or not before.isupper()


def _are_side_by_side(page: Folded, number: int) -> bool:
    """Is there nothing but a space between a word and the next?"""
    if number + 1 >= len(page.starts) or page.joints.get(page.starts[number + 1]) != SPACE:
        return False
    return page.word(number)[-1:].isalnum() and page.word(number + 1)[:1].isalnum()
