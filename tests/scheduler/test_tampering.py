"""Every way to tamper with evidence is found: flipped bytes, other files, a manifest made anew."""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scheduler.evidence import verify
from scheduler.evidence.verify import Altered, check, read_folder
from storage.evidence import Dossier
from storage.model.articles import Article
from storage.snapshots import Snapshots
from storage.store import Store
from tests.press import Press
from tests.scheduler.dossiers import agrees, exported, look_up, run

SEED = 20260301
FLIPS = 400


def test_any_flipped_byte_of_any_file_is_rejected(made: tuple[Dossier, Snapshots], tmp_path: Path) -> None:
    members = exported(made, tmp_path / "e.zip")
    chosen = random.Random(SEED)
    for _ in range(FLIPS):
        name = chosen.choice([name for name, data in members.items() if data])
        data = bytearray(members[name])
        place = chosen.randrange(len(data))
        data[place] ^= 1 << chosen.randrange(8)
        with pytest.raises(Altered):
            check(members | {name: bytes(data)})


def test_any_flipped_byte_of_the_zip_file_is_rejected(made: tuple[Dossier, Snapshots], tmp_path: Path) -> None:
    """Also where no member stands: in a header, a time, the directory; and whatever is cut off or added."""
    exported(made, tmp_path / "e.zip")
    whole = (tmp_path / "e.zip").read_bytes()
    chosen = random.Random(SEED)
    frame = [*range(40), *range(len(whole) - 900, len(whole))]
    for place in [*chosen.sample(range(len(whole)), FLIPS), *frame]:
        data = bytearray(whole)
        data[place] ^= 1 << chosen.randrange(8)
        assert not agrees(bytes(data)), place
    for data in (whole[:-1], whole + b"\0", whole[1:], b"", b"PK", whole + whole, whole[: len(whole) // 2]):
        assert not agrees(data)
    assert agrees(whole)


def test_dropped_added_and_exchanged_files_are_rejected(made: tuple[Dossier, Snapshots], tmp_path: Path) -> None:
    members = exported(made, tmp_path / "e.zip")
    for name in members:
        with pytest.raises(Altered):
            check({one: data for one, data in members.items() if one != name})
    with pytest.raises(Altered, match=r"x\.txt was added"):
        check(members | {"x.txt": b""})
    swapped = members | {"revisions/1.txt": members["revisions/2.txt"], "revisions/2.txt": members["revisions/1.txt"]}
    with pytest.raises(Altered, match="altered"):
        check(swapped)
    with pytest.raises(Altered, match="another order"):
        check(dict(reversed(members.items())), ordered=True)


def drop_first(manifest: dict[str, Any]) -> None:
    del manifest["revisions"][0]


def drop_middle(manifest: dict[str, Any]) -> None:
    del manifest["revisions"][1]
    manifest["revisions"][1]["number"] = manifest["revisions"][1]["record"]["number"] = 2


def drop_last(manifest: dict[str, Any]) -> None:
    del manifest["revisions"][2]


def drop_all(manifest: dict[str, Any]) -> None:
    manifest |= {"revisions": [], "chain": ""}


def add_one(manifest: dict[str, Any]) -> None:
    manifest["revisions"].append(manifest["revisions"][2] | {"number": 4})


def exchange(manifest: dict[str, Any]) -> None:
    first, second = manifest["revisions"][:2]
    first["record"], second["record"] = second["record"], first["record"]


def reorder(manifest: dict[str, Any]) -> None:
    manifest["revisions"].reverse()


def set_time_back(manifest: dict[str, Any]) -> None:
    manifest["revisions"][1]["record"]["seen_at"] = "2026-01-01T00:00:00.000000+00:00"


def forge_header(manifest: dict[str, Any]) -> None:
    manifest["revisions"][0]["record"]["capture"][0]["headers"].append(["Last-Modified", "never"])


def unchain(manifest: dict[str, Any]) -> None:
    manifest["revisions"][1]["chain"] = ""


def drop_bytes(manifest: dict[str, Any]) -> None:
    manifest["revisions"][1]["parts"].pop()


def exchange_bytes(manifest: dict[str, Any]) -> None:
    manifest["revisions"][0] |= {"warc": "revisions/2.warc.gz"}


def other_texts(manifest: dict[str, Any]) -> None:
    manifest["revisions"][0]["text"] = "revisions/2.txt"


def nothing(manifest: dict[str, Any]) -> None:
    manifest.clear()


@pytest.mark.parametrize(
    "forge",
    [
        *(drop_first, drop_middle, drop_last, drop_all, add_one, exchange, reorder, set_time_back, forge_header),
        *(unchain, drop_bytes, exchange_bytes, other_texts, nothing),
    ],
)
def test_a_forger_who_makes_the_manifest_s_hash_anew_is_found(
    made: tuple[Dossier, Snapshots], tmp_path: Path, forge: Callable[[dict[str, Any]], None]
) -> None:
    """The chain does not bear it; whoever makes that anew as well is found by the hash that was noted."""
    members = exported(made, tmp_path / "e.zip")
    manifest = json.loads(members["manifest.json"])
    forge(manifest)
    told = json.dumps(manifest).encode()
    seal = f"{sha256(told).hexdigest()}  manifest.json\n".encode()
    with pytest.raises(Altered):
        check(members | {"manifest.json": told, "manifest.sha256": seal})


def test_a_folder_with_anything_else_in_it_is_rejected(made: tuple[Dossier, Snapshots], tmp_path: Path) -> None:
    exported(made, tmp_path / "e.zip")
    with zipfile.ZipFile(tmp_path / "e.zip") as file:
        file.extractall(tmp_path / "e")
    check(read_folder(tmp_path / "e"))
    (tmp_path / "e" / "revisions" / "4.txt").write_bytes(b"")
    with pytest.raises(Altered, match=r"revisions/4\.txt was added"):
        check(read_folder(tmp_path / "e"))
    (tmp_path / "e" / "revisions" / "4.txt").unlink()
    (tmp_path / "e" / "revisions" / "1.txt").unlink()
    (tmp_path / "e" / "revisions" / "1.txt").symlink_to(tmp_path / "e" / "revisions" / "2.txt")
    with pytest.raises(Altered, match="is no file"):
        check(read_folder(tmp_path / "e"))
    shutil.rmtree(tmp_path / "e" / "revisions")
    assert run(tmp_path / "e" / "verify.py").returncode == 1


def test_the_script_rejects_its_own_alteration_and_says_what_to_do(
    made: tuple[Dossier, Snapshots], tmp_path: Path
) -> None:
    exported(made, tmp_path / "e.zip")
    with zipfile.ZipFile(tmp_path / "e.zip") as file:
        file.extractall(tmp_path / "e")
    script = tmp_path / "e" / "verify.py"
    script.write_bytes(script.read_bytes() + b"\n# a word more\n")
    told = run(script)
    assert (told.returncode, told.stderr) == (1, "ALTERED: verify.py was altered.\n")
    assert run(script, str(tmp_path / "nowhere")).returncode == 2
    assert run(script, "--noted").returncode == 2
    assert verify.main([str(tmp_path / "e.zip")]) == 0


def test_an_empty_hash_is_no_hash_that_was_noted(store: Store, tmp_path: Path) -> None:
    """Also where there is no chain to end with one."""
    press = Press(store)
    guid = press.publish(Article("One", "The first text."))
    exported((look_up(store, guid), Snapshots(tmp_path / "snapshots")), tmp_path / "e.zip")
    assert verify.main([str(tmp_path / "e.zip"), "--noted", ""]) == 1
