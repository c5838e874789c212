"""An article's evidence without a server: revisions with made-up answers, exported and checked."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from scheduler.evidence.bundle import write_evidence
from scheduler.evidence.verify import Altered, check, read_zip
from storage.capture import Capture
from storage.evidence import Dossier, dossier
from storage.finding import find
from storage.schema.articles import revision
from storage.snapshots import Snapshots
from storage.store import Store


def give(store: Store, guid: str, snapshots: Snapshots, bodies: dict[int, list[bytes]]) -> None:
    """Have the revisions of an article keep these bytes, and chain them."""
    from storage.capture import captures_json
    from storage.chain import link, record

    def write(connection: sa.Connection) -> None:
        previous = None
        for row in connection.execute(sa.select(revision).order_by(revision.c.number)).all():
            at = row.seen_at
            served = [
                Capture(
                    f"https://gazette.example/{row.number}?page={part}",
                    f"https://gazette.example/{row.number}?page={part}",
                    200,
                    (("Content-Encoding", "gzip"), ("X-Odd", "a\r\nX-Forged: 1\x00\xe9"), ("Content-Length", "9")),
                    at,
                    snapshots.keep(body),
                )
                for part, body in enumerate(bodies[row.number])
            ]
            values: dict[str, Any] = {"capture": captures_json(served) if served else ""}
            values["snapshot"] = served[0].snapshot if served else ""
            previous = link(previous, record(guid, {**row._mapping, **values}))
            connection.execute(sa.update(revision).where(revision.c.id == row.id).values(chain=previous, **values))

    store.write(write)


def look_up(store: Store, guid: str) -> Dossier:
    with store.reader() as connection:
        return dossier(connection, find(connection, guid))


def exported(made: tuple[Dossier, Snapshots], out: Path) -> dict[str, bytes]:
    """The members of the file, which is good."""
    write_evidence(*made, out)
    with out.open("rb") as file:
        members = read_zip(file)
    check(members, ordered=True)
    return members


def agrees(data: bytes) -> bool:
    try:
        check(read_zip(io.BytesIO(data)), ordered=True)
    except Altered:
        return False
    return True


def run(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As a stranger would: an interpreter that knows nothing of Dateline."""
    return subprocess.run([sys.executable, "-I", "-S", script, *arguments], capture_output=True, text=True, timeout=240)
