"""The page of one alert: the words that hit, the rule clause by clause, what became of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler import pipeline
from scheduler.config import read_config
from scheduler.judge import Rules
from scheduler.pipeline import Telling
from storage import deliveries, outbox, stopped
from storage.model.articles import Article
from storage.schema.articles import article
from storage.schema.telling import alert, rule
from storage.store import Store
from storage.writer import Writer
from tests.press import BEGAN, Press
from tests.reading_room import NOW
from tests.storage.desk import Desk
from tests.storage.watch import Watch

RULES = """
[[source]]
name = "Gazette"
url = "https://gazette.example/"
[lists]
boats = ["ferry", "ship*"]
[[rule]]
name = "ferries more"
query = "@boats (winter OR spring) NOT drill"
channels = ["hook", "spare"]
[[channel]]
name = "hook"
type = "webhook"
url = "http://127.0.0.1:9/"
[[channel]]
name = "spare"
type = "webhook"
url = "http://127.0.0.1:9/"
quiet = { hours = "08:00-12:00" }
"""
NAME = "ferries more"


@pytest.fixture
def told(store: Store, tmp_path):
    """An article on which the rule is judged, each time after something happened to it."""
    config = read_config(RULES, tmp_path / "config.toml")
    telling = Telling(Rules(config.rules, config.lists), {}, (), (timedelta(minutes=1),), config.plans)
    writer, press = Writer(store), Press(store, judged=False)

    async def judge() -> None:
        store.write(lambda c: c.execute(article.update().values(story_id=article.c.id)))
        await pipeline.raise_alerts(store, writer, telling, lambda: NOW)

    def load(connection) -> None:
        outbox.take_over_rules(connection, config.rules, BEGAN - timedelta(days=1))
        outbox.take_over_channels(connection, ["hook", "spare"], BEGAN - timedelta(days=1))

    store.write(load)
    yield press, judge
    writer.close()


FERRY = Article("Ferry to run all winter", "The <b>council</b> met on Sunday and a ship was late.", language="en")


async def test_an_alert_says_why_it_was_raised_and_what_became_of_it(store, told, page):
    """One click from the page of alerts: words in their place, each clause, the deliveries with state and answer."""
    press, judge = told
    guid = press.publish(FERRY)
    store.write(lambda c: stopped.stop(c, NAME, "spare", NOW))
    await judge()
    desk = Desk(Watch(store, NOW))
    desk.close()
    due = desk.take("hook")
    store.write(lambda c: deliveries.sent(c, due, NOW, "204 <No Content>", "desk"))
    assert '<a href="/alerts/1">Why this?</a>' in await page.text("/alerts")
    shown = await page.text("/alerts/1")
    for words in (
        '<a href="/rules/ferries%20more"><strong>ferries more</strong></a> now matches',
        f'<a href="/article/{guid}"><mark>Ferry</mark> to run all <mark>winter</mark></a>',
        '<a href="https://gazette.example/1" rel="noopener noreferrer nofollow">',
        "The &lt;b&gt;council&lt;/b&gt; met on Sunday and a <mark>ship</mark> was late.",
        "<code>@boats (winter OR spring) NOT drill</code>",
        "on added, edited, removed, restored; sources all",
        '<strong>yes</strong> <code dir="auto">@boats (ferry, ship*)</code>\n<span class="found" dir="auto">title: ',
        '<li class="no"><strong>no</strong> <code dir="auto">spring</code>',
        "It would not hold if title or body did not hold @boats.",
        "<strong>hook</strong> sent 8 November 2026, 09:00 UTC",
        "to desk, 204 &lt;No Content&gt;, 1 attempt",
        "Not told: spare: stopped by its reader on 8 November 2026",
    ):
        assert words in shown, words
    assert "What changed" not in shown and "<b>" not in shown


async def test_an_edit_shows_what_changed_and_both_texts(store, told, page):
    """Where the rule holds no longer, the words stand in the text before."""
    press, judge = told
    guid = press.publish(FERRY)
    await judge()
    press.edit(guid, title="Ferry to run until spring")
    await judge()
    shown = await page.text("/alerts/2")
    assert "still matches" in shown and '<del class="went">all winter</del>' in shown
    assert f'<a href="/article/{guid}?revision=2&amp;against=1">' in shown
    assert "The query on the text before the change" in shown and "The query on the text after the change" in shown
    press.edit(guid, title="Boat to run", body="A barge was late.")
    await judge()
    shown = await page.text("/alerts/3")
    assert "no longer matches" in shown and "What was found, in the text before the change" in shown
    assert "<mark>Ferry</mark> to run until <mark>spring</mark>" in shown


async def test_what_gathers_into_quiet_hours_says_so(store, told, page):
    """Where an alert is listed and where it is explained; a channel without them gathers and no more."""
    press, judge = told
    press.publish(FERRY)
    await judge()
    for where in ("/alerts", "/alerts/1"):
        shown = " ".join((await page.text(where)).split())
        assert (
            '<strong>spare</strong> gathers alerts, first attempt in 3 h · <span dir="auto">quiet hours</span>' in shown
        )
        assert shown.count("quiet hours") == 1


async def test_why_nobody_was_told(store, told, page):
    """The one reason, with the alert that told the story."""
    press, judge = told
    press.publish(FERRY)
    await judge()
    store.write(lambda c: c.execute(alert.update().values(untold="the same story was told in alert 1")))
    shown = await page.text("/alerts/1")
    assert 'Nobody was told: the same story was told in <a href="/alerts/1">alert 1</a>' in shown


async def test_a_rule_that_left_the_config_and_one_that_cannot_be_read(store, told, page):
    """The alert is shown all the same."""
    press, judge = told
    press.publish(FERRY)
    await judge()
    store.write(lambda c: c.execute(alert.update().values(rule="gone")))
    store.write(lambda c: c.execute(rule.insert().values(name="gone", query="ferry", loaded_at=BEGAN)))
    shown = await page.text("/alerts/1")
    assert "<strong>gone</strong> (it left the config)" in shown and "did not hold ferry" in shown
    store.write(lambda c: c.execute(rule.update().where(rule.c.name == "gone").values(query="@<nowhere>")))
    shown = await page.text("/alerts/1")
    assert "cannot be read any more" in shown and "@&lt;nowhere&gt;" in shown
    assert "<mark>Ferry</mark>" in shown and "What became of it" in shown


async def test_an_alert_that_there_is_not(store, told, page):
    """404, in words; whatever stands in the address."""
    assert b"There is no alert &#39;12&#39;: no alert was raised yet" in (await page.get("/alerts/12")).body
    press, judge = told
    press.publish(FERRY)
    await judge()
    for asked in ("12", "0", "-1", "9" * 400, "%EF%BC%91", "x%00", "%3Cscript%3E"):
        answer = await page.get(f"/alerts/{asked}")
        assert answer.status == 404 and b"the newest is 1; /alerts lists them" in answer.body, asked
        assert b"<script" not in answer.body
        assert "script" not in answer.headers["content-security-policy"]


async def test_what_a_site_wrote_stands_as_text(store, told, page):
    press, judge = told
    bad = 'ferry winter "><script>alert(1)</script><img src=x onerror=alert(1)>\u202e'
    guid = press.publish(Article(bad, bad, language="en"))
    press.edit(guid, title=bad + "!", body=bad + " spring")
    with store.writer() as connection:
        connection.exec_driver_sql("UPDATE address SET url = 'javascript:alert(1)'")
    await judge()
    for number in (1, 2):
        shown = (await page.text(f"/alerts/{number}")).lower()
        for forbidden in ("<script", "<img", 'href="javascript', "\u202e"):
            assert forbidden not in shown, forbidden
