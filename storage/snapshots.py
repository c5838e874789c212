"""The bytes that servers sent: one compressed file for each content, named by its hash. The evidence of a revision."""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import zstandard

HASH_BYTES = 32
MOST_BYTES = 64 * 1024 * 1024  # of one snapshot unpacked; a page is refused long before
_RETAINED = ".retained"  # its time says when retention was last carried out
_LATEST_S = 253_402_300_799  # the end of the year 9999; a file may say that it is younger
_HASH = re.compile("[0-9a-f]{64}")


class DamagedSnapshot(Exception):
    """A snapshot does not hold the bytes that its name promises: the disk or somebody changed it."""


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """A file of bytes: its size as it lies on the disk, packed, and when it was last written or wanted."""

    digest: str
    size: int
    touched_at: datetime


class Snapshots:
    """A folder of snapshots: `ab/abcdef....zst`, where the name is the blake2b of the bytes, in hex."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep the bytes and return their hash; when it returns, they outlive a power cut.

        To be called before the transaction that names the hash: a file that no revision names is a few kilobytes
        lost, a revision that names no file is evidence lost. Bytes that are there already are marked as wanted now, so
        that nobody takes them away before the transaction is over: `remove` heeds it.
        """
        digest = blake2b(content, digest_size=HASH_BYTES).hexdigest()
        path = self._path(digest)
        with suppress(FileNotFoundError), _locked(path.parent, fcntl.LOCK_SH):
            os.utime(path)
            return digest
        if not path.parent.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync_folder(self._folder)
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(zstandard.ZstdCompressor(level=3).compress(content))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return digest

    def has(self, digest: str) -> bool:
        """Is there a file for this hash?"""
        return self._path(digest).exists()

    def read(self, digest: str) -> bytes:
        """Return the bytes with this hash.

        Raises FileNotFoundError where there are none (retention dropped them), DamagedSnapshot where they are others.
        """
        packed = self._path(digest).read_bytes()
        try:
            content = zstandard.ZstdDecompressor().decompress(packed, max_output_size=MOST_BYTES)
        except zstandard.ZstdError as reason:
            raise DamagedSnapshot(f"snapshot {digest} cannot be unpacked: {reason}") from reason
        if blake2b(content, digest_size=HASH_BYTES).hexdigest() != digest:
            raise DamagedSnapshot(f"snapshot {digest} holds other bytes than its name says")
        return content

    def files(self, prefix: str) -> Iterator[SnapshotFile]:
        """The files whose hashes begin with these two hex digits, in no order; what we did not put there is passed
        over."""
        try:
            with os.scandir(self._folder / prefix) as entries:
                for entry in entries:
                    name = entry.name.removesuffix(".zst")
                    if entry.name == name or not _HASH.fullmatch(name) or not name.startswith(prefix):
                        continue
                    with suppress(FileNotFoundError):
                        if entry.is_file(follow_symlinks=False):
                            found = entry.stat(follow_symlinks=False)
                            touched_at = datetime.fromtimestamp(min(found.st_mtime, _LATEST_S), UTC)
                            yield SnapshotFile(name, found.st_size, touched_at)
        except FileNotFoundError:
            return

    def remove(self, digest: str, untouched_since: datetime) -> int:
        """Remove the file with these bytes, unless it was kept again since then; answers the bytes set free, else 0.

        The caller knows that no revision names it, or none whose bytes are to be kept.
        """
        path = self._path(digest)
        with suppress(FileNotFoundError), _locked(path.parent, fcntl.LOCK_EX):
            found = path.lstat()
            if found.st_mtime < untouched_since.timestamp():
                path.unlink()
                return found.st_size
        return 0

    def remove_parts(self, prefix: str, untouched_since: datetime) -> None:
        """Remove what a `keep` that was killed half-way left behind."""
        for path in (self._folder / prefix).glob(".*.part"):
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime < untouched_since.timestamp():
                    path.unlink()

    def retained_at(self) -> datetime | None:
        """When retention was last carried out here; None: never."""
        try:
            return datetime.fromtimestamp((self._folder / _RETAINED).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def mark_retained(self, now: datetime) -> None:
        """Note that retention was carried out, where there are snapshots at all."""
        if self._folder.is_dir():
            path = self._folder / _RETAINED
            path.touch(mode=0o600)
            os.utime(path, (now.timestamp(), now.timestamp()))

    def _path(self, digest: str) -> Path:
        if not _HASH.fullmatch(digest):
            raise ValueError(f"not the hash of a snapshot: {digest[:80]!r}")
        return self._folder / digest[:2] / f"{digest}.zst"


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Hold a lock on a folder, also against other processes. Raises FileNotFoundError where there is none."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder outlive a power cut: fsync of a file does not cover its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
