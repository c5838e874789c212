"""The agency's opening words as fields: `Pyongyang, November 8 (KCNA) --`, `(평양 8월 21일발 조선중앙통신)`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from crawler.extract.dates import read_date
from storage.model.articles import Dateline, When

_NAME = r"[^\W\d_][\w .'’-]{1,40}?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"^(?P<place>{_NAME}), (?P<date>[A-Z][a-z]{{2,8}}\.? \d{{1,2}}|\d{{1,2}} (?:de )?[^\W\d_]{{3,12}})\.? "
        r"?[/(](?P<agency>[^()/\d]{2,40})[)/]\.?\s*(?:--|[—–-])",
        r"^(?P<place>[A-Z][A-Z .,'’-]{2,40}?) (?P<date>)\((?P<agency>[A-Z][\w .-]{1,30})\)\s*(?:--|[—–-])",
        r"^\((?P<place>[가-힣]{2,12})\s*(?P<date>\d{1,2}월\s*\d{1,2}일)\s*발\s*(?P<agency>[가-힣 ]{2,20})\)",
        r"^\((?P<place>[가-힣·]{2,12})(?P<date>)=(?P<agency>[가-힣 ]{2,12})\)",
        r"^[【\[](?P<place>[^\W\d]{1,12})\s*(?P<date>[\d０-９]{1,2}月\s*[\d０-９]{1,2}日)\s*[発发發]\s*(?P<agency>[^\W\d]{2,16})[】\]]",
        r"^(?P<agency>[^\W\d]{2,4}社)(?P<place>[^\W\d]{2,8}?)(?P<date>[\d０-９]{1,2}月[\d０-９]{1,2}日)[电電]",
    )
)


def read_dateline(body: str) -> Dateline | None:
    """Return the dateline that a body begins with, None if it has none (columns and anecdotes often do not)."""
    start = body.lstrip()[:150]
    for form in _FORMS:
        if found := form.match(start):
            return Dateline(found["place"].strip(), found["date"].strip(), found["agency"].strip())
    return None


def date_of(dateline: Dateline | None, *, now: datetime, language: str = "") -> When | None:
    """Return the day that a dateline names, None if it names none.

    It has no year: the last one is taken that makes it no later than tomorrow, so December read in January is of the
    year before.
    """
    if dateline is None or not dateline.date:
        return None
    for year in (now.year + 1, now.year, now.year - 1):
        numbers = re.sub(r"\s*月\s*", "月", dateline.date)
        dated = (
            f"{year}年{numbers}"
            if "月" in numbers
            else f"{year}년 {numbers}"
            if "월" in numbers
            else f"{numbers}, {year}"
        )
        found = read_date(dated, now=now, origin="text", language=language)
        if found and found.moment <= now.astimezone(UTC) + timedelta(days=1):
            return found
    return None
