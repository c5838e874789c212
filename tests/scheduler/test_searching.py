"""Search and rule never disagree: what the index lets through, the matcher decides, and nothing is left out before."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.query.grammar import QueryError, parse
from scheduler.query.matcher import Text, compile_rules
from scheduler.searching import Asked, search
from storage import search as index
from storage.archive import Archive
from storage.model import Article
from storage.store import Store, open_store
from tests.press import Press
from tests.scheduler.multilingual import QUERIES, TEXTS


def index_all(store: Store) -> None:
    while store.write(lambda c: [index.put(c, found := index.next_entries(c)), found][1]):
        pass


@pytest.fixture
def press(store: Store) -> Press:
    return Press(store)


def guids(store: Store, query: str, **asked: object) -> list[str]:
    found = search(Archive(store), Asked(query, **asked), 1000)
    assert found.before is None
    return [hit.found.guid for hit in found.hits]


def expected(texts: list[tuple[str, str]], query: str) -> list[str]:
    matcher = compile_rules({"": parse(query)})
    return [title for title, body in reversed(texts) if matcher.match(Text(title, body, ("Gazette",)))]


@given(st.lists(TEXTS, min_size=1, max_size=6), st.lists(QUERIES, min_size=1, max_size=8))
@settings(max_examples=60)
def test_search_finds_what_the_matcher_holds_for(empty_database: Path, bodies: list[str], queries: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(empty_database, f"{folder}/d.db")
        store = open_store(f"sqlite:///{folder}/d.db")
        press = Press(store)
        texts = [(f"Title {number} {body[:12]}", body) for number, body in enumerate(bodies)]
        for title, body in texts:
            press.publish(Article(title, body))
        index_all(store)
        for query in queries:
            try:
                want = expected(texts, query)
            except QueryError:
                continue
            found = search(Archive(store), Asked(query), 100)
            assert [hit.found.article.title for hit in found.hits] == want, query
        store.close()
