"""The words that every floor speaks: frozen dataclasses that travel between threads and processes, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from storage.proof import Proof

Precision = Literal["second", "minute", "day"]


@dataclass(frozen=True, slots=True)
class When:
    """A date that a site states.

    `moment` is aware UTC. With precision "day" it is midnight UTC of the stated calendar day and must never be shown
    as a clock time. `zone` is the offset or zone name that the page (or the source's config) stated, "" where none
    was: none is invented. `origin` says where it was read: json-ld, meta, time, list, url, text, feed.
    """

    moment: datetime
    precision: Precision = "second"
    zone: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Dateline:
    """The agency's opening words, as fields: `Pyongyang, November 8 (KCNA) --`. `date` is as written, "" if none."""

    place: str
    date: str
    agency: str


@dataclass(frozen=True, slots=True)
class Article:
    """What an address says now, as a site file or the generic reader read it.

    `body` is plain text: paragraphs joined by a blank line ("\\n\\n"), never HTML. `html` is the same, sanitised, with
    absolute links. Every text has passed `clean`, every URL `public_url`.

    `teaser`: the page says that the rest is for subscribers. `doubts` are what the page states and cannot be, in words
    for people ("published 2031-01-01 lies in the future"). `next_page` is where the text goes on, "" at its end; it is
    followed and joined before an article is stored, so what is stored with one is a text whose rest could not be read.
    """

    title: str
    body: str
    html: str = ""
    published: When | None = None
    modified: When | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
    section: str = ""
    image: str = ""
    canonical_url: str = ""
    original_url: str = ""
    dateline: Dateline | None = None
    listing_only: bool = False
    teaser: bool = False
    live: bool = False  # a live blog: it grows while it is watched
    doubts: tuple[str, ...] = ()
    next_page: str = ""


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


class ChangeKind(StrEnum):
    ADDED = "added"
    EDITED = "edited"
    REMOVED = "removed"
    RESTORED = "restored"


class EditClass(StrEnum):
    """What kind of an edit it was, the weightiest first; storage/edit_class.py says when it is which."""

    CORRECTION = "correction"  # the article says so itself
    REWRITE = "rewrite"  # most of the text is other words
    HEADLINE = "headline"  # the headline, and of the text nothing or trifles
    QUOTE = "quote"  # words that somebody is said to have said
    NUMBERS = "numbers"  # figures, dates, amounts
    NAMES = "names"  # of persons, places, organisations
    PARAGRAPH_REMOVED = "paragraph_removed"
    PARAGRAPH_ADDED = "paragraph_added"
    WORDING = "wording"
    TYPO = "typo"
    LABEL = "label"  # words joined or parted, an "Updated:" line; told only where it is asked for
    COMPLETED = "completed"  # an article known from its listing alone, or in part, got its text
    EDITIONS = (
        "editions"  # a text that stood here before stands here again, and not for the first time: they take turns
    )


EDIT_CLASSES: tuple[str, ...] = tuple(EditClass)


class SourceState(StrEnum):
    """`new`: no completed look yet. `down`: three looks in a row at all of its listings failed."""

    NEW = "new"
    OK = "ok"
    DOWN = "down"


class DeliveryState(StrEnum):
    """`open`: still gathers alerts. `paused`: its channel is paused or gone from the config; no attempt is spent.
    `dropped`: a person said that it is not to be sent."""

    OPEN = "open"
    PENDING = "pending"
    SENT = "sent"
    PAUSED = "paused"
    GIVEN_UP = "given up"
    DROPPED = "dropped"


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

    `gone` says since when its article is not there any more, where it was read before.
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


@dataclass(frozen=True, slots=True)
class Revision:
    """An Article as it stood from `seen_at` on. Numbered from 1 within its article, never rewritten."""

    id: int
    article_id: int
    number: int
    seen_at: datetime
    article: Article
    snapshot: str = ""  # hash of the bytes that the server sent
    chain: bytes | None = None  # storage/chain.py; None for what was stored before there was a chain


# What a word diff is made of, in reading order: "=" what stayed, "-" went, "+" came; "<" a whole paragraph that stands
# elsewhere in the text after, and ">" where it stands there. Paragraph breaks are part of the text.
DiffOp = tuple[Literal["=", "-", "+", "<", ">"], str]


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed, for people: words and not characters, the headline apart. `cls` is the class of the edit."""

    title: tuple[DiffOp, ...]
    body: tuple[DiffOp, ...]
    cls: str = ""


@dataclass(frozen=True, slots=True)
class StoryMember:
    """An article of a story, as others of it name it. `sources` begins with the one that it was first seen at."""

    guid: str
    url: str
    title: str
    sources: tuple[str, ...]
    first_seen_at: datetime
    published: When | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The step between two revisions. `before` is None for what was added; `after` is None for what was removed.

    `stealth`: the text was edited, and the date on which the page says that it was modified is the one that it was.
    """

    id: int
    article_id: int
    guid: str
    kind: ChangeKind
    cls: str
    seen_at: datetime
    url: str  # the lead address
    sources: tuple[str, ...]  # names, the first is where the article was first seen; never empty
    before: Revision | None
    after: Revision | None
    diff: Diff | None = None
    first_seen_at: datetime | None = None
    stealth: bool = False
    also_at: tuple[StoryMember, ...] = ()  # other articles of its story, in the order of first sight
    story: str = ""  # guid of the article that was first seen of its story; "": not placed yet
    proof: Proof | None = None  # of a removal: the looks that had to agree


@dataclass(frozen=True, slots=True)
class RuleConfig:
    """Which changes are worth telling, and through which channels. An empty `sources` means all of them.

    `per`: of the articles of one story the first alone is told, or each.
    """

    name: str
    query: str
    sources: tuple[str, ...] = ()
    on: tuple[str, ...] = ("added", "edited", "removed", "restored")
    max_age: timedelta | None = None
    channels: tuple[str, ...] = ()
    per: Literal["story", "article"] = "story"


@dataclass(frozen=True, slots=True)
class Alert:
    """A Rule that held for a Change. `holds` says whether the text matches now, no longer, or still.

    `words` are the words of the page that made it hold, as they stand there.
    """

    id: int
    rule: str
    holds: Literal["now", "no longer", "still"]
    words: tuple[str, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator is told through the channels of `[daemon] tell`: a source down or back, and the like."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Alerts of one rule (or one notice) bound for one channel. `id` is stable: Message-ID and webhook-id."""

    id: str
    channel: str
    rule: str
    state: DeliveryState
    created_at: datetime
    attempts: int
    payload: bytes | None  # the bytes of the first attempt, sent again as they are
    alerts: tuple[Alert, ...] = ()
    notice: Notice | None = None
    error: str = ""
    next_attempt_at: datetime | None = None
    held: str = ""  # why it waits, or that a person asked for it
