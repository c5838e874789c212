"""What fills a feed: articles, or what happened to them. Each is asked cheaply whether it would say anything new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from scheduler.feed import MOST_ARTICLES, FeedArticle
from scheduler.web.change_entries import MOST_MEMBERS, change_entry, mass_entry
from scheduler.web.edition import feed_article, left_out_line
from scheduler.web.questions import Happened, Matching, Newest
from scheduler.web.shelf import Shelf
from storage.archive import Archive, Place
from storage.chronicle import Asked, Occasion, told_at
from storage.mass import Mass

Mark = tuple[object, ...]
Ready = tuple[list[FeedArticle], list[str]]  # and a line for each that cannot be told: one never breaks a feed


class Filling(Protocol):
    """For one thread at a time."""

    @property
    def settled(self) -> bool:
        """Has it found all that there is? Else `look` finds more when it is called again."""

    def version(self) -> tuple[int, ...]:
        """Equal as long as `look` would find the same, as far as that can be told cheaply."""

    def look(self) -> list[Mark]:
        """Find what the feed holds now; equal answers stand for the same feed."""

    def ready(self) -> Ready:
        """What the last look found, as feeds tell it."""


class OfArticles:
    """The newest articles of a question, by first sight."""

    def __init__(self, archive: Archive, asks: Newest | Matching, base_url: str, kept: Shelf[FeedArticle]) -> None:
        self._archive, self._asks, self._base_url, self._kept = archive, asks, base_url, kept
        self._places: list[Place] = []

    @property
    def settled(self) -> bool:
        return self._asks.settled

    def version(self) -> tuple[int, ...]:
        return self._archive.version()

    def look(self) -> list[Mark]:
        places = self._asks.places()
        marks = self._archive.marks([place.id for place in places])
        there = {mark[0] for mark in marks}  # a search may remember what a person dropped since
        self._places = [place for place in places if place.id in there]
        return marks

    def ready(self) -> Ready:
        ids = [place.id for place in self._places]
        articles = self._archive.articles(ids)
        readable = {archived.place.id for archived in articles}
        left_out = [f"left out of feeds: article {one} cannot be read" for one in ids if one not in readable]
        ready = []
        for archived in articles:
            key = (archived.guid, archived.number, archived.url, archived.sources, archived.removed_at)
            article = self._kept.get(key)
            if article is None:
                try:
                    article = feed_article(archived, self._base_url)
                except Exception as reason:
                    left_out.append(left_out_line(archived.guid, archived.article.title, reason))
                    continue
                self._kept.put(key, article, _size(article))
            ready.append(article)
        return ready, left_out


class OfChanges:
    """The newest single changes of a question and, among them, the mass events that `hears` says yes to."""

    def __init__(
        self, archive: Archive, asks: Happened, hears: Callable[[Mass], bool], base_url: str, kept: Shelf[FeedArticle]
    ) -> None:
        self._chronicle, self._asks, self._hears = archive.chronicle, asks, hears
        self._base_url, self._kept = base_url, kept
        self._shown: list[Occasion | Mass] = []

    @property
    def settled(self) -> bool:
        return self._asks.settled

    def version(self) -> tuple[int, ...]:
        return self._chronicle.version()

    def look(self) -> list[Mark]:
        events = [one for one in self._chronicle.events(Asked()) if self._hears(one)]
        found: list[Occasion | Mass] = [*self._asks.places(), *events]
        newest = sorted(found, key=_at, reverse=True)[:MOST_ARTICLES]
        marks = self._chronicle.marks([one.id for one in newest if isinstance(one, Occasion)])
        # As in `OfArticles`; and SQLite gives the id of the newest row that was deleted to the next one.
        there = {mark[:2] for mark in marks}
        self._shown = [one for one in newest if isinstance(one, Mass) or one in there]
        return [*marks, *(_stage(one) for one in newest if isinstance(one, Mass))]

    def ready(self) -> Ready:
        ids = [one.id for one in self._shown if isinstance(one, Occasion)]
        changes = {one.id: one for one in self._chronicle.changes(ids)}
        left_out = [f"left out of feeds: change {one} cannot be read" for one in ids if one not in changes]
        ready = []
        for one in self._shown:
            if isinstance(one, Mass):
                key: Mark = ("mass", *_stage(one))
                name, title = f"mass event {one.id}", one.host
            elif one.id in changes:
                change = changes[one.id]
                stands = change.after or change.before
                key = ("change", one, change.guid, change.url, change.sources)
                name, title = f"change {one.id} of {change.guid}", stands.article.title if stands else ""
            else:
                continue
            entry = self._kept.get(key)
            if entry is None:
                try:
                    if isinstance(one, Mass):
                        entry = mass_entry(one, self._chronicle.members(one, MOST_MEMBERS), self._base_url)
                    else:
                        entry = change_entry(changes[one.id], self._base_url)
                except Exception as reason:
                    left_out.append(left_out_line(name, title, reason))
                    continue
                self._kept.put(key, entry, _size(entry))
            ready.append(entry)
        return ready, left_out


def _at(one: Occasion | Mass) -> tuple[datetime, int]:
    return (told_at(one), 0) if isinstance(one, Mass) else (one.seen_at, one.id)


def _stage(one: Mass) -> Mark:
    return ("mass", one.id, one.articles, one.how, one.told_at, one.ended_at)


def _size(entry: FeedArticle) -> int:
    return len(entry.html) + len(entry.text) + len(entry.summary) + 500
