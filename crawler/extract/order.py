"""Which number of 05/06/2026 is the day: what the page's other dates settle, then the country of its address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(?:19|20)\d\d(?!\d)")
_DAY_FIRST = frozenset(
    ("uk", "ie", "au", "nz", "in", "za", "ng", "ke", "gh", "sg", "my", "pk", "bd", "lk", "hk", "mt", "jm")
)
_LONGEST = 200  # characters of a text in which a date is looked for


def is_ambiguous(text: str) -> bool:
    """Does the text hold a date like 05/06/2026, whose two first numbers may both be months?"""
    found = _SLASHED.search(text)
    return found is not None and int(found[1]) <= 12 and int(found[2]) <= 12 and found[1] != found[2]


def puts_day_first(root: HtmlElement, url: str, language: str) -> bool | None:
    """Return whether the site writes the day before the month, None where nothing says so but the language.

    A date such as 23/11/2026 anywhere on the page shows it. English of no stated country is that of the address's.
    """
    day_first = month_first = 0
    for text in root.itertext():
        if "/" in text and len(text) <= _LONGEST:
            for first, second in _SLASHED.findall(text):
                day_first += int(first) > 12 >= int(second)
                month_first += int(second) > 12 >= int(first)
    if day_first != month_first:
        return day_first > month_first
    country = (urlsplit(url).hostname or "").rpartition(".")[2]
    return True if language.lower() in ("", "en") and country in _DAY_FIRST else None
