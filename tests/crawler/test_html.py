"""List pages: what is an article's link, and what is the frame round them."""

from datetime import UTC, datetime

import pytest

from crawler.extract.dates import stated
from crawler.fault import LookFault
from crawler.listings.html import MAX_LINKS, read
from crawler.pages import Page
from storage.model import ListingPage, Outcome

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
