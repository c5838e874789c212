"""Where a number that a query asks for is part of a longer one in a text: 5 of 5.5, 3 000 of 3 000 000."""

from __future__ import annotations

import re

from scheduler.query.folding import SPACE, Folded

_WITHIN = frozenset(".,'\u066b\u2044")  # between digits; the last two of Arabic, and of ½ once it is folded
_RUN = re.compile(r"\d+(?:[.,'\u066b\u2044]\d+)*")
# A fraction, also behind thousands, and groups as India writes them. Several of one sign are a date or a list, whose
# parts are numbers by themselves: 5.11.2026.
_ONE = re.compile(
    r"\d+[.,\u066b\u2044]\d+|\d{1,3}(?:([.,'])\d{3})+(?!\1)[.,\u066b]\d+|\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d+)?"
)
_ZEROS = re.compile(r"[.,]0{1,2}(?![.,]?\d)")
_YEAR = r"(?:19|20)\d\d"
_WITH_YEAR = re.compile(rf"\d{{1,2}}[.,]{_YEAR}|{_YEAR}[.,](?:\d{{1,2}}|{_YEAR})")  # Nov 5,2026 and 2026.11


def has_more_before(page: Folded, start: int) -> bool:
    """Is the digit at `start` in the midst of a number that began before it, as in 1.5 or 1,234.56?"""
    return _end_of_both(page, start - 1, start) > 0


def has_more_behind(page: Folded, end: int) -> bool:
    """Does the number whose last digit is before `end` go on behind a decimal sign? Not with zeros: $100.00 is 100."""
    return end_of_number(page, end) > end and _ZEROS.match(page.text, end) is None


def end_of_number(page: Folded, end: int) -> int:
    """Where the number ends whose digit is before `end`, with its fraction."""
    return _end_of_both(page, end, end - 1) or end


def _end_of_both(page: Folded, sign: int, digit: int) -> int:
    """Where the number ends to which a digit and a sign beside it belong; 0 where the sign is no part of it."""
    if max(sign, digit) in page.joints or not 0 <= sign < len(page.text) or page.text[sign] not in _WITHIN:
        return 0
    begin, stop = page.starts[page.word_at(digit)], page.stop_at(digit)
    for run in _RUN.finditer(page.text, begin, stop):
        if run.end() > max(sign, digit):
            number = run.group()
            is_one = run.start() <= min(sign, digit) and _ONE.fullmatch(number) is not None
            return run.end() if is_one and _WITH_YEAR.fullmatch(number) is None else 0
    return 0


def has_more_thousands(page: Folded, start: int, end: int) -> bool:
    """Is a number of groups part of a longer one: 3 000 of 3 000 000, and 200 000 of 1 200 000?"""
    first, behind = page.word_at(start), page.word_at(end)
    if page.joints.get(end) == SPACE and page.gap(end).isspace() and is_thousands(page.word(behind)):
        return True
    if page.joints.get(start) != SPACE or not page.gap(start).isspace():
        return False
    before = page.word(first - 1)
    return before.isdigit() and len(before) <= 3 and is_thousands(page.word(first))


def is_thousands(word: str) -> bool:
    """May a word be the group of three digits behind another: the 000 of 10 000?"""
    return len(word) >= 3 and word[:3].isdigit() and not word[3:4].isdigit()
