"""Receivers that fail, hang and hang up while processes are killed: every alert arrives, in its story's order."""

from __future__ import annotations

import asyncio
import os
import random
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

import psutil
import pytest
import sqlalchemy as sa
from aiohttp import web

from scheduler.demo.newspaper import LISTED
from scheduler.demo.postbox import Postbox
from scheduler.demo.smtp import Mail, MailServer, Refusal, Stage
from storage.schema.articles import change
from storage.schema.telling import alert, channel, delivery_alert
from tests.promises import World
from tests.running import Running, dateline

SHARE = 0.3  # of the attempts, that fail in one way or another
SETTLES_S = 600.0
BACK_OFF = ("100ms", "300ms", "1s")


class Fickle(Postbox):
    """A postbox whose doors fail by chance: statuses, 429 with Retry-After, silence, hanging up before and after."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(secret="whsec_ZGVtb25zdHJhdGlvbiBzZWNyZXQgb25seQ==")
        self.chance, self.share = chance, SHARE
        self.mail = FickleMailServer(self._receive_mail, self)

    def fails(self) -> bool:
        return self.chance.random() < self.share

    async def _receive_hook(self, request: web.BaseRequest) -> web.StreamResponse:  # type: ignore[override]
        way = self.chance.choice(["500", "503", "429", "hang", "drop", "taken and dropped"]) if self.fails() else ""
        if way == "drop":
            await request.read()
            return _hung_up(request)
        if way == "hang":
            await request.read()
            await asyncio.sleep(3)
            return web.Response(status=504)
        if way.isdigit():
            await request.read()
            return web.Response(status=int(way), headers={"Retry-After": "1"} if way == "429" else {})
        answer = await super()._receive_hook(request)
        return _hung_up(request) if way else answer  # taken over, and the sender does not learn it


def _hung_up(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


class FickleMailServer(MailServer):
    def __init__(self, receive: object, postbox: Fickle) -> None:
        super().__init__(self._received)
        self._take, self._postbox = receive, postbox

    def gate(self, stage: Stage) -> None:
        if self._postbox.chance.random() < self._postbox.share / 5:  # five stages a mail
            if self._postbox.chance.random() < 0.3:
                raise ConnectionError("hung up")
            raise Refusal(451 if stage in ("data", "recipient") else 421)
        super().gate(stage)

    async def _received(self, mail: Mail) -> None:
        if self._postbox.chance.random() < self._postbox.share / 5:
            await asyncio.sleep(3)  # not taken over: the client has left by then
            raise ConnectionError("hung up")
        await self._take(mail)  # type: ignore[operator]
        if self._postbox.chance.random() < self._postbox.share / 5:
            raise ConnectionError("hung up after it was taken over")


@pytest.mark.parametrize(
    ("alerts", "kills"), [(60, 20), pytest.param(1000, 200, marks=pytest.mark.soak)], ids=["short", "long"]
)
async def test_every_alert_arrives_in_its_storys_order(tmp_path, newspaper, alerts, kills):
    """While articles are published and edited: a repeat has the id and the bytes of the first, no story is turned
    round, and nothing is left behind."""
    seed = int(os.environ.get("DATELINE_SEED") or random.randrange(10**6))
    print(f"repeat it with DATELINE_SEED={seed}")  # shown where the test fails
    chance = random.Random(seed)
    postbox = Fickle(chance)
    await postbox.start()
    try:
        async with dateline(tmp_path) as running:
            world = World(running, newspaper, postbox)
            postbox.share = 0
            await world.first_look(
                retry=BACK_OFF, revisit=("2s", "4s", "8s", "16s", "32s", "64s", "30d"), answers_within="1s"
            )
            postbox.share = SHARE
            await _fire(world, running, chance, alerts, kills)
            await running.until(lambda: _all_told(world), f"{running.count(alert)} alerts to be told", SETTLES_S)
            world.check_deliveries()
            _check_order(running, [hook.id for hook in postbox.received_hooks], "hook")
            _check_order(running, _message_ids(postbox.received_mail), "mail")
            assert await running.stop() == 0
            await running.until_nothing_runs()
    finally:
        await postbox.stop()


async def _fire(world: World, running: Running, chance: random.Random, alerts: int, kills: int) -> None:
    """Publish and edit until so many alerts are raised, some of one story, and kill one process after the other
    meanwhile. An edit that came before the first look at its article is none to Dateline: after a daemon that is slow
    to start, all of them may be."""
    done = 0
    while done < kills or not _is_raised(running, alerts):
        if not _is_raised(running, alerts):
            world.publish(max(2, alerts // kills))
            for url in chance.sample(list(world.titles)[-LISTED:], 2):
                world.edit(url)
        await asyncio.sleep(chance.uniform(0.1, 0.8))
        if done < kills:
            done += 1
            await _kill(running, chance)


def _is_raised(running: Running, alerts: int) -> bool:
    several = sa.select(change.c.article_id).join(alert, alert.c.change_id == change.c.id)
    several = several.group_by(change.c.article_id).having(sa.func.count() > 1).limit(1)
    return running.count(alert) >= alerts and bool(running.read(several))


async def _kill(running: Running, chance: random.Random) -> None:
    if chance.random() < 0.3:
        if worker := running.worker():
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        return
    await running.kill()
    await running.until_nothing_runs()
    await running.start(wait=False)


def _all_told(world: World) -> bool:
    """Whether all that the newspaper lists is stored as it was last printed, and told: articles that it listed only
    while no daemon ran were nobody's to see."""
    world.hasten_what_failed()
    shown = world.shown()
    if not shown.keys() >= set(list(world.titles)[-LISTED:]):
        return False
    world.running.let_notices_go()
    return all(world.titles[url] == title for url, title in shown.items()) and world.is_told()


def _message_ids(mails: Iterable[Mail]) -> list[str]:
    return [str(mail.message["Message-ID"]).strip("<>").partition("@")[0] for mail in mails]


def _check_order(running: Running, arrived: list[str], name: str) -> None:
    """Every alert came through this channel, and those of one article in the order in which they were raised."""
    told = defaultdict(list)
    query = sa.select(delivery_alert.c.delivery_id, alert.c.id, change.c.article_id).order_by(alert.c.id)
    query = query.join(alert, alert.c.id == delivery_alert.c.alert_id).join(change, change.c.id == alert.c.change_id)
    for row in running.read(query):
        told[row.delivery_id].append((row.article_id, row.id))
    stories = defaultdict(list)
    for one in dict.fromkeys(arrived):  # a repeat counts where it first came
        for article_id, alert_id in told[one]:
            stories[article_id].append(alert_id)
    assert sorted(one for of in stories.values() for one in of) == [
        row.id for row in running.read(sa.select(alert.c.id))
    ]
    turned = {article_id: of for article_id, of in stories.items() if of != sorted(of)}
    assert not turned, f"{name}: told in another order than raised: {turned}"
    assert any(len(of) > 1 for of in stories.values()), "no article was told of twice: the order was not tried"
    assert running.count(channel, channel.c.paused_at.is_not(None)) == 0
