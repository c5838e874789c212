"""One story in two newspapers, as its subscriber hears of it, with the real daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from scheduler.demo.texts import made_up
from storage.schema.articles import article
from storage.schema.telling import alert
from tests.running import config_text, dateline, said

TITLE = "Ferry sails again on Monday"
TEXT = ("The ferry to Gull Island sails again, three weeks after its rudder broke.", *made_up(11).paragraphs)
EVERY_SECOND = [f"{seconds}s" for seconds in range(1, 301)]
REPRINT = ("From our agency: " + TEXT[0], *TEXT[1:], "The Herald adds that the ferry is painted blue.")


@pytest.fixture
async def herald() -> AsyncIterator[Newspaper]:
    """A second newspaper, which reprints."""
    herald = Newspaper(name="Herald")
    await herald.start("127.0.0.2")  # another host, as another paper has
    yield herald
    await herald.stop()


async def test_a_reprint_is_told_once_and_known_by_all(
    tmp_path: Path, newspaper: Newspaper, herald: Newspaper, postbox: Postbox
) -> None:
    """The first is told. The reprint is kept, says which alert told the story, and stands beside the original on the
    page, in `dateline story` and in what is told of it afterwards."""
    for paper in (newspaper, herald):
        paper.publish(*made_up(3 if paper is herald else 4))
    async with dateline(tmp_path) as running:
        sources = {"courier": newspaper.url, "herald": herald.url}
        running.write(config_text(running.port, sources, postbox, query='"gull island"', revisit=EVERY_SECOND))
        await running.start()
        await running.until(lambda: running.count(article) == 2, "the first looks")

        original = newspaper.publish(TITLE, TEXT)
        await postbox.wait_for(hooks=1, mails=1)
        reprint = herald.publish("Gull Island has its ferry back", REPRINT)
        await running.until(lambda: running.count(alert) == 2, "the alert of the reprint")
        assert running.count(alert, alert.c.untold == "the same story was told in alert 1") == 1

        newspaper.edit(original, "three weeks", "five weeks")
        await postbox.wait_for(hooks=2, mails=2)
        told = postbox.received_hooks[1].content["data"]["alerts"][0]
        assert [one["url"] for one in told["also_at"]] == [reprint] and told["story"] == told["article"]
        assert f"Also at herald: {reprint}" in postbox.received_mail[1].text
        assert len(postbox.attempts) == 2

        _, page = await running.get(f"/article/{told['article']}")
        assert b"The same story" in page and b"Gull Island has its ferry back" in page
        shown = (await said(tmp_path, "story", reprint, "--json")).json["story"]
        assert [(one["url"], one["sources"]) for one in shown] == [(original, ["courier"]), (reprint, ["herald"])]
        assert shown[1]["parent"] == told["article"] and shown[1]["share"] > 0.8
        assert REPRINT[-1] in shown[1]["added"]
        words = (await said(tmp_path, "story", original)).out
        assert words.startswith(f"1. courier: {TITLE}\n   {original}\n") and "+ The Herald adds that" in words
        assert await running.stop() == 0


async def test_who_asks_for_articles_is_told_each(
    tmp_path: Path, newspaper: Newspaper, herald: Newspaper, postbox: Postbox
) -> None:
    for paper in (newspaper, herald):
        paper.publish(*made_up(3 if paper is herald else 4))
    async with dateline(tmp_path) as running:
        config = config_text(running.port, {"courier": newspaper.url, "herald": herald.url}, postbox)
        running.write(config.replace('query = "alarm"', 'query = "gull island"\nper = "article"'))
        await running.start()
        await running.until(lambda: running.count(article) == 2, "the first looks")
        newspaper.publish(TITLE, TEXT)
        await postbox.wait_for(hooks=1)
        herald.publish("Gull Island has its ferry back", REPRINT)
        await postbox.wait_for(hooks=2)
        assert await running.stop() == 0


async def test_a_story_of_what_is_not_known_is_an_error_that_says_so(tmp_path: Path, newspaper: Newspaper) -> None:
    newspaper.publish(*made_up(1))
    (tmp_path / "config.toml").write_text(config_text(1, {"courier": newspaper.url}))
    await said(tmp_path, "once")
    unknown = await said(tmp_path, "story", "https://nobody.example/")
    assert unknown.status == 1 and "https://nobody.example/ is not known" in unknown.err
