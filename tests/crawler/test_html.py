"""List pages: what is an article's link, and what is the frame round them."""

import contextlib
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates import stated
from crawler.extract.selection import check_selector
from crawler.extract.shapes import shape
from crawler.fault import LookFault
from crawler.listings.html import MAX_LINKS, read
from crawler.pages import Page
from storage.model.looking import ListingPage, Outcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def listing(body: str, url: str = "https://gazette.example/") -> ListingPage:
    return read(Page(url=url, body=f"<html lang=en><body>{body}</body></html>".encode(), fetched_at=NOW))


def titles(page: ListingPage) -> list[str]:
    return [link.title for link in page.links]


def test_headlines_are_links_and_the_frame_is_not() -> None:
    """Menus, tags, authors, pages, logins, other sites, files and the page itself are left out."""
    page = listing(
        "<nav><a href=/sections/harbour-news-of-today>Harbour</a></nav>"
        "<h2><a href=/harbour/ferry-stops-for-the-storm>Ferry stops for the storm in the bay</a></h2>"
        "<h2><a href=/tag/ferry-and-the-storm-of-today>All that we know about the storm of today</a></h2>"
        "<h2><a href=/author/ada-example-of-the-gazette>Ada Example, who writes about the harbour</a></h2>"
        "<h2><a href=/harbour/page/2>Older stories from the harbour and the bay</a></h2>"
        "<h2><a href=https://elsewhere.example/a-story-of-today>A long story of quite another newspaper</a></h2>"
        "<h2><a href=/pictures/ferry-stops-for-the-storm.jpg>A picture of the ferry in the storm of today</a></h2>"
        "<h2><a href='/#top'>Back to the beginning of this very long page</a></h2>"
        "<h2><a href=/privacy-policy-terms-and-conditions>Privacy policy, terms and conditions of it all</a></h2>"
        "<footer><a href=/how-we-work-and-who-pays-us>How we work</a></footer>"
    )
    assert titles(page) == ["Ferry stops for the storm in the bay"]


def test_a_card_has_its_headline_as_title() -> None:
    """Of several links to one address, and of all that a card says, the headline counts; it is listed once."""
    page = listing(
        "<article><a href=/news/2026/11/12/ferry><img alt='A ferry'></a>"
        "<a href=/news/2026/11/12/ferry><h3>Ferry stops for storm</h3>"
        "<p>It will go on when the wind has gone down.</p></a>"
        "<a href=/news/2026/11/12/ferry#comments>17 comments on this story so far, join in</a></article>"
    )
    assert titles(page) == ["Ferry stops for storm"]


def test_date_beside_a_link_is_its_own() -> None:
    """The date in the same row counts, never that of a neighbour; else the one in the address."""
    page = listing(
        "<ul><li><a href=/a/first-story-of-the-long-day>First story of the long day</a> <span>2026-11-12</span></li>"
        "<li><a href=/a/second-story-of-the-long-day>Second story of the long day</a></li>"
        "<li><a href=/2026/11/10/third-story-of-the-long-day>Third story of the long day</a></li></ul>"
    )
    assert [stated(link.published) if link.published else "" for link in page.links] == ["2026-11-12", "", "2026-11-10"]


def test_short_headlines_with_dates_are_links() -> None:
    """A blog's list says little, but each row has its day."""
    rows = "".join(
        f"<p class=row><a href=/blog/{name}>{name.title()} out</a>, <span class=date>{day} March 2026</span></p>"
        for day, name in enumerate(("alpha", "beta", "gamma", "delta"), 10)
    )
    assert titles(listing(rows)) == ["Alpha out", "Beta out", "Gamma out", "Delta out"]


def test_many_articles_may_have_one_short_headline() -> None:
    """An agency has its press review every day, and a list page shows a week of them."""
    days = [
        f"<article><h2><a href=/en/article/review-{day}.html>Press Review</a></h2><time>2026-05-{day}</time></article>"
        for day in range(10, 15)
    ]
    story = (
        "<article><h2><a href=/en/article/ferry-stops-1.html>Ferry stops for the storm in the bay</a></h2></article>"
    )
    assert titles(listing("".join([*days, story]))).count("Press Review") == 5


def test_links_are_read_in_scripts_without_spaces() -> None:
    """A Korean headline of twelve letters is as long as an English one of thirty."""
    page = listing("<div><a href=/view/20261112001>지어낸 항구에서 배가 멈추었다고 한다</a></div>")
    assert len(page.links) == 1


def test_page_with_endless_links_is_cut() -> None:
    """100,000 links cost about a second and give MAX_LINKS."""
    page = listing(
        "".join(f"<a href=/story-{n}-of-the-day>Some long headline of number {n}</a>" for n in range(100_000))
    )
    assert len(page.links) == MAX_LINKS


@pytest.mark.parametrize("body", ["", "<p>Nothing here.</p>", "<nav><a href=/a>A</a></nav>"])
def test_page_without_articles_is_a_fault(body: str) -> None:
    """No links is "layout not recognised", never an empty listing."""
    with pytest.raises(LookFault) as raised:
        listing(body)
    assert raised.value.outcome == Outcome.UNREADABLE


def test_section_is_told_by_the_addresses_below_it() -> None:
    """A long name does not make an article of the page that lists the articles."""
    page = listing(
        "<h2><a href=/harbour-and-bay-news/>All the news of the harbour and the bay today</a></h2>"
        "<h2><a href=/harbour-and-bay-news/ferry-stops-for-the-storm>Ferry stops for the storm in the bay</a></h2>"
        "<h2><a href=/harbour-and-bay-news/crane-falls-into-the-bay>Crane falls into the bay at night</a></h2>"
    )
    assert titles(page) == ["Ferry stops for the storm in the bay", "Crane falls into the bay at night"]


def test_read_more_takes_the_headline_of_its_row() -> None:
    """What the link says is no title where a headline without a link stands beside it."""
    rows = "".join(
        f"<div class=row><h3>The {name} stops for the storm</h3>"
        f"<a href=/news/the-{name}-stops-for-it>Read more</a></div>"
        for name in ("ferry", "train", "plane")
    )
    assert titles(listing(rows)) == [f"The {name} stops for the storm" for name in ("ferry", "train", "plane")]


def test_kicker_is_not_glued_to_the_headline() -> None:
    """The word over a headline is left out, unless it is all there is."""
    page = listing(
        "<a href=/news/ferry-stops-for-the-storm><h3><span class=kicker>Harbour</span> Ferry stops for storm</h3></a>"
    )
    assert titles(page) == ["Ferry stops for storm"]


@pytest.mark.parametrize(
    "body",
    [
        "<div class=card><a href=/news/2026/11/12/ferry aria-label='Ferry stops for the storm in the bay'></a>-</div>",
        "<table><tr><td><a href=/news/2026/11/12/ferry>Ferry stops for the storm in the bay</a><td>2026-11-12</table>",
        "<dl><dt><a href=/news/2026/11/12/ferry>Ferry stops for the storm in the bay</a><dd>2026-11-12</dl>",
        "<noscript><a href=/news/2026/11/12/ferry>Ferry stops for the storm in the bay</a></noscript>",
        "<base href=/news/><a href=2026/11/12/ferry>Ferry stops for the storm in the bay</a>",
        "<a href='javascript:void(0)' onclick=\"fn_show('A1')\">A headline that only a script can open today</a>"
        "<ul><li><a href=/news/2026/11/12/ferry>Ferry stops for the storm in the bay</a></ul>",
    ],
)
def test_shapes_of_lists(body: str) -> None:
    """Cards with a link laid over them, tables, definition lists, noscript, <base>; scripts' links are left out."""
    page = listing(body)
    assert [(link.url, link.title) for link in page.links] == [
        ("https://gazette.example/news/2026/11/12/ferry", "Ferry stops for the storm in the bay")
    ]
    assert page.links[0].published and stated(page.links[0].published) == "2026-11-12"


@pytest.mark.parametrize(
    "headline",
    [
        "지어낸 항구에서 배가 멈추었다",
        "虚构港口的渡轮因风暴停航",
        "架空の港で船が嵐で止まる",
        "Паром остановлен из-за шторма",
        "توقفت العبارة بسبب العاصفة",
    ],
)
def test_table_of_short_headlines_with_dates(headline: str) -> None:
    """State media list a number and a day; the headline is short in letters and long in what it says."""
    rows = "".join(
        f"<tr><td>{n}</td><td><a href='/view.php?no={n}'>{headline} {n}</a></td><td>2026.11.{n}</td></tr>"
        for n in range(10, 15)
    )
    page = listing(f"<ul class=menu><li><a href=/a.php>{headline[:4]}</a></ul><table>{rows}</table>")
    assert titles(page) == [f"{headline} {n}" for n in range(10, 15)]
    assert stated(page.links[0].published) == "2026-11-10" if page.links[0].published else False


def test_selector_decides_alone() -> None:
    """Matching links, or the longest link in a matching element, in page order, however poor they look."""
    body = (
        "<p class=one><a href=/b>More</a> <a href=/a>Ferry out</a></p><a class=two href=/c>Crane</a>"
        "<h2><a href=/2026/11/12/another-long-story-of-today>Another long story of this day in the bay</a></h2>"
    )
    page = read(Page(url="https://gazette.example/", body=body.encode(), fetched_at=NOW, select="p.one, a.two"))
    assert titles(page) == ["Ferry out", "Crane"]


@pytest.mark.parametrize(("selector", "says"), [("ul.gone a", "ul.gone a"), ("a[", "is no CSS selector")])
def test_selector_that_finds_nothing_is_a_fault(selector: str, says: str) -> None:
    """The fault names the selector: the layout has changed, or it was never right."""
    with pytest.raises(LookFault, match=re.escape(says)) as raised:
        read(Page(url="https://gazette.example/", body=b"<a href=/a>A</a>", fetched_at=NOW, select=selector))
    assert raised.value.outcome == Outcome.UNREADABLE


def test_selectors_are_checked_in_words() -> None:
    """A right selector has no fault; a wrong one is named in it."""
    assert check_selector("main article > a.headline") == ""
    assert "'a['" in check_selector("a[") and check_selector("") and check_selector("a::before")


def test_fragments_are_kept_where_they_choose_the_article() -> None:
    """Many stories in one page at one site; places within a page elsewhere."""
    body = (
        "<a href=/item/20261112.htm#1>First story of the long day in the bay</a>"
        "<a href=/item/20261112.htm#2>Second story of it today, also long</a>"
    )
    assert len(listing(body, "http://www.kcna.co.jp/index-e.htm").links) == 2
    assert [link.url for link in listing(body).links] == ["https://gazette.example/item/20261112.htm"]


def test_lessons_decide_about_poor_links() -> None:
    """A shape that was always articles is taken with a poor anchor; one that never was is left out."""
    good, bad = "https://gazette.example/x/one", "https://gazette.example/the-best-of-the-shop/a-good-offer-of-the-day"
    body = f"<a href={good}>Ferry</a><p><a href={bad}>A headline that is long enough for an article</a>"
    assert [link.url for link in listing(body).links] == [bad]
    lessons = ((shape(good), 5, 0), (shape(bad), 0, 5))
    page = read(Page(url="https://gazette.example/", body=body.encode(), fetched_at=NOW, known_shapes=lessons))
    assert [link.url for link in page.links] == [good]


@given(st.integers(0, 2000), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=30))
def test_broken_pages_are_read_or_refused(cut: int, flips: list[tuple[int, int]]) -> None:
    """A page cut off or with changed bytes gives links or a fault, never another error."""
    rows = "".join(
        f"<li class=row><h3><a href='/news/2026/11/{n}/story-{n}-of-it?p={n}#c'>Story {n} of the day &amp; it</a></h3>"
        f"<time datetime=2026-11-{n}>x</time></li>"
        for n in range(10, 22)
    )
    body = bytearray(f"<base href=/><ul>{rows}</ul><a rel=next href='?page=2'>다음</a>".encode())
    for place, byte in flips:
        body[place % len(body)] = byte
    with contextlib.suppress(LookFault):
        read(Page(url="https://gazette.example/", body=bytes(body[: len(body) - cut]), fetched_at=NOW, select=""))
