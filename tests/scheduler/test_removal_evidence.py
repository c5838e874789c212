"""What the evidence says of an article that is gone: since when, which looks proved it, and whether it is back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from scheduler.evidence.bundle import write_evidence
from scheduler.evidence.verify import MANIFEST, SEAL, Altered, check, in_words, read_zip
from storage.evidence import dossier
from storage.finding import find
from storage.model.looking import Outcome
from storage.proof import proof_from
from storage.schema.articles import address, article, change
from storage.snapshots import Snapshots
from storage.store import Store
from tests.hasty import open_hasty
from tests.storage.moving import dated, shows
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link

LINKS = [link("a"), link("b")]
URL = "https://gazette.example/a"


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> tuple[Path, datetime]:
    """A database in which one of two articles was gone for four days, and when that was, to be copied: these days take
    longer than the tests."""
    path = shutil.copy(empty_database, tmp_path_factory.mktemp("removed") / "d.db")
    store = open_hasty(f"sqlite:///{path}")
    watch = Watch(store)
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round(LINKS)
    watch.pass_by(3 * DAY, step=HOUR, links=LINKS, gone=["a"])
    store.close()
    return path, watch.now


@pytest.fixture
def removed(past: tuple[Path, datetime], tmp_path: Path) -> Iterator[Watch]:
    """One of two articles was gone for four days."""
    path, now = past
    store = open_hasty(f"sqlite:///{shutil.copy(path, tmp_path / 'removed.db')}")
    watch = Watch(store, now)
    assert [kind for kind, _ in watch.changes()][-1] == "removed"
    yield watch
    store.close()


def exported(watch: Watch, folder: Path) -> dict[str, bytes]:
    with watch.store.reader() as connection:
        found = dossier(connection, find(connection, URL))
    write_evidence(found, Snapshots(folder / "snapshots"), folder / "e.zip", force=True)
    with (folder / "e.zip").open("rb") as file:
        return read_zip(file)


def test_a_removal_is_in_the_manifest_with_the_looks_that_proved_it(removed: Watch, tmp_path: Path) -> None:
    """Since when, at which address, when each look was and what was answered; in words in README.txt and by verify."""
    members = exported(removed, tmp_path)
    manifest = check(members, ordered=True)
    step = manifest["changes"][-1]
    assert (step["kind"], step["seen_at"]) == ("removed", manifest["article"]["removed_at"])
    proof = step["proof"]
    assert (proof["url"], proof["number"], proof["shows_another"]) == (URL, 3, False)
    assert [(one["outcome"], one["said"]) for one in proof["looks"]] == [("not found", "404")] * 3
    times = [one["at"] for one in proof["looks"]]
    assert times == sorted(times) and proof["since"] == times[0]
    readme = members["README.txt"].decode()
    assert f"Removed, recorded at {step['seen_at']}" in readme and f"{times[2]}: not found, 404" in readme
    assert "Removed, recorded at" in in_words(manifest, "")


def test_a_return_is_in_it_as_well(removed: Watch, tmp_path: Path) -> None:
    """The looks that had proved the removal stay, though the address tells nothing of them any more."""
    removed.pass_by(9 * DAY, step=HOUR, links=LINKS)
    members = exported(removed, tmp_path)
    manifest = check(members)
    assert [one["kind"] for one in manifest["changes"]][-2:] == ["removed", "restored"]
    assert len(manifest["changes"][-2]["proof"]["looks"]) == 3
    assert not manifest["article"]["removed_at"]
    assert "Restored: a look at" in members["README.txt"].decode()
    assert all(not row.gone_how for row in removed.rows(sa.select(address)))


def test_an_address_that_shows_another_article_is_told_as_that(store: Store, tmp_path: Path) -> None:
    watch = Watch(store)
    watch.config(GAZETTE)
    links = [link(name) for name in ("a", "b", "c", "d")]
    watch.round(links, says=dated)
    watch.pass_by(HOUR, links=links, says=dated)
    watch.pass_by(3 * DAY, HOUR, links=links, says=shows(a="orchard"))
    [row] = watch.rows(sa.select(change).where(change.c.kind == "removed"))
    proof = proof_from(row.proof)
    assert proof is not None and proof.shows_another and proof.number == 3
    assert [one.said for one in proof.looks] == ['the page shows "Orchard"'] * 3
    assert [one.outcome for one in proof.looks] == [Outcome.NEW, Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert proof.looks[0].at == proof.since and proof.looks[-1].at - proof.since >= DAY, "three in an hour are one"
    with store.reader() as connection:
        found = dossier(
            connection, find(connection, watch.rows(sa.select(article.c.guid).order_by(article.c.id))[0].guid)
        )
    write_evidence(found, Snapshots(tmp_path / "snapshots"), tmp_path / "e.zip", force=True)
    with (tmp_path / "e.zip").open("rb") as file:
        members = read_zip(file)
    check(members)
    assert 'the page shows "Orchard"' in members["README.txt"].decode()


def later(moment: str) -> str:
    return moment.replace("2026", "2027")


def forgeries() -> list[Any]:
    def looks_after_it(manifest: dict[str, Any]) -> None:
        look = manifest["changes"][-1]["proof"]["looks"][-1]
        look["at"] = later(look["at"])

    def another_order(manifest: dict[str, Any]) -> None:
        manifest["changes"][-1]["proof"]["looks"].reverse()

    def no_removal(manifest: dict[str, Any]) -> None:
        del manifest["changes"][-1]

    def never_removed(manifest: dict[str, Any]) -> None:
        manifest["article"]["removed_at"] = None

    def twice(manifest: dict[str, Any]) -> None:
        manifest["changes"].append(manifest["changes"][-1])

    return [looks_after_it, another_order, no_removal, never_removed, twice]


@pytest.mark.parametrize("forge", forgeries(), ids=lambda one: one.__name__)
def test_a_removal_that_does_not_fit_is_rejected(
    removed: Watch, tmp_path: Path, forge: Callable[[dict[str, Any]], None]
) -> None:
    """Even where the forger makes the manifest's hash anew."""
    members = exported(removed, tmp_path)
    manifest = json.loads(members[MANIFEST])
    forge(manifest)
    told = json.dumps(manifest).encode()
    members |= {MANIFEST: told, SEAL: f"{sha256(told).hexdigest()}  {MANIFEST}\n".encode()}
    with pytest.raises(Altered):
        check(members)


@pytest.mark.parametrize("name", ["verify.py", "README.txt", MANIFEST, SEAL, "revisions/1.txt"])
def test_a_file_that_is_missing_is_named(removed: Watch, tmp_path: Path, name: str) -> None:
    members = exported(removed, tmp_path)
    del members[name]
    with pytest.raises(Altered, match=f"{name} is missing"):
        check(members)


def test_looks_that_fail_otherwise_prove_nothing(store: Store) -> None:
    """A server in trouble is none of the looks that count, and does not wipe out those that do."""
    watch = Watch(store)
    watch.config(GAZETTE)
    watch.round(LINKS)
    watch.later(2 * HOUR).round(LINKS, gone=["a"])
    [row] = watch.rows(sa.select(address).where(address.c.url == URL))
    assert len(json.loads(row.gone_how)) == row.gone_looks == 1
    watch.later(DAY).round_fails(Outcome.HTTP_ERROR)
    [after] = watch.rows(sa.select(address).where(address.c.url == URL))
    assert (after.fault, after.gone_how) == ("http error", row.gone_how)


def test_a_broken_proof_stops_nothing(removed: Watch, tmp_path: Path) -> None:
    """Neither a look nor an export."""
    removed.store.write(lambda c: c.execute(sa.update(address).values(gone_how="{broken")))
    removed.store.write(lambda c: c.execute(sa.update(change).values(proof="[1]")))
    removed.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=["a", "b"])
    assert "no looks were kept" in exported(removed, tmp_path)["README.txt"].decode()
