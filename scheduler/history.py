"""`dateline history`: all that happened to one article, and what was said of it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from pathlib import Path

import click

from scheduler.options import AS_JSON, CONFIG, load


@click.command()
@click.argument("article")
@click.option("--newest-first", is_flag=True, help="Begin with what happened last.")
@click.option("--diff/--no-diff", "diffs", default=True, help="Show what changed, word by word, or leave it out.")
@click.option("--full", is_flag=True, help="Show diffs whole, however long they are.")
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@AS_JSON
@CONFIG
def history(
    article: str, newest_first: bool, diffs: bool, full: bool, markdown: bool, as_json: bool, path: Path
) -> None:
    """Say what happened to ARTICLE, the oldest first: every change with its class, its diff and who was told of it; the
    addresses that lead to it; and where its removal stands.

    ARTICLE is one of its addresses, its guid or its page here. Diffs are in colour on a terminal, unless NO_COLOR is
    set; elsewhere what went is [-so-] and what came is {+so+}.
    """
    from scheduler import history_words
    from storage.archive import Archive
    from storage.finding import NoSuchArticle, find_guid
    from storage.rows import BROKEN_ROW
    from storage.store import WrongSchema, open_store

    config = load(path)
    if markdown and as_json:
        raise click.UsageError("--markdown or --json: name one of them")
    try:
        with closing(open_store(config.store_url)) as store:
            with store.reader() as connection:
                guid = find_guid(connection, article)
            life = Archive(store).biography(guid)
        if life is None:
            raise NoSuchArticle(f"the article {guid} was dropped this moment")
        colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")  # https://no-color.org
        view = history_words.View(config.tables.changes.confirm, newest_first, diffs, full, colours)
        if as_json:
            said = json.dumps(history_words.as_json(life, view), ensure_ascii=False)
        else:
            said = (history_words.as_markdown if markdown else history_words.as_text)(life, view)
    except (WrongSchema, NoSuchArticle) as reason:
        raise click.ClickException(str(reason)) from None
    except BROKEN_ROW as reason:
        words = f"what is stored of it cannot be read ({type(reason).__name__}): take the database from a backup"
        raise click.ClickException(words) from None
    click.echo(said, color=colours)
