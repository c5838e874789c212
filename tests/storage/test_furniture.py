"""What of a page is the site's and not the article's: told by how many of its pages have it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from storage.furniture import PAGES, Furniture, learned
from storage.model.articles import Article
from storage.store import Store
from tests.made_up import text
from tests.storage.watch import GAZETTE, Watch, link

DENIED = "The governor denied all charges against him on Tuesday."
NOT_MARKED = "The governor denied all charges that were brought against him at the court of the harbour town on Tuesday"
KILLED = "Killed: 12"
BUTTON = "Share this page"


@pytest.fixture
def watch(store: Store) -> Iterator[Watch]:
    watch = Watch(store)
    watch.config(GAZETTE)
    yield watch


def of_pages(watch: Watch, line: str, on: int, pages: int) -> Furniture:
    """The furniture of a source with so many articles, on the newest of which the line stands."""

    def says(name: str) -> Article:
        has = int(name) >= pages - on
        return Article(f"Title of {name}", "\n\n".join([*text(Random(name), 3), *[line] * has]))

    watch.round([link(str(number)) for number in range(pages)], says=says)
    with watch.store.reader() as connection:
        return learned(connection, 1)


def explains(furniture: Furniture, gone: str, came: str = "") -> bool:
    body = "It rained over the harbour for three days.\n\n{}\n\nThe council met and went home again."
    return furniture.explains(*(Article("Rain", body.format(line)) for line in (gone, came)))


@pytest.mark.parametrize("line", [DENIED, NOT_MARKED, KILLED])
@pytest.mark.parametrize(("on", "pages"), [(3, 3), (3, 10), (5, 10), (3, 60), (20, 60)])
def test_a_sentence_or_a_figure_that_some_articles_have_is_news(watch: Watch, line: str, on: int, pages: int) -> None:
    """Put into one more article or taken out of one, it is an edit."""
    furniture = of_pages(watch, line, on, pages)
    assert not explains(furniture, line)
    assert not explains(furniture, "", line)


@pytest.mark.parametrize(
    ("line", "on", "pages"),
    [(DENIED, 8, 10), (DENIED, PAGES, 60), (KILLED, 30, 40), (BUTTON, 3, 10), (BUTTON, 8, 60), (BUTTON, 3, 3)],
)
def test_a_line_that_most_pages_have_and_a_button_that_some_have_are_the_sites(
    watch: Watch, line: str, on: int, pages: int
) -> None:
    furniture = of_pages(watch, line, on, pages)
    assert explains(furniture, line)
    assert explains(furniture, "", line)


def test_the_headline_of_one_other_article_is_a_teaser(watch: Watch) -> None:
    """A box of related articles names each of them on a few pages."""
    furniture = of_pages(watch, BUTTON, 0, 10)
    assert explains(furniture, "Title of 3", "Read also: Title of 7")
    assert not explains(furniture, "Report 30")


def test_another_figure_in_a_line_that_the_site_put_on_its_pages_is_news() -> None:
    """The site put a box on all pages once: that it comes is the site's doing, what is filled in is not."""
    box = Furniture(frozenset(), frozenset(), frozenset({"+deaths reported: 0"}))
    assert explains(box, "", "Deaths reported: 12")
    assert not explains(box, "Deaths reported: 12", "Deaths reported: 40")


def test_a_figure_that_changed_on_all_pages_is_the_sites() -> None:
    counter = Furniture(frozenset(), frozenset(), frozenset({"-edition 0 of the gazette", "+edition 0 of the gazette"}))
    assert explains(counter, "Edition 12 of the Gazette", "Edition 13 of the Gazette")
