"""From the text of a query to its tree, or to words that say what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.query.grammar import DEEPEST, LONGEST, QueryError, parse, variant
from storage.query import And, Near, Not, Or, Query, Regex, Term

LISTS = {"oil": ("crude oil", "petrol*", '="OPEC"'), "iran": ("iran",), "ring": ("iran", "@ring")}
LISTS |= {f"deep{number}": (f"@deep{number - 1}", f"@deep{number - 1}") for number in range(1, 22)} | {"deep0": ("a",)}
LISTS |= {"wide": tuple(f"w{number}" for number in range(1000)), "odd": ("x OR y",)}
IRAN, IRAQ, OIL = Term("iran"), Term("iraq"), Term("oil")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("iran", IRAN),
        ("iran oil", And((IRAN, OIL))),
        ("iran AND oil", And((IRAN, OIL))),
        ("iran OR iraq", Or((IRAN, IRAQ))),
        ("iran OR iraq oil", Or((IRAN, And((IRAQ, OIL))))),
        ("(iran OR iraq) oil", And((Or((IRAN, IRAQ)), OIL))),
        ("iran NOT oil", And((IRAN, Not(OIL)))),
        ("iran AND NOT (iraq OR oil)", And((IRAN, Not(Or((IRAQ, OIL)))))),
        ("iran (iraq oil)", And((IRAN, IRAQ, OIL))),
        ("NOT NOT iran", IRAN),
        ('"crude oil"', Term("crude oil")),
        ("“crude oil” iran", And((Term("crude oil"), IRAN))),
        ("（iran OR iraq）", Or((IRAN, IRAQ))),
        ("missile*", Term("missile", prefix=True)),
        ("title:oil", Term("oil", "title")),
        ('title:"crude oil" iran', And((Term("crude oil", "title"), IRAN))),
        ("title:(iran OR iraq)", Or((Term("iran", "title"), Term("iraq", "title")))),
        ("source:kcna* oil", And((Term("kcna", "source", prefix=True), OIL))),
        ("change:edited:headline oil", And((Term("edited:headline", "change"), OIL))),
        ("change:added OR change:removed", Or((Term("added", "change"), Term("removed", "change")))),
        ("AT&T", Term("AT&T")),
        ('צה"ל', Term('צה"ל')),
        ('"דובר צה"ל" OR iran', Or((Term('דובר צה"ל'), IRAN))),
        ('(צה"ל OR iran)', Or((Term('צה"ל'), IRAN))),
        ('"צה" ל', And((Term("צה"), Term("ל")))),
        ('="צה"ל"', Term('צה"ל', exact=True)),
        ("12:30", Term("12:30")),
        ("iran -oil", And((IRAN, Not(OIL)))),
        ("iran -(iraq OR oil)", And((IRAN, Not(Or((IRAQ, OIL)))))),
        ("iran NEAR/5 oil", Near(IRAN, OIL, 5)),
        ("iran NEAR/5 oil NEAR/2 iraq", And((Near(IRAN, OIL, 5), Near(OIL, IRAQ, 2)))),
        ("NOT iran NEAR/5 oil iraq", And((Not(Near(IRAN, OIL, 5)), IRAQ))),
        ("title:(iran NEAR/5 oil)", Near(Term("iran", "title"), Term("oil", "title"), 5)),
        ('="Iran"', Term("Iran", exact=True)),
        ("/ir[ao]n/", Regex("ir[ao]n")),
        (r"title:/a\/b/", Regex("a/b", "title")),
        ("@oil", Or((Term("crude oil"), Term("petrol", prefix=True), Term("OPEC", exact=True)), "oil")),
        ("title:@iran", Or((Term("iran", "title"),), "iran")),
        ("stem:oil", Term("oil", stem=True)),
        ("lang:ko author:lee", And((Term("ko", "lang"), Term("lee", "author")))),
        ("iran OR Crude Oil", Or((IRAN, Term("Crude Oil"), And((Term("Crude"), Term("Oil")))))),
        ("and/or", Term("and/or")),
        ("ANDORRA", Term("ANDORRA")),
        ('"or"', Term("or")),
    ],
)
def test_a_query_becomes_a_tree(query: str, tree: Query) -> None:
    """Words stand together, operators are capitals, NOT binds closest and OR last."""
    assert parse(query, LISTS) == tree


@pytest.mark.parametrize(
    ("query", "words", "column"),
    [
        ("", "the query is empty", 1),
        ("iran OR", "nothing stands after OR", 8),
        ("OR iran", "nothing stands before OR", 1),
        ("iran AND OR oil", "nothing stands before OR", 10),
        ("(iran", "never closed: add )", 6),
        ("iran)", "never opened", 5),
        ("iran ()", "nothing stands between", 7),
        ('iran "oil', "the quote that opens here is never closed", 6),
        ('""', "no letter and no digit", 1),
        ("+kim", "every word must be there anyway", 1),
        ("!kim", "write -kim", 1),
        ("title :kim", "write title:kim", 7),
        ("=US", 'write ="US"', 1),
        ('kim = "US"', "a = stands at once before a phrase", 5),
        ("kim --oil", "one minus is enough: -oil", 5),
        ('"old harbour"*', "the * ends a word", 14),
        ("iran || oil", "write OR in capitals", 6),
        ("title:kim NEAR/3 body:il", "must stand in one field", 11),
        ("NEAR/5 kim", "nothing stands before NEAR/5", 1),
        ("kim NEAR/5 NOT il", "or NEAR or a field, which take words alone", 12),
        ("site:kcna*", "site: takes no *", 1),
        ("iran & oil", "write AND", 6),
        ("iran or iraq", "write OR in capitals", 6),
        ("kim near/5 missile", "write NEAR/5 in capitals", 5),
        ("mis*le", "can only end a word", 1),
        ("k*", "at least two letters", 1),
        ("*", "the * ends a word", 1),
        ("txt:oil", "txt: is no field; there are: title, body", 1),
        ("titel:oil", "titel: is no field; did you mean title? There are: title, body", 1),
        ("-oil", "hold for nearly everything", 1),
        ("iran NEAR oil", "write how many words", 6),
        ("iran NEAR/500 oil", "reaches too far", 6),
        ("iran NEAR/5 source:kcna", "beside NEAR/5 stand words", 6),
        ("iran /a(b/", "regular expression cannot be used", 6),
        ("/a*/", "would hold for every text", 1),
        ("iran @oils", "there is no list @oils; did you mean @oil? There are: @deep0", 6),
        ("@ring", "the list @ring holds itself", 1),
        ("published:soon", "published:soon is no date", 1),
        ("published:", "nothing stands after published:; write published:>2026-01-31", 1),
        ("published:2026-02-30", "there is no such day", 1),
        ('stem:"crude oil"', "takes single words", 1),
        ("source:/a/", "takes no regular expression", 1),
        ("title:", "nothing stands after title", 7),
        ("change:", "nothing stands after change:; there are: added, edited", 1),
        (
            "iran change:edited:headlines",
            "edited:headlines is no kind of change; did you mean edited:headline?",
            6,
        ),
        ("change:(added OR removed)", "write change:added OR change:removed", 1),
        ("title:(change:added)", "change: stands inside title:", 1),
        ("title:(source:kcna)", "source: stands inside title:", 1),
        ("title:-oil", "the minus stands before the field", 7),
        ("iran NEAR/5 -oil", "the minus stands before the field", 13),
        ("/oil/i", "between slashes alone", 1),
        ("TITLE:oil", "write title: in small letters", 1),
        ("site:127.0.0.1:80", "takes a host alone", 1),
        ("lang:english-language", "takes a code", 1),
        ("a NEAR/5 b " * 11, "more than 10 NEAR", 113),
        ("@deep21", "more than 20 lists within lists", 1),
        ("@wide " * 60, "stand for more than 50,000 names", 301),
        ("@odd", "'x OR y' reads like a query", 1),
        ("NOT iran", "hold for nearly everything", 1),
        ("iran OR NOT oil", "hold for nearly everything", 9),
        ("iran OR -oil", "hold for nearly everything", 9),
        ("iran (oil OR -iraq) OR (-kim title:(-oil OR -iraq))", "hold for nearly everything", 25),
        ("NOT (iran -oil) OR kim", "hold for nearly everything", 1),
        ("(" * 50 + "iran" + ")" * 50, "brackets within brackets", DEEPEST + 1),
        ("iran " * 2000, "longer than", LONGEST + 1),
    ],
)
def test_a_broken_query_is_refused_with_the_mend(query: str, words: str, column: int) -> None:
    """The fault says what is wrong, where, and what to write instead."""
    with pytest.raises(QueryError) as refused:
        parse(query, LISTS)
    assert words in refused.value.message
    assert refused.value.column == column
    assert str(refused.value).startswith(f"at column {column}: ")


PIECES = [
    "iran",
    '"',
    "(",
    ")",
    "AND",
    "OR",
    "NOT",
    "title:",
    "x*",
    "-y",
    " ",
    "핵",
    "/",
    "@oil",
    "NEAR/3",
    "stem:",
    '="',
]


@pytest.mark.parametrize(
    "text", ["x OR y", '"x y"', "title:foo", "/x+/", "=US", "missile* north", "@foo-bar", "-x", "a NEAR/3 b"]
)
def test_a_variant_is_no_query(text: str) -> None:
    """It would be looked for as it stands, which its writer did not mean."""
    with pytest.raises(QueryError, match="reads like a query"):
        variant(text)


def test_a_variant_as_it_is_written_may_be_an_abbreviation_in_hebrew() -> None:
    assert variant('="צה"ל"') == parse('="צה"ל"')


def test_lists_that_name_each_other_are_worked_out_once() -> None:
    """Twenty lists that name the one before twice are one name, not a million."""
    assert parse("@deep19", LISTS) == Or((Term("a"),), "deep19")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    """Nothing that a user types ends in another exception than a QueryError."""
    try:
        parse("".join(pieces), LISTS)
    except QueryError as refused:
        assert refused.message
        assert refused.column >= 1


CHOICES = ["iran", "Kim", "oil*", "k*m", "a*", '"crude oil"', '"a * b"', '"..."', '""', "it's", "don’t", "U.S.", "or"]
CHOICES += ["OR-thing", "NEAR", "te?t", "x:y", "-no", "w/5", "핵", "1,000", "title:oil", "(oil)", "Kim Un", "NOT oil"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(CHOICES), min_size=2, max_size=5), st.sampled_from(["", "title:", "oil NEAR/5 "]))
def test_words_in_brackets_are_read_at_once_as_one_by_one(choices: list[str], before: str) -> None:
    """Brackets of plain words with OR between them are read as one, which an address among them prevents."""

    def read(bracket: str) -> Query | tuple[str, int]:
        try:
            return parse(bracket)
        except QueryError as refused:
            return refused.message, refused.column - len(bracket)

    whole = " OR ".join(choices)
    for end in ("", ") OR (oil", " "):
        at_once, one_by_one = read(f"({whole}{end})"), read(f"(url:x OR {whole}{end})")
        if isinstance(one_by_one, Or):
            others = tuple(one for one in one_by_one.parts if one != Term("x", "url"))
            one_by_one = Or(others) if len(others) > 1 else others[0]
        assert at_once == one_by_one
    inside = read(f"{before}({whole})")
    assert isinstance(inside, tuple) or inside == parse(f"{before}({choices[0]} OR ({' OR '.join(choices[1:])}))")


def test_a_fault_in_the_second_line_of_a_query_is_told_where_it_stands() -> None:
    """A query of a config may have several lines."""
    with pytest.raises(QueryError) as refused:
        parse("(iran OR\n iraq) AND (oil OR\n k*m)")
    assert refused.value.column == len("(iran OR\n iraq) AND (oil OR\n k")


def test_a_list_is_worked_out_once_for_all_rules_that_name_it() -> None:
    """A thousand rules may name a list of five thousand."""
    lists = {"ships": [f"Ship {number}" for number in range(50)]}
    one, other = (parse(f"{word} @ships", lists) for word in ("sinks", "sails"))
    assert isinstance(one, And) and isinstance(other, And)
    assert isinstance(one.parts[1], Or) and isinstance(other.parts[1], Or)
    assert one.parts[1].parts is other.parts[1].parts
