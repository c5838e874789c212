"""Clause by clause: what holds, what was found, and the smallest change that would flip it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.query.explain import Clause, explain, flips, said
from scheduler.query.grammar import parse
from scheduler.query.matcher import compile_rules
from scheduler.query.text import Text

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
        ("title:missile", ("if title held title:missile",)),
        ("ferry @boats NOT @boats", ("if title or body did not hold @boats",)),
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


@pytest.mark.parametrize(
    "query",
    [
        '"old ferry" island*',
        '="Café" OR (a b)',
        "NOT (a OR b) c",
        "a NEAR/5 (b OR c)",
        "title:/x+y/ @boats",
        "stem:sail",
        "published:>=2026-01-01 a",
    ],
)
def test_a_query_is_said_as_one_would_write_it(query: str) -> None:
    """What is said is read as the same query."""
    assert parse(said(parse(query, LISTS)), LISTS) == parse(query, LISTS)


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
    """The whole and its explanation never disagree, and there is always something that would flip it."""
    try:
        tree = parse(query if "NOT" not in query else query.replace("ferry (NOT", "ferry AND (NOT"), LISTS)
    except ValueError:
        return
    assert explain(tree, TEXT).holds is ("" in compile_rules({"": tree}).match(TEXT))
    assert flips(tree, TEXT)
