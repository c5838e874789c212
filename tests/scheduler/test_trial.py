"""A test message through a channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scheduler import sending
from scheduler.message import Message
from scheduler.sending import TryLater
from scheduler.trial import send_test


class Channel(sending.Channel):
    """Keeps under which ids it was asked to render and to send; refuses where it has a reason."""

    refuses: str = ""
    ids: list[str] = []  # noqa: RUF012  (a field of pydantic's: each channel has its own)

    def render(self, message: Message) -> bytes:
        self.ids.append(message.id)
        return message.subject.encode()

    def wrote(self, payload: bytes) -> bool:
        return True

    async def send(self, payload: bytes, *, delivery_id: str, now: datetime) -> None:
        self.ids.append(delivery_id)
        if self.refuses:
            raise TryLater(self.refuses)


def channel(**more: Any) -> Channel:
    return Channel(name="desk", type="test", **more)


async def test_a_test_message_has_one_id() -> None:
    """Its Message-ID and what the receiver is told of it are the same, and new for each test."""
    desk = channel()
    assert await send_test(desk) == ""
    assert await send_test(desk) == ""
    rendered, sent, *again = desk.ids
    assert rendered == sent
    assert again[0] == again[1] != sent


async def test_a_refused_test_message_says_why() -> None:
    """In the channel's own words."""
    assert await send_test(channel(refuses="451 busy")) == "desk: not delivered: 451 busy"
