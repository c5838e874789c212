"""docs/how-to-add-a-site.md is walked as it is written, in a copy of the house."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to-add-a-site.md"


def commands() -> list[tuple[str, str]]:
    """Return each command with what the page says that it answers, "" where it says nothing."""
    blocks = re.findall(r"^```console\n(.*?)^```", HOW_TO.read_text(), re.DOTALL | re.MULTILINE)
    found = (part.partition("\n") for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part)
    return [(command, answer.strip()) for command, _, answer in found]


def test_every_command_of_the_page_runs(tmp_path: Path) -> None:
    """One after the other, each with status 0 and the answer below it; the site's pages are read."""
    for name in ("crawler", "scheduler", "storage", "tests", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name, module in (("python", ""), ("dateline", "-m scheduler ")):
        script = tmp_path / ".venv" / "bin" / name
        script.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" {module}"$@"\n')
        script.chmod(0o755)
    ran = commands()
    assert len(ran) >= 8
    for command, answer in ran:
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert "rodong.rep.kp" not in command or '"error"' not in done.stdout, f"{command}\n{done.stdout}"
        assert answer in done.stdout
    assert not [*tmp_path.glob("*.html"), *(tmp_path / "tests" / "sites" / "rodong").glob("*_mine.*")]


def test_the_code_on_the_page_is_the_code_of_the_house() -> None:
    """What the page shows of a site's file stands there word for word."""
    shown = re.findall(r"^```python\n(.*?)^```", HOW_TO.read_text(), re.DOTALL | re.MULTILINE)
    code = (ROOT / "crawler" / "sites" / "rodong.py").read_text()
    assert shown
    assert all(one in code for one in shown)
