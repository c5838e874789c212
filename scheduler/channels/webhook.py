"""Tells a program by an HTTP POST of JSON, signed as Standard Webhooks asks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import binascii
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

import aiohttp
from pydantic import model_validator
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from scheduler import sending, services
from scheduler.message import Message
from scheduler.payload import VERSION
from scheduler.secret import Secret, where_known
from scheduler.sending import ChannelFault, Timeout, retry_after
from scheduler.unanswered import in_words
from storage.text import iso, public_url

MOST_OF_AN_ANSWER = 65536  # bytes: only the status counts, the rest is read so that the other side can finish


def _address(url: Secret) -> Secret:
    if not public_url(url.reveal()):
        raise ValueError(
            'no http or https address, such as "https://www.example.org/"; '
            "one with a user name and a password in it is not taken either"
        )
    if chat := services.chat_at(urlsplit(url.reveal()).hostname or ""):
        raise ValueError(f'{chat} does not read webhooks of this form: write type = "apprise" with the same url')
    return url


def _signing_key(secret: Secret) -> Secret:
    try:
        if secret.reveal().startswith("whsec_"):
            Webhook(secret.reveal())
            return secret
    except (binascii.Error, EmptyWebhookSecretError):
        pass
    raise ValueError("a signing secret is whsec_ and then base64, as the receiver shows it")


class Channel(sending.Channel):
    """`url` is a secret, since its path often is one. It may lead to a private address: the operator wrote it."""

    most_alerts: ClassVar[int] = 50  # a program gets each: so many find room as lines, whatever they say

    type: Literal["webhook"]
    url: Annotated[Secret, where_known(_address)]
    secret: Annotated[Secret, where_known(_signing_key)] | None = None
    # While the receiver changes to a new secret: what is sent is signed with both, and either of them will do.
    old_secret: Annotated[Secret, where_known(_signing_key)] | None = None
    timeout: Timeout = timedelta(seconds=20)

    @model_validator(mode="after")
    def _old_follows_new(self) -> Self:
        if self.old_secret is not None and self.secret is None:
            raise ValueError("old_secret is there beside secret: name the new one as secret, too")
        return self

    def render(self, message: Message) -> bytes:
        """What scheduler/payload.py describes; the timestamp is the delivery's, that of the attempt is in a header."""
        at = iso(message.created_at)
        data = {"subject": message.subject, **message.fields}
        body = {"schema": VERSION, "type": message.type, "timestamp": at, "data": data}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def wrote(self, payload: bytes) -> bool:
        return payload.startswith(b'{"schema":')

    async def send(self, payload: bytes, *, delivery_id: str, now: datetime) -> str:
        host = urlsplit(self.url.reveal()).hostname or ""
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=self.timeout.total_seconds()),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    auto_decompress=False,
                    trust_env=False,  # a proxy named in the environment would see every alert
                ) as session,
                session.post(
                    self.url.reveal(),
                    data=payload,
                    headers=self._headers(payload, delivery_id, now),
                    allow_redirects=False,  # 307 would post the alert to whoever is named, 302 would look like success
                ) as response,
            ):
                with suppress(aiohttp.ClientError, TimeoutError):
                    await response.content.read(MOST_OF_AN_ANSWER)
                status, asked = response.status, response.headers.get("Retry-After", "")
        except TimeoutError:
            raise ChannelFault(f"{host} did not answer within {self.timeout.total_seconds():g} s") from None
        except aiohttp.ClientError as error:
            raise ChannelFault(in_words(error, host)) from None
        if not 200 <= status < 300:
            sending.refused(status, host, retry_after(asked, now))
        return f"HTTP {status}"

    @property
    def reaches(self) -> str:
        """The host: the path may be a secret."""
        return urlsplit(self.url.reveal()).hostname or ""

    def _headers(self, payload: bytes, delivery_id: str, now: datetime) -> dict[str, str]:
        now = now.astimezone(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "Dateline",
            "webhook-id": delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        keys = [one for one in (self.secret, self.old_secret) if one is not None]
        if keys:
            signed = [Webhook(key.reveal()).sign(delivery_id, now, payload.decode()) for key in keys]
            headers["webhook-signature"] = " ".join(signed)
        return headers
