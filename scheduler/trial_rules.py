"""Which rules are tried on the past: those of the config, one of them with another query, or one beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from scheduler.config import Config
from scheduler.judge import Rules
from scheduler.query.grammar import QueryError, parse
from storage.model.telling import RuleConfig
from storage.text import one_line

TRIED = "(tried)"  # no name of a config: brackets are not taken there
NEAREST = 5  # names that an error suggests


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
    """Why a name is none of a rule, with the nearest."""
    if not known:
        return f"there is no rule {one_line(name, 100)!r}: the config has no [[rule]]"
    folded = {one.casefold(): one for one in known}
    part = [one for key, one in folded.items() if name.casefold() in key]
    near = [folded[key] for key in get_close_matches(name.casefold(), folded, NEAREST, 0.5)]
    shown = list(dict.fromkeys([*near, *part]))[:NEAREST]
    if shown:
        return f"there is no rule {one_line(name, 100)!r}; near it: {', '.join(shown)}"
    return f"there is no rule {one_line(name, 100)!r}; `dateline rules` lists the {len(known)} that there are"
