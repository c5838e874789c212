"""What is said of a query in `why`, on a page and in a webhook can be written into a rule as it is."""

from __future__ import annotations

import pytest

from scheduler.query.grammar import parse
from scheduler.query.spelling import said

LISTS = {"boats": ("ferry", "ship*")}


@pytest.mark.parametrize(
    "query",
    [
        '"old ferry" island*',
        '="Café" OR (a b)',
        "NOT (a OR b) c",
        "a NEAR/5 (b OR c)",
        "title:/x+y/ @boats",
        "stem:sail",
        "published:>=2026-01-01 a",
        'title:"nuclear test*" OR "te?t*"',
        '"te?t" "x:y" "title:x" "a|b" "-no" "+a" "*x"',
        '"@boats" "/x/" "(a)" "‘a’" "and" "NEAR/5" "U.S." "a." "x!"',
        '“the "old" ferry” =“the "old" ferry”',
        '"old\nferry"',
        '="צה"ל" "של צה"ל ב“ארץ”" צה"ל',
        r"/km\/h/ title:/a\/b/",
        'source:"New York Times" source:kcna* site:kcna.kp lang:zh-TW story:a1',
        'url:/en/ url:"/a b/" url:/x(y) url:"/a?" change:edited:headline',
        '"U.S.*" ".5*" "AND*" "C++*"',
        "AT&T C++ 24/7 it's don’t #metoo 1,000 U.S.",
    ],
)
def test_what_is_said_of_a_query_is_read_as_the_same(query: str) -> None:
    assert parse(said(parse(query, LISTS)), LISTS) == parse(query, LISTS)


def test_a_word_is_said_without_quotes_and_a_phrase_within_them() -> None:
    assert said(parse('missile* "nuclear test*" AT&T')) == 'missile* "nuclear test*" AT&T'
