"""What holds for every channel: one contract over all files of scheduler/channels."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.demo.postbox import Postbox
from scheduler.message import Message
from scheduler.rendering import message_of
from scheduler.sending import Channel, ChannelFault, MessageFault, TryLater, channel_types
from tests.scheduler.made_up import NOW, alert, article, delivery

SECRET = "hush-hush-4711"
TYPES = sorted(channel_types())


@dataclass(frozen=True)
class Door:
    """How a type of channel is led to the postbox, and how the postbox then behaves."""

    table: Callable[[str, int], dict[str, Any]]  # host and port
    port: Callable[[Postbox], int]
    in_trouble: Callable[[Postbox], None]
    not_allowed: Callable[[Postbox], None]
    message_refused: Callable[[Postbox], None]
    not_now: Callable[[Postbox], None]
    received: Callable[[Postbox], list[bytes]]


def _wants_another_password(postbox: Postbox) -> None:
    postbox.mail.user, postbox.mail.password = "dateline", "another"


# A new channel needs its door here, and then keeps the whole contract.
DOORS = {
    "apprise": Door(
        table=lambda host, port: {"url": f"gotify://{host}:{port}/{SECRET}"},
        port=lambda postbox: postbox.hook_port,
        in_trouble=lambda postbox: postbox.answer_hooks(503),
        not_allowed=lambda postbox: postbox.answer_hooks(404),
        message_refused=lambda postbox: postbox.answer_hooks(413),
        not_now=lambda postbox: postbox.answer_hooks(400),
        received=lambda postbox: [hook.body for hook in postbox.received_hooks],
    ),
    "email": Door(
        table=lambda host, port: {
            "host": host,
            "port": port,
            "username": "dateline",
            "password": SECRET,
            "from": "Dateline <dateline@example.org>",
            "to": ["ann@example.org", "bob@example.org"],
        },
        port=lambda postbox: postbox.mail.port,
        in_trouble=lambda postbox: postbox.mail.refuse("greeting"),
        not_allowed=_wants_another_password,
        message_refused=lambda postbox: postbox.mail.refuse("recipient"),
        not_now=lambda postbox: postbox.mail.refuse("data"),
        received=lambda postbox: [mail.content for mail in postbox.received_mail],
    ),
    "webhook": Door(
        table=lambda host, port: {"url": f"http://{host}:{port}/{SECRET}?key={SECRET}"},
        port=lambda postbox: postbox.hook_port,
        in_trouble=lambda postbox: postbox.answer_hooks(503),
        not_allowed=lambda postbox: postbox.answer_hooks(404),
        message_refused=lambda postbox: postbox.answer_hooks(413),
        not_now=lambda postbox: postbox.answer_hooks(400),
        received=lambda postbox: [hook.body for hook in postbox.received_hooks],
    ),
}

pytestmark = pytest.mark.parametrize("type_", TYPES)


def channel(type_: str, postbox: Postbox | None = None, *, host: str = "127.0.0.1", port: int = 1) -> Channel:
    door = DOORS[type_]
    port = door.port(postbox) if postbox else port
    table = {"name": "desk", "type": type_, "timeout": "1s", **door.table(host, port)}
    return channel_types()[type_].model_validate(table)


def message(title: str = "Bridge opens") -> Message:
    return message_of(delivery(alert(None, article(title))), NOW)


async def send(one: Channel) -> None:
    await one.send(one.render(message()), delivery_id="d-1", now=NOW)


async def open_door(postbox: Postbox) -> None:
    postbox.mail.user, postbox.mail.password = "dateline", SECRET
    postbox.answer_hooks(200)


async def test_a_message_arrives_as_it_was_rendered(type_: str, postbox: Postbox) -> None:
    """What is sent follows from what was rendered alone, so that a repeat is the same message, byte for byte."""
    await open_door(postbox)
    one = channel(type_, postbox)
    payload = one.render(message())
    for _ in range(2):
        await one.send(payload, delivery_id="d-1", now=NOW)
    first, again = (body.rstrip(b"\r\n") for body in DOORS[type_].received(postbox))
    assert first == again
    if type_ != "apprise":  # where each service has a shape of its own
        assert first == payload.rstrip(b"\r\n")


@pytest.mark.parametrize(
    ("how", "fault"),
    [
        ("in_trouble", ChannelFault),
        ("not_allowed", ChannelFault),
        ("message_refused", MessageFault),
        ("not_now", TryLater),
    ],
)
async def test_a_fault_says_what_to_do_next(type_: str, postbox: Postbox, how: str, fault: type[Exception]) -> None:
    """A fault of the channel, of the message, or of the moment; its words name the other side and no secret."""
    await open_door(postbox)
    getattr(DOORS[type_], how)(postbox)
    with pytest.raises(fault) as refused:
        await send(channel(type_, postbox))
    assert type(refused.value) is fault
    assert SECRET not in repr(refused.value)
    assert refused.value.__cause__ is None  # a traceback in the log would show what the library says
    assert DOORS[type_].received(postbox) == []


async def test_nobody_there_is_a_fault_of_the_channel(type_: str, postbox: Postbox) -> None:
    """A refused connection is the channel's fault and named in words."""
    one = channel(type_, postbox)
    await postbox.stop()
    with pytest.raises(
        ChannelFault, match=r"^(no connection to )?(127\.0\.0\.1|Gotify): .*Connection refused$"
    ) as refused:
        await send(one)
    assert SECRET not in repr(refused.value)


async def test_no_such_host_is_a_fault_of_the_channel(type_: str) -> None:
    """A name that nobody knows is the channel's fault."""
    with pytest.raises(ChannelFault, match=r"nowhere|Gotify: no such host") as refused:
        await send(channel(type_, host="nowhere.invalid.") if type_ != "email" else _mail_to_nowhere())
    assert SECRET not in repr(refused.value)


async def test_silence_ends_at_the_time_limit(type_: str) -> None:
    """A server that takes the connection and says nothing is given up after the time limit."""
    async with silent_server() as port:
        with pytest.raises(ChannelFault, match=r"within 1 s") as refused:
            await send(channel(type_, port=port))
    assert SECRET not in repr(refused.value)


async def test_a_server_that_babbles_is_a_fault_of_the_channel(type_: str) -> None:
    """An answer in no protocol at all is the channel's fault."""
    async with silent_server(b"\x00\xff babble\r\n" * 10) as port:
        with pytest.raises(ChannelFault) as refused:
            await send(channel(type_, port=port))
    assert SECRET not in repr(refused.value)


def test_a_channel_shows_no_secret(type_: str) -> None:
    """Neither printed nor dumped does a channel show its secret."""
    one = channel(type_)
    assert SECRET not in repr(one) + str(one) + str(one.model_dump())


def test_the_type_is_the_name_of_the_file(type_: str) -> None:
    """A table with another type, or with a key that the channel does not know, is refused without its secret."""
    table = {"name": "desk", "type": type_, **DOORS[type_].table("127.0.0.1", 1)}
    assert channel_types()[type_].__module__ == f"scheduler.channels.{type_}"
    for wrong in ({"type": "pigeon"}, {"colour": "red"}):
        with pytest.raises(ValueError) as refused:
            channel_types()[type_].model_validate(table | wrong)
        assert SECRET not in str(refused.value)


def test_a_channel_knows_what_it_wrote(type_: str) -> None:
    """And what another type did, whatever the title."""
    for title in ("Bridge opens", "", '{"schema":'):
        for other in TYPES:
            assert channel(type_).wrote(channel(other).render(message(title))) is (type_ == other)


HOSTILE = [
    "\r\nBcc: eve@example.com\r\n\r\nbody",
    "NUL \x00 ESC \x1b[31m",
    "a lone surrogate \ud800 and a non-character \uffff",
    "<script>alert(1)</script> ]]> & <!channel> <@everyone> @everyone @here",
    "{{ 7 * 7 }}{% for x in range(10 ** 9) %}{% endfor %}",
    "\u202egnp.exe\u2028line\u2029end\x85",
    "*_~`[x](javascript:alert(1))",
    "9" * 1_000_000,
    "新" * 100_000,
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_a_site_wrote_arrives_as_one_message(type_: str, postbox: Postbox, text: str) -> None:
    """As title, text, word, source and address: it is taken, once, in UTF-8 and without what no reader can bear."""
    await open_door(postbox)
    hostile = alert(article(text, text[:5000]), article(f"{text}!", f"new {text[:5000]}"), words=(text,), url=text)
    change = replace(hostile.change, sources=(text or "x",), guid=text, cls=text[:100])
    told = message_of(delivery(replace(hostile, change=change)), NOW)
    one = channel(type_, postbox)
    await one.send(one.render(told), delivery_id="d-1", now=NOW)
    (received,) = DOORS[type_].received(postbox)
    assert len(received) < 200_000
    assert not re.search("[\x00\x1b\ud800-\udfff\uffff\u202e]", _shown(type_, received))
    if type_ == "apprise":
        assert "@everyone" not in _shown(type_, received) and "<!" not in _shown(type_, received)


def _shown(type_: str, received: bytes) -> str:
    """All that a reader of the message gets to see."""
    if type_ == "email":
        mail = email.message_from_bytes(received, policy=email.policy.default)
        return "".join([str(mail["Subject"]), *(part.get_content() for part in mail.iter_parts())])
    return _strings(json.loads(received))


def _strings(value: object) -> str:
    if isinstance(value, dict):
        return "".join(map(_strings, value.values()))
    return "".join(map(_strings, value)) if isinstance(value, list) else str(value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(title=st.text(max_size=400), body=st.text(max_size=400))
def test_any_article_can_be_rendered(type_: str, title: str, body: str) -> None:
    """Whatever a site wrote, the bytes are of the channel's format and hold nothing that the gates remove."""
    payload = channel(type_).render(message_of(delivery(alert(None, article(title, body), words=(title, body))), NOW))
    assert payload
    if type_ == "webhook":
        assert len(json.loads(payload)["data"]["alerts"]) == 1


def _mail_to_nowhere() -> Channel:
    table = DOORS["email"].table("nowhere.invalid.", 1)
    return channel_types()["email"].model_validate({"name": "desk", "type": "email", "timeout": "1s", **table})


@asynccontextmanager
async def silent_server(words: bytes = b"") -> AsyncIterator[int]:
    """Takes connections, says these words and nothing more until it is closed."""
    closing = asyncio.Event()

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await closing.wait()
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        closing.set()
        server.close()
        await server.wait_closed()
