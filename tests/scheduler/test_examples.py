"""A rule's examples are tried whenever the config is read: one that fails is a fault like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.config import BrokenConfig, Config, read_config

RULE = '[[source]]\nname = "Post"\nurl = "https://post.example/"\n\n[[rule]]\nname = "r"\n'


def read(rule: str) -> Config:
    return read_config(RULE + rule, Path("c.toml"))


def faults(rule: str) -> list[str]:
    with pytest.raises(BrokenConfig) as broken:
        read(rule)
    return broken.value.faults


def test_examples_that_are_as_they_should_be() -> None:
    """Texts and tables; a list of the config counts, and a text alone is headline and text."""
    found = read(
        'query = "title:missile @ships NOT drill"\n'
        'must_match = ["Missile hits a vessel", { title = "Missile", body = "the ship" }]\n'
        'must_not_match = ["Missile drill on a ship", { body = "missile ship" }]\n'
        '[lists]\nships = ["ship", "vessel"]\n'
    )
    assert len(found.tables.rule[0].must_match) == len(found.tables.rule[0].must_not_match) == 2


def test_one_that_should_match_says_what_is_missing() -> None:
    [fault] = faults('query = "missile NOT drill"\nmust_match = ["Missile test",\n  "Missile drill"]\n')
    assert fault == (
        'c.toml:8: [[rule]] r, must_match, number 2: the rule does not hold for "Missile drill"; '
        "it would if title or body did not hold drill"
    )


def test_a_query_that_no_text_can_match_says_so() -> None:
    [fault] = faults('query = "fox NOT fox"\nmust_match = ["A fox"]\n')
    assert fault.endswith("it would not do so whatever stood there: the query contradicts itself")


def test_one_that_should_not_match_says_where_it_does() -> None:
    [fault] = faults('query = "fox OR hen"\nmust_not_match = [{ body = "A red fox ran." }]\n')
    assert fault == (
        'c.toml:8: [[rule]] r, must_not_match: the rule holds for "A red fox ran." by body: A red [fox] ran.; '
        "it would not if title or body did not hold fox"
    )


def test_where_it_is_from_counts_as_the_rule_says() -> None:
    good = 'query = "fox"\nsources = ["Post"]\n'
    read(good + 'must_match = [{ title = "fox", source = "Post" }]\nmust_not_match = [{title="fox", source="Sun"}]')
    [fault] = faults(good + 'must_match = [{ title = "fox", source = "Sun" }]')
    assert fault.endswith("it would if 'Sun' were among its sources")
    read('query = "stem:angriff lang:de"\nmust_match = [{ body = "Angriffe", language = "de" }]\n')


@pytest.mark.parametrize(
    ("asks", "states", "states_other"),
    [
        ("published:>2026-01-31", "published = 2026-05-01", 'published = "2026-01-31"'),
        ("change:edited", 'change = "edited:headline"', 'change = "removed"'),
        ("change:edited:numbers", 'change = "edited:numbers"', 'change = "edited"'),
        ("url:/en/", 'url = "https://post.example/en/1"', 'url = "https://post.example/de/1"'),
        ("site:post.example", 'url = "https://post.example/en/1"', 'url = "https://sun.example/"'),
        ("author:Ames", 'author = "Ruth Ames"', 'author = "Tom Verrick"'),
        ("section:sport", 'section = "Sport"', 'section = "News"'),
        ("story:01a2", 'story = "01a2"', 'story = "01a3"'),
    ],
)
def test_what_a_query_may_ask_for_an_example_may_state(asks: str, states: str, states_other: str) -> None:
    query, title = f'query = "fox {asks}"\n', 'title = "A fox"'
    read(f"{query}must_match = [{{ {title}, {states} }}]\nmust_not_match = [{{ {title} }}]")
    read(f"{query}must_not_match = [{{ {title}, {states_other} }}]")
    [fault] = faults(f"{query}must_not_match = [{{ {title}, {states} }}]")
    assert "the rule holds for" in fault


def test_what_a_rule_is_not_told_of_it_does_not_match() -> None:
    """By its `on`, as it is judged live; an example that states no change is not asked for one."""
    added = 'query = "fox"\non = ["added", "edited:numbers"]\n'
    read(added + 'must_not_match = [{ title = "A fox", change = "removed" }]\nmust_match = ["A fox"]')
    [fault] = faults(added + 'must_match = [{ title = "A fox", change = "removed" }]')
    assert fault == (
        'c.toml:9: [[rule]] r, must_match: the rule is not told of "A fox": it states change = "removed", and on asks '
        "for added, edited:numbers alone"
    )
    read(added + 'must_match = [{ title = "A fox", change = "edited:numbers" }]')
    # An edit that makes an article match for the first time is told to a rule that asks for what is added alone.
    read(added + 'must_match = [{ title = "A fox", change = "edited:names" }]')
    [fault] = faults(added + 'must_not_match = [{ title = "A fox", change = "added" }]')
    assert "the rule holds for" in fault
    [fault] = faults('query = "fox"\non = ["moved"]\nmust_match = [{ title = "A fox", change = "removed" }]')
    assert "'moved' is no kind of change" in fault


@pytest.mark.parametrize("states", ['change = "vanished"', 'published = "in May"', 'mood = "sad"'])
def test_what_an_example_cannot_state_is_a_fault(states: str) -> None:
    [fault] = faults(f'query = "fox"\nmust_match = [{{ title = "A fox", {states} }}]')
    assert fault.startswith("c.toml:8: [[rule]] r, must_match")


def test_all_faults_at_once() -> None:
    """What is no example, and what is one of a query that cannot be read, which is said once."""
    told = faults('query = "fox"\nmust_match = [3, "", { title = "fox", colour = "red" }, "hen"]\n')
    assert len(told) == 4 and all(one.startswith("c.toml:8: [[rule]] r, must_match") for one in told)
    assert "write a text in quotes" in told[0] and "neither a headline nor a text" in told[1]
    assert told[2].endswith(
        "no such key here; there are: title, body, source, language, author, section, url, published, change, story"
    )
    [fault] = faults('query = "(fox"\nmust_match = ["hen"]\n')
    assert "a bracket is never closed" in fault


def test_one_alone_is_a_list_too() -> None:
    [fault] = faults('query = "fox"\nmust_match = "A fox"\n')
    assert fault == "c.toml:8: [[rule]] r, must_match: write a list, in square brackets, also of one alone"


def test_what_is_hostile_is_one_line() -> None:
    [fault] = faults('query = "fox"\nmust_match = ["""a\\nb\\u0007""", "fox"]\n')
    assert fault.isprintable()
