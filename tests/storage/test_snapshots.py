"""The bytes that a server sent come back as they were, or not at all."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from storage.snapshots import DamagedSnapshot, Snapshots

PAGE = b"<html>" + b"harbour " * 500 + b"</html>"


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "snapshots")


def files(tmp_path: Path) -> list[Path]:
    return sorted(path for path in tmp_path.rglob("*") if path.is_file())


def test_bytes_come_back(snapshots: Snapshots, tmp_path: Path) -> None:
    """One small file, in a folder named by the first two letters of the hash."""
    digest = snapshots.keep(PAGE)
    assert snapshots.read(digest) == PAGE and len(digest) == 64
    [path] = files(tmp_path)
    assert path == tmp_path / "snapshots" / digest[:2] / f"{digest}.zst" and path.stat().st_size < len(PAGE) / 10


def test_the_same_bytes_are_kept_once(snapshots: Snapshots, tmp_path: Path) -> None:
    assert snapshots.keep(PAGE) == snapshots.keep(PAGE) and len(files(tmp_path)) == 1
    assert snapshots.keep(b"") != snapshots.keep(PAGE) and snapshots.read(snapshots.keep(b"")) == b""


def test_a_write_that_fails_leaves_nothing(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: no half file under a name that promises the whole."""

    def full(descriptor: int) -> None:
        raise OSError("no space left on device")

    snapshots.keep(PAGE)
    files(tmp_path)[0].unlink()  # the folder stays: what fails is the file
    monkeypatch.setattr("storage.snapshots.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        snapshots.keep(PAGE)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "damaged", [b"", b"not zstd", zstandard.compress(b"other bytes"), zstandard.compress(PAGE)[:-9]]
)
def test_damage_is_found(snapshots: Snapshots, tmp_path: Path, damaged: bytes) -> None:
    """Evidence that was changed on the disk is none."""
    digest = snapshots.keep(PAGE)
    files(tmp_path)[0].write_bytes(damaged)
    with pytest.raises(DamagedSnapshot, match=digest):
        snapshots.read(digest)


def test_a_bomb_is_not_unpacked(snapshots: Snapshots, tmp_path: Path) -> None:
    digest = snapshots.keep(PAGE)
    files(tmp_path)[0].write_bytes(zstandard.compress(bytes(65 * 1024 * 1024)))
    with pytest.raises(DamagedSnapshot):
        snapshots.read(digest)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "ab" * 31])
def test_what_is_no_hash_opens_no_file(snapshots: Snapshots, digest: str) -> None:
    with pytest.raises(ValueError, match="not the hash"):
        snapshots.read(digest)


def test_what_retention_dropped_is_not_there(snapshots: Snapshots) -> None:
    with pytest.raises(FileNotFoundError):
        snapshots.read("ab" * 32)


OLD = datetime(2026, 3, 1, tzinfo=UTC)
LATER = OLD + timedelta(days=1)


def age(*paths: Path) -> None:
    for path in paths:
        os.utime(path, (OLD.timestamp(), OLD.timestamp()))


def test_bytes_that_are_wanted_again_are_not_taken_away(snapshots: Snapshots, tmp_path: Path) -> None:
    """Between `keep` and the transaction that names the hash nothing but the file's own time says that it is wanted."""
    digest = snapshots.keep(PAGE)
    age(*files(tmp_path))
    snapshots.keep(PAGE)
    assert snapshots.remove(digest, LATER) == 0 and snapshots.read(digest) == PAGE
    age(*files(tmp_path))
    assert snapshots.remove(digest, OLD) == 0
    assert snapshots.remove(digest, LATER) > 0 and files(tmp_path) == []
    assert snapshots.remove(digest, LATER) == 0
    assert snapshots.keep(PAGE) == digest and snapshots.read(digest) == PAGE


def test_only_our_own_files_are_listed(snapshots: Snapshots, tmp_path: Path) -> None:
    digest = snapshots.keep(PAGE)
    folder = tmp_path / "snapshots" / digest[:2]
    for name in ("notes.zst", digest, f"{digest}.txt", "f" * 64 + ".zst"):
        (folder / name).write_bytes(b"mine")
    other = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    (folder / f"{other}.zst").symlink_to("/etc/hosts")
    age(folder / f"{digest}.zst")
    [file] = snapshots.files(digest[:2])
    assert (file.digest, file.size, file.touched_at) == (digest, (folder / f"{digest}.zst").stat().st_size, OLD)
    assert list(snapshots.files("00" if digest[:2] != "00" else "01")) == []


def test_what_a_killed_keep_left_is_removed(snapshots: Snapshots, tmp_path: Path) -> None:
    digest = snapshots.keep(PAGE)
    left, under_way = (tmp_path / "snapshots" / digest[:2] / f".{name}.part" for name in ("left", "under-way"))
    for path in (left, under_way):
        path.write_bytes(b"half")
    age(left)
    snapshots.remove_parts(digest[:2], LATER)
    assert not left.exists() and under_way.exists() and snapshots.read(digest) == PAGE
