"""Whole answers are told from cut ones, whatever they are packed in."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.fault import LookFault
from crawler.whole import check_kind, check_status, check_transfer, unpack
from storage.model.looking import Outcome

PAGE = (
    b"<html><body>"
    + b"".join(b"<p>Paragraph %d of the harbour's log.</p>" % n for n in range(3000))
    + b"</body></html>"
)
LIMIT = 1_000_000


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def zstd_unsized(body: bytes) -> bytes:
    """As servers send it: a stream that does not say how long it will be."""
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(body) + packer.flush()


PACKED: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", partial(brotli.compress, quality=5)),
    ("zstd", zstandard.compress),
    ("zstd", zstd_unsized),
]


def outcome_of(body: bytes, encodings: str, limit: int = LIMIT) -> Outcome:
    with pytest.raises(LookFault) as caught:
        unpack(body, encodings, limit)
    return caught.value.outcome


@pytest.mark.parametrize(("name", "pack"), PACKED)
def test_a_whole_stream_is_unpacked(name: str, pack: Callable[[bytes], bytes]) -> None:
    """Every encoding that we offer comes out as it went in, an empty page too."""
    assert unpack(pack(PAGE), name.upper(), LIMIT) == PAGE
    assert unpack(pack(b""), name, LIMIT) == b""


@pytest.mark.parametrize(("name", "pack"), PACKED)
@pytest.mark.parametrize("left", [0, 1, 0.01, 0.5, 0.99, -1])
def test_a_cut_stream_is_not_whole(name: str, pack: Callable[[bytes], bytes], left: float) -> None:
    """Wherever a stream is cut, in its first byte or before its last, it is a fault and never half a page."""
    packed = pack(PAGE)
    cut = packed[: int(len(packed) * left)] if isinstance(left, float) else packed[:left]
    assert outcome_of(cut, name) == Outcome.NOT_WHOLE


@pytest.mark.parametrize(("name", "pack"), PACKED)
def test_a_bomb_is_too_large(name: str, pack: Callable[[bytes], bytes]) -> None:
    """What unpacks to more than is asked for is left as soon as that is known."""
    bomb = pack(bytes(60_000_000))
    tracemalloc.start()
    try:
        assert outcome_of(bomb, name) == Outcome.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 20_000_000, "the rest of the bomb was unpacked all the same"
    finally:
        tracemalloc.stop()


def test_a_damaged_gzip_is_not_whole() -> None:
    """A checksum that does not hold means other bytes than the server's."""
    packed = bytearray(gzip.compress(PAGE))
    packed[-6] ^= 1
    assert outcome_of(bytes(packed), "gzip") == Outcome.NOT_WHOLE


def test_several_members_and_padding_are_read_as_browsers_do() -> None:
    """Gzip may come in members, and servers pad; zstd may come in frames."""
    assert unpack(gzip.compress(b"one ") + gzip.compress(b"two") + bytes(20), "gzip", LIMIT) == b"one two"
    assert unpack(zstandard.compress(b"one ") + zstd_unsized(b"two"), "zstd", LIMIT) == b"one two"


def test_several_encodings_are_undone_from_the_last() -> None:
    """`Content-Encoding: gzip, br` was packed by gzip first."""
    assert unpack(brotli.compress(gzip.compress(PAGE)), "gzip, br", LIMIT) == PAGE
    assert unpack(PAGE, "identity", LIMIT) == PAGE


def test_a_packed_file_is_unpacked_too() -> None:
    """A sitemap.xml.gz is a gzip file that no header speaks of; cut, it is not whole."""
    assert unpack(gzip.compress(PAGE), "", LIMIT) == PAGE
    assert outcome_of(gzip.compress(PAGE)[:-9], "") == Outcome.NOT_WHOLE


@pytest.mark.parametrize("encodings", ["compress", "br2", "gzip,gzip,gzip,gzip", "../../etc/passwd"])
def test_an_encoding_that_was_not_offered_is_not_what_was_asked_for(encodings: str) -> None:
    """A name from the wire is compared and never looked up."""
    assert outcome_of(PAGE, encodings) == Outcome.NOT_ASKED_FOR


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "br", "zstd"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_end_in_bytes_or_a_fault(body: bytes, name: str) -> None:
    """Nothing that a server sends raises anything else, or never ends."""
    try:
        assert isinstance(unpack(body, name, 10_000), bytes)
    except LookFault as fault:
        assert fault.outcome in (Outcome.NOT_WHOLE, Outcome.TOO_LARGE)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, None),
        (203, None),
        (202, Outcome.NOT_WHOLE),
        (204, Outcome.NOT_WHOLE),
        (205, Outcome.NOT_WHOLE),
        (206, Outcome.NOT_WHOLE),
        (300, Outcome.HTTP_ERROR),
        (304, Outcome.HTTP_ERROR),
        (401, Outcome.LOGIN),
        (402, Outcome.LOGIN),
        (403, Outcome.HTTP_ERROR),
        (404, Outcome.NOT_FOUND),
        (410, Outcome.NOT_FOUND),
        (500, Outcome.HTTP_ERROR),
        (999, Outcome.HTTP_ERROR),
    ],
)
def test_only_a_status_of_a_whole_page_passes(status: int, outcome: Outcome | None) -> None:
    """Every other status is a fault that names it."""
    if outcome is None:
        return check_status(status)
    with pytest.raises(LookFault, match=str(status)) as caught:
        check_status(status)
    assert caught.value.outcome == outcome
    return None


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (PAGE, True),
        (PAGE + b"\n<!-- cached -->\n", True),
        (b"<rss><channel></channel></RSS >\n", True),
        (b'{"a": [1]}\n', True),
        (PAGE[:-8], False),
        (PAGE[:5000], False),
        (b"<html><script>function a() {}", False),
        (b'{"a": [1]', False),
        (b"", False),
    ],
)
def test_a_body_that_only_the_connection_ends_must_end_as_a_page(body: bytes, whole: bool) -> None:
    """Without a length, the last words of the page say whether it is all there."""
    if whole:
        check_transfer(["partial"], body)
    else:
        with pytest.raises(LookFault) as caught:
            check_transfer(["partial"], body)
        assert caught.value.outcome == Outcome.NOT_WHOLE
    check_transfer([], body)
    with pytest.raises(LookFault):
        check_transfer(["dataloss"], body)


@pytest.mark.parametrize(
    ("content_type", "body", "outcome"),
    [
        ("text/html; charset=utf-8", PAGE, None),
        ("", PAGE, None),
        ("application/octet-stream", b"<rss></rss>", None),
        ("application/vnd.example+json", b"{}", None),
        ("image/svg+xml", b"<svg/>", None),
        ("text/html", b" \r\n", Outcome.NOT_WHOLE),
        ("image/png", b"anything", Outcome.NOT_ASKED_FOR),
        ("Application/PDF", b"anything", Outcome.NOT_ASKED_FOR),
        ("application/vnd.ms-excel", b"anything", Outcome.NOT_ASKED_FOR),
        ("text/html", b"%PDF-1.7 and so on", Outcome.NOT_ASKED_FOR),
        ("text/html", b"PK\x03\x04 and so on", Outcome.NOT_ASKED_FOR),
    ],
)
def test_only_text_passes_as_a_page(content_type: str, body: bytes, outcome: Outcome | None) -> None:
    """Images, documents and archives are not what was asked for, by their label or by their first bytes."""
    if outcome is None:
        return check_kind(content_type, body)
    with pytest.raises(LookFault) as caught:
        check_kind(content_type, body)
    assert caught.value.outcome == outcome
    return None
