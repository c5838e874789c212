"""Evidence that others can check: an article edited twice on a real server, and what an export holds."""

from __future__ import annotations

import ast
import io
import json
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from warcio.archiveiterator import ArchiveIterator

from scheduler.demo.newspaper import Newspaper
from scheduler.evidence import verify
from scheduler.evidence.bundle import NotWritten, write_evidence
from scheduler.evidence.verify import Altered, check, read_zip
from scheduler.evidence.warc import KeptAnswer, warc_of
from scheduler.evidence.words import answers
from storage.evidence import Dossier
from storage.finding import NoSuchArticle, find
from storage.model.articles import Article, When
from storage.schema.articles import address, article, revision
from storage.snapshots import Snapshots
from storage.store import Store, open_store
from tests.press import Press
from tests.running import config_text, free_port, said
from tests.scheduler.dossiers import agrees, exported, look_up, run


@pytest.fixture
async def edited(tmp_path: Path, newspaper: Newspaper) -> tuple[Path, str]:
    """A folder with config and data, and the address of an article that a real round saw edited twice."""
    paragraphs = [f"Paragraph {number} says that the harbour counted {number * 7} ships." for number in range(1, 9)]
    url = newspaper.publish("Harbour counts <its> ships", paragraphs)
    text = config_text(free_port(), {"courier": newspaper.feed_url}, revisit=("1s", "2s", "3s", "4s"))
    (tmp_path / "config.toml").write_text(text)
    assert (await said(tmp_path, "once")).status == 0
    for find_, by in (("counted 7 ships", "counted nine ships"), ("counted 14 ships", "counted no & <b>ship</b>")):
        newspaper.edit(url, find_, by)
        due_now(tmp_path)
        assert (await said(tmp_path, "once")).status == 0
    return tmp_path, url


def due_now(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder}/data/dateline.db")
    store.write(lambda connection: connection.execute(sa.update(address).values(next_look_at=datetime.now(UTC))))
    store.close()


async def test_what_is_exported_can_be_checked_by_anybody(edited: tuple[Path, str], newspaper: Newspaper) -> None:
    """In the ZIP file and unpacked, with the hash that was noted; and the WARC files are ones that others read."""
    folder, url = edited
    answer = await said(folder, "evidence", url, "--out", "e.zip")
    assert (answer.status, answer.err) == (0, "")
    noted = answer.out.split()[-1]
    again = await said(folder, "evidence", url, "--out", "again.zip")
    assert again.out.split()[-1] == noted
    assert (folder / "e.zip").read_bytes() == (folder / "again.zip").read_bytes(), "no byte depends on the day"
    with zipfile.ZipFile(folder / "e.zip") as file:
        assert file.testzip() is None
        file.extractall(folder / "unpacked")
    unpacked = folder / "unpacked"
    for where in ([], [str(folder / "e.zip")], [str(unpacked)], [str(unpacked), "--noted", noted]):
        told = run(unpacked / "verify.py", *where)
        assert (told.returncode, told.stderr) == (0, ""), where
        assert "All agrees: 3 revisions" in told.stdout and "What it does not prove" in told.stdout
    assert run(unpacked / "verify.py", str(unpacked), "--noted", "00" * 32).returncode == 1
    manifest = json.loads((unpacked / "manifest.json").read_text())
    assert manifest["chain"] == manifest["revisions"][-1]["chain"] != ""
    assert [one["kind"] for one in manifest["changes"]] == ["added", "edited", "edited"]
    for number, words in ((1, "counted 7 ships"), (2, "counted nine ships"), (3, "counted no & <b>ship</b>")):
        assert words in (unpacked / f"revisions/{number}.txt").read_text()
        [(status, target, payload)] = responses(unpacked / f"revisions/{number}.warc.gz")
        assert (status, target) == ("200", url)
        assert b"Harbour counts" in payload and words.split()[1].encode() in payload
        capture = manifest["revisions"][number - 1]["record"]["capture"][0]
        assert capture["status"] == 200 and capture["asked"] == url
        assert {"Etag", "Content-Type"} <= dict(capture["headers"]).keys()
    assert "[-7-]{+nine+}" in (unpacked / "diffs/2.txt").read_text()
    page = (unpacked / "diffs/3.html").read_text()
    assert "<ins class" in page and "&lt;b&gt;" in page and "<b>" not in page
    assert "python3 verify.py" in (unpacked / "README.txt").read_text()


def responses(path: Path) -> list[tuple[str, str, bytes]]:
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests=True):
            payload = record.content_stream().read()
            assert record.digest_checker.passed is not False
            if record.rec_type == "response":
                target = record.rec_headers.get_header("WARC-Target-URI")
                found.append((record.http_headers.get_statuscode(), target, payload))
    return found


# Without a server: three revisions with made-up answers


def test_a_server_s_headers_forge_no_record(made: tuple[Dossier, Snapshots], tmp_path: Path) -> None:
    """A line break in a value stays in its line; what described the packed bytes has another name."""
    members = exported(made, tmp_path / "e.zip")
    [record] = [
        one
        for one in ArchiveIterator(io.BytesIO(members["revisions/1.warc.gz"]))
        if one.rec_type == "response" and one.content_stream().read() == b"<p>first</p>"
    ]
    names = [name for name, _ in record.http_headers.headers]
    assert names == [
        *("X-Dateline-Served-Content-Encoding", "X-Odd", "X-Dateline-Served-Content-Length", "Content-Length")
    ]
    assert record.http_headers.get_header("Content-Length") == "12"
    odd = KeptAnswer(
        "<urn:uuid:1>", "https://a.example/\r\nWARC-Type: revisit", datetime(9999, 1, 1, tzinfo=UTC), None, b"x"
    )
    [(name, target, payload)] = verify.warc_records(warc_of([odd], "guid", 1))
    assert (name, target, payload) == (
        "<urn:uuid:1>",
        "urn:x-dateline:https%3A//a.example/%20WARC-Type%3A%20revisit",
        b"x",
    )


def test_bytes_that_are_lost_are_said(made: tuple[Dossier, Snapshots], tmp_path: Path) -> None:
    """Dropped or damaged: the hashes stay, and what is left still agrees."""
    article_, snapshots = made
    (first,), (second, third) = (one.captures for one in article_.revisions[:2])
    path = tmp_path / "snapshots" / first.snapshot[:2] / f"{first.snapshot}.zst"
    path.unlink()
    path = tmp_path / "snapshots" / third.snapshot[:2] / f"{third.snapshot}.zst"
    path.write_bytes(b"\0" * 10)
    written = write_evidence(article_, snapshots, tmp_path / "e.zip")
    assert written.kept == 1
    assert written.doubts == (
        "1 snapshot is damaged on the disk and was left out",
        "1 snapshot is not there any more; its hash is in the manifest",
    )
    with (tmp_path / "e.zip").open("rb") as file:
        members = read_zip(file)
    manifest = check(members, ordered=True)
    states = [[part["bytes"] for part in one["parts"]] for one in manifest["revisions"]]
    assert states == [["dropped"], ["kept", "damaged"], []]
    told = verify.in_words(manifest, written.seal)
    assert "Revision 1: the bytes that were served are dropped." in told
    assert "Revision 2: the bytes that were served are damaged." in told
    assert "Revision 3: the bytes that were served are not kept." in told
    about = members["README.txt"].decode()
    assert "known from the site's list alone" in about and "of 1 answer were dropped by retention; its hash" in about
    assert "1 answer with its bytes; the bytes of 1 answer are damaged" in about
    assert "revisions/1.warc.gz" not in members and second.snapshot in members["manifest.json"].decode()


def test_what_an_older_dateline_stored_is_said(store: Store, tmp_path: Path) -> None:
    """Bytes without an answer, texts without a chain: exported as they are."""
    snapshots, press = Snapshots(tmp_path / "snapshots"), Press(store)
    guid = press.publish(Article("One", "The first text."))
    digest = snapshots.keep(b"<p>first</p>")
    store.write(lambda connection: connection.execute(sa.update(revision).values(snapshot=digest)))
    members = exported((look_up(store, guid), snapshots), tmp_path / "e.zip")
    [(_, target, payload)] = verify.warc_records(members["revisions/1.warc.gz"])
    assert (target, payload) == ("https://gazette.example/1", b"<p>first</p>")
    manifest = check(members)
    told = verify.in_words(manifest, "")
    assert told.startswith("All agrees: 1 revision of article ")
    assert "Not in the chain, since an older Dateline stored it: revision 1. Of it only" in told
    press.edit(guid, body="The second text.")
    manifest = check(exported((look_up(store, guid), snapshots), tmp_path / "two.zip"))
    assert "stored them: revisions 1, 2. Of these only" in verify.in_words(manifest, "")
    assert "older Dateline without status and headers" in members["README.txt"].decode()


def test_answers_are_counted_as_people_do() -> None:
    """One, several, and none."""
    assert [answers(number, "kept") for number in (0, 1, 2)] == [
        "0 answers with their bytes",
        "1 answer with its bytes",
        "2 answers with their bytes",
    ]
    assert answers(2, "dropped").endswith("of 2 answers were dropped by retention; their hashes are here")


def test_a_row_that_was_changed_in_the_store_is_found(
    made: tuple[Dossier, Snapshots], store: Store, tmp_path: Path
) -> None:
    """The export says so, and the verifier rejects it."""
    changed = sa.update(revision).where(revision.c.number == 2).values(body="What it never said.", capture="[broken")
    store.write(lambda connection: connection.execute(changed))
    written = write_evidence(look_up(store, made[0].guid), made[1], tmp_path / "e.zip")
    assert "revision 2 does not fit its chain" in written.doubts[0]
    with (tmp_path / "e.zip").open("rb") as file, pytest.raises(Altered, match="revision 2 does not fit"):
        check(read_zip(file), ordered=True)


def test_a_file_is_written_whole_or_not_at_all(
    made: tuple[Dossier, Snapshots], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out" / "e.zip"
    with pytest.raises(NotWritten, match="No such file"):
        write_evidence(*made, out)
    out.parent.mkdir()
    out.write_bytes(b"mine")
    with pytest.raises(NotWritten, match="--force"):
        write_evidence(*made, out)
    with monkeypatch.context() as patched:
        patched.setattr("scheduler.evidence.bundle.os.fsync", full)
        with pytest.raises(NotWritten, match="No space left"):
            write_evidence(*made, out, force=True)
    assert [path.name for path in out.parent.iterdir()] == ["e.zip"] and out.read_bytes() == b"mine"
    write_evidence(*made, out, force=True)
    assert [path.name for path in out.parent.iterdir()] == ["e.zip"] and agrees(out.read_bytes())


def full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_an_article_is_found_by_any_of_its_names(made: tuple[Dossier, Snapshots], store: Store) -> None:
    guid = made[0].guid
    with store.reader() as connection:
        number = connection.execute(sa.select(article.c.id)).scalar()
        for name in (
            *(guid, guid.upper(), f" {guid}\n", str(number), f"http://127.0.0.1:8700/article/{guid}"),
            *("https://gazette.example/1", "http://www.gazette.example/1?utm_source=x"),
        ):
            assert find(connection, name) == number
        for name, words in (
            ("9" * 40, "no article"),
            ("77", "no article"),
            ("../../etc/passwd", "no article"),
            ("", "no article"),
            ("https://gazette.example/2", "not known"),
            ("x" * 5000, "no article"),
        ):
            with pytest.raises(NoSuchArticle, match=words):
                find(connection, name)


def test_hostile_texts_are_exported_as_they_are(store: Store, tmp_path: Path) -> None:
    """Markup, line breaks, other directions of writing, a megabyte, a date that lies far ahead."""
    press, snapshots = Press(store), Snapshots(tmp_path / "snapshots")
    title = "\u202e<script>alert(1)</script>\r\nSubject: \U0001f600 \u2028 조선"
    far = When(datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    guid = press.publish(Article(title, "x" * 1_000_000 + "\ufffe\x00 end", html="<b>{}%s</b>", published=far))
    press.edit(guid, title="{title} %s <del>", body="short")
    members = exported((look_up(store, guid), snapshots), tmp_path / "e.zip")
    assert members["revisions/1.txt"].decode() == title + "\n\n" + "x" * 1_000_000 + "\ufffe\x00 end"
    page = members["diffs/2.html"].decode()
    assert "<script>" not in page and "{title} %s &lt;del&gt;" in page
    about = members["README.txt"].decode()
    assert "{title} %s <del>" in about and "\r" not in about


def test_the_script_is_one_that_an_older_python_reads() -> None:
    """3.9, as it says; a court's computer may not have ours. It imports nothing of Dateline's."""
    source = Path(verify.__file__).read_text()
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source, feature_version=(3, 9)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert imported <= sys.stdlib_module_names
