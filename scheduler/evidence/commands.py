"""`dateline evidence`, `retain` and `drop`: what is proved, what is kept, and what is no more."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from scheduler.options import CONFIG, load


@click.command()
@click.argument("article")
@click.option(
    "--out", required=True, metavar="FILE.zip", type=click.Path(path_type=Path, dir_okay=False), help="Where to."
)
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
@CONFIG
def evidence(article: str, out: Path, force: bool, path: Path) -> None:
    """Export all that is known of ARTICLE, to be checked by others: every revision with the bytes that were served
    (WARC), the diffs, a manifest of chained hashes, and verify.py, which needs Python alone.

    ARTICLE is one of its addresses, its guid or its page here. Prints the hash that should be noted elsewhere.
    """
    from scheduler.evidence.bundle import NotWritten, write_evidence
    from storage.evidence import NoSuchArticle, dossier, find
    from storage.snapshots import Snapshots
    from storage.store import WrongSchema, open_store

    config = load(path)
    if str(out) == "-":
        raise click.UsageError("--out: evidence is a file, written whole or not at all: name one")
    try:
        with closing(open_store(config.store_url)) as store, store.reader() as connection:
            found = dossier(connection, find(connection, article))
        written = write_evidence(found, Snapshots(config.data / "snapshots"), out, force=force)
    except (WrongSchema, NoSuchArticle, NotWritten) as reason:
        raise click.ClickException(str(reason)) from None
    for doubt in written.doubts:
        click.echo(f"warning: {doubt}", err=True)
    click.echo(f"{out}: {written.revisions} revision(s), {written.kept} answer(s) with their bytes")
    click.echo(f"Check it: unpack it, python3 verify.py. Note this hash elsewhere, today:\n{written.seal}")
