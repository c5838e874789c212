"""Pages read by what was learned of their source's layout: the same as in full, and in full where that will not do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from crawler.extract.layout import Layout
from crawler.fault import LookFault
from crawler.pages import Page
from crawler.read import read_article
from crawler.reading import read_page
from tests.crawler.newspaper_pages import NOW, article, page, paragraphs, url


def learned(pages: int = 3) -> tuple[Layout, ...]:
    layouts: tuple[Layout, ...] = ()
    for number in range(pages):
        layouts = read_page(page(number), layouts).layouts
    return layouts


def test_three_pages_make_a_layout() -> None:
    """Until then each page is read in full."""
    assert not any(one.is_known for one in learned(2))
    (layout,) = learned(3)
    assert (layout.is_known, layout.pages, layout.agreed) == (True, 3, 2)


def test_a_page_read_by_its_layout_says_all_that_it_says_in_full() -> None:
    """Every field, on pages that nobody learned from."""
    layouts = learned()
    for number in range(3, 23):
        reading = read_page(page(number), layouts)
        assert reading.by_layout
        assert reading.article == read_article(page(number))


def moved(number: int) -> str:
    """The text stands elsewhere, and a beginning of it where it stood."""
    text = "".join(f"<p>{one}</p>" for one in paragraphs(number))
    return (
        f'<h1>{page_title(number)}</h1><div class="story"><p>{paragraphs(number)[0]}</p></div><section>{text}</section>'
    )


def page_title(number: int) -> str:
    return article(number).partition("<h1>")[2].partition("</h1>")[0]


def emptied(number: int) -> str:
    return article(number, holder="text") + '<div class="story"></div>'


def doubled(number: int) -> str:
    return article(number) + '<div class="story"><p>Another one of these.</p></div>'


@pytest.mark.parametrize(
    "planted",
    [
        partial(page, main=partial(article, holder="text")),
        partial(page, main=moved),
        partial(page, main=emptied),
        partial(page, main=doubled),
        partial(page, day=""),
        partial(page, author="", main=partial(article, author="")),
    ],
    ids=["renamed", "moved", "emptied", "doubled", "no date", "no author"],
)
def test_a_change_of_layout_is_noticed(planted: partial[Page]) -> None:
    """The page is read in full, to what it says, and why is said in words."""
    changed = planted(7)
    reading = read_page(changed, learned())
    assert not reading.by_layout
    assert reading.missed
    assert reading.article == read_article(changed)
    if "main" in planted.keywords:
        assert reading.article.body.split("\n\n")[-1] == paragraphs(7)[-1]


def test_a_box_among_the_paragraphs_is_no_text() -> None:
    """What is marked up otherwise than the text was is weighed as in full."""
    box = (
        '<div class="related-box"><h4>Read also</h4><p>Ten mills that you should see before the spring comes.</p></div>'
    )
    changed = page(8, main=partial(article, box=box))
    assert read_page(changed, learned()).article.body == read_article(changed).body


def test_a_sample_is_read_both_ways() -> None:
    """Where they agree the layout is trusted the more."""
    reading = read_page(page(9), learned(), in_full=True)
    assert (reading.by_layout, reading.differs, reading.layouts[0].agreed) == (False, "", 3)


def test_a_difference_forgets_the_layout() -> None:
    """And says in which field; the full method's reading counts, the other is told, too."""
    (layout,) = learned()
    part = "".join(f"<p>{one}</p>" for one in paragraphs(15))
    changed = page(8, main=partial(article, box=f'<div class="part">{part}</div>'))
    wrong = replace(layout, kinds=replace(layout.kinds, left=("p||part",)))
    reading = read_page(changed, (wrong,), in_full=True)
    assert reading.article == read_article(changed)
    assert paragraphs(15)[0] in reading.article.body
    assert reading.other is not None
    assert paragraphs(15)[0] not in reading.other.body
    assert (reading.differs, reading.layouts[0].is_known) == ("body", False)


def test_a_second_page_makes_it_read_in_full() -> None:
    """Its link stands outside of what a layout looks at."""

    def goes_on(number: int) -> str:
        return article(number) + f'<p><a href="{url(number)}/2/">2</a></p>'

    reading = read_page(page(11, main=goes_on), learned())
    assert not reading.by_layout


@pytest.mark.parametrize(
    "tail",
    ["<script>" + "<div class='story'>" * 2000, "<!-- " * 5000, "<h1>" * 5000, '<div class="story">' * 2000],
    ids=["script", "comment", "headlines", "holders"],
)
def test_a_hostile_page_is_read_as_in_full_or_refused(tail: str) -> None:
    """What is not closed reaches to the page's end."""
    hostile = Page(url=url(5), body=page(5).body.replace(b"</body>", tail.encode()), fetched_at=NOW)
    try:
        whole = read_article(hostile)
    except LookFault as fault:
        with pytest.raises(LookFault) as raised:
            read_page(hostile, learned())
        assert raised.value.outcome is fault.outcome
    else:
        assert read_page(hostile, learned()).article.body == whole.body


@pytest.mark.parametrize(
    "wall",
    ['<div class="paywall">Members read on.</div>', "<div class=x><p>Subscribe to continue reading.</p></div>"],
    ids=["named", "said"],
)
def test_a_wall_behind_the_text_is_seen(wall: str) -> None:
    """It stands outside of what a layout looks at: such a page is read in full, and is a teaser where that says so."""

    def walled(number: int) -> str:
        text = "".join(f"<p>{one}</p>" for one in paragraphs(number)[:4])
        return f'<h1>{page_title(number)}</h1><div class="story">{text}</div>{wall}'

    reading = read_page(page(12, main=walled), learned())
    assert not reading.by_layout
    assert reading.article.teaser == read_article(page(12, main=walled)).teaser
