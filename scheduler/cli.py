"""The command `dateline`: each verb is one short function; what it needs is imported when it is called."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from scheduler.deliveries import deliveries
from scheduler.evidence.commands import drop, evidence, retain
from scheduler.history import history
from scheduler.options import AS_JSON, CONFIG
from scheduler.options import load as _load
from scheduler.options import log as _log
from scheduler.options import on_one_line as _on_one_line
from scheduler.options import refuse as _refuse
from scheduler.options import say_warnings as _warn
from scheduler.rules import rules
from scheduler.schema import schema
from scheduler.search import search
from scheduler.status import status
from scheduler.story import story
from scheduler.trying import try_
from scheduler.why import why, why_not

if TYPE_CHECKING:
    from scheduler.config import Config

EXAMPLE = "config.example.toml"
_NOT_WRITTEN = "Nothing was written."
_BY_FORCE = f"{_NOT_WRITTEN} If you know better: dateline add --as-is "


class Commands(click.Group):
    """Says what a person has to mend where a file, a folder or the database cannot be used, in place of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OSError as fault:
            if fault.filename is None:
                raise
            mend = "see that it can be written, or name another in the config ([daemon] data, [storage] url)"
            raise click.ClickException(f"{fault.filename}: {fault.strerror}: {mend}") from None
        except Exception as fault:
            if type(fault).__name__ != "OperationalError":  # SQLAlchemy's; it is not imported for every command
                raise
            raise click.ClickException(f"the database cannot be used: {getattr(fault, 'orig', fault)}") from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dateline", prog_name="dateline")
def main() -> None:
    """Watch news sites: what is published, edited, removed and restored; feeds and alerts of it."""


for command in (status, history, story, search, deliveries, evidence, retain, drop, rules, why, why_not, schema, try_):
    main.add_command(command)


@main.command()
@CONFIG
def run(path: Path) -> None:
    """Run the daemon: the worker, the page with its feeds, alerts and deliveries."""
    from scheduler.daemon import AlreadyRunning, CannotListen, Daemon
    from storage.store import WrongSchema

    config = _load(_config_or_example(path), sends=True, warn=True)
    _log()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the daemon listens for it: `add` sends it to the lock's holder
    try:
        daemon = Daemon(config)
        asyncio.run(daemon.run(lambda address: click.echo(_welcome(config, address))))
    except (AlreadyRunning, CannotListen, WrongSchema) as reason:
        raise click.ClickException(str(reason)) from None


@main.command()
@CONFIG
def worker(path: Path) -> None:
    """Run one crawl worker by itself; `dateline run` starts one of its own."""
    from crawler.worker import run_worker
    from scheduler.taking_over import worker_settings
    from storage.store import WrongSchema

    config = _load(path)
    _log()
    try:
        raise SystemExit(run_worker(worker_settings(config)))
    except WrongSchema as reason:
        raise click.ClickException(str(reason)) from None


@main.command()
@CONFIG
@AS_JSON
@click.option("--due", is_flag=True, help="Only at the sources that are due.")
def once(path: Path, as_json: bool, due: bool) -> None:
    """Look at every source now, raise alerts, deliver, and exit (for cron).

    Beside a running daemon, asks it to do so and waits. Exit status: 0 it ran, 1 every source failed, 2 broken config.
    """
    from scheduler.once import WorkerFailed, run_once
    from scheduler.report import counts_in_words
    from storage.store import WrongSchema

    config = _load(path, sends=True)
    _log(logging.WARNING if not sys.stderr.isatty() or as_json else logging.INFO)
    try:
        counts, failed = asyncio.run(run_once(config, due_only=due))
    except (WorkerFailed, WrongSchema) as reason:
        raise click.ClickException(str(reason)) from None
    _on_one_line("")
    click.echo(json.dumps(counts, ensure_ascii=False) if as_json else counts_in_words(counts))
    raise SystemExit(1 if failed else 0)


@main.command()
@CONFIG
def check(path: Path) -> None:
    """Check the config: every fault at once, with table, key and line."""
    from storage.text import counted

    config = _load(path, sends=True, warn=True)
    tables = config.tables
    numbers = {"source": tables.source, "rule": tables.rule, "channel": config.channels, "feed": tables.feed}
    click.echo(f"{path} is good: {', '.join(counted(len(rows), noun) for noun, rows in numbers.items())}")


@main.command()
@click.argument("url")
@click.option("--name", help="The source's name; made from the address if not given.")
@click.option("--every", default="", help="How often to look, such as 15m.")
@click.option("--dry-run", is_flag=True, help="Say what was found and what would be written; write nothing.")
@click.option("--as-is", is_flag=True, help="Write the address as it stands, without looking.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@AS_JSON
@CONFIG
def add(
    url: str, name: str | None, every: str, dry_run: bool, as_is: bool, yes: bool, as_json: bool, path: Path
) -> None:
    """Find out how the site at URL lists its articles, show it, and add it to the config as a source.

    Asks before it writes, on a terminal and without --json, --as-is or --yes. A running daemon takes the source over
    at once. Exit status: 0 well, 1 nothing was found, 2 broken config, or an address that cannot be added to it.
    """
    from crawler.fault import LookFault
    from scheduler.add import add_source, address_of, config_of, look_round
    from scheduler.config import BrokenConfig
    from storage.model.looking import Outcome

    _log(logging.ERROR)
    try:
        address, config = address_of(url), config_of(path)
        add_source(path, address, name, every)  # what is wrong with it is said before anything is asked
        seen = None if as_is else look_round(config, address, say=_on_one_line)
        _on_one_line("")
        if seen is not None and not as_json:
            click.echo(seen.in_words)
        made = add_source(path, seen.url if seen else address, name, every, seen.listings if seen else ())
    except BrokenConfig as broken:
        _refuse(broken.faults)
    except LookFault as fault:
        _on_one_line("")
        if as_json:
            failed = {"url": address, "outcome": str(fault.outcome), "error": fault.message, "table": ""}
            click.echo(json.dumps(failed, ensure_ascii=False))
        mend = _NOT_WRITTEN if fault.outcome == Outcome.NOT_ALLOWED else f"{_BY_FORCE}{address}"
        raise click.ClickException(f"{address}: {fault}. {mend}") from None
    is_found = seen is None or bool(seen.listings)
    if as_json:
        table = made.table if is_found else ""
        click.echo(json.dumps((seen.as_json if seen else {}) | {"table": table}, ensure_ascii=False))
    elif is_found:
        click.echo(("\n" if seen else "") + made.table)
    if not is_found:
        raise click.ClickException(f"{_BY_FORCE}{address}")
    asked = yes or as_json or as_is or not sys.stdin.isatty()
    if dry_run or not (asked or click.confirm("Write it?", default=True)):
        click.echo(_NOT_WRITTEN, err=as_json)
        return
    try:  # made anew: the file may have been edited while the site was asked, and the question stood
        told = add_source(path, made.url, name, every, made.listings).write()
    except BrokenConfig as broken:
        _refuse(broken.faults)
    _warn(made.config)
    click.echo("The running daemon takes it over now." if told else "The next `dateline run` watches it.", err=as_json)


@main.command()
@click.argument("source", required=False)
@click.option("--since", default="", metavar="DATE", help='How far back: a day such as 2026-01-31, or "90d".')
@click.option("--stop", is_flag=True, help="End the source's back-fill where it stands; what it found stays.")
@CONFIG
def backfill(source: str | None, since: str, stop: bool, path: Path) -> None:
    """Get what SOURCE published since DATE: older pages of its lists, one after the other. It is history: nobody is
    told. Begun again it goes on where it stopped. Without SOURCE, say how the back-fills are.
    """
    from scheduler.backfill import in_words, is_done, run_backfill
    from scheduler.duration import since_of
    from scheduler.nearest import instead
    from scheduler.once import WorkerFailed
    from scheduler.steps import utc_now
    from storage import backfill as pages
    from storage.store import WrongSchema, open_store

    config = _load(path)
    if source is None and (since or stop):
        raise click.UsageError("name the source: dateline backfill SOURCE ...")
    try:
        back_to = since_of(since, utc_now()) if since else None
    except ValueError as reason:
        raise click.UsageError(f"--since: {reason}") from None
    watched = [one.name for one in config.tables.source if one.enabled]
    try:
        if source is None or stop:
            store = open_store(config.store_url)
            if source is None:
                with store.reader() as connection:
                    states = pages.states(connection)
                click.echo("\n".join(in_words(one) for one in states) or "There has been no back-fill.")
            else:
                name = source
                stopped = store.write(lambda connection: pages.stop(connection, name, utc_now()))
                if not stopped and source not in watched:
                    raise pages.NotWatched(f"there is no source {source!r} that is watched")
                click.echo(f"{source}: {'stopped' if stopped else 'no back-fill is under way'}")
            store.close()
            return
        if back_to is None:
            raise click.UsageError("say how far back: --since 2026-01-31, or --since 90d")
        _log(logging.WARNING)
        state = asyncio.run(run_backfill(config, source, back_to))
    except pages.NotWatched as reason:
        raise click.ClickException(f"{reason}; {instead(source or '', watched)}") from None
    except (WorkerFailed, WrongSchema) as reason:
        raise click.ClickException(str(reason)) from None
    _on_one_line("")
    click.echo(in_words(state))
    if not is_done(state):
        click.echo("It goes on with the next `dateline run`, or when you begin it again.")


@main.command("mass")
@click.argument("number", required=False, type=int)
@click.option("--confirm", "how", flag_value="confirmed", help="They are gone: record all of them as removed.")
@click.option(
    "--dismiss", "how", flag_value="dismissed", help="The site has moved: record nothing, look there no more."
)
@AS_JSON
@CONFIG
def mass_(number: int | None, how: Literal["confirmed", "dismissed"] | None, as_json: bool, path: Path) -> None:
    """List mass events: articles that went, came back or changed alike together. With NUMBER, all articles of one."""
    from scheduler.report import mass_as_json, mass_in_words, masses_in_words
    from storage import mass
    from storage.store import WrongSchema, open_store

    config = _load(path)
    if number is None and how:
        raise click.UsageError("say which: dateline mass NUMBER --confirm")
    try:
        store = open_store(config.store_url)
        if number is not None and how:
            store.write(lambda connection: mass.decide(connection, number, how))
        with store.reader() as connection:
            events = mass.events(connection) if number is None else [mass.event(connection, number)]
            members = [] if number is None else mass.members(connection, events[0])
        store.close()
    except (WrongSchema, mass.NoSuchMass, ValueError) as reason:
        raise click.ClickException(str(reason)) from None
    if as_json:
        shown = [mass_as_json(one, members) for one in events]
        click.echo(json.dumps(shown[0] if number is not None else shown, ensure_ascii=False))
    elif number is None:
        click.echo(masses_in_words(events))
    else:
        click.echo(mass_in_words(events[0], members))


@main.command()
@click.argument("channel", required=False)
@CONFIG
def tell(channel: str | None, path: Path) -> None:
    """Send a test message through CHANNEL and say what came of it."""
    from scheduler.nearest import instead
    from scheduler.trial import go_on, send_test

    config = _load(path, sends=True)
    if channel is None:
        raise click.UsageError(f"name one of the channels; {instead('', config.channels)}")
    if channel not in config.channels:
        raise click.UsageError(f"there is no channel {channel!r}; {instead(channel, config.channels)}")
    if fault := asyncio.run(send_test(config.channels[channel])):
        raise click.ClickException(fault)
    click.echo(f"{channel}: the test message was taken")  # whatever becomes of the rest
    if go_on(config.store_url, channel):
        click.echo(f"{channel}: it was paused, and what waits goes on now")


@main.command()
@click.option("--stay", is_flag=True, help="Keep the page open at the end, until Ctrl-C.")
def demo(stay: bool) -> None:
    """Show the whole journey offline: a small newspaper that publishes, edits and deletes, watched and told of."""
    from scheduler.demo.show import show
    from scheduler.demo.stage import NotShown

    try:
        asyncio.run(show(click.echo, stay=stay))
    except NotShown as reason:
        raise click.ClickException(str(reason)) from None


def _config_or_example(path: Path) -> Path:
    if path.exists() or path != Path("config.toml") or not Path(EXAMPLE).exists():
        return path
    click.echo(f"There is no {path} yet: starting from {EXAMPLE}. Copy it to {path} to make it yours.")
    return Path(EXAMPLE)


def _welcome(config: Config, address: str) -> str:
    feeds = ["all", *(f"rule/{one.name}" for one in config.rules), *(one.name for one in config.tables.feed)]
    lines = [f"Dateline runs. Its page:  {address}/", "Feeds to subscribe to (.rss, .atom, .json):"]
    lines += [f"  {address}/feeds/{name.replace(' ', '%20')}.rss" for name in feeds[:8]]
    lines.append(f"  and one for each source; all are named on {address}/feeds")
    return "\n".join(lines)


if __name__ == "__main__":  # `python -m scheduler.cli` would end in silence, and well
    main(prog_name="dateline")
