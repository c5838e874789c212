"""The smallest change by which a query comes to hold for a text, or not to hold: it does what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduler.query.explain import explain
from scheduler.query.flips import flips
from scheduler.query.grammar import parse
from scheduler.query.matcher import compile_rules
from scheduler.query.text import Text
from storage.query import And, Near, Not, Or, Query, Term, parts_of

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
        ("title:fire -fire", ()),  # nothing would do: what stands in the title stands in title or body
        ("(kim NEAR/5 missile) NOT kim", ()),
        ("@boats NOT (ferry OR ship*)", ()),
        (
            "((kim OR stem:say) NEAR/5 crew) NOT kim",
            ("if title or body held (kim OR stem:say) NEAR/5 crew",),
        ),
        ('"Kim Jong" NOT kim', ('if title or body held "Kim Jong"',)),  # Kimjong
        ("island* NOT island", ("if title or body held island*", "if title or body did not hold island")),
        ('ferry NOT ="Ferry"', ('if title or body did not hold ="Ferry"',)),
        ('island NOT ="Island"', ("if title or body held island", 'if title or body did not hold ="Island"')),
        ('old NOT "old ferry"', ('if title or body did not hold "old ferry"',)),
        ('ferry الرئيس NOT ="الرئيس"', ("if title or body held الرئيس",)),  # للرئيس
        ("title:missile missile", ("if title held missile",)),
        ("lang:en OR ferry", ("if it were not lang:en", "if title or body did not hold ferry")),
        ("missile NOT lang:en", ("if title or body held missile", "if it were not lang:en")),
        ("old OR old*", ("if title or body did not hold old*",)),
    ],
)
def test_the_smallest_change_that_flips_a_query(query: str, expected: tuple[str, ...]) -> None:
    """As few leaves as can be; of several such sets the first."""
    assert flips(parse(query, LISTS), TEXT) == expected


LEAVES = st.sampled_from(["ferry", "island", "missile", "rocket", "title:old", "source:gazette"])
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


WORDS = ["kim", "Jong", "fire"]
FAR = "old " * 4  # from what stands there, for a NEAR
HANGING = st.one_of(
    st.sampled_from([*WORDS, "kim*", "fi*", "title:kim", "title:fi*", "body:fire", "@fires", "kim NEAR/3 fire"]),
    st.tuples(*[st.sampled_from(WORDS)] * 2).map(lambda two: f'"{two[0]} {two[1]}"'),
)
MIXED = st.recursive(
    HANGING,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) OR ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) AND ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) AND NOT ({two[1]})"),
    ),
    max_leaves=5,
)
TEXTS = st.lists(st.sampled_from([*WORDS, "fires", "Kimjong", "old"]), max_size=5).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(MIXED, TEXTS, TEXTS)
def test_who_changes_what_is_said_turns_the_answer(query: str, title: str, body: str) -> None:
    """Clauses hang together: where title:kim stands kim stands, and who takes kim out takes kim* out with it."""
    tree = parse(query, {"fires": ("fire", "fires")})
    text = Text(title, body)
    said = flips(tree, text)
    assume(said)  # or the query contradicts itself
    now = explain(tree, text).holds
    assert any(explain(tree, changed).holds is not now for changed in changes(text, said)), said


def changes(text: Text, said: tuple[str, ...]) -> Iterator[Text]:
    """The text with what is said done to it, in each way that a person might think of."""
    turns = [re.fullmatch(r"if (title or body|\w+) (held|did not hold) (.+)", one) for one in said]
    goes_first = sorted((one for one in turns if one), key=lambda one: one[2])
    for joined, where, *ways in product((False, True), ("title", "body"), *[("first", "last", "between")] * len(said)):
        changed = text
        for turn, way in zip(goes_first, ways, strict=True):
            field = "" if turn[1] == "title or body" else f"{turn[1]}:"
            leaf = parse(f"{field}{turn[3]}", {"fires": ("fire", "fires")})
            changed = having(changed, leaf, joined, where) if turn[2] == "held" else lacking(changed, leaf, way)
        yield changed


def having(text: Text, leaf: Query, joined: bool, where: str) -> Text:
    if compile_rules({"": leaf}).match(text):
        return text
    inner = parts_of(leaf) or (leaf,)
    words = [one.text + "x" * one.prefix for one in inner if isinstance(one, Term)]
    said = " old ".join(words) if isinstance(leaf, Near) else words[-1]
    said = said.replace(" ", "").capitalize() if joined and not isinstance(leaf, Near) else said
    field = (inner[0].field if isinstance(inner[0], Term) else "") or where
    return replace(text, **{field: f"{getattr(text, field)}\n\n{FAR}{said}"})


def lacking(text: Text, leaf: Query, way: str) -> Text:
    """Without the first word, or the last, of each place where a leaf stands, or with others within: a NEAR, whose
    places are single words, is put asunder."""
    while match := compile_rules({"": leaf}).match(text).get(""):
        hit = match.hits[0 if way == "first" else -1]
        there = getattr(text, hit.field)
        words = there[hit.start : hit.end].split()
        if way == "between" and isinstance(leaf, Near):
            words.insert(0, FAR.strip())
        elif way == "between" and len(words) > 1:
            words.insert(1, "old")
        else:
            words[0 if way == "first" else -1] = "…"
        text = replace(text, **{hit.field: there[: hit.start] + " ".join(words) + there[hit.end :]})
    return text
