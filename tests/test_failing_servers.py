"""A failing server is not news: ten newspapers that fail in ten ways, over stored articles and over their listings."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import get_args

import pytest
import sqlalchemy as sa

from scheduler.demo.newspaper import Newspaper, Trouble
from scheduler.demo.postbox import Postbox
from scheduler.demo.texts import made_up
from storage.model.looking import SourceState
from storage.schema.articles import address, article, change, revision
from storage.schema.looking import listing, source
from storage.schema.telling import alert, notice
from tests.running import Running, config_text, dateline

TROUBLES: tuple[Trouble, ...] = get_args(Trouble)
LOOKS = 4  # in a row: more than a page that shrank to a stub needs to be believed
TOLD_OF = (revision, change, alert)


class Papers:
    """A newspaper for each trouble, on an address of its own, with a source for each of its three listings."""

    def __init__(self) -> None:
        self.by_trouble = {trouble: Newspaper(f"The {trouble} Herald") for trouble in TROUBLES}
        self.urls: dict[Trouble, str] = {}
        self._published = 0

    def publish(self) -> None:
        for trouble, paper in self.by_trouble.items():
            self._published += 1
            title, paragraphs = made_up(self._published)
            self.urls[trouble] = paper.publish(f"Alarm {self._published}: {title}", paragraphs)

    @property
    def sources(self) -> dict[str, str]:
        found = {}
        for trouble, paper in self.by_trouble.items():
            found |= {f"{trouble}-feed": paper.feed_url, f"{trouble}-sitemap": paper.sitemap_url}
            if trouble != "home200":  # the front page in place of the front page
                found[f"{trouble}-html"] = paper.url
        return found

    def break_(self, *, only_articles: bool) -> None:
        for trouble, paper in self.by_trouble.items():
            path = self.urls[trouble].removeprefix(paper.url.rstrip("/"))
            paper.break_(trouble, under=path if only_articles else "/")

    def heal(self) -> None:
        for paper in self.by_trouble.values():
            paper.heal()


@pytest.fixture
async def papers() -> AsyncIterator[Papers]:
    papers = Papers()
    async with AsyncExitStack() as open_papers:
        for number, paper in enumerate(papers.by_trouble.values(), start=1):
            await paper.start(f"127.0.7.{number}")
            open_papers.push_async_callback(paper.stop)
        yield papers


async def test_no_failure_of_a_server_is_news(tmp_path, papers: Papers, postbox: Postbox) -> None:
    """Nothing is revised, changed or alerted, however often it fails; down and back are told once for each source."""
    async with dateline(tmp_path) as running:
        running.write(config_text(running.port, papers.sources, postbox, tell=["mail"], timeout="1s", every="1h"))
        papers.publish()
        await running.start()
        await running.until(lambda: running.count(article) == len(TROUBLES), "the first articles")
        await running.until(lambda: running.count(source, source.c.first_completed_at.is_(None)) == 0, "first looks")
        papers.publish()
        await _rounds(running, lambda: running.count(alert) == len(TROUBLES), "alerts of what is new")
        stored = {table.name: running.count(table) for table in TOLD_OF}

        papers.break_(only_articles=True)
        urls = list(papers.urls.values())
        await _rounds(
            running,
            lambda: running.count(address, address.c.url.in_(urls), address.c.failures >= LOOKS) == len(TROUBLES),
            f"{LOOKS} failed looks at each of the articles",
        )
        papers.heal()
        await _rounds(running, lambda: not running.count(address, address.c.failures > 0), "good looks at the articles")
        assert {table.name: running.count(table) for table in TOLD_OF} == stored
        assert running.count(notice) == 0

        papers.break_(only_articles=False)
        down = source.c.state == SourceState.DOWN
        await _rounds(running, lambda: running.count(source, down) == len(papers.sources), "all sources to be down")
        papers.heal()
        await _rounds(
            running,
            lambda: not running.count(source, down) and not running.count(listing, listing.c.failures > 0),
            "all sources to be back",
        )
        assert {table.name: running.count(table) for table in TOLD_OF} == stored
        subjects = Counter(row.subject for row in running.read(sa.select(notice.c.subject)))
        assert subjects == Counter(f"{name} {words}" for name in papers.sources for words in ("is down", "is back"))
        await _rounds(running, lambda: _told(postbox, subjects) == subjects, "each of them in one mail")

        papers.publish()
        await _rounds(running, lambda: running.count(alert) == 2 * len(TROUBLES), "what is published after all that")


def _told(postbox: Postbox, wanted: Counter[str]) -> Counter[str]:
    """How often each of these notices came: as a mail of its own, or as a line of one that joins several."""
    lines = [str(mail.message["Subject"]).removeprefix("Dateline: ") for mail in postbox.received_mail]
    lines += [line for mail in postbox.received_mail for line in mail.text.splitlines()]
    return Counter(line for line in lines if line in wanted)


async def _rounds(running: Running, condition: Callable[[], bool], what: str) -> None:
    """Let the time of everything planned come, again and again, until `condition` holds."""
    for _ in range(300):
        running.time_passes()
        try:
            return await running.until(condition, what, deadline_s=1)
        except AssertionError as reason:
            last = reason
    raise last
