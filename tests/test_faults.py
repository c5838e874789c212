"""What happens to processes, disk, clock and config: Dateline goes on, or says in words why it does not."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from time import monotonic

import psutil
import pytest
import pytest_asyncio
import sqlalchemy as sa
from aiohttp import web

from crawler.worker import DRAIN_S
from scheduler.demo.postbox import Answer
from scheduler.demo.smtp import Mail
from scheduler.supervisor import DRAINED_WITHIN_S
from storage.schema.columns import Moment
from storage.schema.looking import source
from storage.schema.telling import alert, metadata, notice
from tests.promises import World, open_world
from tests.running import DEADLINE_S

pytestmark = pytest.mark.asyncio(loop_scope="module")

STOPS_WITHIN_S = 10.0
TOLD = ("mail", "hook")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with open_world(tmp_path_factory.mktemp("faults")) as world:
        await world.first_look(tell=TOLD)
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def world(shared: World) -> World:
    """The module's one Dateline, running, whatever the last test left."""
    shared.newspaper.heal()
    shared.write_config(tell=TOLD)
    if shared.running.process is None or shared.running.process.returncode is not None:
        await shared.running.start()
    return shared


# Processes


async def test_a_stop_does_not_wait_for_a_page_that_hangs(world: World) -> None:
    """SIGTERM ends everything, with status 0, long before the page's time is over; what was under way is looked at by
    the next. The worker's time and the daemon's for it fit into the ten seconds that a service manager may give."""
    assert DRAIN_S < DRAINED_WITHIN_S < STOPS_WITHIN_S
    await _stop_and_start(world, timeout="10m")
    world.newspaper.break_("timeout", under="/t")
    [url] = world.publish(1)
    await _asked_for(world, url)
    assert await world.running.stop() == 0
    await world.running.until_nothing_runs()
    world.newspaper.heal()
    await world.running.start()
    await world.settled()


@pytest.mark.parametrize("victim", ["extraction", "fork_server"])
async def test_an_idle_reader_that_is_killed_costs_nothing(world: World, victim: str) -> None:
    """The next page finds a new extraction process, whether the old one was killed or the server it is forked from."""
    killed = await world.running.until(getattr(world.running, victim))
    killed.kill()
    world.publish()
    await world.settled()
    assert killed.pid != (await world.running.until(getattr(world.running, victim))).pid


async def test_a_reader_that_is_killed_with_a_page_costs_a_retry(world: World) -> None:
    """The page that it had is read by the next process, and so are the others."""
    reader = await world.running.until(world.running.extraction)
    world.newspaper.answer_s = 0.3
    world.publish()
    await world.newspaper.wait_for("/news-sitemap.xml", world.newspaper.statistics.requests["/news-sitemap.xml"] + 1)
    reader.suspend()
    await world.running.until(lambda: world.newspaper.statistics.in_flight == 0, "the end of the answer")
    reader.kill()
    world.newspaper.answer_s = 0.002
    world.publish()
    await world.settled()


async def _asked_for(world: World, url: str) -> None:
    await world.newspaper.wait_for(url.removeprefix(world.newspaper.url.rstrip("/")))


async def test_a_second_daemon_is_refused_with_words(world: World) -> None:
    """It names the first and the mend, and the first is not disturbed; once that is killed, the next starts at once."""
    assert world.running.process is not None
    second = await world.running.command(
        "run", "--config", str(world.running.config), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await second.communicate()
    assert second.returncode == 1
    assert f"another Dateline (process {world.running.process.pid}) runs on" in said.decode()
    assert "Traceback" not in said.decode()

    await world.running.kill()
    await world.running.start()
    world.publish()
    await world.settled()


async def test_once_beside_a_daemon_asks_it(world: World) -> None:
    """The daemon makes the round, and the command prints what came of it."""
    beside = await world.running.command(
        *("once", "--json", "--config", str(world.running.config)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(beside.communicate(), DEADLINE_S)
    assert beside.returncode == 0
    counts = json.loads(said)
    assert counts["looks"] >= 1 and counts["errors"] == []
    assert (await world.running.get("/health"))[0] == 200


# The channels


async def test_a_mailbox_that_is_down_delays_no_webhook(world: World) -> None:
    """It pauses, which is told through the webhook; when it answers again, every mail comes, and once."""
    await world.postbox.mail.stop()
    for _ in range(3):
        hooks = len(world.postbox.received_hooks)
        world.publish()
        await world.postbox.wait_for(hooks=hooks + 1)
    await world.running.until(lambda: _hears(world, "the channel mail is paused"), "the notice by webhook")
    mails = len(world.postbox.received_mail)
    await world.postbox.mail.start()
    await world.settled()
    assert _hears(world, "the channel mail works again")
    assert len(world.postbox.received_mail) >= mails + 3


@pytest.mark.parametrize("answer", [500, "hang"])
async def test_a_webhook_that_fails_gets_the_same_again(world: World, answer: Answer) -> None:
    """Under the same id and in the same bytes, until it takes it."""
    attempts = len(world.postbox.attempts)
    world.postbox.answer_hooks(answer, times=2)
    world.publish()
    await world.settled()
    first, second, third, *_ = world.postbox.attempts[attempts:]
    assert first.id == second.id == third.id
    assert first.body == second.body == third.body


def _hears(world: World, words: str) -> bool:
    return any(words in hook.body.decode() for hook in world.postbox.received_hooks)


# The config


async def test_a_new_config_is_taken_over_on_sighup(world: World) -> None:
    """A source under a new name is no first look: nothing is told anew, and what comes next is told."""
    alerts = world.running.count(alert)
    world.write_config({"lantern courier": world.newspaper.sitemap_url}, tell=TOLD)
    _hang_up(world)
    renamed = sa.select(source.c.id).where(source.c.name == "lantern courier", source.c.retired_at.is_(None))
    await world.running.until(lambda: world.running.read(renamed), "the new name")
    world.publish()
    await world.settled()
    assert world.running.count(alert) == alerts + 1
    assert world.running.count(source) == 1
    world.write_config(tell=TOLD)
    _hang_up(world)


async def test_settings_of_the_crawler_change_under_way(world: World) -> None:
    """They drain the worker and start another; nothing that is published meanwhile is lost."""
    worker = await world.running.until(world.running.worker)
    world.write_config(tell=TOLD, timeout="3s")
    _hang_up(world)
    world.publish()
    await world.running.until(lambda: world.running.worker() not in (None, worker), "another worker")
    await world.settled()


async def test_a_broken_config_is_refused_and_told(world: World) -> None:
    """The old one stays in force; log and operator hear every fault with its line."""
    notices, mails = world.running.count(notice), len(world.postbox.received_mail)

    def told() -> Mail | None:
        new = world.postbox.received_mail[mails:]
        return next((one for one in new if "the config was refused" in str(one.message["Subject"])), None)

    world.running.write('[[source]]\nname = "courier"\nurl = "no address"\never = "1s"\n')
    _hang_up(world)
    mail = await world.running.until(told, "the mail")
    assert world.running.count(notice) == notices + 1
    said = " ".join(mail.text.split())  # its lines are wrapped
    assert "config.toml:3: [[source]] courier, url:" in said and "config.toml:4:" in said
    assert "config refused: " in world.running.log_end()
    world.publish()
    await world.settled()


def _hang_up(world: World) -> None:
    assert world.running.process is not None
    world.running.process.send_signal(signal.SIGHUP)


async def _stop_and_start(world: World, **config: str) -> None:
    assert await world.running.stop() == 0
    world.write_config(tell=TOLD, **config)
    await world.running.start()


# The machine


async def test_a_clock_that_was_set_back_silences_nothing(world: World) -> None:
    """All times in the store lie a day ahead, as after a clock that was wrong: the next article is told at once."""
    assert await world.running.stop() == 0
    day = timedelta(days=1) // timedelta(microseconds=1)
    with world.running.store.writer() as connection:
        for table in metadata.sorted_tables:
            if moments := [column for column in table.c if isinstance(column.type, Moment) and not column.primary_key]:
                later = {column: sa.type_coerce(column, sa.BigInteger) + day for column in moments}
                connection.execute(table.update().values(later))
    await world.running.start()
    world.publish()
    await world.settled()


@pytest.mark.parametrize("seconds", [3, pytest.param(25, marks=pytest.mark.soak)])
async def test_a_locked_database_is_waited_for(world: World, seconds: int) -> None:
    """Another program holds the database, longer than anyone waits for it: nothing is lost, and the daemon stays up."""
    assert world.running.process is not None
    with closing(sqlite3.connect(world.running.store.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        world.publish()
        await asyncio.sleep(seconds)
        other.execute("ROLLBACK")
    await world.settled()
    assert world.running.process.returncode is None


async def test_a_full_disk_is_outlived(world: World) -> None:
    """No byte can be written: the page is still served; with room again all goes on and nothing was lost."""
    running = world.running
    daemon, worker = await _full_disk(world)
    world.publish()
    await asyncio.sleep(3)
    assert daemon.is_running() and (await running.get("/"))[0] == 200
    for process in running.processes():
        process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    running.time_passes()
    await world.settled()
    assert daemon.is_running() and running.worker() == worker
    with closing(sqlite3.connect(running.store.url.database or "")) as checked:
        assert checked.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def _full_disk(world: World) -> tuple[psutil.Process, psutil.Process]:
    """Let no file grow; a worker that is started now inherits that of the daemon."""
    assert world.running.process is not None
    daemon, worker = psutil.Process(world.running.process.pid), await world.running.until(world.running.worker)
    for process in (daemon, worker):
        process.rlimit(psutil.RLIMIT_FSIZE, (1, psutil.RLIM_INFINITY))
    return daemon, worker


async def test_the_heartbeat_stops_where_nothing_can_be_stored(world: World) -> None:
    """A dead man's switch is called each second while all is well, and with a full disk is not."""
    calls: list[float] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        calls.append(monotonic())
        return web.Response()

    switch = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=0.1)
    await switch.setup()
    await web.TCPSite(switch, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{switch.addresses[0][1]}/secret-path"
    await _stop_and_start(world, daemon=f'heartbeat = "{url}"\nheartbeat_every = "1s"')
    await world.running.until(lambda: len(calls) >= 2, "two beats")
    await _full_disk(world)
    await world.running.until(lambda: monotonic() > calls[-1] + 4, "silence")
    silent_at = len(calls)
    for process in world.running.processes():
        process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    await world.running.until(lambda: len(calls) > silent_at, "the next beat")
    said = await world.running.command(
        *("status", "--config", str(world.running.config)), stdout=asyncio.subprocess.PIPE
    )
    words = (await said.communicate())[0].decode()
    assert "heartbeat: last called" in words
    assert "secret-path" not in words + world.running.log.read_text(encoding="utf-8")
    await switch.cleanup()
    await _stop_and_start(world)
