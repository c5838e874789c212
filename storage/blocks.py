"""What many edits have in common: the lines that all of them lost or gained. A change of the site's. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from storage.gone import FEW, MANY, SHARE
from storage.model.articles import Diff, DiffOp
from storage.text import fold

COMMON = 0.6  # of the edited articles, that a line stands in the edits of
WHOLE = 0.6  # of the articles that were looked at: if so many changed at once, no newsroom did it
_KEPT = {"-": "=<", "+": "=>"}  # of the text before and after; a paragraph that moved is no line lost or gained
MOST_LINES = 2_000  # of an edit on each side: what a site puts round its articles is less
_BREAK = re.compile("\n+")
_DIGITS = re.compile(r"\d+")


def edited_lines(diff: Diff) -> frozenset[str]:
    """The lines that the edit took away or put in, each with its sign before it. Folded, and with any number for any
    other: a footer's year or a counter is the same line in each article."""
    return frozenset(
        f"{sign}{line}"
        for ops in (diff.title, diff.body)
        for sign, line in (*islice(_lines(ops, "-"), MOST_LINES), *islice(_lines(ops, "+"), MOST_LINES))
    )


def common_lines(edits: Sequence[frozenset[str]]) -> tuple[str, ...]:
    """The lines that stand in most of the edits, in order of how many; may be empty."""
    counted = Counter(line for lines in edits for line in lines)
    return tuple(line for line, number in counted.most_common() if number > FEW and number >= COMMON * len(edits))


def is_site_wide(edited: int, looked_at: int, *, alike: bool) -> bool:
    """Did so many of a source's articles change that the site did, and nobody edited them? `alike`: they have lines
    of their edits in common."""
    return edited > (FEW if alike else MANY) and edited > (SHARE if alike else WHOLE) * looked_at


def _lines(ops: Iterable[DiffOp], sign: str) -> Iterable[tuple[str, str]]:
    """The lines of the text before ("-") or after ("+") that the other text has not, whole."""
    text, marked = "", False
    for op, piece in ops:
        if op != sign and op not in _KEPT[sign]:
            continue
        for index, part in enumerate(_BREAK.split(piece)):
            if index:
                if marked and text.strip():
                    yield sign, _DIGITS.sub("0", fold(text).strip())
                text, marked = "", False
            text += part
            marked |= op == sign and bool(part.strip())
    if marked and text.strip():
        yield sign, _DIGITS.sub("0", fold(text).strip())
