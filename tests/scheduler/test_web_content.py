"""What sites wrote, as our page and our feeds show it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from scheduler.web.content import LONGEST_HTML, LONGEST_TEXT, page_html, paragraphs, safe_html
from storage.model.articles import Article


def article(html="", body="The council agreed."):
    return Article(title="A", body=body, html=html)


def test_markup_of_a_text_is_kept():
    """Paragraphs, emphasis, lists, tables, links and pictures of an article stay."""
    html = (
        '<p>The <em>council</em> <a href="https://x.example/" rel="noopener noreferrer nofollow">met</a>.</p>'
        '<ul><li>one</li></ul><table><tbody><tr><td colspan="2">two</td></tr></tbody></table>'
        '<img src="https://x.example/p.png" alt="a ferry">'
    )
    assert safe_html(article(html)) == html


def test_plain_text_where_there_is_no_html():
    """Paragraphs and line ends of a plain text are kept, and its characters are no markup."""
    assert (
        safe_html(article(body="One <b>\ntwo\n\nThree & four")) == "<p>One &lt;b&gt;<br>two</p><p>Three &amp; four</p>"
    )


def test_long_html_is_shown_as_text():
    """What would take seconds to sanitise is shown as its plain text."""
    assert safe_html(article("<div>" * LONGEST_HTML)) == "<p>The council agreed.</p>"


def test_long_text_is_cut_and_says_so():
    """A very long text ends with a mark of what is left out."""
    shown = paragraphs("a" * (LONGEST_TEXT + 1))
    assert shown == f"<p>{'a' * LONGEST_TEXT}</p><p>…</p>"
    assert paragraphs("a" * LONGEST_TEXT) == f"<p>{'a' * LONGEST_TEXT}</p>"


def test_pictures_are_links_on_our_page():
    """Our page loads nothing from elsewhere: a picture is a link with its words; without an address it is its words."""
    html = '<p>a<img src="https://x.example/p.png" alt="1 > 0 & &quot;so&quot;">b<img alt="lost">c<img></p>'
    link = '<a href="https://x.example/p.png" rel="noopener noreferrer nofollow">'
    assert page_html(article(html)) == f'<p>a{link}[1 &gt; 0 &amp; "so"]</a>blostc</p>'
    assert page_html(article('<img src="https://x.example/p.png">')) == f"{link}[picture]</a>"


PIECES = """<p> </p> <img alt=" ' " > < <a href= javascript:alert(1) <script> </script> <style> <svg/onload= <!-- ]]>
&lt; &#x3c; <math><mi> <table> <noscript> </noscript> <template> ferry onerror=x src='https://x.example/ &#1;"""
pieces = st.lists(st.sampled_from([*PIECES.split(), " ", "\x00", "\ud800"]), max_size=25).map("".join)


@given(pieces)
def test_no_html_gets_through(html):
    """Whatever is put together, only known elements with harmless attributes come out, on our page without pictures."""
    for show, allowed in ((safe_html, {"img"}), (page_html, set())):
        tree = lxml_html.fragment_fromstring(show(article(html)), create_parent="div")
        for element in tree.iterdescendants():
            assert element.tag in {"p", "a", "table"} | allowed
            assert set(element.attrib) <= {"href", "src", "alt", "title", "rel", "lang", "dir"}
            for name in ("href", "src"):
                assert element.get(name, "https://").startswith("https://")
