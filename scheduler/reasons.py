"""Why a rule told of a change, or what kept it from doing so. Pure decisions; what they need is passed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from scheduler.duration import in_words
from scheduler.judge import Holds, asked_for, dates, holds, is_too_old, seen
from scheduler.places import of_lists
from scheduler.plan_words import gathers_in_words
from scheduler.query.explain import Clause, explain
from scheduler.query.flips import flips
from scheduler.timing import Plans
from scheduler.web import words
from storage.fates import Fate
from storage.model.articles import ChangeKind, EditClass
from storage.model.telling import DeliveryState, RuleConfig
from storage.query import Query
from storage.reasons import Loaded, Raised, Step
from storage.stopped import in_words as stopped_in_words
from storage.text import counted, one_line

MOST_TURNED = 10  # clauses that a sentence names


@dataclass(frozen=True, slots=True)
class Known:
    """What counts beside the change: the rule as it was taken over, what readers have stopped, and the plans."""

    loaded: Loaded | None
    stopped: Mapping[tuple[str, str], datetime]
    plans: Plans
    now: datetime


@dataclass(frozen=True, slots=True)
class Reasons:
    """A rule and a change. `before` and `after` are the query clause by clause, None where there is no such text.

    `listed_before` and `listed_after` say by which of their names the lists of the query hold there, as `of_lists`.
    `holds` None: the query says nothing of the change. `flips`: what would make its answer another, in words.
    `against` is all that kept it from being told, or keeps it still; empty where it was told through every channel.
    `passed_over` are those of them for which an alert has no delivery.
    """

    step: Step
    holds: Holds | None
    before: Clause | None
    after: Clause | None
    flips: tuple[str, ...]
    against: tuple[str, ...]
    passed_over: tuple[str, ...] = ()
    listed_before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    listed_after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def alert(self) -> Raised | None:
        return self.step.alert

    @property
    def is_told(self) -> bool:
        """Did the alert reach somebody?"""
        return any(one.state == DeliveryState.SENT for one in (self.alert.fates if self.alert else ()))

    @property
    def is_kept_back(self) -> bool:
        """Is there an alert that reaches nobody, unless a person sends it: all of its deliveries, if any, are ended?"""
        ended = (DeliveryState.GIVEN_UP, DeliveryState.DROPPED)
        return self.alert is not None and all(one.state in ended for one in self.alert.fates)


def reasons(rule: RuleConfig, query: Query, step: Step, known: Known) -> Reasons:
    """Everything that speaks for and against telling of a change, by the rule as it is now."""
    change = step.change
    before, after = (seen(one, change) if one else None for one in (change.before, change.after))
    clauses = [explain(query, one) if one else None for one in (before, after)]
    held = holds(change.kind, *(one is not None and one.holds for one in clauses))
    decides = before if change.kind == ChangeKind.REMOVED else after
    turned = flips(query, decides) if decides is not None else ()
    found = Reasons(
        step,
        held,
        clauses[0],
        clauses[1],
        turned,
        (),
        (),
        *(of_lists(query, one) if one else {} for one in (before, after)),
    )
    if step.alert is None:
        return replace(found, against=tuple(_no_alert(rule, step, held, turned, known)))
    passed_over = tuple(_passed_over(rule, step.alert, known))
    unsent = [one for one in step.alert.fates if one.state != DeliveryState.SENT]
    waits = tuple(f"{one.channel}: {fate_in_words(one, known.plans)}" for one in unsent)
    return replace(found, against=(*waits, *passed_over), passed_over=passed_over)


def _no_alert(rule: RuleConfig, step: Step, held: Holds | None, turned: tuple[str, ...], known: Known) -> Iterator[str]:
    """Why a change gave no alert."""
    change, kept = step.change, False
    for one in _of_the_rule(rule, step, held, turned, known):
        kept = True
        yield one
    if step.history:
        yield "it is history: a first look or a back-fill listed it, and nobody is told of what was there before"
    elif step.mass_id is not None:
        yield f"it is part of mass event {step.mass_id}, which is told as one: dateline mass {step.mass_id}"
    elif known.loaded is None or known.loaded.retired_at is not None:
        yield "the daemon has not loaded this rule yet: a rule holds for what is seen from its first load on"
    elif change.seen_at < known.loaded.loaded_at:
        yield (
            f"this was seen before the rule was loaded, {words.moment(known.loaded.loaded_at)}: a rule holds for what "
            "is seen from its first load on"
        )
    elif step.matched_at is None:
        yield f"it was not judged yet: {_waits_for(step, known.now)}"
    elif known.loaded.query != rule.query:
        yield f"the daemon has not taken over this query yet; it has: {known.loaded.query}"
    elif not kept:
        yield (
            f"by the rule as it is now it would be told; when it was judged, {words.moment(step.matched_at)}, the rule "
            "or the article's sources were others, or an error of Dateline's own stands in its log"
        )


def _of_the_rule(
    rule: RuleConfig, step: Step, held: Holds | None, turned: tuple[str, ...], known: Known
) -> Iterator[str]:
    """What the rule itself has against a change."""
    change = step.change
    if held is None:
        yield f"the query does not hold; {would(turned, 'it would hold')}"
    if rule.sources and not set(rule.sources) & set(change.sources):
        asked, listed = ", ".join(rule.sources), ", ".join(change.sources)
        yield f"the rule asks for {asked} alone; the article is listed at {listed}"
    if not asked_for(replace(rule, sources=()), change, held or "now"):
        revision = change.after or change.before
        names = sorted(seen(revision, change).changes) if revision else [str(change.kind)]
        label = ", an edit of typography alone" if change.cls == EditClass.LABEL else ""
        yield f"the rule asks for {', '.join(rule.on)}; this is {', '.join(names)}{label}"
    judged_at = step.matched_at or known.now
    if rule.max_age is not None and is_too_old(change, rule.max_age, judged_at):
        yield f"it is dated {words.published(dates(change)[0])}: older than max_age, {in_words(rule.max_age)}"


def would(turned: tuple[str, ...], what: str) -> str:
    """What would make a query answer otherwise, as a clause of a sentence."""
    if not turned:
        return "nothing would make that otherwise: it contradicts itself"
    more = f" and {len(turned) - MOST_TURNED} more like these" if len(turned) > MOST_TURNED else ""
    return f"{what} {' and '.join(turned[:MOST_TURNED])}{more}"


def _waits_for(step: Step, now: datetime) -> str:
    if step.due_at is not None and step.due_at > now:
        return f"that is done {words.ahead(step.due_at, now)}, when its round is over"
    if not step.is_placed:
        return "its article was not compared with others yet, which the daemon or `dateline once` does"
    return "the daemon, or `dateline once`, does so"


def _passed_over(rule: RuleConfig, alert: Raised, known: Known) -> Iterator[str]:
    """Why an alert has no delivery, at all or for a channel of its rule."""
    if alert.untold:
        yield alert.untold
    told = {one.channel for one in alert.fates}
    for name in rule.channels if alert.fates else ():
        if name not in told:
            at = known.stopped.get((alert.rule, name))
            why = stopped_in_words(at) if at else "its rule did not name this channel then, or was stopped there"
            yield f"{name}: {why}"


def fate_in_words(one: Fate, plans: Plans) -> str:
    """What became of a delivery, with its times, and why."""
    at = f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if one.at else ""
    attempts = counted(one.attempts, "attempt")
    reason, answer = one_line(one.reason, 300), one_line(one.answer, 300)
    why = f": {reason}" if reason else ""
    match one.state:
        case DeliveryState.OPEN if one.at is not None:
            return gathers_in_words(plans.of(one.rule, one.channel), one.at)
        case DeliveryState.PENDING if one.waits_its_turn:
            return f"waits for its turn since {at}"
        case DeliveryState.PENDING:
            return f"next attempt {at}, {attempts}{why}"
        case DeliveryState.PAUSED:
            return f"paused with its channel{why}{f'; next probe {at}' if at else ''}"
        case DeliveryState.SENT:
            to = f" to {one_line(one.sent_to)}" if one.sent_to else ""
            return f"sent {at}{to}, {attempts}{f', answered {answer}' if answer else ''}"
        case DeliveryState.GIVEN_UP:
            return f"given up after {attempts}{why}"
    return reason if reason.startswith("dropped") else f"dropped{why}"
