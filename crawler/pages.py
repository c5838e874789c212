"""A page as the server sent it, and what is known of it before anyone reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler import charset
from crawler.fault import LookFault
from storage.model.looking import Link, Outcome

MAX_BYTES = 8_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The bytes of a page, decompressed, under its final URL.

    `fetched_at` is aware UTC: relative dates and years that a page leaves out count from it. `content_type` is the
    header as sent. `language`, `timezone` and `site` are the source's, "" where it states none; `site` is a file in
    crawler/sites/, "" = chosen by host. `select` is a CSS selector of the links that are articles, "" = found out.
    `listed` is what the listing said of the page. `known_shapes` are, for each shape of address that the source's links
    had, how many turned out to be articles and how many not.
    """

    url: str
    body: bytes
    fetched_at: datetime
    content_type: str = ""
    language: str = ""
    timezone: str = ""
    site: str = ""
    select: str = ""
    listed: Link | None = None
    known_shapes: tuple[tuple[str, int, int], ...] = ()

    def text(self) -> str:
        """Return the page as text. Raises LookFault(TOO_LARGE | NOT_WHOLE)."""
        if len(self.body) > MAX_BYTES:
            raise LookFault(Outcome.TOO_LARGE, f"the page has {len(self.body):,} bytes, read are at most {MAX_BYTES:,}")
        if not self.body.strip():
            raise LookFault(Outcome.NOT_WHOLE, "the server sent an empty page")
        return charset.decode(self.body, self.content_type, self.language)
