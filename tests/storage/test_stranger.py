"""A page in place of articles: known as one by where it stands, whatever it says, while other articles go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from random import Random
from zlib import crc32

import pytest
import sqlalchemy as sa

from storage.articles import Articles
from storage.gone import round_of
from storage.model.articles import Article
from storage.model.looking import Outcome
from storage.schema.articles import address, change, revision
from storage.store import Store
from storage.stranger import MOST_COUNTED, mark_of
from tests.made_up import text
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

NAMES = [f"a{number}" for number in range(6)]
requests = count(11)


def short(name: str) -> Article:
    """An article of two sentences in words that no other has."""
    return Article(
        " ".join(text(Random(f"title of {name}"), 1)[0].split()[:6]), "\n\n".join(text(Random(name), 1))[:300]
    )


LINKS = [link(name, short(name).title) for name in NAMES]


@pytest.fixture
def watch(store: Store) -> Iterator[Watch]:
    watch = Watch(store, articles=Articles(round_of(DAY)))
    watch.config(GAZETTE)
    watch.round(LINKS, says=short)
    watch.pass_by(HOUR, links=LINKS, says=short)
    yield watch


def wall(name: str) -> Article:
    return Article(
        "Back in a moment",
        f"The presses of this house stand still for an hour. Reference {crc32(name.encode()) % 997}-{name}, asked for "
        f"at https://gazette.example/{name} by 127.0.0.1 on the 3rd. Please knock again later, and mind the cat.",
    )


def news(watch: Watch) -> list[str]:
    return [row.kind for row in watch.rows(sa.select(change.c.kind).where(change.c.history.is_(False)))]


def suspected(watch: Watch) -> int:
    return len(watch.rows(sa.select(address.c.id).where(address.c.gone_since.is_not(None))))


def test_a_page_at_all_addresses_is_no_article_and_no_removal(watch: Watch) -> None:
    """Shorter or longer than the articles, with what differs from request to request; also of new addresses."""
    links = [*LINKS, *(link(name, short(name).title) for name in ("new0", "new1"))]
    watch.pass_by(12 * HOUR, 15 * MINUTE, links=links, says=wall)
    assert (news(watch), suspected(watch)) == ([], 0)
    faults = {row.fault for row in watch.rows(sa.select(address.c.fault))}
    assert faults == {str(Outcome.NOT_ASKED_FOR)}
    watch.pass_by(2 * DAY, HOUR, links=links, says=short)
    assert news(watch) == ["added", "added"], "what was new meanwhile, and nothing else"
    assert watch.rows(sa.select(revision.c.id).where(revision.c.title == "Back in a moment")) == []


def test_a_few_words_in_place_of_short_articles_are_no_edit(watch: Watch) -> None:
    watch.pass_by(DAY, says=lambda name: replace(short(name), body="Please come back later."), links=LINKS)
    assert news(watch) == []


def test_a_page_at_two_addresses_while_others_are_well(watch: Watch) -> None:
    says = lambda name: wall(name) if name in NAMES[:2] else short(name)  # noqa: E731
    watch.pass_by(DAY, links=LINKS, says=says)
    assert (news(watch), suspected(watch)) == ([], 0)


def test_another_article_at_one_address_is_told_at_the_second_look(watch: Watch) -> None:
    """Also a short one; another article of the host is asked meanwhile, and shows itself."""
    says = lambda name: short("other" if name == NAMES[0] else name)  # noqa: E731
    began = watch.now
    while not news(watch) and watch.now < began + DAY:
        watch.pass_by(5 * MINUTE, 5 * MINUTE, links=LINKS, says=says)
    looked = watch.address(NAMES[0]).looks
    assert news(watch) == ["added"] and looked > 1
    watch.pass_by(2 * DAY, HOUR, links=LINKS, says=says)
    assert news(watch) == ["added", "removed"]


def test_a_short_page_under_another_headline_than_was_listed_waits_for_a_second_look(watch: Watch) -> None:
    says = lambda name: replace(short(name), title="Fog over the bay") if name == "new" else short(name)  # noqa: E731
    watch.later(15 * MINUTE).round([*LINKS, link("new", "A ferry waits")], says=says)
    watch.pass_by(timedelta(minutes=1), MINUTE, links=LINKS, says=says)
    assert news(watch) == []
    watch.pass_by(20 * MINUTE, 5 * MINUTE, links=LINKS, says=says)
    assert news(watch) == ["added"]


BULLETINS = {
    "quake": "A quake of magnitude {0}.{1} was felt in the bay. Its centre lay {2} km deep.",
    "levels": "The river stood at {2} cm at the bridge and at {0}{1} cm at the mill this morning.",
    "markets": "The index closed at {2}.{1}, which is {0}.{1} % more than on the day before.",
    "weather": "灯塔港今天最高气温{0}{1}℃，相对湿度{2}%，明天多云。",
}


@pytest.mark.parametrize("said", BULLETINS.values(), ids=BULLETINS)
def test_bulletins_that_differ_in_what_they_measure_are_articles(watch: Watch, said: str) -> None:
    """Short, without a date, and each under another headline than was listed."""
    names = [f"bulletin{number}" for number in range(5)]

    def says(name: str) -> Article:
        number = int(name[-1]) if name in names else 0
        return Article("Bulletin", said.format(number + 1, 7 - number, 40 + number)) if name in names else short(name)

    links = [*LINKS, *(link(name, f"Read now, {word}") for name, word in zip(names, "abcde", strict=True))]
    watch.pass_by(2 * HOUR, 5 * MINUTE, links=links, says=says)
    assert news(watch) == ["added"] * len(names)


@pytest.mark.parametrize(
    "said",
    [
        "Visitor {0} of 4,812: there are {1} before you. Your turn comes in {2} minutes, at 12.{2}.",
        "Subscribe for $1.50 a week, then $4.99, and save 70 %. Your address is 127.0.{0}.{1}, your ticket {2}.",
        "The house is full: 8{0}.{1} % of its seats are taken. The queue moves at {2}.{0} m a minute.",
        "Error 502.3 of gate/1.18.{0}: the presses stand still. 2026-03-01 12:{2}:{1}{0}, reference {0}{1}{2}{2}.",
    ],
)
def test_what_a_wall_counts_it_does_not_measure(watch: Watch, said: str) -> None:
    """A number of a visitor, a version, an address, a price that is the same for all; and what it measures anew at each
    request."""

    def says(name: str) -> Article:
        number = next(requests)
        return Article("Please wait", said.format(number % 9 + 1, 27 - number % 17, 40 + number % 19))

    links = [*LINKS, *(link(f"new{number}", f"Read now {number}") for number in range(3))]
    watch.pass_by(12 * HOUR, 15 * MINUTE, links=links, says=says)
    assert (news(watch), suspected(watch)) == ([], 0)


@pytest.mark.parametrize("letters", ["a", "\u213b", "\u33d6", "a."])
def test_a_run_of_letters_without_end_is_marked_by_its_beginning(letters: str) -> None:
    """Also where one sign is folded to many letters: what a page holds must not stop every other write."""
    assert mark_of(Article("Wall", letters * 4_000), ()) == mark_of(Article("Wall", letters * 9_000), ())


def test_a_title_of_nothing_that_is_seen_leaves_the_words_of_a_page_whole() -> None:
    said = Article("Wall", "The presses stand still for an hour.")
    assert mark_of(said, ("\u200b",)) == mark_of(said, ())


def test_of_a_wall_before_a_whole_archive_not_all_addresses_are_counted(watch: Watch) -> None:
    links = [*LINKS, *(link(f"new{number}", short(f"new{number}").title) for number in range(MOST_COUNTED * 2))]
    watch.later(15 * MINUTE)
    [claim] = watch.claim()
    watch.listed(claim, claim.listings[0], links)
    watch.release(claim)
    reasons = []
    for claim in watch.claim(most=1):
        for one in claim.addresses:
            reasons.append(watch.read(claim, one, wall(one.url)).doubt)
        watch.release(claim)
    assert len(reasons) >= MOST_COUNTED
    assert f"more than {MOST_COUNTED} addresses" in reasons[-1]


def consent(name: str) -> Article:
    return Article("A word before you read on", "\n\n".join(text(Random("consent"), 9)))


def queue(name: str) -> Article:
    """What it measures is of the request."""
    number = next(requests)
    return Article("A word before you read on", f"The house is full to {number % 89}.5 % of its {number % 83} m.")


@pytest.mark.parametrize("page", [wall, consent, queue])
@pytest.mark.parametrize("titled", [True, False])
def test_one_page_at_the_addresses_of_a_first_look_is_no_article(
    store: Store, page: Callable[[str], Article], titled: bool
) -> None:
    """Nothing was read yet that it could be compared with, and it hits some of the addresses, or all of them."""
    watch = Watch(store, articles=Articles(round_of(DAY)))
    watch.config(GAZETTE)
    links = LINKS if titled else [replace(one, title="") for one in LINKS]
    watch.round(links, says=lambda name: page(name) if name in NAMES[:3] else short(name))
    watch.pass_by(HOUR, 5 * MINUTE, links=links, says=lambda name: page(name) if name in NAMES[:3] else short(name))
    titles = sa.select(revision.c.title).order_by(revision.c.title)
    assert [row.title for row in watch.rows(titles)] == sorted(short(name).title for name in NAMES[3:])
    watch.pass_by(DAY, HOUR, links=links, says=short)
    assert [row.title for row in watch.rows(titles)] == sorted(short(name).title for name in NAMES)
    assert news(watch) == []


def test_short_pages_of_a_first_look_under_other_headlines_are_read_all(store: Store) -> None:
    """A list that calls each of its articles otherwise than they do: they are read a little later."""
    watch = Watch(store, articles=Articles(round_of(DAY)))
    watch.config(GAZETTE)
    links = [link(name, f"Item {number}") for number, name in enumerate(NAMES)]
    watch.round(links, says=short)
    watch.pass_by(30 * MINUTE, 5 * MINUTE, links=links, says=short)
    assert len(watch.rows(sa.select(revision.c.id))) == len(NAMES)
    assert news(watch) == []
