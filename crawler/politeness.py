"""What a host asks of us: robots.txt by RFC 9309, Crawl-delay, Retry-After."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from protego import Protego

from crawler.fault import LookFault
from storage.model import Outcome, RobotsFile

ROBOTS_KEPT = timedelta(days=1)  # RFC 9309, section 2.4
UNREADABLE_KEPT = timedelta(minutes=10)
MAX_ROBOTS = 500 * 1024  # bytes, section 2.5: the least that must be read, and the most that we do
# A longer Crawl-delay is a mistake or a trap (999999999 was seen): a page every five minutes is slow enough for any.
LONGEST_CRAWL_DELAY = timedelta(minutes=5)
LONGEST_RETRY_AFTER = timedelta(days=1)
# The files that a worker keeps parsed; a claim brings the others again.
MOST_FILES = 2000
MOST_CHARS = 2_000_000


class Rules:
    """What robots.txt of one origin says to us. Parsed when first asked."""

    def __init__(self, text: str, token: str) -> None:
        self._text, self._token = _ours(text, token), token
        self.size = len(self._text)

    def allow(self, url: str) -> bool:
        return not self._text or self._parsed.can_fetch(url, self._token)

    @property
    def crawl_delay(self) -> timedelta:
        """The pause that is asked for, at most five minutes; none is nothing."""
        seconds = self._parsed.crawl_delay(self._token) if self._text else None
        return timedelta(seconds=min(seconds or 0, LONGEST_CRAWL_DELAY.total_seconds()))

    @cached_property
    def _parsed(self) -> Protego:
        return Protego.parse(self._text)


_USER_AGENT = re.compile(r"\s*user(?:-|\s*)agent\s*(?::|\s)\s*(.*)", re.IGNORECASE)


def _ours(text: str, token: str) -> str:
    """The same rules for us, with one name for all the others.

    The parser's work grows with names times rules: 500 kB of both, as a hostile site would write them, took minutes.
    "Dateline*" and "Dateline/1.0" are meant for us too, although neither is a product token; "Datelinebot" is not.
    """
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if named := _USER_AGENT.match(line):
            agent = named[1].partition("#")[0].strip().lower()
            if re.match(rf"{re.escape(token)}(?![\w-])", agent):
                agent = token
            lines[number] = f"User-agent: {agent if agent in ('', '*', token) else '-'}"
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Known:
    until: datetime
    rules: Rules | None  # None: it could not be read
    fault: tuple[Any, ...] = ()  # a LookFault's arguments: kept itself, its traceback would keep the answer it met


class Robots:
    """The robots.txt files that a worker knows, by origin ("https://example.org:8443").

    A file is kept for a day, and that one could not be read for ten minutes, in which nothing is fetched there: an
    answer of 5xx or 429 and no answer at all mean "not now" (RFC 9309, section 2.3.1.4), 4xx means that there are no
    rules (2.3.1.3). `on_fetched` is called with each file that was asked for, so that it can be stored.
    """

    def __init__(self, user_agent: str) -> None:
        # Groups are matched by product token, "Dateline" of "Dateline/0.1 (+https://...)" (section 2.2.1).
        token = re.match(r"[A-Za-z_-]+", user_agent)
        self._token = token[0].lower() if token else "dateline"
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._chars = 0
        self.on_fetched: Callable[[RobotsFile], None] = lambda file: None

    def load(self, files: Iterable[RobotsFile]) -> None:
        """Take over files that were stored earlier; what this worker fetched itself is newer and stays."""
        for file in files:
            if file.origin not in self._known:
                self._know(file, Rules(file.body, self._token) if file.status else None)

    def rules(self, origin: str, now: datetime) -> Rules | None:
        """Return what the origin asks of us; None where robots.txt must be fetched first.

        Raises LookFault where it could not be read a short while ago.
        """
        known = self._known.get(origin)
        if known is None or not known.until - ROBOTS_KEPT <= now < known.until:  # the first: the clock was set back
            return None
        self._known.move_to_end(origin)
        if known.rules is None:
            words = f"robots.txt could not be read; nothing is fetched before {known.until:%H:%M} UTC"
            raise LookFault(*known.fault or (Outcome.UNREACHABLE, words))
        return known.rules

    def answered(self, origin: str, status: int, body: bytes, now: datetime) -> Rules:
        """Robots.txt was answered: 2xx with its bytes, or 3xx and 4xx, which leave everything allowed."""
        # Not `clean`, which composes letters and would change what is disallowed; NUL is what PostgreSQL refuses.
        text = body[:MAX_ROBOTS].decode("utf-8-sig", "replace").replace("\0", "") if 200 <= status < 300 else ""
        file = RobotsFile(origin, status, text, now)
        self._know(file, rules := Rules(text, self._token))
        self.on_fetched(file)
        return rules

    def unreadable(self, origin: str, fault: LookFault, now: datetime) -> None:
        """Robots.txt could not be had; `fault` is told to whoever asks within the next minutes."""
        file = RobotsFile(origin, 0, "", now)
        self._know(file, None, fault.args)
        self.on_fetched(file)

    def _know(self, file: RobotsFile, rules: Rules | None, fault: tuple[Any, ...] = ()) -> None:
        if (old := self._known.pop(file.origin, None)) and old.rules:
            self._chars -= old.rules.size
        self._known[file.origin] = _Known(file.fetched_at + (ROBOTS_KEPT if rules else UNREADABLE_KEPT), rules, fault)
        self._chars += rules.size if rules else 0
        while len(self._known) > MOST_FILES or (self._chars > MOST_CHARS and len(self._known) > 1):
            _, oldest = self._known.popitem(last=False)
            self._chars -= oldest.rules.size if oldest.rules else 0


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a Retry-After header, in seconds or as an HTTP date (RFC 9110, section 10.2.3).

    Between nothing and a day; None where it says nothing that can be read.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=min(int(value[:9]), 10**6)), LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_RETRY_AFTER)
