"""What a reader is shown of an edit: whole words, and exactly the two texts."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.diff import diff
from storage.model.articles import Article, DiffOp


def body(before: str, after: str) -> tuple[DiffOp, ...]:
    return diff(Article("T", before), Article("T", after)).body


def joined(ops: tuple[DiffOp, ...], without: str) -> str:
    """The text before ("+>" left out) or after ("-<")."""
    return "".join(text for sign, text in ops if sign not in without)


@pytest.mark.parametrize(
    ("before", "after", "ops"),
    [
        ("a quick brown fox", "a quick red fox", [("=", "a quick "), ("-", "brown"), ("+", "red"), ("=", " fox")]),
        ("it isn't so", "it is so", [("=", "it "), ("-", "isn't"), ("+", "is"), ("=", " so")]),
        ("12 ships", "13 ships", [("-", "12"), ("+", "13"), ("=", " ships")]),
        (
            "it cost 40,000 crowns",
            "it cost 90,000 crowns",
            [("=", "it cost "), ("-", "40,000"), ("+", "90,000"), ("=", " crowns")],
        ),
        ("at 07:10.", "at 07:40.", [("=", "at "), ("-", "07:10"), ("+", "07:40"), ("=", ".")]),
        ("平壌で行われた", "平壌で開かれた", [("=", "平壌で"), ("-", "行わ"), ("+", "開か"), ("=", "れた")]),
        (
            "원수님께서 학교를 방문",
            "원수님께서 공장을 방문",
            [("=", "원수님께서 "), ("-", "학교를"), ("+", "공장을"), ("=", " 방문")],
        ),
        ("same", "same", [("=", "same")]),
        ("", "new", [("+", "new")]),
        ("gone", "", [("-", "gone")]),
        ("", "", []),
    ],
)
def test_an_edit_is_shown_in_whole_words(before: str, after: str, ops: list[DiffOp]) -> None:
    """Han and kana by the character, Hangul by the word."""
    assert body(before, after) == tuple(ops)


def test_a_rewritten_paragraph_is_replaced_as_a_whole() -> None:
    """And its neighbours stay: no soup of the words that both happen to use."""
    first, last = "The harbour opened in the morning.", "It closed at night."
    before = "The mayor said that the old bridge of the town is a pride of all who live here."
    after = "Nobody, the guard told us, had seen a single boat that day, and the rain fell."
    assert body(f"{first}\n\n{before}\n\n{last}", f"{first}\n\n{after}\n\n{last}") == (
        ("=", first + "\n\n"),
        ("-", before[:-1]),
        ("+", after[:-1]),
        ("=", ".\n\n" + last),
    )


def test_what_a_rewritten_paragraph_keeps_is_no_scrap_between_others() -> None:
    """Where little stayed, it is read better as one text and the other."""
    before = "Old words of the first kind stood here for long, the harbour office said, and then came many more."
    after = "Quite different things were told by everybody else, the harbour office said, before all went home again."
    assert [sign for sign, _ in body(before, after)] == ["-", "+", "="]


ONE = "The harbour opened in the morning, and the first boat left at six."
TWO = "The mayor said that the old bridge of the town is a pride of all who live here."
THREE = "The fishermen sold what they had caught on the quay before noon."


@pytest.mark.parametrize(
    ("before", "after", "ops"),
    [
        ([ONE, TWO, THREE], [TWO, THREE, ONE], [("<", ONE + "\n\n"), ("=", TWO + "\n\n" + THREE), (">", "\n\n" + ONE)]),
        (
            [ONE, TWO, THREE],
            [THREE, ONE, TWO],
            [(">", THREE + "\n\n"), ("=", ONE + "\n\n" + TWO), ("<", "\n\n" + THREE)],
        ),
        ([ONE, TWO], [ONE, THREE, TWO], [("=", ONE + "\n\n"), ("+", THREE + "\n\n"), ("=", TWO)]),
        ([ONE, TWO, THREE], [ONE, TWO], [("=", ONE + "\n\n" + TWO), ("-", "\n\n" + THREE)]),
        (
            [ONE, TWO],
            [ONE, THREE, TWO.replace("old", "new")],
            [("=", ONE + "\n\n"), ("+", THREE + "\n\n"), ("=", TWO[:24]), ("-", "old"), ("+", "new"), ("=", TWO[27:])],
        ),
        (
            [ONE + " " + TWO, THREE],
            [ONE, TWO, THREE],
            [("=", ONE), ("-", " "), ("+", "\n\n"), ("=", TWO + "\n\n" + THREE)],
        ),
    ],
    ids=["to the end", "to the beginning", "came", "went", "came beside an edit", "split"],
)
def test_paragraphs_are_shown_as_what_became_of_them(before: list[str], after: list[str], ops: list[DiffOp]) -> None:
    """A paragraph that stands elsewhere has moved; one that came or went is whole; none is mixed with its neighbour."""
    assert body("\n\n".join(before), "\n\n".join(after)) == tuple(ops)


def test_the_headline_is_apart() -> None:
    made = diff(Article("Three ships", "B"), Article("Four ships", "B"))
    assert made.title == (("-", "Three"), ("+", "Four"), ("=", " ships")) and made.body == (("=", "B"),)


@pytest.mark.parametrize(
    ("before", "after", "cls"),
    [
        ("Kim Jong Un , general", "Kim Jong Un, general", "label"),
        ("ComradeKim said “yes”", 'Comrade Kim said "yes"', "label"),
        ("Held. (Juche113.2.11.)", "Held. (2024.02.11.)", "label"),
        ("Held on Monday", "Held on Tuesday", "numbers"),
        ("held", "Held", "typo"),
    ],
)
def test_what_only_typography_changed_is_of_class_label(before: str, after: str, cls: str) -> None:
    assert diff(Article("T", before), Article("T", after)).cls == cls


TEXTS = st.text(alphabet=st.sampled_from("ab c.,'\n平壌가나é\u0301\U0001f600-"), max_size=60)


@given(TEXTS, TEXTS)
@settings(max_examples=200)
def test_the_ops_are_exactly_both_texts(before: str, after: str) -> None:
    """Nothing is lost or made up, neighbours have different signs, and no op is empty."""
    ops = body(before, after)
    assert joined(ops, "+>") == before and joined(ops, "-<") == after
    assert all(text for _, text in ops)
    assert all(one[0] != other[0] for one, other in pairwise(ops))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a b " * 60_000, "b a " * 60_000),
        ("平壌会議行" * 60_000, "会議行平壌" * 60_000),
        (" ".join(map(str, range(100_000))), " ".join(map(str, range(100_000, 0, -1)))),
        ("\n" * 200_000 + "x", "x" + "\n" * 200_000),
    ],
    ids=["two words", "five signs", "all different", "line ends"],
)
def test_a_hostile_pair_ends_in_a_replacement(before: str, after: str) -> None:
    """Without the bounds each of the first two takes from twenty seconds to minutes."""
    began = process_time()
    ops = body(before, after)
    assert joined(ops, "+>") == before and joined(ops, "-<") == after
    assert process_time() - began < 10
