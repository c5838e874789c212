"""Where the words of a query stand: spans of the text as it was given, the words of the page, the variant that hit."""

from __future__ import annotations

import pytest

from scheduler.query.grammar import parse
from scheduler.query.matcher import Match, Text, compile_rules, places

LISTS = {"boats": ("ferry*", "bateau", "@ships"), "ships": ("ship",)}


def match(query: str, text: Text) -> Match | None:
    return compile_rules({"rule": parse(query, LISTS)}).match(text).get("rule")


def test_places_are_those_of_the_original() -> None:
    """Spans count characters of the text as it was given, marks and full-width forms included."""
    body = "„Cafe\u0301“ und ＣＡＦÉ, die Straße"
    found = match("café strasse", Text("Café", body))
    assert found is not None
    assert [body[start:end] for start, end in found.body] == ["Cafe\u0301", "ＣＡＦÉ", "Straße"]
    assert found.title == ((0, 4),)


@pytest.mark.parametrize(
    ("query", "body", "place"),
    [
        ("北京", "10,000名士兵在北京参加", "北京"),
        ("10000", "10,000名士兵在北京参加", "10,000"),
        ("朝鮮", "1,000名朝鮮兵士が", "朝鮮"),
        ("50000", "10'000/50'000/Café", "50'000"),
        ("café*", "10'000/50'000/Cafe\u0301s", "Cafe\u0301s"),
    ],
)
def test_a_number_with_separators_moves_no_place_behind_it(query: str, body: str, place: str) -> None:
    """A sentence of Chinese is one word to its end: all of it was marked where it begins with a number."""
    found = match(query, Text("", body))
    assert found is not None
    assert [body[start:end] for start, end in found.body] == [place]


def test_hits_say_which_variant_stands_where() -> None:
    """Each place comes with its field and with the variant of a list that stands there."""
    found = match("@boats", Text("Ferries and a ship", "ein Bâteau"))
    assert found is not None
    assert [(one.field, one.variant) for one in found.hits] == [("title", "ship"), ("body", "bateau")]
    assert found.words == ("ship", "Bâteau")


@pytest.mark.parametrize(
    ("query", "body", "place", "variant"),
    [
        ("missil*", "two missiles", "missiles", "missil*"),
        ("17*", "iOS 17.4 is out", "17.4", "17*"),
        ("17*", "17.4.2026", "17", "17*"),
        ("김*", "김정은은 말했다", "김정은은", "김*"),
        ("김정은*", "김 정은은", "김 정은은", "김정은*"),
        ("ミサ*", "弾道ミサイル発射", "ミサイル", "ミサ*"),
        ("中国*", "中国人民", "中国", "中国*"),
        ("@names", "朴正熙 Parks", "Parks", "park*"),
        ("@names", "The Park", "Park", '="Park"'),
        ("stem:attack", "they attacked", "attacked", "stem:attack"),
    ],
)
def test_a_hit_covers_the_word_that_is_found_and_names_the_term_as_it_was_asked_for(
    query: str, body: str, place: str, variant: str
) -> None:
    """Of a beginning the whole word, where a script lets see where it ends."""
    found = compile_rules({"": parse(query, {"names": ('="Park"', "park*")})}).match(Text("", body))[""]
    assert [(body[hit.start : hit.end], hit.variant) for hit in found.hits if hit.variant == variant] == [
        (place, variant)
    ]


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


def test_places_of_words_for_an_excerpt() -> None:
    """Words are found again in a text by the same rules: whole words, in order."""
    text = "toward war, WAR and warm"
    assert [text[start:end] for start, end in places(text, ["war"])] == ["war", "WAR"]
    assert places(text, ["", "peace"]) == []
