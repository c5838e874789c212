"""The three gates at every door, `clean`, `public_url` and `one_line`, and the folding under every comparison."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import overload
from urllib.parse import urlsplit

import ada_url

MAX_URL = 2048
MAX_TITLE = 500
MAX_BODY = 1_000_000

# C0 but tab and newline, DEL and C1, surrogates, and the non-characters of every plane: none may stand in XML 1.0
# (section 2.2) or reach SQLite and PostgreSQL unharmed. U+2028/2029 become line ends first: mail headers refuse them.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr((plane << 16) + 0xFFFE)}{chr((plane << 16) + 0xFFFF)}" for plane in range(17))
    + "]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85\x0b\x0c]")
# Bidirectional embeddings, overrides and isolates reorder what stands beside them (CVE-2021-42574).
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"\s+")
# WHATWG lets a host hold quotes and the like, which no name in DNS has and which end an attribute of HTML.
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")  # the second: IPv6, its brackets taken off


def clean(text: str, limit: int = MAX_BODY) -> str:
    """Return the text without what no store, feed or mail can carry; NFC, line ends as "\\n", at most `limit` long."""
    if len(text) <= limit and text.isascii() and text.isprintable():  # as most words and titles are
        return text
    # Cut before the costly steps, and again after: NFC can lengthen a text.
    text = _LINE_ENDS.sub("\n", text[: limit * 2])
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))[:limit]


def one_line(text: str, limit: int = 200) -> str:
    """Return the text as one line for a header, a log or a title; cut with an ellipsis, no bidi controls."""
    line = _SPACE.sub(" ", _BIDI.sub("", clean(text, limit * 4 + 100))).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def counted(number: int, noun: str) -> str:
    """3 sources, 1 rule, 2 addresses, 4 deliveries."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("y"):
        return f"{number:,} {noun[:-1]}ies"
    return f"{number:,} {noun}{'es' if noun.endswith('s') else 's'}"


@overload
def iso(moment: datetime) -> str: ...
@overload
def iso(moment: datetime | None) -> str | None: ...
def iso(moment: datetime | None) -> str | None:
    """A moment for programs, in UTC and to the second, as RFC 3339 writes it with a Z; None of none."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def public_url(url: str, base: str = "") -> str:
    """Return the URL in its WHATWG form if we may store, show and follow it, else "".

    Only http and https, no user info, at most 2,048 characters. The fragment is kept.
    """
    url = url.strip()
    # isprintable answers most URLs at once; a listing names hundreds.
    if len(url) > MAX_URL or (not url.isprintable() and _UNPRINTABLE.search(url)):
        return ""
    try:
        href = ada_url.join_url(base, url) if base else ada_url.normalize_url(url)
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not _HOST.fullmatch(parts.hostname or ""):
        return ""
    return href if len(href) <= MAX_URL else ""


_QUOTES = str.maketrans(
    dict.fromkeys("‘’‚‛′`´ʼ＇", "'")
    | dict.fromkeys("“”„‟″«»「」『』《》〈〉〝〞＂", '"')
    | dict.fromkeys("‐‑‒–—―−﹣－─", "-")
)
# Digits of other scripts: ٢٠٢٦ is 2026.
_ZEROS = (
    "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0\u0f20\u1040\u17e0\u1810"
)
DIGITS = {chr(ord(zero) + value): str(value) for zero in _ZEROS for value in range(10)}
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)


def fold(text: str) -> str:
    """Return the text as it is compared: NFKC, one kind of quote and dash, no invisible characters, single spaces.

    Case is kept: a change of case is a change for the reader.
    """
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()
