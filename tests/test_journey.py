"""One article, from the wire to the subscriber. Read this first: it is what Dateline does, in the order of the README.

The newspaper, the mailbox and the webhook are real servers on this machine (scheduler/demo); Dateline is the real
`dateline run` with its worker.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import feedparser

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from scheduler.demo.texts import made_up
from storage.schema.articles import address, article, change, revision
from storage.schema.telling import alert, delivery
from tests.running import Running, config_text, dateline

TITLE = "Ferry sails again on Monday"
TEXT = ("The ferry to Gull Island sails again, three weeks after its rudder broke.", *made_up(11).paragraphs)
EVERY_SECOND = [f"{seconds}s" for seconds in range(1, 301)]


async def test_one_article_from_the_wire_to_the_subscriber(
    tmp_path: Path, newspaper: Newspaper, postbox: Postbox
) -> None:
    """Seen once and told once, and so is each edit; what does not change is not told; a restart forgets nothing."""
    for number in range(3):
        newspaper.publish(*made_up(number))
    async with dateline(tmp_path) as running:
        sources = {"courier": newspaper.url}
        running.write(config_text(running.port, sources, postbox, query='"gull island"', revisit=EVERY_SECOND))
        await running.start()

        # What the first look lists is history: kept, and in the feeds, but nobody is told.
        await running.until(lambda: running.count(article) == 3, "the articles of the first look")
        assert len((await feeds(running, "all"))["rss"]) == 3
        assert not running.count(alert)

        # An article is published. Whoever asked for its words hears of it, each in his own way.
        url = newspaper.publish(TITLE, TEXT)
        await postbox.wait_for(hooks=1, mails=1)
        told = webhook(postbox, 0)
        assert (told["kind"], told["holds"], told["title"], told["url"]) == ("added", "now", TITLE, url)
        assert mailed(postbox, 0) == f"watch: new: {TITLE} (courier)"
        for name in ("all", "source/courier", "rule/watch"):
            for entries in (await feeds(running, name)).values():
                assert entries[0] == (told["article"], TITLE, url)
        assert TITLE.encode() in (await running.get("/"))[1]

        # It is edited: the rule still holds, then no longer, then again. Each edit is told with the words that changed.
        await edited(newspaper, postbox, url, "three weeks", "five weeks", "figures", "still")
        await edited(newspaper, postbox, url, "Gull Island", "Heron Rock", "names", "no longer")
        await edited(newspaper, postbox, url, "Heron Rock", "Gull Island", "names", "now")
        assert len(await entries_of(running, "all", url)) == 1, "an edit makes no second entry"
        for name in ("changes", "source/courier/changes", "rule/watch/changes"):
            for entries in (await feeds(running, name)).values():
                assert [title.partition(" edited")[0] for _, title, _ in entries] == ["Names", "Names", "Figures"]
                assert len({entry[0] for entry in entries}) == 3, "each change is an entry of its own"

        # Nothing changes any more: Dateline goes on looking, is answered 304, and stores nothing.
        before = stored(running)
        answered = newspaper.statistics.not_modified
        await running.until(lambda: newspaper.statistics.not_modified > answered + 10, "looks that find nothing new")
        assert stored(running) == before
        assert before == {"article": 4, "address": 4, "revision": 7, "change": 7, "alert": 4, "delivery": 8}

        # It is stopped and started again: what happened meanwhile is told, what was told is not told again.
        assert await running.stop() == 0
        newspaper.edit(url, "five weeks", "six weeks")
        await running.start()
        await postbox.wait_for(hooks=5, mails=5)
        assert webhook(postbox, 4)["holds"] == "still"
        assert len({hook.id for hook in postbox.attempts}) == len(postbox.attempts) == 5
        assert newspaper.statistics.requests["/robots.txt"] == 1
        assert not newspaper.statistics.disallowed


async def edited(
    newspaper: Newspaper, postbox: Postbox, url: str, find: str, replacement: str, what: str, holds: str
) -> None:
    """The newspaper edits, and webhook and mail say so: how the rule holds, and what went and came."""
    number = len(postbox.received_hooks)
    newspaper.edit(url, find, replacement)
    await postbox.wait_for(hooks=number + 1, mails=number + 1)
    told = webhook(postbox, number)
    assert (told["kind"], told["holds"]) == ("edited", holds)
    words = told["diff"]["body"]
    assert "".join(text for sign, text in words if sign == "-") in find
    assert "".join(text for sign, text in words if sign == "+") in replacement
    known = {"still": "still matches", "no longer": "no longer matches", "now": "now matches"}[holds]
    assert mailed(postbox, number) == f"watch: {what} edited, {known}: {TITLE} (courier)"


def webhook(postbox: Postbox, number: int) -> dict[str, Any]:
    """The one alert of a webhook whose signature is right."""
    hook = postbox.received_hooks[number]
    assert hook.signed
    assert hook.id
    (told,) = hook.content["data"]["alerts"]
    return told


def mailed(postbox: Postbox, number: int) -> str:
    """The subject of a mail, which says the same as text and as HTML."""
    mail = postbox.received_mail[number]
    assert [part.get_content_type() for part in mail.message.iter_parts()] == ["text/plain", "text/html"]
    assert TITLE in mail.text
    return str(mail.message["Subject"]).strip()


async def feeds(running: Running, name: str) -> dict[str, list[tuple[str, str, str]]]:
    """(id, title, link) of each entry of a feed, in each of its formats."""
    found = {}
    for extension in ("rss", "atom"):
        parsed = feedparser.parse((await running.get(f"/feeds/{name}.{extension}"))[1])
        assert not parsed.bozo
        found[extension] = [(one.id.removeprefix("urn:uuid:"), one.title, one.link) for one in parsed.entries]
    read = json.loads((await running.get(f"/feeds/{name}.json"))[1])
    found["json"] = [(one["id"].removeprefix("urn:uuid:"), one["title"], one["url"]) for one in read["items"]]
    return found


async def entries_of(running: Running, name: str, url: str) -> list[tuple[str, str, str]]:
    return [entry for entry in (await feeds(running, name))["atom"] if entry[2] == url]


def stored(running: Running) -> dict[str, int]:
    return {table.name: running.count(table) for table in (article, address, revision, change, alert, delivery)}
