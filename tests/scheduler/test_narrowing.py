"""What the index is asked for must stand in every text for which a query holds, whatever the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.query.grammar import QueryError, parse
from scheduler.query.matcher import Text, compile_rules
from storage.index_tokens import index_tokens
from storage.narrowing import All, Token, Wanted, narrow
from storage.query import And, Not, Or, Query, Term
from tests.scheduler.multilingual import QUERIES, TEXTS


def is_let_through(wanted: Wanted | None, tokens: frozenset[str]) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, Token):
        return any(one.startswith(wanted.text) for one in tokens) if wanted.prefix else wanted.text in tokens
    return (all if isinstance(wanted, All) else any)(is_let_through(part, tokens) for part in wanted.parts)


def parsed(query: str) -> Query | None:
    try:
        return parse(query)
    except QueryError:
        return None


@given(TEXTS, TEXTS, QUERIES.map(parsed).filter(bool))
@settings(max_examples=300)
def test_no_text_is_left_out_for_which_a_query_holds(title: str, body: str, query: Query) -> None:
    if compile_rules({"": query}).match(Text(title, body, ("Gazette",))):
        assert is_let_through(narrow(query), index_tokens(title, body))


@given(TEXTS.filter(str.strip), TEXTS, st.integers(0, 30), st.integers(1, 12))
@settings(max_examples=300)
def test_no_text_is_left_out_for_a_piece_of_itself(text: str, other: str, start: int, length: int) -> None:
    query = parsed('"' + text[start : start + length].replace('"', "") + '"')
    if query is not None and compile_rules({"": query}).match(Text("", text + other)):
        assert is_let_through(narrow(query), index_tokens("", text + other))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ('"Kim Jong-un"', "Kim Jong Un"),
        ('"Kim Jong-un"', "Kim Jongun"),
        ("Jongun", "Kim Jong-un"),
        ("2026", "٢٠٢٦"),
        ("۱۰۰۰۰", "10,000"),
        ("10000", "۱۰٬۰۰۰"),
        ("10000", "١٠ ٠٠٠"),
        ("2569", "ปี๒๕๖๙"),
        ("๒๕๖๙", "ปี2569"),
        ("בן-גוריון", "בן־גוריון"),
        ("בןגוריון", "בן־גוריון"),
        ('צה"ל', "צה״ל"),
        ('"Kim Jong Un"', "KIM JONGUN"),
        ("10000", "10,000 soldiers"),
        ("10000", "约10,000人"),
        ("$10,000", "US$10000"),
        ("10000th", "the 10,000th missile"),
        ('"10000 km"', "10,000km"),
        ("10000k*", "10,000km-range"),
        ('"10 000"', "10000 soldiers"),
        ("cafe", "Café"),
        ("김정은", "김-정은"),
        ('"김 정은"', "김정은"),
        ("Jongun", "Kim Jong Un"),
        ("Kimjongun", "Kim Jong-un"),
        ("10000", "10 000 soldiers"),
        ("stem:attack", "they attacked"),
        ("missile NEAR/3 launch", "launch of a missile"),
        ('="Café"', "a Café"),
        ("핵실험", "핵-실험"),
        ("キム・ジョンウン", "キムジョンウン"),
        ("さくらももこ", "さくら・ももこ"),
        ("이대통령", "이 대통령은"),
        ("윤대통령", "윤 대통령은"),
        ("U.S.", "the US"),
        ("US", "the U.S."),
        ('"U.S. and UK"', "US and U.K."),
        ('"US and UK"', "US and U.K."),
        ("صاروخ", "والصاروخ"),
        ("صارو*", "وبالصاروخية"),
        ("الصاروخ", "وللصاروخ"),
        ("اللجنة", "للجنة"),
        ('"شي جينبينغ"', "لشي جينبينغ"),
        ('"صاروخ باليستي"', "للصاروخ الباليستي"),
        ("كيمجونغ", "وكيم-جونغ"),
        ("טיל", "כשהטיל"),
        ('"בן גוריון"', "ולבן־גוריון"),
        ('"טיל בליסטי"', "הטיל הבליסטי"),
    ],
)
def test_whatever_a_reader_takes_for_one_name_is_let_through(query: str, text: str) -> None:
    assert is_let_through(narrow(parse(query)), index_tokens(text))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("fox", "foxes"),
        ('"quick fox"', "a quick dog"),
        ("fox NOT dog", "a dog"),
        ("fox (dog OR cat)", "fox and cow"),
        ("북한", "경북 한우"),
        ("北京", "北の京都"),
        ("title:fox", "dog"),
        ("صاروخ", "صاروخية"),
        ("טיל", "תטיל"),
    ],
)
def test_what_cannot_hold_is_not_let_through(query: str, text: str) -> None:
    assert not is_let_through(narrow(parse(query)), index_tokens(text))


@pytest.mark.parametrize(
    "query", ["source:Gazette", "change:edited", "source:Gazette OR fox", "/fo+x/ OR fox", "author:fox", "stem:김정은"]
)
def test_what_the_index_does_not_know_does_not_narrow(query: str) -> None:
    assert narrow(parse(query)) is None


def test_what_was_unknown_when_this_was_written_does_not_narrow() -> None:
    @dataclass(frozen=True)
    class Unheard:
        parts: tuple[Query, ...]

    class QuietTerm(Term):
        loud = False
        _field_defaults: ClassVar[dict[str, Any]] = Term._field_defaults | {"loud": False}

    class LoudTerm(QuietTerm):
        loud = True

    fox, unheard = Term("fox"), Unheard((Term("a"), Term("b")))
    assert narrow(unheard) is None
    assert narrow(Or((fox, unheard))) is None
    assert narrow(And((fox, unheard, Not(unheard)))) == Token("fox")
    assert narrow(LoudTerm("fox")) is None
    assert narrow(QuietTerm("fox")) == Token("fox")


@example("a" * 3_000_000)
@example("a." * 500_000)
@example("1,000" * 200_000)
@given(st.text(max_size=200))
def test_tokens_of_whatever_was_written_are_letters_and_digits_of_bounded_length(text: str) -> None:
    for token in index_tokens(text):
        assert 0 < len(token) <= 64
        assert token.isalnum()
