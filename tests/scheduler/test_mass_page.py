"""Mass events on the page: the list of them, and each with all of its articles."""

from __future__ import annotations

import sqlalchemy as sa

from storage import mass
from storage.model.articles import Article
from storage.schema.articles import mass as event
from tests.press import BEGAN
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

NAMES = [f"story-{chr(ord('a') + number // 10)}{chr(ord('a') + number % 10)}" for number in range(30)]


async def test_before_the_first(page):
    assert "There has been none." in await page.text("/mass")


async def test_a_purge_with_its_list(store, page):
    """Told once with all that went and what a person can say to it; then how it ended."""
    watch, links = Watch(store), [link(name) for name in NAMES]
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round(links)
    watch.pass_by(5 * HOUR, step=HOUR, links=links)
    watch.pass_by(2 * DAY, step=HOUR, links=links, gone=NAMES[:12])
    listed = await page.text("/mass")
    assert '<a href="/mass/1">12 articles are gone from gazette.example</a>' in listed and "told " in listed
    shown = await page.text("/mass/1")
    assert shown.count("<li>") == 12 and "Title of story-aa" in shown and "Title of story-bc" not in shown
    assert "dateline mass 1 --confirm" in shown and "dateline mass 1 --dismiss" in shown
    guid = watch.rows(sa.text("SELECT guid FROM article ORDER BY id LIMIT 1"))[0].guid
    assert f'<a href="/article/{guid}"' in shown
    held = await page.text(f"/article/{guid}")
    assert (
        "It may be gone" in held and "all are held: mass event 1" in held and '<a href="/mass/1">Its list</a>' in held
    )
    store.write(lambda connection: mass.decide(connection, 1, mass.CONFIRMED))
    assert "confirmed by a person; the daemon records it" in await page.text("/mass/1")
    watch.settle()
    shown = await page.text("/mass/1")
    assert shown.count("<li>") == 12 and ": confirmed" in shown and "--confirm" not in shown


async def test_a_site_wide_change_shows_what_it_has_in_common(press, page):
    """What a site wrote stands there as text."""
    press.judged = False
    guids = [press.publish(Article(f"<b>Story {number}</b>", "Text.")) for number in range(6)]
    for guid in guids:
        press.edit(guid, body="Text. Subscribe now.")
    number = press.mass("edited", guids, common=["-Read <script>", "+Subscribe now"])
    shown = await page.text(f"/mass/{number}")
    assert "<h1>Site-wide change at Gazette: 6 articles changed alike</h1>" in shown
    assert "<del>Read &lt;script&gt;</del>" in shown and "<ins>Subscribe now</ins>" in shown
    assert "&lt;b&gt;Story 0&lt;/b&gt;" in shown and "--confirm" not in shown


async def test_articles_that_are_back(press, page):
    press.judged = False
    guid = press.publish(Article("Ferry", "It runs."))
    press.remove(guid)
    press.decide()
    press.restore(guid)
    number = press.mass("restored", [guid])
    assert "<h1>1 article is back at gazette.example</h1>" in await page.text(f"/mass/{number}")


async def test_an_event_without_a_title_or_an_article(press, page, store):
    """What was dropped since is not in the list; an article without a title has a name."""
    press.judged = False
    guid = press.publish(Article("", "It runs."))
    press.remove(guid)
    number = press.mass("removed", [guid])
    assert "Without a title" in await page.text(f"/mass/{number}")
    with store.writer() as connection:
        connection.execute(event.insert().values(kind="edited", host="h", source_id=1, began_at=BEGAN))
    assert "None is left in it." in await page.text(f"/mass/{number + 1}")
    assert "looked into; not told yet" in await page.text("/mass")


async def test_what_there_is_not(page):
    for path in ("/mass/1", "/mass/x", "/mass/99999999999999999999", "/mass/-1"):
        assert (await page.get(path)).status == 404, path
