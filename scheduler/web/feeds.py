"""The feeds that there are, made when something changed and kept as bytes."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import importlib
import logging
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import quote

import scheduler.feeds
from scheduler.feed import FeedArticle, FeedDocument, clock
from scheduler.judge import Rules, hears_of_mass, would_tell
from scheduler.query.grammar import NO_LISTS, Lists
from scheduler.web.edition import render_whole
from scheduler.web.filling import Filling, Mark, OfArticles, OfChanges
from scheduler.web.questions import Happened, Matching, Newest
from scheduler.web.shelf import Shelf
from storage.archive import Archive
from storage.chronicle import Asked
from storage.mass import Mass
from storage.model.telling import RuleConfig
from storage.text import one_line

if TYPE_CHECKING:  # the config knows every channel; a feed needs none of them
    from scheduler.tables import FeedTable

log = logging.getLogger("dateline.feeds")

ROOM_BYTES = 16_000_000  # of finished feeds, gzipped: about a hundred
ROOM_CHARS = 4_000_000  # of articles made ready for feeds
CHANGES = "changes"  # the last part of the address of a feed of changes
SEARCH = "search?q="  # begins the address of the feed of a search
MOST_SEARCHES = 50  # that are kept; one that was not asked for for longest is searched anew
RECHECK = timedelta(seconds=60)  # an old article's new address is no change: it shows after this time


def formats() -> dict[str, ModuleType]:
    """Every format by its extension, which is the name of its file."""
    names = sorted(found.name for found in pkgutil.iter_modules(scheduler.feeds.__path__))
    return {name: importlib.import_module(f"scheduler.feeds.{name}") for name in names}


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed that readers can subscribe to. `address` is its path behind /feeds/, without extension."""

    address: str
    kind: str  # all, source, rule, feed
    title: str
    description: str
    urls: tuple[tuple[str, str], ...]  # (extension, URL)
    of_changes: bool = False


@dataclass(frozen=True, slots=True)
class KeptFeed:
    """A finished feed. `body` is gzipped; `etag` is weak, since it stands for the plain bytes as well."""

    content_type: str
    etag: str
    changed_at: datetime  # UTC, whole seconds, later for each new content
    body: bytes


@dataclass(slots=True)
class _Question:
    """What a feed asks, and how the archive stood when it was last asked."""

    subscription: Subscription
    filling: Filling
    version: tuple[int, ...] | None = None
    checked_at: datetime | None = None
    marks: list[Mark] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class _Made:
    """Of which articles a finished feed was made, and how it is known to readers."""

    marks: list[Mark]
    etag: str
    changed_at: datetime


class Feeds:
    """Answers each feed from its bytes as long as nothing that it shows has changed."""

    def __init__(
        self,
        archive: Archive,
        rules: Sequence[RuleConfig],
        feeds: Sequence[FeedTable],
        base_url: str,
        *,
        lists: Lists = NO_LISTS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._archive, self._base_url, self._now = archive, base_url.rstrip("/"), now
        self._formats = formats()
        self._began_at = now()
        self._questions: dict[str, _Question] = {}
        self._made: dict[tuple[str, str], _Made] = {}
        self._bodies: Shelf[bytes] = Shelf(ROOM_BYTES)
        self._articles: Shelf[FeedArticle] = Shelf(ROOM_CHARS)
        self._left_out: dict[tuple[str, str], list[str]] = {}
        self._asked: dict[str, RuleConfig | FeedTable] = {}
        self._lists: Lists = lists
        self.take_over(rules, feeds, lists)

    @property
    def lists(self) -> Lists:
        return self._lists

    def take_over(self, rules: Sequence[RuleConfig], feeds: Sequence[FeedTable], lists: Lists = NO_LISTS) -> None:
        """Answer the rules and feeds of a config from now on; what did not change in it goes on as it is."""
        before = self._asked if lists == self._lists else dict.fromkeys(self._asked)
        if lists != self._lists:
            for address in [one for one in self._questions if one.startswith(SEARCH)]:
                self._forget(address)
        self._lists = lists
        self._asked = {one.name: one for one in feeds} | {f"rule/{one.name}": one for one in rules}
        gone = [one for one in before if before[one] != self._asked.get(one)]
        for address in [*gone, *(f"{one}/{CHANGES}" for one in gone)]:
            self._forget(address)

    def _forget(self, address: str) -> None:
        self._questions.pop(address, None)
        for extension in self._formats:
            self._made.pop((address, extension), None)
            self._left_out.pop((address, extension), None)

    @property
    def left_out(self) -> list[str]:
        """The articles that could not be told in some feed, each in a line with the reason. No feed broke by them."""
        return sorted({line for lines in self._left_out.values() for line in lines})

    def subscriptions(self) -> list[Subscription]:
        """Every feed that there is: all articles, each source, each rule, and those of the config; behind each of the
        first three what happened to them."""
        found = [self._of_all(), self._of_changes()]
        for address, one in self._asked.items():
            found.append(self._of_config(address, one))
            if isinstance(one, RuleConfig):
                found.append(self._of_rule_changes(one))
        for name in self._archive.source_names():
            found += [self._of_source(name), self._of_source_changes(name)]
        return found

    async def fetch(self, address: str, extension: str) -> KeptFeed | None:
        """The feed of this address as it stands now; None if there is none.

        Addresses are all, source/NAME, rule/NAME, NAME; of changes: changes, source/NAME/changes, rule/NAME/changes.
        """
        if extension not in self._formats:
            return None
        question = self._questions.get(address)
        if question is None:
            question = await asyncio.to_thread(self._ask, address)
            if question is None:
                return None
            question = self._questions.setdefault(address, question)
        if address.startswith(SEARCH):
            self._keep_search(address)
        async with question.lock:
            await asyncio.to_thread(self._look_again, question)
            made = self._made.get((address, extension))
            body = self._bodies.get((address, extension))
            if made is None or body is None or made.marks != question.marks:
                made, body = await self._make(question, extension)
        return KeptFeed(f"{self._formats[extension].CONTENT_TYPE}; charset=utf-8", made.etag, made.changed_at, body)

    async def fetch_search(self, query: str, extension: str) -> KeptFeed | None:
        """The feed of whatever a query holds for. Raises QueryError."""
        return await self.fetch(SEARCH + query, extension)

    def _keep_search(self, address: str) -> None:
        """Make it the newest of the searches, and forget the oldest of too many."""
        self._questions[address] = self._questions.pop(address)
        searches = [one for one in self._questions if one.startswith(SEARCH)]
        for one in searches[:-MOST_SEARCHES]:
            self._forget(one)

    def _ask(self, address: str) -> _Question | None:
        if address.startswith(SEARCH):
            query = address.removeprefix(SEARCH)
            return self._question(self._of_search(query), Matching(self._archive, query, (), self._lists))
        if asked := self._asked.get(address):
            asks = Matching(self._archive, asked.query, asked.sources, self._lists) if asked.query else None
            return self._question(self._of_config(address, asked), asks or Newest(self._archive, asked.sources))
        if address == "all":
            return self._question(self._of_all(), Newest(self._archive))
        if address == CHANGES:
            return self._changes(self._of_changes(), Asked())
        kind, _, name = address.partition("/")
        name, of_changes = name.removesuffix(f"/{CHANGES}"), name.endswith(f"/{CHANGES}")
        if kind == "source" and self._archive.knows_source(name):
            if of_changes:
                return self._changes(self._of_source_changes(name), Asked((name,)))
            return self._question(self._of_source(name), Newest(self._archive, [name]))
        rule = self._asked.get(f"rule/{name}")
        if kind == "rule" and of_changes and isinstance(rule, RuleConfig):
            return self._changes(self._of_rule_changes(rule), Asked(rule.sources), rule)
        return None

    def _question(self, about: Subscription, asks: Newest | Matching) -> _Question:
        return _Question(about, OfArticles(self._archive, asks, self._base_url, self._articles))

    def _changes(self, about: Subscription, asked: Asked, rule: RuleConfig | None = None) -> _Question:
        """Of a rule: the changes that it would tell of, judged as it does, and the mass events that it hears of."""
        rules = Rules([rule], self._lists) if rule else None
        holds = partial(would_tell, rules) if rules else None

        def hears(one: Mass) -> bool:
            return hears_of_mass(rule, one.kind, one.source) if rule else asked.has_event(one)

        asks = Happened(self._archive.chronicle, asked, holds)
        return _Question(about, OfChanges(self._archive, asks, hears, self._base_url, self._articles))

    def _look_again(self, question: _Question) -> None:
        """Bring the question's marks up to date, with as little reading as can be."""
        now, version = self._now(), question.filling.version()
        fresh = question.checked_at is not None and timedelta(0) <= now - question.checked_at < RECHECK
        if fresh and question.filling.settled and version == question.version:
            return
        question.marks = question.filling.look()
        question.version, question.checked_at = version, now

    async def _make(self, question: _Question, extension: str) -> tuple[_Made, bytes]:
        key = (question.subscription.address, extension)
        ready, left_out = await asyncio.to_thread(question.filling.ready)
        document = self._document(question.subscription, extension, ready)
        # In the event loop: lxml is kept out of threads. A hundred articles of 5 kB take about 10 ms.
        content, unwritten = render_whole(self._formats[extension].render, document)
        self._left_out[key] = left_out + unwritten
        for line in self._left_out[key]:
            log.warning("feed=%s.%s %s", *key, line)
        before = self._made.get(key)
        etag = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
        changed_at = clock(self._now())
        if before is not None:
            # A whole second later than the last: If-Modified-Since knows nothing finer.
            unchanged = before.etag == etag
            changed_at = before.changed_at if unchanged else max(changed_at, before.changed_at + timedelta(seconds=1))
        made = self._made[key] = _Made(question.marks, etag, changed_at)
        body = await asyncio.to_thread(gzip.compress, content, 6, mtime=0)
        self._bodies.put(key, body, len(body))
        return made, body

    def _document(self, about: Subscription, extension: str, articles: Sequence[FeedArticle]) -> FeedDocument:
        return FeedDocument(
            id=f"{self._base_url}/feeds/{quote(about.address)}",
            title=about.title if about.kind == "feed" else f"Dateline: {about.title}",
            description=about.description,
            home_url=f"{self._base_url}/",
            self_url=dict(about.urls)[extension],
            updated_at=max((article.updated_at for article in articles), default=self._began_at),
            articles=tuple(articles),
        )

    def _subscription(
        self, address: str, kind: str, title: str, description: str, *, of_changes: bool = False
    ) -> Subscription:
        urls = tuple((name, f"{self._base_url}/feeds/{quote(address)}.{name}") for name in self._formats)
        return Subscription(address, kind, title, description, urls, of_changes)

    def _of_changes(self) -> Subscription:
        told = "What was edited, removed or restored, everywhere"
        return self._subscription(CHANGES, "all", "All changes", told, of_changes=True)

    def _of_source_changes(self, name: str) -> Subscription:
        told = f"What was edited, removed or restored at {name}"
        return self._subscription(f"source/{name}/{CHANGES}", "source", f"{name}: changes", told, of_changes=True)

    def _of_rule_changes(self, rule: RuleConfig) -> Subscription:
        told = f"Edits, removals and returns that the rule {rule.name} tells of"
        return self._subscription(f"rule/{rule.name}/{CHANGES}", "rule", f"{rule.name}: changes", told, of_changes=True)

    def _of_all(self) -> Subscription:
        return self._subscription("all", "all", "All articles", "Everything that Dateline reads")

    def _of_source(self, name: str) -> Subscription:
        return self._subscription(f"source/{name}", "source", name, f"Everything from {name}")

    def _of_search(self, query: str) -> Subscription:
        urls = tuple(
            (name, f"{self._base_url}/feeds/search.{name}?q={quote(query, safe='')}") for name in self._formats
        )
        said = one_line(query)
        return Subscription(SEARCH + query, "search", f"Search: {said}", f"Articles that match “{said}”", urls)

    def _of_config(self, address: str, asked: RuleConfig | FeedTable) -> Subscription:
        where = f" in {', '.join(asked.sources)}" if asked.sources else ""
        description = one_line(f"Articles that match “{asked.query}”{where}" if asked.query else f"All articles{where}")
        if isinstance(asked, RuleConfig):
            return self._subscription(address, "rule", asked.name, description)
        return self._subscription(address, "feed", asked.title or asked.name, description)
