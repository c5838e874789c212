"""A mail server that delivers nowhere: enough of ESMTP (RFC 5321) to receive, and to refuse at each step."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

Stage = Literal["greeting", "auth", "sender", "recipient", "data"]
USUAL_CODES: dict[Stage, int] = {"greeting": 421, "auth": 535, "sender": 550, "recipient": 550, "data": 451}
_WORDS = {
    421: "Service not available",
    451: "Local error, try later",
    535: "Authentication credentials invalid",
    554: "5.7.1 Relay access denied",
}
_ADDRESS = re.compile(rb"[A-Za-z]+ [A-Za-z]+:\s*<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it was taken over: the envelope, and the bytes between DATA and the dot, dots unstuffed."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def text(self) -> str:
        """The plain text part; "" if there is none."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""


class Refusal(Exception):
    """A reply of 4xx or 5xx; after 421 the connection closes (RFC 5321 section 3.8)."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(f"{code} {words or _WORDS.get(code, 'Refused')}")
        self.code = code


class MailServer:
    """Listens on loopback and gives each mail that it accepts to `receive`.

    With `user` and `password` set a client must log in (PLAIN or LOGIN). No TLS: it never leaves the machine.
    """

    def __init__(self, receive: Callable[[Mail], Awaitable[None]]) -> None:
        self.receive = receive
        self.user, self.password = "", ""
        self.port = 0
        self.logins: list[bool] = []  # one for each attempt: was the password right?
        self._refusals: dict[Stage, tuple[int, int | None]] = {}  # code, and how many are left
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, address, port or self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for writer in self._open.values():
            writer.close()
        await asyncio.gather(*self._open)
        await self._server.wait_closed()
        self._server = None

    def refuse(self, stage: Stage, code: int = 0, *, times: int | None = None) -> None:
        """Answer with `code` (by default the usual one) at `stage`, so many times or until `accept`.

        A client may try AUTH once for each method that it knows: leave `times` out for "auth".
        """
        self._refusals[stage] = (code or USUAL_CODES[stage], times)

    def accept(self) -> None:
        self._refusals.clear()

    def gate(self, stage: Stage) -> None:
        """Raise the Refusal that is due at `stage`, if any."""
        if stage not in self._refusals:
            return
        code, left = self._refusals.pop(stage)
        if left is None or left > 1:
            self._refusals[stage] = (code, left and left - 1)
        raise Refusal(code)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            await _Conversation(self, reader, writer).hold()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client left, or does not speak SMTP
        finally:
            del self._open[task]
            writer.close()


class _Conversation:
    """One client's session: an envelope that fills up, and the replies."""

    def __init__(self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._logged_in = False
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def hold(self) -> None:
        reply, code = await self._try(self._greet())
        while await self._reply(reply, code):
            line = (await self._reader.readuntil(b"\n")).rstrip(b"\r\n")
            reply, code = await self._try(self._obey(line))

    async def _try(self, step: Awaitable[str]) -> tuple[str, int]:
        try:
            reply = await step
        except Refusal as refusal:
            return str(refusal), refusal.code
        return reply, int(reply[:3])

    async def _reply(self, reply: str, code: int) -> bool:
        """Send it; answer whether the conversation goes on."""
        self._writer.write(reply.encode() + b"\r\n")
        await self._writer.drain()
        return code not in (221, 421)

    async def _greet(self) -> str:
        self._server.gate("greeting")
        return "220 demo ESMTP"

    async def _obey(self, line: bytes) -> str:
        verb = line.split(b" ", 1)[0].upper()
        match verb:
            case b"EHLO":
                return "250-demo\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN"
            case b"HELO" | b"NOOP":
                return "250 demo"
            case b"AUTH":
                return await self._log_in(line)
            case b"MAIL":
                return self._from(line)
            case b"RCPT":
                return self._to(line)
            case b"DATA":
                return await self._take_over()
            case b"RSET":
                self._sender, self._recipients = None, []
                return "250 Forgotten"
            case b"QUIT":
                return "221 Goodbye"
        raise Refusal(502, "Command not implemented")

    async def _log_in(self, line: bytes) -> str:
        self._server.gate("auth")
        method, *initial = line[5:].split(b" ")
        if method.upper() not in (b"PLAIN", b"LOGIN"):
            raise Refusal(504, "PLAIN or LOGIN")
        if method.upper() == b"PLAIN":
            answer = _unpacked(initial[0] if initial else await self._ask(""))
            user, _, password = answer.partition(b"\0")[2].partition(b"\0")  # RFC 4616: nobody NUL user NUL password
        else:
            user = _unpacked(initial[0] if initial else await self._ask("VXNlcm5hbWU6"))
            password = _unpacked(await self._ask("UGFzc3dvcmQ6"))
        wanted = (self._server.user.encode(), self._server.password.encode())
        self._logged_in = (user, password) == wanted
        self._server.logins.append(self._logged_in)
        if not self._logged_in:
            raise Refusal(535)
        return "235 Welcome"

    async def _ask(self, prompt: str) -> bytes:
        await self._reply(f"334 {prompt}", 334)
        return (await self._reader.readuntil(b"\n")).rstrip(b"\r\n")

    def _from(self, line: bytes) -> str:
        self._server.gate("sender")
        if self._server.user and not self._logged_in:
            raise Refusal(530, "Authentication required")
        self._sender, self._recipients = _address(line), []
        return "250 Sender noted"

    def _to(self, line: bytes) -> str:
        if self._sender is None:
            raise Refusal(503, "MAIL first")
        self._server.gate("recipient")
        self._recipients.append(_address(line))
        return "250 Recipient noted"

    async def _take_over(self) -> str:
        if self._sender is None or not self._recipients:
            raise Refusal(503, "MAIL and RCPT first")
        await self._reply("354 End with a dot on a line of its own", 354)
        lines = []
        while (line := await self._reader.readuntil(b"\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        self._server.gate("data")  # after the content: a refusal of the message, not of the command
        await self._server.receive(Mail(self._sender, tuple(self._recipients), b"".join(lines)))
        self._sender, self._recipients = None, []
        return "250 Taken over"


def _address(line: bytes) -> str:
    found = _ADDRESS.match(line)
    if not found:
        raise Refusal(501, "No address in angle brackets")
    return found[1].decode("utf-8", "replace")


def _unpacked(line: bytes) -> bytes:
    try:
        return base64.b64decode(line, validate=True)
    except binascii.Error:
        raise Refusal(501, "Not base64") from None
