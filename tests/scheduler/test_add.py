"""`dateline add URL`: a table at the end of the config, and a daemon that is told."""

from __future__ import annotations

import signal
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.worker import hold_lock
from scheduler import add
from scheduler.add import _quoted
from scheduler.config import BrokenConfig, load_config
from storage.model.looking import SourceConfig
from storage.store import Store
from tests.storage.watch import Watch

OURS = '# My own words\n[crawler]\ncontact = "me@example.org"  # stays\n'


def add_source(path: Path, url: str, name: str | None, every: str) -> tuple[str, bool]:
    made = add.add_source(path, url, name, every)
    return made.table, made.write()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(OURS)
    return path


@pytest.fixture
def watch(store: Store) -> Watch:
    return Watch(store)


@pytest.fixture
def hangups() -> Iterator[list[int]]:
    """The SIGHUPs that reach this process."""
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, frame: heard.append(number))
    yield heard
    signal.signal(signal.SIGHUP, before)


def test_a_source_is_appended_and_nothing_else_is_touched(path: Path) -> None:
    """The file's own words stay; the name is made from the address."""
    table, told = add_source(path, "www.gazette.example/news", None, "5m")
    assert table == '[[source]]\nname = "gazette.example"\nurl = "https://www.gazette.example/news"\nevery = "5m"'
    assert path.read_text() == f"{OURS}\n{table}\n"
    assert not told
    assert load_config(path).sources[0].name == "gazette.example"


def test_a_config_that_is_not_there_is_begun(tmp_path: Path) -> None:
    """With the source alone."""
    add_source(tmp_path / "config.toml", "https://gazette.example/", "The Gazette", "")
    assert (tmp_path / "config.toml").read_text() == (
        '[[source]]\nname = "The Gazette"\nurl = "https://gazette.example/"\n'
    )


def test_several_sources_of_a_host_get_names_of_their_own(path: Path) -> None:
    """Also where another is written in capitals."""
    add_source(path, "https://other.example/", "GAZETTE.example", "")
    add_source(path, "https://gazette.example/a", None, "")
    add_source(path, "https://gazette.example/b", None, "")
    assert [one.name for one in load_config(path).sources] == [
        "GAZETTE.example",
        "gazette.example-2",
        "gazette.example-3",
    ]


@pytest.mark.parametrize(
    ("url", "name", "every", "words"),
    [
        ("gopher://gazette.example", None, "", "no http or https address"),
        ("", None, "", "no http or https address"),
        ("https://gazette.example", "a/b", "", "no name: "),
        ("https://gazette.example", 'x"\nenabled = false #', "", "no name: "),
        ("https://gazette.example", None, "soon", "is no duration"),
        ("https://taken.example", None, "", "watches this address already"),
        ("http://www.taken.example/", None, "", "watches this address already"),
        ("https://taken.example/index.html?utm_source=mail", None, "", "watches this address already"),
        ("https://gazette.example", "taken", "", "give another one, --name"),
    ],
)
def test_what_would_break_the_config_is_refused(path: Path, url: str, name: str, every: str, words: str) -> None:
    """And the file is as it was."""
    add_source(path, "https://taken.example", "taken", "")
    before = path.read_bytes()
    with pytest.raises(BrokenConfig, match=words):
        add_source(path, url, name, every)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_fault_of_what_was_typed_is_told_as_that(path: Path) -> None:
    """By its option, and by the line of the source that is in the way: the new table is in no file yet."""
    add_source(path, "https://taken.example", "taken", "")
    with pytest.raises(BrokenConfig) as broken:
        add_source(path, "www.taken.example", "Taken", "soon")
    assert broken.value.faults == [
        f"{path}:7: the source 'taken' watches this address already, in whatever spelling",
        f"{path}:6: the source 'taken' has the name that was asked for: give another one, --name",
        '--every: \'soon\' is no duration: write "90s", "15m", "4h" or "1d"',
    ]
    with pytest.raises(BrokenConfig) as broken:
        add_source(path, "https://gazette.example", "a/b", "1ms")
    assert broken.value.faults == [
        "--name: no name: 1 to 64 letters, digits, spaces and . _ - (it stands in addresses)",
        "--every: 1ms is too short: at least 1s",
    ]


def test_a_broken_config_is_left_alone(path: Path) -> None:
    """Its faults are said, not those of the source."""
    path.write_text('[crawler]\ndelay = "x"\n')
    with pytest.raises(BrokenConfig, match="is no duration"):
        add_source(path, "https://gazette.example", None, "")
    assert path.read_text() == '[crawler]\ndelay = "x"\n'


def test_a_config_as_windows_writes_it_stays_so(path: Path) -> None:
    """CR LF throughout; the byte order mark, which TOML does not know, goes."""
    path.write_bytes(b"\xef\xbb\xbf" + OURS.replace("\n", "\r\n").encode())
    add_source(path, "https://gazette.example/", None, "")
    written = path.read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n") == 7
    assert len(load_config(path).sources) == 1


def test_the_mode_of_the_file_stays_and_a_link_stays_a_link(tmp_path: Path, path: Path) -> None:
    """A config may hold secrets, and may lie elsewhere."""
    path.chmod(0o600)
    link = tmp_path / "linked" / "config.toml"
    link.parent.mkdir()
    link.symlink_to(path)
    add_source(link, "https://gazette.example/", None, "")
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(load_config(path).sources) == 1


def test_a_running_daemon_is_told(path: Path, hangups: list[int]) -> None:
    """By SIGHUP to who holds the lock of the data folder."""
    lock = hold_lock(path.parent / "data/daemon.lock")
    assert lock is not None
    assert add_source(path, "https://gazette.example/", None, "")[1]
    assert hangups == [signal.SIGHUP]
    lock.close()
    assert not add_source(path, "https://herald.example/", None, "")[1]
    assert hangups == [signal.SIGHUP]


def test_a_daemon_that_is_going_or_coming_is_not_told(path: Path, hangups: list[int]) -> None:
    """Its lock names nobody yet, or somebody who is gone: it reads the file when it starts."""
    lock = hold_lock(path.parent / "data/daemon.lock")
    assert lock is not None
    for content in ("", "99999999\n"):
        (path.parent / "data/daemon.lock").write_text(content)
        assert not add_source(path, f"https://g{len(content)}.example/", None, "")[1]
    assert hangups == []
    lock.close()


def test_what_a_dead_worker_held_is_free(path: Path, watch: Watch) -> None:
    """A look round would wait for it in vain; what a living one holds stays its own."""
    config = load_config(path)
    watch.now = datetime.now(UTC) - timedelta(hours=1)
    watch.config(SourceConfig("gazette", "https://gazette.example/"))
    watch.claim()

    def reserve() -> bool:
        now = datetime.now(UTC) + timedelta(minutes=1)
        return watch.store.write(lambda c: watch.schedule.reserve(c, "gazette.example", now, now))

    lock = hold_lock(config.data / "worker.lock")
    assert lock is not None
    add._free_claims(config, watch.store)
    assert not reserve()
    lock.close()
    add._free_claims(config, watch.store)
    assert reserve()


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_text_is_written_so_that_it_is_read_as_it_was(text: str) -> None:
    """Backslashes and quotes, as an address may hold them, are no escapes of TOML."""
    assert tomllib.loads(f"name = {_quoted(text)}") == {"name": text}
