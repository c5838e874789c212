"""What the commands share: their options, the config or the end of the program, warnings and the log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from scheduler.config import Config

BROKEN_CONFIG = 2
CONFIG = click.option(
    "--config", "path", type=click.Path(path_type=Path, dir_okay=False), default=Path("config.toml"), metavar="FILE",
    help="The config to use; config.toml if not given.",
)  # fmt: skip
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON; the README tells its keys.")


def load(path: Path, *, sends: bool = False, warn: bool = False, below: str = "") -> Config:
    """The config, or the end of the program with all of its faults, and `below` under them. What it warns of is said by
    those commands that a person starts: cron would mail it after every round. One that `sends` nothing needs no
    secrets: their variables are set where the daemon was started, and seldom in the shell beside it."""
    from scheduler.config import BrokenConfig, load_config

    try:
        config = load_config(path, secrets_elsewhere=not sends)
    except BrokenConfig as broken:
        refuse([*broken.faults, *([below] if below else [])])
    if warn:
        say_warnings(config)
    return config


def say_warnings(config: Config) -> None:
    for warning in config.warnings:
        click.echo(f"warning: {warning}", err=True)


def refuse_store(faults: Sequence[str], reason: Exception) -> NoReturn:
    """The end of a command that needs no whole config, since its store cannot be used: by `reason`, which asks for a
    start. With `faults` in the config there is none, so these are mended first."""
    if not faults:
        raise click.ClickException(str(reason)) from None
    refuse([*faults, f"Mend the config first. Then: {reason}"])


def refuse(faults: Iterable[str]) -> NoReturn:
    for fault in faults:
        click.echo(fault, err=True)
    raise SystemExit(BROKEN_CONFIG)


def log(level: int = logging.INFO) -> None:
    from crawler.worker import LOG_DATES, LOG_FORMAT

    logging.basicConfig(stream=sys.stderr, level=level, format=LOG_FORMAT, datefmt=LOG_DATES)
    for chatty in ("apscheduler", "uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def on_one_line(words: str) -> None:
    """Progress on a terminal, "" wipes it; nothing elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{words[:100]}\033[K")
        sys.stderr.flush()
