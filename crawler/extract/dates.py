"""From a stated date, in the forms that news sites use, to a When: no clock and no zone that the text does not give."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from crawler.extract.months import from_persian, plain_numbers
from crawler.extract.months import month as month_of
from crawler.extract.relative import read_relative
from storage.model.articles import Precision, When
from storage.text import one_line

_BUDDHIST = 2400  # years of Thailand are 543 ahead
_PERSIAN = 1300  # as nobody dates news by the Middle Ages, such a year is of the Persian calendar
_JUCHE = 1911  # Juche 1 is 1912; no site writes another year below 1000
_CLOCK = r"""
    (?: [T\s,،;|·–—@/-]*
        (?: (?:at|um|à|a\ las?|alle(?:\ ore)?|ore|klo|kl\.|às|om|saat|ob|u|o(?:\ godz\.?)?|godz\.|в|о|у|เวลา|الساعة)
            (?=[\s\d]) )?
        \s* (?P<half_before>오전|오후|上午|下午|午前|午後)? \s*
        (?P<hour>\d{1,2}) \s* (?: [:.時时시] | h(?=\s?\d) ) \s* (?P<minute>\d{2}|\d(?=[分분]))
        (?: [:분分] \s* (?P<second>\d{1,2})? (?:[.,]\d+)? \s* [초秒]? )?
        \s* (?P<half>[aApP]\.?\s?[mM]\.?(?![a-z])|مساءً?|صباحا?ً?|[صم](?=\s|$))? \s* (?:Uhr|hs?\b|hrs?\b|น\.?|uur)? \s*
        \(? (?P<zone>Z\b|z\b|(?:UTC|GMT)?\s?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5}\b)? \)?
        (?:\[[\w/+-]+\]?)? (?:\s?\([A-Za-z ]{3,40}\)?)? )?
"""
# A month's name is looked up in months.py; before it may stand a weekday and what CMSs put there ("Published on").
_BEFORE = r"(?:[^\s\d]{1,15}\s+){0,3}?(?:[^\s\d]{2,15}[,،.]\s*)?"
_NAME = r"(?P<name>[^\s\d,/|:-]{2,20}?)\.?"
_NAMED_YEAR = r"(?P<year>\d{4}|\d{2}(?![\d:.]))(?:\s?(?:г(?:ода)?|року|рік|р)\b\.?|年)?"
_YEAR_FIRST = r"""
    (?:juche|주체|主体|主體|チュチェ)? \s* (?P<year>\d{2,4}) \s* (?: \( (?P<gregorian>\d{4}) \) )? \s*
    (?: [년年] \s* (?P<month>\d{1,2}) \s* [월月] \s* (?P<day>\d{1,2}) \s* [일日]?
      | (?P<mark>[./-]) \s* (?P<month2>\d{1,2}) \s* (?P=mark) \s* (?P<day2>\d{1,2}) \.? )
    (?: \s* \(? [월화수목금토일月火水木金土日] (?:요일|曜日)? \)? (?=\s|$) )?
"""


def _pattern(day: str) -> re.Pattern[str]:
    return re.compile(day + _CLOCK + r"\s*\.?$", re.VERBOSE | re.IGNORECASE)


_FORMS = (
    _pattern(_YEAR_FIRST),
    _pattern(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=$|T)"),
    _pattern(r"(?P<first>\d{1,2})(?P<mark>[./-])\s?(?P<second_number>\d{1,2})(?P=mark)\s?(?P<year>\d{4})"),
    _pattern(
        _BEFORE
        + r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.|-?го)?[\s./-]*(?:(?:de|di|of)\s+|d')?"
        + _NAME
        + r"[\s,./-]*(?:(?:de|del|do|พ\.ศ\.)\s+)?"
        + _NAMED_YEAR
    ),
    _pattern(_BEFORE + _NAME + r"[\s-]*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(?P<year>\d{4})"),
    _pattern(r"(?P<year>\d{4})[.,]?[\s-]*" + _NAME + r"[\s-]*(?P<day>\d{1,2})\.?(?:\s*,\s*[^\s\d]{3,12})?"),
)
_COMPACT_CLOCK = re.compile(r"^(\d{8}T)(\d\d)(\d\d)(\d\d)?(?=\D|$)")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
_LABEL = re.compile(r"^(?:[^\s\d]{1,15}[\s:：]+){1,3}(?=\d)")  # "Stand:", "Thứ tư,", "입력", "Last updated on"
_OFFSET = re.compile(r"^(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d{2})?$", re.IGNORECASE)
# Abbreviations that mean one offset wherever news is written (RFC 5322 section 4.3 has the American ones).
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "SAST": 120, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "PHT": 480, "WIB": 420,
    "AEST": 600, "AEDT": 660,
}  # fmt: skip
# What to try where the language is not known: with all of its 300 locales dateparser takes 25 ms for a text.
_USUAL = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar", "ko", "ja", "zh"]
_MONTH_FIRST = frozenset(("en", "en-us", "en-ca", "en-ph"))


def read_date(
    text: str,
    *,
    now: datetime,
    origin: str = "",
    language: str = "",
    timezone: str = "",
    day_first: bool | None = None,
) -> When | None:
    """Return what the text states, None where it states no day, an impossible one, or one over a day after `now`.

    `timezone` (an IANA name) counts for a clock time without a zone; without either the moment is the stated clock
    read as UTC, and `zone` is "". A clock of exactly midnight is a filler (once in 86,400 it is not): such a date has
    precision "day". `day_first` settles 05/06/2026; None leaves it to `language`, and an unknown language to None.
    """
    found = read_any_date(text, now=now, origin=origin, language=language, timezone=timezone, day_first=day_first)
    return None if found is None or why_impossible(found, now) else found


def read_any_date(
    text: str,
    *,
    now: datetime,
    origin: str = "",
    language: str = "",
    timezone: str = "",
    day_first: bool | None = None,
) -> When | None:
    """As `read_date`, but return dates that no article can have too: for those who say why they leave them out."""
    line = plain_numbers(unicodedata.normalize("NFKC", one_line(text[:1000], 120))).strip(" []()|,;·-–—")
    has_digit = any(one.isdigit() for one in line)
    if not has_digit and (not language or len(line) > 30):
        return None
    try:
        found = (
            _by_form(_COMPACT_CLOCK.sub(_spread_clock, line), language, timezone, day_first)
            or _by_form(_LABEL.sub("", line), language, timezone, day_first)
            or _by_rfc(line, timezone)
            or _by_distance(line, now, timezone)
            or _by_dateparser(line, now, language, timezone)
        )
    except (ValueError, OverflowError):  # digits that are no number (²), the last hours of the year 9999
        return None
    return found and When(found.moment, found.precision, found.zone, origin)


def why_impossible(when: When, now: datetime) -> str:
    """Return in words why an article cannot have the date ("lies in the future"), "" where it can."""
    # 1970-01-01 is the zero of a clock, no date of an article.
    if abs(when.moment - datetime(1970, 1, 1, tzinfo=UTC)) < timedelta(days=1):
        return "is the zero of a clock"
    if when.moment > now + timedelta(days=1):
        return "lies in the future"
    return "lies before the year 1900" if when.moment.year < 1900 else ""


def stated(when: When) -> str:
    """Return the date in ISO 8601 as the page stated it: without a clock or a zone where it gave none."""
    if when.precision == "day":
        return when.moment.date().isoformat()
    place = _zone(when.zone)
    local = when.moment.astimezone(place) if place else when.moment.replace(tzinfo=None)
    return local.isoformat(timespec="minutes" if when.precision == "minute" else "seconds")


def _spread_clock(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}:{found[3]}" + (f":{found[4]}" if found[4] else "")


def _by_form(line: str, language: str, timezone: str, day_first: bool | None) -> When | None:
    if _EPOCH.match(line):
        return When(datetime.fromtimestamp(int(line[:10]), UTC), "second", "UTC")
    for form in _FORMS:
        if (found := form.match(line)) and (day := _day(found.groupdict(), line, language, day_first)):
            return _with_clock(day, found.groupdict(), timezone)
    return None


def _day(parts: dict[str, Any], line: str, language: str, day_first: bool | None) -> datetime | None:
    year = parts["year"]
    month, day = parts.get("month") or parts.get("month2"), parts.get("day") or parts.get("day2") or 0
    persian = False
    if parts.get("name"):
        if not (named := month_of(parts["name"], language)):
            return None
        month, persian = named
    if parts.get("first"):
        day, month = parts["first"], parts["second_number"]
        slash = parts["mark"] == "/"
        if _is_month_first(int(day), int(month), language, day_first) if slash else int(month) > 12 >= int(day):
            day, month = month, day
        elif slash and day_first is None and not language and int(day) <= 12 and day != month:
            return None
    number = int(parts.get("gregorian") or year)
    if number < 100 and parts.get("name"):
        number += 2500 if "\u0e00" <= parts["name"][0] <= "\u0e7f" else 2000  # "26 พ.ย. 69", "26 Nov 26"
    if _BUDDHIST < number < _BUDDHIST + 300:
        number -= 543
    if persian or _PERSIAN <= number < _PERSIAN + 200:
        found = from_persian(number, int(month or 0), int(day))
        return datetime(found.year, found.month, found.day, tzinfo=UTC) if found else None
    if number < 1000:
        if number < 100 and not line.lower().startswith(("juche", "주체", "主体", "主體", "チュチェ")):
            return None  # 26.01.05: which of them is the year?
        number += _JUCHE
    try:
        return datetime(number, int(month or 0), int(day), tzinfo=UTC)
    except ValueError:
        return None


def _is_month_first(first: int, second: int, language: str, day_first: bool | None) -> bool:
    if day_first is not None:
        return not day_first
    if first > 12 or second > 12:
        return second > 12
    return language.lower() in _MONTH_FIRST


def _with_clock(day: datetime, parts: dict[str, Any], timezone: str) -> When | None:
    if parts.get("hour") is None:
        return When(day, "day")
    hour, minute, second = int(parts["hour"]), int(parts["minute"]), int(parts.get("second") or 0)
    half = (parts.get("half") or parts.get("half_before") or "").lower()
    if half.startswith(("p", "م")) or half in ("오후", "下午", "午後"):
        hour = hour + 12 if hour < 12 else hour
    elif half and hour == 12:
        hour = 0
    precision: Precision = "second" if parts.get("second") else "minute"
    try:
        clock = day.replace(hour=hour, minute=minute, second=second, tzinfo=None)
    except ValueError:
        return None
    return _placed(clock, precision, (parts.get("zone") or "").strip(), timezone)


def _placed(clock: datetime, precision: Precision, zone: str, timezone: str) -> When:
    """Give a naive clock time its zone: the one stated, else the source's, else none."""
    if clock.time().isoformat() == "00:00:00":
        return When(clock.replace(tzinfo=UTC), "day")
    for name in (zone.upper() if len(zone) <= 10 else zone, timezone):
        if place := _zone(name):
            offset = clock.replace(tzinfo=place).utcoffset() or timedelta()
            return When(clock.replace(tzinfo=UTC) - offset, precision, "UTC" if name == "Z" else name)
    return When(clock.replace(tzinfo=UTC), precision)


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo | None:
    if not name or name in ("-0000", "-00:00"):  # "not known" (RFC 5322 section 3.3, RFC 3339 section 4.3)
        return None
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    if found := _OFFSET.match(name):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes)) if minutes < 1440 else None
    if "/" not in name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _by_rfc(line: str, timezone: str) -> When | None:
    """RFC 5322 and its relatives."""
    try:
        parts = parsedate_tz(line)
        if parts is None or not re.search(r"\d:\d\d", line):
            return None
        clock = datetime(*parts[:6])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # None both for no zone and for one that the parser does not know.
    if parts[9] is None or line.endswith("-0000"):
        return _placed(clock, "second", line.rsplit(" ", 1)[-1] if " " in line else "", timezone)
    minutes = parts[9] // 60
    sign, rest = "-" if minutes < 0 else "+", abs(minutes)
    return _placed(clock, "second", f"{sign}{rest // 60:02}:{rest % 60:02}" if minutes else "UTC", "")


def _by_distance(line: str, now: datetime, timezone: str) -> When | None:
    found = read_relative(line, now.astimezone(_zone(timezone) or UTC)) if len(line) <= 40 else None
    if found is None or found.precision == "day":
        return found
    if found.zone:
        return _placed(
            found.moment.astimezone(_zone(timezone) or UTC).replace(tzinfo=None), "minute", "", timezone or "UTC"
        )
    return _placed(found.moment.replace(tzinfo=None), "minute", "", timezone)


def _by_dateparser(line: str, now: datetime, language: str, timezone: str) -> When | None:
    """Month names of other languages and "2 hours ago". Short texts only: its patterns are many and slow."""
    if not 4 <= len(line) <= 60 or "http" in line:
        return None
    if not language and not any(one.isalpha() for one in line):
        return None  # 05/06/2026: it would guess
    base = now.astimezone(_zone(timezone) or UTC).replace(tzinfo=None, second=0, microsecond=0)
    return _parsed(line, base, language.split("-")[0].lower(), timezone)


@lru_cache(maxsize=1024)  # a list page says "2 hours ago" many times
def _parsed(line: str, base: datetime, language: str, timezone: str) -> When | None:
    from dateparser import DateDataParser  # .3 s: most pages never need it

    settings = {
        "RELATIVE_BASE": base,
        "PREFER_DATES_FROM": "past",
        "RETURN_TIME_AS_PERIOD": True,
        "REQUIRE_PARTS": ["day", "month"],
        "PARSERS": ["relative-time", "absolute-time"],
    }
    try:
        parser = DateDataParser(languages=[language] if language else _USUAL, settings=settings)
        found = parser.get_date_data(line)
    except (ValueError, TypeError, OverflowError, AttributeError, RecursionError):
        return None  # a language that it does not know, or one of its many corner cases
    moment = found.date_obj
    if moment is None or found.period not in ("day", "time"):
        return None
    if found.period == "day":
        return When(datetime(moment.year, moment.month, moment.day, tzinfo=UTC), "day")
    precision: Precision = "second" if re.search(r"\d:\d\d:\d\d", line) else "minute"
    if moment.tzinfo is not None:
        offset = moment.utcoffset() or timedelta()
        minutes = int(offset.total_seconds()) // 60
        sign, rest = "-" if minutes < 0 else "+", abs(minutes)
        zone = f"{sign}{rest // 60:02}:{rest % 60:02}" if minutes else "UTC"
        return When(moment.replace(tzinfo=UTC) - offset, precision, zone)
    # A relative time counts from our own clock, whose zone is known.
    if not re.search(r"\d\d?[:.h]\d\d", line):
        return _placed(moment, precision, "", timezone or "UTC")
    return _placed(moment, precision, "", timezone)
