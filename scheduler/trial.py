"""`dateline tell`: a test message through a channel, and the truth about what came of it."""

from __future__ import annotations

from uuid import uuid4

from scheduler.rendering import test_message
from scheduler.sending import Channel, ChannelFault, MessageFault, TryLater
from scheduler.steps import utc_now


async def send_test(channel: Channel) -> str:
    """Send a test message now; answers why it was not taken, "" where it was."""
    now, test_id = utc_now(), uuid4().hex
    try:
        await channel.send(channel.render(test_message(test_id, channel.name, now)), delivery_id=test_id, now=now)
    except (ChannelFault, MessageFault, TryLater) as fault:
        return f"{channel.name}: not delivered: {fault.reason}"
    return ""
