"""A channel that gets another type while its deliveries wait: they are told in its form, under their ids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scheduler.demo.postbox import Postbox
from scheduler.judge import Rules
from scheduler.sending import channel_types
from tests.scheduler.clockwork import RULES, Clockwork
from tests.storage.watch import DAY, HOUR

TABLES: dict[str, dict[str, Any]] = {
    "apprise": {"url": "ntfy://127.0.0.1:{hooks}/news"},
    "email": {"host": "127.0.0.1", "port": "{mail}", "from": "dateline@example.org", "to": ["ann@example.org"]},
    "webhook": {"url": "http://127.0.0.1:{hooks}/hook"},
}


def become(clockwork: Clockwork, postbox: Postbox, type_: str) -> None:
    """The channel is of this type from now on."""
    ports = {"hooks": postbox.hook_port, "mail": postbox.mail.port}
    table = {key: one.format(**ports) if isinstance(one, str) else one for key, one in TABLES[type_].items()}
    hook = channel_types()[type_].model_validate({"name": "hook", "type": type_, **table})
    clockwork.telling = replace(clockwork.telling, channels={"hook": hook}, rules=Rules(RULES[:1]))


@pytest.mark.parametrize("after", ["apprise", "email"])
async def test_what_a_webhook_refused_is_told_where_it_is_none_any_more(
    clockwork: Clockwork, postbox: Postbox, after: str
) -> None:
    """A chat's address was named as a webhook, which it answers with 400; the mend is another type, under its name."""
    become(clockwork, postbox, "webhook")
    postbox.answer_hooks(400)
    clockwork.desk.publish(2)
    await clockwork.tick()
    [before] = clockwork.desk.deliveries()
    postbox.answer_hooks(200)
    become(clockwork, postbox, after)
    assert await clockwork.tick_later(HOUR) == [1]
    told = [one.content for one in postbox.received_mail] + [one.body for one in postbox.received_hooks]
    assert len(told) == 1 and b"Title of a0" in told[0] and b"schema" not in told[0]
    [row] = clockwork.desk.deliveries()
    assert (row.id, row.state) == (before.id, "sent") and row.payload != before.payload


async def test_what_was_put_into_words_anew_is_repeated_so(clockwork: Clockwork, postbox: Postbox) -> None:
    """The bytes of the first attempt in the new form are kept, as any; and they have three days from it."""
    become(clockwork, postbox, "email")
    postbox.mail.refuse("data")
    clockwork.desk.publish()
    await clockwork.tick()
    await clockwork.tick_later(3 * DAY - HOUR)
    become(clockwork, postbox, "webhook")
    postbox.answer_hooks(500, times=1)
    await clockwork.tick_later(DAY)
    await clockwork.tick_later(HOUR * 12)
    first, second = postbox.attempts
    assert (first.id, first.body) == (second.id, second.body)
    assert clockwork.states() == [("sent", 4)]
