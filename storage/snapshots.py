"""The bytes that servers sent: one compressed file for each content, named by its hash. The evidence of a revision."""

from __future__ import annotations

import os
import re
import tempfile
from hashlib import blake2b
from pathlib import Path

import zstandard

HASH_BYTES = 32
MOST_BYTES = 64 * 1024 * 1024  # of one snapshot unpacked; a page is refused long before
_HASH = re.compile("[0-9a-f]{64}")


class DamagedSnapshot(Exception):
    """A snapshot does not hold the bytes that its name promises: the disk or somebody changed it."""


class Snapshots:
    """A folder of snapshots: `ab/abcdef....zst`, where the name is the blake2b of the bytes, in hex."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep the bytes and return their hash; when it returns, they outlive a power cut.

        To be called before the transaction that names the hash: a file that no revision names is a few kilobytes
        lost, a revision that names no file is evidence lost.
        """
        digest = blake2b(content, digest_size=HASH_BYTES).hexdigest()
        path = self._path(digest)
        if path.exists():
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

    def _path(self, digest: str) -> Path:
        if not _HASH.fullmatch(digest):
            raise ValueError(f"not the hash of a snapshot: {digest[:80]!r}")
        return self._folder / digest[:2] / f"{digest}.zst"


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder outlive a power cut: fsync of a file does not cover its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
