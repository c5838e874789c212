"""What the pages of rules and of one alert show: the config in force beside what the store knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from urllib.parse import urlencode

from scheduler import explaining
from scheduler.config import Config
from scheduler.excerpt import Part, around, changed, shown
from scheduler.judge import Holds, Rules
from scheduler.named_lists import NamedList, named_lists
from scheduler.places import Places
from scheduler.query.grammar import QueryError
from scheduler.reasons import Reasons
from scheduler.rules_words import LATELY
from scheduler.tables import Rule
from scheduler.trial_rules import NoSuchRule, no_such_rule
from scheduler.ways import Way, ways
from scheduler.web.chart import first_of_weeks
from storage import reasons as stored
from storage import rule_counts, stopped
from storage.fates import Fate
from storage.model.articles import Change, Revision
from storage.model.telling import Alert, DeliveryState, RuleConfig
from storage.reasons import Raised, Step
from storage.rule_counts import RuleCount
from storage.store import Connection, Store

PAGE = 50  # rules
MOST_LISTS, MOST_VARIANTS, MOST_USERS = 100, 100, 50  # that are shown


@dataclass(frozen=True, slots=True)
class RuleShown:
    rule: Rule
    ways: tuple[Way, ...]
    lately: RuleCount  # of LATELY
    days: Mapping[date, int]  # alerts of the weeks of the chart


@dataclass(frozen=True, slots=True)
class RulesPage:
    """A part of the rules, in the order of the config. `number` counts from 1; `lists` stand on the first page alone.

    `having` is what the rules were narrowed by, "" for all; `found` are those left, of `there`.
    """

    rules: tuple[RuleShown, ...]
    number: int
    pages: int
    found: int
    there: int
    having: str
    lists: tuple[NamedList, ...]
    more_lists: int

    def url(self, number: int) -> str:
        """Where another part stands, as a query of the same address."""
        return f"?{urlencode([*([('has', self.having)] if self.having else []), ('page', number)])}"


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why an alert was raised. `reasons` None: its rule left the config with a query that cannot be read any more, and
    `fault` says so. `title` and `excerpt` are of the text that the rule held for, which is the one before the change
    where `is_before`; "!" in them is what was found."""

    alert: Raised
    step: Step
    rule: RuleConfig
    in_config: bool
    reasons: Reasons | None
    fault: str
    title: Sequence[Part]
    excerpt: Sequence[Part]
    is_before: bool
    title_change: Sequence[Part]  # empty where nothing changed
    text_change: Sequence[Part]


class Rulebook:
    """Reads for the pages; each method is one consistent read, for a thread. `config` answers the one in force."""

    def __init__(self, store: Store, config: Callable[[], Config], now: Callable[[], datetime]) -> None:
        self._store, self._config, self._now = store, config, now

    def page(self, having: str = "", number: int = 1) -> RulesPage | None:
        """None where there is no such part."""
        config, wanted = self._config(), having.strip().casefold()
        rules = [one for one in config.tables.rule if wanted in f"{one.name}\n{one.query}".casefold()]
        pages = max(1, -(-len(rules) // PAGE))
        if not 1 <= number <= pages:
            return None
        whole = number == 1 and not wanted
        lists = named_lists(config.lists, config.tables.rule, config.tables.feed) if whole else []
        return RulesPage(
            rules=self._shown(config, rules[(number - 1) * PAGE : number * PAGE]),
            number=number,
            pages=pages,
            found=len(rules),
            there=len(config.tables.rule),
            having=having.strip(),
            lists=tuple(lists[:MOST_LISTS]),
            more_lists=max(0, len(lists) - MOST_LISTS),
        )

    def rule(self, name: str) -> RuleShown:
        """One rule of the config. Raises NoSuchRule."""
        config = self._config()
        found = [one for one in config.tables.rule if one.name == name]
        if not found:
            raise NoSuchRule(no_such_rule(name, [one.name for one in config.tables.rule]))
        return self._shown(config, found)[0]

    def grounds(self, asked: str) -> Grounds:
        """One alert, by its number. Raises NoSuchAlert."""
        config = self._config()
        with self._store.reader() as connection:
            step = stored.of_alert(connection, asked)
            assert step.alert is not None  # it is the one that was asked for
            rule = explaining.rule_of(config, connection, step.alert)
            found, fault = self._reasons(config, connection, rule, step)
        change, is_before = step.change, step.alert.holds == "no longer"
        revision = (change.before if is_before else change.after) or change.before
        placed = _places(config, rule, step.alert, change, revision) if revision else Places()
        title, body = (revision.article.title, revision.article.body) if revision else ("", "")
        return Grounds(
            alert=step.alert,
            step=step,
            rule=rule,
            in_config=any(one.name == rule.name for one in config.tables.rule),
            reasons=found,
            fault=fault,
            title=around(title, placed.title, length=500, context=500),
            excerpt=around(body, placed.body),
            is_before=is_before and change.after is not None,
            title_change=changed(shown(change.diff.title)) if change.diff else (),
            text_change=changed(shown(change.diff.body), lines=True) if change.diff else (),
        )

    def held(self, fate: Fate) -> str:
        """What holds a delivery that still gathers, beside its own plan; "" for nothing, and for any other."""
        if fate.state != DeliveryState.OPEN or fate.at is None:
            return ""
        return self._config().plans.of(fate.rule, fate.channel).held_until(fate.at)

    def _reasons(
        self, config: Config, connection: Connection, rule: RuleConfig, step: Step
    ) -> tuple[Reasons | None, str]:
        try:
            return explaining.of_step(config, connection, rule, step, self._now()), ""
        except NoSuchRule as reason:
            return None, str(reason)

    def _shown(self, config: Config, rules: Sequence[Rule]) -> tuple[RuleShown, ...]:
        """As many queries for a thousand rules as for one."""
        now, names = self._now(), [one.name for one in rules]
        with self._store.reader() as connection:
            lately = rule_counts.raised_since(connection, now - LATELY)
            days = rule_counts.raised_by_day(connection, first_of_weeks(now), names)
            halted = stopped.since(connection)
        told = ways(config, rules, halted, now)
        return tuple(
            RuleShown(
                rule=one,
                ways=told[one.name],
                lately=lately.get(one.name, RuleCount()),
                days=days.get(one.name, Counter()),
            )
            for one in rules
        )


def _places(config: Config, rule: RuleConfig, raised: Raised, change: Change, stands: Revision) -> Places:
    """By the rule as `grounds` shows it, if it can still be read."""
    try:
        rules = Rules([rule], config.lists)
    except QueryError:
        rules = Rules(())
    return rules.places(Alert(raised.id, raised.rule, cast(Holds, raised.holds), raised.words, change), stands)
