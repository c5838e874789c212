"""The page of rules: what each asks for and when it is told, its weeks, what is stopped, its lists; bounded."""

from __future__ import annotations

import re
from datetime import timedelta

import aiohttp
import pytest
import sqlalchemy as sa

from scheduler.links import SigningKey
from scheduler.web.app import make_app
from scheduler.web.feeds import Feeds
from scheduler.web.rulebook import PAGE
from scheduler.web.stopping import Stopping
from storage import stopped
from storage.archive import Archive
from storage.fates import Fates
from storage.model.articles import Article
from storage.schema.articles import change
from storage.schema.telling import alert
from storage.store import Store
from storage.writer import Writer
from tests.reading_room import NOW, rulebook, served

BAD = "<script>alert(1)</script>"
CHANNELS = """
[[channel]]
name = "mail"
type = "email"
host = "127.0.0.1"
from = "a@example.org"
to = ["b@example.org"]
digest = "0 8 * * mon-fri"
zone = "Europe/Berlin"
[[channel]]
name = "hook"
type = "webhook"
url = "http://127.0.0.1:9/"
limit = "20/1h"
wait = "10m"
"""
RULES = f"""
[[source]]
name = "North Post"
url = "https://post.example/"
[lists]
boats = ["ferry", "ship*", "@small", "{BAD}"]
small = ["dinghy"]
unused = ["x"]
[[rule]]
name = "Gull Island"
query = '@boats OR "{BAD}"'
sources = ["North Post"]
on = ["added", "edited:headline"]
per = "article"
max_age = "2d"
channels = ["mail", "hook"]
quiet = {{ hours = "22:00-07:00", days = "mon-fri" }}
[[rule]]
name = "quiet"
query = '"fire & flood"'
{CHANNELS}
"""


def raised(store: Store, rule: str, *weeks: int, untold: str = "") -> None:
    """The rule raised an alert so many weeks before now each time, of a change of its own."""
    with store.writer() as connection:
        [article_id] = connection.execute(sa.select(change.c.article_id).limit(1)).scalars()
        for one in weeks:
            at = NOW - timedelta(weeks=one, hours=1)
            of = {"article_id": article_id, "kind": "removed", "seen_at": at, "history": False, "matched_at": at}
            [number] = connection.execute(change.insert().values(of)).inserted_primary_key
            said = {"change_id": number, "rule": rule, "holds": "no longer", "words": "[]", "untold": untold}
            connection.execute(alert.insert().values(said | {"created_at": at}))


async def test_each_rule_with_what_it_asks_for_and_when_it_is_told(page):
    """Its query as it is written, escaped; its plan by channel; its feeds; and a search with its query."""
    shown = await page.text("/rules")
    first, _, second = shown.partition('<a href="/rules/quiet">')
    assert "@boats OR &#34;&lt;script&gt;alert(1)&lt;/script&gt;&#34;" in first and "<script" not in shown
    assert "<dd>North Post</dd>" in first and "<dd>all</dd>" in second
    assert "added, edited:headline; every article; no older than 2d" in first
    assert (
        'mail <span class="quiet">digest at 0 8 * * mon-fri (Europe/Berlin); quiet 22:00 to 07:00 on mon-fri' in first
    )
    assert 'hook <span class="quiet">waits 10m; quiet 22:00 to 07:00 on mon-fri (UTC); at most 20 in 1h' in first
    assert "nobody: it has no channels" in second and "once a story" in second
    assert '<a href="/search?q=%22fire%20%26%20flood%22">' in second
    for address in re.findall(r'href="(/feeds/rule/Gull%20Island[^"]*)"', first):
        assert address.endswith((".rss", ".atom", ".json"))
    assert first.count('"/feeds/rule/Gull%20Island/changes.') == 3


async def test_a_rule_says_when_what_is_raised_now_goes(page):
    """Noon on a Sunday: the digest of Monday morning, by the clocks of Berlin."""
    shown = await page.text("/rules/Gull%20Island")
    assert '<a href="/alerts?rule=Gull%20Island#newest">' in shown
    assert "what is raised now goes 2026-11-09 07:00 UTC</span>" in shown
    assert shown.count("what is raised now") == 1


async def test_alerts_of_twelve_weeks_are_a_bar_each(store, press, page):
    """From Monday on, in UTC; those of the last seven days are counted apart, and whoever was not told."""
    press.publish(Article("Ferry late", "Fog."))
    raised(store, "Gull Island", 1, 1, 3, 30)
    raised(store, "Gull Island", 0, untold="the same story was told in alert 1")
    shown = (await page.text("/rules")).partition('<a href="/rules/quiet">')[0]
    assert 'aria-label="alerts of the last 12 weeks: 4"' in shown and shown.count("<rect") == 12
    assert [shown.count(f'<rect class="{one}"') for one in ("some", "none")] == [3, 9]
    assert 'height="28"><title>week of 26 October 2026: 2</title>' in shown
    assert 'height="14"><title>week of 2 November 2026: 1</title>' in shown
    assert "1 alert in the last 7 days, nobody was told of 1; 4 in 12 weeks" in shown


async def test_lists_name_the_rules_that_use_them(page):
    """Also by way of another list; variants are escaped."""
    shown = (await page.text("/rules")).partition('id="lists"')[2]
    boats, small, unused = shown.split("<h3>@")[1:]
    assert "ferry, ship*, @small, &lt;script&gt;" in boats
    for one in (boats, small):
        assert 'Rules: <a href="/rules/Gull%20Island">Gull Island</a>' in one
    assert "No rule uses it" in unused


async def test_one_rule_has_an_address_of_its_own(page):
    shown = await page.text("/rules/Gull%20Island")
    assert "<h1>Gull Island</h1>" in shown and "added, edited:headline" in shown and "flood" not in shown
    answer = await page.get("/rules/%3Cb%3E")
    assert answer.status == 404 and b"no rule &#39;&lt;b&gt;&#39;; there are: Gull Island" in answer.body


async def test_rules_are_narrowed_by_their_names_and_queries(page):
    """The form sends to this page alone; no script runs."""
    shown = await page.text("/rules?has=FLOOD")
    assert "1 of 2 rules" in shown and "Gull Island" not in shown and 'id="lists"' not in shown
    assert "No rule has that" in await page.text('/rules?has="><script>')
    policy = (await page.get("/rules")).headers["content-security-policy"]
    assert "form-action 'self'" in policy and "script" not in policy and "default-src 'none'" in policy


async def test_what_is_stopped_says_how_to_start_it_again(store, tmp_path):
    """With the page that does it."""
    archive, key, writer = Archive(store), SigningKey(tmp_path / "links.key"), Writer(store)
    stopping = Stopping(key, store, writer, dict, lambda: NOW)
    store.write(lambda connection: stopped.stop(connection, "Gull Island", "mail", NOW))

    def make(url):
        book = rulebook(store, RULES)
        return make_app(
            archive, Fates(store), Feeds(archive, [], [], url), list, url, "127.0.0.1", rulebook=book, stopping=stopping
        )

    async with served(make) as url, aiohttp.ClientSession() as session:
        async with session.get(url + "/rules") as answer:
            shown = await answer.text()
        [token] = re.findall(r'href="/stop\?token=([^"]+)">Start it again', shown)
        assert "stopped by its reader since" in shown
        [other] = re.findall(r'href="/stop\?token=([^"]+)">Stop it here', shown)
        assert key.opened(other) == ("Gull Island", "hook")
        async with session.post(f"{url}/stop?token={token}", data={"act": "start"}) as answer:
            assert answer.status == 200
        async with session.get(url + "/rules") as answer:
            assert "stopped by" not in await answer.text()
    writer.close()


async def test_without_rules_it_says_so(store):
    archive = Archive(store)

    def make(url):
        feeds = Feeds(archive, [], [], url)
        return make_app(archive, Fates(store), feeds, list, url, "127.0.0.1", rulebook=rulebook(store))

    async with served(make) as url, aiohttp.ClientSession() as session, session.get(url + "/rules") as answer:
        assert "The config has no [[rule]]." in await answer.text()


MANY = "".join(f'[[rule]]\nname = "rule {one}"\nquery = "@few word{one}"\n' for one in range(1000))
VARIANTS = ", ".join(f'"v{one}"' for one in range(5000))


@pytest.fixture
def thousand(store: Store):
    return rulebook(store, f'{MANY}\n[lists]\nfew = ["a", "b"]\nmany = [{VARIANTS}]')


def test_a_thousand_rules_are_read_part_by_part(store, press, thousand):
    """Each part in the same few queries, however many rules it has; none is left out, and there is no part behind."""
    press.publish(Article("Ferry late", "Fog."))
    raised(store, "rule 999", 1)
    asked: list[str] = []

    def note(connection, cursor, statement, *_):
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    parts = []
    while (part := thousand.page(number=len(parts) + 1)) is not None:
        parts.append(part)
    sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert [len(one.rules) for one in parts] == [PAGE] * (1000 // PAGE)
    assert len([one for one in asked if "FROM" in one]) <= 3 * len(parts)
    assert len({one.rule.name for part in parts for one in part.rules}) == 1000
    assert sum(parts[-1].rules[-1].days.values()) == 1
    assert len(parts[0].lists[0].rules) == 1000 and not parts[1].lists
    assert thousand.page(number=0) is None and thousand.page("word77", 2) is None
    assert parts[1].url(3) == "?page=3" and thousand.page("word 1&", 1).url(2) == "?has=word+1%26&page=2"


async def test_a_page_of_a_thousand_rules_is_short(store, thousand):
    """Long lists and many users are counted where they are not named."""
    archive = Archive(store)

    def make(url):
        return make_app(archive, Fates(store), Feeds(archive, [], [], url), list, url, "127.0.0.1", rulebook=thousand)

    async with served(make) as url, aiohttp.ClientSession() as session:
        async with session.get(url + "/rules") as answer:
            shown = await answer.text()
        assert (
            len(shown) < 250_000 and "part 1 of 20" in shown and "and 4,900 more" in shown and "and 950 more" in shown
        )
        [further] = re.findall(r'<a href="(\?page=2)" rel="next">', shown)
        async with session.get(f"{url}/rules{further}") as answer:
            assert "rule 50" in await answer.text()
        for page in ("21", "0", "x", "9" * 400, "-1"):
            async with session.get(f"{url}/rules?page={page}") as answer:
                assert answer.status == 404
