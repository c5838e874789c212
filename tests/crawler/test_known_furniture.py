"""A site-wide change reaches some articles late, one by one: none of them is told for what it is known by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from crawler.walk import now
from storage import mass, outbox
from storage.articles import Articles
from storage.furniture import KEPT_FOR
from storage.gone import round_of
from storage.model.articles import Article
from storage.store import Store
from storage.writer import Writer
from tests.crawler.test_walk import Walker
from tests.made_up import text, title
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

NAMES = tuple(f"a{number}" for number in range(40))
FOOT = "The Gazette is owned by the Harbour Trust and printed at the old mill."
NEWS = "The harbour master resigned on Tuesday after the third accident of the year."

Edit = Callable[[list[str]], list[str]]


def written(name: str) -> Article:
    chance = Random(name)
    return Article(title(chance), "\n\n".join(text(chance, 6)))


class Paper:
    """Forty articles, the worker that looks at them and the daemon that settles, at a clock that is set."""

    def __init__(self, walker: Walker, confirm: timedelta) -> None:
        self._walker, self._confirm, self._at = walker, confirm, now()
        self._with_foot: set[str] = set()
        self._edits: dict[str, Edit] = {}
        walker.site.clock = self._now

    def _now(self) -> datetime:
        return self._at

    async def read(self) -> None:
        self._walker.lists(*(link(name, written(name).title) for name in NAMES))
        await self.look()
        self.told()

    async def look(self, after: timedelta = timedelta(0)) -> None:
        """A look at each article; the daemon settles what came of it until the round has closed."""
        self._at += after
        await self._walker.walk({name: self._says(name) for name in NAMES})
        for _ in range(2):
            self._walker.watch.now = self._at
            self._walker.watch.settle(self._confirm)
            self._at += round_of(self._confirm)

    def put_foot(self, *names: str) -> None:
        self._with_foot |= {*names}

    def edit(self, name: str, edit: Edit) -> None:
        self._edits[name] = edit

    def told(self) -> list[str]:
        """The headlines of what rules are asked about singly, since the last time."""
        watch = self._walker.watch
        watch.place()
        with watch.store.reader() as connection:
            found = outbox.unmatched(connection, 500, self._at)
        ids = [one.id for one in found]
        watch.store.write(lambda c: outbox.raise_alerts(c, ids, (), self._at, lambda rule, channel, at: at))
        return [one.after.article.title for one in found if one.after is not None]

    def _says(self, name: str) -> Article:
        said = written(name)
        paragraphs = self._edits.get(name, list)(said.body.split("\n\n"))
        return replace(said, body="\n\n".join([*paragraphs, *[FOOT] * (name in self._with_foot)]))

    def events(self) -> list[mass.Mass]:
        with self._walker.watch.store.reader() as connection:
            return mass.events(connection)


@pytest.fixture(params=[MINUTE, DAY], ids=["confirm of a minute", "confirm of a day"])
async def paper(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Paper]:
    watch, writer = Watch(store, now()), Writer(store)
    watch.config(GAZETTE)
    walker = Walker(watch, writer, tmp_path, Articles(round_of(request.param), request.param))
    paper = Paper(walker, request.param)
    await paper.read()
    await paper.look(HOUR)
    paper.put_foot(*NAMES[::2])
    await paper.look(HOUR)
    assert [one.kind for one in paper.events()] == ["edited"]
    paper.told()
    yield paper
    await asyncio.to_thread(writer.close)


@pytest.mark.parametrize("after", [timedelta(seconds=20), 2 * KEPT_FOR, 5 * DAY])
async def test_an_article_that_gets_the_known_footer_late_is_not_told(paper: Paper, after: timedelta) -> None:
    """Right after the others or days later, when the event is long over."""
    for name in NAMES[1:25:2]:
        paper.put_foot(name)
        await paper.look(after)
    assert paper.told() == []
    assert len(paper.events()) == 1


async def test_an_edit_beside_the_known_footer_is_told(paper: Paper) -> None:
    """Once the event is over: while it goes on, what changes with it is told with it."""
    paper.put_foot(NAMES[1])
    paper.edit(NAMES[1], lambda said: [*said[:2], NEWS, *said[2:]])
    await paper.look(5 * DAY)
    assert paper.told() == [written(NAMES[1]).title]


@pytest.mark.parametrize("name", [NAMES[4], NAMES[1]], ids=["one that has the footer", "one that has it not"])
async def test_the_words_of_the_footer_amid_one_article_are_told(paper: Paper, name: str) -> None:
    """On the other pages they stand at the end: here somebody wrote them."""
    paper.edit(name, lambda said: [*said[:3], FOOT, *said[3:]])
    await paper.look(timedelta(seconds=20))
    assert paper.told() == [written(name).title]
