"""Sites that give their articles other addresses: nothing is told twice, and a purge is told of what did not move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
import sqlalchemy as sa

from storage import mass
from storage.articles import Articles
from storage.gone import round_of
from storage.looks import Looks
from storage.mass import Mass
from storage.model.articles import Article, When
from storage.rhythm import Rhythm
from storage.schema.articles import address, article, revision
from storage.store import Store
from tests.made_up import text
from tests.storage.moving import dated, gazette, told
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, START, Watch, link

MENU = "\n\n".join(
    f"Section {name} of the new Gazette, which opens every day at six." for name in ("ONE", "TWO", "SIX")
)


def kinds(watch: Watch) -> list[str]:
    return [kind for kind, _ in watch.changes()]


def events(watch: Watch) -> list[Mass]:
    with watch.store.reader() as connection:
        return mass.events(connection)


def test_a_site_that_gives_all_articles_new_addresses_and_furniture_tells_nothing(store: Store) -> None:
    """Within a week all links changed, the pages have another frame, and the old addresses are gone. No alert but
    that the site changed; each article keeps its id and its history, and goes on to be watched where it is now."""
    watch, names = gazette(store), [f"a{number}" for number in range(500)]
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
