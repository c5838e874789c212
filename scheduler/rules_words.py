"""Rules in words: the list of them, and what they would have told of the past, for a terminal and for a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from scheduler.backtest import REASONS, Backtest, Tally, Tried, monday_of
from scheduler.judge import Rules, seen
from scheduler.kinds import in_full as in_words
from scheduler.named_lists import NamedList
from scheduler.query.explain import explain, found_in
from scheduler.query.grammar import Lists, parse
from scheduler.tables import Rule
from scheduler.ways import Way, Ways
from scheduler.web import words
from storage.model.telling import RuleConfig
from storage.rule_counts import RuleCount
from storage.text import counted, iso, one_line

LATELY = timedelta(days=7)
BAR = 40  # characters of the longest
MOST_PLACES = 2  # of an alert, that are shown
MOST_SHARED = 10  # rules
AS_IF = (
    "As if the rules had always been in the config and nobody had stopped one; what the article says of itself, and "
    "where it is listed, is taken as it is now."
)


def listed(rules: Sequence[Rule], lists: Sequence[NamedList], counts: Mapping[str, RuleCount], ways: Ways) -> str:
    """A few lines for each rule, then for each list."""
    said = ["\n".join(_listed(one, counts.get(one.name, RuleCount()), ways[one.name])) for one in rules]
    said = said or ["The config has no [[rule]]."]
    return "\n\n".join([*said, *("\n".join(_list(one)) for one in lists)])


def listed_as_json(
    rules: Sequence[Rule], lists: Sequence[NamedList], counts: Mapping[str, RuleCount], ways: Ways
) -> dict[str, Any]:
    return {"rules": _rules_as_json(rules, counts, ways), "lists": [asdict(one) for one in lists]}


def _rules_as_json(rules: Sequence[Rule], counts: Mapping[str, RuleCount], ways: Ways) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "query": one.query,
            "on": list(one.on),
            "sources": list(one.sources),
            "per": one.per,
            "channels": list(one.channels),
            "when": {way.channel: _when_as_json(way) for way in ways[one.name]},
            "stopped": [way.channel for way in ways[one.name] if way.stopped_at],
            "alerts_7_days": counts.get(one.name, RuleCount()).alerts,
            "untold_7_days": counts.get(one.name, RuleCount()).untold,
        }
        for one in rules
    ]


def _when_as_json(way: Way) -> dict[str, Any]:
    return {"plan": list(way.plan), "raised_now": iso(way.due_at)}


def tested(found: Backtest, rules: Rules, lists: Lists, *, in_full: bool) -> str:
    """`in_full`: with the alerts and what is shared; else a few lines for each rule."""
    lines = [f"{counted(found.judged, 'change')} since {words.moment(found.since)}. {AS_IF}"]
    if found.waiting:
        wait = "1 more waits" if found.waiting == 1 else f"{found.waiting:,} more wait"
        lines.append(f"{wait} to be judged, until others of the round were looked at.")
    if not found.rules:
        lines += ["", "The config has no [[rule]]."]
    for name, tally in found.rules.items():
        rule = rules.by_name[name]
        lines += ["", f"{name}: {one_line(rule.query, 300)}", *_counted(found, tally)]
        if found.began is not None:
            lines += [f"  {line}" for line in chart(tally, found.began, found.until)]
        if in_full:
            lines += [*_alerts(tally, rule, lists), *_shared(tally)]
    return "\n".join(lines)


def tested_as_json(found: Backtest, rules: Rules) -> dict[str, Any]:
    return {
        "since": iso(found.since),
        "until": iso(found.until),
        "changes": found.judged,
        "waiting": found.waiting,
        "rules": [
            {
                "name": name,
                "query": rules.by_name[name].query,
                "alerts": tally.alerts,
                "untold": dict(tally.untold),
                "weeks": [{"monday": f"{day}", "alerts": tally.weeks[day]} for day in _mondays(found)],
                "first": [_as_json(one) for one in tally.first],
                "first_untold": [_as_json(one) for one in tally.first_untold],
                "shared": dict(tally.shared),
            }
            for name, tally in found.rules.items()
        ],
    }


def chart(tally: Tally, began: datetime, until: datetime) -> Iterator[str]:
    """A bar for each week from its Monday on, those without an alert too."""
    most = max(tally.weeks.values(), default=0)
    for day in mondays(began, until):
        number = tally.weeks[day]
        length = max(1, round(number * BAR / most)) if number else 0
        yield f"{day}  {'█' * length}{' ' if length else ''}{number:,}"


def mondays(began: datetime, until: datetime) -> list[date]:
    first, last = monday_of(began), monday_of(until)
    return [first + timedelta(days=7 * one) for one in range((last - first).days // 7 + 1)]


def _mondays(found: Backtest) -> list[date]:
    return mondays(found.began, found.until) if found.began else []


def _listed(one: Rule, count: RuleCount, ways: Sequence[Way]) -> Iterator[str]:
    yield f"{one.name}: {one_line(one.query, 300)}"
    where = f", at {', '.join(one.sources)}" if one.sources else ""
    yield f"  on {', '.join(one.on)}{where}; {'once a story' if one.per == 'story' else 'every article'}"
    for way in ways:
        halt = " (stopped by its reader)" if way.stopped_at else ""
        yield f"  told through {way.channel}{halt}: {'; '.join(way.plan)}"
    if not ways:
        yield "  told nowhere: it has no channels"
    untold = f", nobody was told of {count.untold:,}" if count.untold and one.channels else ""
    yield f"  {counted(count.alerts, 'alert')} in the last 7 days{untold}"


def _list(one: NamedList) -> Iterator[str]:
    yield f"@{one.name}: {', '.join(map(one_line, one.variants))}"
    users = [*one.rules, *(f"the feed {name}" for name in one.feeds)]
    yield f"  used by {', '.join(users)}" if users else "  no rule uses it"


def _counted(found: Backtest, tally: Tally) -> Iterator[str]:
    days = max((found.until - found.began).total_seconds() / 86_400, 1.0) if found.began else 1.0
    rate = f", {tally.alerts * 7 / max(days, 7.0):.1f} a week" if tally.alerts else ""
    yield f"  {counted(tally.alerts, 'alert')}{rate}"
    for why, number in sorted(tally.untold.items(), key=lambda one: REASONS.get(one[0], 9)):
        yield f"  {number:,} would not have been told: {why}"


def _alerts(tally: Tally, rule: RuleConfig, lists: Lists) -> Iterator[str]:
    if tally.first:
        yield from ("", f"  {_first(len(tally.first), tally.alerts)}:")
    for one in tally.first:
        yield from (f"    {line}" for line in _alert(one, rule, lists))
    untold = tally.first_untold
    reasons = {one.untold for one in untold}
    reason = f" ({reasons.pop()})" if len(reasons) == 1 else ""  # that all share stands once, above them
    if untold:
        number = sum(tally.untold.values())
        yield from ("", f"  {_first(len(untold), number)} that would not have been told{reason}:")
    for one in untold:
        yield from (f"    {line}" for line in _alert(one, rule, lists))
        if not reason:
            yield f"      would not have been told: {one.untold}"


def _first(shown: int, of: int) -> str:
    if shown < of:
        return f"The first {shown} of {of:,} alerts"
    return "The alert" if of == 1 else f"The {of:,} alerts"


def _alert(one: Tried, rule: RuleConfig, lists: Lists) -> Iterator[str]:
    change = one.change
    revision = (change.before if one.holds == "no longer" else change.after) or change.before
    title = one_line(revision.article.title, 200) if revision else ""
    what = in_words(change.kind, change.cls, change.stealth)
    yield f"{change.seen_at.astimezone(UTC):%Y-%m-%d %H:%M}  {title or '(without a title)'}"
    yield f"  {what} at {', '.join(map(one_line, change.sources))}; {one.holds} matches; {one_line(change.url, 300)}"
    if revision is not None:
        clause = explain(parse(rule.query, lists), seen(revision, change))
        yield from (f"  {place}" for place in found_in(clause)[:MOST_PLACES])


def _shared(tally: Tally) -> Iterator[str]:
    if tally.shared:
        yield from ("", "  Alerts in common with other rules:")
    for name, number in tally.shared.most_common(MOST_SHARED):
        yield f"    {number / tally.alerts:4.0%}  {number:,} with {name}"
    if len(tally.shared) > MOST_SHARED:
        yield f"    and some with {len(tally.shared) - MOST_SHARED} more"


def _as_json(one: Tried) -> dict[str, Any]:
    revision = one.change.after or one.change.before
    return {
        "change": one.change.id,
        "article": one.change.guid,
        "url": one.change.url,
        "title": revision.article.title if revision else "",
        "sources": list(one.change.sources),
        "kind": str(one.change.kind),
        "class": one.change.cls,
        "seen_at": iso(one.change.seen_at),
        "holds": one.holds,
        "words": list(one.words),
        "told": one.counts,
        "untold": one.untold,
        "story_told_by": one.story_told,
    }
