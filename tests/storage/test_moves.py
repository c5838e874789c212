"""Articles that move, and addresses that are given to other articles: nothing is told twice, nothing is missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from storage import mass
from storage.articles import Articles
from storage.gone import round_of
from storage.looks import Looks
from storage.mass import Mass
from storage.model.articles import Article, When
from storage.model.looking import Claim
from storage.rhythm import Rhythm
from storage.schema.articles import address, article, article_source, change, revision
from storage.schema.looking import source
from storage.store import Store
from tests.made_up import text
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, START, Watch, link

MENU = "\n\n".join(
    f"Section {name} of the new Gazette, which opens every day at six." for name in ("ONE", "TWO", "SIX")
)


@pytest.fixture
def watch(store: Store) -> Iterator[Watch]:
    watch = Watch(store, articles=Articles(round_of(DAY)))
    watch.config(GAZETTE)
    yield watch


def dated(name: str, words: str = "nobody complained") -> Article:
    """What stands at an address, in words that no other has."""
    body = "\n\n".join([*text(Random(name), 4), f"The harbour says that {words}."])
    return Article(name.capitalize(), body, published=When(START - DAY, "day"))


def kinds(watch: Watch) -> list[str]:
    return [kind for kind, _ in watch.changes()]


def events(watch: Watch) -> list[Mass]:
    with watch.store.reader() as connection:
        return mass.events(connection)


def told(watch: Watch) -> list[tuple[str, str]]:
    """What is told by itself, in order: the kind, and the title as it is now."""
    query = (
        sa.select(change.c.kind, revision.c.title)
        .join(article, article.c.id == change.c.article_id)
        .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
        .where(change.c.mass_id.is_(None), change.c.history.is_(False))
        .order_by(change.c.id)
    )
    return [(row.kind, row.title) for row in watch.rows(query)]


def test_a_site_that_gives_all_articles_new_addresses_and_furniture_tells_nothing(watch: Watch) -> None:
    """Within a week all links changed, the pages have another frame, and the old addresses are gone. No alert but
    that the site changed; each article keeps its id and its history, and goes on to be watched where it is now."""
    names = [f"a{number}" for number in range(500)]
    watch.round([link(name) for name in names], says=dated)
    watch.pass_by(DAY, HOUR, links=[link(name) for name in names], says=dated)
    before = watch.rows(sa.select(article.c.id, article.c.guid).order_by(article.c.id))
    firsts = sa.select(revision.c.article_id, revision.c.title).where(revision.c.number == 1).order_by(revision.c.id)
    titles = watch.rows(firsts)

    def moved(name: str) -> Article:
        said = dated(name.removeprefix("new-"))
        return replace(said, body=f"{MENU}\n\n{said.body}\n\nThe new Gazette, {name}.")

    links = [link(f"new-{name}") for name in names]
    watch.pass_by(5 * DAY, 4 * HOUR, links=links, says=moved, gone=names)
    assert told(watch) == []
    assert [one.partition(":")[0] for one in watch.notices()] == ["site-wide change at gazette"]
    assert watch.rows(sa.select(article.c.id, article.c.guid).order_by(article.c.id)) == before
    leads = watch.rows(sa.select(address.c.url).join(article, article.c.lead_id == address.c.id))
    assert len(leads) == len(names)
    assert all("/new-" in row.url for row in leads)
    assert watch.rows(firsts) == titles, "the history begins with what stood at the old address"


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


def shows(**other: str) -> object:
    return lambda name: dated(other.get(name, name))


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


def standing(watch: Watch) -> dict[str, str]:
    """The address that leads each article, by its title."""
    query = (
        sa.select(revision.c.title, address.c.url)
        .join(article, (article.c.id == revision.c.article_id) & (article.c.number == revision.c.number))
        .join(address, address.c.id == article.c.lead_id)
    )
    return {row.title: row.url.rpartition("/")[2] for row in watch.rows(query)}


def a_day_old(store: Store, articles: int, says: Callable[[str], Article] = dated) -> tuple[Watch, list[str]]:
    """A gazette with so many articles, and the ladder that is the default; a day has passed."""
    ladder = (15 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY)
    watch = Watch(store, articles=Articles(round_of(DAY)), looks=Looks(Rhythm(ladder, sample=50), DAY))
    watch.config(GAZETTE)
    names = [f"a{number}" for number in range(articles)]
    watch.round([link(name) for name in names], says=says)
    watch.pass_by(DAY, 6 * HOUR, links=[link(name) for name in names], says=says)
    return watch, names


def under_new_address(name: str) -> Article:
    return dated(name.removeprefix("new-"))


@pytest.mark.parametrize("articles", [4, 60, pytest.param(500, marks=pytest.mark.soak)])
def test_the_same_texts_under_new_addresses_are_the_same_articles(store: Store, articles: int) -> None:
    """A site renames all pages at once, however many: nothing is told, and they are watched where they are now."""
    watch, names = a_day_old(store, articles)
    links = [link(f"new-{name}") for name in names]
    step = 12 * HOUR if articles > 60 else 4 * HOUR
    watch.pass_by(8 * DAY, step, links=links, says=under_new_address, gone=names)
    assert (told(watch), watch.notices()) == ([], [])
    assert set(kinds(watch)) == {"added"}
    assert standing(watch) == {name.capitalize(): f"new-{name}" for name in names}
    first = watch.rows(sa.select(address.c.url).join(revision, revision.c.address_id == address.c.id))
    assert {row.url.rpartition("/")[2] for row in first} == set(names), "each text says where it was read"


def test_addresses_that_go_before_the_new_ones_are_listed_are_no_purge(store: Store) -> None:
    """For most of a day there is nothing: the event that was begun ends unheard."""
    watch, names = a_day_old(store, 60)
    watch.pass_by(40 * HOUR, 4 * HOUR, links=[], says=under_new_address, gone=names)
    assert [one.kind for one in events(watch)] == ["removed"]
    links = [link(f"new-{name}") for name in names]
    watch.pass_by(8 * DAY, 4 * HOUR, links=links, says=under_new_address, gone=names)
    assert (told(watch), watch.notices()) == ([], [])
    assert [one.how for one in events(watch)] == [mass.CAME_BACK]
    assert standing(watch) == {name.capitalize(): f"new-{name}" for name in names}


def test_addresses_that_go_long_after_the_new_ones_are_listed_are_no_purge(store: Store) -> None:
    """Both answer for days; when the old ones go, the new ones had no look for long, and are asked."""
    watch, names = a_day_old(store, 60)
    links = [link(f"new-{name}") for name in names]
    watch.pass_by(40 * HOUR, 4 * HOUR, links=links, says=under_new_address)
    watch.pass_by(8 * DAY, 4 * HOUR, links=links, says=under_new_address, gone=names)
    assert (told(watch), watch.notices(), events(watch)) == ([], [], [])
    assert standing(watch) == {name.capitalize(): f"new-{name}" for name in names}


def test_articles_that_turn_up_after_they_were_recorded_as_removed_are_restored(store: Store) -> None:
    """A week later they stand at new addresses: they are led by these, and are not removed again."""
    watch, names = a_day_old(store, 30)
    watch.pass_by(8 * DAY, 4 * HOUR, links=[], gone=names)
    assert kinds(watch).count("removed") == 30
    links = [link(f"new-{name}") for name in names]
    watch.pass_by(8 * DAY, 4 * HOUR, links=links, says=under_new_address, gone=names)
    assert (kinds(watch).count("removed"), kinds(watch).count("restored"), told(watch)) == (30, 30, [])
    assert [one.partition(" ")[2] for one in watch.notices()] == [
        "articles are gone from gazette.example: the site changed, moved or purged them",
        "articles that were removed from gazette.example are back",
    ]
    assert standing(watch) == {name.capitalize(): f"new-{name}" for name in names}


def test_a_purge_of_what_did_not_move_is_told_alone(store: Store) -> None:
    """Half of the articles are renamed and half are not there any more: one notice, which names these."""
    watch, names = a_day_old(store, 60)
    kept, purged = names[::2], names[1::2]
    links = [link(f"new-{name}") for name in kept]
    watch.pass_by(8 * DAY, 4 * HOUR, links=links, says=under_new_address, gone=names)
    assert watch.notices() == ["30 articles are gone from gazette.example: the site changed, moved or purged them"]
    [event] = events(watch)
    with watch.store.reader() as connection:
        assert [one.title for one in mass.members(connection, event)] == [name.capitalize() for name in purged]
    assert (kinds(watch).count("removed"), told(watch)) == (30, [])
    moved = {name.capitalize(): f"new-{name}" for name in kept}
    assert standing(watch) == moved | {name.capitalize(): name for name in purged}


def test_a_purge_of_articles_at_both_of_their_addresses_is_told(store: Store) -> None:
    watch, names = a_day_old(store, 60)
    links = [link(f"new-{name}") for name in names]
    watch.pass_by(DAY, 4 * HOUR, links=links, says=under_new_address)
    watch.pass_by(8 * DAY, 4 * HOUR, links=[], gone=[*names, *(f"new-{name}" for name in names)])
    assert watch.notices() == ["60 articles are gone from gazette.example: the site changed, moved or purged them"]
    assert kinds(watch).count("removed") == 60


def of_one_form(share: int) -> Callable[[str], Article]:
    """Reports that share so many of six paragraphs, beside their figures, and each have a headline and a day."""

    def says(name: str) -> Article:
        number = 1 + int(name.removeprefix("a"))
        shared, own = text(Random("form"), share), text(Random(name), 6 - share)
        body = "\n\n".join([f"It was {number} degrees in the harbour, and {number * 3} in the hills.", *shared, *own])
        return Article(f"Weather of day {number}", body, published=When(START - number * HOUR))

    return says


def of_one_minute(name: str) -> Article:
    return replace(dated(name), published=When(START - DAY))


@pytest.mark.parametrize(
    ("articles", "says"),
    [
        *((2, dated), (2, of_one_minute), (3, dated), (30, dated)),
        *((2, of_one_form(1)), (2, of_one_form(3)), (3, of_one_form(4)), (2, of_one_form(6)), (3, of_one_form(6))),
    ],
)
def test_articles_that_change_places_are_not_gone(store: Store, articles: int, says: Callable[[str], Article]) -> None:
    """Two swap their addresses, or many go round in a ring: each is led by the address where it stands now."""
    watch, names = a_day_old(store, articles + 4, says)
    ring = names[:articles]
    places = dict(zip(ring, [*ring[1:], ring[0]], strict=True))
    links = [link(name) for name in names]
    watch.pass_by(8 * DAY, 4 * HOUR, links=links, says=lambda name: says(places.get(name, name)))
    assert (told(watch), watch.notices()) == ([], [])
    stand = {says(shown).title: at for at, shown in places.items()}
    assert standing(watch) == {says(name).title: name for name in names} | stand


def test_a_report_that_takes_the_words_of_another_which_stays_is_edited(store: Store) -> None:
    """A second version of nearly the same words stands at both addresses from then on: nobody has to miss the first."""
    says = of_one_form(6)
    watch, names = a_day_old(store, 6, says)
    shown = {"links": [link(name) for name in names], "says": lambda name: says({"a0": "a1"}.get(name, name))}
    watch.pass_by(8 * DAY, 4 * HOUR, **shown)
    assert [kind for kind, _ in told(watch)] == ["edited"]
