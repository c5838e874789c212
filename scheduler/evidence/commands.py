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
    from scheduler.evidence.words import answers
    from storage.evidence import dossier
    from storage.finding import NoSuchArticle, find
    from storage.snapshots import Snapshots
    from storage.store import WrongSchema, open_store
    from storage.text import counted

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
    click.echo(f"{out}: {counted(written.revisions, 'revision')}, {answers(written.kept, 'kept')}")
    click.echo(f"Check it: unpack it, python3 verify.py. Note this hash elsewhere, today:\n{written.seal}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@CONFIG
def retain(dry_run: bool, path: Path) -> None:
    """Let go the bytes that [retention] does not keep, and say what went. `dateline run` does so once a day, `once`
    after its round. Texts, hashes and diffs are kept for ever.
    """
    from scheduler.report import retained_in_words
    from scheduler.steps import utc_now
    from storage import retaining
    from storage.snapshots import Snapshots
    from storage.store import WrongSchema, open_store

    config = load(path)
    try:
        with closing(open_store(config.store_url)) as store:
            snapshots = Snapshots(config.data / "snapshots")
            came_to = retaining.retain(store, snapshots, config.limits, utc_now(), dry_run=dry_run)
    except WrongSchema as reason:
        raise click.ClickException(str(reason)) from None
    except OSError as reason:
        raise click.ClickException(f"{config.data / 'snapshots'}: {reason.strerror}") from None
    click.echo(retained_in_words(came_to, config.limits, dry_run=dry_run))


@click.command()
@click.argument("article")
@click.option("--reason", default="", help="Why; it is kept and shown.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@CONFIG
def drop(article: str, reason: str, yes: bool, path: Path) -> None:
    """Delete ARTICLE with all of its revisions, changes, alerts and bytes, for good. What is left is a tombstone: its
    addresses and the fingerprints of its texts, so that it is never new again.

    ARTICLE is one of its addresses, its guid or its page here.
    """
    from scheduler.report import doomed_in_words
    from scheduler.steps import utc_now
    from storage import tombstones
    from storage.finding import NoSuchArticle, find
    from storage.snapshots import Snapshots
    from storage.store import WrongSchema, open_store
    from storage.text import counted, one_line

    config = load(path)
    try:
        with closing(open_store(config.store_url)) as store:
            with store.reader() as connection:
                number = find(connection, article)
                doomed = tombstones.doomed(connection, number)
            click.echo(doomed_in_words(doomed))
            if not yes and not click.confirm("Drop it for good?", default=False):
                click.echo("Nothing was dropped.")
                return
            # By its guid: another may have dropped it while the question stood.
            buried = store.write(lambda c: tombstones.bury(c, find(c, doomed.guid), one_line(reason, 500), utc_now()))
        snapshots = Snapshots(config.data / "snapshots")
        left = tombstones.remove_files(snapshots, buried, utc_now())
    except (WrongSchema, NoSuchArticle) as reason_:
        raise click.ClickException(str(reason_)) from None
    except OSError as reason_:
        words = f"It was dropped, but not all of its bytes: {reason_.strerror}. The next `dateline retain` does it."
        raise click.ClickException(words) from None
    of = counted(len(buried.unnamed) + buried.shared, "file")
    click.echo(f"Dropped. Bytes removed: {len(buried.unnamed) - left} of {of}.")
    if buried.shared:
        click.echo(f"{buried.shared} stay{'s' * (buried.shared == 1)}: other revisions name the same bytes.")
    if left:
        were, them = ("was", "it") if left == 1 else ("were", "them")
        click.echo(f"{left} {were} written a moment ago; `dateline retain` removes {them} after a day.")
