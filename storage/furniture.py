"""What of a page is the site's and not the article's: lines that stand on many of its pages, headlines of others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from storage.churn import PARAGRAPH, edited_lines
from storage.identity import same_text
from storage.mass import common_of
from storage.model.articles import Article
from storage.schema.articles import article, article_source, revision
from storage.text import fold

PAGES = 40  # of a source, the newest, whose lines are compared
# From as many of them on, a line is the site's: a label or a button from a fifth. What may be news must be on most
# pages, since three reports of one day have a sentence in common, and of a few pages all may be of one event.
ON_PAGES, SHARE = 3, 0.2
ON_PAGES_NEWS, SHARE_NEWS = 6, 0.6
TITLES = 1_000  # of a source, the newest: what teasers are made of
LONGEST = 200  # characters of such a line: a paragraph is never furniture
KEPT_FOR = timedelta(minutes=10)
MOST_SOURCES = 200  # in memory, a few kilobytes each
_DIGITS = re.compile(r"\d+")
_ENDS_SENTENCE = re.compile(r"""[.!?…。।۔؟][\s"'»)\]]*$""")


@dataclass(frozen=True, slots=True)
class Furniture:
    """The lines of a source that are furniture and the headlines of its articles, as `line_key` has them."""

    lines: frozenset[str]
    titles: frozenset[str]
    common: frozenset[str] = frozenset()  # of site-wide changes, as `common_of` has them

    def explains(self, before: Article, after: Article) -> bool:
        """Whether the two differ in nothing but furniture and teasers. False where they do not differ at all."""
        if not same_text(Article(before.title, ""), Article(after.title, "")):
            return False
        went, came = edited_lines(before.body, after.body)
        if not went and not came:
            return False
        own, kept = line_key(before.title), _forms(went) & _forms(came)
        return all(self._is_furniture(line, own, kept) for line in (*went, *came))

    def _is_furniture(self, line: str, own_title: str, kept: frozenset[str]) -> bool:
        """`kept` are the forms of lines of which nothing but figures changed."""
        if len(line) > LONGEST:
            return False
        said = line_key(line)
        teased = said.partition(": ")[2]  # "Read also: headline"
        is_teaser = (said in self.titles and said != own_title) or teased in self.titles
        return said in self.lines or is_teaser or self._is_of_site_wide_change(_form(said), kept)

    def _is_of_site_wide_change(self, form: str, kept: frozenset[str]) -> bool:
        """A line that the site once put on its pages or took away. Its figures are the site's where they were what
        changed on all pages: a counter. Else another figure in it is news."""
        put, taken = f"+{form}" in self.common, f"-{form}" in self.common
        return put and taken if form in kept else put or taken


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
    pages = list(connection.execute(_BODIES, {"source": source_id}).scalars())
    counted = Counter(
        said
        for body in pages
        for said in {line_key(line) for line in body.split("\n") if line and len(line) <= LONGEST}
    )
    common = {said for said, number in counted.items() if said and number >= _on_pages(said, len(pages))}
    titles = {line_key(title) for title in connection.execute(_TITLES, {"source": source_id}).scalars()}
    return Furniture(frozenset(common), frozenset(titles - {""}), common_of(connection, source_id))


def line_key(line: str) -> str:
    """A line as it is compared: folded, in lower case. Its figures count: a toll that rose is news."""
    return fold(line).lower()


def _on_pages(said: str, pages: int) -> float:
    """On how many of so many pages a line must stand to be the site's. A line with a figure may be news as a sentence
    may: a form that is filled in."""
    may_be_news = len(said) >= PARAGRAPH or _ENDS_SENTENCE.search(said) or _DIGITS.search(said)
    return max(ON_PAGES_NEWS, SHARE_NEWS * pages) if may_be_news else max(ON_PAGES, SHARE * pages)


def _forms(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(_form(line_key(line)) for line in lines)


def _form(said: str) -> str:
    return _DIGITS.sub("0", said)


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
