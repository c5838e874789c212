"""From bytes to text, by WHATWG charset labels: a label is data from the wire and never reaches `codecs.lookup`.

What a server or a page states is believed as far as the bytes bear it out: servers name a charset for all their pages,
and pages keep the one of the system before.
"""

from __future__ import annotations

import codecs
import math
import re
from email.message import Message

import webencodings

from crawler import letters

# A <meta> or an XML declaration that names a charset; browsers look at the first 1,024 bytes, real pages put it later.
_DECLARED = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_PRESCAN_BYTES = 4096
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
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

# Python's codecs of these names know fewer characters than the standard's.
_CODECS = {
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "gbk": "gb18030",
    "iso-2022-jp": "iso2022_jp_ext",
}
_TWO_BYTES = frozenset({"euc-kr", "gb18030", "big5", "shift_jis", "euc-jp"})
_LEGACY_WORD = re.compile(rb"[\x80-\xff][^<>\s]*+")
_SAMPLE_BYTES = 2500
_SEEN_BYTES = 50_000  # with repetitions
# What is stated is worth some characters of evidence: it wins where texts are short or charsets nearly the same.
# ISO-8859-1 is what servers say where nobody told them anything.
STATED_BITS = 20.0
ASSUMED_BITS = 8.0
_FEW = 4  # bad bytes in a page that has no good ones either, which say nothing against its being UTF-8

# ISO-2022-JP is all ASCII: these escapes begin and end its Japanese.
_JAPANESE = re.compile(rb"\x1b\$[@B]")
_ASCII_AGAIN = re.compile(rb"\x1b\([BJ]")


def decode(body: bytes, content_type: str = "", language: str = "") -> str:
    """Return the bytes as text; never raises, what cannot be decoded becomes U+FFFD.

    The order is: byte order mark; UTF-16 without one; UTF-8 where the bytes are that, or nearly (legacy texts are
    practically never valid UTF-8, while pages that were moved to UTF-8 and kept an old declaration are common); then
    the charset that makes the likeliest text, with some trust in the header's, the page's own and what browsers assume
    for its language. `language` is the source's, "" if unknown.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be")):
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if wide := _utf16(body):
        return body.decode(wide, "replace")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(body, _stated(body, content_type), language)
    if _JAPANESE.search(body) and _ASCII_AGAIN.search(body):
        return body.decode("iso2022_jp_ext", "replace")
    return text


def _utf16(body: bytes) -> str:
    """Return which UTF-16 the bytes are, "" for none: markup has a zero in every second byte, other text has none."""
    even, odd = body[0:2000:2].count(0), body[1:2000:2].count(0)
    if max(even, odd) * 10 < len(body[:2000]):
        return ""
    return "utf-16le" if odd > 4 * even else "utf-16be" if even > 4 * odd else ""


def _legacy(body: bytes, stated: list[str], language: str) -> str:
    sample = _sample(body)
    escaped = sample.decode("utf-8", "surrogateescape")
    broken = len(_BAD_BYTE.findall(escaped))
    whole = len(sample) - len(escaped)  # bytes after the first of each valid character
    # Legacy texts have less than a tenth as many valid ones by chance.
    if whole >= broken or ("utf-8" in stated and broken < _FEW):
        return _mended(body.decode("utf-8", "surrogateescape"))
    return _decoded(body, _likeliest(sample, [one for one in stated if one != "utf-8"], _assumed(body, language)))


# One byte of windows-1252 in a UTF-8 text: a quotation mark, a dash, a letter; C2 and C3 are halves of UTF-8 letters.
_STRAY = re.compile("(?<![\udc80-\udcff])[\udc80-\udcc1\udcc4-\udcff](?![\udc80-\udcff])")
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_FAR = re.compile("[\u0370-\u1fff\u2e80-\ud7ff\uf900-\uffef]")


def _mended(escaped: str) -> str:
    """Return UTF-8 text whose bad bytes are escaped: windows-1252 in a Latin text, else U+FFFD.

    Texts are put together from parts, and old ones of them were pasted in as they were. In other scripts such a byte is
    what is left of a character that was cut.
    """
    if not _FAR.search(escaped):
        escaped = _STRAY.sub(lambda found: bytes((ord(found[0]) - 0xDC00,)).decode("cp1252", "replace"), escaped)
    return _BAD_BYTE.sub("\ufffd", escaped)


def _likeliest(sample: bytes, stated: list[str], assumed: str) -> str:
    """Return the name of the charset that makes the likeliest text of a sample."""
    tried = (*letters.CHARSETS, *(one for one in stated if one in letters.RARE_CHARSETS))
    texts = {name: _decoded(sample, name) for name in tried}
    least: dict[str, float] = {}
    for name, text in texts.items():
        is_stated = name in stated and name != "windows-1252"
        trust = STATED_BITS if is_stated else ASSUMED_BITS if name in (*stated, assumed) else 0
        least[name] = letters.bits(text, name) - trust
    best, best_bits = "", math.inf
    for name in sorted(least, key=least.__getitem__):
        if least[name] >= best_bits:
            break
        if (whole := least[name] + letters.bits_of_order(texts[name])) < best_bits:
            best, best_bits = name, whole
    return best


def _sample(body: bytes) -> bytes:
    """Return the first different words that are not ASCII, each with the byte before it."""
    words: dict[bytes, None] = {}
    size = seen = 0
    for found in _LEGACY_WORD.finditer(body):
        word = body[max(0, found.start() - 1) : min(found.end(), found.start() + 500)]
        seen += len(word)
        if word not in words:
            words[word] = None
            size += len(word)
        if size >= _SAMPLE_BYTES or seen >= _SEEN_BYTES:
            break
    return b" ".join(words)


def _stated(body: bytes, content_type: str) -> list[str]:
    """Return the standard's names of what the header and the page state, in this order."""
    labels = (_from_header(content_type), _from_page(body))
    return [name for label in labels if (name := _labelled(label)) is not None]


def _from_header(content_type: str) -> str:
    header = Message()
    header["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")[:500]
    charset = header.get_param("charset", "")
    return charset if isinstance(charset, str) else ""


def _from_page(body: bytes) -> str:
    found = _DECLARED.search(_COMMENT.sub(b"", body[:_PRESCAN_BYTES]))
    return (found[1] or found[2] or b"").decode("ascii", "replace") if found else ""


def _labelled(label: str) -> str | None:
    """Return the standard's name for a label, None if it knows none; "replacement" encodings count as unknown.

    UTF-16 too: bytes that are it are known by their zeros (HTML standard, prescan, step 15).
    """
    encoding = webencodings.lookup(label) if label else None
    if encoding is None or encoding.name in ("replacement", "utf-16le", "utf-16be"):
        return None
    # A script's wish for raw bytes, which browsers read as windows-1252 where a page states it.
    if encoding.name == "x-user-defined":
        return "windows-1252"
    # The standard's gbk decoder is gb18030's; koi8-u has what koi8-r has, and letters for its box drawings.
    return {"gbk": "gb18030", "koi8-r": "koi8-u"}.get(encoding.name, str(encoding.name))


def _assumed(body: bytes, language: str) -> str:
    found = _HTML_LANG.search(body, 0, _PRESCAN_BYTES)
    for stated in (found[1].decode("ascii") if found else "", language):
        low = stated.lower()
        if name := _BY_LANGUAGE.get(low) or _BY_LANGUAGE.get(low.split("-")[0]):
            return name
    return "windows-1252"


def _decoded(body: bytes, name: str) -> str:
    """Decode by a name of the standard."""
    if codec := _CODECS.get(name) or (name if name in _TWO_BYTES else ""):
        return body.decode(codec, _RESYNC)
    return str(webencodings.decode(body, name, errors="replace")[0])


def _resync(fault: UnicodeError) -> tuple[str, int]:
    """Replace a broken character as the standard does, with its second byte where that is not ASCII.

    Python drops the first byte alone and reads the rest of the word one byte out of step.
    """
    assert isinstance(fault, UnicodeDecodeError)
    pair = fault.object[fault.start : fault.start + 2]
    if fault.encoding == "euc_jp" and len(pair) == 2:
        # Rows 13 and 89 on, which all vendors had and JIS X 0208 has not.
        found = pair.decode("euc_jis_2004", "replace")
        return found[:1], fault.start + (1 if pair[1] < 0x80 else 2)
    return "\ufffd", fault.start + (2 if len(pair) == 2 and pair[1] >= 0x80 else 1)


_RESYNC = "dateline-resync"
codecs.register_error(_RESYNC, _resync)
