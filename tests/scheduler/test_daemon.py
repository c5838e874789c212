"""What the daemon does with a config that it takes over while it runs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from scheduler import pipeline
from scheduler.config import load_config
from scheduler.daemon import LATE_TICK_S, Daemon
from scheduler.pipeline import Telling
from scheduler.taking_over import take_over
from storage import outbox
from storage.schema.telling import channel, delivery, notice


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    """One that was made and does not run: its worker counts as alive."""
    path = tmp_path / "config.toml"
    path.write_text('[daemon]\ndata = "one"\n')
    made = Daemon(load_config(path))
    yield made
    await asyncio.to_thread(made._writer.close)
    made._store.close()
    assert made._lock
    made._lock.close()


async def test_ticks_that_fail_are_not_well(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick that begins and fails does nothing: the page says so, and the dead man's switch is not called."""

    async def fails(*_: object) -> int:
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(type(daemon._supervisor), "is_alive", True)
    now = [0.0]
    monkeypatch.setattr("scheduler.daemon.monotonic", lambda: now[0])
    await daemon._tick()
    assert daemon.health() == []
    monkeypatch.setattr(pipeline, "raise_alerts", fails)
    now[0] = LATE_TICK_S + 1
    await daemon._tick()
    assert daemon.health() == ["no tick has come to its end for 30 s; the log says why"]


async def test_a_worker_that_is_alive_for_moments_only_is_not_well(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started again and again, and looks at nothing."""
    monkeypatch.setattr(type(daemon._supervisor), "is_alive", True)
    assert daemon.health() == []
    daemon._supervisor.failures = 3
    assert daemon.health() == ["the worker ends as soon as it was started, again and again; the log says why"]


async def test_a_worker_that_hung_is_told_and_not_well_until_the_next_gets_on(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was alive all the while: the dead man's switch went by that alone. However often it happens, a day has one
    notice of it."""
    monkeypatch.setattr(type(daemon._supervisor), "is_alive", True)
    daemon._supervisor.hangs = True
    for _ in range(2):
        daemon._supervisor._hung()
        await asyncio.gather(*daemon._tasks)
    assert daemon.health() == ["the worker hung and was ended; the next one has given no sign of life yet"]
    with daemon._store.reader() as connection:
        assert connection.execute(sa.select(notice.c.subject)).scalars().all() == ["the crawl worker hung"]
    daemon._supervisor.hangs = False
    assert daemon.health() == []


async def test_deliveries_that_end_in_our_own_error_are_not_well(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are named until one comes to its end."""

    async def fails(*_: object) -> int:
        raise TypeError

    async def works(*_: object) -> int:
        return 0

    monkeypatch.setattr(type(daemon._supervisor), "is_alive", True)
    daemon._telling = replace(daemon._telling, channels={"desk": object()})
    for deliver, wrong in ((fails, True), (works, False)):
        monkeypatch.setattr(pipeline, "deliver", deliver)
        daemon._send("desk")
        await asyncio.wait(daemon._sending.values())
        await asyncio.sleep(0)
        assert any("desk" in one and "TypeError" in one for one in daemon.health()) is wrong


async def test_where_every_channel_is_paused_the_switch_is_not_called(daemon: Daemon, tmp_path: Path) -> None:
    """The notice that the only channel is paused waits in that channel: nobody would hear of it."""
    assert await daemon._unheard() == []
    config = '[daemon]\ndata = "one"\n'
    for name in ("mail", "hook"):
        config += f'\n[[channel]]\nname = "{name}"\ntype = "webhook"\nurl = "http://127.0.0.1:9/"\n'
    (tmp_path / "config.toml").write_text(config)
    await daemon.reload()
    for name, unheard in (("mail", []), ("hook", ["every channel is paused: hook, mail"])):
        paused = sa.update(channel).where(channel.c.name == name).values(paused_at=daemon._clock(), error="refused")
        await daemon._writer.do(lambda c, paused=paused: c.execute(paused))
        assert await daemon._unheard() == unheard


async def test_a_channel_that_hangs_delays_no_other(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each channel delivers in a task of its own: the tick comes to its end, and the next one goes to the others."""
    ends, told = asyncio.Event(), []

    async def deliver(store: object, writer: object, telling: object, name: str, clock: object) -> int:
        if name == "slow":
            await ends.wait()
        told.append(name)
        return 1

    async def due(*_: object) -> list[str]:
        return ["slow", "fast"]

    monkeypatch.setattr(pipeline, "deliver", deliver)
    monkeypatch.setattr(pipeline, "close", due)
    daemon._telling = replace(daemon._telling, channels={"slow": object(), "fast": object()})
    for rounds in (1, 2):
        await daemon._tick()
        await daemon._sending["fast"]
        await asyncio.sleep(0)
        assert told == ["fast"] * rounds
    ends.set()
    await daemon._sending["slow"]
    assert told[-1] == "slow"


async def test_another_data_folder_waits_for_the_next_start(daemon: Daemon, tmp_path: Path) -> None:
    """The worker, too, works with the old one until then: in the new one there is no database."""
    path = tmp_path / "config.toml"
    path.write_text('[daemon]\ndata = "two"\n\n[crawler]\ndelay = "7s"\n')
    await daemon.reload()
    told = daemon._supervisor.settings
    assert (told.data, told.store_url) == (f"{tmp_path}/one", f"sqlite:///{tmp_path}/one/dateline.db")
    assert told.crawler.delay.total_seconds() == 7


async def test_another_address_of_the_page_waits_for_the_next_start(daemon: Daemon, tmp_path: Path) -> None:
    """Messages lead to where the page is, however often the config is read until then."""
    hook = '[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "http://127.0.0.1:9/"\n'
    (tmp_path / "config.toml").write_text(f'[daemon]\ndata = "one"\nbase_url = "https://news.example"\n\n{hook}')
    for _ in range(2):
        await daemon.reload()
        assert daemon._telling.channels["hook"].voice.links.alerts() == "http://127.0.0.1:8700/alerts"


async def test_whatever_is_wrong_with_a_new_config_the_old_one_stays(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of our own in reading it is a refused config like any other: it is said, and nothing stands still."""

    def fails(path: Path) -> None:
        raise RecursionError

    before = daemon._telling
    monkeypatch.setattr("scheduler.daemon.load_config", fails)
    await daemon.reload()
    assert daemon._telling is before
    assert any("RecursionError" in one for one in daemon.trouble())


async def test_what_gathers_goes_by_a_new_config_at_once(daemon: Daemon, tmp_path: Path) -> None:
    """A digest that is taken away is due now."""
    rule = '[daemon]\ndata = "one"\n\n[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "http://127.0.0.1:9/"\n'
    rule += '\n[[rule]]\nname = "r"\nquery = "ship"\nchannels = ["hook"]\n'
    path = tmp_path / "config.toml"
    path.write_text(rule + 'digest = "0 8 * * *"\n')
    await daemon.reload()
    now = daemon._clock()
    due_at = daemon._telling.plans.due_at("r", "hook", now)
    await daemon._writer.do(lambda c: outbox.new_delivery(c, "hook", "r", now, due_at))
    path.write_text(rule)
    await daemon.reload()
    with daemon._store.reader() as connection:
        [row] = connection.execute(sa.select(delivery.c.created_at, delivery.c.closes_at)).all()
    assert row.closes_at == row.created_at < due_at


async def test_a_reload_tries_a_paused_channel_that_was_mended(daemon: Daemon, tmp_path: Path) -> None:
    """Whoever put the right secret in, be it in its file, need not wait for the next probe; others wait as before."""
    text = '[daemon]\ndata = "one"\n'
    for name in ("mail", "hook"):
        text += f'\n[[channel]]\nname = "{name}"\ntype = "webhook"\nurl = "file:{name}.url"\n'
        (tmp_path / f"{name}.url").write_text("http://127.0.0.1:9/wrong")
    (tmp_path / "config.toml").write_text(text)
    await daemon.reload()
    later = daemon._clock() + timedelta(hours=6)
    paused = sa.update(channel).values(paused_at=daemon._clock(), probe_at=later, error="refused")
    await daemon._writer.do(lambda c: c.execute(paused))
    (tmp_path / "hook.url").write_text("http://127.0.0.1:9/right")
    await daemon.reload()
    with daemon._store.reader() as connection:
        at = {row.name: row.probe_at for row in connection.execute(sa.select(channel.c.name, channel.c.probe_at))}
    assert at["hook"] <= daemon._clock() < at["mail"] == later


async def test_a_reload_does_not_try_a_paused_channel_that_is_reached_as_before(daemon: Daemon, tmp_path: Path) -> None:
    """Its receiver may have asked to wait, for which a limit is the mend, or fewer words."""
    path = tmp_path / "config.toml"
    text = '[daemon]\ndata = "one"\n\n[[channel]]\nname = "team"\ntype = "apprise"\nurl = "ntfy://127.0.0.1:9/news"\n'
    path.write_text(text)
    await daemon.reload()
    later = daemon._clock() + timedelta(hours=6)
    paused = sa.update(channel).values(paused_at=daemon._clock(), probe_at=later, error="429")
    await daemon._writer.do(lambda c: c.execute(paused))
    path.write_text(text + 'limit = "20/1h"\nwait = "10m"\nquiet = { hours = "22:00-07:00" }\nsubject = "{{ rule }}"\n')
    await daemon.reload()
    with daemon._store.reader() as connection:
        assert connection.execute(sa.select(channel.c.probe_at)).scalar_one() == later


async def test_a_reload_that_takes_a_channel_from_a_rule_drops_what_gathers_for_it(
    daemon: Daemon, tmp_path: Path
) -> None:
    """Who takes it off expects silence there."""
    path = tmp_path / "config.toml"
    hook = '[daemon]\ndata = "one"\n\n[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "http://127.0.0.1:9/"\n'
    rule = hook + '[[rule]]\nname = "r"\nquery = "x"\ndigest = "0 8 1 1 *"\n'
    path.write_text(rule + 'channels = ["hook"]\n')
    await daemon.reload()
    now = daemon._clock()
    await daemon._writer.do(lambda c: outbox.new_delivery(c, "hook", "r", now, now))
    path.write_text(rule)
    await daemon.reload()
    with daemon._store.reader() as connection:
        [row] = connection.execute(sa.select(delivery.c.state, delivery.c.error)).all()
    assert row == ("dropped", "its rule does not name this channel any more")


async def test_a_tick_asks_no_old_rules_once_new_ones_are_loaded(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that is seen after a rule was loaded is judged by it, also where a tick begins in between."""
    asked: list[list[str]] = []

    async def raise_alerts(store: object, writer: object, telling: Telling, clock: object) -> int:
        asked.append(list(telling.rules.by_name))
        return 0

    loop, ticks = asyncio.get_running_loop(), []

    def load_and_tick(*taken: Any) -> None:
        take_over(*taken)
        loop.call_soon_threadsafe(lambda: ticks.append(asyncio.create_task(daemon._tick())))

    monkeypatch.setattr(pipeline, "raise_alerts", raise_alerts)
    monkeypatch.setattr("scheduler.daemon.take_over", load_and_tick)
    (tmp_path / "config.toml").write_text('[daemon]\ndata = "one"\n\n[[rule]]\nname = "ships"\nquery = "ship"\n')
    await daemon.reload()
    await asyncio.gather(*ticks)
    assert asked == [["ships"]]
