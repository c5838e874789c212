"""The dead man's switch is served while all is well, and only then; its address is in no log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from scheduler.heartbeat import Heartbeat
from scheduler.secret import Secret
from storage import heartbeat
from storage.heartbeat import Beat
from storage.store import Store
from storage.writer import Writer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "very-secret-token"


class Switch:
    """Somebody else's machine, which counts the calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.status = 200
        self.url = Secret("")

    async def answer(self, request: web.BaseRequest) -> web.Response:
        self.calls.append(request.path)
        return web.Response(status=self.status, headers={"Location": "/elsewhere"} if self.status == 302 else {})


@pytest.fixture
async def switch() -> AsyncIterator[Switch]:
    switch = Switch()
    runner = web.ServerRunner(web.Server(switch.answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    switch.url = Secret(f"http://127.0.0.1:{runner.addresses[0][1]}/{TOKEN}")
    yield switch
    await runner.cleanup()


@pytest.fixture
async def writer(store: Store) -> AsyncIterator[Writer]:
    writer = Writer(store)
    yield writer
    await asyncio.to_thread(writer.close)


def last(store: Store) -> Beat | None:
    with store.reader() as connection:
        return heartbeat.last(connection)


async def test_it_is_called_while_all_is_well(store: Store, writer: Writer, switch: Switch) -> None:
    """Each beat is one call, and the store says when."""
    clock = iter(NOW + timedelta(minutes=number) for number in range(10))
    pulse = Heartbeat(writer, lambda: next(clock))
    await pulse.beat(switch.url, [])
    await pulse.beat(switch.url, [])
    assert switch.calls == [f"/{TOKEN}"] * 2
    assert last(store) == Beat(NOW + timedelta(minutes=2), NOW + timedelta(minutes=3), "")


async def test_it_is_not_called_while_something_is_wrong(
    store: Store, writer: Writer, switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    """Said once when it begins and once when it is over."""
    caplog.set_level(logging.INFO, "dateline.heartbeat")
    pulse = Heartbeat(writer, lambda: NOW)
    for _ in range(3):
        await pulse.beat(switch.url, ["the worker does not run"])
    assert switch.calls == []
    assert last(store) == Beat(NOW, None, "not called: the worker does not run")
    await pulse.beat(switch.url, [])
    said = [record.getMessage() for record in caplog.records if record.name == "dateline.heartbeat"]
    assert said == ["heartbeat not called: the worker does not run", "heartbeat well again"]


async def test_it_is_not_called_where_the_store_cannot_be_written_to(
    store: Store, writer: Writer, switch: Switch
) -> None:
    """A full disk, say: nothing would be stored, so it is not well."""
    await asyncio.to_thread(writer.close)
    await Heartbeat(writer, lambda: NOW).beat(switch.url, [])
    assert switch.calls == []


@pytest.mark.parametrize(("status", "why"), [(500, "127.0.0.1 answered 500"), (302, "127.0.0.1 answered 302")])
async def test_a_switch_that_does_not_answer_is_said_without_its_path(
    store: Store, writer: Writer, switch: Switch, caplog: pytest.LogCaptureFixture, status: int, why: str
) -> None:
    """Neither log nor store shows the token, and no redirect is followed."""
    switch.status = status
    await Heartbeat(writer, lambda: NOW).beat(switch.url, [])
    beat = last(store)
    assert beat is not None and beat.reason == f"the address does not answer: {why}"
    assert len(switch.calls) == 1
    assert TOKEN not in caplog.text


async def test_nobody_listens_at_the_address(store: Store, writer: Writer, caplog: pytest.LogCaptureFixture) -> None:
    """Said by the host alone."""
    await Heartbeat(writer, lambda: NOW).beat(Secret(f"http://127.0.0.1:9/{TOKEN}"), [])
    beat = last(store)
    assert beat is not None
    assert beat.reason == "the address does not answer: no connection to 127.0.0.1: Connection refused"
    assert TOKEN not in caplog.text
