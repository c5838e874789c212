"""What a look takes and brings: sources, listings, claims, and what came of it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from storage.model.articles import When


@dataclass(frozen=True, slots=True)
class Link:
    """One row of a listing: an address with what the listing says of it. `lastmod` is kept as written.

    `same` is an address that stands for all addresses of this article, where a site file knows a form of it that
    `url` has not; it is what links are told apart by, and is never asked for. "": the URL itself.
    """

    url: str
    title: str = ""
    published: When | None = None
    lastmod: str = ""
    summary: str = ""
    same: str = ""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """What a listing shows now.

    `links` are unique by URL, in page order. `listings` are further listings that it names (sections of a menu), to
    be looked at as well; may be empty. `older` are pages that list older articles (the next page of a list, earlier
    sitemaps), the newest first: a back-fill follows them, a look does not.
    """

    links: tuple[Link, ...]
    listings: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    title: str = ""
    language: str = ""


class SourceState(StrEnum):
    """`new`: no completed look yet. `down`: three looks in a row at all of its listings failed."""

    NEW = "new"
    OK = "ok"
    DOWN = "down"


class Outcome(StrEnum):
    """What came of a look. Everything but NEW, CHANGED and UNCHANGED is a fault of the look, never news."""

    NEW = "new"  # a first read, or a listing with new addresses
    CHANGED = "changed"
    UNCHANGED = "unchanged"  # a 304, the same bytes, or other bytes that say the same
    UNREACHABLE = "unreachable"  # DNS, connection, TLS, timeout
    NOT_ALLOWED = "address not allowed"  # the guard refused to dial
    ROBOTS = "disallowed by robots.txt"
    NOT_FOUND = "not found"  # 404 and 410, and what says the same with 200: a page of words, the home page
    HTTP_ERROR = "http error"  # any other status of 400 and more
    RATE_LIMITED = "rate limited"  # 429, or 503 with Retry-After
    NOT_WHOLE = "not whole"  # truncated, empty, partial, or a stub of what it was
    NOT_ASKED_FOR = "not what was asked for"  # the home page, a login form, another type of content
    LOGIN = "needs login"
    UNREADABLE = "layout not recognised"  # whole, but no article (or no link) in it
    TOO_LARGE = "too large"
    TOO_SLOW = "took too long to read"  # the reader was killed at its time or memory limit

    @property
    def is_fault(self) -> bool:
        return self not in (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """A source as the config names it; what the daemon writes into the store as a row, keyed by name.

    `listings` are looked at in place of `url`; empty: `url` is the one listing. `select` is a CSS selector of the links
    of a list page that are articles, "" = found out.
    """

    name: str
    url: str
    every: timedelta = timedelta(minutes=15)
    site: str = ""
    listing: str = ""
    language: str = ""
    timezone: str = ""
    enabled: bool = True
    listings: tuple[str, ...] = ()
    select: str = ""

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The listings, each once; never empty."""
        return tuple(dict.fromkeys(self.listings)) or (self.url,)


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request sends, and the hash of the bytes that were last read (b"" if none)."""

    etag: str = ""
    last_modified: str = ""
    body_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Backfill:
    """What a person asked for of a source's past: articles that were published `since` then. Aware UTC."""

    id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class DueListing:
    """A listing whose look is due, with all that the look needs."""

    id: int
    source_id: int
    source: str
    url: str
    kind: str
    site: str
    language: str
    timezone: str
    every: timedelta
    validators: Validators
    failures: int
    links: int = 0  # how many links its last completed look read; 0 before the first
    named_at: datetime | None = None  # when its menu last named it; None for a listing that the config names
    select: str = ""
    backfill: Backfill | None = None  # it is a page of this back-fill, looked at once
    planned_at: datetime | None = None  # when it fell due; where the store says another time, it was asked for since


@dataclass(frozen=True, slots=True)
class Gone:
    """Since when, and in how many looks that count, an address says that its article is not there."""

    since: datetime
    looks: int


@dataclass(frozen=True, slots=True)
class DueAddress:
    """An address whose look is due, with what the listing said of it and what the last look kept.

    `gone` says since when its article is not there any more, where it was read before; `is_said`: by the last look too.
    """

    id: int
    source_id: int
    source: str
    url: str
    site: str
    language: str
    timezone: str
    validators: Validators
    failures: int
    looks: int
    listed: Link
    first_seen_at: datetime
    article_id: int | None = None
    gone: Gone | None = None
    is_said: bool = True
    key: bytes = b""

    @property
    def is_again(self) -> bool:
        """It was read before: a look again."""
        return self.looks > 0


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """robots.txt of an origin as it was last fetched. `status` 0: it could not be reached, or answered 5xx or 429."""

    origin: str
    status: int
    body: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """One worker's hold on a host, with its due work in the order in which it is to be done.

    `again_for` is how much of the host's time looks again may take now, counted from `again_from` on.
    """

    host: str
    epoch: int
    delay: timedelta  # that it was last given; robots.txt is asked at that pace, and may then say another
    next_allowed_at: datetime
    listings: tuple[DueListing, ...]
    addresses: tuple[DueAddress, ...]
    robots: tuple[RobotsFile, ...] = ()
    is_stranger: bool = False  # no source looks at this host: listings elsewhere lead to it
    again_from: datetime | None = None
    again_for: timedelta = timedelta(0)
