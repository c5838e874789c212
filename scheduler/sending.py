"""What every channel can do, and the three ways in which sending fails. Each channel is a file in channels/."""

from __future__ import annotations

import os
from abc import abstractmethod
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, ClassVar, NoReturn

from pydantic import AfterValidator, BeforeValidator, PrivateAttr

from scheduler.duration import duration
from scheduler.limit import Limit, read_limit
from scheduler.links import Links
from scheduler.message import Message, Voice
from scheduler.tables import Name, Table
from scheduler.timing import Timed
from storage.text import one_line

LONGEST_WAIT = timedelta(hours=24)  # that a server may ask for
GONE = 410  # Standard Webhooks: the receiver asks for no more
BUSY, UNAVAILABLE = 429, 503  # RFC 6585, section 4: too many requests; RFC 9110, section 15.6.4
# Of the address or the right to it, whatever is sent there. 405 and 407: another door than this one is meant.
_OF_THE_CHANNEL = (401, 402, 403, 404, 405, 407, BUSY)
_OF_THE_MESSAGE = (413, 422)


class SendingFault(Exception):
    """A delivery was not taken. `reason` is one line for people and holds no secret."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        self.reason, self.retry_after = one_line(reason, 300), retry_after
        super().__init__(self.reason)


class ChannelFault(SendingFault):
    """The channel fails, whatever the message: no connection, a refused login, an address that is not there, a
    server in trouble. The caller counts it against the channel, which pauses after three in a row; the delivery waits.

    `retry_after` is what the server asked for (at most a day), None if nothing. `is_gone`: the other side asks for no
    more, and the channel pauses at once. `is_busy`: it is alive and asks for fewer messages, and all of the channel's
    wait as long.
    """

    def __init__(
        self, reason: str, retry_after: timedelta | None = None, *, is_gone: bool = False, is_busy: bool = False
    ) -> None:
        super().__init__(reason, retry_after)
        self.is_gone, self.is_busy = is_gone, is_busy


class MessageFault(SendingFault):
    """This message will never be taken: too large, refused by the recipient's server, or it cannot be rendered. The
    caller gives the delivery up at once and shows it; the channel goes on."""


class TryLater(SendingFault):
    """This message was not taken now, and others may be. The caller tries it again by its own back-off.

    `retry_after` is what the server asked for (at most a day), None if nothing.
    """


class Channel(Timed, Table):
    """A way to tell someone: its own table of the config, and how to use it. Its keys never change, and a reload makes
    a new one; where its messages lead is told it by the config, once that is read (`lead_to`)."""

    at_once: ClassVar[int] = 4  # attempts that are under way together
    leads_out: ClassVar[bool] = False  # do its readers expect to be told how a rule is stopped?
    most_alerts: ClassVar[int] = 500  # of a message: people read the first of them, and the others as lines

    name: Name
    type: str
    limit: Annotated[Limit, BeforeValidator(read_limit)] | None = None

    _links: Links = PrivateAttr(default_factory=Links)

    def lead_to(self, links: Links) -> None:
        """Have its messages lead there from now on."""
        self._links = links

    @property
    def voice(self) -> Voice:
        """How its messages are put into words. They lead nowhere outside of a config."""
        names = ("subject", "text", "html")
        return Voice(self._links, {name: one for name in names if (one := getattr(self, name, None)) is not None})

    @property
    def reaches(self) -> str:
        """Whom it tells, for the record of what was sent; no secret."""
        return ""

    @abstractmethod
    def render(self, message: Message) -> bytes:
        """The bytes of the first attempt; every repeat sends the same. Raises MessageFault."""

    @abstractmethod
    def wrote(self, payload: bytes) -> bool:
        """Are these bytes of this type's form? A table may have got another type while its deliveries waited."""

    @abstractmethod
    async def send(self, payload: bytes, *, delivery_id: str, now: datetime) -> str | None:
        """Make one attempt within the channel's time limit; returns only when the other side has taken it over, with
        its answer in one line where it gave one.

        Raises ChannelFault, MessageFault or TryLater.
        """


@cache
def channel_types() -> dict[str, type[Channel]]:
    """The classes by the `type` that a config names, which is the name of their file."""
    folder = Path(__file__).parent / "channels"
    names = sorted(path.stem for path in folder.glob("[a-z]*.py"))
    return {name: import_module(f"scheduler.channels.{name}").Channel for name in names}


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a Retry-After header, seconds or an HTTP date (RFC 9110, section 10.2.3); None where it says nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        asked = timedelta(seconds=int(value[:9]))
    else:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):  # the second: a year of twenty digits
            return None
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return max(timedelta(0), min(asked, LONGEST_WAIT))


def refused(status: int, who: str, wait: timedelta | None = None) -> NoReturn:
    """Raise what an HTTP status that is none of success means for the caller."""
    if 300 <= status < 400:
        raise ChannelFault(f"{who} answered {status}, a redirect, which is not followed: write the final address")
    reason = f"{who} answered {status}"
    if status == GONE:
        raise ChannelFault(f"{reason}: the receiver is gone for good", is_gone=True)
    if status in _OF_THE_CHANNEL or status >= 500 or status < 200:
        raise ChannelFault(reason, wait, is_busy=status == BUSY or (status == UNAVAILABLE and wait is not None))
    if status in _OF_THE_MESSAGE:
        raise MessageFault(reason)
    raise TryLater(reason, wait)  # 400 and its like: this message or every one, nobody knows


def why(error: OSError) -> str:
    """The system's words for why there is no connection; asyncio puts its own, with the address, in their place."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__


def _bounded(value: timedelta) -> timedelta:
    if not timedelta(seconds=1) <= value <= timedelta(seconds=60):
        raise ValueError("between 1s and 60s")
    return value


Timeout = Annotated[timedelta, BeforeValidator(duration), AfterValidator(_bounded)]
