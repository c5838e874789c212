"""`dateline rules`: what a person does about rules beside writing them."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.options import CONFIG, load


@click.group()
def rules() -> None:
    """What is done about rules beside writing them into the config."""


@rules.command()
@click.argument("name")
@click.option("--channel", default="", help="In this channel alone; in all if not given.")
@CONFIG
def start(name: str, channel: str, path: Path) -> None:
    """Tell of the rule NAME again, which its reader has stopped. What was raised meanwhile is not told later: it
    stands on the page, and in the rule's feed."""
    from storage import stopped
    from storage.store import WrongSchema, open_store

    config = load(path)
    try:
        store = open_store(config.store_url)
    except WrongSchema as reason:
        raise click.ClickException(str(reason)) from None
    try:
        was = store.write(lambda connection: stopped.start(connection, name, channel))
    finally:
        store.close()
    if not was:
        where = f" in {channel}" if channel else ""
        raise click.ClickException(f"no rule {name} is stopped{where}; `dateline status` names those that are")
    for one in was:
        click.echo(f"{one.rule} is told through {one.channel} again; it was stopped since {one.at:%Y-%m-%d %H:%M} UTC")
