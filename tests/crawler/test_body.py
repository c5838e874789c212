"""The text of an article, apart from all that stands round it and in it; and the same as HTML for feeds."""

import time

import pytest

from crawler.extract.body import read_body
from crawler.extract.markup import tree
from crawler.fault import LookFault
from storage.model.looking import Outcome

URL = "https://gazette.example/news/2026/ferry"
TITLE = "Ferry stops for the storm"


def story(*words: str) -> str:
    return "".join(
        f"<p>The {word} of a town that does not exist stopped on Thursday, when a storm came up over the bay.</p>"
        for word in words or ("ferry", "tram", "mill", "market")
    )


def body(html: str, *, title: str = TITLE, stated: str = "") -> list[str]:
    return read_body(tree(html), URL, title=title, stated_text=stated).text.split("\n\n")


def html(page: str) -> str:
    return read_body(tree(page), URL, title=TITLE).html


@pytest.mark.parametrize(
    "page",
    [
        f"<nav><a href=/>Home</a></nav><div><h1>{TITLE}</h1><span>By An Example</span> <span>12 November 2026</span>"
        "<p>The ferry stopped on Thursday.</p><p>It goes again on Friday.</p></div><footer>All rights reserved by the"
        " Gazette and by all of its friends, 2026.</footer>",
        f"<main><article><h1>{TITLE}</h1><div>By An Example, 12 November 2026</div><div>The ferry stopped on Thursday."
        "<br><br>It goes again on Friday.</div></article></main>",
        f"<article><header><h1>{TITLE}</h1><p class=byline>By An Example</p><time>12 November 2026</time></header>"
        "<p>The ferry stopped on Thursday.</p><p>It goes again on Friday.</p></article>",
    ],
    ids=["spans", "line breaks", "header"],
)
def test_a_short_article_begins_with_its_text(page: str) -> None:
    """Of two short paragraphs neither headline nor byline nor date becomes a part."""
    assert body(page) == ["The ferry stopped on Thursday.", "It goes again on Friday."]


def test_parts_of_the_text_stay_in_their_order() -> None:
    """Subheadings, list rows and quotes are paragraphs of their own."""
    page = f"""<article><h1>{TITLE}</h1>{story("ferry")}<h2>What next</h2><ul><li>It goes on Friday, says the harbour.
        </li><li>Or on Saturday</li></ul><blockquote><p>“We wait for the wind to stop,” the captain said.</p>
        </blockquote>{story("mill")}</article>"""
    assert [one[:12] for one in body(page)] == [
        "The ferry of", "What next", "It goes on F", "Or on Saturd", "“We wait for", "The mill of ",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "chaff",
    [
        "<figure><img src=/a.jpg><figcaption>The ferry in the harbour, on a better day.</figcaption></figure>",
        "<p class='wp-caption-text'>The ferry in the harbour, on a much better day than this.</p>",
        "<div class='related-articles'><h3>Related</h3><p>What became of the mill, and of all of it.</p></div>",
        "<p><a href=/other>Another story about the old mill of the town</a></p>",
        "<p>Read also: What became of the mill of the town, and of all of it.</p>",
        "<p>Lesen Sie auch: Was aus der Mühle der Stadt wurde, und aus allem.</p>",
        "<form class=signup><p>Get our newsletter with the best of the harbour every day.</p></form>",
        "<div class='newsletterBox__inner'><p>Get our newsletter with the best of the harbour every day.</p></div>",
        "<div id=cookie-banner><p>We and our partners store what you read here on your device.</p></div>",
        "<div class='author-bio'><p>An Example writes about the harbour. He lives in the town.</p></div>",
        "<ul class='share-bar'><li>Share this with all of your friends.</li></ul>",
        "<ul class=tags><li><a href=/t/harbour>Harbour</a></li><li><a href=/t/storm>Storm</a></li></ul>",
        "<section id=comments><p>I was there and it was not at all as the paper writes it here.</p></section>",
        "<p hidden>The text of another day, which no one who reads this page can see.</p>",
    ],
)
@pytest.mark.parametrize("where", ["in", "below"])
def test_what_is_not_the_article_is_left_out(chaff: str, where: str) -> None:
    """Captions, teasers, boxes and bars, whether they stand in the text or below it."""
    inside = chaff if where == "in" else ""
    below = chaff if where == "below" else ""
    page = f"<article><h1>{TITLE}</h1>{story('ferry', 'tram')}{inside}{story('mill', 'market')}{below}</article>"
    assert [one.split()[1] for one in body(page)] == ["ferry", "tram", "mill", "market"]


def test_a_heading_without_a_text_below_it_is_left_out() -> None:
    """One above a text is a subheading."""
    page = f"<article><h1>{TITLE}</h1>{story('ferry')}<h3>Later news</h3>{story('tram')}<h3>More news</h3></article>"
    assert [one.split()[1] for one in body(page)] == ["ferry", "news", "tram"]


@pytest.mark.parametrize("name", ["sidebar-left layout", "share-wrapper", "field--label-hidden", "paywall", "widget"])
def test_a_name_that_misleads_costs_no_article(name: str) -> None:
    """What holds most of the text is the article, whatever its class is called."""
    page = f"<div class=top><a href=/>Home</a></div><div class='{name}'>{story()}</div><p>Contact us at any time.</p>"
    assert len(body(page)) == 4


def test_news_that_begins_like_a_link_is_news() -> None:
    """Share prices, a watch and a follower are no share bars."""
    lines = ("Share prices of the harbour fell.", "Watch officials saw no ship.", "Related costs are paid by the town.")
    page = f"<div><h1>{TITLE}</h1>{story('ferry')}{''.join(f'<p>{one}</p>' for one in lines)}{story('mill')}</div>"
    assert body(page)[1:-1] == list(lines)


def test_teasers_below_in_another_markup_are_no_text() -> None:
    """A list of excerpts under the article differs from its paragraphs."""
    teasers = "".join(
        f"<div class=card><h3><a href=/{n}>Another story of the coast</a></h3><p class=card-text>What became of the"
        f" mill number {n} of the town, and of all who worked there until the storm.</p></div>"
        for n in range(3)
    )
    page = f"<main><h1>{TITLE}</h1><div class=text>{story()}</div><div class=cards>{teasers}</div></main>"
    assert len(body(page)) == 4


def test_the_next_article_on_the_page_is_another() -> None:
    """Sites that load one after the other put each under a headline of its own."""
    page = (
        f"<main><h1>{TITLE}</h1>{story()}<h1>The council votes on bread</h1>{story('bread', 'council', 'vote')}</main>"
    )
    assert len(body(page)) == 4


def test_the_lead_above_the_picture_is_text() -> None:
    """A standfirst between headline and text belongs to the article."""
    lead = "<p class=standfirst>No ferry goes, and no one knows for how long, says the harbour.</p>"
    page = f"<div><h1>{TITLE}</h1>{lead}<div class=share>Share</div></div><div class=text>{story()}</div>"
    assert body(page)[0].startswith("No ferry goes")
    assert len(body(page)) == 5


def test_a_text_shown_twice_is_read_once() -> None:
    """Pages for two sizes of screens hold each paragraph twice."""
    assert len(body(f"<div><h1>{TITLE}</h1><div>{story()}</div><div>{story()}</div></div>")) == 4


def test_jsonld_says_which_container_is_the_text() -> None:
    """A longer text beside it, which JSON-LD does not have, is not the article's."""
    stated = " ".join(body(story()))
    rules = "".join(
        f"<p>Rule {n} of this house is that no one may say what he thinks of the storm.</p>" for n in range(9)
    )
    page = f"<div class=a>{story()}</div><div class=b>{rules}</div>"
    assert len(body(page, stated=stated)) == 4


def test_html_keeps_pictures_with_their_captions() -> None:
    """Captions are no text, but a feed shows them; late loading and srcset are resolved; a teaser's picture is gone."""
    found = html(
        f"""<article><h1>{TITLE}</h1>{story("ferry")}<figure><img src="data:image/gif;base64,x" data-src="/i/a.jpg"
        alt="The ferry"><figcaption>The ferry on a better day</figcaption></figure><p><picture><source
        srcset="/b-300.jpg 300w, /b-900.jpg 900w"><img alt=b></picture></p><a href=/x><img src=/x.jpg></a>
        <div class=related><img src=/y.jpg></div>{story("mill")}</article>"""
    )
    assert '<img src="https://gazette.example/i/a.jpg" alt="The ferry">' in found
    assert "<figcaption>The ferry on a better day</figcaption>" in found
    assert "https://gazette.example/b-900.jpg" in found
    assert "x.jpg" not in found and "y.jpg" not in found and TITLE not in found


def test_html_is_written_from_the_pages_own_markup() -> None:
    """Lists, quotes, links and emphasis stay; text in a bare div becomes a paragraph."""
    found = html(
        f"<div class=text><div>The <b>ferry</b> of the town stopped on Thursday, says <a href=/h>the harbour</a>.</div>"
        f"<ol><li>It goes again on Friday, says the harbour.</li></ol>{story('mill')}</div>"
    )
    assert found.startswith("<p>The <b>ferry</b> of the town")
    assert 'href="https://gazette.example/h"' in found and "<ol><li>It goes" in found


def test_reading_does_not_change_the_tree() -> None:
    """Who reads the page after this finds it whole."""
    from lxml.html import tostring

    root = tree(f"<article><h1>{TITLE}</h1>{story()}<figure><img data-src=/a.jpg></figure>{story('choir')}</article>")
    before = tostring(root)
    read_body(root, URL, title=TITLE)
    assert tostring(root) == before


@pytest.mark.parametrize(
    "page",
    [
        story() * 2000,
        "<div>" * 200 + story() * 500,
        "".join(f"<div class='live-post c{n}'><p>{n} " + "x" * 200 + "</p></div>" for n in range(5000)),
        story() + "<br>" * 25_000,
        story() + "subscribe " * 200_000,
        story() + "<a href=?page=2>2</a>" * 20_000,
    ],
    ids=["paragraphs", "deep", "classes", "breaks", "words", "links"],
)
def test_a_large_page_costs_a_bounded_time(page: str) -> None:
    """Time grows with length alone."""
    begun = time.process_time()
    try:
        assert read_body(tree(page), URL, title=TITLE).text
    except LookFault as fault:
        assert fault.outcome == Outcome.TOO_LARGE
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("at", range(0, 900, 45))
def test_a_page_cut_anywhere_still_reads(at: int) -> None:
    """What came is read, whatever tag or word the cut went through."""
    page = (
        f"<article><h1>{TITLE}</h1><figure><picture><source srcset='/a.jpg 300w'><img data-src='/a.jpg'>"
        f"</picture><figcaption>The ferry</figcaption></figure>{story()}<ul><li>One<br>two</li></ul><!-- x -->"
        "<table><tr><td>a</table>"
    )
    found = read_body(tree(page[:at] or " <p>"), URL, title=TITLE)
    assert "<source" not in found.html and TITLE not in found.text
