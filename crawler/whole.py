"""Is this answer whole, and of a kind that we read? A page counts only when nothing of it is missing."""

from __future__ import annotations

import re
import zlib
from http import HTTPStatus

import brotli  # type: ignore[import-untyped]
import zstandard

from crawler.fault import LookFault
from storage.model.looking import Outcome

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_CHUNK = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b\x08"
_MAX_ENCODINGS = 3
# 64 blocks of four bytes, each of which can stand for 128 kB: what one step of unpacking can take at most is 8 MB.
_ZSTD_STEP = 256
_ZSTD_WINDOW = 8 << 20  # RFC 9659: no content coding may ask for more

# What ends a page, a feed or a sitemap; comments of caches and trackers may follow.
_LAST_TAG = re.compile(rb"</(html|rss|feed|urlset|sitemapindex|rdf:rdf)\s*>", re.IGNORECASE)
_LAST_BYTES = 4096
_MEDIA = ("image/", "audio/", "video/", "font/", "model/", "application/vnd.")
_DOCUMENTS = frozenset(
    f"application/{one}"
    for one in ("epub+zip", "java-archive", "msword", "pdf", "postscript", "rtf", "wasm", "x-7z-compressed", "zip")
)
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x89PNG\r\n", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
)


class _TooLarge(Exception):
    """Unpacked, it is larger than what is asked for."""


def unpack(body: bytes, encodings: str, limit: int) -> bytes:
    """Undo `Content-Encoding` (gzip, deflate, br, zstd; several, last applied first undone) and a gzip file inside.

    Raises LookFault: NOT_WHOLE where a stream is cut or damaged, TOO_LARGE where more than `limit` bytes come out,
    NOT_ASKED_FOR for an encoding that we did not offer. Scrapy's own way hands over what it could unpack, unmarked.
    """
    names = [one for name in encodings.split(",") if (one := name.strip().lower()) not in ("", "identity")]
    if len(names) > _MAX_ENCODINGS:
        raise LookFault(Outcome.NOT_ASKED_FOR, f"packed {len(names)} times over")
    for name in reversed(names):
        body = _undo(name.removeprefix("x-"), body, limit)
    # sitemap.xml.gz, and servers that pack twice and say it once.
    return _undo("gzip", body, limit) if body.startswith(_GZIP_MAGIC) else body


def _undo(name: str, body: bytes, limit: int) -> bytes:
    try:
        match name:
            case "gzip":
                return _inflate(body, zlib.MAX_WBITS | 16, limit)
            case "deflate":
                # Either with zlib's header or, wrongly and often, without.
                zlib_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
                return _inflate(body, zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS, limit)
            case "br":
                return _unbrotli(body, limit)
            case "zstd":
                return _unzstd(body, limit)
    except _TooLarge:
        raise LookFault(Outcome.TOO_LARGE, f"unpacked, the answer is larger than {limit:,} bytes") from None
    except (zlib.error, brotli.error, zstandard.ZstdError, EOFError):
        raise LookFault(Outcome.NOT_WHOLE, f"the {name} stream is cut or damaged") from None
    raise LookFault(Outcome.NOT_ASKED_FOR, f"packed as {name!r}, which was not asked for")


def _inflate(body: bytes, wbits: int, limit: int) -> bytes:
    """Every member of the stream; what follows the last one and is none (padding) is left out, as browsers do."""
    out = bytearray()
    while True:
        stream = zlib.decompressobj(wbits)
        data = body
        while not stream.eof:
            step = stream.decompress(data, _CHUNK)
            data = stream.unconsumed_tail
            if not step and not data and not stream.eof:
                raise EOFError
            _extend(out, step, limit)
        body = stream.unused_data
        if not body.startswith(_GZIP_MAGIC):
            return bytes(out)


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream, out = brotli.Decompressor(), bytearray()
    step = stream.process(body, output_buffer_limit=_CHUNK)
    _extend(out, step, limit)
    while not stream.is_finished():
        step = stream.process(b"", output_buffer_limit=_CHUNK)
        if not step and not stream.is_finished():
            raise EOFError
        _extend(out, step, limit)
    return bytes(out)


def _unzstd(body: bytes, limit: int) -> bytes:
    unpacker, out = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW), bytearray()
    stream = unpacker.decompressobj()
    for start in range(0, len(body), _ZSTD_STEP):
        data = body[start : start + _ZSTD_STEP]
        while data:
            if stream.eof:
                stream = unpacker.decompressobj()
            _extend(out, stream.decompress(data), limit)
            data = stream.unused_data
    if not stream.eof:
        raise EOFError
    return bytes(out)


def _extend(out: bytearray, step: bytes, limit: int) -> None:
    out += step
    if len(out) > limit:
        raise _TooLarge


def check_status(status: int) -> None:
    """Raise LookFault for every status but those of a whole page: 200, and 203 from a proxy.

    429 and 503 are judged before, where Retry-After is known.
    """
    if status in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION):
        return
    words = f"the server answered {status}{_phrase(status)}"
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED):
        raise LookFault(Outcome.LOGIN, words)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise LookFault(Outcome.NOT_FOUND, words)
    # 202 is what some walls against robots answer; 204 and 205 carry no page, 206 a part that nobody asked for.
    raise LookFault(Outcome.NOT_WHOLE if 200 <= status < 300 else Outcome.HTTP_ERROR, words)


def _phrase(status: int) -> str:
    """Our own words for a status: those on the wire are the site's."""
    return f" {HTTPStatus(status).phrase}" if status in HTTPStatus._value2member_map_ else ""


def check_transfer(flags: list[str], body: bytes) -> None:
    """Raise LookFault(NOT_WHOLE) where the connection ended before the answer did, by Scrapy's flags.

    "partial" says that only the end of the connection ended the body, which is allowed (RFC 9112, section 6.3) and
    cannot be told from a cut: such a page (unpacked) must end as pages do.
    """
    if "dataloss" in flags:
        raise LookFault(Outcome.NOT_WHOLE, "the connection ended in the middle of the answer")
    if "partial" in flags and not _ends(body):
        raise LookFault(Outcome.NOT_WHOLE, "the connection ended, and the page does not end as a page does")


def _ends(body: bytes) -> bool:
    json = body[:1] + body.rstrip()[-1:] in (b"{}", b"[]")
    return json or _LAST_TAG.search(body[-_LAST_BYTES:]) is not None


def check_kind(content_type: str, body: bytes) -> None:
    """Raise LookFault: NOT_WHOLE for nothing at all, NOT_ASKED_FOR for images, documents and archives."""
    if not body.strip():
        raise LookFault(Outcome.NOT_WHOLE, "the answer is empty")
    kind = content_type.partition(";")[0].strip().lower()
    readable = kind.endswith(("+xml", "+json"))
    if not readable and (kind.startswith(_MEDIA) or kind in _DOCUMENTS):
        raise LookFault(Outcome.NOT_ASKED_FOR, f"the answer is {kind}, not a page")
    for signature, words in _SIGNATURES:
        if body.startswith(signature):
            raise LookFault(Outcome.NOT_ASKED_FOR, f"the answer is {words}, not a page")
