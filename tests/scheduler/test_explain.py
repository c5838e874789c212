"""Clause by clause: what holds, what was found, and the smallest change that would flip it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.query.explain import Clause, explain, flips
from scheduler.query.grammar import parse
from scheduler.query.matcher import compile_rules
from scheduler.query.text import Text
from storage.query import And, Not, Or, Query, parts_of

LISTS = {"boats": ("ferry", "ship*")}
TEXT = Text("Ferry to Gull Island", "The old ferry sails again.", ("gazette",), "en")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ferry missile", ("if title or body held missile",)),
        ("missile rocket", ("if title or body held missile", "if title or body held rocket")),
        ("ferry NOT island", ("if title or body did not hold island",)),
        ("missile OR (rocket drill)", ("if title or body held missile",)),
        ("ferry", ("if title or body did not hold ferry",)),
        ("ferry OR island", ("if title or body did not hold ferry", "if title or body did not hold island")),
        ("ferry source:tribune", ("if it were source:tribune",)),
        ("title:missile", ("if title held missile",)),
        ("rocket NOT rocket", ()),  # nothing would do
        ("ferry @boats NOT @boats", ()),
        ("(missile rocket) OR (missile NOT island)", ("if title or body held missile", "if title or body held rocket")),
        ("(missile drill) OR (missile launch) OR rocket", ("if title or body held rocket",)),
        ("(rocket OR missile) (drill OR missile)", ("if title or body held missile",)),
        ("island (NOT island OR ferry) (NOT ferry OR missile)", ("if title or body held missile",)),
    ],
)
def test_the_smallest_change_that_flips_a_query(query: str, expected: tuple[str, ...]) -> None:
    """As few leaves as can be; of several such sets the first."""
    assert flips(parse(query, LISTS), TEXT) == expected


def test_each_clause_says_what_was_found() -> None:
    """Words come with their place and what stands around them; what is known of the article with its value."""
    tree = explain(parse("@boats missile NOT source:gazette lang:ko", LISTS), TEXT)
    assert not tree.holds
    boats, missile, no, language = tree.parts
    assert boats == Clause("@boats", True, ("title: [Ferry] to Gull Island", "body: The old [ferry] sails again."))
    assert missile == Clause("missile", False, ())
    assert (no.holds, no.parts[0]) == (False, Clause("source:gazette", True, ("source: gazette",)))
    assert language == Clause("lang:ko", False, ("lang: en",))


LEAVES = st.sampled_from(["ferry", "island", "missile", "rocket", "title:old", "source:gazette", "@boats"])
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})"),
        inner.map(lambda one: f"ferry (NOT {one} OR rocket)"),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(QUERIES)
def test_the_tree_agrees_with_the_matcher(query: str) -> None:
    """The whole and its explanation never disagree, and no set of leaves is smaller that would flip it."""
    tree = parse(query.replace("ferry (NOT", "ferry AND (NOT"), LISTS)
    holds = explain(tree, TEXT).holds
    assert holds is ("" in compile_rules({"": tree}).match(TEXT))
    leaves = list(dict.fromkeys(each for each in leaves_of(tree)))
    now = {leaf: explain(leaf, TEXT).holds for leaf in leaves}
    distances = [
        sum(now[leaf] != to for leaf, to in zip(leaves, values, strict=True))
        for values in product((False, True), repeat=len(leaves))
        if would_hold(tree, dict(zip(leaves, values, strict=True))) is not holds
    ]
    assert len(flips(tree, TEXT)) == min(distances, default=0)


def leaves_of(query: Query) -> list[Query]:
    if isinstance(query, And | Not) or (isinstance(query, Or) and not query.name):
        return [leaf for part in parts_of(query) for leaf in leaves_of(part)]
    return [query]


def would_hold(query: Query, values: dict[Query, bool]) -> bool:
    if query in values:
        return values[query]
    each = [would_hold(part, values) for part in parts_of(query)]
    return not each[0] if isinstance(query, Not) else all(each) if isinstance(query, And) else any(each)
