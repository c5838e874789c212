"""Links that a message leads to, and the key that signs them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.links import Links, SigningKey


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey(tmp_path / "data" / "links.key")


def test_a_link_is_for_one_rule_in_one_channel(key: SigningKey) -> None:
    """What it says is what was signed; neither can be exchanged."""
    token = key.token("ferry", "me")
    assert key.opened(token) == ("ferry", "me")
    said, mac = token.split(".")
    other = key.token("ferry", "desk").split(".")[0]
    assert key.opened(f"{other}.{mac}") is None
    assert key.opened(f"{said}.{mac[:-2]}") is None
    assert key.opened(said) is None


def test_the_key_is_for_its_owner_alone_and_outlives_the_process(key: SigningKey, tmp_path: Path) -> None:
    """Links of last year's mails still work; another Dateline's do not."""
    token = key.token("ferry", "me")
    file = tmp_path / "data" / "links.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["links.key"]
    assert SigningKey(file).opened(token) == ("ferry", "me")
    assert SigningKey(tmp_path / "another.key").opened(token) is None
    assert token not in repr(key) and file.read_bytes().hex() not in repr(Links("https://n.example", key))


def test_a_broken_key_costs_the_link_and_not_the_message(tmp_path: Path) -> None:
    """The message goes out without it."""
    (tmp_path / "links.key").write_bytes(b"short")
    assert Links("https://n.example", SigningKey(tmp_path / "links.key")).stop("ferry", "me") == ""


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_no_made_up_token_opens(key: SigningKey, text: str) -> None:
    """Nor does one make an error."""
    assert key.opened(text) is None
    assert key.opened(f"{text}.{text}") is None


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_in_every_script_come_back(key: SigningKey, rule: str, channel: str) -> None:
    """A token stands in an address as it is."""
    token = key.token(rule, channel)
    assert token.replace(".", "").replace("-", "").replace("_", "").isalnum() and token.isascii()
    assert key.opened(token) == (rule, channel)
