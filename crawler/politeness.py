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
from storage.model.looking import Outcome, RobotsFile
from storage.text import public_url

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
        self._text = _ours(text, token)
        self.size = len(self._text)

    def allow(self, url: str) -> bool:
        return not self._text or self._parsed.can_fetch(url, "*")

    @property
    def crawl_delay(self) -> timedelta:
        """The pause that is asked for, at most five minutes; none is nothing."""
        seconds = self._parsed.crawl_delay("*") if self._text else None
        return timedelta(seconds=min(seconds or 0, LONGEST_CRAWL_DELAY.total_seconds()))

    @cached_property
    def _parsed(self) -> Protego:
        return Protego.parse(self._text)


# As the parser itself reads these lines: without the colon, with a space for the hyphen, and misspelt too.
_USER_AGENT = re.compile(r"user(?:-|\s*)agent(?:\s*:|\s|$)\s*(.*)", re.IGNORECASE)
_RULE = re.compile(r"(?:allow|diss?all?ow|diasllow|disallaw)(?:\s*:|\s|$)", re.IGNORECASE)
_DELAY = re.compile(r"crawl(?:-|\s+)delay(?:\s*:|\s)", re.IGNORECASE)
_SITEMAP = re.compile(r"site-?maps?\s*:\s*(\S+)", re.IGNORECASE)
_MOST_SITEMAPS = 100


def _ours(text: str, token: str) -> str:
    """The lines that count for us, as one group: those of the groups that name us, else of those that name `*`.

    Grouped here and not by the parser, because:
    - its work grows with names times rules: 500 kB of both, as a hostile site would write them, took minutes;
    - only Allow and Disallow end the names of a group, no other line does (RFC 9309, sections 2.1 and 2.2.4); a
      Crawl-delay, of which the RFC knows nothing, counts as written for the names right above it;
    - a name counts up to the first character that no product token has (2.2.1): "Dateline*", "Dateline/1.0" and
      "Dateline bot" are meant for us, "Datelinebot" is not. Who calls itself "dateline-news" is named by "dateline"
      too, but more by its whole name (Google's "order of precedence for user agents").
    """
    called = [token[:end] for end in range(len(token), 0, -1) if token[end : end + 1] in ("", "-")]
    lines: dict[str, list[str]] = {}
    names: set[str] = set()  # those that the next rules are for
    near: set[str] = set()  # those that the next delay is for
    last = ""
    for whole in text.splitlines():
        line = whole.partition("#")[0].strip()
        if named := _USER_AGENT.match(line):
            names = names if last in ("name", "delay") else set()
            near = near if last == "name" else set()
            agent = named[1].lower()
            said = (agent, agent.replace("*", ""))
            name = next((one for one in called if any(re.match(rf"{re.escape(one)}(?![\w-])", it) for it in said)), "")
            name = name or ("*" if agent == "*" else "")
            names.add(name)
            near.add(name)
            lines.setdefault(name, [])
            last = "name"
        elif _RULE.match(line):
            for name in names - {""}:
                lines[name].append(line)
            last = "rule"
        elif _DELAY.match(line):
            for name in near - {""}:
                lines[name].append(line)
            last = "delay" if last != "rule" else last
    kept = next((lines[name] for name in (*called, "*") if name in lines), [])
    return "\n".join(["User-agent: *", *kept]) if kept else ""


def sitemaps_of(text: str, base: str) -> tuple[str, ...]:
    """Return the addresses of the Sitemap lines of a robots.txt that lies at `base`, in order, each once.

    They stand for the whole file, in a group or not (RFC 9309, section 2.2.4), and may be of another host.
    """
    said = (_SITEMAP.match(line.strip(" \t\ufeff")) for line in text.splitlines())
    found = dict.fromkeys(address for one in said if one and (address := public_url(one[1], base)))
    return tuple(found)[:_MOST_SITEMAPS]


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
