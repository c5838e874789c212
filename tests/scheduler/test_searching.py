"""Search and rule never disagree: what the index lets through, the matcher decides, and nothing is left out before."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.cli import main
from scheduler.query.grammar import QueryError, parse
from scheduler.query.matcher import Text, compile_rules
from scheduler.searching import MOST_LOOKED_AT, Asked, search
from storage import search as index
from storage import tombstones
from storage.archive import Archive
from storage.model.articles import Article, When
from storage.schema.articles import article
from storage.store import Store, open_store
from tests.press import BEGAN, Press
from tests.scheduler.multilingual import QUERIES, TEXTS

CONFIG = '[storage]\nurl = "{url}"\n'


def index_all(store: Store) -> None:
    while store.write(lambda c: [index.put(c, found := index.next_entries(c)), found][1]):
        pass


def still_waiting(store: Store) -> int:
    with store.reader() as c:
        return index.waiting(c)


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


def test_search_goes_by_the_letters_of_each_article_s_language(store: Store, press: Press) -> None:
    turkish = press.publish(Article("SU", "ILIK SU", language="tr"))
    english = press.publish(Article("Water", "THE ILIK BRAND", language="en"))
    index_all(store)
    assert guids(store, '="ılık"') == [turkish]
    assert guids(store, '="ilik"') == [english]
    assert guids(store, "ilik") == guids(store, "ılık") == [english, turkish]


def test_pages_go_on_where_the_last_one_ended_and_end(store: Store, press: Press) -> None:
    made = [press.publish(Article(f"Ship {number}", "A ship sank.")) for number in range(7)]
    index_all(store)
    archive, before, pages = Archive(store), None, []
    while True:
        found = search(archive, Asked("ship", before=before), 3)
        pages.append([hit.found.guid for hit in found.hits])
        if (before := found.before) is None:
            break
    assert pages == [made[:3:-1], made[3:0:-1], made[0:1]]


def test_what_is_not_indexed_yet_is_found_in_its_newest_words(store: Store, press: Press) -> None:
    guid = press.publish(Article("One", "A ship sank."))
    index_all(store)
    press.edit(guid, body="A boat sank.")
    new = press.publish(Article("Two", "Another boat."))
    assert guids(store, "boat") == [new, guid]
    assert guids(store, "ship") == []
    index_all(store)
    assert guids(store, "boat") == [new, guid]
    assert guids(store, "ship") == []


def test_of_words_that_stand_apart_so_many_articles_are_looked_at_and_the_search_can_go_on(
    store: Store, press: Press
) -> None:
    wanted = press.publish(Article("The one", "quick fox"))
    for number in range(MOST_LOOKED_AT + 30):
        press.publish(Article(str(number), "fox quick"))
    index_all(store)
    first = search(Archive(store), Asked('"quick fox"'))
    assert first.hits == () and first.before is not None
    second = search(Archive(store), Asked('"quick fox"', before=first.before))
    assert [hit.found.guid for hit in second.hits] == [wanted]
    assert second.before is None


def test_what_was_dropped_leaves_no_word_in_the_index(store: Store, press: Press) -> None:
    guid = press.publish(Article("Mister Quibblethwaite", "He was there."))
    index_all(store)
    press.publish(Article("Somebody else", "Was there as well."))
    index_all(store)
    with store.reader() as c:
        number = c.execute(sa.select(article.c.id).where(article.c.guid == guid)).scalar_one()
    store.write(lambda c: tombstones.bury(c, number, "asked for", press.tick()))
    while store.write(index.purge):
        pass
    with store.reader() as c:
        blocks = b"".join(c.execute(sa.text("SELECT block FROM search_data")).scalars())
    assert b"quibble" not in blocks and b"somebody" in blocks
    assert guids(store, "was") != [] and guids(store, "Quibblethwaite") == []


@pytest.mark.parametrize("migration", ["0014_parted", "0019_seams"])
def test_an_index_of_an_older_store_is_made_anew(store: Store, press: Press, migration: str) -> None:
    """Its words were others: what an article has now could not even be taken out by them."""
    guid = press.publish(Article("한·미", "합의"))
    index_all(store)
    with store.writer() as c:
        c.execute(sa.text("INSERT INTO search (search) VALUES ('delete-all')"))
        c.execute(sa.text("INSERT INTO search (rowid, words) SELECT id, '한 미 합의 의' FROM article"))
    assert guids(store, "한미") == []
    with store.writer() as c, Operations.context(MigrationContext.configure(c)):
        import_module(f"storage.migrations.versions.{migration}").upgrade()
    assert still_waiting(store) == 1 and guids(store, "한미") == [guid]
    index_all(store)
    assert still_waiting(store) == 0 and guids(store, "한미") == [guid]
    press.edit(guid, body="합의 없다")
    index_all(store)
    with store.reader() as c:
        matching = sa.text("SELECT count(*) FROM search WHERE search MATCH '\"합의\"'")
        assert c.execute(matching).scalar_one() == 1


def test_a_search_can_be_of_days(store: Store, press: Press) -> None:
    here, there = press.publish(Article("One", "fox"), "Gazette"), press.publish(Article("Two", "fox"), "Courier")
    late = press.publish(Article("Three", "fox"), at=BEGAN + timedelta(days=3))
    index_all(store)
    assert guids(store, "fox", since=BEGAN + timedelta(days=1)) == [late]
    assert guids(store, "fox", until=BEGAN + timedelta(days=1)) == [there, here]
    assert guids(store, "fox", since=BEGAN + timedelta(days=9)) == []


def told(path: Path, *arguments: str) -> dict[str, Any]:
    answer = CliRunner().invoke(main, ["search", "--json", "--config", str(path), *arguments])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


@pytest.mark.parametrize(
    ("sources", "clause", "found"),
    [
        ((), "", ["Post", "Courier", "Gazette"]),
        (("Courier",), 'source:"Courier"', ["Courier"]),
        (("cour*",), 'source:"cour*"', ["Courier"]),
        (("north-post",), 'source:"north-post"', ["Post"]),
        (("gazette", "cour*"), '(source:"gazette" OR source:"cour*")', ["Courier", "Gazette"]),
    ],
)
def test_a_source_is_asked_for_as_in_a_query(
    press: Press, path: Path, sources: tuple[str, ...], clause: str, found: list[str]
) -> None:
    """Capitals and hyphens make no difference, and a * goes on; the answer says the whole query."""
    for title, where in (("Gazette", "Gazette"), ("Courier", "Courier"), ("Post", "North Post")):
        press.publish(Article(title, "A fox."), where)
    asked = [argument for one in sources for argument in ("--source", one)]
    answer = told(path, "fox", *asked)
    assert answer["query"] == f"fox {clause}".strip()
    assert [one["title"] for one in answer["articles"]] == found
    assert told(path, answer["query"]) == answer


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("nosuch", "there is no source 'nosuch'; there are: Courier, Gazette\n"),
        ("Courrier", "there is no source 'Courrier'; did you mean Courier? There are: Courier, Gazette\n"),
        ("post*", "there is no source 'post*'; there are: Courier, Gazette\n"),
        ('Courier" OR "Gazette', "there is no source 'Courier\" OR \"Gazette'; "),
        ("*", "source: '*' names none; leave it out to search all of them"),
    ],
)
def test_a_source_that_there_is_not_is_told_with_those_that_there_are(
    press: Press, path: Path, asked: str, said: str
) -> None:
    """A search of it would find nothing, and look like an answer."""
    for where in ("Gazette", "Courier"):
        press.publish(Article(where, "A fox."), where)
    answer = CliRunner().invoke(main, ["search", "fox", "--source", asked, "--config", str(path)])
    assert answer.exit_code == 2 and said in answer.stderr


def test_the_command_takes_a_day_that_lies_ahead_as_the_end(store: Store, press: Press, path: Path) -> None:
    """And not as the beginning."""
    press.publish(Article("Harbour", "It froze."))
    said = CliRunner().invoke(main, ["search", "--config", str(path), "--until", "2999-01-01", "harbour"])
    assert said.exit_code == 0 and said.output.startswith("Harbour\n")
    said = CliRunner().invoke(main, ["search", "--config", str(path), "--since", "2999-01-01", "harbour"])
    assert said.exit_code == 2 and "'2999-01-01' lies ahead" in said.output


def test_the_command_says_when_an_article_was_published(store: Store, press: Press, path: Path) -> None:
    """All that a first look or a back-fill brought was first seen that day. A page that is full says how to go on, and
    not what it looked at."""
    press.publish(Article("Harbour", "It froze.", published=When(datetime(2025, 12, 24, tzinfo=UTC), "day")))
    press.publish(Article("A harbour", "It thawed. " * 99))
    command = ["search", "harbour", "--config", str(path)]
    said = CliRunner().invoke(main, command).output.splitlines()
    [old] = [line for line in said if line.endswith("UTC, published 2025-12-24")]
    assert old.startswith("  Gazette  first seen 2026-11-08")
    told = json.loads(CliRunner().invoke(main, [*command, "--json"]).output)["articles"]
    assert [one["published"] for one in told] == [None, {"at": "2025-12-24", "precision": "day"}]
    said = CliRunner().invoke(main, [*command, "--limit", "1"]).output.splitlines()
    assert said[-1].startswith("There are more: go on with --before ")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ferry source:gazete", ["There is no source 'gazete'; did you mean Gazette? There are: Gazette."]),
        ("source:xy* OR ferry", ["There is no source 'xy*'; there are: Gazette."]),
        ("ferry -source:gaz*", []),
        ("ferry", []),
    ],
)
def test_a_source_of_a_query_that_there_is_not_is_said_below(
    store: Store, press: Press, query: str, said: list[str]
) -> None:
    """A rule may name a source that is still to come, so it is no fault; but most such names are slips."""
    press.publish(Article("Ferry", "It sails."))
    assert list(search(Archive(store), Asked(query)).strange) == said


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("fox AND", "  fox AND\n         ^"),
        ("김정은 te?t", "  김정은 te?t\n         ^"),  # a terminal shows a letter of Korean in two columns
        ("fox\nte?t", "  fox te?t\n      ^"),
    ],
)
def test_the_command_marks_what_it_cannot_read(store: Store, path: Path, query: str, shown: str) -> None:
    answer = CliRunner().invoke(main, ["search", "--config", str(path), query])
    assert answer.exit_code == 2 and answer.stderr.rstrip().endswith(shown)


def test_what_waits_to_be_indexed_is_found_without_passing_over_what_does_not(store: Store) -> None:
    query = sa.select(sa.func.count()).select_from(article).where(index._WAITS)
    with store.reader() as c:
        plan = c.execute(sa.text(f"EXPLAIN QUERY PLAN {query.compile(c)}")).all()
    assert "ix_article_unsearched" in str(plan)
