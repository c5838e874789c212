"""An article's HTML as it lies in the store: packed beside its text, of which it is a repetition with tags. Pure.

Kept as it is, the HTML would be half of the database.
"""

from __future__ import annotations

import zstandard

MOST_BYTES = 64 * 1024 * 1024  # unpacked; `clean` lets through a fraction of it
LEVEL = 3


class Unpackable(ValueError):
    """What is stored is not what `pack` made of it with this text: the disk or somebody changed one of them."""


def pack(html: str, body: str) -> bytes:
    """Return the HTML so that it takes little beside `body`; b"" for none. The text is needed to have it back."""
    if not html:
        return b""
    packer = zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary(body), write_checksum=True)
    return packer.compress(html.encode("utf-8", "surrogatepass"))


def unpack(packed: bytes, body: str) -> str:
    """Return the HTML that `pack` was given with the same body. Raises Unpackable."""
    if not packed:
        return ""
    try:
        html = zstandard.ZstdDecompressor(dict_data=_dictionary(body)).decompress(packed, max_output_size=MOST_BYTES)
        return html.decode("utf-8", "surrogatepass")
    except (zstandard.ZstdError, UnicodeDecodeError) as reason:
        raise Unpackable(f"the HTML of a revision cannot be unpacked: {reason}") from reason


def _dictionary(body: str) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(
        body.encode("utf-8", "surrogatepass"), dict_type=zstandard.DICT_TYPE_RAWCONTENT
    )
