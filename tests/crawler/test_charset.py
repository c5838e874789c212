"""Bytes become text by the standard's labels, whatever the wire says."""

import pytest

from crawler.charset import decode


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
