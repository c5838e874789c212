"""`dateline schema`: what programs get, for those who write one."""

from __future__ import annotations

import json

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of a webhook's body; a running daemon has it at /schema/alert.json."""
    from scheduler import payload

    click.echo(json.dumps(payload.schema(), indent=2, ensure_ascii=False))
