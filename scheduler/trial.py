"""`dateline tell`: a test message through a channel, and the truth about what came of it."""

from __future__ import annotations

from contextlib import closing
from uuid import uuid4

from scheduler.rendering import test_message
from scheduler.sending import Channel, ChannelFault, MessageFault, TryLater
from scheduler.steps import utc_now
from storage import by_hand
from storage.store import WrongSchema, open_store


async def send_test(channel: Channel) -> str:
    """Send a test message now; answers why it was not taken, "" where it was."""
    now, test_id = utc_now(), uuid4().hex
    try:
        await channel.send(channel.render(test_message(test_id, channel.name, now)), delivery_id=test_id, now=now)
    except (ChannelFault, MessageFault, TryLater) as fault:
        return f"{channel.name}: not delivered: {fault.reason}"
    return ""


def go_on(store_url: str, channel: str) -> bool:
    """Have what waits in a paused channel tried now, since a test got through; False where nothing was paused."""
    try:
        with closing(open_store(store_url)) as store:
            return bool(store.write(lambda connection: by_hand.probe(connection, [channel], utc_now())))
    except WrongSchema:  # none there yet
        return False
