"""What rules would have told of the past is what they told: a made-up newspaper, live first, then tried once more."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from scheduler import backtest, pipeline
from scheduler.backtest import HISTORY, MASS, STORY, Tried
from scheduler.judge import Rules
from scheduler.pipeline import Telling
from storage import outbox, replay
from storage.articles import Articles
from storage.gone import round_of
from storage.looks import Looks
from storage.model.articles import Article, When
from storage.model.looking import Link, Outcome
from storage.model.telling import RuleConfig
from storage.rhythm import Rhythm
from storage.schema.articles import article, change
from storage.schema.telling import alert
from storage.store import Store
from storage.writer import Writer
from tests.storage.watch import DAY, GAZETTE, HERALD, HOUR, MINUTE, START, Watch, report

EVERY_8H = Rhythm(tuple(8 * HOUR * number for number in range(1, 60)), spread=0)
RULES = (
    RuleConfig("lanterns", "lanterns", channels=("hook",)),
    RuleConfig("each", "lanterns", channels=("hook",), per="article"),
    RuleConfig("fire", "fire", channels=("hook",)),
    RuleConfig("fire news", "fire", on=("added",), channels=("hook",)),
    RuleConfig("no fire", "ships NOT fire", channels=("hook",)),
    RuleConfig("edits", "change:edited ships", channels=("hook",)),
    RuleConfig("gone", "ships", on=("removed", "restored"), channels=("hook",)),
    RuleConfig("young", "ships", max_age=timedelta(days=2), channels=("hook",)),
    RuleConfig("herald", "ships", sources=("herald",), channels=("hook",)),
    RuleConfig("not herald", "ships NOT source:herald", channels=("hook",)),
    RuleConfig("nowhere", "ships fire"),
)


@dataclass
class Town:
    """Two papers that print, edit, remove and reprint, and a daemon that judges after each round."""

    watch: Watch
    writer: Writer
    telling: Telling
    pages: dict[str, Article] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=lambda: {"gazette": [], "herald": []})
    gone: set[str] = field(default_factory=set)
    count: int = 0

    def print_(self, paper: str, words: str = "nobody complained", age: timedelta | None = None) -> str:
        self.count += 1
        url = f"https://{paper}.example/{self.count}"
        published = None if age is None else When(self.watch.now - age)
        self.pages[url] = replace(report(f"n{self.count}", words), published=published)
        self.lists[paper].insert(0, url)
        return url

    def reprint(self, paper: str, url: str) -> str:
        """Nearly the same words at another paper."""
        self.count += 1
        copy, text = f"https://{paper}.example/{self.count}", self.pages[url]
        self.pages[copy] = replace(text, title=f"Copy of {text.title}", body=f"{text.body}\n\nOur own view of it.")
        self.lists[paper].insert(0, copy)
        return copy

    def syndicate(self, paper: str, url: str) -> str:
        """The same article at another paper, which names where it is from: it is one article with two sources."""
        self.count += 1
        copy = f"https://{paper}.example/{self.count}"
        self.pages[copy] = replace(self.pages[url], original_url=url, canonical_url=url)
        self.lists[paper].insert(0, copy)
        return copy

    def edit(self, url: str, old: str, new: str) -> None:
        self.pages[url] = replace(self.pages[url], body=self.pages[url].body.replace(old, new))

    async def round(self, after: timedelta = 15 * MINUTE, *, judged: bool = True) -> None:
        """Not `judged`: the daemon is not there, and judges when it is back."""
        watch = self.watch
        watch.later(after)
        while claims := watch.claim():
            for claim in claims:
                for due in claim.listings:
                    watch.listed(claim, due, [Link(url, self.pages[url].title) for url in self.lists[due.source]])
                for one in claim.addresses:
                    if one.url in self.gone:
                        watch.failed(claim, one, Outcome.NOT_FOUND, "404")
                    else:
                        watch.read(claim, one, self.pages[one.url])
                watch.release(claim)
        watch.settle()
        if judged:
            await pipeline.raise_alerts(watch.store, self.writer, self.telling, lambda: watch.now)

    async def days(self, number: int) -> None:
        """Each with three rounds, and another a few minutes behind each, when siblings of edits are asked."""
        for _ in range(number * 3):
            await self.round(8 * HOUR - 12 * MINUTE)
            await self.round(12 * MINUTE)

    def live(self) -> list[dict[str, Any]]:
        rows = self.watch.rows(sa.select(alert).order_by(alert.c.id))
        changes = {row.id: row.change_id for row in rows}
        return [
            {
                "rule": row.rule,
                "change": row.change_id,
                "holds": row.holds,
                "words": row.words,
                "at": row.created_at,
                "untold": _told_in(row.untold, changes),
            }
            for row in rows
        ]

    def tried(self, rules: Sequence[RuleConfig] = RULES, since: timedelta = 365 * DAY) -> list[Tried]:
        found: list[Tried] = []
        now = self.watch.now
        backtest.run(self.watch.store, Rules(rules), now - since, now, heard=found.append)
        return found


def _told_in(untold: str, changes: Mapping[int, int]) -> str:
    """Alerts that are tried have no numbers: the change of the alert stands for it."""
    head, _, number = untold.rpartition(" in alert ")
    return f"{head} by {changes[int(number)]}" if head else untold


def as_live(found: Sequence[Tried]) -> list[dict[str, Any]]:
    return [
        {
            "rule": one.rule,
            "change": one.change.id,
            "holds": one.holds,
            "words": outbox.json.dumps(one.words, ensure_ascii=False),
            "at": one.at,
            "untold": f"{STORY} by {one.story_told}" if one.untold == STORY else one.untold,
        }
        for one in found
        if one.is_raised
    ]


@pytest.fixture
async def town(store: Store) -> AsyncIterator[Town]:
    """Both papers were looked at once: a fire and some ships are their history."""
    watch, writer = Watch(store, looks=Looks(EVERY_8H, DAY), articles=Articles(round_of(DAY))), Writer(store)
    town = Town(watch, writer, Telling(Rules(RULES), {}, (), ()))
    watch.config(GAZETTE, HERALD)
    store.write(lambda c: outbox.take_over_rules(c, RULES, watch.now))
    town.print_("gazette", "there was a fire")
    town.print_("herald")
    await town.round()
    yield town
    await asyncio.to_thread(writer.close)


async def test_a_life_is_told_once_more_as_it_was(town: Town) -> None:
    """Published, edited so that a rule holds, and no longer; removed, restored; a reprint; what is too old."""
    first, _ = town.print_("gazette"), town.print_("gazette", age=40 * DAY)
    await town.round()
    town.edit(first, "nobody complained", "a fire broke out")
    await town.days(1)
    town.edit(first, "a fire broke out", "nobody was there")
    copy = town.reprint("herald", first)
    await town.days(1)
    town.edit(copy, "ships", "fire ships")
    await town.days(1)
    town.gone.add(first)
    await town.days(3)
    town.gone.clear()
    town.print_("herald", "fire")
    await town.days(3)

    live, again = town.live(), town.tried()
    assert as_live(again) == live
    told = {(one["rule"], one["holds"]) for one in live}
    assert {
        ("fire", "now"),
        ("fire", "no longer"),
        ("lanterns", "still"),
        ("gone", "no longer"),
        ("gone", "now"),
    } <= told
    reasons = {one["untold"] for one in live}
    assert "older than the rule's max_age" in reasons and "no channel" in reasons
    assert any(one.startswith(STORY) for one in reasons)
    history = [one for one in again if one.untold == HISTORY]
    assert {one.rule for one in history} >= {"lanterns", "fire"} and not any(one.counts for one in history)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_the_papers_do(town: Town, seed: int) -> None:
    """A fortnight at random is told once more as it was, also from its middle on.

    Since when a second source lists an article nobody notes: where one does, no rule asks for sources.
    """
    chance, shares = random.Random(seed), bool(seed % 2)
    rules = [one for one in RULES if not shares or "herald" not in one.name]
    town.telling = replace(town.telling, rules=Rules(rules))
    for _ in range(14):
        urls = [url for url in town.pages if url not in town.gone]
        for _ in range(chance.randint(0, 4)):
            url, paper = chance.choice(urls), chance.choice(("gazette", "herald"))
            match chance.randint(0, 6):
                case 0 | 1:
                    age = chance.choice((None, HOUR, 5 * DAY))
                    town.print_(paper, chance.choice(("nobody cared", "there was a fire")), age)
                case 2:
                    town.reprint(paper, url)
                case 3:
                    town.edit(
                        url, *chance.choice((("nobody", "fire and nobody"), ("fire", "smoke"), ("ships", "boats")))
                    )
                case 4:
                    town.gone.add(url)
                case 5:
                    town.gone.clear()
                case _:
                    if shares and url not in town.lists[paper]:
                        town.lists[paper].insert(0, url)
        await town.days(1)
    live = town.live()
    assert len(live) > 20
    assert as_live(town.tried(rules)) == live

    middle = START + 8 * DAY
    recent = set(town.watch.rows(sa.select(change.c.id).where(change.c.seen_at >= middle)))
    ids = {row.id for row in recent}  # that were seen then
    since = town.watch.now - middle
    assert as_live(town.tried(rules, since)) == [one for one in live if one["change"] in ids]


async def test_an_article_is_as_old_as_when_it_was_judged(town: Town) -> None:
    """A daemon that was away for two days tells less of what happened meanwhile than one that was there."""
    town.print_("gazette", age=DAY)
    await town.round(judged=False)
    town.watch.later(2 * DAY)
    await town.round()
    live = town.live()
    assert {one["untold"] for one in live if one["rule"] == "young"} == {"older than the rule's max_age"}
    assert as_live(town.tried()) == live


async def test_an_article_that_another_source_shows_later_is_judged_twice(town: Town) -> None:
    """Rules that hold already give no second alert; those that ask for the other source give their first."""
    town.print_("gazette", "there was a fire")
    first = town.print_("gazette")
    await town.days(1)
    town.syndicate("herald", first)
    await town.days(2)
    live = town.live()
    assert [one["rule"] for one in live].count("herald") == 1
    of_it = [one for one in live if one["change"] == live[-1]["change"]]
    assert of_it[-1]["rule"] == "herald" and of_it[-1]["at"] > of_it[0]["at"]
    assert as_live(town.tried()) == live


async def test_a_rule_that_was_not_there_is_tried_as_if_it_had_been(town: Town) -> None:
    """Also on history, of which it would have told nobody."""
    town.print_("gazette", "there was a fire")
    await town.days(1)
    found = town.tried([RuleConfig("new", "fire", channels=("hook",))])
    assert [one.untold for one in found] == [HISTORY, ""]


async def test_what_a_mass_event_told_is_marked_so(town: Town) -> None:
    """A redesign that puts the same line into all articles is one message, and so it is when rules are tried."""
    for _ in range(30):
        town.print_("gazette")
    await town.days(2)
    for url in town.lists["gazette"]:
        text = town.pages[url]
        town.pages[url] = replace(text, body=f"{text.body}\n\nSubscribe to our letter about ships and fire today.")
    await town.days(2)
    assert town.watch.rows(sa.select(change).where(change.c.mass_id.is_not(None)))
    found = town.tried()
    assert as_live(found) == town.live()
    assert {one.rule for one in found if one.untold == MASS} >= {"fire", "edits"}


async def test_a_portion_at_a_time(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the archive: no more is read at once, and it says how far it is."""
    for _ in range(7):
        town.print_("gazette")
    await town.days(1)
    whole, said = as_live(town.tried()), []
    loaded: list[int] = []
    load = replay.load
    monkeypatch.setattr(backtest, "AT_ONCE", 3)
    monkeypatch.setattr(replay, "load", lambda c, wanted: loaded.append(len(wanted)) or load(c, wanted))
    found: list[Tried] = []
    now = town.watch.now
    made = backtest.run(town.watch.store, Rules(RULES), now - 9 * DAY, now, say=said.append, heard=found.append)
    assert as_live(found) == whole and max(loaded) == 3 and said[-1] == f"{made.judged} of {made.judged} changes judged"


async def test_weeks_reasons_and_what_rules_share(town: Town) -> None:
    town.print_("gazette", "there was a fire")
    await town.days(8)
    town.print_("gazette", "there was a fire")
    town.print_("gazette")
    await town.days(1)
    now = town.watch.now
    made = backtest.run(town.watch.store, Rules(RULES), now - 30 * DAY, now, most=1)
    fire = made.rules["fire"]
    assert fire.alerts == 2 and sorted(fire.weeks.values()) == [1, 1]
    assert all(day.weekday() == 0 for day in fire.weeks)
    assert fire.shared["lanterns"] == 2 and fire.untold == {HISTORY: 1}
    assert len(fire.first) == len(fire.first_untold) == 1
    assert made.rules["lanterns"].shared["fire"] == 2 and made.rules["lanterns"].alerts == 3
    only = backtest.run(town.watch.store, Rules(RULES), now - 30 * DAY, now, names=("fire",))
    assert list(only.rules) == ["fire"] and only.rules["fire"].shared == fire.shared


async def test_a_row_that_somebody_broke_holds_up_nothing(town: Town) -> None:
    town.print_("gazette", "there was a fire")
    await town.days(1)
    before = len(as_live(town.tried()))
    with town.watch.store.writer() as connection:
        connection.execute(sa.text("UPDATE revision SET meta = 'broken' WHERE id = 1"))
    assert len(as_live(town.tried())) == before  # it was one of history
    assert town.watch.rows(sa.select(article))


async def test_an_article_that_cannot_be_judged_by_all_is_judged_by_each(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As live: what a rule stumbles over takes no alert of another with it."""

    def stumbles(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(Rules, "judge", stumbles)
    town.print_("gazette", "there was a fire")
    await town.days(1)
    live = town.live()
    assert {one["rule"] for one in live} >= {"fire", "lanterns"}
    assert as_live(town.tried()) == live
