"""From bytes to text, by WHATWG charset labels: a label is data from the wire and never reaches `codecs.lookup`."""

from __future__ import annotations

import re
from email.message import Message

import webencodings

# A <meta> or an XML declaration that names a charset; browsers look at the first 1,024 bytes, real pages put it later.
_DECLARED = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_PRESCAN_BYTES = 4096
_HTML_LANG = re.compile(rb"""<html[^>]{0,500}?\slang\s*=\s*["']?([a-zA-Z-]{2,12})""", re.IGNORECASE)

# What browsers assume where nothing is declared (HTML standard, "determining the character encoding", table by locale).
_BY_LANGUAGE = {
    "ar": "windows-1256",
    "bg": "windows-1251",
    "cs": "windows-1250",
    "el": "iso-8859-7",
    "fa": "windows-1256",
    "he": "windows-1255",
    "hu": "iso-8859-2",
    "ja": "shift_jis",
    "ko": "euc-kr",
    "pl": "iso-8859-2",
    "ru": "windows-1251",
    "th": "windows-874",
    "tr": "windows-1254",
    "uk": "windows-1251",
    "vi": "windows-1258",
    "zh": "gb18030",
    "zh-tw": "big5",
    "zh-hk": "big5",
}


def decode(body: bytes, content_type: str = "", language: str = "") -> str:
    """Return the bytes as text; never raises, what cannot be decoded becomes U+FFFD.

    The order is: byte order mark; valid UTF-8 with enough letters outside ASCII (legacy texts are practically never
    valid UTF-8, while pages that were moved to UTF-8 and kept an old declaration are common); the header; the page's
    own declaration; what browsers assume for its language. `language` is the source's, "" if unknown.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be")):
        if body.startswith(mark):
            return _decoded(body[len(mark) :], name)
    label = _labelled(_from_header(content_type)) or _labelled(_from_page(body))
    if label in (None, "utf-8"):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            if label == "utf-8":
                return body.decode("utf-8", "replace")
            return _decoded(body, _assumed(body, language))
    if sum(1 for _ in re.finditer(rb"[\xc2-\xf4][\x80-\xbf]", body[:50_000])) >= 8:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return _decoded(body, label or "utf-8")


def _from_header(content_type: str) -> str:
    header = Message()
    header["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")[:500]
    charset = header.get_param("charset", "")
    return charset if isinstance(charset, str) else ""


def _from_page(body: bytes) -> str:
    found = _DECLARED.search(body, 0, _PRESCAN_BYTES)
    label = (found[1] or found[2] or b"").decode("ascii", "replace") if found else ""
    # A page that declares UTF-16 in ASCII bytes cannot be UTF-16 (HTML standard, prescan, step 15).
    return "utf-8" if label.lower().startswith("utf-16") else label


def _labelled(label: str) -> str | None:
    """Return the standard's name for a label, None if it knows none; "replacement" encodings count as unknown."""
    encoding = webencodings.lookup(label) if label else None
    if encoding is None or encoding.name == "replacement":
        return None
    # The standard's gbk decoder is gb18030's; Python's knows fewer characters.
    return "gb18030" if encoding.name == "gbk" else str(encoding.name)


def _assumed(body: bytes, language: str) -> str:
    found = _HTML_LANG.search(body, 0, _PRESCAN_BYTES)
    for stated in (found[1].decode("ascii") if found else "", language):
        low = stated.lower()
        if name := _BY_LANGUAGE.get(low) or _BY_LANGUAGE.get(low.split("-")[0]):
            return name
    return "windows-1252"


def _decoded(body: bytes, name: str) -> str:
    return str(webencodings.decode(body, name, errors="replace")[0])
