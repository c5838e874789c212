"""Which queries hold for a text, and where their words stand."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.query.grammar import parse
from scheduler.query.matcher import MOST_SPANS, Match, Text, compile_rules, places
from storage.query import Not, Term


def match(query: str, text: Text) -> Match | None:
    return compile_rules({"rule": parse(query)}).match(text).get("rule")


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("harbour", "The Harbour opens", True),
        ("harbour", "The harbours open", False),
        ("harbour*", "The harbours open", True),
        ("bour*", "The harbours open", False),
        ("harbour", "the harbour's gate", True),
        ("harbour", "harbour_gate", False),
        ("HARBOUR", "harbour", True),
        ('"old harbour"', "The old  harbour", True),
        ('"old harbour"', "The old\nharbour", True),
        ('"old harbour"', "is old.\n\nHarbour news", False),
        ('"old harbour"', "It was old\n\nharbour masters left", False),
        ('"old harbour"', "the harbour is old", False),
        ('"Pak Song Il"', "Pak Song-il spoke", True),
        ("Pak-Song", "Pak Song", True),
        ("covid*", "COVID-19 again", True),
        ("“don’t”", "Don't go", True),
        ("B&B", "a B&B by the sea", True),
        ("ＡＢＣ", "ABC", True),
        ("ABC", "ＡＢＣ news", True),
        ("hard\u00adware", "hardware", True),
        ("strasse", "Straße", True),
        ("İzmir", "IZMIR izmir", True),
        ("ılık", "ILIK", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("cafe", "café", False),
        ("дом", "ДОМ у реки", True),
        ("дом", "домовой", False),
        ("भारत", "भारतीय", False),
        ("भारत", "भारत में", True),
        ("항구", "항구에서 열렸다", True),
        ("항구", "새항구를", True),
        ("항구", "항 구조", False),
        ('"새 항구"', "새항구를", True),
        ("강", "강에서", True),
        ("강", "건강이", False),
        ("강*", "건강이", False),
        ("TV", "TV는 말했다", True),
        ("港口", "新港口开放", True),
        ("ﾐﾅﾄ", "新しいミナトです", True),
        ("AI", "生成AIの", True),
        ("AI", "KAIの", False),
        ("ท่าเรือ", "เปิดท่าเรือใหม่", True),
        ("harbour NOT fish", "the harbour", True),
        ("harbour NOT fish", "the harbour and a fish", False),
        ("(harbour OR port) ship", "a ship in port", True),
        ("(harbour OR port) ship", "a ship at sea", False),
    ],
)
def test_words_are_found_as_their_script_writes_them(query: str, body: str, expected: bool) -> None:
    """Whole words where a script spaces them, anywhere where it does not; case and width are folded."""
    assert (match(query, Text("", body)) is not None) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("title:bridge", True),
        ("title:river", False),
        ("bridge river", True),
        ("source:gazette", True),
        ("source:gaz", False),
        ("source:gaz*", True),
        ('source:"Harl Post"', True),
        ("source:post", False),
        ("source:harl-post bridge", True),
        ("bridge NOT source:gazette", False),
        ("title:(bridge NOT river)", True),
    ],
)
def test_fields_are_looked_at_apart(query: str, expected: bool) -> None:
    """title: searches the title alone; source: names a source, whole or by its beginning."""
    text = Text("A bridge", "Over the river", ("gazette", "Harl Post"))
    assert (match(query, text) is not None) is expected


def test_places_are_those_of_the_original() -> None:
    """Spans count characters of the text as it was given, marks and full-width forms included."""
    body = "„Cafe\u0301“ und ＣＡＦÉ, die Straße"
    found = match("café strasse", Text("Café", body))
    assert found is not None
    assert [body[start:end] for start, end in found.body] == ["Cafe\u0301", "ＣＡＦÉ", "Straße"]
    assert found.title == ((0, 4),)


def test_a_tree_without_an_anchor_is_judged_for_every_text() -> None:
    """The language refuses such a query; the matcher does not depend on that."""
    matcher = compile_rules({"rule": Not(Term("ship"))})
    assert "rule" in matcher.match(Text("", "a boat"))
    assert "rule" not in matcher.match(Text("", "a ship"))


def test_words_stand_as_on_the_page() -> None:
    """The words of a match are the page's own, each once, those of the title first; a prefix brings the whole word."""
    found = match("bridge* NOT tunnel", Text("BRIDGES fall", "Bridges and a\nbridge-keeper's bridges"))
    assert found is not None
    assert found.words == ("BRIDGES", "bridge")


def test_only_what_holds_gives_words() -> None:
    """A part of an OR that does not hold adds no words, though one of them stands there."""
    found = match("(bridge tunnel) OR ferry", Text("", "a bridge and a ferry"))
    assert found is not None
    assert found.words == ("ferry",)


def test_each_rule_is_judged_by_itself() -> None:
    """Rules that share words hold apart, in the order in which they were given."""
    rules = {name: parse(query) for name, query in {"b": "ship", "a": "ship NOT sea", "c": "sea", "d": "land"}.items()}
    assert list(compile_rules(rules).match(Text("", "a ship at sea"))) == ["b", "c"]
    assert compile_rules({}).match(Text("", "a ship")) == {}


def test_a_page_that_repeats_a_word_is_bounded() -> None:
    """A megabyte of one word costs a bounded number of places and about a second."""
    began = process_time()
    found = match("习近平 OR war", Text("", "war é习近平，" * 100_000))
    assert process_time() - began < 10
    assert found is not None
    assert len(found.body) <= 2 * MOST_SPANS


WORDS = st.text(st.sampled_from("aBéßıİΣς核핵ｱﾞa\u0301\u00ad -'\n“％ﬁ\u200b\ud800"), max_size=12)


@settings(max_examples=300, deadline=None)
@given(WORDS, WORDS, st.text(min_size=1, max_size=3))
def test_a_word_is_found_in_any_text_that_holds_it(before: str, after: str, word: str) -> None:
    """Whatever surrounds it, a word apart is found, and every span lies inside the text."""
    body = f"{before}\n\n{word}\n\n{after}"
    if not any(char.isalnum() for char in word):
        return
    found = compile_rules({"rule": Term(word)}).match(Text(word, body))
    for start, end in found["rule"].body:
        assert 0 <= start < end <= len(body)


def test_places_of_words_for_an_excerpt() -> None:
    """Words are found again in a text by the same rules: whole words, in order."""
    text = "toward war, WAR and warm"
    assert [text[start:end] for start, end in places(text, ["war"])] == ["war", "WAR"]
    assert places(text, ["", "peace"]) == []
