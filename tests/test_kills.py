"""kill -9 at each step of an article's way, and at random: nothing is lost, nothing is told twice under a new id."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import chain, zip_longest

import psutil
import pytest
import pytest_asyncio

from tests.promises import World, open_world
from tests.running import KILLED_AT, REPOSITORY, Running, dateline

# "after" a function that writes is before its commit; what follows the commit has a point of its own.
IN_THE_WORKER = [
    "worker before storage.schedule:Schedule.claim_due_hosts",
    "worker found storage.schedule:Schedule.claim_due_hosts",
    "worker before crawler.walk:Walk.run",
    "worker after crawler.fetch:Fetcher.fetch",
    "worker after storage.looks:Looks.listing_read",
    "worker after crawler.walk:Walk._read_listing",
    "worker before crawler.walk:Walk._read_address",
    "worker after storage.snapshots:Snapshots.keep",
    "worker before storage.articles:Articles.save_all",
    "worker after storage.articles:Articles.save_all",
    "worker after crawler.walk:Walk._save",
    "worker after storage.schedule:Schedule.release",
]
IN_THE_DAEMON = [
    "daemon before storage.outbox:raise_alerts",
    "daemon after storage.outbox:raise_alerts",
    "daemon found scheduler.pipeline:raise_alerts",
    "daemon after storage.outbox:close",
    "daemon before scheduler.pipeline:attempt",
    "daemon after storage.deliveries:keep_payloads",
    "daemon before scheduler.channels.webhook:Channel.send",
    "daemon after scheduler.channels.webhook:Channel.send",
    "daemon after scheduler.channels.email:Channel.send",
    "daemon before storage.deliveries:sent",
    "daemon after storage.deliveries:sent",
]
SENT_AND_NOT_BOOKED = {
    "daemon after scheduler.channels.webhook:Channel.send",
    "daemon before storage.deliveries:sent",
    "daemon after storage.deliveries:sent",
}
# In turn: the daemon starts a worker that ends often later and later, and begins anew with its own restart.
POINTS = [one for one in chain(*zip_longest(IN_THE_WORKER, IN_THE_DAEMON)) if one]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One Dateline for all points: each is killed with the history of those before it."""
    async with open_world(tmp_path_factory.mktemp("kills")) as world:
        world.running.environment |= {
            "PYTHONPATH": f"{KILLED_AT}:{REPOSITORY}",
            "DATELINE_KILL_AT": ";".join(POINTS),
            "DATELINE_KILL_NOW": str(world.running.folder / "kill"),
        }
        await world.first_look()
        yield world


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_loses_nothing(world: World, point: str) -> None:
    """Killed at this instruction and started again: stored once, alerted once, told under one id in the same bytes."""
    running, came_before = world.running, Counter(world.arrivals)
    if running.process is None or running.process.returncode is not None:
        await running.start()
    kill = running.folder / "kill"
    running.folder.joinpath("kill.done").unlink(missing_ok=True)
    kill.with_suffix(".new").write_text(point, encoding="utf-8")
    kill.with_suffix(".new").rename(kill)
    world.publish()
    await running.until(running.folder.joinpath("kill.done").exists, f"a kill {point}")
    if point.startswith("daemon"):
        assert await running.ended() == -signal.SIGKILL
        await running.until_nothing_runs()
        await running.start()
    await world.settled()
    if point in SENT_AND_NOT_BOOKED:
        assert 2 in (Counter(world.arrivals) - came_before).values(), "it was not killed between the send and its mark"


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.soak)])
async def test_random_kills_lose_nothing(tmp_path, newspaper, postbox, kills):
    """Whichever process is killed and whenever, while the newspaper publishes and edits: all promises hold."""
    seed = int(os.environ.get("DATELINE_SEED") or random.randrange(10**6))
    print(f"repeat it with DATELINE_SEED={seed}")  # shown where the test fails
    chance = random.Random(seed)
    async with dateline(tmp_path) as running:
        world = World(running, newspaper, postbox)
        await world.first_look()
        for number in range(1, kills + 1):
            world.publish(chance.randint(0, 2))
            if chance.random() < 0.5:
                world.edit(chance.choice(list(world.titles)[-8:]))
            await asyncio.sleep(chance.uniform(0, 1.5))
            await _kill_one(running, chance)
            if number % 10 == 0:
                await world.settled()
        assert await running.stop() == 0
        await running.until_nothing_runs()


async def _kill_one(running: Running, chance: random.Random) -> None:
    """Kill the daemon, the worker, the extraction process, the fork server, or all of them at once."""
    victims = {"daemon": 4, "worker": 4, "extraction": 2, "fork server": 1, "all": 1}
    [victim] = chance.choices(list(victims), list(victims.values()))
    found = {"worker": running.worker, "extraction": running.extraction, "fork server": running.fork_server}
    if victim in found:
        if process := found[victim]():  # None: it is just being started
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return
    if victim == "all":
        running.kill_all()
    await running.kill()
    if chance.random() < 0.5:  # a service manager may wait a second; it need not
        await running.until_nothing_runs()
    await running.start(wait=False)
