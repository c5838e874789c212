"""What is kept and what is let go, as a user does it: `retain` and `drop`, with a real newspaper."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.texts import made_up
from storage.schema.articles import address, article, change, revision
from storage.store import open_store
from tests.running import config_text, dateline, free_port, said

DAY = timedelta(days=1)
KEPT = '[retention]\nbytes = "90d"\nsize = "5 GB"'


def snapshots(folder: Path) -> list[Path]:
    return sorted((folder / "data" / "snapshots").rglob("*.zst"))


def age(folder: Path, url: str, by: timedelta) -> None:
    """Have the bytes of an article be older than they are."""
    store = open_store(f"sqlite:///{folder}/data/dateline.db")
    of = sa.select(address.c.article_id).where(address.c.url == url).scalar_subquery()
    at = datetime.now(UTC) - by
    with store.writer() as connection:
        names = connection.execute(sa.select(revision.c.snapshot).where(revision.c.article_id == of)).scalars().all()
        connection.execute(sa.update(revision).where(revision.c.article_id == of).values(seen_at=at))
    store.close()
    for path in snapshots(folder):
        if path.stem in names:
            os.utime(path, (at.timestamp(), at.timestamp()))


def counts(folder: Path) -> tuple[int, int]:
    """Articles, and changes that are news."""
    store = open_store(f"sqlite:///{folder}/data/dateline.db")
    with store.reader() as connection:
        articles = connection.execute(sa.select(sa.func.count()).select_from(article)).scalar_one()
        news = connection.execute(sa.select(sa.func.count()).where(~change.c.history)).scalar_one()
    store.close()
    return articles, news


async def test_retain_says_what_would_go_and_lets_it_go(tmp_path: Path, newspaper: Newspaper) -> None:
    """By itself after a round, once a day; the texts stay, and evidence says what is missing."""
    old, young = newspaper.publish(*made_up(1)), newspaper.publish(*made_up(2))
    (tmp_path / "config.toml").write_text(config_text(free_port(), {"courier": newspaper.feed_url}, extra=KEPT))
    await said(tmp_path, "once")
    assert len(snapshots(tmp_path)) == 2
    nothing = await said(tmp_path, "retain")
    assert (nothing.status, nothing.out.splitlines()[0]) == (0, "gone: 0 files, 0 B")
    age(tmp_path, old, 91 * DAY)
    would = await said(tmp_path, "retain", "--dry-run")
    head, why, rest = would.out.splitlines()
    assert head.startswith("would go: 1 file, ") and "older than 90d, the oldest of" in why
    assert rest.startswith("stay: 1 file, ") and len(snapshots(tmp_path)) == 2
    await said(tmp_path, "once")
    assert len(snapshots(tmp_path)) == 2, "it was carried out less than a day ago"
    os.utime(tmp_path / "data" / "snapshots" / ".retained", (0, 0))
    await said(tmp_path, "once")
    assert len(snapshots(tmp_path)) == 1
    missing = await said(tmp_path, "evidence", old, "--out", "old.zip")
    assert missing.status == 0 and "1 snapshot is not there any more; its hash is in the manifest" in missing.err
    whole = await said(tmp_path, "evidence", young, "--out", "young.zip")
    assert (whole.status, whole.err) == (0, "")
    (tmp_path / "config.toml").write_text(
        config_text(free_port(), {"courier": newspaper.feed_url}, extra='[retention]\nbytes = "1h"\nsize = "many"')
    )
    # Both faults at once, like those of any other table.
    broken = await said(tmp_path, "retain")
    assert broken.status == 2 and "1h is too short" in broken.err and "'many' is no size: write" in broken.err


async def test_what_is_dropped_is_never_new_again(tmp_path: Path, newspaper: Newspaper) -> None:
    """At its address, edited or not, and at another with the same text; after a question that has to be answered."""
    newspaper.publish(*made_up(1))
    (tmp_path / "config.toml").write_text(
        config_text(free_port(), {"courier": newspaper.feed_url}, revisit=("1s", "2s", "3s"), query="alarm")
    )
    await said(tmp_path, "once")
    title, paragraphs = "An alarm at the harbour", ["The alarm rang."] + [f"Bell {n} rang, too." for n in range(60)]
    url = newspaper.publish(title, paragraphs)
    await said(tmp_path, "once")
    assert counts(tmp_path) == (2, 1) and len(snapshots(tmp_path)) == 2
    age(tmp_path, url, timedelta(hours=1))
    asked = await said(tmp_path, "drop", url)
    assert asked.status == 1 and title in asked.out and "1 revision at 1 address, 1 alert" in asked.out
    assert counts(tmp_path) == (2, 1)
    dropped = await said(tmp_path, "drop", url, "--yes", "--reason", "a person\nasked")
    assert dropped.status == 0 and "Dropped. Bytes removed: 1 of 1 file." in dropped.out
    assert counts(tmp_path) == (1, 0) and len(snapshots(tmp_path)) == 1
    newspaper.edit(url, "Bell 1 rang, too.", "Bell 1 did not ring.")
    newspaper.publish(title, paragraphs)
    for _ in range(2):
        assert (await said(tmp_path, "once")).status == 0
    assert counts(tmp_path) == (1, 0) and len(snapshots(tmp_path)) == 1
    for command in (("evidence", url, "--out", "e.zip"), ("drop", url, "--yes")):
        gone = await said(tmp_path, *command)
        assert gone.status == 1 and "was dropped on" in gone.err and "a person asked" in gone.err
    newspaper.publish(*made_up(3))
    await said(tmp_path, "once")
    assert counts(tmp_path) == (2, 1)


async def test_the_daemon_lets_go_what_is_too_old(tmp_path: Path, newspaper: Newspaper) -> None:
    """Beside all that it does; and drops what is dropped while it runs."""
    old, young = newspaper.publish(*made_up(1)), newspaper.publish(*made_up(2))
    async with dateline(tmp_path) as running:
        (tmp_path / "config.toml").write_text(config_text(running.port, {"courier": newspaper.feed_url}))
        await said(tmp_path, "once")
        age(tmp_path, old, 91 * DAY)
        os.utime(tmp_path / "data" / "snapshots" / ".retained", (0, 0))
        await running.start()
        await running.until(lambda: len(snapshots(tmp_path)) == 1, "retention")
        assert (await said(tmp_path, "drop", young, "--yes")).status == 0
        newspaper.publish(*made_up(3))
        await running.until(lambda: counts(tmp_path)[1] == 1, "the next article")
        assert counts(tmp_path) == (2, 1)
