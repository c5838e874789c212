"""HTML within bounds, and words that are never glued."""

import pytest

from crawler.extract.markup import MAX_ATTRIBUTES, bounded, flowing, paragraphs, sanitised, tree
from crawler.fault import LookFault
from storage.model.looking import Outcome


def test_a_wrapped_name_keeps_its_spaces() -> None:
    """Inline tags, no-break spaces and line ends join as a reader sees them."""
    root = tree("<p>Comrade <nobr><strong><font>An\u00a0Example</font></strong></nobr> visited\n the <b>m</b>ill</p>")
    assert flowing(root) == "Comrade An Example visited the mill"


def test_blocks_part_words_without_spaces_between_them() -> None:
    """Two list rows or a headline and its paragraph are two blocks, however tightly the markup stands."""
    root = tree("<h1>Head</h1><ul><li>one</li><li>two</li></ul><div>a<p>b</p>c<script>no</script></div>")
    assert paragraphs(root) == [
        "Head", "one", "two", "a", "b", "c",
    ]  # fmt: skip


def test_a_line_break_is_a_line_and_two_are_a_paragraph() -> None:
    """Old sites write paragraphs with <br>."""
    assert paragraphs(tree("<p>one<br>two<br><br>three</p>")) == ["one\ntwo", "three"]
    assert flowing(tree("<p>one<br>two</p>")) == "one two"


@pytest.mark.parametrize("reference", ["&#1;", "&#x1f;", "&#0008", "&#xB;", "&#65535;", "&#xFFFE;"])
def test_a_control_character_as_a_reference_is_left_out(reference) -> None:
    """What lxml would refuse to write again never gets into the tree; references that only begin like it stay."""
    root = tree(f"<p>one{reference} two &#123; &#x1F600; &#10;&#xe9;</p>")
    assert flowing(root) == "one two { \U0001f600 \u00e9"
    assert not set(root.text_content()) & {"\x01", "\x1f", "\x08", "\x0b", "\uffff", "\ufffe"}


def test_sanitised_html_is_safe_and_absolute() -> None:
    """Scripts, handlers, frames and addresses that no one may follow are gone; the others are absolute."""
    html = sanitised(
        tree(
            '<p onclick="x()">Hi <a href="/a">a</a> <a href="java&#09;script:x">b</a>'
            '<img src="//c.example/i.png" onerror=x><iframe src="http://d.example"></iframe>'
            '<svg><script>x</script></svg><a href="#n">n</a></p><style>p{}</style>'
        ),
        "https://gazette.example/news/",
    )
    assert '<a href="https://gazette.example/a"' in html
    assert 'src="https://c.example/i.png"' in html
    assert not any(bad in html for bad in ("script", "onclick", "onerror", "iframe", "style", "#n"))


@pytest.mark.parametrize(
    "attributes",
    [
        " ".join(f"a{number}=1" for number in range(100_000)),
        " ".join(f'a{number}=">"' for number in range(50_000)),
        "\n".join(f"a{number}" for number in range(100_000)),
        'src="data:image/png;base64,' + "A" * 3_000_000 + '"',
    ],
)
def test_a_tag_with_endless_attributes_is_cut(attributes: str) -> None:
    """What is inside the tag is read all the same, and at once."""
    root = tree(f"<html><body><div {attributes}>inside</div><p>after</p></body></html>")
    assert paragraphs(root) == ["inside", "after"]
    assert len(root.xpath("//div")[0].attrib) <= 100


@pytest.mark.parametrize("tag", ["div", "b", "span", "ul"])
def test_a_page_nested_without_end_is_refused(tag: str) -> None:
    """The parser would drop what lies below its limit, which would read as an edit."""
    with pytest.raises(LookFault) as raised:
        tree(f"<{tag}>" * 100_000 + "deep")
    assert raised.value.outcome == Outcome.UNREADABLE


def test_control_characters_never_arrive() -> None:
    """NUL, escape and non-characters are gone before anything is parsed; a stale declaration does no harm."""
    assert flowing(tree('<?xml version="1.0" encoding="euc-kr"?><p>a\0b\x1bc\ufffe é</p>')) == "abc é"


@pytest.mark.parametrize("value", ["<", ">", "a<b"])
def test_a_long_tag_that_hides_in_its_values_is_bounded_too(value: str) -> None:
    """Angle brackets in values end no tag; only where there are many of them every tag is looked at."""
    page = "<p " + " ".join(f'a{number}="{value}"' for number in range(5000)) + ">text</p>"
    assert bounded(page).count("=") == MAX_ATTRIBUTES
    assert bounded(page).endswith(">text</p>")


def test_references_to_no_character_are_dropped() -> None:
    """Halves of characters and numbers past all end feedparser; a form feed is white space that lxml refuses."""
    assert bounded("a&#55296;b&#xDFFF;c&#99999999999;d&#x110000;e&#12;f&#0000031;g") == "abcdefg"
    assert bounded("a\fb &#128512;&#x1F600;&#8364;&#57344;") == "a b &#128512;&#x1F600;&#8364;&#57344;"
