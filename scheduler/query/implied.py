"""Which clauses of a query hold together, whatever the text: kim* where kim does, fire where title:fire does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from scheduler.query.matcher import compile_rules
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, Field, Near, Or, Query, Term

MOST_CLAUSES = 200  # of a query: each is tried on the texts of every other
MOST_WORDINGS = 50  # of a clause, such as the names of a list
_BESIDE = "ǂ"  # a letter, of the Khoisan languages, that hardly any query asks for

Implied = Mapping[Query, Sequence[frozenset[Query]]]


def implied(clauses: Sequence[Query], language: str = "") -> Implied:
    """Of each clause the shortest texts in which it holds, each as the clauses that hold there with it, itself too.
    None of patterns, stems and what is known of the article, and none where the clauses are too many."""
    if len(clauses) > MOST_CLAUSES:
        return dict.fromkeys(clauses, ())
    matcher = compile_rules({str(number): clause for number, clause in enumerate(clauses)})
    found: dict[Query, Sequence[frozenset[Query]]] = {}
    for clause in clauses:
        held = (frozenset(clauses[int(one)] for one in matcher.match(text)) for text in _texts(clause, language))
        found[clause] = [together for together in dict.fromkeys(held) if clause in together]
    return found


def alone(words: str, field: str, language: str = "") -> Text:
    """A text of these words and no others."""
    if field == "author":
        return Text("", "", language=language, authors=(words,))
    given = {"title": "", "body": "", "section": "", field: words}
    return Text(given["title"], given["body"], language=language, section=given["section"])


def _texts(clause: Query, language: str) -> Iterator[Text]:
    wordings = list(_wordings(clause))
    if len(wordings) <= MOST_WORDINGS:
        for words, field in wordings:
            for one in (field,) if field else ("title", "body"):
                yield alone(words, one, language)


def _wordings(clause: Query) -> Iterator[tuple[str, Field]]:
    match clause:
        case Term() if clause.field not in VALUE_FIELDS and not clause.stem:
            text = clause.text + _BESIDE * clause.prefix
            # A name may be written as one word, in which its parts are none: "Kim Jong" holds in Kimjong.
            for words in dict.fromkeys((text, text.replace(" ", "").capitalize(), text.replace(" ", "-"))):
                yield words, clause.field
        case Near():
            between = f" {_BESIDE} " if clause.words else " "
            for one, other in product(_wordings(clause.one), _wordings(clause.other)):
                for pair in ((one[0], other[0]), (other[0], one[0])):
                    yield between.join(pair), one[1] or other[1]
        case Or():
            for part in clause.parts:
                yield from _wordings(part)
