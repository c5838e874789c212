"""What may come between while a change is judged: a rule's fault, another source, a text of a megabyte."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from scheduler import pipeline
from scheduler.demo.postbox import Postbox
from scheduler.judge import Rules
from scheduler.places import Places
from storage.model.articles import Article, Change
from storage.model.telling import RuleConfig
from storage.schema.articles import article_source
from storage.schema.looking import source
from tests.scheduler.clockwork import RULES, Clockwork
from tests.storage.watch import GAZETTE, HERALD, MINUTE, link, report


@dataclass
class Stumbling:
    """Rules with a fault that one article finds."""

    rules: Rules
    over: str
    by_name: Mapping[str, RuleConfig] = field(default_factory=dict)

    def judge(self, change: Change, *more: Any) -> list[Any]:
        if change.url.endswith(self.over):
            raise RecursionError
        return self.rules.judge(change, *more)

    def judge_apart(self, *change: Any) -> tuple[list[Any], list[str]]:
        judged, _ = self.rules.judge_apart(*change)
        return [one for one in judged if one.rule != "lanterns"], ["lanterns"]

    def places(self, *asked: Any) -> Places:
        return self.rules.places(*asked)


async def test_a_rule_that_fails_on_an_article_holds_up_no_other(clockwork: Clockwork, postbox: Postbox) -> None:
    """It is named and told to the operator; other rules are told of the article, and of the others all are."""
    stumbling: Any = Stumbling(clockwork.telling.rules, over="/a1")
    clockwork.telling = replace(clockwork.telling, rules=stumbling)
    clockwork.desk.publish(3)
    await clockwork.tick()
    told = [len(hook.content["data"]["alerts"]) for hook in postbox.received_hooks]
    assert sorted(told) == [2, 3]
    assert clockwork.notices() == ["an article could not be judged"]
    assert await clockwork.tick() == []


@dataclass
class Interrupted:
    """Rules that take so long to judge that something happens meanwhile, once."""

    rules: Rules
    happens: list[Callable[[], None]]

    def judge(self, *change: Any) -> list[Any]:
        judged = self.rules.judge(*change)
        while self.happens:
            self.happens.pop()()
        return judged


async def test_a_source_that_lists_an_article_while_it_is_judged_is_heard(clockwork: Clockwork) -> None:
    """The rules of that source alone are asked of it, too, and nobody is told twice."""
    rules = (*RULES, RuleConfig("herald", "harbour", sources=("herald",)))
    clockwork.desk.config(rules, ["hook"])
    clockwork.desk.publish()
    clockwork.desk.watch.config(GAZETTE, HERALD)

    def is_listed() -> None:
        [number] = clockwork.desk.watch.rows(sa.select(source.c.id).where(source.c.name == "herald"))
        listed = {"source_id": number.id, "article_id": 1, "first_seen_at": clockwork.clock()}
        clockwork.store.write(lambda c: c.execute(article_source.insert().values(listed)))

    interrupted: Any = Interrupted(Rules(rules), [is_listed])
    clockwork.telling = replace(clockwork.telling, rules=interrupted)
    raised = await pipeline.raise_alerts(clockwork.store, clockwork.writer, clockwork.telling, clockwork.clock)
    assert raised == 3 and [row.rule for row in clockwork.desk.alerts()] == ["harbour", "lanterns", "herald"]


@dataclass
class Observed:
    """Rules that note on which thread they were asked."""

    rules: Rules
    by_name: Mapping[str, RuleConfig]
    threads: list[threading.Thread] = field(default_factory=list)

    def judge(self, *change: Any) -> list[Any]:
        self.threads.append(threading.current_thread())
        return self.rules.judge(*change)

    def places(self, *asked: Any) -> Places:
        self.threads.append(threading.current_thread())
        return self.rules.places(*asked)


async def test_a_long_text_holds_up_nothing_else(clockwork: Clockwork) -> None:
    """Judged, and put into words, beside the loop that serves the pages and feeds; an ordinary one costs no thread."""
    observed: Any = Observed(clockwork.telling.rules, clockwork.telling.rules.by_name)
    clockwork.telling = replace(clockwork.telling, rules=observed)
    clockwork.desk.publish()
    assert await clockwork.tick() == [2]
    assert set(observed.threads) == {threading.main_thread()}
    observed.threads.clear()
    clockwork.desk.watch.later(15 * MINUTE)
    clockwork.desk.watch.round([link("a1")], says=_at_length)
    assert await clockwork.tick() == [2]
    assert len(observed.threads) >= 3 and threading.main_thread() not in observed.threads


def _at_length(name: str) -> Article:
    short = report(name)
    return replace(short, body="\n\n".join([short.body, "and so on " * (pipeline.LETTERS_HERE // 10)]))
