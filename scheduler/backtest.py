"""What rules would have told of the past: the same judge, stories and reasons as live, on what the archive holds.

It is as if the rules had always been in the config, and nobody had ever stopped one. What depends on the moment of
judging, an article's age, is reckoned from the time at which the change was in fact judged.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from scheduler.judge import Holds, Rules
from storage import replay
from storage.model.articles import Change
from storage.outbox import Judged
from storage.replay import Judging
from storage.store import Store

log = logging.getLogger("dateline.rules")

AT_ONCE = 200  # changes that are read together
NO_CHANNEL = "no channel"
HISTORY = "it is history: a first look listed it"
MASS = "told as part of a mass event"
STORY = "the same story was told"
REASONS = {HISTORY: 0, MASS: 1, STORY: 2}
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tried:
    """An alert that a rule would have given. `untold` is why nobody would have been told, "" where somebody would;
    `story_told` is the change by which its story was."""

    rule: str
    change: Change
    at: datetime
    holds: Holds
    words: tuple[str, ...]
    untold: str = ""
    story_told: int | None = None

    @property
    def is_raised(self) -> bool:
        """Would there be an alert at all? Of history and of what a mass event tells there is none."""
        return self.untold not in (HISTORY, MASS)

    @property
    def counts(self) -> bool:
        """A rule without channels is told nowhere, and is to be counted for all that."""
        return self.untold in ("", NO_CHANNEL)


@dataclass(slots=True)
class Tally:
    """What a rule would have given: alerts a week (the Monday with which it began, UTC), those of other rules on the
    same changes, reasons for those that nobody would have been told of, and the first of each."""

    weeks: Counter[date] = field(default_factory=Counter)
    shared: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    first: list[Tried] = field(default_factory=list)
    first_untold: list[Tried] = field(default_factory=list)

    @property
    def alerts(self) -> int:
        return self.weeks.total()

    def add(self, one: Tried, others: Iterable[str], most: int) -> None:
        if one.counts:
            self.weeks[monday_of(one.at)] += 1
            self.shared.update(others)
            kept = self.first
        else:
            self.untold[one.untold] += 1
            kept = self.first_untold
        if len(kept) < most:
            kept.append(one)


@dataclass(frozen=True, slots=True)
class Backtest:
    """`rules` in the order of the config. `judged` counts changes, `began` is when the first of them was seen; None
    where there was none."""

    since: datetime
    until: datetime
    judged: int
    waiting: int
    began: datetime | None
    rules: dict[str, Tally]


class Replay:
    """Judges the past once more, change by change in its order. `earlier` answers what was judged of a story before
    the first of them: it may have been told then."""

    def __init__(self, rules: Rules, earlier: Callable[[int], Iterable[Judging]]) -> None:
        self._rules, self._earlier = rules, earlier
        self._loaded_at = dict.fromkeys(rules.by_name, _EVER)
        self._told: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)  # source and change
        self._asked: set[int] = set()  # stories
        self._twice: set[tuple[int, str]] = set()

    def judge(self, one: Judging) -> list[Tried]:
        """What the rules would have given for a change, in the order of the config; empty where it waits."""
        if one.at is None:
            return []
        try:
            judged = self._rules.judge(one.change, self._loaded_at, one.at)
        except Exception:  # as live: a rule that fails takes no other with it
            log.exception("cannot judge change=%d url=%s", one.change.id, one.change.url)
            judged, _ = self._rules.judge_apart(one.change, self._loaded_at, one.at)
        return [self._tried(one, each, one.at) for each in judged if self._is_fresh(one, each)]

    def _is_fresh(self, one: Judging, judged: Judged) -> bool:
        """A change that is judged again raises no second alert."""
        if not one.is_twice:
            return True
        key = (one.change.id, judged.rule)
        is_fresh = key not in self._twice
        self._twice.add(key)
        return is_fresh

    def _tried(self, one: Judging, judged: Judged, at: datetime) -> Tried:
        untold, story_told = judged.untold, None
        if one.history or one.mass_id is not None:
            untold = HISTORY if one.history else MASS
        elif judged.once_a_story and not untold and (story_told := self._told_by(one, judged.rule)) is not None:
            untold = STORY
        untold = untold or ("" if judged.channels else NO_CHANNEL)
        if not untold and judged.once_a_story and one.story_id is not None and one.change.also_at:
            self._told[judged.rule, one.story_id].append((one.source_id, one.change.id))
        return Tried(judged.rule, one.change, at, judged.holds, judged.words, untold, story_told)

    def _told_by(self, one: Judging, rule: str) -> int | None:
        """The change of another source by which a story was told."""
        if one.story_id is None or not one.change.also_at:
            return None
        if one.story_id not in self._asked:
            self._asked.add(one.story_id)
            for before in self._earlier(one.story_id):
                self.judge(before)
        told = self._told[rule, one.story_id]
        return next((change_id for source_id, change_id in told if source_id != one.source_id), None)


def run(
    store: Store,
    rules: Rules,
    since: datetime,
    now: datetime,
    *,
    most: int = 20,
    names: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
    heard: Callable[[Tried], None] = lambda _: None,
) -> Backtest:
    """Try rules on all that was seen since then: those of `names`, all where none is named; the others are compared
    with them. `say` gets the progress, `heard` all that the rules would have given.

    A portion is read at a time, so that an archive of any size needs little memory, and no read lasts.
    """
    with store.reader() as connection:
        past, waiting = replay.past(connection, since), replay.waiting(connection, since)

    def earlier(story_id: int) -> list[Judging]:
        with store.reader() as connection:
            before = replay.of_story_before(connection, story_id, since)
            return [one for part in before.portions(AT_ONCE) for one in replay.load(connection, part)]

    again = Replay(rules, earlier)
    tallies = {name: Tally() for name in names or rules.by_name}
    began: datetime | None = None
    done = 0
    for part in past.portions(AT_ONCE):
        with store.reader() as connection:
            judgings = replay.load(connection, part)
        for one in judgings:
            began = min(began or one.change.seen_at, one.change.seen_at)
            tried = again.judge(one)
            told = [each.rule for each in tried if each.counts]
            for each in tried:
                heard(each)
                if each.rule in tallies:
                    tallies[each.rule].add(each, (name for name in told if name != each.rule), most)
        done += len(part)
        say(f"{done:,} of {len(past):,} changes judged")
    return Backtest(since, now, len(past) - sum(past.firsts), waiting, began, tallies)


def monday_of(at: datetime) -> date:
    day = at.astimezone(UTC).date()
    return day - timedelta(days=min(day.weekday(), (day - date.min).days))
