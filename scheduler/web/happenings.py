"""A page of what happened, the newest first, and the links from it: to one kind, to one source, further back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from scheduler.kinds import ASKED, in_words
from scheduler.web.chart import DAYS
from storage.chronicle import Asked, Chronicle, Occasion, told_at
from storage.mass import Mass
from storage.model.articles import Change, ChangeKind

ON_A_PAGE = 40
KINDS = tuple(name for name in ASKED if name != ChangeKind.ADDED)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARK = re.compile(r"(-?\d{1,18})-(\d{1,18})")


class NoSuchPage(Exception):
    """The address names a kind, a source or a place that there is not."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to the same page for another kind or source."""

    name: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Happenings:
    """Single changes and mass events in order of time. `older` is the address of the next page, "" at the end."""

    shown: tuple[Change | Mass, ...]
    older: str
    is_first: bool
    days: Mapping[tuple[date, str], int]
    kinds: tuple[Choice, ...]
    sources: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for."""

    kind: str = ""
    source: str = ""
    before: Occasion | None = None

    @property
    def asked(self) -> Asked:
        kind, _, cls = self.kind.partition(":")
        return Asked((self.source,) if self.source else (), kind, cls)

    @property
    def url(self) -> str:
        mark = f"{(self.before.seen_at - _EPOCH) // timedelta(microseconds=1)}-{self.before.id}" if self.before else ""
        named = {"kind": self.kind, "source": self.source, "before": mark}
        return "?" + urlencode({name: value for name, value in named.items() if value})


def wanted(parameters: Mapping[str, str], known: Sequence[str]) -> Wanted:
    """What an address asks for; `known` are the sources. Raises NoSuchPage."""
    kind, source, mark = (parameters.get(name, "") for name in ("kind", "source", "before"))
    if (kind and kind not in KINDS) or (source and source not in known):
        raise NoSuchPage
    return Wanted(kind, source, _occasion(mark) if mark else None)


def read_page(chronicle: Chronicle, want: Wanted, known: Sequence[str], now: datetime) -> Happenings:
    asked = want.asked
    found = chronicle.newest(asked, before=want.before, limit=ON_A_PAGE + 1)
    occasions, has_more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
    changes = chronicle.changes([one.id for one in occasions])
    events = chronicle.events(asked)
    # Events stand between the changes of the page: none is shown twice, and none left out between two pages.
    from_ = occasions[-1].seen_at if has_more else None
    until = want.before.seen_at if want.before else None
    within = [
        one for one in events if (from_ is None or told_at(one) >= from_) and (until is None or told_at(one) < until)
    ]
    shown: list[Change | Mass] = sorted([*changes, *within], key=_at, reverse=True)
    since = now - timedelta(days=DAYS - 1)
    days = Counter(chronicle.days(asked, since))
    days.update((told_at(one).astimezone(UTC).date(), one.kind) for one in events if told_at(one) >= since)
    first = replace(want, before=None)
    return Happenings(
        shown=tuple(shown),
        older=replace(want, before=occasions[-1]).url if has_more else "",
        is_first=want.before is None,
        days=days,
        kinds=(
            _choice(first, "everything", kind=""),
            *(_choice(first, in_words(*_parts(name)), kind=name) for name in KINDS),
        ),
        sources=(_choice(first, "all sources", source=""), *(_choice(first, name, source=name) for name in known)),
    )


def _choice(want: Wanted, name: str, **field: str) -> Choice:
    other = replace(want, **field)  # type: ignore[arg-type]
    return Choice(name, other.url, other == want)


def _parts(name: str) -> tuple[str, str]:
    kind, _, cls = name.partition(":")
    return kind, cls


def _at(one: Change | Mass) -> tuple[datetime, int]:
    return (told_at(one), 0) if isinstance(one, Mass) else (one.seen_at, one.id)


def _occasion(mark: str) -> Occasion:
    found = _MARK.fullmatch(mark)
    try:
        if found is None:
            raise ValueError(mark)
        return Occasion(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))
    except (ValueError, OverflowError):
        raise NoSuchPage from None
