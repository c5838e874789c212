"""Webhooks: Standard Webhooks to the letter, and no redirect."""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from scheduler.channels.webhook import Channel
from scheduler.demo.postbox import Postbox
from scheduler.rendering import message_of
from scheduler.sending import ChannelFault, MessageFault, TryLater
from tests.scheduler.made_up import NOW, alert, article, delivery


def channel(postbox: Postbox, **more: Any) -> Channel:
    return Channel.model_validate({"name": "desk", "type": "webhook", "url": postbox.hook_url, **more})


async def send(one: Channel) -> None:
    payload = one.render(message_of(delivery(alert(None, article())), NOW))
    await one.send(payload, delivery_id="d-1", now=NOW.astimezone(timezone(timedelta(hours=9))))


async def test_it_is_signed_under_the_id_of_the_delivery(postbox: Postbox) -> None:
    """The signature covers id, time of the attempt and body, whatever zone the clock is in."""
    await send(channel(postbox, secret=postbox.secret))
    hook = postbox.received_hooks[0]
    assert hook.signed
    assert hook.id == "d-1"
    assert hook.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert hook.headers["content-type"] == "application/json"


async def test_without_a_secret_it_is_not_signed(postbox: Postbox) -> None:
    """Id and time are sent all the same: the receiver knows a repeat by them."""
    await send(channel(postbox))
    assert "webhook-signature" not in postbox.received_hooks[0].headers
    assert postbox.received_hooks[0].id == "d-1"


async def test_two_secrets_sign_while_one_takes_the_others_place(postbox: Postbox) -> None:
    """The receiver may know either of them."""
    new, old = postbox.secret, "whsec_b2xkb2xkb2xkb2xk"
    for known in (new, old):
        postbox.secret = known
        await send(channel(postbox, secret=new, old_secret=old))
        assert postbox.received_hooks[-1].signed
    assert len(postbox.received_hooks[-1].headers["webhook-signature"].split(" ")) == 2


async def test_a_receiver_that_is_gone_for_good_is_known(postbox: Postbox) -> None:
    """410: the channel need not fail three times."""
    postbox.answer_hooks(410)
    with pytest.raises(ChannelFault, match="gone for good") as refused:
        await send(channel(postbox))
    assert refused.value.is_gone
    postbox.answer_hooks(404)
    with pytest.raises(ChannelFault) as refused:
        await send(channel(postbox))
    assert not refused.value.is_gone


async def test_the_body_says_type_time_and_data(postbox: Postbox) -> None:
    """The standard's three keys; the data are the fields of the message."""
    await send(channel(postbox))
    body = postbox.received_hooks[0].content
    assert (body["type"], body["timestamp"]) == ("alerts", "2026-11-20T12:00:00Z")
    assert body["data"]["subject"] == "bridges: new: Bridge opens at Harl (harl-post)"
    assert body["data"]["alerts"][0]["title"] == "Bridge opens at Harl"


async def test_a_redirect_is_a_failure_and_not_followed(postbox: Postbox) -> None:
    """The alert goes where the operator sent it, or nowhere."""
    postbox.answer_hooks("redirect")
    with pytest.raises(ChannelFault, match=r"127\.0\.0\.1 answered 307, a redirect"):
        await send(channel(postbox))
    assert postbox.followed == 0


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, None),
        (201, None),
        (204, None),
        (400, TryLater),
        (401, ChannelFault),
        (403, ChannelFault),
        (404, ChannelFault),
        (408, TryLater),
        (410, ChannelFault),
        (413, MessageFault),
        (422, MessageFault),
        (429, ChannelFault),
        (500, ChannelFault),
        (502, ChannelFault),
    ],
)
async def test_each_status_has_its_meaning(postbox: Postbox, status: int, fault: type[Exception] | None) -> None:
    """Only 2xx is success; the others are of the channel, of the message, or of the moment."""
    postbox.answer_hooks(status)
    if fault is None:
        await send(channel(postbox))
        return
    with pytest.raises(fault, match=f"answered {status}"):
        await send(channel(postbox))


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Fri, 20 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("soon", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("", None),
    ],
)
async def test_retry_after_is_kept(postbox: Postbox, header: str, wait: timedelta | None) -> None:
    """Seconds or an HTTP date, at most a day."""
    postbox.answer_hooks(503, retry_after=header)
    with pytest.raises(ChannelFault) as refused:
        await send(channel(postbox))
    assert refused.value.retry_after == wait


async def test_https_where_http_is_spoken_names_the_mend(postbox: Postbox) -> None:
    """A receiver under test has seldom a certificate."""
    with pytest.raises(ChannelFault, match=r"^127\.0\.0\.1 speaks no TLS there, .* an address with http://\?$"):
        await send(channel(postbox, url=f"https://127.0.0.1:{postbox.hook_port}/"))


async def test_a_proxy_of_the_environment_is_not_used(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alerts go straight to the address."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    await send(channel(postbox))
    assert len(postbox.received_hooks) == 1


def test_the_address_may_be_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is a secret is named like one."""
    monkeypatch.setenv("DESK_URL", "https://hooks.example/T0/x")
    (tmp_path / "url").write_text("https://hooks.example/T0/x\n")
    table = {"name": "desk", "type": "webhook"}
    for url in ("env:DESK_URL", "file:url"):
        one = Channel.model_validate(table | {"url": url}, context={"folder": tmp_path})
        assert one.url.reveal() == "https://hooks.example/T0/x"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "ftp://hooks.example/"}, "no http or https address"),
        ({"url": "https://ann:pw@hooks.example/"}, "user name"),
        ({"url": "https://hooks.slack.com/services/T0/B0/x"}, 'Slack does not .* type = "apprise" with the same url'),
        ({"url": "https://discord.com/api/webhooks/1/x"}, "Discord does not read webhooks of this form"),
        ({"secret": "whsec_"}, "whsec_ and then base64"),
        ({"secret": "c2VjcmV0"}, "whsec_ and then base64"),
        ({"secret": "whsec_a"}, "whsec_ and then base64"),
        ({"old_secret": "whsec_b2xk"}, "name the new one as secret, too"),
        ({"timeout": "10m"}, "between 1s and 60s"),
        ({"timeout": "soon"}, "is no duration"),
    ],
)
def test_a_wrong_table_is_refused(wrong: dict[str, str], words: str) -> None:
    """Each fault with its mend, and without the secret."""
    with pytest.raises(ValueError, match=words) as refused:
        Channel.model_validate({"name": "desk", "type": "webhook", "url": "https://hooks.example/"} | wrong)
    assert "ann:pw" not in str(refused.value)


def test_many_alerts_stay_under_twenty_kilobytes() -> None:
    """Excerpts and diffs are left out of the later alerts first; no alert is."""
    long = article(body="The bridge over the Harl is long. " * 100)
    edited = article(body=long.body.replace("long", "short"))
    many = [alert(long, edited, id=number, holds="still") for number in range(30)]
    one = Channel.model_validate({"name": "desk", "type": "webhook", "url": "https://hooks.example/"})
    payload = one.render(message_of(delivery(*many), NOW))
    told = json.loads(payload)["data"]["alerts"]
    assert len(payload) < 20_000
    assert len(told) == 30
    assert "diff" in told[0]
    assert "diff" not in told[-1]
