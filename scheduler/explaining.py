"""Why an alert was raised, and why a rule told nothing of an article: reads the store, and asks `scheduler.reasons`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.config import Config
from scheduler.query.grammar import QueryError, parse
from scheduler.reasons import Known, Reasons, reasons
from scheduler.trial_rules import NoSuchRule, named
from storage import reasons as stored
from storage import stopped
from storage.finding import NoSuchArticle, find
from storage.model.telling import RuleConfig
from storage.reasons import Raised, Step
from storage.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from storage.store import Connection


def of_alert(config: Config, connection: Connection, asked: str, now: datetime) -> tuple[RuleConfig, Reasons]:
    """The rule of an alert, as `rule_of` has it, and the reasons.

    Raises NoSuchAlert; NoSuchRule where its query cannot be read any more.
    """
    step = stored.of_alert(connection, asked)
    assert step.alert is not None  # it is the one that was asked for
    rule = rule_of(config, connection, step.alert)
    return rule, of_step(config, connection, rule, step, now)


def rule_of(config: Config, connection: Connection, alert: Raised) -> RuleConfig:
    """The rule of an alert, as it stands in the config or, once it left it, with the query that was last loaded."""
    rule = next((one for one in config.rules if one.name == alert.rule), None)
    if rule is None:
        last = stored.loaded(connection, alert.rule)
        rule = RuleConfig(alert.rule, last.query if last is not None else "")
    return rule


def of_step(config: Config, connection: Connection, rule: RuleConfig, step: Step, now: datetime) -> Reasons:
    """The reasons of an alert that was found. Raises NoSuchRule where the query of its rule cannot be read any more."""
    assert step.alert is not None
    try:
        query = parse(rule.query, config.lists)
    except QueryError as reason:
        raise NoSuchRule(
            f"alert {step.alert.id} is of the rule {one_line(rule.name)!r}, which left the config, and its query "
            f"{one_line(rule.query)!r} cannot be read any more: {reason}"
        ) from None
    return reasons(rule, query, step, _known(config, connection, rule.name, now))


def of_article(
    config: Config, connection: Connection, name: str, asked: str, now: datetime
) -> tuple[RuleConfig, list[Reasons]]:
    """A rule of the config, and for every change of an article, the oldest first, what came of it.

    Raises NoSuchRule, NoSuchArticle; both name what is nearest.
    """
    rule = named(config.rules, name)
    try:
        article_id = find(connection, asked)
    except NoSuchArticle as reason:
        near = stored.addresses_near(connection, asked)
        raise NoSuchArticle(f"{reason}; near it: {', '.join(near)}" if near else str(reason)) from None
    known, query = _known(config, connection, rule.name, now), parse(rule.query, config.lists)
    return rule, [reasons(rule, query, step, known) for step in stored.of_article(connection, article_id, rule.name)]


def _known(config: Config, connection: Connection, name: str, now: datetime) -> Known:
    return Known(stored.loaded(connection, name), stopped.since(connection), config.plans, now)
