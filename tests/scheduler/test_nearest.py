"""Which name a person may have meant: one answer for keys, tables, rules, sources, lists and whatever else has one."""

from __future__ import annotations

import pytest

from scheduler.nearest import MOST_LISTED, did_you_mean, instead

KEYS = ("user_agent", "contact", "delay", "timeout")


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("dealy", KEYS, "did you mean delay? There are: user_agent, contact, delay, timeout"),
        ("user-agent", KEYS, "did you mean user_agent? There are: user_agent, contact, delay, timeout"),
        ("DELAY", KEYS, "did you mean delay? There are: user_agent, contact, delay, timeout"),
        ("loud", KEYS, "there are: user_agent, contact, delay, timeout"),
        ("", KEYS, "there are: user_agent, contact, delay, timeout"),
        ("dealy", (), "there are none"),
        ("fire", ("Harbour fire", "Storm"), "did you mean Harbour fire? There are: Harbour fire, Storm"),
        ("gazt", ("gazette", "gaza"), "did you mean gaza or gazette? There are: gazette, gaza"),
        (
            "edited:headlines",
            ("edited:headline", "edited:names"),
            "did you mean edited:headline? There are: edited:headline, edited:names",
        ),
        ("x", ("a\x1b[2Jb",), "there are: a[2Jb"),
    ],
)
def test_a_name_that_is_none_is_told_with_what_there_is(name: str, known: tuple[str, ...], said: str) -> None:
    """The nearest first, and no name writes anything but letters to a terminal."""
    assert instead(name, known) == said


def test_of_many_names_some_are_listed_and_the_nearest_is_found_all_the_same() -> None:
    known = [f"source {number}" for number in range(100)]
    said = instead("sourc 99", known)
    assert said.startswith("did you mean source 99? There are: source 0, source 1, ")
    assert said.endswith(f"source {MOST_LISTED - 1} and 80 more")


def test_of_too_many_only_the_nearest_are_named() -> None:
    zones = ("Europe/Berlin", "Europe/Bern", "America/New_York")
    assert did_you_mean("Berlin", zones) == "did you mean Europe/Berlin?"
    assert did_you_mean("Europe/Berln", zones) == "did you mean Europe/Berlin?"
    assert did_you_mean("Utopia", zones) == ""


def test_the_same_name_is_looked_for_once() -> None:
    """A list that is gone may be named by every rule of a config."""

    class Counted(str):
        times = 0

        def casefold(self) -> str:
            Counted.times += 1
            return super().casefold()

    known = [Counted(f"list {number}") for number in range(50)]
    assert {instead("list x", known) for _ in range(100)} == {instead("list x", known)}
    assert Counted.times == 50
