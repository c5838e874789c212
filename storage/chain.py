"""The chain of an article's revisions: each hash covers a revision whole and the hash before it. Pure.

Canonical JSON and SHA-256, so that a script with nothing but a standard library can follow it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from storage.packing import Unpackable, unpack


def text_of(title: str, body: str) -> bytes:
    """A revision's text as the chain covers it: the title, a blank line, the body; UTF-8."""
    return f"{title}\n\n{body}".encode("utf-8", "surrogatepass")


def html_of(revision: Mapping[str, Any]) -> bytes:
    """A revision's HTML as the chain covers it, given its columns; what is stored where that cannot be unpacked any
    more, which no chain fits."""
    try:
        return unpack(revision["html"], revision["body"]).encode("utf-8", "surrogatepass")
    except (Unpackable, TypeError, AttributeError):
        return repr(revision["html"]).encode("utf-8", "backslashreplace")


def record(guid: str, revision: Mapping[str, Any], html: bytes | None = None) -> dict[str, Any]:
    """All that the chain covers of a revision, given its columns; the long texts by their SHA-256. `html` spares the
    unpacking where it is at hand.

    Not the address: the store may come to spell that otherwise. What was asked for stands in the capture.
    """
    return {
        "article": guid,
        "number": revision["number"],
        "seen_at": stamp(revision["seen_at"]),
        "title": revision["title"],
        "text_sha256": sha256(text_of(revision["title"], revision["body"])).hexdigest(),
        "html_sha256": sha256(html_of(revision) if html is None else html).hexdigest(),
        "published": stamp(revision["published"]),
        "language": revision["language"],
        "meta": _parsed(revision["meta"]),
        "fingerprint": bytes(revision["fingerprint"]).hex(),
        "snapshot": revision["snapshot"],
        "capture": _parsed(revision["capture"]),
    }


def link(previous: bytes | None, covered: Mapping[str, Any]) -> bytes:
    """The chain's hash after a revision; `previous` is the one before it, None where the chain begins."""
    return sha256(canonical({"previous": (previous or b"").hex(), "record": covered})).digest()


def canonical(value: object) -> bytes:
    """JSON with sorted keys, no spaces and nothing but ASCII: the same bytes for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def stamp(at: datetime | None) -> str:
    """A time to the microsecond, "" for None."""
    return at.isoformat(timespec="microseconds") if at else ""


def _parsed(text: str) -> Any:
    """What a column of JSON holds; the text itself where somebody made it something else: it is covered as it is."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return text
