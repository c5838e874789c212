"""A name that was looked up and is not there: which a person may have meant, and which there are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from storage.text import one_line

MOST_NEAR = 3  # names that are suggested
MOST_LISTED = 20
LIKE, THE_SAME = 0.7, 0.9  # how much two names have in common, by difflib: one may be meant; no other one is


def instead(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that says that a name is none: "did you mean delay? There are: contact, delay". `known`
    stand in the order in which they are listed, some of many; may be empty."""
    return _instead(name, tuple(dict.fromkeys(known)))


@lru_cache(maxsize=256)  # where one list of many goes, ten thousand rules may still name it
def _instead(name: str, there: tuple[str, ...]) -> str:
    if not there:
        return "there are none"
    more = f" and {len(there) - MOST_LISTED} more" if len(there) > MOST_LISTED else ""
    listed = f"here are: {', '.join(map(one_line, there[:MOST_LISTED]))}{more}"
    asked = did_you_mean(name, there)
    return f"{asked} T{listed}" if asked else f"t{listed}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The same of a name that is one of too many to be listed; "" where nothing is like it."""
    near = list(map(one_line, nearest(name, known)))
    return f"did you mean {' or '.join([', '.join(near[:-1]), near[-1]] if near[1:] else near)}?" if near else ""


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The names that are like it, the likest first, one that is nearly the same alone; of a name that is like none
    those that it is a part of. Capitals make no difference."""
    wanted, folded = name.casefold(), {one.casefold(): one for one in known}
    if same := get_close_matches(wanted, folded, 1, THE_SAME):
        return [folded[same[0]]]
    like = get_close_matches(wanted, folded, MOST_NEAR, LIKE)
    around = [one for one in folded if len(wanted) > 1 and wanted in one]
    return [folded[one] for one in like or around][:MOST_NEAR]
