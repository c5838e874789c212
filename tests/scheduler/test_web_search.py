"""The search box, its feeds and its interface for programs, over HTTP."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from scheduler.narrowed import Fields
from scheduler.query.grammar import QueryError, parse
from storage.model.articles import Article, When
from tests.press import BEGAN


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
        "befor=3": "there is no parameter 'befor'; did you mean before? There are: q, source",
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


async def test_fields_beside_the_box_are_clauses_of_the_query(page, press):
    """So that the same language decides; the whole query is shown, and is that of the feeds and of the next page."""
    for source, day in (("North Post", 1), ("North Post", 5), ("Gazette", 5)):
        at = When(BEGAN.replace(day=day), "day")
        press.publish(Article(f"Ship of {source}, {day}", "It sank.", published=at), source)
    asked = "q=ship+OR+boat&source=North+Post&from=2026-11-02&to=2026-11-05"
    whole = '(ship OR boat) source:"North Post" published:>=2026-11-02 published:<=2026-11-05'
    text = await page.text(f"/search?{asked}")
    assert "of North Post, 5" in text and "of North Post, 1" not in text and "of Gazette" not in text
    assert (
        f'<code dir="auto">{whole.replace(">", "&gt;").replace("<", "&lt;").replace(chr(34), "&#34;")}</code>' in text
    )
    assert "<option selected>North Post</option>" in text and "<option>Gazette</option>" in text
    assert 'name="from" type="date" value="2026-11-02"' in text and 'value="ship OR boat"' in text
    assert f"/feeds/search.rss?q={quote(whole)}" in text
    told = json.loads(await page.text(f"/api/search?{asked}"))
    assert (told["query"], [one["title"] for one in told["articles"]]) == (whole, ["Ship of North Post, 5"])
    assert [one["title"] for one in json.loads(await page.text(f"/api/search?q={quote(whole)}"))["articles"]] == [
        "Ship of North Post, 5"
    ]


async def test_a_source_is_asked_for_as_in_a_query(page, press):
    """By the field of the page and of the interface: a * goes on, and what is none is told with what there is."""
    for source in ("North Post", "Gazette"):
        press.publish(Article(f"Ship of {source}", "It sank."), source)
    for asked in ("north*", "NORTH-POST"):
        told = json.loads(await page.text(f"/api/search?q=ship&source={asked}"))
        assert (told["query"], [one["title"] for one in told["articles"]]) == (
            f'ship source:"{asked}"',
            ["Ship of North Post"],
        )
        text = await page.text(f"/search?q=ship&source={asked}")
        assert "of North Post" in text and "of Gazette" not in text and f"<option selected>{asked}</option>" in text
    answer = await page.get("/api/search?q=ship&source=gazete")
    error = json.loads(answer.body)["error"]
    assert error == "there is no source 'gazete'; did you mean Gazette? There are: Gazette, North Post"
    answer = await page.get("/search?q=ship&source=gazete")
    assert answer.status == 400 and b"did you mean Gazette?" in answer.body


async def test_several_sources_stay_chosen(page, press):
    """An address may ask for several; a field that holds one would let the others go with the next search."""
    for source in ("North Post", "Gazette"):
        press.publish(Article(f"Ship of {source}", "It sank."), source)
    assert '<select name="source">' in await page.text("/search?q=ship&source=Gazette")
    text = await page.text("/search?q=ship&source=North+Post&source=Gazette")
    assert '<select name="source" multiple>' in text and text.count("<option selected>") == 2


async def test_fields_that_are_left_empty_ask_for_nothing(page, press):
    """As a form sends them; a field alone is enough to ask, and each page keeps the fields of the one before."""
    for number in range(25):
        press.publish(Article(f"Ship {number}", "It sank.", published=When(BEGAN, "day")))
    assert "Nothing was found" not in await page.text("/search?q=&source=&from=&to=")
    text = await page.text("/search?q=ship&source=&from=&to=")
    assert "The query with its fields" not in text and text.count("<mark>Ship</mark>") == 20
    text = await page.text("/search?q=&source=Gazette&from=&to=&since=2000-01-01")
    assert text.count("first seen") == 20 and 'href="?source=Gazette&amp;since=2000-01-01&amp;before=' in text
    onward = text.partition('href="?source=Gazette&amp;since=2000-01-01&amp;before=')[2].partition('"')[0]
    text = await page.text(f"/search?source=Gazette&since=2000-01-01&before={onward}")
    assert text.count("first seen") == 5


async def test_a_field_that_says_nothing_is_said(page):
    answer = await page.get("/search?q=ship&from=soon")
    assert answer.status == 400 and b"from: &#39;soon&#39; is no day: write 2026-01-31, 2026-01 or 2026" in answer.body
    answer = await page.get('/api/search?q=ship&to=2026-11-05")+OR+x')
    assert answer.status == 400 and json.loads(answer.body)["error"].startswith("to: ")


@pytest.mark.parametrize("query", ["a) OR (b", "a OR b) c (d", '"a', "a AND", "(a", "a NEAR/5"])
def test_no_query_reaches_beyond_its_brackets(query):
    """What is wrong with it is said by itself, at its own column."""
    with pytest.raises(QueryError) as by_itself:
        parse(query)
    with pytest.raises(QueryError) as beside:
        Fields(query, ("Gazette",)).whole({})
    assert (beside.value.message, beside.value.column) == (by_itself.value.message, by_itself.value.column)


def test_a_not_beside_a_field_is_not_alone():
    assert Fields("-oil", ("Gazette",)).whole({}) == '(-oil) source:"Gazette"'
    assert parse(Fields("-oil", ("a", "b")).whole({})) == parse('-oil (source:"a" OR source:"b")')
    assert Fields("-oil").whole({}) == "-oil"
    assert Fields(" oil ", ("a",)).whole({}) == 'oil source:"a"'
    assert Fields("", ("a", "b"), "2026").whole({}) == '(source:"a" OR source:"b") published:>=2026'
