"""The search box, its feeds and its interface for programs, over HTTP."""

from __future__ import annotations

import json
from urllib.parse import quote

from storage.model import Article


async def test_a_search_shows_what_was_found_and_marks_it(page, press):
    press.publish(Article("Ship <b>sinks</b>", "A ship sank at Harl."))
    press.publish(Article("Bridge", "A bridge stands."))
    text = await page.text("/search?q=ship")
    assert "<mark>Ship</mark> &lt;b&gt;sinks" in text and "Bridge" not in text
    assert "/feeds/search.rss?q=ship" in text
    assert "form-action 'self'" in (await page.get("/search")).headers["content-security-policy"]


async def test_a_broken_query_is_said_with_its_place(page):
    answer = await page.get("/search?q=%22ship")
    assert answer.status == 400 and b"at column 1" in answer.body
    answer = await page.get("/api/search?q=%22ship")
    assert answer.status == 400 and json.loads(answer.body)["column"] == 1
    assert (await page.get("/feeds/search.rss?q=%22ship")).status == 400


async def test_programs_get_pages_with_where_to_go_on(page, press):
    for number in range(25):
        press.publish(Article(f"Ship {number}", "It sank."))
    first = json.loads(await page.text("/api/search?q=ship"))
    second = json.loads(await page.text(f"/api/search?q=ship&before={first['before']}"))
    titles = [one["title"] for one in first["articles"] + second["articles"]]
    assert titles == [f"Ship {number}" for number in reversed(range(25))]
    assert second["before"] is None


async def test_a_search_is_a_feed_that_is_not_sent_twice(page, press):
    press.publish(Article("Ship", "It sank."))
    press.publish(Article("Bridge", "It stands."))
    answer = await page.get("/feeds/search.json?q=ship")
    assert answer.status == 200
    again = await page.get("/feeds/search.json?q=ship", if_none_match=answer.headers["etag"])
    assert again.status == 304
    press.publish(Article("A second ship", "It sank, too."))
    answer = await page.get("/feeds/search.json?q=ship", accept_encoding="identity")
    assert [one["title"] for one in json.loads(answer.body)["items"]] == ["A second ship", "Ship"]


async def test_where_a_query_cannot_be_read_is_marked(page):
    """As far as it can be: what is missing at the end is marked behind it. What was asked is shown as text."""
    for query, shown in {
        "ship (AND <b>": "<code>ship (<mark>A</mark>ND &lt;b&gt;</code>",
        "ship AND": "<code>ship AND<mark>?</mark></code>",
    }.items():
        answer = await page.get("/search?q=" + quote(query))
        assert answer.status == 400 and shown in answer.body.decode(), query


async def test_what_cannot_be_asked_is_said(page, press):
    """A program that asks with a wrong cursor would go round the first page for ever."""
    press.publish(Article("Ship", "It sank."))
    for asked, words in {
        "before=abc": "before: 'abc' is no whole number",
        "limit=-1": "limit: '-1' is no whole number",
        "since=soon": "since: 'soon' is no day",
        "source=nobody": "there is no source 'nobody'",
        "befor=3": "there is no parameter 'befor'",
    }.items():
        answer = await page.get(f"/api/search?q=ship&{asked}")
        assert answer.status == 400 and words in json.loads(answer.body)["error"], asked
    assert (await page.get("/search?q=ship&before=x")).status == 400


async def test_a_page_may_be_of_some_days_and_so_long(page, press):
    for number in range(3):
        press.publish(Article(f"Ship {number}", "It sank."))
    found = json.loads(await page.text("/api/search?q=ship&limit=2&since=2000-01-01"))
    assert len(found["articles"]) == 2 and found["before"] is not None
    assert json.loads(await page.text("/api/search?q=ship&until=2000-01-01"))["articles"] == []


async def test_a_search_may_end_on_a_day_that_lies_ahead(page, press):
    """Until tomorrow is all of today; since tomorrow is a slip."""
    press.publish(Article("Ship", "It sank."))
    for until in ("2026-11-09", "2999-12-31", "9999-12-31"):
        assert len(json.loads(await page.text(f"/api/search?q=ship&until={until}"))["articles"]) == 1, until
        assert "<mark>Ship</mark>" in await page.text(f"/search?q=ship&until={until}")
    answer = await page.get("/api/search?q=ship&since=2026-11-09")
    assert answer.status == 400 and "since: '2026-11-09' lies ahead" in json.loads(answer.body)["error"]
