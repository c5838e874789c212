"""What a feed is: a document of articles that each format writes down in its own way. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from storage.model.articles import When

MOST_ARTICLES = 100


@dataclass(frozen=True, slots=True)
class FeedArticle:
    """An article as a feed tells it: every text has passed `clean`, the html is sanitised, the URLs are public.

    What happened to an article stands in a feed of changes in the same form: its title says what, its html how.

    `id` is for ever. `updated_at` is when we saw its newest text; `published` is what the site states, and only
    `published_clock` may be written where a format wants a clock.
    """

    id: str
    url: str
    title: str
    html: str
    summary: str
    first_seen_at: datetime
    updated_at: datetime
    published: When | None
    sources: tuple[str, ...]
    authors: tuple[str, ...] = ()
    section: str = ""
    language: str = ""
    image: str = ""
    text: str = ""  # what the html says, as plain text, for a format that has room for both
    original_url: str = ""  # where the article stands, if `url` leads to our own page
    facts: Mapping[str, object] = field(default_factory=dict)  # for programs: what no format has a word for

    @property
    def published_clock(self) -> datetime | None:
        """When it was published, if the site states a time of day: none is invented for a day.

        Nor for a broken clock: RFC 822 has no year 1, and nobody published on the web before 1900.
        """
        if self.published is None or self.published.precision == "day" or self.published.moment.year < 1900:
            return None
        return self.published.moment


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed with its articles in order of first sight, newest first."""

    id: str  # for ever, as far as its address is
    title: str
    description: str
    home_url: str
    self_url: str
    updated_at: datetime
    articles: tuple[FeedArticle, ...]


def clock(moment: datetime) -> datetime:
    """The moment in UTC and whole seconds, as feeds state it: finer digits trip some readers."""
    return moment.astimezone(UTC).replace(microsecond=0)
