"""On which line does a key stand?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.lines import line_of

CONFIG = """\
# My news
[daemon]
listen = "127.0.0.1:8700"   # loopback

[[source]]
name = "one"
url = "https://one.example/"

  [[ source ]]  # the second
name = "two"
"every" = "soon"

[[channel]]
name = "hook"
[channel.headers]
name = "x"

[crawler]
delay = "2s"
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("daemon", "listen"), 3),
        (("daemon", "tell"), 2),
        (("source", 0, "url"), 7),
        (("source", 1, "name"), 10),
        (("source", 1, "every"), 11),
        (("source", 1, "url"), 9),
        (("source", 1), 9),
        (("channel", 0, "name"), 14),
        (("channel", 0, "headers", "name"), 13),
        (("crawler", "delay"), 19),
        (("crawler", "networks", 3), 18),
        (("crawler",), 18),
        (("storage", "url"), 1),
        ((), 1),
    ],
)
def test_a_key_its_table_or_the_first_line(place: tuple[str | int, ...], line: int) -> None:
    """What is missing is shown at its table; what has no table, at the top."""
    assert line_of(CONFIG, place) == line


def test_a_key_before_the_first_table_has_its_line() -> None:
    """Also where it holds whole tables."""
    text = 'listen = "x"\nsource = [{ name = "one" }]\n'
    assert line_of(text, ("listen",)) == 1
    assert line_of(text, ("source", 0, "name")) == 2


def test_a_key_in_quotes_has_its_line() -> None:
    """Only there may it hold spaces and letters of other scripts."""
    text = """[lists]\nboats = ["ferry"]\n"sail boats" = ["yacht"]\n'배' = ["배"]\n"""
    assert [line_of(text, ("lists", name)) for name in ("sail boats", "배")] == [3, 4]


def test_lines_are_counted_as_editors_do() -> None:
    """A line separator inside a string, or CR LF, makes no line of its own."""
    assert line_of('[daemon]\r\n# a\u2028b\x85c\r\nlisten = "x"\r\n', ("daemon", "listen")) == 3


names = st.sampled_from(["daemon", "source", "rule"])
keys = st.sampled_from(["name", "url", "every"])
written = st.one_of(
    names.map("[{}]".format), names.map("[[{}]]".format), keys.map('{} = "x"'.format), st.text(max_size=12)
)


@given(st.lists(written, max_size=20), names, st.none() | st.integers(0, 4), keys)
def test_every_answer_is_a_line_of_the_text(lines: list[str], table: str, row: int | None, key: str) -> None:
    """Whatever stands there; and where the key itself was found, that line has it."""
    text = "\n".join(lines)
    place = (table, key) if row is None else (table, row, key)
    number = line_of(text, place)
    assert 1 <= number <= text.count("\n") + 1


@given(st.lists(st.tuples(names, st.lists(keys, unique=True, max_size=3)), min_size=1, max_size=8), st.data())
def test_a_key_that_is_there_is_found_there(tables: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    """For every key of every table of a file that has them in any order."""
    lines: list[str] = []
    places: dict[tuple[str | int, ...], int] = {}
    rows: dict[str, int] = {}
    for table, inside in tables:
        row = rows[table] = rows.get(table, -1) + 1
        lines.append(f"[[{table}]]")
        places[table, row] = len(lines)
        for key in inside:
            lines.append(f'{key} = "x"')
            places[table, row, key] = len(lines)
    place, line = data.draw(st.sampled_from(sorted(places.items(), key=str)))
    assert line_of("\n".join(lines), place) == line


def test_of_many_faults_the_text_is_read_once() -> None:
    """Ten thousand rules may name a list that is gone: to read all lines for each of them would take minutes."""

    class Counted(str):
        times = 0

        def split(self, *args: Any) -> list[str]:
            Counted.times += 1
            return super().split(*args)

    text = Counted("".join(f'[[rule]]\nname = "{number}"\nquery = "x"\n' for number in range(100)))
    assert [line_of(text, ("rule", row, "query")) for row in range(100)] == list(range(3, 303, 3))
    assert Counted.times == 1
