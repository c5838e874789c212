"""What sites publish: articles with their dates, their revisions, and the changes between these. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    """What changed, for people: words and not characters, the headline apart. `cls` is the class that the edit is told
    as; of `also` it is as well, which is known where the diff was just made: it is stored beside it."""

    title: tuple[DiffOp, ...]
    body: tuple[DiffOp, ...]
    cls: str = ""
    also: tuple[str, ...] = ()


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
    also: tuple[str, ...] = ()  # the classes of an edit beside `cls`, for those who ask for them
