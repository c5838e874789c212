"""What comes to articles soon after a site-wide change: another one, and edits by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.articles import Articles
from storage.gone import round_of
from storage.model.articles import Article
from storage.schema.articles import address
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
