"""The lists of a config: what each stands for, and which rules and feeds would change with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.query.grammar import Lists, lists_in
from scheduler.tables import FeedTable, Rule


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list with its variants as they are written. `rules` and `feeds` are the names of those that use it, also by way
    of another list, in the order of the config."""

    name: str
    variants: tuple[str, ...]
    rules: tuple[str, ...]
    feeds: tuple[str, ...]


def named_lists(lists: Lists, rules: Iterable[Rule], feeds: Iterable[FeedTable]) -> list[NamedList]:
    """Every list, in the order of the config."""
    within = {name: _within(name, lists) for name in lists}
    of_rules, of_feeds = _uses(rules, within), _uses(feeds, within)
    return [
        NamedList(name, tuple(variants), tuple(of_rules[name]), tuple(of_feeds[name]))
        for name, variants in lists.items()
    ]


def _uses(asking: Iterable[Rule | FeedTable], within: dict[str, set[str]]) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {name: [] for name in within}
    for one in asking:
        for name in set().union(*(within[named] for named in lists_in(one.query))):
            users[name].append(one.name)
    return users


def _within(name: str, lists: Lists) -> set[str]:
    """A list and all those that it is made of."""
    found, left = {name}, [name]
    while left:
        named = (re.fullmatch(r"\s*@(\w+)\s*", one) for one in lists[left.pop()])
        fresh = {one[1] for one in named if one} - found
        found |= fresh
        left += fresh
    return found
