"""`dateline deliveries`: what was told, to whom, and what became of it; send one again, or drop one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scheduler.options import AS_JSON, CONFIG
from scheduler.options import load as _load
from storage.text import counted, iso

if TYPE_CHECKING:
    from scheduler.config import Config
    from scheduler.timing import Plans
    from storage.by_hand import Listed
    from storage.model.telling import Alert
    from storage.store import Connection

Answer = TypeVar("Answer")
AT_ONCE = timedelta(minutes=1)  # what was sent within that goes by the time at which it was made
STATES = ("open", "pending", "paused", "sent", "given-up", "dropped")
_TIMES = (
    ("created", "created_at"),
    ("gathers until", "closes_at"),
    ("first attempt", "first_attempt_at"),
    ("next attempt", "next_attempt_at"),
    ("sent", "sent_at"),
    ("ended", "ended_at"),
)


@click.group(invoke_without_command=True)
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only these; may stand repeatedly.")
@click.option("--channel", default="", help="Only of this channel.")
@click.option("--rule", default="", help="Only of this rule.")
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 100_000), help="So many, the newest.")
@AS_JSON
@CONFIG
@click.pass_context
def deliveries(
    context: click.Context, states: tuple[str, ...], channel: str, rule: str, most: int, as_json: bool, path: Path
) -> None:
    """List deliveries, the newest first: what was told through which channel, and what became of it. Times are UTC."""
    if context.invoked_subcommand is not None:
        context.default_map = {name: {"path": path} for name in ("show", "retry", "drop")}
        return
    from storage import by_hand

    def read(connection: Connection) -> tuple[list[Listed], dict[str, str]]:
        wanted = [one.replace("-", " ") for one in states]
        found = by_hand.listed(connection, states=wanted, channel=channel, rule=rule, most=most)
        return found, {} if as_json else by_hand.short_ids(connection, [one.id for one in found])

    config = _load(path)
    (found, short), plans = _with_store(config, read), config.plans
    if as_json:
        click.echo(json.dumps([as_fields(one, plans) for one in found], ensure_ascii=False))
        return
    width = max(map(len, short.values()), default=0)
    lines = [line(one, short[one.id].ljust(width), plans) for one in found]
    click.echo("\n".join(lines) or _none(config, channel, rule, bool(states)))


@deliveries.command()
@click.argument("id")
@AS_JSON
@CONFIG
def show(id: str, as_json: bool, path: Path) -> None:
    """Show all that is recorded of a delivery: when, to whom, how often it was tried, what the other side answered, and
    what it tells of. ID may be the beginning of one.
    """
    from storage import by_hand

    def read(connection: Connection) -> tuple[Listed, tuple[Alert, ...]]:
        [one] = by_hand.listed(connection, id=by_hand.named(connection, id))
        return one, by_hand.alerts_of(connection, one.id)

    config = _load(path)
    one, alerts = _with_store(config, read)
    if as_json:
        told = [{"id": each.id, "rule": each.rule, "url": each.change.url, "title": _title(each)} for each in alerts]
        click.echo(json.dumps(as_fields(one, config.plans) | {"tells_of": told}, ensure_ascii=False))
    else:
        click.echo("\n".join(in_full(one, alerts, config.plans)))


@deliveries.command()
@click.argument("id", required=False)
@click.option("--channel", default="", help="All that were given up of this channel.")
@click.option("--all-given-up", is_flag=True, help="All that were given up.")
@CONFIG
def retry(id: str | None, channel: str, all_given_up: bool, path: Path) -> None:
    """Attempt a delivery now, under its id and with the same bytes, also one that was given up or dropped.

    One goes past quiet hours and its channel's limit; all at once keep to them.
    """
    from storage import by_hand

    if sum((id is not None, bool(channel), all_given_up)) != 1:
        raise click.UsageError("name one of them: ID, --channel NAME or --all-given-up")

    def write(connection: Connection) -> list[str]:
        ids = by_hand.given_up(connection, channel) if id is None else [by_hand.named(connection, id)]
        now, short = datetime.now(UTC), by_hand.short_ids(connection, ids)
        many = id is None
        return [f"{short[one]}: {by_hand.retry(connection, one, now, is_one_of_many=many)}" for one in ids]

    config = _load(path)
    lines = _with_store(config, write, writes=True)
    if not lines and channel and channel not in config.channels:
        from scheduler.nearest import instead

        words = f"the config has no channel {channel!r}, and none was given up there"
        raise click.ClickException(f"{words}; {instead(channel, config.channels)}")
    click.echo("\n".join(lines) or "None was given up; `retry ID` attempts one that waits.")


@deliveries.command()
@click.argument("id")
@click.option("--reason", default="", help="Why, for the record.")
@CONFIG
def drop(id: str, reason: str, path: Path) -> None:
    """Never send a delivery. It stays in the list, and its alerts say that it was dropped and why."""
    from storage import by_hand

    def write(connection: Connection) -> str:
        name = by_hand.named(connection, id)
        by_hand.drop(connection, name, reason, datetime.now(UTC))
        return by_hand.short_ids(connection, [name])[name]

    click.echo(f"{_with_store(_load(path), write, writes=True)}: dropped")


def _none(config: Config, channel: str, rule: str, is_asked: bool) -> str:
    """Why nothing is listed: most often a name is misspelt."""
    from scheduler.nearest import instead

    for kind, name, known in (
        ("rule", rule, [one.name for one in config.rules]),
        ("channel", channel, config.channels),
    ):
        if name and name not in known:
            return f"The config has no {kind} {name!r}, and no delivery is of one; {instead(name, known)}"
    asked = channel or rule or is_asked
    return "There is no delivery like that." if asked else "Nothing was told yet: there are no deliveries."


def _with_store(config: Config, work: Callable[[Connection], Answer], *, writes: bool = False) -> Answer:
    from storage.by_hand import NotDone
    from storage.store import WrongSchema, open_store

    try:
        store = open_store(config.store_url)
        try:
            if writes:
                return store.write(work)
            with store.reader() as connection:
                return work(connection)
        finally:
            store.close()
    except (NotDone, WrongSchema) as reason:
        raise click.ClickException(str(reason)) from None


# In words


def line(one: Listed, short: str, plans: Plans) -> str:
    """One delivery on one line, with as much of its id as it needs."""
    told = (
        _time(one.created_at),
        short,
        f"{one.state:8}",
        one.channel,
        _what(one),
        _waits_for(one, plans) or one.error or _receipt(one),
    )
    return "  ".join(told).rstrip()


def _receipt(one: Listed) -> str:
    """What the other side answered, and when, where it was sent long after it was made: a digest, or after a pause."""
    if one.sent_at is None or one.sent_at - one.created_at < AT_ONCE:
        return one.answer
    return f"at {_time(one.sent_at)}{f': {one.answer}' if one.answer else ''}"


def in_full(one: Listed, alerts: tuple[Alert, ...], plans: Plans) -> list[str]:
    """A delivery with a line for each thing that is known of it."""
    facts = [("state", str(one.state)), ("channel", one.channel), ("to", one.sent_to), ("tells", _what(one))]
    # The row keeps what was planned: its last attempt, and until when it gathered.
    is_over = one.sent_at is not None or one.ended_at is not None
    past = {"next_attempt_at"} if is_over else set()
    past |= {"closes_at"} if one.first_attempt_at is not None or is_over else set()
    facts += [
        (name, f"{_time(at)} UTC")
        for name, field in _TIMES
        if (at := getattr(one, field)) is not None and field not in past
    ]
    facts += [
        ("attempts", str(one.attempts)),
        ("answer", one.answer),
        ("held", _waits_for(one, plans)),
        ("fault", one.error),
    ]
    lines = [one.id, *(f"  {name:14}{value}" for name, value in facts if value)]
    if one.notice is not None:
        lines += ["", *(f"  {text}" for text in one.notice.text.splitlines())]
    for alert in alerts:
        lines += ["", f"  alert {alert.id}, rule {alert.rule}: {_title(alert)}", f"  {alert.change.url}"]
    return lines


def as_fields(one: Listed, plans: Plans) -> dict[str, Any]:
    """Times are ISO 8601 in UTC, null where there is none."""
    fields = asdict(one)
    for _, name in _TIMES:
        at = fields[name]
        fields[name] = iso(at)
    return fields | {"state": str(one.state), "held": _held(one, plans)}


def _held(one: Listed, plans: Plans) -> str:
    from storage.model.telling import DeliveryState

    if one.state == DeliveryState.OPEN:
        return plans.of(one.rule, one.channel).held_until(one.closes_at)
    return one.held


def _waits_for(one: Listed, plans: Plans) -> str:
    """What holds a delivery, and until when; "" where nothing does but its own back-off. What is due and was never
    attempted goes within a second, but for what its channel has to be told before it."""
    from scheduler.plan_words import gathers_in_words
    from storage.deliveries import BY_HAND
    from storage.model.telling import DeliveryState

    if one.state == DeliveryState.OPEN:
        return gathers_in_words(plans.of(one.rule, one.channel), one.closes_at)
    if one.next_attempt_at is None or one.held == BY_HAND:
        return one.held
    if not one.held:
        is_due = one.state == DeliveryState.PENDING and not one.attempts and not one.error
        return f"waits for its turn since {_time(one.next_attempt_at)} UTC" if is_due else ""
    return f"{one.held} until {_time(one.next_attempt_at)} UTC"


def _what(one: Listed) -> str:
    from storage.text import one_line

    if one.notice is not None:
        return f"notice: {one_line(one.notice.subject, 100)}"
    return f"{one.rule}: {counted(one.alerts, 'alert')}"


def _title(alert: Alert) -> str:
    from storage.text import one_line

    revision = alert.change.after or alert.change.before
    return one_line(revision.article.title, 200) if revision else ""


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
