"""An article of which hardly anything is left: an edit if it stays so while others are whole, and half a page else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from storage.articles import Articles
from storage.gone import FEW, round_of
from storage.looks import Looks
from storage.model.articles import Article, When
from storage.model.looking import Outcome
from storage.rhythm import Rhythm
from storage.schema.articles import change
from storage.store import Store
from tests.made_up import text
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, START, Watch, link

NAMES = [f"a{number}" for number in range(8)]
LINKS = [link(name) for name in NAMES]
WHOLE: Mapping[str, str] = {}


def long(name: str) -> Article:
    return Article(f"Title of {name}", "\n\n".join(text(Random(name), 6)), published=When(START))


def says(shrunk: Mapping[str, str]) -> dict[str, object]:
    """What pages show where these of them have shrunk to so much."""

    def said(name: str) -> Article:
        return replace(long(name), body=shrunk[name]) if name in shrunk else long(name)

    return {"links": LINKS, "says": said}


def first_words(name: str, characters: int = 120) -> str:
    return long(name).body[:characters]


@pytest.fixture
def watch(store: Store) -> Iterator[Watch]:
    watch = Watch(store, articles=Articles(round_of(DAY), DAY))
    watch.config(GAZETTE)
    watch.round(**says(WHOLE))
    watch.pass_by(2 * HOUR, **says(WHOLE))
    yield watch


def told(watch: Watch) -> list[tuple[str, str]]:
    rows = watch.rows(sa.select(change.c.kind, change.c.cls).where(~change.c.history).order_by(change.c.id))
    return [(row.kind, row.cls) for row in rows]


@pytest.mark.parametrize("left", [first_words("a0"), "The council asked us to shorten this report, and so we did."])
def test_an_article_that_was_gutted_is_an_edit_once_it_stays_so(watch: Watch, left: str) -> None:
    """Also one that is beyond the ladder's end: its next look is planned so that it counts."""
    watch.pass_by(23 * HOUR, HOUR, **says({"a0": left}))
    assert told(watch) == []
    assert watch.address("a0").fault == Outcome.NOT_WHOLE
    watch.pass_by(5 * HOUR, HOUR, **says({"a0": left}))
    [(kind, cls)] = told(watch)
    assert kind == "edited" and cls in ("rewrite", "paragraph_removed")
    watch.pass_by(4 * DAY, 4 * HOUR, **says({"a0": left}))
    assert len(told(watch)) == 1 and watch.address("a0").fault == ""


def test_half_a_page_that_becomes_whole_again_is_nothing(watch: Watch) -> None:
    for _ in range(3):
        watch.pass_by(20 * HOUR, HOUR, **says({"a0": first_words("a0")}))
        watch.pass_by(8 * HOUR, HOUR, **says(WHOLE))
    assert told(watch) == []


def test_articles_that_shrink_together_are_the_sites_doing(watch: Watch) -> None:
    """A wall that leaves the first words of what is old, and of what is new nothing away."""
    shrunk = {name: first_words(name) for name in NAMES[:7]}
    watch.pass_by(6 * DAY, 2 * HOUR, **says(shrunk))
    assert told(watch) == []
    watch.pass_by(8 * DAY, 4 * HOUR, **says(WHOLE))
    assert told(watch) == []


def test_a_wall_that_comes_to_one_article_after_the_other_is_known_in_time(watch: Watch) -> None:
    """Before what is half a day old, say; the first few are taken for edits."""
    names: list[str] = []
    for day in range(10):
        of_today = [f"b{day}", f"c{day}"]
        shown = {"links": [*LINKS, *map(link, names + of_today)]}
        watch.pass_by(12 * HOUR, HOUR, **says({name: first_words(name) for name in names}) | shown)
        names += of_today
        watch.pass_by(12 * HOUR, HOUR, **says({name: first_words(name) for name in names}) | shown)
    edited = [kind for kind, _ in told(watch) if kind == "edited"]
    assert 0 < len(edited) <= FEW


def by_age(watch: Watch, days: int, *, since: int = 0, archive: bool = True) -> None:
    """Articles appear each day; from that day on, what is half a day old shows its first words alone. `archive`: what
    was published before the first of them is behind the wall, too."""
    old = tuple(NAMES) if archive else ()
    names: list[str] = []

    def said(name: str) -> Article:
        age = DAY * (1 + NAMES.index(name)) if name in NAMES else timedelta(0)
        written = published.get(name, START - age)
        whole = replace(long(name), published=When(written))
        is_old = watch.now - written >= 12 * HOUR and (name not in NAMES or name in old)
        return replace(whole, body=first_words(name)) if is_old and day >= since else whole

    published: dict[str, datetime] = {}
    for day in range(days):
        of_today = [f"b{day}", f"c{day}"]
        published |= {name: watch.now + MINUTE * place for place, name in enumerate(of_today)}
        names += of_today
        watch.pass_by(DAY, HOUR, links=[*LINKS, *map(link, names)], says=said)


def test_a_wall_before_all_that_is_old_is_known_by_the_archive_behind_it(store: Store) -> None:
    """Nothing that is as old as what shrank was ever whole."""
    watch = Watch(store, articles=Articles(round_of(DAY), DAY))
    watch.config(GAZETTE)
    behind = {name: first_words(name) for name in NAMES}
    shown = says(behind)
    watch.round(**shown)
    by_age(watch, 10)
    assert [kind for kind, _ in told(watch) if kind == "edited"] == []


def test_a_wall_that_goes_up_before_all_that_is_old_is_known_by_what_is_older(watch: Watch) -> None:
    """What is as old as what shrank is asked, and not what is of today."""
    by_age(watch, 10, since=3)
    assert [kind for kind, _ in told(watch) if kind == "edited"] == []


def test_an_article_that_was_gutted_among_others_as_old_is_told(watch: Watch) -> None:
    """However many younger ones there are."""
    watch.looks = Looks(Rhythm(tuple(HOUR * hours for hours in range(1, 24 * 8, 3)), spread=0), DAY)
    by_age(watch, 3, since=99)
    watch.pass_by(2 * DAY, HOUR, **says({"a3": first_words("a3")}))
    assert [kind for kind, _ in told(watch) if kind == "edited"] == ["edited"]


def test_one_page_that_is_emptied_again_and_again_is_no_wall(watch: Watch) -> None:
    """A programme, written anew each time: another article that is gutted meanwhile is told all the same."""
    watch.looks = Looks(Rhythm(tuple(HOUR * hours for hours in range(1, 24 * 29, 6)), spread=0), DAY)
    for edition in range(FEW):
        whole = "\n\n".join(text(Random(f"live {edition}"), 6))
        watch.pass_by(12 * HOUR, HOUR, **says({"a1": whole}))
        watch.pass_by(40 * HOUR, HOUR, **says({"a1": whole[:100]}))
    before = len(told(watch))
    watch.pass_by(3 * DAY, 2 * HOUR, **says({"a1": whole[:100], "a0": first_words("a0")}))
    assert len(told(watch)) == before + 1


def test_two_that_were_gutted_are_told_both(watch: Watch) -> None:
    watch.pass_by(2 * DAY, HOUR, **says({name: first_words(name) for name in NAMES[:2]}))
    assert [kind for kind, _ in told(watch)] == ["edited"] * 2


def test_an_article_that_stands_alone_is_believed_only_after_long(store: Store) -> None:
    """No other article of the host can show that it is well."""
    watch = Watch(store, articles=Articles(round_of(DAY), DAY))
    watch.config(GAZETTE)
    alone = {"links": LINKS[:1], "says": lambda name: long(name)}
    watch.round(**alone)
    watch.pass_by(2 * HOUR, **alone)
    shrunk = {"links": LINKS[:1], "says": lambda name: replace(long(name), body=first_words(name))}
    watch.pass_by(2 * DAY, HOUR, **shrunk)
    assert told(watch) == []
    watch.pass_by(3 * DAY, HOUR, **shrunk)
    assert [kind for kind, _ in told(watch)] == ["edited"]


def test_a_text_that_was_taken_back_is_told_at_once(watch: Watch) -> None:
    watch.pass_by(30 * MINUTE, **says({"a0": "Correction: this report was wrong, and is withdrawn by the Gazette."}))
    watch.pass_by(4 * HOUR, HOUR, **says({"a0": "Correction: this report was wrong, and is withdrawn by the Gazette."}))
    assert told(watch) == [("edited", "correction")]
