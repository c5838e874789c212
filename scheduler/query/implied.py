"""Which clauses of a query hold together, whatever the text: kim* where kim does, fire where title:fire does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from scheduler.query.matcher import Match, compile_rules
from scheduler.query.text import Text
from storage.query import VALUE_FIELDS, Field, Near, Or, Query, Term, terms
from storage.spellings import other_spellings

MOST_CLAUSES = 200  # of a query: each is tried on the texts of every other
MOST_WORDINGS = 100  # of a clause, such as the names of a list
_ANYWHERE: tuple[Field, Field] = ("title", "body")
_BESIDE = "ǂ"  # a letter, of the Khoisan languages, that hardly any query asks for


class Together:
    """The clauses of a query, and which of them hold with each other; each text is tried once."""

    def __init__(self, clauses: Sequence[Query], language: str = "") -> None:
        self._clauses, self._language = clauses, language
        self._matcher = compile_rules({str(number): clause for number, clause in enumerate(clauses)})
        self._known: dict[tuple[str, str], frozenset[Query]] = {}
        self._shortest: dict[Query, tuple[frozenset[Query], ...]] = {}

    def matches(self, text: Text) -> dict[Query, Match]:
        """Those clauses that hold for a text, each with its places."""
        return {self._clauses[int(number)]: match for number, match in self._matcher.match(text).items()}

    def shortest(self, clause: Query) -> tuple[frozenset[Query], ...]:
        """The shortest texts in which a clause holds, each as the clauses that hold there with it, itself too. None of
        patterns, stems and what is known of the article, and none where the clauses or their wordings are too many."""
        if clause not in self._shortest:
            wordings = list(islice(_wordings(clause), MOST_WORDINGS + 1))
            if len(self._clauses) > MOST_CLAUSES or len(wordings) > MOST_WORDINGS or any(map(_is_open, terms(clause))):
                wordings = []
            held = (self.beside(words, one) for words, its in wordings for one in ((its,) if its else _ANYWHERE))
            self._shortest[clause] = tuple(one for one in dict.fromkeys(held) if clause in one)
        return self._shortest[clause]

    def beside(self, words: str, field: str) -> frozenset[Query]:
        """The clauses that hold by these words in that field of a text, and no others: not by its language, which the
        text has for the sake of stems."""
        if (words, field) not in self._known:
            given = {"title": "", "body": "", "section": "", field: words}
            text = Text(
                given["title"],
                given["body"],
                language=self._language,
                authors=(words,) if field == "author" else (),
                section=given["section"],
            )
            held = self.matches(text)
            self._known[words, field] = frozenset(one for one in held if not any(map(_is_known, terms(one))))
        return self._known[words, field]


def _is_open(term: Term) -> bool:
    """Can it hold by other words than its own?"""
    return term.stem or _is_known(term)


def _is_known(term: Term) -> bool:
    """Does it ask for what is known of the article, and not for its words?"""
    return term.field in VALUE_FIELDS


def _wordings(clause: Query) -> Iterator[tuple[str, Field]]:
    match clause:
        case Term():
            text = clause.text + _BESIDE * clause.prefix
            # A name may be written as one word, in which its parts are none: "Kim Jong" holds in Kimjong.
            others = (one + _BESIDE * clause.prefix for one in other_spellings(clause))
            for words in dict.fromkeys((text, text.replace(" ", "").capitalize(), text.replace(" ", "-"), *others)):
                yield words, clause.field
        case Near():
            between = f" {_BESIDE} " if clause.words else " "
            for one, other in product(_wordings(clause.one), _wordings(clause.other)):
                for pair in ((one[0], other[0]), (other[0], one[0])):
                    yield between.join(pair), one[1] or other[1]
        case Or():
            for part in clause.parts:
                yield from _wordings(part)
