"""What of a page is the site's and not the article's: lines that stand on many of its pages, headlines of others.

A sentence that pages have at their ends is the article's where it stands amid its paragraphs: somebody wrote it there.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from storage.churn import PARAGRAPH, edited_lines, paragraphs_among, reach
from storage.identity import same_text
from storage.mass import common_of
from storage.model.articles import Article
from storage.schema.articles import article, article_source, change, mass, revision
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
    at_the_ends: frozenset[str] = frozenset()  # sentences that pages have, and hardly one amid its paragraphs

    def explains(self, before: Article, after: Article) -> bool:
        """Whether the two differ in nothing but furniture and teasers. False where they do not differ at all."""
        if not same_text(Article(before.title, ""), Article(after.title, "")):
            return False
        went, came = edited_lines(before.body, after.body)
        if not went and not came:
            return False
        own, kept = line_key(before.title), _forms(went) & _forms(came)
        is_all = all(self._is_furniture(line, own, kept) for line in (*went, *came))
        return is_all and not self.is_written_amid(before, after)

    def is_written_amid(self, before: Article, after: Article) -> bool:
        """Whether a sentence that other pages have at their ends came or went amid the paragraphs of this one."""
        differ = {line_key(line) for lines in edited_lines(before.body, after.body) for line in lines}
        at_the_ends = self.at_the_ends & differ
        if not at_the_ends:
            return False
        was, is_ = (_amid(_keys(one.body), self.lines | self.titles | at_the_ends) for one in (before, after))
        return any(was[line] != is_[line] for line in at_the_ends)

    def is_sentence(self, said: str) -> bool:
        """Whether it is furniture that would be news if it stood on this page alone."""
        is_common = not self.common.isdisjoint((f"+{_form(said)}", f"-{_form(said)}"))
        return len(said) <= LONGEST and (is_common or said in self.lines) and _may_be_news(said)

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
    """The furniture of sources, read anew after a while, and where a site-wide change was found meanwhile: those
    articles that it reaches last are looked at within minutes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._known: dict[int, tuple[datetime, Furniture]] = {}

    def of(self, connection: sa.Connection, source_id: int) -> Furniture:
        """What is furniture of a source, as its newest articles tell."""
        read_at, furniture = self._known.get(source_id, (None, None))
        now = self._clock()
        is_young = read_at is not None and timedelta(0) <= now - read_at < KEPT_FOR
        if furniture is None or not is_young or furniture.common != common_of(connection, source_id):
            furniture = learned(connection, source_id)
            if len(self._known) >= MOST_SOURCES:
                self._known.pop(next(iter(self._known)))
            self._known[source_id] = now, furniture
        return furniture


def learned(connection: sa.Connection, source_id: int) -> Furniture:
    """Compare the newest articles of a source: what stands on many of them was written once. With it goes what a
    site-wide change put there or took away."""
    pages = {row.id: _keys(row.body) for row in connection.execute(_PAGES, {"source": source_id})}
    counted = Counter(said for page in pages.values() for said in set(page) if said and len(said) <= LONGEST)
    lines = frozenset(said for said, number in counted.items() if number >= _on_pages(said, len(pages)))
    titles = frozenset(map(line_key, connection.execute(_TITLES, {"source": source_id}).scalars())) - {""}
    furniture = Furniture(lines, titles, common_of(connection, source_id))
    if furniture.common:  # later pages are stored without what it put there
        pages |= {row.id: _keys(row.body) for row in connection.execute(_CHANGED, {"source": source_id})}
    return replace(furniture, at_the_ends=_at_the_ends(list(pages.values()), furniture))


def _at_the_ends(pages: Sequence[Sequence[str]], furniture: Furniture) -> frozenset[str]:
    """The sentences of the furniture that pages have at their ends, and hardly one amid its paragraphs."""
    on = Counter(said for page in pages for said in set(page) if furniture.is_sentence(said))
    frame = furniture.lines | furniture.titles | on.keys()
    amid = Counter(said for page in pages for said in _amid(page, frame))
    return frozenset(said for said in on if amid[said] < ON_PAGES <= on[said] - amid[said])


def line_key(line: str) -> str:
    """A line as it is compared: folded, in lower case. Its figures count: a toll that rose is news."""
    return fold(line).lower()


def _keys(body: str) -> list[str]:
    """The lines of a body as they are compared; a long one as it is, for it is never furniture."""
    return [line if len(line) > LONGEST else line_key(line) for line in body.split("\n") if line]


def _amid(page: Sequence[str], frame: Collection[str]) -> Counter[str]:
    """How often lines of the frame stand amid the paragraphs of a page, and not at an end of them."""
    at_frame = {at for at, said in enumerate(page) if said in frame}
    paragraphs = paragraphs_among(page, at_frame)
    most = max(1, reach(len(paragraphs)))
    return Counter(page[at] for at in at_frame if most < bisect(paragraphs, at) < len(paragraphs) - most)


def _on_pages(said: str, pages: int) -> float:
    """On how many of so many pages a line must stand to be the site's."""
    return max(ON_PAGES_NEWS, SHARE_NEWS * pages) if _may_be_news(said) else max(ON_PAGES, SHARE * pages)


def _may_be_news(said: str) -> bool:
    """A sentence may be; and a line with a figure: a form that is filled in."""
    return len(said) >= PARAGRAPH or bool(_ENDS_SENTENCE.search(said) or _DIGITS.search(said))


def _forms(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(_form(line_key(line)) for line in lines)


def _form(said: str) -> str:
    return _DIGITS.sub("0", said)


_newest = (
    select(article_source.c.article_id)
    .where(article_source.c.source_id == bindparam("source"))
    .order_by(article_source.c.first_seen_at.desc(), article_source.c.article_id.desc())
)


def _of_newest(most: int, *columns: sa.Column[Any]) -> sa.Select[Any]:
    newest = _newest.limit(most).subquery()
    return (
        select(*columns)
        .join(article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
        .join(newest, newest.c.article_id == article.c.id)
    )


_PAGES, _TITLES = _of_newest(PAGES, revision.c.id, revision.c.body), _of_newest(TITLES, revision.c.title)
_CHANGED = (
    select(revision.c.id, revision.c.body)
    .join(change, change.c.after_id == revision.c.id)
    .where(
        change.c.mass_id
        == select(func.max(mass.c.id))
        .where(mass.c.source_id == bindparam("source"), mass.c.common != "")
        .scalar_subquery()
    )
    .order_by(change.c.id.desc())
    .limit(PAGES)
)
