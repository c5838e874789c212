"""Which rules are tried on the past: those of the config, one of them with another query, or one beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from scheduler.config import Config
from scheduler.judge import Rules
from scheduler.nearest import instead
from scheduler.query.grammar import QueryError, parse
from storage.model.telling import RuleConfig
from storage.text import one_line

TRIED = "(tried)"  # no name of a config: brackets are not taken there


class NoSuchRule(Exception):
    """The message names what is nearest, or says what is wrong with the query."""


def rules_to_try(config: Config, name: str | None, query: str) -> tuple[Rules, Sequence[str]]:
    """The rules of the config and whatever is tried, and the names of those that are asked for; () for all of them.

    Raises NoSuchRule.
    """
    rules = list(config.rules)
    if query:
        try:
            parse(query, config.lists)
        except QueryError as reason:
            raise NoSuchRule(f"--query cannot be used, {reason}") from None
    if name is None:
        if not query:
            return Rules(rules, config.lists), ()
        # Told through a channel of no name: a rule that is told nowhere has no stories.
        return Rules([*rules, RuleConfig(TRIED, query, channels=(TRIED,))], config.lists), (TRIED,)
    found = named(rules, name)
    if query:
        rules = [replace(one, query=query) if one.name == found.name else one for one in rules]
    return Rules(rules, config.lists), (found.name,)


def named(rules: Iterable[RuleConfig], name: str) -> RuleConfig:
    """The rule of that name, however it is capitalised. Raises NoSuchRule."""
    known = {one.name.casefold(): one for one in rules}
    if (found := known.get(name.casefold())) is not None:
        return found
    raise NoSuchRule(no_such_rule(name, [one.name for one in known.values()]))


def no_such_rule(name: str, known: Sequence[str]) -> str:
    """Why a name is none of a rule, with the nearest, and those that there are."""
    there = instead(name, known) if known else "the config has no [[rule]]"
    return f"there is no rule {one_line(name, 100)!r}; {there}"
