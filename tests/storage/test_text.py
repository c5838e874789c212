"""Nothing of ours ever holds what the gates remove, whatever a site sends."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from storage.text import MAX_URL, clean, fold, one_line, public_url

# Lone surrogates too, which st.text() leaves out.
ANYTHING = st.text(alphabet=st.characters(codec=None, exclude_categories=())) | st.text()


@given(ANYTHING)
@example("a\x00b\x0b\x1b[31m\ud800\ufffe\U0001fffe\u2028c\r\nd\x85")
def test_a_clean_text_can_be_stored_sent_and_fed(text: str) -> None:
    """It passes through UTF-8, XML, JSON and SQLite and comes back as it went in."""
    gated = clean(text)
    assert gated.encode().decode() == gated and json.loads(json.dumps(gated)) == gated
    element = etree.Element("t")
    element.text = gated
    assert (etree.fromstring(etree.tostring(element)).text or "") == gated
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute("SELECT ?", (gated,)).fetchone() == (gated,)
    connection.close()
    assert clean(gated) == gated and unicodedata.is_normalized("NFC", gated)


@given(ANYTHING, st.integers(0, 20))
def test_a_clean_text_keeps_its_limit(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


def test_what_a_reader_sees_passes_the_gate() -> None:
    said = "Tab\tand line\n\n평양 平壌 Ким \U0001f600 “quoted” \u200fعربي"
    assert clean(said) == said and clean("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


@given(ANYTHING, st.integers(1, 50))
@example("Subject\r\nBcc: everyone@example.com", 200)
@example("pay \u202ereversed\u202c \u2066isolated", 200)
def test_one_line_is_one_line(text: str, limit: int) -> None:
    """No header, log line or title can be broken or turned round."""
    line = one_line(text, limit)
    assert len(line) <= limit and len(line.splitlines()) <= 1 and line == line.strip()
    assert not any(character in line for character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\t")


def test_a_cut_line_says_so() -> None:
    assert one_line("word " * 20, 12) == "word word w…"


@given(
    ANYTHING | ANYTHING.map(lambda text: "http://example.com/" + text) | ANYTHING.map(lambda text: f"https://{text}/")
)
@example("http://user:secret@example.com/")
@example("http://example.com@evil.example/")
@example("http://exa\nmple.com/\r\nSet-Cookie: a=b")
@example("java\tscript:alert(1)")
@example('HTTP:"')
def test_a_public_url_is_safe_to_show_and_follow(url: str) -> None:
    href = public_url(url)
    if href:
        parts = urlsplit(href)
        assert parts.scheme in ("http", "https") and parts.hostname and parts.username is None
        assert href.isascii() and href.isprintable() and not set(href) & set(' "<>') and len(href) <= MAX_URL
        assert public_url(href) == href


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.com/",
        "//example.com/a",
        "/a",
        "http://",
        "http://[::1",
        "http://a b/",
        "http://user@example.com/",
        "http://example.com/" + "a" * MAX_URL,
        "http://example.com/\x00",
        "http://example.com/\ud800",
    ],
)
def test_what_is_not_public_is_empty(url: str) -> None:
    assert public_url(url) == ""


def test_a_relative_url_is_joined_to_its_page() -> None:
    assert public_url(" ../b?q=ü#f ", "http://example.com/x/a") == "http://example.com/b?q=%C3%BC#f"
    assert public_url("//other.example/b", "https://example.com/") == "https://other.example/b"
    assert public_url("javascript:alert(1)", "https://example.com/") == ""


@given(ANYTHING)
def test_folding_twice_folds_no_more(text: str) -> None:
    folded = fold(clean(text))
    assert fold(folded) == folded


def test_folding_keeps_case_and_drops_looks() -> None:
    assert fold("  ＫＩＭ\u00a0“Jong”\u200b — ﬁne…\n\n") == 'KIM "Jong" - fine...'
    assert fold("Kim") != fold("kim")
