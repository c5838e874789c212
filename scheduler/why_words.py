"""Reasons for people, as lines, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from scheduler.duration import in_words
from scheduler.kinds import in_full
from scheduler.query.explain import Clause
from scheduler.reasons import Reasons, fate_in_words, would
from scheduler.timing import Plans
from scheduler.web import words
from storage.model.telling import RuleConfig
from storage.text import iso, one_line

LONGEST_QUERY = 1000
Listed = Mapping[str, tuple[str, ...]]
HOLDS = {"now": "it holds now", "no longer": "it holds no longer", "still": "it holds still"}
OTHERS_THEN = "The rule or its lists were others when this was raised."


def why(rule: RuleConfig, one: Reasons, plans: Plans) -> str:
    """An alert: the change, the rule clause by clause, and what became of it."""
    alert = one.alert
    assert alert is not None
    lines = [
        f"Alert {alert.id} of the rule {rule.name}, raised {words.moment(alert.created_at)}: {HOLDS[alert.holds]}",
        *_change(one),
        "",
        *_rule(rule),
        "",
        *_clauses(one),
        turn(one),
        "",
    ]
    if one.holds != alert.holds:
        lines += [OTHERS_THEN, ""]
    lines += [f"{fate.channel}  {fate.delivery_id}  {fate_in_words(fate, plans)}" for fate in alert.fates]
    lines += [f"not told: {each}" for each in one.passed_over]
    return "\n".join(lines)


def why_not(rule: RuleConfig, found: Sequence[Reasons]) -> str:
    """What came of each change of an article, the oldest first."""
    blocks = ["\n".join(_rule(rule))]
    for one in found:
        lines = [*_change(one), *_clauses(one)]
        if one.alert is None:
            lines += [f"- {each}" for each in one.against]
        else:
            told = "It was told" if one.is_told else "It was raised, and not told yet"
            told = "It was raised, and is not told" if one.is_kept_back else told
            lines += [f"{told}: dateline why {one.alert.id}", *(f"- {each}" for each in one.against)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def as_json(one: Reasons) -> dict[str, Any]:
    """One change with its reasons. Times are ISO 8601 in UTC, null where there is none."""
    change, alert = one.step.change, one.alert
    return {
        "change": {
            "id": change.id,
            "guid": change.guid,
            "kind": str(change.kind),
            "class": change.cls,
            "seen_at": iso(change.seen_at),
            "url": change.url,
            "title": _title(one),
            "sources": list(change.sources),
        },
        "holds": one.holds,
        "before": one.before and asdict(one.before),
        "after": one.after and asdict(one.after),
        "lists": {"before": dict(one.listed_before), "after": dict(one.listed_after)},
        "flips": list(one.flips),
        "told": one.is_told,
        "against": list(one.against),
        "alert": alert
        and {
            "id": alert.id,
            "holds": alert.holds,
            "created_at": iso(alert.created_at),
            "untold": alert.untold,
            "deliveries": [asdict(fate) | {"state": str(fate.state), "at": iso(fate.at)} for fate in alert.fates],
        },
    }


def rule_as_json(rule: RuleConfig) -> dict[str, Any]:
    max_age = None if rule.max_age is None else in_words(rule.max_age)
    return asdict(rule) | {"max_age": max_age}


def _change(one: Reasons) -> list[str]:
    change = one.step.change
    kind = in_full(change.kind, change.cls, change.stealth)
    stated = change.after or change.before
    published = stated.article.published if stated is not None else None
    dated = f"dated {words.published(published)}" if published else "without a date"
    return [
        f"{words.moment(change.seen_at)}: {kind}: {one_line(_title(one), 300) or '(without a title)'}",
        f"  {one_line(change.url, 2048)}",
        f"  listed at {one_line(', '.join(change.sources))}; {dated}",
    ]


def _title(one: Reasons) -> str:
    revision = one.step.change.after or one.step.change.before
    return revision.article.title if revision is not None else ""


def _rule(rule: RuleConfig) -> list[str]:
    return [f"{rule.name}: {one_line(rule.query, LONGEST_QUERY)}", f"  {asked(rule)}"]


def asked(rule: RuleConfig) -> str:
    """What a rule asks for beside its query."""
    facts = [f"on {', '.join(rule.on)}", f"sources {', '.join(rule.sources) or 'all'}"]
    facts += [f"max_age {in_words(rule.max_age)}"] if rule.max_age is not None else []
    return "; ".join(facts)


def texts(one: Reasons) -> list[tuple[str, Clause, Listed]]:
    """The query clause by clause on each text that the change has, the earlier first, under a heading, and by which of
    their names its lists hold there."""
    both = one.before is not None and one.after is not None
    return [
        (f"The query on the text{f' {name} the change' if both or name == 'before' else ''}", clause, by)
        for name, clause, by in (("before", one.before, one.listed_before), ("after", one.after, one.listed_after))
        if clause is not None
    ]


def said(clause: Clause, listed: Listed) -> str:
    """A clause as one would write it, cut where it is very long; of a list also the names that stand there."""
    names = one_line(", ".join(listed.get(clause.said, ())), 300)
    return one_line(clause.said, 300) + (f" ({names})" if names and clause.holds else "")


def _clauses(one: Reasons) -> Iterator[str]:
    for heading, clause, listed in texts(one):
        yield f"{heading}:"
        yield from _tree(clause, listed, 1)


def _tree(clause: Clause, listed: Listed, depth: int) -> Iterator[str]:
    found = f"   {' | '.join(clause.found)}" if clause.found else ""
    yield f"{'  ' * depth}{'yes' if clause.holds else 'no '} {said(clause, listed)}{found}"
    for part in clause.parts:
        yield from _tree(part, listed, depth + 1)


def turn(one: Reasons) -> str:
    """What would have made the query answer otherwise, as a sentence."""
    text = one.after or one.before
    holds = text is not None and text.holds
    turned = would(one.flips, "it would not hold" if holds else "it would hold")
    return f"{turned[:1].upper()}{turned[1:]}."
