"""Is the sign, the currency or the unit of an amount what changed: 5 km for 5 miles, -5 for 5, €5 for $5? Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage.edit_hunks import Hunk, Side
from storage.edit_words import KO_PARTICLE, NUMBERS, UNITS
from storage.text import fold

LONGEST = 40  # characters of an amount
_CURRENCY = r"(?:[A-Z]{1,3})?[$€£¥₩₽₹₴₺₫₪฿]|[A-Z]{3}"
_AMOUNT = re.compile(
    rf"(?P<sign>[+±-]?)(?P<currency>{_CURRENCY})?(?P<within>-?)(?P<number>(?:\d[\d.,:/]*\d|\d)?)[ -]?"
    rf"(?P<unit>[%‰]|°?[^\W\d_][^\s\d$€£¥]*|{_CURRENCY})?"
)
_LAST = re.compile(r"(\S+)[ -]?$")
_DIGITS = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Amount:
    is_negative: bool
    currency: str
    number: str
    unit: str  # in the one form that all of its spellings have; "" where it is none that is known


def is_of_measure(hunk: Hunk) -> bool:
    """Is it the same figure, above or below nothing, or in another currency or unit?"""
    gone, came = _amount(hunk.gone), _amount(hunk.came)
    if gone is None or came is None or gone.number != came.number:
        return False
    if bool(gone.unit) != bool(came.unit) or bool(gone.currency) != bool(came.currency):
        return False
    return gone != came


def _amount(side: Side) -> _Amount | None:
    """The amount that a place lies in: the words there as far as the white space around them. None where it is none:
    there must be a number in it, or right beside it."""
    start, end = side.start, side.end
    while start < end and side.text[start].isspace():
        start += 1
    while start < end and side.text[end - 1].isspace():
        end -= 1
    first, last = max(0, start - LONGEST), min(len(side.text), end + LONGEST)
    if end - start > LONGEST:
        return None
    while start > first and not side.text[start - 1].isspace():
        start -= 1
    while end < last and not side.text[end].isspace():
        end += 1
    found = _AMOUNT.fullmatch(fold(side.text[start:end]).lstrip("([\"'").rstrip(".,;:!?)]\"'"))
    if found is None:
        return None
    unit, currency = found["unit"] or "", found["currency"] or ""
    if not found["number"]:
        # "USD 5" is one of a currency; "5 km" of a unit, and what stands between two figures too.
        unit = unit or currency
        before = _LAST.search(side.text[max(0, start - LONGEST) : start])
        if not (before and _is_number(before[1])) and not (
            unit.isupper() and _DIGITS.match(side.text[end : end + 2].lstrip())
        ):
            return None
        currency = ""
    if currency.isalpha() and not _unit(currency):
        return None  # KBS2 is no amount of money
    is_negative = bool(found["number"]) and "-" in (found["sign"], found["within"])
    return _Amount(is_negative, _unit(currency) or currency, found["number"], _unit(unit))


def _unit(word: str) -> str:
    folded = word.casefold().replace(".", "")
    return UNITS.get(folded) or UNITS.get(KO_PARTICLE.sub("", folded), "")


def _is_number(word: str) -> bool:
    word = word.strip("([\"'$€£¥-+")
    return bool(word) and (word[0].isdigit() or word.casefold() in NUMBERS)
