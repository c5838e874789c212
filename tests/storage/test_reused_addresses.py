"""Addresses that are given to other articles, and reports and edits that come under new ones: nothing is missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage.model.articles import Article, When
from storage.model.looking import Claim
from storage.schema.articles import address, article, article_source, revision
from storage.schema.looking import source
from storage.store import Store
from tests.storage.moving import dated, gazette, shows, told
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, START, Watch, link


@pytest.fixture
def watch(store: Store) -> Watch:
    return gazette(store)


def test_the_same_title_on_another_day_or_with_another_text_is_another_article(watch: Watch) -> None:
    """A press review of each day, and two of one day."""

    def said(name: str) -> Article:
        return replace(dated(name), title="Press review", published=When(START - int(name[0]) * DAY, "day"))

    watch.round(says=said)  # the first look: what comes after is news
    watch.later(HOUR).round([link(name) for name in ("1-a", "1-b", "2-a")], says=said)
    assert told(watch) == [("added", "Press review")] * 3


def reused(watch: Watch, *, rest: int = 3) -> list[str]:
    """A first article at /today beside others that stay, and then another one at its address."""
    names = ["today", *(f"stays{number}" for number in range(rest))]
    watch.round([link(name) for name in names], says=dated)
    watch.pass_by(HOUR, links=[link(name) for name in names], says=dated)
    return names


def test_an_address_that_was_given_to_another_article_makes_a_new_one_and_loses_the_old(watch: Watch) -> None:
    """The new article is told within a round, the old one as removed once that is sure; its text stays."""
    names = reused(watch)
    shown = {"links": [link(name) for name in names], "says": shows(today="orchard")}
    watch.pass_by(timedelta(hours=4), **shown)
    assert told(watch) == [("added", "Orchard")]
    watch.pass_by(2 * DAY, HOUR, **shown)
    assert told(watch) == [("added", "Orchard"), ("removed", "Today")]
    assert len(watch.rows(sa.select(revision))) == len(names) + 1


def test_an_article_that_has_its_address_again_is_restored(watch: Watch) -> None:
    names = reused(watch)
    links = [link(name) for name in names[1:]]
    watch.pass_by(3 * DAY, HOUR, links=[link("today", "Orchard"), *links], says=shows(today="orchard"))
    watch.pass_by(4 * DAY, HOUR, links=[link("today", "Today"), *links], says=dated)
    assert told(watch)[:3] == [
        ("added", "Orchard"),
        ("removed", "Today"),
        ("restored", "Today"),
    ]
    assert told(watch)[3:] == [("removed", "Orchard")]


def test_one_that_was_shown_in_between_tells_no_removal(watch: Watch) -> None:
    """A page of a moment: before it is sure, the article is back."""
    names = reused(watch)
    links = [link(name) for name in names]
    watch.pass_by(2 * HOUR, HOUR, links=links, says=shows(today="orchard"))
    watch.pass_by(6 * HOUR, HOUR, links=links, says=dated)
    assert ("removed", "Today") not in told(watch)
    edited = lambda name: dated(name, "everybody complained" if name == "today" else "nobody complained")  # noqa: E731
    watch.pass_by(DAY, HOUR, links=links, says=edited)
    assert ("edited", "Today") in told(watch)


def test_an_address_that_articles_use_in_turn_misses_none_of_them(watch: Watch) -> None:
    """The page of the day: each is told, and that the last one is gone is no news."""
    names = reused(watch)
    links = [link(name) for name in names[1:]]
    for day in ("monday", "tuesday", "friday"):
        watch.pass_by(6 * HOUR, HOUR, links=[link("today", day), *links], says=shows(today=day))
    watch.pass_by(4 * DAY, HOUR, links=[link("today", "friday"), *links], says=shows(today="friday"))
    assert told(watch) == [("added", day.capitalize()) for day in ("monday", "tuesday", "friday")]


def test_another_article_in_place_of_most_is_one_event(watch: Watch) -> None:
    """A server in disorder shows at each address a page that is none of its articles: nothing is told singly."""
    names = [f"a{number}" for number in range(30)]
    links = [link(name) for name in names]
    watch.round(links, says=dated)
    watch.pass_by(2 * HOUR, links=links, says=dated)
    mixed = {name: f"mixed{name}" for name in names}
    watch.pass_by(8 * HOUR, HOUR, links=links, says=shows(**mixed))
    watch.pass_by(2 * DAY, HOUR, links=links, says=dated)
    assert told(watch) == []
    assert len(watch.notices()) <= 2
    owners = watch.rows(sa.select(revision.c.title).join(address, address.c.article_id == revision.c.article_id))
    assert {row.title for row in owners} == {name.capitalize() for name in names}


def moved_edit(name: str) -> Article:
    """What a newsroom does: the headline and a sentence are corrected, and with them the address."""
    said = dated(name.removeprefix("new-"))
    if name.startswith("new-"):
        return replace(said, title=f"{said.title}, corrected", body=said.body.replace("nobody", "everybody"))
    return said


def test_an_edit_under_a_new_address_is_an_edit(watch: Watch) -> None:
    """The old address is gone, and another article was never there: the edit is told, and nothing else."""
    names = reused(watch)
    links = [link("new-today"), *(link(name) for name in names[1:])]
    watch.pass_by(DAY, 15 * MINUTE, links=links, says=moved_edit, gone=["today"])
    assert told(watch) == [("edited", "Today, corrected")]
    watch.pass_by(3 * DAY, HOUR, links=links, says=moved_edit, gone=["today"])
    assert told(watch) == [("edited", "Today, corrected")]


def test_an_edit_under_a_new_address_that_the_old_one_leads_to_is_an_edit(watch: Watch) -> None:
    names = reused(watch)
    links = [link("new-today"), *(link(name) for name in names[1:])]
    says = lambda name: moved_edit("new-today" if name == "today" else name)  # noqa: E731
    watch.pass_by(DAY, 15 * MINUTE, links=links, says=says)
    assert told(watch) == [("edited", "Today, corrected")]


def test_a_second_report_in_nearly_the_same_words_is_an_article(watch: Watch) -> None:
    """Both stay where they are: it is told as soon as the first was looked at again, as one of the same story."""
    names = reused(watch)
    links = [link("new-today"), *(link(name) for name in names)]
    watch.pass_by(5 * HOUR, 15 * MINUTE, links=links, says=moved_edit)
    assert told(watch) == [("added", "Today, corrected")]
    stories = watch.rows(sa.select(article.c.story_id).distinct())
    assert len(stories) == len(names)
    watch.pass_by(3 * DAY, HOUR, links=links, says=moved_edit)
    assert told(watch) == [("added", "Today, corrected")]


def test_a_source_is_parted_from_an_article_that_its_address_was_only_taken_for(watch: Watch) -> None:
    """A second report, listed by another source of the host, waits as an edit of the first, and turns out to be an
    article: the first is none of that source's then."""
    town = replace(GAZETTE, name="town", url="https://gazette.example/town")
    watch.config(GAZETTE, town)

    def pass_by(time: timedelta, of_town: list[str]) -> None:
        until = watch.now + time
        while watch.now < until:
            watch.later(15 * MINUTE)
            while claims := watch.claim():
                for claim in claims:
                    look(claim, of_town)
            watch.settle()

    def look(claim: Claim, of_town: list[str]) -> None:
        for due in claim.listings:
            names = ["today", "stays", "other"] if due.source == "gazette" else of_town
            watch.listed(claim, due, [link(name) for name in names])
        for one in claim.addresses:
            watch.read(claim, one, moved_edit(one.url.rpartition("/")[2]))
        watch.release(claim)

    pass_by(HOUR, ["else"])
    watch.later(15 * MINUTE)
    [claim] = watch.claim()
    look(claim, ["else", "new-today"])
    [claim] = watch.claim()  # and what it has named
    look(claim, [])
    of = sa.select(revision.c.title, source.c.name).join(
        article_source, article_source.c.article_id == revision.c.article_id
    )
    named = of.join(source, source.c.id == article_source.c.source_id).where(revision.c.title.like("Today%"))
    assert sorted(map(tuple, watch.rows(named))) == [("Today", "gazette"), ("Today", "town")], "it may be an edit"
    pass_by(5 * HOUR, ["else", "new-today"])
    assert sorted(map(tuple, watch.rows(named))) == [("Today", "gazette"), ("Today, corrected", "town")]


def test_reports_of_a_first_look_that_are_nearly_the_same_are_history(watch: Watch) -> None:
    links = [link("today"), link("new-today"), link("other")]
    watch.round(links, says=moved_edit)
    watch.pass_by(2 * DAY, HOUR, links=links, says=moved_edit)
    assert told(watch) == []
    assert len(watch.rows(sa.select(article))) == 3


def test_two_reports_from_one_form_are_two(watch: Watch) -> None:
    """The same title, the same day, nearly the same words, and another quake."""

    def said(name: str) -> Article:
        quake = dated("form")
        strength = {"first": "3.1 off the northern cape", "second": "7.4 below the harbour town"}.get(name)
        if strength is None:
            return dated(name)
        body = f"A quake of {strength} was felt this day by all who live there.\n\n{quake.body}"
        return replace(quake, title="Earthquake information", body=body)

    watch.round(says=said)
    watch.later(HOUR)
    watch.pass_by(15 * MINUTE, links=[link("first")], says=said)
    watch.pass_by(8 * HOUR, 15 * MINUTE, links=[link("second"), link("first")], says=said)
    assert told(watch) == [("added", "Earthquake information")] * 2


def test_new_articles_that_a_mass_event_held_are_told_if_they_stay(watch: Watch) -> None:
    names = [f"a{number}" for number in range(30)]
    links = [link(name) for name in names]
    watch.round(links, says=dated)
    watch.pass_by(2 * HOUR, links=links, says=dated)
    mixed = {name: f"mixed{name}" for name in names}
    watch.pass_by(10 * HOUR, HOUR, links=links, says=shows(**mixed))
    assert told(watch) == []
    watch.pass_by(2 * DAY, HOUR, links=links, says=shows(**mixed))
    assert [kind for kind, _ in told(watch)].count("added") == 30
