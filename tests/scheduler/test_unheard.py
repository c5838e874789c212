"""Rules that can raise no alert are warned of, and no other is."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.judge import Rules, would_tell
from scheduler.kinds import ASKED
from scheduler.query.grammar import QueryError, parse
from scheduler.unheard import excluded
from storage.model.articles import EDIT_CLASSES, Article, Change, ChangeKind
from storage.model.telling import RuleConfig
from tests.scheduler.configs import PATH, read
from tests.scheduler.made_up import alert

ON = ("added", "edited", "removed", "restored")


@pytest.mark.parametrize(
    ("query", "on", "words"),
    [
        ("kim change:removed", ["added"], 'for "removed" alone, and `on` asks for "added". Write on = ["removed"], or'),
        ("change:added", ["edited", "removed"], 'holds for "added" alone'),
        ("kim change:edited:headline", ["removed"], 'holds for "edited" alone'),
        ("change:edited", ["added"], 'holds for "edited" alone'),
        ("kim (change:removed OR change:restored)", ["added"], 'holds for "removed", "restored" alone'),
        ("kim NOT change:added", ["added", "edited:label"], ""),
        ("kim -change:edited -change:added", ["edited:names", "added"], 'holds for "removed", "restored", "edited:la'),
        ("kim change:edited:label", ON, 'Write on = ["edited:label"]'),
        ("change:added change:removed", ON, "no change is all that the query asks for"),
        ("kim change:added change:edited:quote", ON, "no change is all that the query asks for"),
        ("kim change:edited", ["added"], ""),
        ("kim OR change:removed", ["added"], ""),
        ("kim change:edited:quote change:edited:names", ["edited:headline"], ""),
        ("change:edited:label", ["edited:label"], ""),
        ("change:removed", ON, ""),
        ("kim source:gazette", ["added"], ""),
    ],
)
def test_what_can_raise_no_alert_is_said_with_the_mend(query: str, on: list[str], words: str) -> None:
    """An edit that brings the words in is news also to a rule that asks for what is added."""
    said = excluded(parse(query), on)
    assert (words in said) if words else (said == "")


def test_the_warning_names_table_key_and_line() -> None:
    """`on` where it is written, else the query; the config is good for all that."""
    rule = '[[rule]]\nname = "{}"\nquery = "kim change:{}"\n'
    text = rule.format("gone", "removed") + 'on = ["added"]\n' + rule.format("typed", "edited:label")
    text += rule.format("good", "removed")
    gone, typed = [one for one in read(text).warnings if "no alert can be raised" in one]
    assert gone.startswith(f"{PATH}:4: [[rule]] gone, on: no alert can be raised: by its change: the query holds for ")
    assert typed.startswith(f"{PATH}:7: [[rule]] typed, query: no alert can be raised: ")


WORDS = ("kim", "oil")
LEAVES = (*WORDS, *(f"change:{one}" for one in ASKED))
QUERIES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} NOT {two[1]})"),
    ),
    max_leaves=6,
)


def every_change() -> list[Change]:
    """Of each kind and class, with each of the words before and after it."""
    texts = [Article("Title", " ".join(words)) for words in chain(*(combinations(WORDS, n) for n in range(3)))]
    made = [alert(None, one).change for one in texts] + [alert(one, None).change for one in texts]
    made += [replace(alert(None, one).change, kind=ChangeKind.RESTORED) for one in texts]
    edits = [alert(one, other).change for one in texts for other in texts]
    made += [replace(one, cls=cls) for one in edits for cls in ("", *EDIT_CLASSES)]
    return made + [replace(one, cls="names", also=("quote", "numbers")) for one in edits]


CHANGES = every_change()


@given(query=QUERIES, on=st.sets(st.sampled_from(ASKED), min_size=1))
def test_a_rule_that_is_warned_of_tells_nothing(query: str, on: set[str]) -> None:
    """Whatever happens to an article: the warning never cries wolf."""
    try:
        tree = parse(query)
    except QueryError:
        return
    if excluded(tree, on):
        rules = Rules([RuleConfig("r", query, on=tuple(on))])
        assert not [one for one in CHANGES if would_tell(rules, one)]
