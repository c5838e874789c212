"""`dateline demo`: one article's life at a small newspaper, and what Dateline makes of it, told as it happens."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic

import aiohttp
import click
import feedparser

from scheduler import marked
from scheduler.demo.postbox import Hook
from scheduler.demo.smtp import Mail
from scheduler.demo.stage import QUERY, READER, RULE, Stage
from scheduler.demo.texts import made_up
from scheduler.excerpt import Part, changed
from storage.archive import ArchivedArticle

Say = Callable[[str], object]

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TITLE = "Ferry to Gull Island sails again on Monday"
TEXT = (
    "The ferry between Lanternport and Gull Island returns to service on Monday, three weeks after its rudder broke in "
    "the February storm, the harbour board said. The first boat leaves the old quay at seven in the morning.",
    "Forty families live on Gull Island. Since the accident they have been supplied by two fishing boats, which "
    "carried flour, lamp oil and the post, and brought the schoolchildren across whenever the weather allowed.",
    "The repair cost 18,000 crowns. Divers replaced the rudder and found no further damage to the hull, according to "
    "the report of the harbour engineer, Ida Marlow.",
    "Fares stay as they were. Passengers who bought a season ticket before the storm may use it until the end of May.",
)
EDIT = ("on Monday, three weeks after", "on Thursday, five weeks after")
OTHER = made_up(7)
BEFORE = tuple(made_up(number) for number in (1, 2, 3))


async def show(say: Say, *, stay: bool, pause_s: float = 1.5) -> None:
    """Play the story and say it line by line; Ctrl-C ends it in order at any time.

    `stay` keeps page and newspaper open at the end, until Ctrl-C. `pause_s` is for people to read between two scenes.
    Raises NotShown where Dateline does not do what it should.
    """
    playing = asyncio.create_task(_play(say, stay, pause_s))
    loop = asyncio.get_running_loop()
    for number in ENDINGS:  # a second Ctrl-C must not cut the tidying short
        loop.add_signal_handler(number, lambda: playing.cancelling() or playing.cancel())
    try:
        await playing
    except asyncio.CancelledError:
        if (ours := asyncio.current_task()) is not None and ours.cancelling():
            raise  # not by a signal: the caller ends us
    finally:
        for number in ENDINGS:
            loop.remove_signal_handler(number)
    say("")
    say("Everything is stopped, and what the demo had written is removed.")


async def _play(say: Say, stay: bool, pause_s: float) -> None:
    async with Stage() as stage:
        scenes = Scenes(stage, say)
        await scenes.opening()
        for scene in (scenes.published, scenes.edited, scenes.of_no_interest, scenes.deleted):
            await asyncio.sleep(pause_s)
            say("")
            await scene()
        await asyncio.sleep(pause_s)
        say("")
        await scenes.end()
        if not stay:
            say(f"{'':10}To look at the page yourself: .venv/bin/dateline demo --stay")
            return
        say(f"{'':10}Until Ctrl-C the page stays open at {stage.page}/ and the newspaper at {stage.newspaper.url}")
        await asyncio.Event().wait()


class Scenes:
    """The story, scene by scene; each begins at the newspaper and ends with what a reader gets of it."""

    def __init__(self, stage: Stage, say: Say) -> None:
        self._stage, self._say = stage, say
        self._url = ""  # of the article that the story is about

    async def opening(self) -> None:
        stage = self._stage
        for text in BEFORE:
            stage.newspaper.publish(text.title, text.paragraphs)
        self._tell(f"a small newspaper opens at {stage.newspaper.url} with {len(BEFORE)} articles in it")
        await stage.start_dateline()
        self._tell(f"Dateline starts. Its page, to open in a browser:  {stage.page}/")
        self._more(
            f"It looks at the newspaper every second, and has one rule, named {RULE}: {QUERY}",
            f"What the rule holds for goes to {READER} by mail, to a webhook, and into a feed.",
        )
        await stage.seen("the first articles", lambda: len(stage.archive.newest()) == len(BEFORE))
        self._tell(f"Dateline has read the {len(BEFORE)} articles. They are history: kept and shown, nobody is told")

    async def published(self) -> None:
        stage = self._stage
        began = monotonic()
        self._url = stage.newspaper.publish(TITLE, TEXT)
        self._tell(f"the newspaper publishes: {TITLE}")
        await stage.seen("the new article", lambda: self._stored(TITLE))
        self._tell(f"Dateline saw it, {monotonic() - began:.1f} s later, and its rule holds")
        await self._told(1)
        await self._show_feed()

    async def edited(self) -> None:
        stage = self._stage
        stage.newspaper.edit(self._url, *EDIT)
        self._tell("the newspaper edits the article, and says nothing of it")
        change = (await stage.seen("the edit", stage.archive.changes))[0]
        self._tell("Dateline looked again and saw the edit:")
        if change.diff is not None:
            self._more(_coloured(changed(change.diff.body)))
        await self._told(2)

    async def of_no_interest(self) -> None:
        stage = self._stage
        stage.newspaper.publish(OTHER.title, OTHER.paragraphs)
        self._tell(f"the newspaper publishes: {OTHER.title}")
        await stage.seen("the other article", lambda: self._stored(OTHER.title))
        self._tell("Dateline saw it and keeps it; the rule does not hold, so nobody is told")

    async def deleted(self) -> None:
        stage = self._stage
        stage.newspaper.remove(self._url)
        self._tell(f"the newspaper deletes the article about the ferry: {self._url}")
        reason = await stage.seen("the look at the deleted article", lambda: stage.failed_look(self._url))
        self._tell(f"Dateline looked again; the look says: {reason}")
        self._more(
            "One failed look is no news: a server in trouble looks the same. It looks twice more, in a day as a rule,",
            "here in a few seconds, and sees that the newspaper's other articles are there.",
        )
        kept = await stage.seen("the removal", self._removed)
        self._tell("Dateline is sure: the article was removed")
        await self._told(3)
        self._more(f"The saved copy stays, with both of its revisions:  {stage.page}/article/{kept.guid}")

    async def end(self) -> None:
        stage, newest = self._stage, self._stage.archive.newest()
        self._tell(
            f"the end: {len(newest)} articles stored once each, 1 edit and 1 removal noticed, "
            f"{len(stage.postbox.received_mail)} mails and {len(stage.postbox.received_hooks)} webhooks sent"
        )

    def _stored(self, title: str) -> ArchivedArticle | None:
        return next((one for one in self._stage.archive.newest() if one.article.title == title), None)

    def _removed(self) -> ArchivedArticle | None:
        found = self._stored(TITLE)
        return found if found and found.removed_at else None

    async def _told(self, number: int) -> None:
        postbox = self._stage.postbox
        await self._stage.seen(
            f"mail and webhook number {number}",
            lambda: len(postbox.received_mail) >= number and len(postbox.received_hooks) >= number,
        )
        self._show_mail(postbox.received_mail[number - 1])
        self._show_hook(postbox.received_hooks[number - 1])

    def _show_mail(self, mail: Mail) -> None:
        self._tell(f"mail to {', '.join(mail.recipients)}: {mail.message['Subject'].strip()}")
        self._more(*(f"| {line}" for line in mail.text.strip().splitlines()))

    def _show_hook(self, hook: Hook) -> None:
        told = hook.content["data"]["alerts"][0]
        signed = "its signature is right" if hook.signed else "its signature is WRONG"
        self._tell(f"webhook {hook.id}: {told['kind']}, the rule {told['holds']} holds; {signed}")

    async def _show_feed(self) -> None:
        url = f"{self._stage.page}/feeds/rule/{RULE}.rss"
        async with aiohttp.ClientSession(trust_env=False) as session, session.get(url) as response:
            first = feedparser.parse(await response.read()).entries[0]
        self._tell(f"the feed {url} begins with:")
        self._more(f"{first.title}  ({first.link})")

    def _tell(self, what: str) -> None:
        self._say(f"{datetime.now():%H:%M:%S}  {what}")  # the clock on the reader's wall

    def _more(self, *lines: str) -> None:
        for line in lines:
            self._say(f"{'':10}{line}")


def _coloured(parts: Sequence[Part]) -> str:
    """A word diff with its marks, red and green; `click.echo` leaves the colours out where no terminal shows them."""
    colours = {"-": "red", "+": "green"}
    return "".join(
        click.style(marked.text([part]), fg=colours[part[0]]) if part[0] in colours else part[1] for part in parts
    )
