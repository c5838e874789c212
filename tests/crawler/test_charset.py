"""Bytes become text by the standard's labels, and by what they are where the labels lie."""

import itertools
import unicodedata

import pytest

from crawler.charset import decode
from tests.crawler.writings import CHARSETS, NEWS, written


@pytest.mark.parametrize(
    ("body", "content_type", "language", "text"),
    [
        ("신문".encode("euc-kr"), "text/html; charset=euc-kr", "", "신문"),
        ("<meta charset='shift_jis'>新聞".encode("shift_jis"), "text/html", "", "<meta charset='shift_jis'>新聞"),
        (b"\xef\xbb\xbf" + "é".encode(), "text/html; charset=iso-8859-1", "", "é"),
        ("caf\xe9".encode("latin-1"), "text/html; charset=latin1", "", "café"),
        ("caf\xe9 “x”".encode("cp1252"), "text/html", "", "café “x”"),
        ("<html lang='ru'>Привет".encode("cp1251"), "text/html", "", "<html lang='ru'>Привет"),
        ("뉴스".encode("euc-kr"), "", "ko", "뉴스"),
        ("新华社€".encode("gb18030"), "text/html; charset=gb2312", "", "新华社€"),
        ("news".encode("utf-16"), "", "", "news"),
    ],
)
def test_text_is_read_by_what_is_known_of_it(body: bytes, content_type: str, language: str, text: str) -> None:
    """Mark, header, the page's own declaration, then what browsers assume for the language."""
    assert decode(body, content_type, language) == text


def test_utf8_under_an_old_declaration_is_utf8() -> None:
    """A page that moved to UTF-8 and kept its declaration is not turned into mojibake."""
    text = "<meta charset=iso-8859-1>Über die Brücke führt künftig ein schöner Weg, für Fußgänger, über Österreich."
    assert decode(text.encode(), "text/html; charset=iso-8859-1") == text


@pytest.mark.parametrize(
    "label", ["base64_codec", "rot13", "idna", "undefined", "utf-7", "replacement", "'\"\r\nx", "x" * 999]
)
def test_a_label_never_reaches_pythons_codecs(label: str) -> None:
    """Names that only Python knows as codecs count as unknown, and nothing raises."""
    assert decode(b"plain", f"text/html; charset={label}") == "plain"
    assert decode(b"<meta charset=" + label.encode() + b">plain").endswith("plain")


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    """Broken bytes in a declared UTF-8 page cost these characters and not the page."""
    assert decode(b"ab\xff\xfecd", "text/html; charset=utf-8") == "ab\ufffd\ufffdcd"


EACH = [(language, *one) for language, charsets in CHARSETS.items() for one in charsets]
# What servers say of all their pages, and pages of systems that are gone.
LIES = ("utf-8", "iso-8859-1", "windows-1251", "gb2312", "euc-kr", "iso-8859-2", "macintosh", "x-user-defined")


def page(news: bytes, declared: str = "") -> bytes:
    return (
        f"<!doctype html><html><head>{declared}<title>".encode() + news + b"</title></head><p>" + news + b"</p></html>"
    )


def is_read(language: str, text: str) -> bool:
    return unicodedata.normalize("NFC", text).count(NEWS[language]) == 2


@pytest.mark.parametrize(("language", "label", "codec"), EACH)
def test_a_page_that_says_its_charset_is_read(language: str, label: str, codec: str) -> None:
    """In the header, in a meta element, or in an XML declaration."""
    news = written(language, codec)
    assert is_read(language, decode(page(news), f"text/html; charset={label}"))
    assert is_read(language, decode(page(news, f'<meta charset="{label}">'), "text/html"))
    assert is_read(language, decode(f'<?xml version="1.0" encoding="{label}"?>'.encode() + page(news), "text/xml"))


@pytest.mark.parametrize(("language", "label", "codec"), EACH)
def test_a_page_that_does_not_say_its_charset_is_read(language: str, label: str, codec: str) -> None:
    """By its bytes alone."""
    assert is_read(language, decode(page(written(language, codec))))


@pytest.mark.parametrize(("language", "label", "codec"), EACH)
def test_a_page_that_lies_about_its_charset_is_read(language: str, label: str, codec: str) -> None:
    """What is stated is believed as far as the bytes bear it out: in the header, in the page, in both."""
    news = written(language, codec)
    for header, meta in itertools.product(LIES, repeat=2):
        told = decode(page(news, f'<meta charset="{meta}">'), f"text/html; charset={header}")
        assert is_read(language, told), (header, meta)


@pytest.mark.parametrize("lie", [*LIES, "shift_jis", "utf-16", "iso-2022-jp"])
@pytest.mark.parametrize("language", NEWS)
def test_utf8_is_read_whatever_is_said_of_it(language: str, lie: str) -> None:
    """Legacy texts are practically never valid UTF-8."""
    news = NEWS[language].encode()
    assert is_read(language, decode(page(news, f'<meta charset="{lie}">'), f"text/html; charset={lie}"))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", ["de", "ko", "ru"])
def test_utf16_without_a_mark_is_known_by_its_zeros(language: str, codec: str) -> None:
    """Markup has a zero in every second byte."""
    assert is_read(language, decode(page(NEWS[language].encode()).decode().encode(codec), "text/html"))


@pytest.mark.parametrize(
    ("body", "label", "text"),
    [
        (b"\x8cc\xb9\xe6\xb0\xa2\xc7\xcf", "euc-kr", "똠방각하"),
        (b"\x87\x40\x81\x60\xfb\xfc\x8b\xb4", "shift_jis", "①～髙橋"),
        (b"\xad\xa1\xb6\xb6", "euc-jp", "①橋"),
        (b"\x9d\xef\xa4\x48", "big5", "嘅人"),
        ("镕基先生".encode("gbk"), "gb2312", "镕基先生"),
    ],
)
def test_characters_of_the_vendors_are_read(body: bytes, label: str, text: str) -> None:
    """The standard's tables hold what vendors added to the national ones, and Python's codecs of these names do not."""
    assert decode(body, f"text/html; charset={label}") == text


def test_a_broken_byte_costs_one_character() -> None:
    """The rest of the word is not read one byte out of step."""
    news = bytearray(written("ko", "euc-kr"))
    news[2] = 0xFF
    read = decode(bytes(news), "text/html; charset=euc-kr")
    assert read == NEWS["ko"].replace("청", "\ufffd", 1)


def test_windows_1252_among_utf8_is_read() -> None:
    """A page put together from parts; in other scripts a stray byte is what is left of a character that was cut."""
    news = NEWS["fr"].encode() + b" \x93un caf\xe9 noir\x94 \x96 "
    assert decode(news, "text/html; charset=utf-8") == NEWS["fr"] + " “un café noir” – "
    assert decode(NEWS["ja"].encode() + b"\xe6...", "text/html; charset=utf-8") == NEWS["ja"] + "\ufffd..."


@pytest.mark.parametrize("language", ["ko", "ru", "de", "zh"])
def test_a_page_that_is_cut_or_damaged_keeps_its_charset(language: str) -> None:
    """A few bad bytes do not turn UTF-8 into something else, whatever is declared."""
    news = page(NEWS[language].encode() * 3)
    for end in range(len(news) - 40, len(news) - 20):
        assert NEWS[language] in decode(news[:end], "text/html; charset=iso-8859-1")
    damaged = news.replace(NEWS[language][-30:].encode(), b"\xff\xfe\xc3(", 1)
    assert NEWS[language] in decode(damaged)


def test_a_declaration_in_a_comment_is_none() -> None:
    """As in browsers: it is the one of the system before."""
    assert decode(b"<!-- <meta charset=koi8-r> --><meta charset=windows-1251><p>\xcc\xee\xf1\xf2").endswith("Мост")
