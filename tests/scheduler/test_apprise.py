"""The services of Apprise, each spoken to as a real server hears it."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.channels.apprise import MOST_HANGING, Channel
from scheduler.demo.postbox import Postbox
from scheduler.rendering import message_of
from scheduler.sending import ChannelFault, MessageFault, TryLater
from storage.model.telling import Notice
from tests.scheduler.made_up import BODY, NOW, alert, article, delivery

TOKEN = "hush-hush-4711"
EDITED = alert(article(), article("Bridge *late*", BODY.replace("Ten", "Twelve")), holds="still")


def table(**more: Any) -> dict[str, Any]:
    return {"name": "desk", "type": "apprise", "timeout": "1s", **more}


def channel(postbox: Postbox, url: str = "gotify://127.0.0.1:{}/" + TOKEN, **more: Any) -> Channel:
    return Channel.model_validate(table(url=url.format(postbox.hook_port), **more))


async def send(one: Channel, told: Any = None, delivery_id: str = "d-1") -> None:
    told = told or message_of(delivery(EDITED), NOW)
    await one.send(one.render(told), delivery_id=delivery_id, now=NOW)


@pytest.fixture(autouse=True)
def answers_as_services_do(postbox: Postbox) -> None:
    postbox.answer_hooks(200)


@pytest.mark.parametrize(
    "url",
    [
        "gotify://127.0.0.1:{}/" + TOKEN,
        "ntfy://127.0.0.1:{}/topic",
        "mmost://127.0.0.1:{}/3ccdd113474722377935511fc85d3dd4",
        "matrix://user:token@127.0.0.1:{}/#room?mode=matrix",
    ],
)
async def test_services_get_the_message(postbox: Postbox, url: str) -> None:
    """What changed, where, and the address stand in it, whatever shape the service has."""
    await send(channel(postbox, url))
    said = postbox.received_hooks[-1].body.decode()
    for word in ("dited, still matches", "Twelve", "https://post.example/a", "rule bridges"):
        assert word in said


async def test_a_redirect_is_not_followed(postbox: Postbox) -> None:
    """Not even where the address asks for it: the alert would go to whoever is named."""
    postbox.answer_hooks("redirect")
    with pytest.raises(ChannelFault, match="Gotify answered 307"):
        await send(channel(postbox, "gotify://127.0.0.1:{}/tok?redirect=yes&retry=9"))
    assert postbox.followed == 0 and len(postbox.attempts) == 1


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (302, ChannelFault),
        (401, ChannelFault),
        (429, ChannelFault),
        (500, ChannelFault),
        (400, TryLater),
        (413, MessageFault),
        (422, MessageFault),
    ],
)
async def test_each_status_has_its_meaning(postbox: Postbox, status: int, fault: type[Exception]) -> None:
    """As with our own webhook; one attempt makes one request."""
    postbox.answer_hooks(status)
    with pytest.raises(fault, match=f"Gotify answered {status}"):
        await send(channel(postbox))
    assert len(postbox.attempts) == 1


async def test_who_is_gone_for_good_is_known(postbox: Postbox) -> None:
    postbox.answer_hooks(410)
    with pytest.raises(ChannelFault) as refused:
        await send(channel(postbox))
    assert refused.value.is_gone


async def test_a_long_message_is_cut_and_never_split(postbox: Postbox) -> None:
    """Whole alerts as far as they fit, the number of the others, and one request."""
    many = [alert(None, article(f"Bridge {number}", BODY * 3), id=number) for number in range(50)]
    one = channel(postbox, "ntfy://127.0.0.1:{}/topic?overflow=split")
    await send(one, message_of(delivery(*many), NOW))
    (hook,) = postbox.attempts
    said = json.loads(hook.body)["message"]
    assert len(said.encode()) <= 4000
    shown = said.count("New: Bridge")
    assert 3 < shown < 50 and f"And {50 - shown} more." in said
    assert said.endswith("Told by Dateline, rule bridges.")


async def test_a_single_long_text_says_that_it_was_cut(postbox: Postbox) -> None:
    """A notice may hold a list of hundreds."""
    told = message_of(delivery(notice=Notice("many went", "line\n" * 20_000)), NOW)
    await send(channel(postbox, "ntfy://127.0.0.1:{}/topic"), told)
    (hook,) = postbox.attempts
    said = json.loads(hook.body)["message"]
    assert 3900 < len(said.encode()) <= 4000 and "cut; all of it stands on Dateline's page" in said


async def test_attempts_that_hang_are_bounded(postbox: Postbox) -> None:
    """No thread can be ended from outside: a service that hangs gets a few of them, and no more."""
    postbox.answer_hooks("hang")
    one = channel(postbox)
    for _ in range(MOST_HANGING):
        one._hanging.acquire()
    with pytest.raises(ChannelFault, match=f"{MOST_HANGING} earlier attempts"):
        await send(one)
    assert postbox.attempts == []


async def test_what_apprise_logs_goes_nowhere(postbox: Postbox) -> None:
    """It holds the address, and with it the secret."""
    heard = io.StringIO()
    ear = logging.StreamHandler(heard)
    logging.getLogger().addHandler(ear)
    postbox.answer_hooks(500)
    one = channel(postbox, "mmost://127.0.0.1:{}/" + TOKEN.replace("-", ""))
    try:
        with pytest.raises(ChannelFault) as refused:
            await send(one)
    finally:
        logging.getLogger().removeHandler(ear)
    assert TOKEN.replace("-", "") not in heard.getvalue() + repr(refused.value) + repr(one)
    assert "Mattermost" not in heard.getvalue()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("json://hooks.example/x", 'write type = "webhook"'),
        ("apprise://hooks.example/x", 'write type = "webhook"'),
        ("https://hooks.example/x", 'write type = "webhook"'),
        # Of a chat whose webhooks are not taken either: the one must not send to the other and back.
        ("https://discord.com/api/webhooks/half", "no address that Discord takes messages at: copy it whole"),
        ("http://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "with https://, as Slack"),
        ("mailto://user:pass@example.org", 'write type = "email"'),
        ("dbus://", "none of the services"),
        ("syslog://", "none of the services"),
        ("windows://", "none of the services"),
        ("macosx://", "none of the services"),
        ("mqtt://host/topic", "none of the services"),
        ("python://x.py", "none of the services"),
        ("file:///etc/passwd", "none of the services"),
        ("hush-hush-4711", "an address begins with the name of its service"),
        ("dicord://hush-hush-4711", "did you mean discord?"),
        ("slack://hush-hush-4711", "no address that Apprise understands for slack://"),
    ],
)
def test_an_address_that_is_not_taken_names_the_mend(url: str, words: str) -> None:
    """And not itself: it is a secret."""
    with pytest.raises(ValueError) as refused:
        Channel.model_validate(table(url=url.replace("file:", "FILE:")))
    assert words in str(refused.value)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "reaches"),
    [
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "slack"),
        ("https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "discord"),
        ("https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t", "gchat"),
    ],
)
def test_an_address_is_taken_as_its_service_shows_it(url: str, reaches: str) -> None:
    """A person copies it from the page of the service; it is told by the service's name alone."""
    assert Channel.model_validate(table(url=url)).reaches == reaches


def test_an_address_is_named_like_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file or the environment; none is a fault."""
    (tmp_path / "slack").write_text("ntfy://topic\n")
    monkeypatch.setenv("DESK", "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")
    for wanted in ({"url": "file:slack"}, {"url": "env:DESK"}):
        Channel.model_validate(table(**wanted), context={"folder": tmp_path})
    with pytest.raises(ValueError, match="Field required"):
        Channel.model_validate(table())


def test_a_diff_is_markup_where_the_service_shows_markup(postbox: Postbox) -> None:
    """What stands in the article is none."""
    body = json.loads(channel(postbox).render(message_of(delivery(EDITED), NOW)))
    plain, markdown = body["blocks"][0]
    assert "[-Ten-]{+Twelve+}" in plain and "~~Ten~~**Twelve**" in markdown
    assert "\\*late\\*" in markdown


def test_a_template_words_the_text(postbox: Postbox) -> None:
    """In place of the blocks."""
    one = channel(postbox, text="{{ count }} at {{ alerts[0].source }}", subject="{{ rule }}!")
    body = json.loads(one.render(message_of(delivery(EDITED), NOW, one.voice)))
    assert body["title"] == "bridges!" and body["blocks"] == [["1 at harl-post"] * 2] and body["foot"] == ""


def test_nobody_is_called_by_an_article(postbox: Postbox) -> None:
    """Chats call everybody where a text says so; a mail address and a link stay what they are."""
    told = message_of(
        delivery(alert(None, article("@everyone editor@Everyone <!here> <@1> a@b.example"), words=())), NOW
    )
    body = channel(postbox).render(replace(told, foot="https://x.example/@ann")).decode()
    assert "@everyone" not in body.lower() and "<!" not in body and "<@" not in body
    assert "a@b.example" in body and "https://x.example/%40ann" in body
