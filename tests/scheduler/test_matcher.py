"""Which queries hold for a text, and where their words stand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.query.folding import Folded
from scheduler.query.grammar import parse
from scheduler.query.matcher import Match, Text, compile_rules
from storage.model.articles import When
from storage.query import Not, Term

LISTS = {"boats": ("ferry*", "bateau", "@ships"), "ships": ("ship",)}


def match(query: str, text: Text) -> Match | None:
    return compile_rules({"rule": parse(query, LISTS)}).match(text).get("rule")


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("harbour", "The Harbour opens", True),
        ("911", "Call 9 11 now", False),
        ("33", "It ended 3 3", False),
        ("911 OR ferry", "The ferry, call 9 1", True),
        ("10000", "10 000 ships", True),
        ("10,000", "It costs $10,000 now", True),
        ("10000", "(10,000 men)", True),
        ("10000", "约10,000人", True),
        ("10000", "約１０，０００人", True),
        ("10000", "ราว๑๐,๐๐๐คน", True),
        ("20000", "10,000/20,000", True),
        ("000", "$10,000", False),
        ("10000", "10,000'500", False),
        ("1500", "v1.500", False),
        ("Biden", "The Biden-Xi summit", True),
        ("Xi", "The Biden-Xi summit", True),
        ("UN", "Kim Jong-Un", False),
        ("Rio", "Rio-de-Janeiro", True),
        ("fox", "the fox-it affair", False),
        ("Kim Jong Un", "Kim Jong-un spoke", True),
        ("Xi Jin Ping missile", "Of Xi Jinping and a missile", True),
        ("title:(Kim Jong Un)", "Kim Jong-un spoke", False),
        ("-(Kim Jong Un) missile", "The missile of Kim Jong-un", False),
        ("iran,", "Iran said", True),
        ("kim.", "Kim said", True),
        ("U.S.", "the US said", True),
        ("U.S.", "the US-led talks", True),
        ("U.S.", "UK, US agree", True),
        ("U.S.", "美国（US）政府", True),
        ("U.S.", "tell us more", False),
        ("U.S.", "Us first", False),
        ("U.S.", "JOIN US", False),
        ("U.S.", "the US GDP", True),
        ("U.S.", "US TROOPS LEAVE", True),
        ("U.S.", "TELL US MORE", False),
        ("U.S.", "USA", False),
        ('"U.S. Army"', "the US army", True),
        ('"U.S. Army"', "let us army men", False),
        ('"U.S. Army"', "US ARMY LEAVES", True),
        ('"U.S. Army"', "TELL US ARMY MEN", False),
        ('"J.D. Vance"', "JD VANCE SPEAKS", True),
        ('"U.S. GDP"', "the US GDP", True),
        ('"US GDP"', "the U.S. GDP", True),
        ('"U.S. and U.K."', "the US and U.K. said", True),
        ('"US, UN and UK"', "the U.S., U.N. and UK said", False),
        ("US-UK", "the U.S.-UK talks", True),
        ("U.S.", "NATO (US)", True),
        ("US", "미국 U.S.의 군", True),
        ("US", "U.S.和日本", True),
        ("US", "the U.S. said", True),
        ("US", "the U.S said", True),
        ("UK", "U.K.-based", True),
        ("UK", "the u.k. said", False),
        ("US", "the U.S.A. said", False),
        ("UN", "J.U.N. Smith", False),
        ('"US Army"', "the U.S. army", True),
        ("PM", "at 5 P.M.", False),
        ("P.M.", "at 5 PM", False),
        ('="US"', "the U.S. said", False),
        ('="U.S."', "the US said", False),
        ("us", "the U.S. said", False),
        ("EU*", "the E.U. said", False),
        ("«Ким Чен Ын»", "Ким Чен Ын сказал", True),
        ("「金正恩」", "领导人金正恩说", True),
        ("'old harbour' ferry", "The ferry of the old harbour", True),
        ('"nuclear test*"', "nuclear tests", True),
        ('="O’Brien"', "O'Brien said", True),
        ('="missile"', "the mis\u00adsile", True),
        ('="missile"', "the Missile", True),
        ('="Missile"', "the missile", False),
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
        ("cafe", "café", True),
        ("ÉLECTION", "election", True),
        ('="Café"', "the Café", True),
        ('="Café"', "the Cafe", False),
        ('="Café"', "the café", False),
        ("fox", "a fox-it case", False),
        ("fox", "foxes", False),
        ("fox-it", "a fox-it case", True),
        ("fox*", "foxes", True),
        ("UN", "Pak Song-un spoke", False),
        ("UN", "a UN-backed plan", True),
        ("harbour", "the harbour-side café", True),
        ('"Pak Song-il"', "Pak Songil spoke", True),
        ('"Pak Song-il"', "Pak Song Il spoke", True),
        ('"Pak Song Il"', "Pak Songil spoke", True),
        ("Songil", "Pak Song-il spoke", True),
        ("Songil", "Pak Song Il spoke", True),
        ("nowhere", "we are now here", False),
        ('"the rapist"', "the therapist", False),
        ("10000", "about 10,000 people", True),
        ("10000", "about 10 000 people", True),
        ("1,200", "1200 boats", True),
        ("1200", "in 12 004 cases", False),
        ("3000", "3 000 000 ships", False),
        ("200000", "1 200 000 ships", False),
        ('"3 000"', "3 000 000 ships", False),
        ("3000", "in 2024 3 000 ships", True),
        ("200300", "200–300 ships", False),
        ("ایران", "ايران", True),
        ("كيم", "کیم", True),
        ("עברית", "עִבְרִית", True),
        ("2026", "في عام ٢٠٢٦", True),
        ("۱۰۰۰۰", "10,000", True),
        ("10000", "۱۰٬۰۰۰ سرباز", True),
        ("500", "५०० रुपये", True),
        ("2569", "ปี๒๕๖๙", True),
        ("50", "५०० रुपये", False),
        ("경찰", "해양경찰청", True),
        ("정보", "국가정보원", True),
        ("관리", "중앙선거관리위", True),
        ("요시", "도요시위", False),
        ("עִבְרִית", "עברית", True),
        ('"בן גוריון"', "נמל בן־גוריון נסגר", True),
        ("בן-גוריון", "נמל בן־גוריון נסגר", True),
        ("גוריון", "נמל בן־גוריון נסגר", True),
        ("דוח״ן", 'דוח"ן', True),
        ('צה"ל', "דובר צה״ל הודיע", True),
        ('צה"ל', 'דובר "צה"ל" הודיע', True),
        ("ג'נין", "ג׳נין", True),
        ("צה״ל", "צהל", False),
        ("stem:attack", "they attacked", True),
        ("stem:attack", "an attic", False),
        ("harbour NEAR/2 ship", "the ship left the harbour", True),
        ("harbour NEAR/1 ship", "the ship left the harbour", False),
        ("(port OR harbour) NEAR/3 ship*", "ships in harbour", True),
        ("ship NEAR/1 harbour", "a ship came and went. " * 150 + "A ship left harbour", True),
        ("港口 NEAR/2 開放", "港口今日開放", True),
        ("/KN-?[0-9]{2}/", "a kn-23 flew", True),
        ("/(a+)+$/", "a" * 200 + "b", False),
        ("@boats", "the Ferry-2 sank", True),
        ("@boats", "un bâteau", True),
        ("-fish harbour", "the harbour", True),
        ("-fish harbour", "harbour fish", False),
        ("body:harbour", "harbour", True),
        ("북한", "경북한우 축제", False),
        ("대통령", "윤대통령은", True),
        ("윤 대통령", "윤대통령은", True),
        ("위원장", "김위원장께서", True),
        ("위원장", "부위원장은", False),
        ("장관", "문장관리", False),
        ("북한", "친북한 단체", True),
        ("북한", "북한군이", True),
        ("인도", "무인도에서", False),
        ("미사일", "탄도미사일은", True),
        ("インド", "インドネシアの", False),
        ("インド", "ブラインドを", False),
        ("インド", "インドの首都", True),
        ("ミサイル", "クルーズミサイルを", True),
        ("京都", "東京都で", False),
        ("京都", "东京都政府", False),
        ("京都", "京都で", True),
        ("ドナルド・ラマ", "ドナルド ラマ氏", True),
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
        ("핵", "북핵 문제", True),
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
        ("body:river", True),
        ("body:bridge", False),
        ("author:lee", True),
        ("section:world", True),
        ("site:gazette.example", True),
        ("site:azette.example", False),
        ("lang:en", True),
        ("lang:fr", False),
        ("url:/world/", True),
        ("story:a1", True),
        ("story:a2", False),
        ("published:>2026-01-30", True),
        ("published:>2026-01-31", False),
        ("published:>=2026-01-31", True),
        ("published:2026-01", True),
        ("published:<2026-01-31", False),
        ("published:<=2026", True),
        ("title:/br.dge/", True),
        ("title:/river/", False),
    ],
)
def test_fields_are_looked_at_apart(query: str, expected: bool) -> None:
    """title: searches the title alone; source: names a source, whole or by its beginning."""
    text = Text(
        "A bridge",
        "Over the river",
        ("gazette", "Harl Post"),
        "en-GB",
        authors=("Ann Lee",),
        section="World",
        urls=("https://www.gazette.example/world/1",),
        published=When(datetime(2026, 1, 31, 9, tzinfo=UTC)),
        story="a1",
    )
    assert (match(query, text) is not None) is expected


@pytest.mark.parametrize(
    ("language", "query", "body", "expected"),
    [
        ("tr", "stem:yıl", "yıllar sonra", True),
        ("tr", "stem:yıl", "YILLAR SONRA", True),
        ("tr", "stem:yil", "yıllar sonra", True),
        ("tr", "stem:kadın", "kadınların", True),
        ("tr", "stem:göz", "gözler", True),
        ("tr", "stem:saldırı", "saldırılar", True),
        ("tr", "stem:İran", "İran'ın", True),
        ("tr", "stem:saldırı", "saldı", False),
        ("en", "stem:attack", "attacking", True),
        ("de", "stem:Haus", "Häuser", True),
    ],
)
def test_a_stem_is_that_of_the_word_as_it_is_written(language: str, query: str, body: str, expected: bool) -> None:
    """Turkish tells ı from i by its stems, and writes I and İ in capitals."""
    assert (match(query, Text("", body, language=language)) is not None) is expected


@pytest.mark.parametrize(
    ("language", "query", "body", "expected"),
    [
        ("tr", '="ılık"', "ılık su", True),
        ("tr", '="ılık"', "ILIK SU", True),
        ("tr", '="ılık"', "Ilık su", True),
        ("tr", '="ılık"', "ilik", False),
        ("tr", '="ılık"', "İLİK", False),
        ("tr-TR", '="ilik"', "ILIK", False),
        ("az", '="ilik"', "İLİK", True),
        ("tr", '="Irak"', "IRAK SINIRI", True),
        ("tr", '="Kılıç"', "KILIÇ ARTIĞI", True),
        ("tr", '="İzmir"', "izmir", False),
        ("en", '="ilik"', "ILIK", True),
        ("en", '="ılık"', "ILIK", False),
        ("en", '="izmir"', "İzmir", True),
        ("", '="ilik"', "ILIK", True),
        ("", '="ılık"', "ILIK", True),
        ("fr", '="café"', "CAFÉ", True),
        ("fr", '="café"', "CAFE", False),
        ("el", '="οδός"', "ΟΔΌΣ", True),
        ("en", '="US"', "us", False),
        ("en", '="us"', "US", True),
        ("tr", "ılık", "ilik", True),
        ("tr", "kiz", "KIZ", True),
        ("en", "ılık", "ILIK", True),
    ],
)
def test_letters_are_kept_apart_only_where_it_is_asked_for(
    language: str, query: str, body: str, expected: bool
) -> None:
    """Accents and capitals count behind =; the small letter of I is ı in Turkish, either where no language is known."""
    assert (match(query, Text("", body, language=language)) is not None) is expected


def test_a_tree_without_an_anchor_is_judged_for_every_text() -> None:
    """The language refuses such a query; the matcher does not depend on that."""
    matcher = compile_rules({"rule": Not(Term("ship"))})
    assert "rule" in matcher.match(Text("", "a boat"))
    assert "rule" not in matcher.match(Text("", "a ship"))


def test_each_rule_is_judged_by_itself() -> None:
    """Rules that share words hold apart, in the order in which they were given."""
    rules = {name: parse(query) for name, query in {"b": "ship", "a": "ship NOT sea", "c": "sea", "d": "land"}.items()}
    assert list(compile_rules(rules).match(Text("", "a ship at sea"))) == ["b", "c"]
    assert compile_rules({}).match(Text("", "a ship")) == {}


WORDS = st.text(st.sampled_from("aBéßıİΣς核핵ｱﾞa\u0301\u00ad -'\n“％ﬁ\u200b\ud800"), max_size=12)


@settings(max_examples=300, deadline=None)
@example("", "", "0\0")
@given(WORDS, WORDS, st.text(min_size=1, max_size=3))
def test_a_word_is_found_in_any_text_that_holds_it(before: str, after: str, word: str) -> None:
    """Whatever surrounds it, a word apart is found, and every span lies inside the text."""
    body = f"{before}\n\n{word}\n\n{after}"
    if not any(char.isalnum() for char in Folded(word).text):
        return
    found = compile_rules({"rule": Term(word)}).match(Text(word, body))
    for start, end in found["rule"].body:
        assert 0 <= start < end <= len(body)
