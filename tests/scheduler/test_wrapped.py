"""Text for terminals."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.wrapped import columns, wrapped


def test_prose_ends_between_words() -> None:
    """Line ends that are there stay."""
    assert wrapped("one two three\nfour", 8) == "one two\nthree\nfour"


def test_an_address_stays_whole() -> None:
    """However long it is."""
    url = "https://paper.example/" + "a" * 90
    assert wrapped(f"See {url} for more", 20) == f"See\n{url}\nfor more"
    assert wrapped(f"Saved copy: {url}", 20) == f"Saved copy: {url}"


def test_wide_letters_count_twice_and_may_be_parted() -> None:
    """A Chinese sentence has no spaces; what closes a phrase does not begin a line."""
    assert wrapped("新桥开通。新桥开通", 8) == "新桥开\n通。新桥\n开通"
    assert not any(line.startswith("。") for line in wrapped("新桥开通。" * 9, 8).split("\n"))


def test_korean_ends_between_words() -> None:
    """As it is written: neither a word nor the full stop behind it is parted from its beginning."""
    assert wrapped("통신은 전했다. 평양", 8) == "통신은\n전했다.\n평양"


def test_the_marks_of_a_diff_stay_with_what_they_mark() -> None:
    assert wrapped("发射[-两-]{+三+}枚", 8) == "发射\n[-两-]\n{+三+}枚"


def test_a_word_without_an_end_is_cut() -> None:
    assert wrapped("x" * 25, 10) == "x" * 10 + "\n" + "x" * 10 + "\n" + "x" * 5


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.integers(4, 80))
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str, width: int) -> None:
    """But for addresses; only white space may go."""
    short = wrapped(text, width)
    assert "".join(short.split()) == "".join(text.split())
    if "http" not in text:
        assert all(columns(line) <= width for line in short.split("\n"))
