"""What a search over HTTP may ask for, and how many of them are answered at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from scheduler.duration import day_of, since_of
from scheduler.narrowed import Fields, fields_of
from scheduler.nearest import instead
from scheduler.query.grammar import Lists
from scheduler.searching import PAGE, Asked, Found, search
from storage.archive import Archive
from storage.text import one_line

MOST_AT_ONCE = 2  # searches: each may cost seconds, and feeds and alerts must not wait for many of them
LONGEST_NUMBER = 18  # digits that any database takes for a number of its own
LONGEST_PAGE = 100
LONGEST_FAULT = 2000  # characters
PARAMETERS = ("q", "source", "from", "to", "since", "until", "before", "limit")


class BadAsk(Exception):
    """A parameter cannot be used; the words name it."""


@dataclass(slots=True)
class Searches:
    archive: Archive
    lists: Callable[[], Lists]
    now: Callable[[], datetime]
    _under_way: int = field(default=0, init=False)

    async def found(self, request: Request) -> tuple[str, Found]:
        """The query that the parameters make together, and the page that they ask for. Raises BadAsk, QueryError, and
        HTTPException 503 where too many are under way."""
        if self._under_way >= MOST_AT_ONCE:
            raise HTTPException(503, headers={"retry-after": "2"})
        self._under_way += 1
        try:
            return await run_in_threadpool(self._found, request)
        finally:
            self._under_way -= 1

    def _found(self, request: Request) -> tuple[str, Found]:
        given = request.query_params
        if unknown := [one for one in given if one not in PARAMETERS]:
            raise BadAsk(f"there is no parameter {one_line(unknown[0], 40)!r}; {instead(unknown[0], PARAMETERS)}")
        asks = asked_fields(request)
        try:
            asks.check_sources(self.archive.known_sources())
            query = asks.whole(self.lists())
        except ValueError as reason:
            raise BadAsk(one_line(str(reason), LONGEST_FAULT)) from None
        asked = Asked(
            query,
            self._moment(given.get("since", ""), "since", since_of),
            self._moment(given.get("until", ""), "until", day_of),
            _number(given.get("before", ""), "before"),
            self.lists(),
        )
        limit = _number(given.get("limit", ""), "limit")
        return query, search(self.archive, asked, min(limit, LONGEST_PAGE) if limit else PAGE)

    def _moment(self, said: str, name: str, read: Callable[[str, datetime], datetime]) -> datetime | None:
        if not said:
            return None
        try:
            return read(said, self.now())
        except ValueError as reason:
            raise BadAsk(f"{name}: {one_line(str(reason))}") from None


def asked_fields(request: Request) -> Fields:
    """The search box and the fields beside it."""
    given = request.query_params
    return fields_of(given.get("q", ""), given.getlist("source"), given.get("from", ""), given.get("to", ""))


def onward(request: Request) -> str:
    """The same search as a query of the same address, for the page behind this one; ends with what it goes on from."""
    kept = [(name, one) for name, one in request.query_params.multi_items() if one and name != "before"]
    return urlencode([*kept, ("before", "")])


def _number(said: str, name: str) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= LONGEST_NUMBER):
        raise BadAsk(f"{name}: {one_line(said, 40)!r} is no whole number")
    return int(said)
