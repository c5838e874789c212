"""How North Korean agencies write an article down: wrapped names, end marks, and the line that names site and day."""

from __future__ import annotations

import re
from collections.abc import Sequence

_END_MARK = re.compile(r"\s*(?:-\s?[0０]\s?-|[－—―]{2,}|[(（]\s*(?:끝|完|终|終)\s*[)）])\s*$")
# `www.kcna.kp (Juche112.9.14.)`, `www.kcna.kp (2025.12.14.)`; at the end of the last paragraph where markup was lost.
_SIGN_OFF = re.compile(
    r"\s*(?:https?://)?(?:www\.)?(?:kcna\.(?:kp|co\.jp)|rodong\.rep\.kp|naenara\.com\.kp)/?\s*"
    r"[(（\[](?P<date>[^()（）\[\]]{6,30})[)）\]]\s*$",
    re.IGNORECASE,
)
# "Kim Jong Un , general secretary": what is left of the tags round a name.
_AFTER_NAME = re.compile(r"(?<=\w) (?=[,.;:](?:\s|$))")


def plain_paragraphs(paragraphs: Sequence[str]) -> tuple[list[str], str]:
    """Return the paragraphs without end marks and sign-off at the end, and the sign-off's date as written, "" if none.

    So an article and its copy on another site have an equal body, whatever each of them kept of marks and spaces.
    """
    kept, date = [_AFTER_NAME.sub("", one) for one in paragraphs], ""
    while kept:
        last = kept[-1]
        if found := _SIGN_OFF.search(last):
            date = date or found["date"].strip()
            last = last[: found.start()]
        last = _END_MARK.sub("", last)
        if last == kept[-1]:
            break
        kept[-1:] = [last] if last.strip() else []
    return kept, date
