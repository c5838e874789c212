"""What the fields beside the search box ask for, as clauses of its query: one language decides. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from scheduler.query.dates import period
from scheduler.query.grammar import Lists, TooLoose, parse


@dataclass(frozen=True, slots=True)
class Fields:
    """A query as it was typed, and the fields: sources by name, first and last day of publication, "" for none."""

    query: str = ""
    sources: tuple[str, ...] = ()
    first: str = ""
    last: str = ""

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
            each = " OR ".join(f'source:"{one}"' for one in self.sources)
            yield f"({each})" if len(self.sources) > 1 else each
        for name, sign, day in (("from", ">=", self.first), ("to", "<=", self.last)):
            if day:
                yield f"published:{sign}{_checked(name, sign, day)}"


def _checked(name: str, sign: str, day: str) -> str:
    try:
        period(f"{sign}{day}")
    except ValueError as reason:
        raise ValueError(f"{name}: {reason}") from None
    return day


def fields_of(query: str, sources: Sequence[str], first: str, last: str) -> Fields:
    """As a form sends them: a field that was left empty is none."""
    return Fields(query, tuple(one for one in sources if one), first.strip(), last.strip())
