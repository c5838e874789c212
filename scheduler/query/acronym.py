"""Whether what was found in another spelling is the acronym that was asked for: U.S. is US, not us, nor JOIN US."""

from __future__ import annotations

from scheduler.query.folding import SPACE, Folded, fold_text
from storage import acronyms

Places = tuple[tuple[int, int, bool], ...]


def places_in(said: str) -> Places:
    """Where acronyms stand in the folded letters of a spelling, and whether each has full stops."""
    spans = ((*found, "." in said[slice(*found)]) for found in acronyms.places(said))
    return tuple((len(fold_text(said[:start])), len(fold_text(said[:end])), dotted) for start, end, dotted in spans)


def are_meant(page: Folded, start: int, places: Places) -> bool:
    """Do these of a term that begins at `start` stand there as acronyms?"""
    return all(
        page.written(start + first, start + last).isupper()
        and (_is_whole(page, start + first, start + last) if dotted else _stands_out(page, start + first))
        for first, last, dotted in places
    )


def _is_whole(page: Folded, start: int, end: int) -> bool:
    """U.S. is no part of U.S.A."""
    word = page.starts[page.word_at(start)]
    before, behind = page.text[word:start], page.text[end : page.stop_at(end - 1)]
    return not (before.endswith(".") and before[-2:-1].isalnum()) and not (behind[:1] == "." and behind[1:2].isalnum())


def _stands_out(page: Folded, start: int) -> bool:
    """Is no word at once beside it in capitals, as in a headline that says JOIN US? A comma parts names."""
    number = page.word_at(start)
    for first in (number - 1, number):
        if first < 0 or first + 1 >= len(page.starts) or page.joints.get(page.starts[first + 1]) != SPACE:
            continue
        other = page.word(first if first < number else number + 1)
        if page.word(first)[-1:].isalnum() and len(other) > 1 and other.isupper():
            return False
    return True
