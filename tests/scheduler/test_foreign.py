"""What people write who come from other search languages: it works as they mean it, or says what to write here."""

from __future__ import annotations

import pytest

from scheduler.query.grammar import QueryError, parse, variant
from scheduler.query.trying import try_match
from storage.query import And, Not, Term


@pytest.mark.parametrize(
    ("query", "words", "column"),
    [
        ("kim~2", "no fuzzy search: write the spellings, (kim OR gim), kim*", 1),
        ("title:kim~", "no fuzzy search", 7),
        ('"kim jong"~5', "write kim NEAR/5 missile", 11),
        ('"kim jong" ~5', "write kim NEAR/5 missile", 12),
        ("(kim OR jong)~5", "write kim NEAR/5 missile", 14),
        ("'kim jong'~5", "kim NEAR/5 missile", 6),
        ("~ship", "(ship OR boat)", 1),
        ("kim^2", "no word weighs more than another", 1),
        ('"kim jong"^2.5', "no word weighs more than another", 11),
        ('+"old harbour"', "leave the + out", 1),
        ("kim+jong", "leave the + out", 1),
        ('!"old harbour"', 'write - at once before what must not be there: -fire, -"old harbour"', 1),
        ("iran&&oil", "write AND in capitals", 1),
        ("iran || oil", "write OR in capitals", 6),
        ("(iran|oil)", "write OR in capitals", 2),
        ("iran / oil", "write OR in capitals", 6),
        ("iran |oil", "write AND or OR", 6),
        ("iran XOR oil", "write (iran NOT oil) OR (oil NOT iran)", 6),
        ("iran ANDNOT oil", "write NOT", 6),
        ("iran ODER oil", "write OR", 6),
        ("iran \uff2f\uff32 oil", "write OR with letters and signs of half width", 6),
        ("\uff0doil iran", "write -oil with letters and signs of half width", 1),
        ("title\uff1aoil", "write title:oil with letters and signs of half width", 1),
        ("iran \u2212oil", "has a plain minus before it", 6),
        ("iran \u2013oil", "has a plain minus before it", 6),
        ("text:kim", "write kim by itself, title:kim or body:kim", 1),
        ('anywhere:"old harbour"', 'write "old harbour" by itself, title:"old harbour" or body:"old harbour"', 1),
        ("kim w/5 missile", "write NEAR/5", 5),
        ("kim W/5 missile", "write NEAR/5", 5),
        ("kim /5 missile", "write NEAR/5", 5),
        ("kim pre/5 missile", "write NEAR/5", 5),
        ("kim near/5 missile", "write NEAR/5 in capitals", 5),
        ("kim NEAR5 missile", "write NEAR/5", 5),
        ("kim ADJ3 missile", "write NEAR/5", 5),
        ("kim AROUND(5) missile", "kim NEAR/5 missile", 5),
        ("kim NEAR:5 missile", "kim NEAR/5 missile", 5),
        ("kim /s missile", "there are no sentences", 5),
        ("atleast5(kim)", "how often a word stands", 1),
        ("te?t", "no sign stands for one letter", 1),
        ("wom#n", "no sign stands for one letter", 1),
        ("?est", "no sign stands for one letter", 1),
        ("missile?", "leave the sign at its end out, or write missile*", 1),
        ("missil!", "or write missil*", 1),
        ("missil$", "only a * lets a word go on", 1),
        ("missil%", "only a * lets a word go on", 1),
        ("*word", "can only end a word", 1),
        ('"kim * un"', "a * stands for no word: write kim NEAR/1 un", 1),
        ("[kim jong]", "round brackets", 1),
        ("{kim}", "round brackets", 1),
        ("[Kk]im", "between slashes", 1),
        ("^kim", "between slashes", 1),
        ("kim.*", "between slashes", 1),
        (r"\bkim\b", "between slashes", 1),
        (r"kim\*", "no sign needs a backslash", 1),
        ("iran, `oil`", "a phrase stands in quotes", 7),
        ("iran,oil", "write a space", 1),
        ("title=oil", "a field has a colon", 1),
        ('title="crude oil"', "a field has a colon", 1),
        ("published>2026-01-31", "published:>2026-01-31", 1),
        ("words>500", "a field has a colon", 1),
        (">500", "numbers cannot be compared", 1),
        ("published:2026-01-01..2026-02-01", "published:>=2026-01-31 published:<2026-03-01", 1),
        ("published:[2026-01-01 TO 2026-02-01]", "published:>=2026-01-31 published:<2026-03-01", 1),
        ("intitle:oil", "write title:oil", 1),
        ('intitle:"crude oil"', 'write title:"', 1),
        ("inurl:en", "write url:en", 1),
        ("from:2026-01-31", "write published:>=2026-01-31", 1),
        ("from:kcna", "write source:kcna", 1),
        ('from:"KCNA Watch"', 'write source:"', 1),
        ('since:"2026-01-31"', "write published:>=2026-01-31", 1),
        ("before:2026-01-31", "write published:<2026-01-31", 1),
        ("regex:/oil/", "write /oil/", 1),
        ("site:*.kp", "a host stands for all below it: site:kp", 6),
        ("site:.kp", "takes a host alone", 1),
        ("iran @ oil", "no letter and no digit to look for: leave it out", 6),
    ],
)
def test_what_another_language_means_is_refused_with_the_mend(query: str, words: str, column: int) -> None:
    """It would hold for nothing, and say nothing."""
    with pytest.raises(QueryError) as refused:
        parse(query)
    assert words in refused.value.message
    assert refused.value.column == column


# fmt: off
WORDS = [
    "AT&T", "Q&A", "C++", "C#", "U.S.", "US$", "A+", "50%", "$100", "#metoo", "24/7", "9/11",
    "and/or", "w/o", "KN-23", "COVID-19", "G20", "12:30", "1,000", "P5", "km/h", ".NET", "don't",
    "'s-Hertogenbosch", "kim@example.com", "around", "within", "https://harl.example/a", "हिन्दी",
    "ジャン＝リュック", "评论：朝鲜", "金正恩，普京",
]
# fmt: on


@pytest.mark.parametrize("query", WORDS)
def test_a_word_with_signs_of_its_own_stays_a_word(query: str) -> None:
    assert parse(query) == Term(query)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("iran AND NOT oil", And((Term("iran"), Not(Term("oil"))))),
        ("iran AND -oil", And((Term("iran"), Not(Term("oil"))))),
        ('author:"Ann Lee"', Term("Ann Lee", "author")),
        ("site:kp", Term("kp", "site")),
        ("url:?id=5&page=2", Term("?id=5&page=2", "url")),
        ("url:/en/", Term("/en/", "url")),
        ("‘crude oil’", Term("crude oil")),
        ("‘don’t go’", Term("don’t go")),
        ("金正＊", Term("金正", prefix=True)),
        ("¿petróleo?", Term("petróleo")),
        ("金正恩？", Term("金正恩")),
    ],
)
def test_what_can_be_meant_in_one_way_works(query: str, tree: object) -> None:
    assert parse(query) == tree


@pytest.mark.parametrize("text", ["kim~2", "kim^2", "kim|lee", "wom?n", "kim || lee"])
def test_a_name_of_a_list_is_no_query_of_another_language(text: str) -> None:
    with pytest.raises(QueryError, match="reads like a query"):
        variant(text)


def test_a_sign_is_found_in_quotes() -> None:
    """The mend of nearly all of them says so."""
    assert try_match({"query": '"te?t"', "text": "what is a te?t"})["match"]
    assert try_match({"query": '="kim * un"', "text": "a kim * un"})["match"]
