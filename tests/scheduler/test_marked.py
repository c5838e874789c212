"""A diff as it is shown: the headline first, what went, came and moved marked as such, and nothing of it as markup."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.marked import as_colours, as_html, as_markdown, as_text
from storage.diff import diff
from storage.model.articles import Article, Diff, DiffOp

LONG = "The river is long and slow, and the boats on it are few. " * 30
PARAGRAPHS = ["Ten men crossed the bridge.", LONG.strip(), "Nobody saw the ferry.", "The mayor was asleep."]


def made(before: Article, after: Article) -> Diff:
    return diff(before, after)


EDITED = made(
    Article("Bridge opens", "\n\n".join(PARAGRAPHS)),
    Article("Bridge closes", "\n\n".join(["Twelve men crossed the bridge.", *PARAGRAPHS[1:]])),
)
MOVED = made(Article("T", "\n\n".join(PARAGRAPHS)), Article("T", "\n\n".join([PARAGRAPHS[3], *PARAGRAPHS[:3]])))


def test_text_begins_with_the_headline_and_leaves_out_what_stayed() -> None:
    headline, text = as_text(EDITED).split("\n\n", 1)
    assert headline == "Bridge [-opens-]{+closes+}"
    assert text.startswith("[-Ten-]{+Twelve+} men crossed the bridge.\n\nThe river") and text.endswith("…")
    assert len(text) < 600


def test_colours_end_with_their_line() -> None:
    """A pager shows each line as it is, and what a site wrote brings no codes of its own."""
    shown = as_colours(EDITED)
    assert shown.startswith("Bridge \x1b[31;9mopens\x1b[0m\x1b[32;4mcloses\x1b[0m\n\n\x1b[31;9mTen\x1b[0m")
    went = made(Article("T", "One.\n\nTwo.\n\nThree."), Article("T", "One."))
    assert "\x1b[31;9mTwo.\x1b[0m\n\n\x1b[31;9mThree.\x1b[0m" in as_colours(went)
    assert as_colours(made(Article("\x1b[2Ja", "b"), Article("\x1b[2Jc", "b"))).count("\x1b[2J") == 0


def test_without_a_style_sheet_colours_and_line_ends_stand_in_the_tags() -> None:
    shown = as_html(EDITED, inline=True)
    assert shown.startswith('<p dir="auto" style="font-weight:bold">Bridge <del style="background:')
    assert "class=" not in shown and "\n" not in shown and "bridge.<br><br>The river" in shown


def test_all_of_it_is_shown_where_that_is_asked_for() -> None:
    assert as_text(EDITED, show_all=True).endswith("Nobody saw the ferry.\n\nThe mayor was asleep.")
    assert "The mayor was asleep." in as_html(EDITED, show_all=True)
    assert "The mayor was asleep." in as_markdown(EDITED, show_all=True)


def test_a_moved_paragraph_is_shown_as_moved() -> None:
    """At both places, and not as text that went and text that came."""
    assert as_text(MOVED).startswith("[moved here: The mayor was asleep.")
    assert "[moved away: The mayor was asleep.]" in as_text(MOVED).replace("\n", "")
    assert '<ins class="moved" title="moved here">The mayor' in as_html(MOVED)
    assert "*[moved here:]* The mayor was asleep." in as_markdown(MOVED)
    for shown in (as_text(MOVED), as_html(MOVED), as_markdown(MOVED)):
        assert "-]" not in shown and "came" not in shown and "~~" not in shown


def test_html_is_marked_with_classes_and_escaped() -> None:
    before, after = Article("A & B", "Said <b>no</b>."), Article("A & C", "Said <i>no</i>.")
    assert as_html(made(before, after)) == (
        '<p class="diff headline" dir="auto">A &amp; <del class="went">B</del><ins class="came">C</ins></p>'
        '<p class="diff" dir="auto">Said &lt;<del class="went">b</del><ins class="came">i</ins>&gt;no&lt;/'
        '<del class="went">b</del><ins class="came">i</ins>&gt;.</p>'
    )


@pytest.mark.parametrize(
    ("ops", "shown"),
    [
        ([("=", "The "), ("-", "old "), ("+", "new "), ("=", "bridge")], "The ~~old~~ **new** bridge"),
        ([("=", "One."), ("+", "\n\nTwo.\n\nThree.")], "One.\n\n**Two.**\n\n**Three.**"),
        (
            [("=", "# no *heading* <b> [x](y) "), ("-", "`a_b`")],
            "\\# no \\*heading\\* \\<b\\> \\[x\\](y) ~~\\`a\\_b\\`~~",
        ),
        (
            [("=", "- no list\n\n3. nor this\n\n    nor code"), ("+", "!")],
            "\\- no list\n\n3\\. nor this\n\nnor code**\\!**",
        ),
    ],
)
def test_markdown_is_marked_and_what_stands_in_the_text_is_no_markup(ops: list[DiffOp], shown: str) -> None:
    assert as_markdown(Diff((), tuple(ops)), show_all=True) == shown


def test_a_diff_without_changes_is_empty() -> None:
    same = made(Article("T", "B"), Article("T", "B"))
    assert (as_html(same), as_text(same), as_markdown(same)) == ("", "", "")


@given(st.text(max_size=80), st.text(max_size=80))
def test_html_shows_exactly_the_words_of_both_texts(before: str, after: str) -> None:
    """Whatever a page says: no tag of ours is broken by it, and no control character gets out."""
    shown = as_html(made(Article("", before), Article("", after)), show_all=True)
    assert re.sub(r'</?(?:p|ins|del|span)(?: (?:class|dir|title)="[a-z ]*")*>', "", shown).count("<") == 0
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\ufffe]", html.unescape(shown).replace("\t", ""))
