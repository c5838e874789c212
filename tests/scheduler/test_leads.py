"""Words are found behind what Arabic and Hebrew write on to them: and, the, in, to."""

from __future__ import annotations

import pytest

from scheduler.query.grammar import parse
from scheduler.query.matcher import Match, Text, compile_rules, places


def match(query: str, text: Text) -> Match | None:
    return compile_rules({"rule": parse(query)}).match(text).get("rule")


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("صاروخ", "الصاروخ سقط"),
        ("صاروخ", "والصاروخ سقط"),
        ("صاروخ", "هجوم بصاروخ"),
        ("صاروخ", "وبالصاروخ أيضا"),
        ("صاروخ", "تصميم للصاروخ"),
        ("صاروخ", "(وَالصّاروخ)"),
        ("كيم", "ترامب وكيم"),
        ("الرئيس", "التقى بالرئيس"),
        ("الرئيس", "وللرئيس رأي"),
        ("الرئيس", "كالرئيس"),
        ("اللجنة", "قرار للجنة"),
        ("لجنة", "قرار للجنة"),
        ('"كيم جونغ أون"', "بوتين وكيم جونغ أون"),
        ('"شي جينبينغ"', "رسالة لشي جينبينغ"),
        ('"صاروخ باليستي"', "والصاروخ الباليستي"),
        ('"رئيس وزراء"', "لرئيس الوزراء"),
        ("صارو*", "والصاروخية"),
        ('="إيران"', "روسيا وإيران"),
        ("كيم NEAR/2 صاروخ", "وكيم أطلق الصاروخ"),
        ("טיל", "והטיל נפל"),
        ("טיל", "כשהטיל נפל"),
        ("טיל", "שברים מהטיל"),
        ("איראן", "ולאיראן יש"),
        ("איראן", "נשק מאיראן"),
        ('"טיל בליסטי"', "הטיל הבליסטי"),
        ('"ראש ממשלה"', "לראש הממשלה"),
        ('"בן גוריון"', "ולבן־גוריון"),
        ('צה"ל', "דובר לצה״ל"),
        ("טיל*", "הטילים"),
    ],
)
def test_a_word_is_found_behind_what_is_written_on_to_it(query: str, body: str) -> None:
    assert match(query, Text("", body))
    assert match(f"body:({query})", Text("", body))
    assert match(f"title:({query})", Text(body, ""))
    assert match(f"author:({query})", Text("", "", authors=(body,)))


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("بحر", "بحث علمي"),
        ("حر", "بحر"),
        ("كيم", "حكيم والحكيم"),
        ("كيم", "بكيم"),  # of three letters what one letter leads is a piece of too many
        ("تاب", "كتاب"),
        ("زير", "وزير"),
        ("ماني", "وزير ألماني"),
        ("هام", "قالت إلهام"),
        ("صاروخ", "صاروخية"),
        ("صاروخ", "يالصاروخ"),
        ("صاروخ", "5الصاروخ"),
        ('="صاروخ باليستي"', "الصاروخ الباليستي"),  # as it is written
        ("ספרים", "שלושה מספרים"),
        ("חירות", "ובחירות"),
        ("עדה", "ועדה"),
        ("טיל", "הממשלה תטיל"),
        ("יום", "איום"),
        ("צים", "לצים"),
    ],
)
def test_letters_of_the_root_lead_no_word(query: str, body: str) -> None:
    assert match(query, Text("", body)) is None


@pytest.mark.parametrize("language", ["fa", "fa-IR", "ur", "ckb", "ps", "FA"])
def test_languages_that_write_nothing_on_to_a_word_know_none(language: str) -> None:
    assert match("صاروخ", Text("", "والصاروخ", language=language)) is None
    assert match("صاروخ", Text("", "صاروخ", language=language))


def test_what_is_told_and_shown_is_the_word_itself() -> None:
    found = match("صاروخ OR الرئيس", Text("", "والصاروخ للرئيس"))
    assert found is not None
    assert found.words == ("صاروخ", "للرئيس")  # of للرئيس no letters are those of the word alone
    assert found.body == ((3, 8), (9, 15))
    assert places("والصاروخ للرئيس", found.words) == [(3, 8), (9, 15)]


def test_a_word_of_another_script_is_led_by_nothing() -> None:
    assert match("news", Text("", "والnews")) is None
