"""An article's evidence as one ZIP file: written whole or not at all, and the same bytes for the same article."""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from scheduler.evidence import diffs, verify
from scheduler.evidence.warc import KeptAnswer, record_id, warc_of
from scheduler.evidence.words import readme
from storage.chain import stamp
from storage.evidence import Dossier, StoredRevision
from storage.proof import as_record
from storage.snapshots import DamagedSnapshot, Snapshots
from storage.text import counted

MOST_BYTES = 0xFFFF_FFFF  # a ZIP file without its 64-bit extension
MOST_FILES = 0xFFFF


class NotWritten(Exception):
    """The file could not be written; the message says why and what would mend it."""


@dataclass(frozen=True, slots=True)
class Written:
    """`seal` is the SHA-256 of the manifest, to be noted elsewhere; `doubts` are lines for people, may be empty."""

    seal: str
    chain: str
    revisions: int
    kept: int
    doubts: tuple[str, ...]


def write_evidence(article: Dossier, snapshots: Snapshots, out: Path, *, force: bool = False) -> Written:
    """Write the evidence of an article to `out`. Raises NotWritten, where nothing was written."""
    if not force and (out.exists() or out.is_symlink()):
        raise NotWritten(f"{out} is there already: name another file, or overwrite it with --force")
    try:
        with _whole(out, force=force) as file:
            return _write(article, snapshots, _Zip(file))
    except FileExistsError:
        raise NotWritten(f"{out} has come to be there meanwhile: name another file") from None
    except OSError as reason:
        raise NotWritten(f"{out}: {reason.strerror or reason}") from None


@dataclass
class _Zip:
    """Members one after the other, as verify.py expects them."""

    file: IO[bytes]
    told: list[tuple[str, int, int]] = field(default_factory=list)
    listed: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0

    def add(self, name: str, data: bytes) -> str:
        crc = zlib.crc32(data)
        head = verify.local_header(name, len(data), crc)
        self.told.append((name, len(data), crc))
        self.listed.append({"name": name, "length": len(data), "sha256": sha256(data).hexdigest()})
        self.size += len(head) + len(data)
        if self.size + 100 * len(self.told) > MOST_BYTES or len(self.told) > MOST_FILES:
            raise NotWritten("the evidence is larger than 4 GB or 65,535 files, which one ZIP file cannot hold")
        self.file.write(head)
        self.file.write(data)
        return name

    def end(self) -> None:
        self.file.write(verify.directory(self.told))


def _write(article: Dossier, snapshots: Snapshots, to: _Zip) -> Written:
    to.add("verify.py", Path(verify.__file__).read_bytes())
    revisions = [_revision(article.guid, one, snapshots, to) for one in article.revisions]
    steps = [_step(article.guid, one, to) for one in article.steps]
    states = [[part["bytes"] for part in one["parts"]] for one in revisions]
    to.add("README.txt", readme(article, states, steps))
    chain = revisions[-1]["chain"]
    manifest = {
        "dateline_evidence": verify.FORMAT,
        "article": {
            "guid": article.guid,
            "addresses": list(article.addresses),
            "first_seen_at": stamp(article.first_seen_at),
            "removed_at": stamp(article.removed_at),
        },
        "revisions": revisions,
        "changes": steps,
        "chain": chain,
        "files": list(to.listed),
    }
    told = (json.dumps(manifest, indent=1, ensure_ascii=True, sort_keys=True) + "\n").encode("ascii")
    seal = sha256(told).hexdigest()
    to.add(verify.MANIFEST, told)
    to.add(verify.SEAL, f"{seal}  {verify.MANIFEST}\n".encode("ascii"))
    to.end()
    every = [state for one in states for state in one]
    return Written(seal, chain, len(revisions), every.count("kept"), tuple(_doubts(article, every)))


def _revision(guid: str, one: StoredRevision, snapshots: Snapshots, to: _Zip) -> dict[str, Any]:
    """Write what there is of a revision; answers its part of the manifest."""
    parts: list[dict[str, Any]] = []
    kept: list[KeptAnswer] = []
    served = one.captures or ([None] if one.snapshot else [])
    for place, capture in enumerate(served):
        digest = capture.snapshot if capture else one.snapshot
        url, at = (capture.url, capture.at) if capture else (one.url, one.seen_at)
        state, body = _read(snapshots, digest)
        answer = KeptAnswer(record_id(guid, one.number, place), url, at, capture, body)
        part: dict[str, Any] = {"snapshot": digest, "bytes": state, "url": answer.target}
        if state == "kept":
            kept.append(answer)
            part |= {"warc_record": answer.id, "length": len(body), "sha256": sha256(body).hexdigest()}
        parts.append(part)
    return {
        "number": one.number,
        "chain": one.chain.hex() if one.chain else "",
        "record": one.covered,
        "address": one.url,
        "text": to.add(f"revisions/{one.number}.txt", one.text),
        "html": to.add(f"revisions/{one.number}.html", one.html),
        "warc": to.add(f"revisions/{one.number}.warc.gz", warc_of(kept, guid, one.number)) if kept else "",
        "parts": parts,
    }


def _read(snapshots: Snapshots, digest: str) -> tuple[str, bytes]:
    """kept, dropped or damaged; and the bytes. Raises OSError where they are there and may not be read."""
    try:
        return "kept", snapshots.read(digest)
    except FileNotFoundError:
        return "dropped", b""
    except (DamagedSnapshot, ValueError):
        return "damaged", b""


def _step(guid: str, one: Any, to: _Zip) -> dict[str, Any]:
    names: list[str] = []
    if one.diff is not None and one.after is not None:
        title = f"Revision {one.before} to {one.after} of {guid}"
        names = [
            to.add(f"diffs/{one.after}.txt", diffs.text_of(one.diff)),
            to.add(f"diffs/{one.after}.html", diffs.page_of(one.diff, title)),
        ]
    told: dict[str, Any] = {"kind": one.kind, "class": one.cls, "seen_at": stamp(one.seen_at)}
    if one.proof is not None:
        told["proof"] = as_record(one.proof)
    return told | {"before": one.before, "after": one.after, "diff": names}


def _doubts(article: Dossier, states: list[str]) -> Iterator[str]:
    for one in article.revisions:
        if not one.fits:
            yield (
                f"revision {one.number} does not fit its chain: its row was changed after it was stored, "
                "and verify.py will say so"
            )
    if lost := states.count("damaged"):
        are, were = ("is", "was") if lost == 1 else ("are", "were")
        yield f"{counted(lost, 'snapshot')} {are} damaged on the disk and {were} left out"
    if gone := states.count("dropped"):
        are, hashes = ("is", "its hash is") if gone == 1 else ("are", "their hashes are")
        yield f"{counted(gone, 'snapshot')} {are} not there any more; {hashes} in the manifest"
    if loose := sum(one.chain is None for one in article.revisions):
        yield f"{counted(loose, 'revision')} {'was' if loose == 1 else 'were'} stored before there was a chain"


@contextmanager
def _whole(out: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file that appears under its name when all of it is on the disk."""
    descriptor, name = tempfile.mkstemp(prefix=f".{out.name[:100]}.", suffix=".part", dir=out.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        if force:
            part.replace(out)
            return
        try:
            os.link(part, out)  # unlike a rename, refuses to take another's place
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            part.replace(out)
    finally:
        part.unlink(missing_ok=True)
