"""What comes to articles soon after a site-wide change: another one, and edits by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage.articles import Articles
from storage.gone import round_of
from storage.model.articles import Article
from storage.schema.articles import address, article, change
from storage.sources import due_at
from tests.storage.test_mass import LINKS, NAMES, events, told_singly, with_footer
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, report

TRUST, LETTERS = "The Gazette is owned by the Harbour Trust.", "Write to the editor of the Gazette by letter only."


class Site:
    """Thirty articles, each with the footer that it has by now, and some that were edited by hand."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.footers: dict[str, str] = {}
        self.edited: set[str] = set()
        self.rewritten: set[str] = set()
        watch.articles = Articles(round_of(DAY))
        watch.config(GAZETTE)
        watch.round([])
        watch.later(15 * MINUTE).round(LINKS)
        watch.pass_by(5 * HOUR, step=HOUR, links=LINKS)

    def says(self, name: str) -> Article:
        article = with_footer(name, self.footers[name]) if name in self.footers else report(name)
        body = article.body.replace(
            "nobody complained", "everybody complained" if name in self.edited else "nobody complained"
        )
        return replace(article, body=body.replace("lanterns", "lamps of brass") if name in self.rewritten else body)

    def look(self, after: timedelta) -> None:
        """All are looked at, and what changed is settled."""
        self.watch.later(after)
        self.watch.store.write(lambda c: c.execute(address.update().values(next_look_at=self.watch.now)))
        self.watch.store.write(lambda c: due_at(c, "gazette.example", self.watch.now))
        self.watch.round(LINKS, says=self.says)
        for _ in range(2):
            self.watch.settle()
            self.watch.later(round_of(DAY))


@pytest.mark.parametrize("after", [5 * HOUR, 2 * DAY])
def test_another_footer_soon_after_one_is_an_event_of_its_own(watch: Watch, after: timedelta) -> None:
    """Told once, and nobody is told of those articles that get it days later."""
    site = Site(watch)
    site.footers = dict.fromkeys(NAMES, TRUST)
    site.look(HOUR)
    site.footers |= dict.fromkeys(NAMES[:20], LETTERS)
    site.look(after)
    assert [(event.articles, f"+{LETTERS}" in event.common) for event in events(watch)] == [(20, True), (30, False)]
    for name in NAMES[20:]:
        site.footers[name] = LETTERS
        site.look(2 * DAY)
    assert (told_singly(watch), [event.articles for event in events(watch)]) == ([], [30, 30])
    assert len(watch.notices()) == 2


def test_an_edit_soon_after_a_footer_is_told(watch: Watch) -> None:
    """It has none of the lines that all got hours before."""
    site = Site(watch)
    site.footers = dict.fromkeys(NAMES, TRUST)
    site.look(HOUR)
    site.edited.add(NAMES[5])
    site.look(5 * HOUR)
    assert told_singly(watch) == ["edited"]


@pytest.mark.parametrize("after", [5 * HOUR, 2 * DAY])
def test_a_redesign_soon_after_a_footer_is_an_event_of_its_own(watch: Watch, after: timedelta) -> None:
    """It has no lines in common with anything, and nobody would hear of it else. What is read later is of it."""
    site = Site(watch)
    site.footers = dict.fromkeys(NAMES, TRUST)
    site.look(HOUR)
    site.edited = set(NAMES[:25])
    site.look(after)
    site.edited = set(NAMES)
    site.look(HOUR)
    assert [(event.articles, event.common) for event in events(watch)] == [(30, ()), (30, (f"+{TRUST}",))]
    assert (told_singly(watch), len(watch.notices())) == ([], 2)


def test_a_footer_soon_after_a_redesign_is_an_event_of_its_own(watch: Watch) -> None:
    """Told with its lines, by which it is known again. An article that gets both at once belongs to the redesign."""
    site = Site(watch)
    site.edited = set(NAMES[:25])
    site.look(HOUR)
    site.edited = set(NAMES)
    site.footers = dict.fromkeys(NAMES, TRUST)
    site.look(5 * HOUR)
    assert [(event.articles, event.common) for event in events(watch)] == [(25, (f"+{TRUST}",)), (30, ())]
    assert (told_singly(watch), len(watch.notices())) == ([], 2)


def test_a_redesign_soon_after_another_is_an_event_of_its_own(watch: Watch) -> None:
    """Nobody would hear of it else. The first has those that it had not come to yet."""
    site = Site(watch)
    site.edited = set(NAMES[:25])
    site.look(HOUR)
    site.rewritten = set(NAMES)
    site.look(DAY)
    assert [event.articles for event in events(watch)] == [25, 30]
    site.edited = set(NAMES)
    site.look(HOUR)
    assert [event.articles for event in events(watch)] == [30, 30]
    assert (told_singly(watch), len(watch.notices())) == ([], 2)


def many(watch: Watch, times: int) -> None:
    """As if there were so many times as many articles."""

    def copied(connection: sa.Connection, table: sa.Table, by: int, moved: tuple[str, ...], own: str) -> None:
        columns = [
            sa.func.randomblob(8) if one.name == own else one + by if one.name in moved else one for one in table.c
        ]
        rows = sa.select(*columns).where(table.c.id < 1000)
        connection.execute(table.insert().from_select([one.name for one in table.c], rows))

    def write(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # an article and its address name each other
        for by in range(1000, 1000 * times, 1000):
            copied(connection, address, by, ("id", "article_id"), "key")
            copied(connection, article, by, ("id", "lead_id"), "guid")
            copied(connection, change, by, ("id", "article_id"), "")

    watch.store.write(write)


def test_a_footer_that_came_to_thousands_at_once_is_one_event(watch: Watch) -> None:
    """They are compared in portions, also where their round has closed before: after a night without the daemon."""
    site = Site(watch)
    site.footers = dict.fromkeys(NAMES, TRUST)
    watch.later(5 * HOUR)
    watch.store.write(lambda c: c.execute(address.update().values(next_look_at=watch.now)))
    watch.store.write(lambda c: due_at(c, "gazette.example", watch.now))
    watch.round(LINKS, says=site.says)
    many(watch, 64)
    watch.later(HOUR)
    for _ in range(5):
        watch.settle()
    assert [(event.articles, event.common) for event in events(watch)] == [(30 * 64, (f"+{TRUST}",))]
    assert (told_singly(watch), len(watch.notices())) == ([], 1)
