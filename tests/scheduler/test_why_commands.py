"""`dateline why` and `why-not`: each thing that tells of a change or keeps it back, on a real store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scheduler import pipeline
from scheduler.cli import main
from scheduler.config import Config, read_config
from scheduler.judge import Rules
from scheduler.pipeline import Telling
from storage import deliveries, mass, outbox, stopped, tombstones
from storage.model.articles import Article, When
from storage.schema.articles import address, article, change
from storage.schema.telling import alert, rule
from storage.store import Connection, Store
from storage.writer import Writer
from tests.storage.desk import Desk
from tests.storage.watch import DAY, GAZETTE, HERALD, HOUR, MINUTE, Watch, link, report

CONFIG = """
[[source]]
name = "gazette"
url = "https://gazette.example/news"
[[source]]
name = "herald"
url = "https://herald.example/list"
[[rule]]
name = "Harbour fire"
query = "title:title fire NOT smoke"
channels = ["hook"]
max_age = "2d"
[[rule]]
name = "herald added"
query = "lanterns"
sources = ["herald"]
on = ["added"]
channels = ["hook"]
[[channel]]
name = "hook"
type = "webhook"
url = "http://127.0.0.1:9/"
{extra}
[storage]
url = "{url}"
"""


@dataclass
class Office:
    """A paper, a store, and the steps of a daemon as far as they raise alerts."""

    desk: Desk
    writer: Writer
    path: Path
    config: Config
    pages: dict[str, Article] = field(default_factory=dict)

    @property
    def watch(self) -> Watch:
        return self.desk.watch

    def set(self, extra: str = "", text: str = CONFIG) -> None:
        self.path.write_text(text.format(url=self.watch.store.url, extra=extra), encoding="utf-8")
        self.config = read_config(self.path.read_text(encoding="utf-8"), self.path)

    def write(self, what: Any) -> None:
        self.watch.store.write(lambda c: c.execute(what))

    async def look(self, text: Article | str, name: str = "a", *, judged: bool = True, later: timedelta = HOUR) -> str:
        """The paper shows this text; answers its address."""
        self.pages[name] = report(name, text) if isinstance(text, str) else text
        self.watch.later(later).round([link(one) for one in self.pages], says=self.pages.__getitem__)
        self.write(change.update().values(due_at=None))
        if judged:
            await self.judge()
        return f"https://gazette.example/{name}"

    async def judge(self) -> None:
        telling = Telling(Rules(self.config.rules, self.config.lists), {}, (), (MINUTE,), self.config.plans)
        await pipeline.raise_alerts(self.watch.store, self.writer, telling, lambda: self.watch.now)

    def call(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, [arguments[0], "--config", str(self.path), *arguments[1:]])

    def said(self, *arguments: str) -> str:
        answer = self.call(*arguments)
        assert answer.exit_code == 0, answer.output
        return answer.output

    def changes(self, url: str, rule: str = "Harbour fire") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.said("why-not", rule, url, "--json"))["changes"]
        return found

    def against(self, url: str, rule: str = "Harbour fire") -> list[str]:
        """What keeps back the newest change."""
        found: list[str] = self.changes(url, rule)[-1]["against"]
        return found


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Office]:
    path, writer = tmp_path / "config.toml", Writer(store)
    made = Office(Desk(Watch(store)), writer, path, read_config(CONFIG.format(url=store.url, extra=""), path))
    made.set()
    made.watch.config(GAZETTE)
    made.desk.config(made.config.rules, ["hook"])
    made.watch.round()  # the first look, which lists history
    yield made
    await asyncio.to_thread(writer.close)


async def test_an_alert_is_explained_clause_by_clause(office: Office) -> None:
    """The change, the rule, what was found, what would have made it otherwise, and the receipt."""
    await office.look("there was a fire")
    office.desk.close()
    due = office.desk.take("hook")
    office.watch.store.write(lambda c: deliveries.sent(c, due, office.watch.now, "204 No Content", "desk"))
    said = office.said("why", "1")
    for words in (
        "Alert 1 of the rule Harbour fire, raised 1 March 2026, 13:00 UTC: it holds now",
        "added: Title of a\n  https://gazette.example/a\n  listed at gazette; without a date",
        "Harbour fire: title:title fire NOT smoke\n  on added, edited, removed, restored; sources all; max_age 2d",
        "yes title:title   title: [Title] of a\n",
        "    yes not\n      no  smoke\n",
        "It would not hold if title did not hold title.",
        f"hook  {due.delivery.id}  sent 2026-03-01 13:00:00 UTC to desk, 1 attempt, answered 204 No Content",
    ):
        assert words in said
    told = json.loads(office.said("why", "#1", "--json"))
    assert told["told"] and told["alert"]["deliveries"][0]["answer"] == "204 No Content"
    assert [part["holds"] for part in told["after"]["parts"]] == [True, True, True]
    assert told["rule"]["max_age"] == "2d" and told["against"] == []
    assert "It was told: dateline why 1" in office.said("why-not", "harbour FIRE", told["change"]["guid"])


async def test_a_list_says_which_of_its_names_stand_there(office: Office) -> None:
    """A list is one clause; its reader sees by which name it held."""
    lists = '[lists]\nblazes = ["wild fire", "FIRE", "inferno"]'
    office.set(lists, CONFIG.replace("title:title fire NOT smoke", "@blazes NOT smoke"))
    await office.look("there was a fire")
    assert "    yes @blazes (FIRE)   body: " in office.said("why", "1")
    told = json.loads(office.said("why", "1", "--json"))
    assert told["lists"] == {"before": {}, "after": {"@blazes": ["FIRE"]}}


async def test_what_a_query_lacks(office: Office) -> None:
    """In words, with the least that would do."""
    url = await office.look("there was a fire with smoke")
    assert office.against(url) == ["the query does not hold; it would hold if title or body did not hold smoke"]
    other = await office.look("nobody complained", "b")
    assert office.against(other) == ["the query does not hold; it would hold if title or body held fire"]
    assert "- the query does not hold; it would hold if title or body held fire" in office.said(
        "why-not", "Harbour fire", other
    )


async def test_every_change_is_answered_by_itself(office: Office) -> None:
    """An edit after which the rule holds, and one after which it does no longer: the text before and after."""
    url = await office.look("nobody complained")
    await office.look("a fire broke out", later=5 * HOUR)
    await office.look("all of the sailors went home", later=DAY)
    added, edited, again = office.changes(url)
    assert (added["alert"], edited["holds"], again["holds"]) == (None, "now", "no longer")
    assert edited["before"]["holds"] is False and edited["after"]["holds"] is True
    said = office.said("why", str(again["alert"]["id"]))
    assert "it holds no longer" in said and "text before the change:" in said and "text after the change:" in said


async def test_sources_kinds_age_and_history(office: Office) -> None:
    old = replace(report("a", "there was a fire"), published=When(office.watch.now - 9 * DAY))
    url = await office.look(old)
    assert office.against(url) == ["older than the rule's max_age"]  # of the alert that was raised
    assert office.against(url, "herald added")[0] == "the rule asks for herald alone; the article is listed at gazette"
    office.write(alert.delete())
    assert office.against(url)[0] == "it is dated 20 February 2026, 12:00 UTC: older than max_age, 2d"
    await office.look(replace(old, body=old.body.replace("there was a fire", "a fire broke out")), later=5 * HOUR)
    assert office.against(url, "herald added")[1].startswith("the rule asks for added; this is edited")
    office.write(change.update().values(history=True))
    assert office.against(url, "herald added")[-1].startswith("it is history")


async def test_dates_that_cannot_be_and_signs_that_do_harm(office: Office) -> None:
    """The last day that there is, and a title that would write over the terminal."""
    last = When(datetime(9999, 12, 31, tzinfo=UTC), "day")
    url = await office.look(replace(report("a", "a fire"), title="Title \u202e\x1b[2J of\r\na", published=last))
    said = office.said("why-not", "Harbour fire", url)
    assert "dated 31 December 9999" in said and "dateline why 1" in said
    assert not {"\u202e", "\x1b", "\r"} & set(said + office.said("why", "1"))


async def test_a_sentence_names_only_so_many_clauses(office: Office) -> None:
    """All of them stand in the JSON."""
    office.set(text=CONFIG.replace("title:title fire", " ".join(f"word{number}" for number in range(300))))
    url = await office.look("nobody complained")
    assert "if title or body held word9 and 290 more like these" in office.said("why-not", "Harbour fire", url)
    assert len(office.changes(url)[0]["flips"]) == 300


async def test_a_rule_that_came_later_or_is_not_taken_over(office: Office) -> None:
    url = await office.look("there was a fire", judged=False)
    await office.judge()
    for table in ("delivery_alert", "alert"):
        office.watch.store.write(lambda c, table=table: c.exec_driver_sql(f"DELETE FROM {table}"))
    assert office.against(url)[0].startswith("by the rule as it is now it would be told; when it was judged")
    office.write(rule.update().values(query="ships"))
    assert office.against(url) == ["the daemon has not taken over this query yet; it has: ships"]
    office.write(rule.update().values(loaded_at=office.watch.now + HOUR))
    assert office.against(url)[0].startswith("this was seen before the rule was loaded, 1 March 2026, 14:00 UTC")
    office.write(rule.delete())
    assert office.against(url)[0].startswith("the daemon has not loaded this rule yet")


async def test_what_is_not_judged_yet(office: Office) -> None:
    """It has no story, waits for its round, or is next."""
    url = await office.look("there was a fire", judged=False)
    [one] = office.against(url)
    assert one.startswith("it was not judged yet: its article was not compared with others")
    office.watch.place()
    assert office.against(url) == ["it was not judged yet: the daemon, or `dateline once`, does so"]
    office.write(change.update().values(due_at=office.watch.now + 900 * DAY))
    assert "when its round is over" in office.against(url)[0]


async def test_a_mass_event_tells_in_its_place(office: Office) -> None:
    url = await office.look("there was a fire", judged=False)

    def hold(connection: Connection) -> None:
        event = mass.begin(connection, "edited", "gazette.example", 1, office.watch.now)
        connection.execute(change.update().values(mass_id=event.id, matched_at=office.watch.now))

    office.watch.store.write(hold)
    assert office.against(url) == ["it is part of mass event 1, which is told as one: dateline mass 1"]


async def test_a_story_that_was_told_already(office: Office) -> None:
    await office.look("there was a fire")
    await office.look("there was a fire", "b", judged=False)
    one, two = [row.id for row in office.watch.rows(article.select().order_by(article.c.id))]
    office.watch.place()
    office.watch.config(GAZETTE, HERALD)
    office.write(article.update().where(article.c.id == two).values(story_id=one, source_id=2))
    await office.judge()
    assert office.against("https://gazette.example/b") == ["the same story was told in alert 1"]
    assert "It was raised, and is not told: dateline why 2" in office.said(
        "why-not", "Harbour fire", "https://gazette.example/b"
    )


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("open", "hook: gathers until 2026-03-01 13:00:00 UTC"),
        ("quiet", "hook: next attempt 2026-03-01 14:00:00 UTC, 0 attempts: quiet hours"),
        ("limit", "hook: next attempt 2026-03-01 14:00:00 UTC, 0 attempts: over the channel's limit of 1 per hour"),
        ("paused", "hook: paused with its channel: refused; next probe"),
        ("gone", "hook: paused with its channel: no such channel in the config"),
        ("dropped", "hook: dropped by hand: old hat"),
        ("given up", "hook: given up after 1 attempt: 550 no such user"),
        ("stopped", "hook: dropped: stopped by its reader on 1 March 2026"),
        ("stopped before", "stopped by its reader on 1 March 2026"),
    ],
)
async def test_what_keeps_a_delivery(office: Office, what: str, expected: str) -> None:
    """An alert was raised, and its reader has nothing yet."""
    watch, desk = office.watch, office.desk
    if what == "stopped before":
        watch.store.write(lambda c: stopped.stop(c, "Harbour fire", "hook", watch.now))
    url = await office.look("there was a fire")
    if what in ("quiet", "limit", "paused", "given up"):
        desk.close()
    why = {"quiet": "quiet hours", "limit": "over the channel's limit of 1 per hour"}.get(what, "")
    match what:
        case "quiet" | "limit":
            due = desk.due_together("hook")
            watch.store.write(lambda c: deliveries.hold_until(c, due, watch.now + HOUR, why))
        case "paused":
            desk.pause("hook")
        case "gone":
            watch.store.write(lambda c: outbox.take_over_channels(c, [], watch.now))
            desk.close()
        case "dropped":
            desk.drop(desk.deliveries()[0].id, "old hat")
        case "given up":
            desk.given_up("hook")
        case "stopped":
            watch.store.write(lambda c: stopped.stop(c, "Harbour fire", "hook", watch.now))
    [one] = office.against(url)
    assert one.startswith(expected)
    assert one.removeprefix("hook: ") in office.said("why", "1")
    assert office.changes(url)[-1]["told"] is False
    is_ended = what in ("dropped", "given up", "stopped", "stopped before")
    said = "and is not told:" if is_ended else "and not told yet:"
    assert f"It was raised, {said} dateline why 1" in office.said("why-not", "Harbour fire", url)


async def test_what_gathers_into_quiet_hours_says_so(office: Office) -> None:
    """Its reason and its time, wherever it is asked for."""
    office.set('quiet = { hours = "12:00-18:00" }')
    url = await office.look("there was a fire")
    office.watch.store.write(lambda c: outbox.replan(c, office.config.plans.due_at, office.watch.now))
    said = "gathers until 2026-03-01 18:00:00 UTC: quiet hours"
    assert office.against(url) == [f"hook: {said}"]
    assert said in office.said("why", "1")
    [row] = office.desk.deliveries()
    assert office.said("deliveries").endswith(f"open      hook  Harbour fire: 1 alert  {said}\n")
    assert f"  held          {said}\n" in office.call("deliveries", "show", row.id).output
    [told] = json.loads(office.said("deliveries", "--json"))
    assert (told["held"], told["closes_at"]) == ("quiet hours", "2026-03-01T18:00:00Z")
    office.watch.later(6 * HOUR)
    office.desk.close()
    due, at = office.desk.due_together("hook"), office.watch.now + HOUR
    office.watch.store.write(lambda c: deliveries.hold_until(c, due, at, "over the channel's limit of 1/1h"))
    assert f"over the channel's limit of 1/1h until {at:%Y-%m-%d %H:%M:%S} UTC" in office.said("deliveries")


async def test_a_digest_that_gathers_says_so(office: Office) -> None:
    office.set('digest = "0 18 * * *"')
    url = await office.look("there was a fire")
    assert office.against(url) == ["hook: gathers for its digest until 2026-03-01 18:00:00 UTC"]


async def test_one_of_two_channels_that_a_reader_stopped(office: Office) -> None:
    """The other is told, and the answer names both."""
    text = CONFIG.replace('["hook"]', '["hook", "spare"]', 1)
    office.set('[[channel]]\nname = "spare"\ntype = "webhook"\nurl = "http://127.0.0.1:9/"', text)
    office.watch.store.write(lambda c: outbox.take_over_channels(c, ["hook", "spare"], office.watch.now))
    office.watch.store.write(lambda c: stopped.stop(c, "Harbour fire", "spare", office.watch.now))
    url = await office.look("there was a fire")
    assert office.against(url)[1] == "spare: stopped by its reader on 1 March 2026"


async def test_a_rule_that_left_the_config(office: Office) -> None:
    """Its alerts are explained by the query that it had last; `why-not` knows rules of the config alone."""
    await office.look("there was a fire")
    office.set(text=CONFIG.replace("Harbour fire", "Harbor fires"))
    assert "Harbour fire: title:title fire NOT smoke" in office.said("why", "1")
    answer = office.call("why-not", "Harbour fire", "https://gazette.example/a")
    assert answer.exit_code == 1 and "there is no rule 'Harbour fire'; did you mean Harbor fires?" in answer.output
    office.write(rule.update().values(query="@gone"))
    answer = office.call("why", "1")
    assert answer.exit_code == 1 and "left the config, and its query '@gone' cannot be read any more" in answer.output


async def test_names_that_are_none(office: Office) -> None:
    """Whatever is named, the answer is a line with what is near."""
    assert "no alert was raised yet" in office.call("why", "12").output
    await office.look("there was a fire", "harbour-fire")
    assert "the newest is 1" in office.call("why", "12").output
    for hostile in ("9" * 400, "１", "--", "a\x07\r\n\x1b[31m", ""):
        answer = office.call("why", "--json", "--", hostile)
        assert answer.exit_code == 1 and answer.output.startswith("Error: there is no alert"), hostile
        assert not {"\x07", "\x1b"} & set(answer.output)
        answer = office.call("why-not", "--", "Harbour fire", hostile)
        assert answer.exit_code == 1 and answer.output.startswith("Error: "), hostile
    near = office.call("why-not", "Harbour fire", "https://gazette.example/harbor-fire").output
    assert "is not known; near it: https://gazette.example/harbour-fire" in near


async def test_an_article_that_was_dropped(office: Office) -> None:
    url = await office.look("there was a fire")
    [row] = office.watch.rows(address.select().where(address.c.url == url))
    office.watch.store.write(lambda c: tombstones.bury(c, row.article_id, "a court said so", office.watch.now))
    answer = office.call("why-not", "Harbour fire", url)
    assert answer.exit_code == 1 and "a court said so" in answer.output


async def test_nothing_is_written(office: Office) -> None:
    """While another holds the one writer of the store, both answer."""
    url = await office.look("there was a fire")
    with office.watch.store.writer() as connection:
        connection.execute(change.update().values(due_at=None))
        assert "Alert 1" in await asyncio.to_thread(office.said, "why", "1")
        assert "gathers" in await asyncio.to_thread(office.said, "why-not", "Harbour fire", url)
