"""`site:` and `url:` of addresses that are kept in other signs than a browser shows."""

from __future__ import annotations

import pytest

from scheduler.query.grammar import parse
from scheduler.query.matcher import Text, compile_rules
from storage.text import public_url

RUSSIAN, GERMAN = "https://новости.example.рф/Мир/1", "https://www.straße.example/a%20(1)?q=%zz"
BROKEN = "https://xn--99999999999.example/"


@pytest.mark.parametrize(
    ("query", "url", "expected"),
    [
        ("site:example.рф", RUSSIAN, True),
        ("site:Новости.example.рф", RUSSIAN, True),
        ("site:xn--b1amnebsh.example.xn--p1ai", RUSSIAN, True),
        ("site:вести.example.рф", RUSSIAN, False),
        ("url:/мир/", RUSSIAN, True),
        ("url:рф/мир", RUSSIAN, True),
        ("url:/%D0%BC%D0%B8%D1%80/", RUSSIAN, False),
        ("url:/%D0%9C%D0%B8%D1%80/", RUSSIAN, True),
        ("url:/мор/", RUSSIAN, False),
        ("site:Straße.example", GERMAN, True),
        ("site:strasse.example", GERMAN, False),
        ('url:"/a (1)"', GERMAN, True),
        ("url:q=%zz", GERMAN, True),
        ("site:example url:xn--9", BROKEN, True),
    ],
)
def test_an_address_is_found_as_a_browser_shows_it(query: str, url: str, expected: bool) -> None:
    """In its letters, and in the signs that stand for them."""
    text = Text("", "", urls=(public_url(url) or url,))
    assert ("" in compile_rules({"": parse(query)}).match(text)) is expected
