"""Does a rule hold for a change? Pure decisions; what they need is passed in."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from scheduler.collecting import without_collecting
from scheduler.kinds import answers_to, asks_for
from scheduler.places import Places, by_query, by_words
from scheduler.query.grammar import NO_LISTS, Lists, parse
from scheduler.query.matcher import Matcher, compile_rules
from scheduler.query.text import Text, text_of
from storage.model.articles import Change, ChangeKind, Revision, When
from storage.model.telling import Alert, RuleConfig
from storage.outbox import Judged

log = logging.getLogger("dateline.tell")

Holds = Literal["now", "no longer", "still"]
MOST_WORDS = 20  # that an alert keeps of those that made it hold


class Rules:
    """The rules in force, compiled once: all of their words are looked for in one pass over a text."""

    def __init__(self, rules: Sequence[RuleConfig], lists: Lists = NO_LISTS) -> None:
        self.by_name = {one.name: one for one in rules}
        with without_collecting():
            self._queries = {one.name: parse(one.query, lists) for one in rules}
            self._matcher: Matcher = compile_rules(self._queries)
        self._alone: dict[str, Matcher] = {}  # by rule, made when it is first asked by itself

    def judge(self, change: Change, loaded_at: Mapping[str, datetime], now: datetime) -> list[Judged]:
        """The alerts that this change gives: at most one for each rule, in the order of the config.

        `loaded_at`: a rule holds for changes seen from its first load on.
        """
        return self._judge(self._matcher, change, loaded_at, now)

    def judge_apart(
        self, change: Change, loaded_at: Mapping[str, datetime], now: datetime
    ) -> tuple[list[Judged], list[str]]:
        """The same where judging together failed: each rule by itself, and the names of those that cannot be tried.
        Takes seconds where there are thousands."""
        judged: list[Judged] = []
        broken: list[str] = []
        for name, query in self._queries.items():
            try:
                judged += self._judge(compile_rules({name: query}), change, loaded_at, now)
            except Exception:
                log.exception("cannot judge change=%d rule=%s", change.id, name)
                broken.append(name)
        return judged, broken

    def _judge(
        self, matcher: Matcher, change: Change, loaded_at: Mapping[str, datetime], now: datetime
    ) -> list[Judged]:
        before, after = (matcher.match(seen(one, change)) if one else {} for one in (change.before, change.after))
        judged = []
        for name, rule in self.by_name.items():
            held = holds(change.kind, name in before, name in after)
            if held is None or not asked_for(rule, change, held) or change.seen_at < loaded_at.get(name, now):
                continue
            match = after.get(name) or before[name]
            untold = "older than the rule's max_age" if is_too_old(change, rule.max_age, now) else ""
            once = held == "now" and change.kind is not ChangeKind.RESTORED and rule.per == "story"
            judged.append(Judged(change.id, name, held, match.words[:MOST_WORDS], rule.channels, untold, once))
        return judged

    def places(self, alert: Alert, stands: Revision) -> Places:
        """Where in a text of its change what made its rule hold stands: by the rule's query, or by the alert's words
        where the rule left the config, or its query does not hold for this text."""
        name, match = alert.rule, None
        if name in self._queries:
            if name not in self._alone:
                self._alone[name] = compile_rules({name: self._queries[name]})
            try:
                match = self._alone[name].match(seen(stands, alert.change)).get(name)
            except Exception:  # whatever a stored article may hold, it is told
                log.exception("cannot be matched again alert=%d", alert.id)
        return by_query(match) if match is not None else by_words(alert, stands)


def seen(revision: Revision, change: Change) -> Text:
    """What a rule's query looks at: the article before or after a change."""
    return text_of(
        revision.article, sources=change.sources, changes=_names(change), urls=(change.url,), story=change.story
    )


def would_tell(rules: Rules, change: Change) -> bool:
    """Does any of these rules hold for a change, whenever it was loaded and however old the article is?"""
    always = dict.fromkeys(rules.by_name, change.seen_at)
    return bool(rules.judge(change, always, change.seen_at))


def hears_of_mass(rule: RuleConfig, kind: str, source: str) -> bool:
    """Is a rule told of a mass event? It is where it asks for such changes of that source, whatever its words: which
    articles there are in it, and what they say, nobody is told one by one."""
    asks = any(asked.partition(":")[0] == kind for asked in rule.on)
    return asks and (not rule.sources or source in rule.sources)


def holds(kind: ChangeKind, before: bool, after: bool) -> Holds | None:
    """What a rule's query says of a change, given whether it matches the text before and after; None: nothing."""
    if kind in (ChangeKind.ADDED, ChangeKind.RESTORED):
        return "now" if after else None
    if kind == ChangeKind.REMOVED:
        return "no longer" if before else None
    if after:
        return "still" if before else "now"
    return "no longer" if before else None


def asked_for(rule: RuleConfig, change: Change, held: Holds) -> bool:
    """Does a rule ask for such a change, by its `sources` and `on`, where its query holds in that way?"""
    if rule.sources and not set(rule.sources) & set(change.sources):
        return False
    return asks_for(rule.on, change.kind, change.cls, _names(change), is_new=held == "now")


def _names(change: Change) -> frozenset[str]:
    titles = {one.article.title for one in (change.before, change.after) if one is not None}
    return answers_to(change.kind, change.cls, len(titles) > 1, change.also)


def is_too_old(change: Change, max_age: timedelta | None, now: datetime) -> bool:
    """Is the article older than the rule wants? One without a date is not."""
    stated = dates(change)
    if max_age is None or not stated:
        return False
    when = stated[0]
    # A day without a clock lasts until its end, anywhere on earth: UTC-12. Reckoned back from now: behind the last day
    # that there is, which pages state too, lies none.
    lasts = timedelta(hours=36) if when.precision == "day" else timedelta(0)
    return when.moment < now - max_age - lasts


def dates(change: Change) -> list[When]:
    """The dates that the article states, newest revision first."""
    found: Iterable[Revision | None] = (change.after, change.before)
    return [one.article.published for one in found if one is not None and one.article.published is not None]
