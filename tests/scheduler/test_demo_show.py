"""`dateline demo`: the story is told whole, in words and in order, and ends with everything stopped and removed."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import psutil
import pytest

from scheduler.demo.show import TITLE, show
from scheduler.demo.stage import NotShown, Stage

PATIENCE_S = 240.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary folders are made; whatever a test does, nothing may be left in it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    assert not list(tmp_path.iterdir())


async def test_the_story_is_told_whole(folder: Path) -> None:
    """Published, told, in the feed, edited, told, deleted: each is said when it has happened, and nothing is left."""
    said: list[str] = []
    await show(said.append, stay=False, pause_s=0)
    story = "\n".join(click.unstyle(line) for line in said)
    scenes = (
        r"a small newspaper opens at http://127\.0\.0\.1:\d+/",
        r"Dateline starts\. Its page.*http://127\.0\.0\.1:\d+/",
        r"history: kept and shown, nobody is told",
        rf"the newspaper publishes: {TITLE}",
        r"Dateline saw it, \d+\.\d s later",
        rf"mail to reader@example\.org: ferry: new: {TITLE} \(courier\)",
        r"webhook \w+: added, the rule now holds; its signature is right",
        rf"begins with:\n\s+{TITLE}",
        r"on \[-Monday-\]\{\+Thursday\+\}, \[-three-\]\{\+five\+\} weeks",
        rf"mail to reader@example\.org: ferry: figures edited, still matches: {TITLE}",
        r"webhook \w+: edited, the rule still holds; its signature is right",
        r"the rule does not hold, so nobody is told",
        r"the newspaper deletes .*\n.*the look says: .*404",
        rf"mail to reader@example\.org: ferry: removed: {TITLE}",
        r"5 articles stored once each, 1 edit and 1 removal noticed, 3 mails and 3 webhooks sent",
        r"Everything is stopped",
    )
    assert re.search(".*?".join(scenes), story, re.DOTALL), story
    assert any("\x1b[31m[-Monday-]" in line for line in said), "the diff is in colour"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_order(folder: Path, number: signal.Signals) -> None:
    """Ctrl-C while Dateline runs: the demo says so, ends with 0, and leaves no process and no file."""
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(sys.executable).with_name("dateline")), "demo", "--stay"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"TMPDIR": str(folder)},
    )
    assert demo.stdout
    async with asyncio.timeout(PATIENCE_S):
        while b"Dateline starts." not in await demo.stdout.readline():
            pass
        children = psutil.Process(demo.pid).children(recursive=True)
        assert children
        demo.send_signal(number)
        said = (await demo.stdout.read()).decode()
        assert await demo.wait() == 0
    assert "Everything is stopped" in said
    assert "\x1b" not in said, "no colours where no terminal shows them"
    assert "Traceback" not in said
    assert not psutil.wait_procs(children, timeout=PATIENCE_S)[1]


async def test_a_dateline_that_does_not_start_is_no_success(folder: Path) -> None:
    """Where Dateline ends at once, the demo says why in the words of its log, and tidies up."""
    with pytest.raises(NotShown, match=r"did not start:(.|\n)*no such key here"):
        async with Stage() as stage:
            stage.newspaper.address = '127.0.0.1/"\nfast = "yes'
            await stage.start_dateline()
