"""Tells people by mail: SMTP with TLS and login, a text and an HTML part."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from ipaddress import ip_address
from socket import gaierror
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import quote

import aiosmtplib
from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from scheduler import sending
from scheduler.message import Message
from scheduler.own_wording import OwnWording
from scheduler.secret import Secret
from scheduler.sending import ChannelFault, MessageFault, Timeout, TryLater
from storage.text import one_line

PORTS = {"starttls": 587, "tls": 465, "none": 25}
LONGEST_ADDRESS = 950  # a line of a mail has at most 998 characters (RFC 5322, section 2.1.1)
REMEMBERED = 100  # deliveries of which some recipients have their copy and others not yet

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+(%\w+)?")  # the second: an IPv6 address
_HEADER = re.compile(rb"[A-Za-z-]+: ")
_NAMED = re.compile(r"\s*(?:\"?(?P<name>[^\"<>\x00-\x1f\x7f]*?)\"?\s*<(?P<inside>[^<>\s]+)>|(?P<bare>\S+))\s*")


def _subject(message: Message) -> tuple[str, str]:
    """In encoded words as a whole: where only some words are no ASCII, EmailMessage loses spaces between them. It also
    decodes "=?utf-8?q?...?=" in what it is given, line ends too, by which a headline could write headers."""
    said = one_line(message.subject).replace("=?", "=\u200b?")
    charset = "us-ascii" if said.isascii() else "utf-8"
    return "Subject", Header(said, charset, maxlinelen=76, header_name="Subject").encode(linesep="\r\n")


def _mailbox(value: str) -> Address:
    """Read `ann@example.org` or `Ann <ann@example.org>`."""
    found = _NAMED.fullmatch(value)
    spec = (found["inside"] or found["bare"]) if found else ""
    if not found or not _ADDRESS.fullmatch(spec):
        raise ValueError('no mail address: write "ann@example.org" or "Ann <ann@example.org>"')
    return Address(found["name"] or "", addr_spec=spec)


def _checked(value: str) -> str:
    _mailbox(value)
    return value


Mailbox = Annotated[str, AfterValidator(_checked)]


def _host(value: str) -> str:
    """It is named in what is told of a failure: an address with a password in it would be as well."""
    if not _HOST.fullmatch(value):
        raise ValueError('no host: write its name alone, such as "mail.example.org"; port and username are keys')
    return value


# Of the session and not of the message, though they answer it: the server shuts down (421); no such command, out of
# sequence, no mail taken here, log in first (RFC 5321 4.2.2, RFC 7504, RFC 4954 6). All other messages would fare the
# same.
_OF_THE_SESSION = frozenset((421, 500, 502, 503, 504, 521, 530, 534, 535, 538, 556))
_RELAYS_NOT = re.compile(r"\brelay", re.IGNORECASE)  # access denied, not permitted: by every server in its own words


class Channel(sending.Channel):
    """`tls`: "starttls" (the default), "tls" from the first byte, or "none", the default on this machine alone."""

    leads_out: ClassVar[bool] = True

    type: Literal["email"]
    host: Annotated[str, AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65535)] = 0
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: Secret | None = None
    sender: Mailbox = Field(alias="from")
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    unsubscribe: Mailbox | None = None  # a mailbox that somebody reads, for programs that unsubscribe by mail
    subject: OwnWording | None = None
    text: OwnWording | None = None
    html: OwnWording | None = None
    timeout: Timeout = timedelta(seconds=30)

    # A mail that some recipients' servers took and others put off is sent again to the others alone. Lost with the
    # process: then some get it twice, under the same Message-ID.
    _taken: OrderedDict[str, set[str]] = PrivateAttr(default_factory=OrderedDict)

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, table: object) -> object:
        """Port and TLS follow from each other and from the host."""
        if not isinstance(table, dict):
            return table
        tls = table.get("tls", "none" if _is_here(str(table.get("host", ""))) else "starttls")
        return {"tls": tls, "port": PORTS.get(tls if isinstance(tls, str) else "", 587), **table}

    @model_validator(mode="after")
    def _login_is_whole_and_private(self) -> Self:
        if bool(self.username) != (self.password is not None):
            raise ValueError("username and password go together: give both or none")
        if self.password is not None and self.tls == "none" and not _is_here(self.host):
            raise ValueError('the password would travel in the clear: set tls = "starttls" or "tls"')
        return self

    def render(self, message: Message) -> bytes:
        sender = _mailbox(self.sender)
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"] = sender
        mail["To"] = [_mailbox(one) for one in self.to]
        # Not the delivery's own time: a digest would come with the date of its first alert, among last week's mail,
        # and filters take such a date for a sign of spam.
        mail["Date"] = format_datetime(message.worded_at.astimezone(UTC))
        mail["Message-ID"] = f"<{message.id}@{sender.domain}>"
        if message.rule:
            mail["List-Id"] = f"<{_label(message.rule)}.dateline.{sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text, cte="quoted-printable")
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        # Before the others and as they stand: the library would put long addresses into encoded words, which the
        # programs that read them do not undo.
        plain = [_subject(message), *self._ways_out(message), *_thread(message.story, sender.domain)]
        return b"".join(f"{name}: {value}\r\n".encode("ascii") for name, value in plain) + mail.as_bytes()

    def wrote(self, payload: bytes) -> bool:
        """It begins with a header, whichever."""
        return _HEADER.match(payload) is not None

    def _ways_out(self, message: Message) -> Iterator[tuple[str, str]]:
        """RFC 2369 and RFC 8058: one click, which a program makes without asking, goes over https alone."""
        ways = []
        if message.stop.startswith("https://") and len(message.stop) < LONGEST_ADDRESS:
            ways.append(message.stop)
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
        if self.unsubscribe and len(message.stops) == 1:  # of a summary's rules nobody would know which
            address = quote(_mailbox(self.unsubscribe).addr_spec, safe="@")
            ways.append(f"mailto:{address}?subject={quote(f'stop {message.rule}', safe='')}")
        if ways:
            yield "List-Unsubscribe", ",\r\n ".join(f"<{one}>" for one in ways)

    async def send(self, payload: bytes, *, delivery_id: str, now: datetime) -> str:
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            timeout=self.timeout.total_seconds(),
        )
        try:
            await self._open(client)
            return await self._hand_over(client, payload, delivery_id)
        except (OSError, aiosmtplib.SMTPException) as error:  # the connection, wherever it broke
            raise ChannelFault(f"{self.host}: {_in_words(error, self.port, self.timeout)}") from None
        finally:
            client.close()

    @property
    def reaches(self) -> str:
        return ", ".join(self.to)

    async def _open(self, client: aiosmtplib.SMTP) -> None:
        """Greeting, TLS, login, MAIL FROM: what fails here fails for every message."""
        try:
            await client.connect()
            if self.password is not None:
                await client.login(self.username, self.password.reveal())
            await client.mail(_mailbox(self.sender).addr_spec)
        except aiosmtplib.SMTPAuthenticationError as refused:
            # Without the server's words: some repeat what was sent to them.
            raise ChannelFault(f"{self.host} refused the login of {self.username}: {refused.code}") from None

    async def _hand_over(self, client: aiosmtplib.SMTP, payload: bytes, delivery_id: str) -> str:
        """RCPT and DATA: what fails here is of this message, unless the server says that it takes none from us. Answers
        the server's reply to DATA."""
        answer = ""
        taken = self._taken.get(delivery_id, set())
        accepted, refused, relays_none = [], list[tuple[int, str]](), not taken
        for address in (_mailbox(one).addr_spec for one in self.to):
            if address in taken:
                continue
            try:
                await client.rcpt(address)
                accepted.append(address)
            except aiosmtplib.SMTPRecipientRefused as no:
                if no.code in _OF_THE_SESSION:
                    raise ChannelFault(f"{self.host}: {no.code} {one_line(no.message, 200)}") from None
                relays_none &= no.code >= 500 and _RELAYS_NOT.search(no.message) is not None
                refused.append((no.code, f"{address}: {no.code} {one_line(no.message, 100)}"))
        if relays_none and refused and not accepted:
            raise ChannelFault(f"{self.host}: {'; '.join(why for _, why in refused)}")
        if accepted:
            try:
                taken_over = await client.data(payload)
                answer = f"{taken_over.code} {one_line(taken_over.message, 200)}"
            except aiosmtplib.SMTPDataError as no:
                reason = f"{self.host}: {no.code} {one_line(no.message, 200)}"
                if no.code in _OF_THE_SESSION:
                    raise ChannelFault(reason) from None
                raise (MessageFault if no.code >= 500 else TryLater)(reason) from None
        await self._say_goodbye(client)
        if not refused:
            self._taken.pop(delivery_id, None)
            return answer
        self._taken[delivery_id] = taken | set(accepted)
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)
        reason = "not taken for " + "; ".join(why for _, why in refused)
        raise (TryLater if any(code < 500 for code, _ in refused) else MessageFault)(reason)

    async def _say_goodbye(self, client: aiosmtplib.SMTP) -> None:
        """QUIT; the message is taken over already, so what goes wrong now is no fault."""
        try:
            await client.quit(timeout=2)
        except (OSError, aiosmtplib.SMTPException):
            return


def _thread(story: str, domain: str) -> Iterator[tuple[str, str]]:
    """What all mails of a story answer is never sent itself: so they are one thread, whichever was the first here."""
    if story:
        anchor = f"<story.{_digest(story)}.dateline@{domain}>"
        yield from (("In-Reply-To", anchor), ("References", anchor))


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _label(rule: str) -> str:
    """A rule's name as one label of a List-Id (RFC 2919): what is left of it in ASCII, and a hash where that is not
    all of it."""
    label = re.sub("[^a-z0-9]+", "-", rule.lower()).strip("-")[:30]
    if label == rule.lower():
        return label
    return f"{label}-{_digest(rule, 4)}".strip("-")


def _digest(text: str, size: int = 12) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def _in_words(error: Exception, port: int, timeout: timedelta) -> str:
    """What went wrong, without the host, which stands before it."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout.total_seconds():g} s"
    if isinstance(error, aiosmtplib.SMTPConnectError) and isinstance(cause := error.__cause__, OSError):
        return _not_connected(cause, port)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {one_line(error.message, 200)}"
    if isinstance(error, aiosmtplib.SMTPException):
        return one_line(str(error), 200) or type(error).__name__
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else type(error).__name__


def _not_connected(error: OSError, port: int) -> str:
    if isinstance(error, gaierror):
        return "there is no such host, or its name cannot be looked up now"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"not trusted: {one_line(error.verify_message, 200)}"
    if isinstance(error, ssl.SSLError):
        return f'no TLS on port {port}: is it one for tls = "starttls"?'
    return f"no connection to port {port}: {sending.why(error)}"
