"""HTML beside its text: small, and exactly what it was."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.packing import Unpackable, pack, unpack
from tests.made_up import text

BODY = "\n\n".join(text(Random(1), 8))
HTML = "".join(f"<p>{one}</p>" for one in BODY.split("\n\n"))


@given(st.text(max_size=300), st.text(max_size=300))
def test_what_was_packed_comes_back(html: str, body: str) -> None:
    assert unpack(pack(html, body), body) == html
    assert unpack(pack(html + body, body), body) == html + body


def test_a_repetition_of_the_text_takes_next_to_nothing() -> None:
    assert len(pack(HTML, BODY)) < len(HTML) / 10


def test_the_same_bytes_each_time() -> None:
    """The store may be compared, and a chain covers what it unpacks to."""
    assert pack(HTML, BODY) == pack(HTML, BODY)


@pytest.mark.parametrize("damage", [lambda packed: packed[:-3], lambda packed: b"<p>" + packed, lambda packed: b"x"])
def test_what_was_changed_is_no_html(damage) -> None:
    with pytest.raises(Unpackable, match="cannot be unpacked"):
        unpack(damage(pack(HTML, BODY)), BODY)


def test_with_another_text_it_is_no_html() -> None:
    with pytest.raises(Unpackable):
        unpack(pack(HTML, BODY), BODY.replace("the", "teh"))
