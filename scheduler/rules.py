"""`dateline rules`: which there are, what they would have told of the past, and what a person does about them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.options import AS_JSON, CONFIG, load, on_one_line

if TYPE_CHECKING:
    from storage.store import Store

_NOT_WITHOUT = (
    "`dateline rules` is about the rules of this file: mend it first. A daemon that runs goes on with those from "
    "before, which its page /rules shows."
)


@click.group(invoke_without_command=True)
@AS_JSON
@CONFIG
@click.pass_context
def rules(context: click.Context, as_json: bool, path: Path) -> None:
    """List the rules: what each asks for, where and when it is told, and how many alerts it gave in the last 7 days;
    and the lists, with those rules that use them."""
    if context.invoked_subcommand is not None:
        context.default_map = {name: {"path": path} for name in ("test", "start")}
        return
    from scheduler import rules_words
    from scheduler.named_lists import named_lists
    from scheduler.steps import utc_now
    from scheduler.ways import ways
    from storage import rule_counts, stopped

    config, now = load(path, below=_NOT_WITHOUT), utc_now()
    with closing(_opened(config.store_url)) as store, store.reader() as connection:
        counts = rule_counts.raised_since(connection, now - rules_words.LATELY)
        halted = stopped.since(connection)
    known, lists = config.tables.rule, named_lists(config.lists, config.tables.rule, config.tables.feed)
    told = ways(config, known, halted, now)
    if as_json:
        click.echo(json.dumps(rules_words.listed_as_json(known, lists, counts, told), ensure_ascii=False))
    else:
        click.echo(rules_words.listed(known, lists, counts, told))


@rules.command("test")
@click.argument("name", required=False)
@click.option("--query", default="", metavar="QUERY", help="Try this query: in place of the rule's, or by itself.")
@click.option("--since", default="90d", show_default=True, metavar="DATE", help='A day such as 2026-01-31, or "90d".')
@click.option("--most", default=20, show_default=True, type=click.IntRange(0, 100_000), help="Show so many alerts.")
@AS_JSON
@CONFIG
def test_(name: str | None, query: str, since: str, most: int, as_json: bool, path: Path) -> None:
    """Say what the rule NAME would have told of what the archive holds, as if it had always been there: how many alerts
    a week, the first of them, and what it shares with other rules. All rules if none is named. It only reads.
    """
    from scheduler import backtest, rules_words, trial_rules
    from scheduler.duration import since_of
    from scheduler.steps import utc_now

    config, now = load(path, below=_NOT_WITHOUT), utc_now()
    try:
        start = since_of(since, now)
    except ValueError as reason:
        raise click.UsageError(f"--since: {reason}") from None
    try:
        tried, wanted = trial_rules.rules_to_try(config, name, query)
    except trial_rules.NoSuchRule as reason:
        raise click.ClickException(str(reason)) from None
    with closing(_opened(config.store_url)) as store:
        found = backtest.run(store, tried, start, now, most=most, names=wanted, say=on_one_line)
    on_one_line("")
    if as_json:
        click.echo(json.dumps(rules_words.tested_as_json(found, tried), ensure_ascii=False))
    else:
        click.echo(rules_words.tested(found, tried, config.lists, in_full=bool(name or query)))


@rules.command()
@click.argument("name")
@click.option("--channel", default="", help="In this channel alone; in all if not given.")
@CONFIG
def start(name: str, channel: str, path: Path) -> None:
    """Tell of the rule NAME again, which its reader has stopped. What was raised meanwhile is not told later: it
    stands on the page, and in the rule's feed."""
    from storage import stopped

    config = load(path, below=_NOT_WITHOUT)
    with closing(_opened(config.store_url)) as store:
        was = store.write(lambda connection: stopped.start(connection, name, channel))
    if not was:
        names = [one.name for one in config.rules]
        if name not in names:
            from scheduler.trial_rules import no_such_rule

            raise click.ClickException(no_such_rule(name, names))
        if channel and channel not in config.channels:
            from scheduler.nearest import instead

            raise click.ClickException(f"there is no channel {channel!r}; {instead(channel, config.channels)}")
        where = f" in {channel}" if channel else ""
        raise click.ClickException(f"no rule {name} is stopped{where}; `dateline status` names those that are")
    for one in was:
        click.echo(f"{one.rule} is told through {one.channel} again; it was stopped since {one.at:%Y-%m-%d %H:%M} UTC")


def _opened(url: str) -> Store:
    from storage.store import WrongSchema, open_store

    try:
        return open_store(url)
    except WrongSchema as reason:
        raise click.ClickException(str(reason)) from None
