#!/usr/bin/env python3
"""Check the evidence that Dateline exported of an article. Needs Python 3.9 and nothing else.

    python3 verify.py                   the folder in which this file lies
    python3 verify.py FOLDER            a folder into which such a file was unpacked
    python3 verify.py FILE.zip          the file itself
    python3 verify.py ... --noted HASH  also that it ends with the hash that was noted elsewhere

Exit status: 0 all agrees, 1 something was altered, 2 there is nothing to check.
"""

from __future__ import annotations

import gzip
import json
import struct
import sys
import zlib
from collections.abc import Iterator
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, BinaryIO

MANIFEST, SEAL = "manifest.json", "manifest.sha256"
FORMAT = 1

PROVED = """\
What this proves: the files fit together. Texts, bytes and times are those over which the hashes were made; no byte was
changed, left out, added or put in another order since then."""
NOT_PROVED = """\
What it does not prove: that the site really served this, or that Dateline's clock was right. Whoever holds all of the
files can make a new set that agrees as well: only a hash that was noted elsewhere at the time (--noted), with somebody
whom both sides trust, shows that this is the set of that day."""


class Altered(Exception):
    """Something is not as it was written."""


# The ZIP file, as Dateline writes it: nothing packed, no time, so that every byte of it is known beforehand.


def local_header(name: str, length: int, crc: int) -> bytes:
    """What stands before a member's bytes."""
    encoded = name.encode("ascii")
    return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 33, crc, length, length, len(encoded), 0) + encoded


def directory(members: list[tuple[str, int, int]]) -> bytes:
    """What stands at the end: all members (name, length, crc) in their order, and where they begin."""
    out, at = b"", 0
    for name, length, crc in members:
        encoded = name.encode("ascii")
        out += struct.pack(
            "<IHHHHHHIIIHHHHHII",
            *(0x02014B50, 0x0314, 20, 0, 0, 0, 33, crc, length, length, len(encoded)),
            *(0, 0, 0, 0, 0o100644 << 16, at),
        )
        out += encoded
        at += len(local_header(name, length, crc)) + length
    return out + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(members), len(members), len(out), at, 0)


def read_zip(file: BinaryIO) -> dict[str, bytes]:
    """All members, in their order. Raises Altered unless the file is, byte for byte, one that Dateline wrote."""
    members: dict[str, bytes] = {}
    told: list[tuple[str, int, int]] = []
    head = file.read(30)
    while head[:4] == b"PK\x03\x04" and len(head) == 30:
        length, name_length = struct.unpack("<I", head[22:26])[0], struct.unpack("<H", head[26:28])[0]
        encoded = file.read(name_length)
        data = file.read(length)
        name = encoded.decode("ascii", "replace")
        if name in members:
            raise Altered(f"the ZIP file names {name!r} twice")
        if not name.isascii() or head + encoded != local_header(name, length, zlib.crc32(data)):
            raise Altered(f"the ZIP file around {name!r} is not as Dateline wrote it, or was packed anew")
        members[name] = data
        told.append((name, length, zlib.crc32(data)))
        head = file.read(30)
    if head + file.read() != directory(told):
        raise Altered("the ZIP file's directory is not as Dateline wrote it, or the file was packed anew or cut off")
    return members


def read_folder(folder: Path) -> dict[str, bytes]:
    """All files below a folder by their names with "/". Raises Altered for what is no file."""
    members: dict[str, bytes] = {}
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise Altered(f"{inside} is no file")
        if path.is_file():
            members[inside] = path.read_bytes()
    return members


# What must agree


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def check(members: dict[str, bytes], ordered: bool = False) -> dict[str, Any]:
    """The manifest, if all of these files agree with it and with each other. Raises Altered with the first that does
    not. `ordered`: they stand in the order of a ZIP file."""
    for name in (MANIFEST, SEAL):
        if name not in members:
            raise Altered(f"{name} is missing")
    sealed = sha256(members[MANIFEST]).hexdigest()
    if members[SEAL] != f"{sealed}  {MANIFEST}\n".encode():
        raise Altered(f"{MANIFEST} does not have the hash that {SEAL} tells")
    try:
        manifest: dict[str, Any] = json.loads(members[MANIFEST])
        if manifest["dateline_evidence"] != FORMAT:
            raise Altered("the evidence is of another format: take the verify.py of the Dateline that wrote it")
        _files(manifest, members, ordered)
        _chain(manifest, members)
        _removals(manifest)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as reason:
        raise Altered(f"{MANIFEST} is not as Dateline writes it ({reason!r})") from None
    return manifest


def _files(manifest: dict[str, Any], members: dict[str, bytes], ordered: bool) -> None:
    names = [one["name"] for one in manifest["files"]] + [MANIFEST, SEAL]
    for name in sorted(set(names) - set(members)):
        raise Altered(f"{name} is missing")
    for name in sorted(set(members) - set(names)):
        raise Altered(f"{name} was added")
    if len(names) != len(set(names)) or (ordered and list(members) != names):
        raise Altered("the files stand in another order")
    for one in manifest["files"]:
        data = members[one["name"]]
        if len(data) != one["length"] or sha256(data).hexdigest() != one["sha256"]:
            raise Altered(f"{one['name']} was altered")


def _chain(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    """Every revision in its place, with its own text and bytes, bound to the one before it."""
    before = ""
    for place, one in enumerate(manifest["revisions"], 1):
        said, which = one["record"], f"revision {place}"
        if one["number"] != place or said["number"] != place or said["article"] != manifest["article"]["guid"]:
            raise Altered(f"{which} is missing, or stands in another's place")
        linked = sha256(canonical({"previous": before, "record": said})).hexdigest()
        if one["chain"] != linked and (one["chain"] or before):
            raise Altered(f"{which} does not fit into the chain")
        before = one["chain"]
        for name, digest in ((one["text"], said["text_sha256"]), (one["html"], said["html_sha256"])):
            if sha256(members[name]).hexdigest() != digest:
                raise Altered(f"{name} is not the text of {which}")
        _bytes(one, said, members, which)
    if before != manifest["chain"] or not manifest["revisions"]:
        raise Altered("the last revision is missing, or the chain's end is another's")


def _removals(manifest: dict[str, Any]) -> None:
    """Removals and returns take turns; each removal is proved by looks in their order, all before it was recorded."""
    removed_at, numbers = None, {one["number"] for one in manifest["revisions"]}
    for one in manifest["changes"]:
        kind, at = one["kind"], one["seen_at"]
        if one["before"] not in numbers | {None} or one["after"] not in numbers | {None}:
            raise Altered(f"a change of {at} names a revision that there is not")
        if kind not in ("removed", "restored"):
            continue
        if (kind == "removed") != (removed_at is None) or (removed_at or at) > at:
            raise Altered(f"the article is {kind} at {at}, which it was already, or a change is missing")
        removed_at = at if kind == "removed" else None
        if "proof" in one:
            _proof(one["proof"], at)
    if (manifest["article"]["removed_at"] or None) != removed_at:
        raise Altered("the article is removed where its last change says otherwise, or the other way round")


def _proof(proof: dict[str, Any], at: str) -> None:
    times = [proof["since"], *(look["at"] for look in proof["looks"]), at]
    if times != sorted(times) or proof["number"] < len(proof["looks"]):
        raise Altered(f"the looks that prove the removal of {at} do not fit together")


def _bytes(one: dict[str, Any], said: dict[str, Any], members: dict[str, bytes], which: str) -> None:
    capture = said["capture"] if isinstance(said["capture"], list) else []
    served = [part["snapshot"] for part in capture] or ([said["snapshot"]] if said["snapshot"] else [])
    if served != [part["snapshot"] for part in one["parts"]] or (capture and served[0] != said["snapshot"]):
        raise Altered(f"the bytes of {which} are not those that it names")
    kept = [part for part in one["parts"] if part["bytes"] == "kept"]
    records = list(warc_records(members[one["warc"]])) if one["warc"] else []
    if [part["warc_record"] for part in kept] != [name for name, _, _ in records]:
        raise Altered(f"the WARC records of {which} are not those that it names")
    urls = [part["url"] for part in one["parts"] if part["bytes"] == "kept"]
    for part, url, (_, told, payload) in zip(kept, urls, records):  # noqa: B905  (Python 3.9)
        if blake2b(payload, digest_size=32).hexdigest() != part["snapshot"] or len(payload) != part["length"]:
            raise Altered(f"the bytes of {which} are not those that were served")
        if sha256(payload).hexdigest() != part["sha256"] or told != url:
            raise Altered(f"the WARC record of {which} tells of other bytes or of another address")


def warc_records(packed: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Id, address and payload of each response or resource. Raises Altered where it is no WARC file."""
    try:
        data = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        raise Altered("a WARC file cannot be unpacked") from None
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        version, *lines = head.decode("utf-8", "replace").split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(fields.get("content-length", "0"))
        block, data = rest[:length], rest[length:]
        if not version.startswith("WARC/1.") or len(block) != length or data[:4] != b"\r\n\r\n":
            raise Altered("a WARC file is not as it was written")
        data = data[4:]
        kind = fields.get("warc-type")
        if kind == "response":
            yield fields["warc-record-id"], fields["warc-target-uri"], block.partition(b"\r\n\r\n")[2]
        elif kind == "resource":
            yield fields["warc-record-id"], fields["warc-target-uri"], block


# In words


def removal_in_words(one: dict[str, Any]) -> str:
    """A removal with the looks that proved it, or a return, in a sentence."""
    if one["kind"] == "restored":
        return f"Restored: a look at {one['seen_at']} showed it again."
    if "proof" not in one:
        return f"Removed, recorded at {one['seen_at']}; no looks were kept with it."
    proof = one["proof"]
    looks = "; ".join(f"{look['at']}: {look['outcome']}, {look['said']}" for look in proof["looks"])
    what = "another article stood there" if proof["shows_another"] else "it was not there"
    return (
        f"Removed, recorded at {one['seen_at']}: at {proof['url']} {what} since {proof['since']}; "
        f"{proof['number']} look{'s' * (proof['number'] != 1)} agreed{f' ({looks})' if looks else ''}."
    )


def in_words(manifest: dict[str, Any], sealed: str) -> str:
    """What was found, for people."""
    number = len(manifest["revisions"])
    lines = [f"All agrees: {number} revision{'s' * (number != 1)} of article {manifest['article']['guid']}."]
    loose = [str(one["number"]) for one in manifest["revisions"] if not one["chain"]]
    if loose:
        them, these = ("it", "it") if len(loose) == 1 else ("them", "these")
        lines.append(
            f"Not in the chain, since an older Dateline stored {them}: revision{'s' * (len(loose) != 1)} "
            f"{', '.join(loose)}. Of {these} only the manifest's hash tells."
        )
    for one in manifest["revisions"]:
        lost = [part["bytes"] for part in one["parts"] if part["bytes"] != "kept"]
        if lost or not one["parts"]:
            lines.append(f"Revision {one['number']}: the bytes that were served are {', '.join(lost) or 'not kept'}.")
    for one in manifest["changes"]:
        if one["kind"] in ("removed", "restored"):
            lines.append(removal_in_words(one))
    lines += [f"SHA-256 of {MANIFEST}: {sealed}", f"End of the chain:        {manifest['chain'] or '(none)'}"]
    return "\n".join([*lines, "", PROVED, "", NOT_PROVED])


def main(arguments: list[str]) -> int:
    noted: str | None = None
    if "--noted" in arguments:
        place = arguments.index("--noted")
        if place + 1 == len(arguments):
            print("--noted: name the hash", file=sys.stderr)
            return 2
        noted = arguments[place + 1].strip().lower()
        arguments = arguments[:place] + arguments[place + 2 :]
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    if len(arguments) > 1 or not path.exists():
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if path.is_dir():
            members = read_folder(path)
            manifest = check(members)
        else:
            with path.open("rb") as file:
                members = read_zip(file)
            manifest = check(members, ordered=True)
        sealed = sha256(members[MANIFEST]).hexdigest()
        if noted is not None and (not noted or noted not in (sealed, manifest["chain"])):
            raise Altered("it does not end with the hash that was noted: this is another set of files")
    except Altered as reason:
        print(f"ALTERED: {reason}.", file=sys.stderr)
        return 1
    print(in_words(manifest, sealed))
    if noted is not None:
        covers = "all of these files" if noted == sealed else "texts, times and served bytes of the chained revisions"
        print(f"\nThe hash that was noted is the same: it covers {covers}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
