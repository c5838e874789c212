"""The tables of config.toml: which keys there are, and what each value may be."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from scheduler.duration import duration, in_words
from scheduler.examples import MustMatch, MustNotMatch
from scheduler.kinds import check_asked
from scheduler.nearest import instead
from scheduler.query.grammar import NO_LISTS, Lists, QueryError, parse, variant
from scheduler.secret import Secret, where_known
from scheduler.size import bytes_in
from scheduler.timing import Timed
from scheduler.zones import check_zone
from storage.model.articles import ChangeKind
from storage.text import public_url

_LIST = re.compile(r"\w{1,64}")
_NAME = re.compile(r"[\w][\w .-]{0,62}[\w]|[\w]")
_NO_ADDRESS = (
    'no http or https address, such as "https://www.example.org/"; '
    "one with a user name and a password in it is not taken either"
)


def _at_least(least: timedelta) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if value < least:
            raise ValueError(f"{in_words(value)} is too short: at least {in_words(least)}")
        return value

    return AfterValidator(check)


def is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _name(value: str) -> str:
    if not is_name(value):
        raise ValueError("no name: 1 to 64 letters, digits, spaces and . _ - (it stands in addresses)")
    return value


def _line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds control characters: write it as one line of text")
    return value


def _web_address(value: str) -> str:
    url = public_url(value)
    if not url:  # without it: what is told may reach a log and a mailbox, and an address may hold a password or a token
        raise ValueError(_NO_ADDRESS)
    return url


def _base_url(value: str) -> str:
    return _web_address(value) if value else ""


def _secret_address(url: Secret) -> Secret:
    if not public_url(url.reveal()):
        raise ValueError(_NO_ADDRESS)
    return url


def _networks(value: list[str]) -> list[str]:
    for one in value:
        try:
            ip_network(one)
        except ValueError:
            raise ValueError(f'{one!r} is no network: write "10.1.2.0/24" or "fd00::/8"') from None
    return value


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f'{value!r}: write host and port, such as "127.0.0.1:8700"')
    if host.strip("[]") not in ("localhost", "::1") and not host.startswith("127."):
        raise ValueError(
            f"{host!r} would open the page to others, and it has no password: listen on 127.0.0.1 behind a web server"
        )
    return value


def _query(value: str, info: ValidationInfo) -> str:
    try:
        parse(value, (info.context or {}).get("lists", NO_LISTS))
    except QueryError as reason:
        raise ValueError(str(reason)) from None
    return value


def _query_or_all(value: str, info: ValidationInfo) -> str:
    return _query(value, info) if value else ""


def _variant(value: str) -> str:
    try:
        variant(value)
    except QueryError as reason:
        raise ValueError(reason.message) from None
    return value


def good_lists(raw: object) -> Lists:
    """The lists of a config as it was read, as far as they are good by themselves: what they name may not be there."""
    if not isinstance(raw, dict):
        return NO_LISTS
    good: dict[str, tuple[str, ...]] = {}
    for name, variants in raw.items():
        if not _LIST.fullmatch(name):
            continue
        told = variants if isinstance(variants, list) else []
        # One that is at fault itself is told as that: not the queries that name it.
        good[name] = tuple(one for one in told if isinstance(one, str) and _is_variant(one)) or (name,)
    return good


def _is_variant(value: str) -> bool:
    try:
        variant(value)
    except QueryError:
        return False
    return True


def _list_name(value: str) -> str:
    if not _LIST.fullmatch(value):
        raise ValueError(f"{value!r} is no name of a list: letters, digits and _ alone, since rules say @{value}")
    return value


def _database(value: str) -> str:
    if value and not value.startswith("sqlite:///"):
        raise ValueError('this version stores in SQLite alone: write "sqlite:///dateline.db"')
    return value


def _some_zone(value: str) -> str:
    return check_zone(value or "?")


def _site(value: str) -> str:
    known = sorted(one.stem for one in (Path(__file__).parent.parent / "crawler/sites").glob("[a-z]*.py"))
    if value and value not in known:
        raise ValueError(f"there is no site file {value!r}; {instead(value, known)}")
    return value


def _selector(value: str) -> str:
    from crawler.extract.selection import check_selector  # .1 s, and few sources have one

    if value and (fault := check_selector(value)):
        raise ValueError(fault)
    return value


Duration = Annotated[timedelta, BeforeValidator(duration)]
Line = Annotated[str, AfterValidator(_line)]  # stands in a path or a header
Name = Annotated[str, AfterValidator(_name)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
QueryText = Annotated[str, AfterValidator(_query)]


class Table(BaseModel):
    """A table of the config: unknown keys are refused, nothing is changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Daemon(Table):
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8700"
    base_url: Annotated[str, AfterValidator(_base_url)] = ""
    data: Line = "data"
    tell: tuple[str, ...] = ()
    heartbeat: Annotated[Secret, where_known(_secret_address)] | None = None
    heartbeat_every: Annotated[Duration, _at_least(timedelta(seconds=1))] = timedelta(minutes=5)


class Storage(Table):
    url: Annotated[Line, AfterValidator(_database)] = ""  # "" = SQLite in the data folder


class Crawler(Table):
    user_agent: Line = "Dateline/0.1"
    contact: Line = ""
    delay: Annotated[Duration, _at_least(timedelta(milliseconds=10))] = timedelta(seconds=2)
    concurrency: Annotated[int, Field(ge=1, le=256)] = 16
    timeout: Annotated[Duration, _at_least(timedelta(seconds=1))] = timedelta(seconds=30)
    max_page: Annotated[int, BeforeValidator(bytes_in), Field(ge=10_000, le=64_000_000)] = 8_000_000
    allow_addresses: Annotated[list[str], AfterValidator(_networks)] = []


class Changes(Table):
    revisit: tuple[Annotated[Duration, _at_least(timedelta(seconds=1))], ...] = tuple(
        duration(one) for one in ("15m", "1h", "4h", "1d", "2d", "3d", "5d", "7d")
    )
    sample: Annotated[int, Field(ge=0, le=10_000)] = 50
    up_to: Annotated[Duration, _at_least(timedelta(days=1))] = timedelta(days=90)
    confirm: Annotated[Duration, _at_least(timedelta(seconds=1))] = timedelta(hours=24)


class Retention(Table):
    """How long the bytes that servers sent are kept; texts and hashes are kept for ever."""

    bytes: Annotated[Duration, _at_least(timedelta(days=1))] = timedelta(days=90)
    size: Annotated[int, BeforeValidator(bytes_in), Field(ge=1_000_000)] = 10_000_000_000


class DeliveryTable(Table):
    retry: Annotated[tuple[Annotated[Duration, _at_least(timedelta(milliseconds=10))], ...], Field(min_length=1)] = (
        tuple(duration(one) for one in ("5s", "30s", "2m", "10m", "1h", "3h", "6h"))
    )
    wait: Duration = timedelta(0)
    zone: Annotated[str, AfterValidator(_some_zone)] = "UTC"


class Source(Table):
    name: Name
    url: WebAddress
    every: Annotated[Duration, _at_least(timedelta(seconds=1))] = timedelta(minutes=15)
    site: Annotated[str, AfterValidator(_site)] = ""
    listing: Literal["", "feed", "sitemap", "wordpress", "html"] = ""
    language: str = ""
    timezone: Annotated[str, AfterValidator(check_zone)] = ""
    enabled: bool = True
    listings: tuple[WebAddress, ...] = ()
    select: Annotated[str, AfterValidator(_selector)] = ""


class Rule(Timed, Table):
    name: Name
    query: QueryText
    sources: tuple[str, ...] = ()
    on: Annotated[tuple[Annotated[str, AfterValidator(check_asked)], ...], Field(min_length=1)] = tuple(
        map(str, ChangeKind)
    )
    max_age: Annotated[Duration, _at_least(timedelta(minutes=1))] | None = None
    per: Literal["story", "article"] = "story"
    channels: tuple[str, ...] = ()
    must_match: tuple[MustMatch, ...] = ()  # behind query, sources and on, by which they are tried
    must_not_match: tuple[MustNotMatch, ...] = ()


class FeedTable(Table):
    name: Name
    query: Annotated[str, AfterValidator(_query_or_all)] = ""
    sources: tuple[str, ...] = ()
    title: str = ""


class Tables(Table):
    daemon: Daemon = Daemon()
    storage: Storage = Storage()
    crawler: Crawler = Crawler()
    changes: Changes = Changes()
    retention: Retention = Retention()
    delivery: DeliveryTable = DeliveryTable()
    source: tuple[Source, ...] = ()
    rule: tuple[Rule, ...] = ()
    channel: tuple[dict[str, Any], ...] = ()
    feed: tuple[FeedTable, ...] = ()
    lists: dict[
        Annotated[str, AfterValidator(_list_name)],
        Annotated[tuple[Annotated[str, AfterValidator(_variant)], ...], Field(min_length=1)],
    ] = {}
