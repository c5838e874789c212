"""A postbox on loopback: a mail server and a receiver of webhooks that keep what comes, or refuse it on demand."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from aiohttp import web
from standardwebhooks.webhooks import Webhook

from scheduler.demo.smtp import Mail, MailServer

Answer = int | Literal["redirect", "hang"]


@dataclass(frozen=True, slots=True)
class Hook:
    """One attempt to deliver a webhook. `answer` is the status that it got, 0 if it got none.

    `signed` says whether its Standard Webhooks signature is right; None where the postbox knows no secret.
    """

    id: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    answer: int
    signed: bool | None

    @property
    def content(self) -> Any:
        """The body as JSON; ValueError if it is none."""
        return json.loads(self.body)


class Postbox:
    """Receives at `hook_url` and at `address`, `mail.port`.

    `attempts` are all webhooks, `received_hooks` those answered with 2xx, `received_mail` the mails taken over, each
    in the order of coming. `followed` counts requests to where its redirects lead: it should stay 0.
    """

    def __init__(self, secret: str = "") -> None:
        """`secret` is "whsec_..." (https://www.standardwebhooks.com); it may be set later."""
        self.secret = secret
        self.address, self.hook_port = "127.0.0.1", 0
        self.mail = MailServer(self._receive_mail)
        self.received_mail: list[Mail] = []
        self.attempts: list[Hook] = []
        self.followed = 0
        self._answers: list[Answer] = []  # for the next attempts; then `_usual`
        self._usual: Answer = 204
        self._retry_after = ""
        self._arrived = asyncio.Condition()
        self._released = asyncio.Event()
        self._runner: web.ServerRunner | None = None

    async def start(self, address: str = "127.0.0.1") -> None:
        """Open both doors; after `stop` they open again on their old ports, with all that had come."""
        self.address, self._released = address, asyncio.Event()
        await self.mail.start(address)
        # Cancelled when the sender leaves: its attempt must not be held up here until the postbox closes.
        self._runner = web.ServerRunner(
            web.Server(self._receive_hook, handler_cancellation=True, access_log=None), shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, address, self.hook_port).start()
        self.hook_port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self._released.set()
        await self.mail.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def hook_url(self) -> str:
        return f"http://{self.address}:{self.hook_port}/hook"

    @property
    def received_hooks(self) -> list[Hook]:
        return [hook for hook in self.attempts if 200 <= hook.answer < 300]

    def answer_hooks(self, answer: Answer, *, times: int | None = None, retry_after: str = "") -> None:
        """Answer the next `times` webhooks so, then with 204 again; without `times` all, until told otherwise.

        A status, or "redirect" (307 to another path here) or "hang" (no answer until this is called again).
        """
        self._answers, self._usual = ([answer] * times, 204) if times is not None else ([], answer)
        self._retry_after = retry_after
        self._released.set()
        self._released = asyncio.Event()

    async def wait_for(self, *, hooks: int = 0, mails: int = 0, attempts: int = 0, timeout_s: float = 180) -> None:
        """Wait until at least so many have come, since the start. TimeoutError says what came instead."""

        def all_here() -> bool:
            return (
                len(self.received_hooks) >= hooks
                and len(self.received_mail) >= mails
                and len(self.attempts) >= attempts
            )

        try:
            async with asyncio.timeout(timeout_s), self._arrived:
                await self._arrived.wait_for(all_here)
        except TimeoutError:
            raise TimeoutError(
                f"waited {timeout_s:g} s for {hooks} webhooks, {mails} mails and {attempts} attempts; there came "
                f"{len(self.received_hooks)}, {len(self.received_mail)} and {len(self.attempts)}"
            ) from None

    async def _receive_mail(self, mail: Mail) -> None:
        self.received_mail.append(mail)
        await self._tell()

    async def _receive_hook(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        if request.path == "/elsewhere":
            self.followed += 1
            return web.Response(status=204)
        answer = self._answers.pop(0) if self._answers else self._usual
        status = {"redirect": 307, "hang": 0}[answer] if isinstance(answer, str) else answer
        headers = {name.lower(): value for name, value in request.headers.items()}
        signed = self._is_signed(headers, body) if self.secret else None
        self.attempts.append(Hook(headers.get("webhook-id", ""), request.path, headers, body, status, signed))
        released = self._released
        await self._tell()
        if answer == "hang":
            await released.wait()
            return web.Response(status=504)
        back = {"Location": "/elsewhere"} if answer == "redirect" else {}
        if self._retry_after and status >= 400:
            back["Retry-After"] = self._retry_after
        return web.Response(status=status, headers=back)

    async def _tell(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Compare by id, time and body. How old the time is does not count: the sender may run on a made-up clock."""
        try:
            moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
            right = Webhook(self.secret).sign(headers["webhook-id"], moment, body.decode())
            offered = headers["webhook-signature"].split()
        except (KeyError, ValueError, OverflowError):
            return False
        return any(hmac.compare_digest(right.encode(), one.encode()) for one in offered)
