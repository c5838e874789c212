"""`dateline status`: how everything is, by what the store knows; a broken config is a line of it, and no end."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from scheduler.options import AS_JSON, CONFIG, refuse_store

MOST_GIVEN_UP = 10  # that are named


@click.command()
@CONFIG
@AS_JSON
def status(path: Path, as_json: bool) -> None:
    """Say how every source is, and what is stored, told and waiting. While the config is broken it says that, too."""
    from crawler.worker import holder
    from scheduler import report
    from scheduler.salvage import ground_of
    from scheduler.steps import utc_now
    from storage import by_hand, fates, heartbeat, stopped
    from storage.archive import Archive
    from storage.fates import Fates
    from storage.store import WrongSchema, open_store
    from storage.text import iso

    ground, beat = ground_of(path), None
    try:
        store = open_store(ground.store_url)
    except WrongSchema as reason:
        refuse_store(ground.faults, reason)
    with closing(store):
        counts, paused = Archive(store).status(utc_now()), Fates(store).paused_channels()
        with store.reader() as connection:
            halted, given_up = stopped.listed(connection), fates.given_up(connection, MOST_GIVEN_UP)
            # Of the same view: one that is dropped meanwhile has a short id all the same.
            short = by_hand.short_ids(connection, [one.delivery_id for one in given_up])
            if ground.has_heartbeat:
                beat = heartbeat.last(connection)
                counts["heartbeat"] = report.heartbeat_as_json(beat)
    process = holder(ground.data / "daemon.lock")
    counts["stopped"] = [{"rule": one.rule, "channel": one.channel, "at": iso(one.at)} for one in halted]
    counts |= {"daemon": process, "config": list(ground.faults)}
    if as_json:
        click.echo(json.dumps(counts, ensure_ascii=False))
        return
    lines = [report.status_in_words(counts), *report.daemon_in_words(process, ground.faults)]
    lines += [*report.stopped_in_words(halted), *report.untold_in_words(paused, given_up, short)]
    click.echo("\n".join([*lines, report.heartbeat_in_words(beat)] if ground.has_heartbeat else lines))
