"""Clause by clause: what holds, and what was found."""

from __future__ import annotations

from scheduler.query.explain import Clause, explain
from scheduler.query.grammar import parse
from scheduler.query.text import Text

LISTS = {"boats": ("ferry", "ship*")}
TEXT = Text("Ferry to Gull Island", "The old ferry sails again.", ("gazette",), "en")


def test_each_clause_says_what_was_found() -> None:
    """Words come with their place and what stands around them; what is known of the article with its value."""
    tree = explain(parse("@boats missile NOT source:gazette lang:ko", LISTS), TEXT)
    assert not tree.holds
    boats, missile, no, language = tree.parts
    assert boats == Clause("@boats", True, ("title: [Ferry] to Gull Island", "body: The old [ferry] sails again."))
    assert missile == Clause("missile", False, ())
    assert (no.holds, no.parts[0]) == (False, Clause("source:gazette", True, ("source: gazette",)))
    assert language == Clause("lang:ko", False, ("lang: en",))
