"""The part of a text that an alert shows."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.excerpt import GAP, around, changed
from scheduler.marked import text as as_text
from scheduler.query.matcher import places
from storage.model.articles import DiffOp
from storage.text import clean

RIVER = "The river is wide here and slow. " * 30


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("A bridge opens.", ["bridge"], "A *bridge* opens."),
        ("A bridge opens.", [], "A bridge opens."),
        ("A bridge opens.", ["tunnel"], "A bridge opens."),
        ("A\n\nbridge  opens, the bridge.", ["bridge"], "A *bridge* opens, the *bridge*."),
        ("An old bridge.", ["old bridge", "bridge"], "An *old bridge*."),
        ("toward war", ["war"], "toward *war*"),
        ("새 다리가 열렸다", ["다리"], "새 *다리*가 열렸다"),
        ("Kim Jong\nUn spoke", ["Kim Jong Un"], "*Kim Jong Un* spoke"),
        ("", ["bridge"], ""),
    ],
)
def test_found_words_are_marked(text: str, words: list[str], shown: str) -> None:
    """Every place of a word is marked; where none stands there, the beginning is shown."""
    assert as_text(around(text, places(text, words))) == shown


def test_a_long_text_is_shown_around_its_words() -> None:
    """Gaps stand where text is left out, words are not cut, and two places are shown apart."""
    text = f"{RIVER}A bridge. {RIVER}A ferry. {RIVER}"
    shown = as_text(around(text, places(text, ["bridge", "ferry"])))
    assert shown.count("…") == 3
    assert shown.startswith("… ")
    assert "A *bridge*. The river" in shown
    assert "A *ferry*. The river" in shown
    assert len(shown) < 500


@pytest.mark.parametrize("context", range(30, 64, 3))
def test_words_are_not_cut(context: int) -> None:
    """Wherever the room ends, an excerpt ends and begins with whole words."""
    text = f"{RIVER}A bridge. {RIVER}"
    shown = "".join(part for _, part in around(text, places(text, ["bridge"]), context=context))
    assert set(shown.split()) - {"…"} <= set(text.split())


def test_a_diff_is_shown_around_its_changes() -> None:
    """What changed, some words around it, and gaps for the rest."""
    ops: list[DiffOp] = [("=", RIVER), ("-", "ten"), ("+", "twelve"), ("=", " men.\n\n" + RIVER), ("+", " Late.")]
    shown = as_text(changed(ops))
    assert shown.startswith("… ")
    assert "slow. [-ten-]{+twelve+} men. The river" in shown
    assert shown.endswith("slow.  {+Late.+}")
    assert len(shown) < 400


def test_a_diff_without_changes_shows_nothing() -> None:
    """No change, no extract; a change of paragraphs alone is still one that is seen."""
    assert changed([("=", RIVER)]) == ()
    assert changed([]) == ()
    assert as_text(changed([("=", "one"), ("-", " "), ("+", "\n\n"), ("=", "two")])) == "one[-¶-]{+¶+}two"


def test_a_rewritten_text_is_cut() -> None:
    """Of a long change the beginning and the end are shown."""
    shown = as_text(changed([("-", RIVER), ("+", RIVER * 5)], length=300))
    assert shown.startswith("[-The river")
    assert len(shown) < 400


@settings(max_examples=200, deadline=None)
@given(
    st.text("ab é\n“핵核\u0301ß-", max_size=80),
    st.lists(st.text("abé핵ß -", min_size=1, max_size=4), max_size=4),
    st.integers(1, 60),
    st.integers(1, 20),
)
def test_an_excerpt_is_made_of_the_text(text: str, words: list[str], length: int, context: int) -> None:
    """Its parts stand in the text in order, none twice, gaps never side by side."""
    text = clean(text)  # as all that is stored
    parts = around(text, places(text, words), length=length, context=context)
    flat, at = " ".join(text.split()), 0
    for sign, part in parts:
        if sign != "…":
            at = flat.index(part.strip(), at) + len(part.strip())
    assert all(one != GAP or two != GAP for one, two in itertools.pairwise(parts))


def test_a_diff_in_lines_keeps_its_paragraphs_apart() -> None:
    """As the page shows it; a message has it on one line."""
    ops: list[DiffOp] = [("=", "One.\n\n"), ("-", "Two"), ("+", "Three"), ("=", ".\n\nFour.")]
    assert as_text(changed(ops, lines=True)) == "One.\n\n[-Two-]{+Three+}.\n\nFour."
    assert as_text(changed(ops)) == "One. [-Two-]{+Three+}. Four."


@given(
    st.lists(st.tuples(st.sampled_from("=-+<>"), st.text(min_size=1, max_size=200)), max_size=12),
    st.integers(0, 50),
    st.integers(1, 400),
)
def test_a_diff_in_extract_is_not_much_longer_than_asked(diff: list[DiffOp], context: int, length: int) -> None:
    """Whatever the diff."""
    shown = changed(diff, context=context, length=length, lines=True)
    assert sum(len(text) for _, text in shown) <= length + (2 * context + 30) * (len(diff) + 1)
