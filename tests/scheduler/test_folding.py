"""A text as queries see it: the quick ways through it answer what the slow ones do."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.query.folding import Folded, fold_text
from scheduler.query.letters import Letters
from scheduler.query.needle import Needle
from storage.query import Term
from tests.scheduler.multilingual import TEXTS, WORDS

GAPS = st.sampled_from([" ", " ", " ", "\n\n", "\n", "  ", "-", "–", "", "\n \n", "\xa0", "\t"])
SAID = st.lists(st.tuples(st.sampled_from(WORDS), GAPS), max_size=12).map(lambda pairs: "".join(map("".join, pairs)))
ANY = st.one_of(SAID, TEXTS, st.text(max_size=60))


@example("a" * 300 + " b")
@example("1,000 ships\n\nand 2,000.5 more")
@given(ANY)
def test_words_parted_by_single_spaces_are_folded_as_any(text: str) -> None:
    """With a line end before it, a text goes the long way through the pattern."""
    quick, slow = Folded(text), Folded("\n" + text)
    assert quick.text == slow.text
    assert {at: kind for at, kind in quick.joints.items() if kind} == {
        at: kind for at, kind in slow.joints.items() if kind
    }
    for at in range(0, len(quick.text), 7):
        start, end = quick.original(at, at + 1)
        assert slow.original(at, at + 1) == (start + 1, end + 1)


@given(ANY)
def test_the_letters_alone_are_those_of_the_folded_text(text: str) -> None:
    assert fold_text(text) == Folded(text).text


TERMS = st.lists(st.builds(Term, ANY.filter(lambda said: fold_text(said) != ""), prefix=st.booleans()), max_size=6)


@given(ANY, TERMS)
def test_no_place_of_a_term_is_passed_over(text: str, terms: list[Term]) -> None:
    """Whatever terms are looked for beside it."""
    page = Folded(text)
    offered = {(needle.term, start) for needle, start in Letters(terms).places(page)}
    for term in terms:
        stands = {(term, at) for at in range(len(page.text)) if _stands(Needle(term), page, at)}
        assert stands <= offered


@given(st.lists(ANY, max_size=5), TERMS)
def test_what_is_remembered_of_words_changes_no_answer(texts: list[str], terms: list[Term]) -> None:
    used = Letters(terms)
    for text in (*texts, *texts):
        page = Folded(text)
        assert _offered(used, page) == _offered(Letters(terms), page)


def test_only_so_many_words_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.query.known.WORDS_KNOWN", 3)
    used = Letters([Term("ship")])
    page = Folded("one ship and two ships and three and four ship")
    assert _offered(used, page) == _offered(used, page) == [("ship", 3), ("ship", 13), ("ship", 33)]


def _offered(letters: Letters, page: Folded) -> list[tuple[str, int]]:
    return [(needle.text, start) for needle, start in letters.places(page)]


def _stands(needle: Needle, page: Folded, at: int) -> bool:
    return page.text.startswith(needle.text, at) and needle.stands(page, at) is not None
