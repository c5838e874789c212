"""What the fields beside a search ask for, as clauses of its query: one language decides. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from scheduler.nearest import instead
from scheduler.query.dates import period
from scheduler.query.grammar import Lists, QueryError, TooLoose, parse
from scheduler.query.page import is_named
from storage.query import Term
from storage.text import one_line


@dataclass(frozen=True, slots=True)
class Fields:
    """A query as it was typed, and the fields: sources as `source:` of a query takes them, first and last day of
    publication, "" for none."""

    query: str = ""
    sources: tuple[str, ...] = ()
    first: str = ""
    last: str = ""

    def check_sources(self, known: Collection[str]) -> None:
        """Raises ValueError for the first that is none of those known, with those that there are and the nearest: a
        clause of a query may name what is not there yet, a search would find nothing and say nothing."""
        for one in self.sources:
            if not any(map(str.isalnum, one)):
                raise ValueError(f"source: {one_line(one, 80)!r} names none; leave it out to search all of them")
            try:
                asked = parse(_source(one))
            except QueryError as reason:
                raise ValueError(f"source: {reason.message}") from None
            # A quote in it would end the clause and begin another one.
            if not isinstance(asked, Term) or not any(is_named(name, asked) for name in known):
                raise ValueError(f"there is no source {one_line(one, 80)!r}; {instead(one, known)}")

    @property
    def is_empty(self) -> bool:
        return not (self.query.strip() or self.sources or self.first or self.last)

    def whole(self, lists: Lists) -> str:
        """The query that says all of it, such as `(ferry OR boat) source:"gazette" published:>=2026-01-01`.

        Raises QueryError, with the column in the query as it was typed, and ValueError where a day is none.
        """
        clauses = list(self._clauses())
        if not clauses or not self.query.strip():
            return " ".join(clauses) or self.query
        # By itself first: with a bracket or a quote too many it would take in the clauses, or let them go.
        with suppress(TooLoose):  # a NOT alone is not alone beside a clause
            parse(self.query, lists)
        typed = self.query.strip()
        return " ".join([typed if typed.isalnum() else f"({typed})", *clauses])

    def _clauses(self) -> Iterator[str]:
        if self.sources:
            each = " OR ".join(map(_source, self.sources))
            yield f"({each})" if len(self.sources) > 1 else each
        for name, sign, day in (("from", ">=", self.first), ("to", "<=", self.last)):
            if day:
                yield f"published:{sign}{_checked(name, sign, day)}"


def _source(name: str) -> str:
    return f'source:"{name}"'


def _checked(name: str, sign: str, day: str) -> str:
    try:
        period(f"{sign}{day}")
    except ValueError:  # which speaks of `published:`, and nobody wrote that
        raise ValueError(f"{name}: {day!r} is no day: write 2026-01-31, 2026-01 or 2026") from None
    return day


def fields_of(query: str, sources: Sequence[str], first: str, last: str) -> Fields:
    """As a form sends them: a field that was left empty is none."""
    return Fields(query, tuple(one for one in sources if one), first.strip(), last.strip())
