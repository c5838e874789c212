"""`dateline tell`: a test message through a channel, and the truth about what came of it."""

from __future__ import annotations

from uuid import uuid4

from scheduler.config import Config
from scheduler.message import test_message
from scheduler.sending import Channel, ChannelFault, MessageFault, TryLater
from scheduler.steps import utc_now
from storage import deliveries
from storage.store import open_store


async def send_test(channel: Channel) -> str:
    """Send a test message now; answers why it was not taken, "" where it was."""
    now, test_id = utc_now(), uuid4().hex
    try:
        await channel.send(channel.render(test_message(test_id, channel.name, now)), delivery_id=test_id, now=now)
    except (ChannelFault, MessageFault, TryLater) as fault:
        return f"{channel.name}: not delivered: {fault.reason}"
    return ""


def send_again(config: Config, delivery_id: str) -> str:
    """Make a given-up delivery pending again; answers why not, "" where it was done."""
    store = open_store(config.store_url)
    try:
        done = store.write(lambda connection: deliveries.send_again(connection, delivery_id, utc_now()))
    finally:
        store.close()
    return "" if done else f"no delivery {delivery_id} was given up"
