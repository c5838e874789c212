"""Are two texts of one site, in nearly the same words, reports of two days that were filled into one form? Pure.

The weather of Monday and that of Tuesday share their sentences and their furniture. Other figures throughout and
another day tell them from an edit, which leaves most figures as they were and the day alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from storage.model.articles import When
from storage.text import fold

FEW_FIGURES = 3  # in what each has for itself, its title with it; fewer may be one correction
KEPT = 0.5  # of these figures, that may be the same in both
_WEEKDAY = (
    "(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    "|понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье"
)
_GLUED_WEEKDAY = "[월화수목금토일]요일|星期[一二三四五六日天]|[月火水木金土日]曜"  # whatever letter stands before it
_MONTH = (
    "jan(?:uar[yi]?)?|feb(?:ruar[yi]?)?|mar(?:ch|s|zo)?|märz|apr(?:il)?|ma[iy]o?|jun[ei]?|jul[yi]?|aug(?:ust)?|sept?(?:ember)?"
    "|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?|janvier|février|avril|juin|juillet|août|septembre|octobre|novembre"
    "|décembre|enero|febrero|abril|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)я|марта|мая|августа"
)
_DAY = re.compile(
    rf"\b(?:{_WEEKDAY})|{_GLUED_WEEKDAY}"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|\.)? ?(?:of )?(?:{_MONTH})\b|\b(?:{_MONTH})\.? \d{{1,2}}\b"
    r"|\b\d{4}[-./]\d{1,2}[-./]\d{1,2}\b|\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d\d)\b|\d{1,2} ?[月월] ?\d{1,2} ?[日일号號]",
    re.IGNORECASE,
)
_DAY_IN_ADDRESS = re.compile(r"(?<!\d)(?:19|20)\d\d([-/_]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


def are_of_two_days(
    titles: tuple[str, str],
    lines: tuple[Iterable[str], Iterable[str]],
    urls: tuple[str, str],
    published: tuple[When | None, When | None],
) -> bool:
    """Of two texts: their titles, the lines that each has for itself, where they stand and when they were published."""
    one, other = ("\n".join((title, *own)) for title, own in zip(titles, lines, strict=True))
    figures, others = Counter(_FIGURE.findall(one)), Counter(_FIGURE.findall(other))
    fewer = min(figures.total(), others.total())
    if fewer < FEW_FIGURES or (figures & others).total() > KEPT * fewer:
        return False
    days = {when.moment.date() for when in published if when is not None}
    in_addresses = [found[0] for url in urls if (found := _DAY_IN_ADDRESS.search(url))]
    if None not in published and len(days) == 2:
        return True
    return len(set(in_addresses)) == 2 or _are_apart(_days(one), _days(other))


def _days(text: str) -> set[str]:
    return {found[0].lower() for found in _DAY.finditer(fold(text))}


def _are_apart(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and one.isdisjoint(other)
