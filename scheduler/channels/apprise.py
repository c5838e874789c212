"""Tells people where they are: Slack, Discord, Telegram, ntfy, Matrix, Teams ... through Apprise
(https://appriseit.com), which knows how each of them is spoken to."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NoReturn
from urllib.parse import urlsplit

from pydantic import PrivateAttr

from scheduler import sending, services
from scheduler.message import Message
from scheduler.own_wording import OwnWording
from scheduler.secret import Secret, where_known
from scheduler.sending import ChannelFault, Timeout, TryLater
from storage.text import one_line

if TYPE_CHECKING:
    from apprise import NotifyBase

MOST_HANGING = 4  # attempts of a channel that went on behind their time limit: Python cannot end a thread
_STATUS = re.compile(r"\berror=(\d{3})\b")
_LATE = "no answer in time"
# Of the library's words only these are told: they may hold the whole address.
_REASONS = (
    (re.compile("connection refused", re.I), "Connection refused"),
    (re.compile("timed? ?out", re.I), _LATE),
    (re.compile("name or service|nodename|resolv|getaddrinfo", re.I), "no such host, or it cannot be looked up"),
    (re.compile("certificate|ssl", re.I), "its certificate is not trusted"),
    (re.compile("unreachable|no route", re.I), "the network cannot be reached"),
    (re.compile("connection|socket|aborted|protocol", re.I), "the connection broke"),
)  # fmt: skip


def _address(url: Secret) -> Secret:
    scheme = _scheme_of(url.reveal())
    if scheme in ("http", "https") and (chat := services.chat_at(_host_of(url.reveal()))):
        raise ValueError(f"no address that {chat} takes messages at: copy it whole, with https://, as {chat} shows it")
    if fault := services.fault_of(scheme):
        raise ValueError(fault)
    if _service(url.reveal(), timedelta(seconds=1)) is None:
        raise ValueError(f"no address that Apprise understands for {scheme}://; see https://appriseit.com/services")
    return url


def _scheme_of(url: str) -> str:
    """The name of the service, "" without one: also of an address as the service itself shows it to copy, such as
    https://hooks.slack.com/services/..."""
    if "://" not in url:
        return ""
    scheme = url.partition("://")[0].strip().lower()
    if scheme == "https" and (service := _service(url, timedelta(seconds=1))) is not None:
        named = service.secure_protocol or scheme
        return str(named if isinstance(named, str) else named[0])
    return scheme


def _host_of(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:  # whose words repeat it
        return ""


Address = Annotated[Secret, where_known(_address)]


class Channel(sending.Channel):
    """One service; what goes to several is told through as many channels, each with a record of its own."""

    at_once: ClassVar[int] = 1  # chats take several messages in a second for a flood

    type: Literal["apprise"]
    url: Address
    subject: OwnWording | None = None
    text: OwnWording | None = None
    timeout: Timeout = timedelta(seconds=20)

    _hanging: threading.BoundedSemaphore = PrivateAttr(default_factory=lambda: threading.BoundedSemaphore(MOST_HANGING))

    def render(self, message: Message) -> bytes:
        """Both forms of every part: which one, and how many of them, the service decides when it is sent to."""
        parts = [[services.tame(one.text), services.tame(one.markdown)] for one in message.blocks]
        if not parts:  # a template's
            parts = [[services.tame(message.text)] * 2]
        body = {"title": services.tame(one_line(message.subject)), "blocks": parts, "foot": services.tame(message.foot)}
        return json.dumps(body, ensure_ascii=False).encode()

    def wrote(self, payload: bytes) -> bool:
        return payload.startswith(b'{"title":')

    @property
    def reaches(self) -> str:
        """The service, by its scheme: what follows it may be a secret."""
        return _scheme_of(self.url.reveal())

    async def send(self, payload: bytes, *, delivery_id: str, now: datetime) -> None:
        body = json.loads(payload)
        service = _service(self.url.reveal(), self.timeout)
        if service is None:
            raise ChannelFault("Apprise does not understand its address any more: run `dateline check`")
        name = one_line(str(service.service_name), 60)
        if not self._hanging.acquire(blocking=False):
            raise ChannelFault(f"{name}: {MOST_HANGING} earlier attempts have not come back yet")
        work = _in_thread(partial(_notify, service, body), self._hanging.release)
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                is_taken, said = await work
        except TimeoutError:
            raise ChannelFault(f"{name} did not answer within {self.timeout.total_seconds():g} s") from None
        except Exception as error:
            raise ChannelFault(f"{name}: {type(error).__name__} in Apprise") from None
        if not is_taken:
            _refused(name, said, self.timeout)


def _refused(name: str, said: str, timeout: timedelta) -> NoReturn:
    """Raise what Apprise's log means for the caller."""
    if found := _STATUS.search(said):
        sending.refused(int(found[1]), name)
    for pattern, words in _REASONS:
        if pattern.search(said):
            late = f"did not answer within {timeout.total_seconds():g} s"
            raise ChannelFault(f"{name} {late}" if words == _LATE else f"no connection to {name}: {words}")
    raise TryLater(f"{name} did not take it, and Apprise does not say why")


def _service(url: str, timeout: timedelta) -> NotifyBase | None:
    """What speaks to the service at this address, without retries, redirects and splitting of its own; None where
    there is none such. Apprise is imported here: it takes a tenth of a second that commands without it save."""
    from apprise import Apprise, AppriseAsset, OverflowMode

    asset = AppriseAsset(http_redirects=False, async_mode=False, allow_templates=False, image_url_mask=False)
    asset.app_id, asset.app_desc, asset.app_url = "Dateline", "Dateline", ""
    with _listening():  # to what it says of an address: it may repeat it
        service = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None or not service.enabled:
        return None
    service.redirects = False
    service.overflow_mode = OverflowMode.TRUNCATE
    service.socket_connect_timeout = service.socket_read_timeout = timeout.total_seconds()
    return service


def _notify(service: NotifyBase, body: dict[str, Any]) -> tuple[bool, str]:
    """Send it, in a form that the service takes and in one message. Answers whether it was taken, and the log."""
    shape = str(service.resolve_format("markdown").value)
    column = 1 if shape == "markdown" else 0
    size = services.size_as_html if shape == "html" else len
    room = service.body_maxlen
    title = body["title"]
    if service.title_maxlen > 0:
        title = title if len(title) <= service.title_maxlen else title[: service.title_maxlen - 1].rstrip() + "…"
    else:
        room -= size(title) + 20  # it stands above the text there, with markup
    if (most := services.FEWER_BYTES.get(service.schema)) or (most := services.FEWER_BYTES.get(_scheme(service))):
        room, size = min(room, most), services.size_in_bytes
    text = services.fitted([one[column] for one in body["blocks"]], body["foot"], max(room, 20), size)
    if service.body_max_line_count > 0:
        text = "\n".join(text.split("\n")[: service.body_max_line_count])
    with _listening() as records:
        is_taken = service.notify(body=text, title=title, body_format="markdown" if column else "text")
    return bool(is_taken), "\n".join(records)


def _scheme(service: NotifyBase) -> str:
    return str(service.protocol if not isinstance(service.protocol, tuple) else service.protocol[0])


# Apprise says what went wrong in its log alone. It is heard here, by thread, and goes nowhere else: it holds addresses.


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: dict[int, list[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if (records := self.heard.get(threading.get_ident())) is not None:
            records.append(record.getMessage()[:1000])


_EAR = _Ear()


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What Apprise says in this thread."""
    logger = logging.getLogger("apprise")
    if _EAR not in logger.handlers:
        logger.addHandler(_EAR)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
    here = threading.get_ident()
    records: list[str] = []
    _EAR.heard[here] = records
    try:
        yield records
    finally:
        del _EAR.heard[here]


def _in_thread(work: Callable[[], tuple[bool, str]], at_end: Callable[[], None]) -> asyncio.Future[tuple[bool, str]]:
    """Run it in a thread of its own, which does not hold up the end of the program."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[tuple[bool, str]] = loop.create_future()

    def settle(result: tuple[bool, str] | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        elif result is not None:
            future.set_result(result)

    def run() -> None:
        result: tuple[bool, str] | None = None
        error: Exception | None = None
        try:
            result = work()
        except Exception as reason:
            error = reason
        finally:
            at_end()
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="apprise", daemon=True).start()
    return future
