"""What an address said, what was known of it before, and what a save came to: dataclasses that travel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.capture import Capture
from storage.model.articles import Article, Diff, Revision
from storage.model.looking import Outcome
from storage.verdict import is_part


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds of an address before a save.

    `current` is the newest revision of its article without its HTML, None where there is none yet. `leads`: another
    text here would make a revision, so a save needs the diff from `current` to it, and `number` as what the diff was
    made against. So it is, too, for a new address that an article's lead names as its original: it would lead at once.
    """

    article_id: int | None = None
    number: int = 0
    lead_id: int | None = None
    leads: bool = False
    current: Revision | None = None
    fingerprint: bytes = b""  # of `current`

    def stays_with(self, article: Article) -> bool:
        """Whether an article whose text is that of `current` leaves everything as it is."""
        current = self.current.article if self.current and self.article_id is not None else None
        return current is not None and is_part(current) == is_part(article)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an address said at a look. `captures` are the answers that it was read from, one for each page.

    `diff` leads from revision `expected` of the address's article to `article`; None where `Known` asks for none.
    `fingerprint` is worked out where it is empty; `bands` are of a text that is first read there. `may_write` is what
    `foresee` said: a revision that nobody was ready for, with its bytes kept and its text looked at for stubs, is not
    made but asked for again.
    """

    address_id: int
    article: Article
    captures: tuple[Capture, ...] = ()
    diff: Diff | None = None
    expected: int = 0
    fingerprint: bytes = b""
    may_write: bool = True
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a save would come to. `revises`: only then is the snapshot worth its file. `is_elsewhere`: the page shows an
    article that is known at another address; the one that was looked for is not there, and nothing would be written."""

    revises: bool
    is_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to.

    `redo`: the article has moved on, or the diff is missing; nothing was written: ask `known` and save again.
    `ahead_since`: from when on the address has shown a text that its lead has not; look again once the lead had its
    look. `is_asked_for`: whether it is an edit or an article of its own is what that look tells. `doubt` says why it
    may be no article: nothing was stored of it, and the look is booked as one that failed, with `outcome`, and made
    again at `look_by` at the latest.
    """

    outcome: Outcome
    article_id: int | None = None
    change_id: int | None = None
    redo: bool = False
    ahead_since: datetime | None = None
    is_asked_for: bool = False
    doubt: str = ""
    look_by: datetime | None = None

    @property
    def ahead(self) -> bool:
        return self.ahead_since is not None
