"""The postbox does what the other tests rely on: it takes mail and webhooks, or refuses them, and keeps them."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import aiohttp
import aiosmtplib
import pytest
from standardwebhooks.webhooks import Webhook

from scheduler.demo.postbox import Postbox


async def post(postbox: Postbox, delivery_id: str = "msg_1", secret: str = "", body: str = '{"type": "test"}') -> int:
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    headers = {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret or postbox.secret).sign(delivery_id, moment, body),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(postbox.hook_url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status


async def test_a_webhook_is_kept_with_its_id_and_signature(postbox):
    """The right secret makes it signed, another does not, and both are received."""
    waiting = asyncio.create_task(postbox.wait_for(hooks=2))
    assert await post(postbox, "msg_1") == 204
    assert not waiting.done()
    await post(postbox, "msg_2", secret="whsec_" + base64.b64encode(b"another secret").decode())
    await waiting
    assert [(hook.id, hook.signed) for hook in postbox.received_hooks] == [("msg_1", True), ("msg_2", False)]
    assert postbox.received_hooks[0].content == {"type": "test"}


async def test_webhooks_are_refused_so_many_times(postbox):
    """Refused attempts are kept apart from what was received, and Retry-After is sent."""
    postbox.answer_hooks(503, times=2, retry_after="3")
    assert [await post(postbox) for _ in range(3)] == [503, 503, 204]
    assert [hook.answer for hook in postbox.attempts] == [503, 503, 204]
    assert len(postbox.received_hooks) == 1


async def test_a_redirect_leads_to_where_following_it_is_seen(postbox):
    """A sender that does not follow it leaves `followed` at 0."""
    postbox.answer_hooks("redirect")
    assert await post(postbox) == 307
    assert postbox.followed == 0
    async with aiohttp.ClientSession() as session, session.post(postbox.hook_url, data="{}") as answer:
        assert answer.status == 204
    assert postbox.followed == 1 and postbox.received_hooks == []


async def test_a_hanging_postbox_answers_once_it_is_told_to(postbox):
    """An attempt that hangs is seen, and ends with the next instruction."""
    postbox.answer_hooks("hang")
    posting = asyncio.create_task(post(postbox))
    await postbox.wait_for(attempts=1)
    assert not posting.done()
    postbox.answer_hooks(204)
    assert await posting == 504


async def test_waiting_in_vain_says_what_came(postbox):
    """The error counts what was received instead."""
    await post(postbox)
    with pytest.raises(TimeoutError, match=r"for 2 webhooks, 0 mails and 0 attempts; there came 1, 0 and 1"):
        await postbox.wait_for(hooks=2, timeout_s=0.01)


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "dateline@example.org", "reader@example.org", "등대 reopened"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("A line.\n.hidden\n..\n.\nThe end: 등대.\n")
    return message


async def send(postbox: Postbox, **login: str) -> None:
    await aiosmtplib.send(letter(), hostname="127.0.0.1", port=postbox.mail.port, start_tls=False, timeout=5, **login)


async def test_a_mail_arrives_as_it_was_sent(postbox):
    """Lines that begin with a dot, and letters of any script, come through."""
    await send(postbox)
    await postbox.wait_for(mails=1)
    [mail] = postbox.received_mail
    assert (mail.sender, mail.recipients) == ("dateline@example.org", ("reader@example.org",))
    assert mail.message["Subject"] == "등대 reopened" and mail.message["Message-ID"] == "<1@example.org>"
    assert mail.text.replace("\r\n", "\n") == "A line.\n.hidden\n..\n.\nThe end: 등대.\n"


@pytest.mark.parametrize(
    "stage, code, error",
    [
        ("greeting", 421, aiosmtplib.SMTPConnectError),
        ("sender", 550, aiosmtplib.SMTPSenderRefused),
        ("recipient", 550, aiosmtplib.SMTPRecipientsRefused),
        ("data", 451, aiosmtplib.SMTPDataError),
    ],
)
async def test_mail_is_refused_at_each_step(postbox, stage, code, error):
    """The client sees the code of that step once, and the next mail is taken over."""
    postbox.mail.refuse(stage, times=1)
    with pytest.raises(error) as refused:
        await send(postbox)
    assert str(code) in str(refused.value)
    await send(postbox)
    assert len(postbox.received_mail) == 1


async def test_a_mail_server_with_an_account_wants_its_password(postbox):
    """No login, a wrong password and a failing AUTH are refused; the right password is let in."""
    postbox.mail.user, postbox.mail.password = "dateline", "open sesame"
    with pytest.raises(aiosmtplib.SMTPSenderRefused, match="530"):
        await send(postbox)
    with pytest.raises(aiosmtplib.SMTPAuthenticationError, match="535"):
        await send(postbox, username="dateline", password="wrong")
    await send(postbox, username="dateline", password="open sesame")
    assert postbox.mail.logins[-1] is True and False in postbox.mail.logins
    postbox.mail.refuse("auth")
    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await send(postbox, username="dateline", password="open sesame")
    assert len(postbox.received_mail) == 1


async def test_the_mail_server_survives_clients_that_speak_nonsense(postbox):
    """Unknown words, words out of order and a client that leaves cost nobody else anything."""
    reader, writer = await asyncio.open_connection("127.0.0.1", postbox.mail.port)
    replies = [await reader.readline()]
    for line in (b"WHAT", b"DATA", b"RCPT TO:<a@b>", b"MAIL nobody", b"AUTH", b"AUTH PLAIN !!", b"RSET"):
        writer.write(line + b"\r\n")
        replies.append(await reader.readline())
    assert [reply[:3] for reply in replies] == [b"220", b"502", b"503", b"503", b"501", b"504", b"501", b"250"]
    writer.close()
    await writer.wait_closed()
    await send(postbox)
    assert len(postbox.received_mail) == 1


async def test_the_mail_server_ends_a_conversation(postbox):
    """After QUIT, after a 421 and when it stops, the connection is closed from its side."""
    reader, writer = await asyncio.open_connection("127.0.0.1", postbox.mail.port)
    writer.write(b"QUIT\r\n")
    assert (await reader.read()).split(b"\r\n")[1][:3] == b"221"
    writer.close()

    postbox.mail.refuse("greeting", times=1)
    reader, writer = await asyncio.open_connection("127.0.0.1", postbox.mail.port)
    assert (await reader.read())[:3] == b"421"
    writer.close()

    reader, writer = await asyncio.open_connection("127.0.0.1", postbox.mail.port)
    await reader.readline()
    await postbox.stop()
    assert await reader.read() == b""
    writer.close()


async def test_a_closed_postbox_refuses_and_opens_again_at_its_address(postbox):
    """Both doors are shut at once and keep their ports."""
    await postbox.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await post(postbox)
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(postbox)
    await postbox.start()
    assert await post(postbox) == 204
    await send(postbox)
    assert len(postbox.received_mail) == 1
