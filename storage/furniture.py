"""What of a page is the site's and not the article's: lines that stand on many of its pages, headlines of others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from storage.churn import edited_lines
from storage.identity import same_text
from storage.mass import common_of
from storage.model import Article
from storage.schema import article, article_source, revision
from storage.text import fold

PAGES = 40  # of a source, the newest, whose lines are compared
ON_PAGES = 3  # from as many on, a line is the site's
TITLES = 1_000  # of a source, the newest: what teasers are made of
LONGEST = 200  # characters of such a line: a paragraph is never furniture
KEPT_FOR = timedelta(minutes=10)
MOST_SOURCES = 200  # in memory, a few kilobytes each
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Furniture:
    """The lines of a source that are furniture and the headlines of its articles, as `line_key` has them."""

    lines: frozenset[str]
    titles: frozenset[str]
    common: frozenset[str] = frozenset()  # of site-wide changes, any number in them written 0

    def explains(self, before: Article, after: Article) -> bool:
        """Whether the two differ in nothing but furniture and teasers. False where they do not differ at all."""
        if not same_text(Article(before.title, ""), Article(after.title, "")):
            return False
        went, came = edited_lines(before.body, after.body)
        if not went and not came:
            return False
        own = line_key(before.title)
        return all(self._is_furniture(line, own) for line in (*went, *came))

    def _is_furniture(self, line: str, own_title: str) -> bool:
        if len(line) > LONGEST:
            return False
        said = line_key(line)
        teased = said.partition(": ")[2]  # "Read also: headline"
        is_teaser = (said in self.titles and said != own_title) or teased in self.titles
        return said in self.lines or is_teaser or _DIGITS.sub("0", said) in self.common


class KnownFurniture:
    """The furniture of sources, read anew after a while."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._known: dict[int, tuple[datetime, Furniture]] = {}

    def of(self, connection: sa.Connection, source_id: int) -> Furniture:
        """What is furniture of a source, as its newest articles tell."""
        read_at, furniture = self._known.get(source_id, (None, None))
        now = self._clock()
        if read_at is None or furniture is None or not timedelta(0) <= now - read_at < KEPT_FOR:
            furniture = learned(connection, source_id)
            if len(self._known) >= MOST_SOURCES:
                self._known.pop(next(iter(self._known)))
            self._known[source_id] = now, furniture
        return furniture


def learned(connection: sa.Connection, source_id: int) -> Furniture:
    """Compare the newest articles of a source: what stands on many of them was written once. With it goes what a
    site-wide change put there or took away."""
    pages = connection.execute(_BODIES, {"source": source_id}).scalars()
    counted = Counter(
        said
        for body in pages
        for said in {line_key(line) for line in body.split("\n") if line and len(line) <= LONGEST}
    )
    common = {said for said, number in counted.items() if number >= ON_PAGES and said}
    titles = {line_key(title) for title in connection.execute(_TITLES, {"source": source_id}).scalars()}
    return Furniture(frozenset(common), frozenset(titles - {""}), common_of(connection, source_id))


def line_key(line: str) -> str:
    """A line as it is compared: folded, in lower case. Its figures count: a toll that rose is news."""
    return fold(line).lower()


_newest = (
    select(article_source.c.article_id)
    .where(article_source.c.source_id == bindparam("source"))
    .order_by(article_source.c.first_seen_at.desc(), article_source.c.article_id.desc())
)


def _of_newest(column: sa.Column[str], most: int) -> sa.Select[Any]:
    newest = _newest.limit(most).subquery()
    return (
        select(column)
        .join(article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
        .join(newest, newest.c.article_id == article.c.id)
    )


_BODIES, _TITLES = _of_newest(revision.c.body, PAGES), _of_newest(revision.c.title, TITLES)
