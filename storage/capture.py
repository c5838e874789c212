"""What a server answered when a revision was read: one entry for each page of its text. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer. `asked` is the URL of the first request, `url` the one that answered after all redirects.

    `headers` are name and value as they came, but for Set-Cookie, which is nobody's evidence and may be a secret.
    `at` is when the answer was complete, by our clock. `snapshot` is the hash of its bytes, unpacked.
    """

    asked: str
    url: str
    status: int
    headers: Headers
    at: datetime
    snapshot: str


def captures_json(captures: Iterable[Capture]) -> str:
    """Captures as the JSON text of a revision; plain ASCII, so that it is the same bytes everywhere."""
    parts = [
        {
            "asked": one.asked,
            "url": one.url,
            "status": one.status,
            "headers": one.headers,
            "at": one.at.isoformat(timespec="microseconds"),
            "snapshot": one.snapshot,
        }
        for one in captures
    ]
    return json.dumps(parts, separators=(",", ":"), sort_keys=True)


def captures_from(text: str) -> tuple[Capture, ...]:
    """The captures in the JSON text of a revision, in the order of its pages; empty where it has none.

    Raises ValueError where the text is not what `captures_json` writes.
    """
    if not text:
        return ()
    try:
        return tuple(
            Capture(
                asked=str(one["asked"]),
                url=str(one["url"]),
                status=int(one["status"]),
                headers=tuple((str(name), str(value)) for name, value in one["headers"]),
                at=datetime.fromisoformat(one["at"]),
                snapshot=str(one["snapshot"]),
            )
            for one in json.loads(text)
        )
    except (KeyError, TypeError, RecursionError) as reason:
        raise ValueError(f"not the captures of a revision: {reason!r}") from None
