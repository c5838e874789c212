"""The whole config.toml, checked before anything starts: every fault at once, with table, key, line and the mend."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from scheduler import sample
from scheduler.collecting import without_collecting
from scheduler.crossed import crossed, whole_lists
from scheduler.faults import Fault, Place, as_lines, faults_of, not_toml
from scheduler.links import Links, SigningKey
from scheduler.nearest import instead
from scheduler.query.grammar import Lists, parse
from scheduler.sending import Channel, channel_types
from scheduler.services import is_service
from scheduler.tables import Daemon, Tables, good_lists
from scheduler.timing import Plans
from scheduler.unheard import excluded
from storage.model.looking import SourceConfig
from storage.model.telling import RuleConfig
from storage.retention import Limits

SIGNING_KEY = "links.key"  # in the data folder


class BrokenConfig(Exception):
    """The config cannot be used. `faults` are lines for people, each with its place and mend; never empty."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Config:
    """A config that was found good. Paths are absolute; `warnings` are lines for people, may be empty."""

    path: Path
    tables: Tables
    channels: Mapping[str, Channel]
    links: Links
    data: Path
    store_url: str
    base_url: str
    warnings: tuple[str, ...]

    @property
    def sources(self) -> tuple[SourceConfig, ...]:
        return tuple(
            SourceConfig(
                name=one.name,
                url=one.url,
                every=one.every,
                site=one.site,
                listing=one.listing,
                language=one.language,
                timezone=one.timezone,
                enabled=one.enabled,
                listings=one.listings,
                select=one.select,
            )
            for one in self.tables.source
        )

    @property
    def rules(self) -> tuple[RuleConfig, ...]:
        return tuple(
            RuleConfig(one.name, one.query, one.sources, one.on, one.max_age, one.channels, one.per)
            for one in self.tables.rule
        )

    @property
    def plans(self) -> Plans:
        """When each rule is told through each channel."""
        rules = {one.name: one for one in self.tables.rule}
        return Plans(rules, self.channels, self.tables.delivery.wait, self.tables.delivery.zone)

    @property
    def lists(self) -> Lists:
        return self.tables.lists

    @property
    def limits(self) -> Limits:
        return Limits(self.tables.retention.bytes, self.tables.retention.size)

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.tables.daemon.listen.rpartition(":")
        return host.strip("[]"), int(port)


def load_config(path: Path, *, secrets_elsewhere: bool = False) -> Config:
    """Read and check the whole file. Raises BrokenConfig with all of its faults. With `secrets_elsewhere` it is for one
    who sends nothing: variables that hold secrets need not be set."""
    try:
        text = text_of(path)
    except FileNotFoundError:
        raise BrokenConfig(
            [f"{path}: no such file. Copy config.example.toml to {path.name} and name your sources."]
        ) from None
    return read_config(text, path, secrets_elsewhere=secrets_elsewhere)


def text_of(path: Path) -> str:
    """The text of the file, its line ends as they are. Raises BrokenConfig; FileNotFoundError where there is none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as reason:
        raise BrokenConfig([f"{path}: not UTF-8 at byte {reason.start}. Save the file as UTF-8."]) from None
    except OSError as reason:
        raise BrokenConfig([f"{path}: {reason.strerror}"]) from None


def read_config(text: str, path: Path, *, secrets_elsewhere: bool = False) -> Config:
    """Check the text of a config; `path` places its faults and relative paths. As `load_config`."""
    try:
        raw = tomllib.loads(text.replace("\r\n", "\n"))
    except ValueError as reason:  # also a number of more digits than Python reads
        raise BrokenConfig([not_toml(path, reason)]) from None
    except RecursionError:
        raise BrokenConfig([f"{path}: lists or tables stand in each other too deeply: no key needs that"]) from None
    tables, folder = Tables(), path.resolve().parent
    context = {"folder": folder, "elsewhere": secrets_elsewhere}
    with without_collecting():
        lists, faults = whole_lists(good_lists(raw.get("lists")))
        try:
            tables = Tables.model_validate(raw, context=context | {"lists": lists})
        except ValidationError as reason:
            faults += faults_of(reason, Tables)
    data = (folder / tables.daemon.data).resolve()
    base_url = base_url_of(tables.daemon)
    links = Links(base_url, SigningKey(data / SIGNING_KEY))
    channels, channel_faults = _channels(raw.get("channel"), context)
    faults += channel_faults
    faults += crossed(raw)
    if faults:
        raise BrokenConfig(as_lines(path, text, raw, faults))
    for channel in channels.values():
        channel.lead_to(links)
    return Config(
        path=path,
        tables=tables,
        channels=channels,
        links=links,
        data=data,
        store_url=store_url_of(tables.storage.url, folder, data),
        base_url=base_url,
        warnings=(*_warnings(tables, channels), *as_lines(path, text, raw, _unheard(tables))),
    )


def base_url_of(daemon: Daemon) -> str:
    """Where the page is reached, without a slash at the end."""
    host, _, port = daemon.listen.rpartition(":")
    return daemon.base_url.rstrip("/") or f"http://{host}:{port}"


def store_url_of(url: str, folder: Path, data: Path) -> str:
    """A relative SQLite path counts from the config's folder, not from where the program was started."""
    if not url:
        return f"sqlite:///{data / 'dateline.db'}"
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        return f"sqlite:///{(folder / url.removeprefix('sqlite:///')).resolve()}"
    return url


def _channels(raw: object, context: Mapping[str, object]) -> tuple[dict[str, Channel], list[Fault]]:
    """Each [[channel]] table is checked by the class in the file that its `type` names."""
    types, made, faults = channel_types(), {}, []
    for place, one in enumerate(raw if isinstance(raw, list) else []):
        at: Place = ("channel", place)
        if not isinstance(one, dict):
            continue
        kind = one.get("type")
        if not isinstance(kind, str) or kind not in types:
            # Without it: an address of a service, which is a secret, is easily taken for its type.
            what = "is missing" if kind is None else "no type of channel"
            mend = instead(str(kind), sorted(types))
            if isinstance(kind, str) and is_service(kind):
                what, mend = f"{kind} is a service of Apprise's", 'write type = "apprise", and its address as url'
            faults.append(((*at, "type"), f"{what}; {mend}"))
            continue
        try:
            channel = types[kind].model_validate(one, context=dict(context))
        except ValidationError as reason:
            faults += faults_of(reason, types[kind], at)
            continue
        made[channel.name] = channel
    return made, faults


def _warnings(tables: Tables, channels: Mapping[str, Channel]) -> Iterator[str]:
    if not tables.crawler.contact:
        yield (
            "[crawler] contact is empty: name an address or a page, so that a site's owner can reach you "
            "before they block you"
        )
    if not tables.source:
        yield "there is no [[source]]: add one with `dateline add URL`"
    for rule in tables.rule:
        if not rule.channels:
            yield f"the rule {rule.name!r} has no channels: its alerts are kept and stand in its feed, nobody is told"
    of_rules = {name for rule in tables.rule for name in rule.channels}
    for name, channel in channels.items():
        if name in of_rules:
            yield from _no_way_out(channel)
        elif name not in tables.daemon.tell:
            yield (
                f"the channel {name!r} is told nothing: name it in the channels of a rule, or in [daemon] tell for "
                "Dateline's own troubles"
            )


def _unheard(tables: Tables) -> Iterator[Fault]:
    """Rules that can raise no alert, whatever happens. No list holds a `change:`."""
    for place, rule in enumerate(tables.rule):
        if "change:" in rule.query and (why := excluded(parse(rule.query, tables.lists), rule.on)):
            yield ("rule", place, "on" if "on" in rule.model_fields_set else "query"), why


def _no_way_out(channel: Channel) -> Iterator[str]:
    """Wordings of its own that leave out what every message of the built-in form ends with."""
    for part, template in channel.voice.templates.items() if channel.leads_out else ():
        if part != "subject" and not sample.leads_out(template):
            yield (
                f"the channel {channel.name!r}, {part}: no reader can stop a rule by it: put {{{{ stop }}}} where the "
                "link should stand"
            )
