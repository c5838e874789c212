"""Bytes go when they are too old, too many or nobody's; what a younger revision names, or may be about to, stays."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.model.articles import Article
from storage.retaining import Retained, is_due, retain
from storage.retention import Cut, Limits, Why, cut
from storage.schema.articles import article, revision, revision_snapshot
from storage.snapshots import Snapshots
from storage.store import Store
from tests.press import BEGAN, Press

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ROOMY = Limits(90 * DAY, 10**9)


@dataclass
class Archive:
    """Articles whose bytes were served when they were seen; each text is its bytes."""

    store: Store
    folder: Path
    press: Press = field(init=False)
    snapshots: Snapshots = field(init=False)

    def __post_init__(self) -> None:
        self.press, self.snapshots = Press(self.store), Snapshots(self.folder)

    def publish(self, *bodies: bytes, at: datetime) -> str:
        """A new article whose bytes these are, page by page; the hash of the first."""
        guid = self.press.publish(Article("One", f"Text of {bodies!r} at {at}"), at=at)
        digests = [self.keep(body, at) for body in bodies]
        query = sa.select(revision.c.id).join(article, article.c.id == revision.c.article_id)
        with self.store.writer() as connection:
            number = connection.execute(query.where(article.c.guid == guid)).scalar()
            rows = [{"hash": one, "revision_id": number} for one in digests]
            connection.execute(revision_snapshot.insert(), rows)
            connection.execute(sa.update(revision).where(revision.c.id == number).values(snapshot=digests[0]))
        return digests[0]

    def keep(self, body: bytes, at: datetime) -> str:
        digest = self.snapshots.keep(body)
        self.touch(digest, at)
        return digest

    def touch(self, digest: str, at: datetime) -> None:
        os.utime(self.path(digest), (at.timestamp(), at.timestamp()))

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.zst"

    def size(self, digest: str) -> int:
        return self.path(digest).stat().st_size

    def has(self, *digests: str) -> list[bool]:
        return [self.path(one).exists() for one in digests]

    def named(self) -> set[str]:
        with self.store.reader() as connection:
            return set(connection.execute(sa.select(revision_snapshot.c.hash)).scalars())

    def retain(self, now: datetime, limits: Limits = ROOMY, *, dry_run: bool = False) -> Retained:
        return retain(self.store, self.snapshots, limits, now, dry_run=dry_run)


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    return Archive(store, tmp_path / "snapshots")


def random_bytes(seed: int, size: int = 5000) -> bytes:
    """That no packing makes smaller."""
    return random.Random(seed).randbytes(size)


def test_bytes_go_at_their_age_and_texts_stay(archive: Archive) -> None:
    old, young = archive.publish(b"old", b"its second page", at=BEGAN), archive.publish(b"young", at=BEGAN + DAY)
    second = archive.snapshots.keep(b"its second page")
    archive.touch(second, BEGAN)
    assert archive.retain(BEGAN + 90 * DAY - MINUTE).files == 0
    came_to = archive.retain(BEGAN + 90 * DAY)
    assert (came_to.files, came_to.gone[Why.OLD].files, came_to.gone[Why.OLD].oldest) == (2, 2, BEGAN)
    assert archive.has(old, second, young) == [False, False, True] and archive.named() == {young}
    with archive.store.reader() as connection:
        texts = connection.execute(sa.select(revision.c.body, revision.c.snapshot).order_by(revision.c.id)).all()
    assert [row.snapshot for row in texts] == [old, young] and all(row.body for row in texts)
    assert archive.retain(BEGAN + 90 * DAY).files == 0


def test_bytes_that_a_younger_revision_names_stay(archive: Archive) -> None:
    """The same bytes, seen again under another address months later, are as young as that."""
    shared = archive.publish(b"shared", at=BEGAN)
    assert archive.publish(b"shared", at=BEGAN + 60 * DAY) == shared
    assert archive.retain(BEGAN + 149 * DAY).files == 0 and archive.has(shared) == [True]
    assert archive.retain(BEGAN + 150 * DAY).files == 1 and archive.named() == set()


def test_bytes_that_are_about_to_be_named_stay(archive: Archive) -> None:
    """The file was kept again by a look whose transaction is under way."""
    digest = archive.publish(b"wanted", at=BEGAN)
    now = BEGAN + 100 * DAY
    archive.touch(digest, now - MINUTE)
    assert archive.retain(now).files == 0 and archive.has(digest) == [True]
    assert archive.retain(now + HOUR).files == 1


def test_the_oldest_go_where_there_are_too_many(archive: Archive) -> None:
    """As many as it takes, and no more; a dry run names the same and touches nothing."""
    kept = [archive.publish(random_bytes(n), at=BEGAN + n * HOUR) for n in range(10)]
    size = archive.size(kept[0])
    limits, now = Limits(90 * DAY, 4 * size + size // 2), BEGAN + 3 * DAY
    would = archive.retain(now, limits, dry_run=True)
    assert archive.has(*kept) == [True] * 10 and len(archive.named()) == 10
    came_to = archive.retain(now, limits)
    assert archive.has(*kept) == [False] * 6 + [True] * 4
    assert came_to.gone == would.gone and came_to.gone[Why.SURPLUS].files == 6
    assert came_to.gone[Why.SURPLUS].size == sum([size] * 6) and came_to.before.files == 10
    assert archive.named() == set(kept[6:])


def test_of_files_of_one_minute_only_so_many_go(archive: Archive) -> None:
    kept = [archive.publish(random_bytes(n), at=BEGAN) for n in range(10)]
    size = archive.size(kept[0])
    came_to = archive.retain(BEGAN + DAY, Limits(90 * DAY, 7 * size))
    assert came_to.files == 3 and sum(archive.has(*kept)) == 7


def test_orphans_go_after_a_day(archive: Archive) -> None:
    """A kill between the file and its revision leaves one; what nobody of us put there stays."""
    orphan = archive.keep(b"orphan", BEGAN)
    strange = archive.folder / orphan[:2] / "notes.zst"
    strange.write_bytes(b"mine")
    os.utime(strange, (0, 0))
    half = archive.folder / orphan[:2] / ".x.part"
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    assert archive.retain(BEGAN + DAY - MINUTE).files == 0
    came_to = archive.retain(BEGAN + DAY + MINUTE)
    assert came_to.gone[Why.ORPHAN].files == 1 and archive.has(orphan) == [False]
    assert strange.exists() and not half.exists()


def test_a_retention_that_was_killed_goes_on(archive: Archive) -> None:
    """Files that are gone while their rows still name them: the rows go, once they are too old to tell of a loss."""
    digest = archive.publish(b"text", at=BEGAN)
    archive.path(digest).unlink()
    archive.retain(BEGAN + 89 * DAY)
    assert archive.named() == {digest}
    archive.retain(BEGAN + 90 * DAY)
    assert archive.named() == set()


def test_a_full_disk_is_survived(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is made though nothing can be written; what could not be noted is noted the next time."""
    digest = archive.publish(b"text", at=BEGAN)

    def full(change: object) -> None:
        raise sa.exc.OperationalError("DELETE", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr(archive.store, "write", full)
        assert archive.retain(BEGAN + 90 * DAY).files == 1
    assert archive.has(digest) == [False] and archive.named() == {digest}
    archive.retain(BEGAN + 90 * DAY)
    assert archive.named() == set()


def test_it_is_carried_out_once_a_day(archive: Archive) -> None:
    """Over restarts, and again at once where the clock was set back; a dry run does not count, nor one that was
    stopped."""
    assert is_due(archive.snapshots, BEGAN)
    archive.publish(b"text", at=BEGAN)
    archive.retain(BEGAN, dry_run=True)
    stopped = retain(archive.store, archive.snapshots, ROOMY, BEGAN, is_stopped=lambda: True)
    assert not stopped.whole and is_due(archive.snapshots, BEGAN)
    archive.retain(BEGAN)
    due = [is_due(Snapshots(archive.folder), BEGAN + late) for late in (timedelta(0), DAY - MINUTE, DAY, -MINUTE)]
    assert due == [False, False, True, True]


def test_a_clock_that_stands_far_ahead_or_a_file_from_then_breaks_nothing(archive: Archive) -> None:
    digest = archive.publish(b"text", at=BEGAN)
    os.utime(archive.path(digest), (9e11, 9e11))
    assert archive.retain(BEGAN + 100 * DAY).files == 0
    archive.touch(digest, BEGAN)
    assert archive.retain(datetime(9999, 12, 31, tzinfo=BEGAN.tzinfo)).files == 1


def test_where_to_cut() -> None:
    sizes = {3: 10, 1: 5, 2: 7}
    assert [cut(sizes, excess) for excess in (-1, 0, 1, 5, 6, 12, 13, 22)] == [
        *(None, None, Cut(1, 1), Cut(1, 5), Cut(2, 1), Cut(2, 7), Cut(3, 1), Cut(3, 10))
    ]
    assert cut(sizes, 99) == Cut(3, 10) and cut({}, 9) is None
