"""Tables of a config for the tests that read one, and the lines in which its faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.config import BrokenConfig, Config, read_config

PATH = Path("/etc/dateline/config.toml")
GAZETTE = '[[source]]\nname = "gazette"\nurl = "https://gazette.example/"\n'
MAIL = '[[channel]]\nname = "me"\ntype = "email"\nhost = "127.0.0.1"\nfrom = "a@b.example"\nto = ["c@d.example"]\n'
HOOK = '[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'
BOATS = '\n[[rule]]\nname = "r"\nquery = "@boats"\n'


def read(text: str) -> Config:
    return read_config(text, PATH)


def faults(text: str) -> list[str]:
    """The faults, without the path."""
    with pytest.raises(BrokenConfig) as broken:
        read(text)
    assert all(one.startswith(f"{PATH}:") for one in broken.value.faults)
    return [one.removeprefix(f"{PATH}:") for one in broken.value.faults]
