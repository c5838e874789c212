"""When layouts are trusted, checked, lost and learned anew; what became of links."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from crawler.lessons import CHECK_EVERY, LOST_AFTER, Lessons
from crawler.link_lessons import LinkLessons
from crawler.reading import Reading, read_page
from storage import layouts
from storage.layouts import KnownLayouts
from storage.store import Store
from tests.crawler.newspaper_pages import NOW, article, page, paragraphs
from tests.storage.watch import GAZETTE, START, Watch

HOST = "gazette.example"
renamed = partial(page, main=partial(article, holder="text"))


@pytest.fixture
def watch(store: Store) -> Watch:
    """Nothing is watched yet."""
    return Watch(store)


class Reader:
    """Reads pages of the one source, as a walk does."""

    def __init__(self, watch: Watch) -> None:
        watch.config(GAZETTE)
        self.store, self.source_id = watch.store, watch.source().id
        self.lessons = self.fresh()

    def fresh(self) -> Lessons:
        """As after a restart."""
        return Lessons(self.store, self.store.write)

    def read(self, number: int, made: Callable[[int], Any] = page) -> Reading:
        known, in_full = self.lessons.of(self.source_id, HOST)
        reading = read_page(made(number), known, in_full=in_full)
        self.lessons.take(self.source_id, HOST, known, reading, NOW)
        return reading

    def kept(self) -> KnownLayouts:
        with self.store.reader() as connection:
            return layouts.load(connection, self.source_id, HOST)


def learned(watch: Watch) -> Reader:
    reader = Reader(watch)
    for number in range(3):
        reader.read(number)
    return reader


def test_what_is_learned_outlives_a_restart(watch: Watch) -> None:
    """The next worker reads by it at once."""
    reader = learned(watch)
    assert reader.kept().is_known
    reader.lessons = reader.fresh()
    assert reader.read(4).by_layout


def test_one_page_of_twenty_is_read_both_ways(watch: Watch) -> None:
    """And the count begins anew."""
    reader = learned(watch)
    by_layout = [reader.read(number).by_layout for number in range(3, 3 + 2 * CHECK_EVERY + 2)]
    assert by_layout == ([True] * CHECK_EVERY + [False]) * 2


def test_one_odd_page_is_no_change_of_layout(watch: Watch) -> None:
    """It is read in full; the others go on as they were."""
    reader = learned(watch)
    assert not reader.read(5, renamed).by_layout
    assert reader.read(6).by_layout
    assert (reader.kept().is_known, reader.kept().message) == (True, "")


def test_a_new_layout_is_said_and_learned(watch: Watch) -> None:
    """After three pages in a row that no known layout fits; the first that the new one fits ends it."""
    reader = learned(watch)
    for number in range(5, 5 + LOST_AFTER):
        assert reader.read(number, renamed).article.body == read_page(renamed(number)).article.body
    assert not reader.kept().is_known
    assert reader.read(20, renamed).by_layout
    assert reader.kept().is_known
    assert reader.kept().message == (
        "its pages are laid out otherwise than before: no article stands where the others stood"
    )


def test_pages_that_no_method_reads_alike_are_read_in_full(watch: Watch) -> None:
    """Each is laid out in its own way: the loss is said as long as nothing is learned."""
    reader = learned(watch)
    for number in range(5, 5 + LOST_AFTER):
        reader.read(number, partial(page, main=partial(article, holder=f"h{chr(97 + number)}")))
    assert not reader.kept().is_known
    assert "laid out otherwise" in reader.kept().message


def test_a_lesson_of_another_version_is_left(watch: Watch) -> None:
    """It is learned again."""
    reader = Reader(watch)
    stored = KnownLayouts(json.dumps([{"place": "main"}]), is_known=True)
    reader.store.write(lambda connection: layouts.keep(connection, reader.source_id, HOST, stored, START))
    assert reader.lessons.of(reader.source_id, HOST) == ((), False)


def test_links_are_learned_from_and_remembered(watch: Watch) -> None:
    """What was an article, and what was none, by the shape of the address."""
    watch.config(GAZETTE)
    source_id = watch.source().id
    lessons = LinkLessons(watch.store, watch.store.write)
    for number in range(3):
        lessons.take(source_id, f"https://gazette.example/news/story-{number}-of-the-coast", was_article=True)
    lessons.take(source_id, "https://gazette.example/about-us", was_article=False)
    shapes = lessons.shapes(source_id)
    assert sorted(shapes) == sorted(LinkLessons(watch.store, watch.store.write).shapes(source_id))
    assert {(articles, others) for _, articles, others in shapes} == {(3, 0), (0, 1)}


def test_what_one_page_has_learned_no_other_undoes(watch: Watch) -> None:
    """Two pages of a walk are read at once, both with what was known before them."""
    reader = learned(watch)
    began, _ = reader.lessons.of(reader.source_id, HOST)
    part = "".join(f"<p>{one}</p>" for one in paragraphs(15))
    wrong = tuple(replace(one, kinds=replace(one.kinds, left=("p||part",))) for one in began)
    differs = read_page(page(8, main=partial(article, box=f'<div class="part">{part}</div>')), wrong, in_full=True)
    agrees = read_page(page(9), began, in_full=True)
    assert differs.differs
    reader.lessons.take(reader.source_id, HOST, began, differs, NOW)
    reader.lessons.take(reader.source_id, HOST, began, agrees, NOW)
    layouts_now, _ = reader.lessons.of(reader.source_id, HOST)
    assert not any(one.is_known for one in layouts_now)
