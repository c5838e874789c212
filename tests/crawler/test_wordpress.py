"""WordPress's REST API as a listing: what it is asked for, and what it answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.extract.dates import stated
from crawler.fault import LookFault
from crawler.listings.wordpress import posts_url, read
from crawler.pages import Page
from crawler.read import read_listing
from storage.model.looking import ListingPage, Outcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = posts_url("https://gazette.example/wp-json/")
POST = {
    "id": 7,
    "date": "2026-11-12T19:00:00",
    "date_gmt": "2026-11-12T10:00:00",
    "modified": "2026-11-13T19:00:00",
    "modified_gmt": "2026-11-13T10:00:00",
    "link": "https://gazette.example/2026/ferry/",
    "title": {"rendered": "Ferry &#8217;s back"},
    "excerpt": {"rendered": "<p>It sailed &hellip;</p>\n"},
}


def listing(said: Any, url: str = URL, **known: str) -> ListingPage:
    return read(Page(url=url, body=json.dumps(said).encode(), fetched_at=NOW, **known))


def test_the_newest_posts_are_asked_for() -> None:
    """With permalinks and without; only the fields that are read."""
    assert URL == (
        "https://gazette.example/wp-json/wp/v2/posts?per_page=50&orderby=date"
        "&_fields=id,date,date_gmt,modified,modified_gmt,link,title,excerpt"
    )
    assert posts_url("https://gazette.example/?rest_route=/").startswith(
        "https://gazette.example/?rest_route=/wp/v2/posts&per_page=50"
    )


def test_a_post_says_when_it_was_published_and_modified() -> None:
    """In UTC; `lastmod` is what changes when the post does."""
    (link,) = listing([POST]).links
    assert (link.url, link.title, link.summary) == (POST["link"], "Ferry \u2019s back", "It sailed \u2026")
    assert link.published is not None
    assert (stated(link.published), link.lastmod) == ("2026-11-12T10:00:00+00:00", "2026-11-13T10:00:00Z")


def test_without_a_date_in_utc_no_zone_is_invented() -> None:
    """The site's own time has the source's zone, where it has one."""
    post = {"link": POST["link"], "date": POST["date"]}
    assert stated(listing([post]).links[0].published) == "2026-11-12T19:00:00"  # type: ignore[arg-type]
    seoul = listing([post], timezone="Asia/Seoul").links[0].published
    assert seoul is not None
    assert seoul.moment == datetime(2026, 11, 12, 10, tzinfo=UTC)


def test_a_full_answer_names_the_next_page() -> None:
    """A short one is the last."""
    posts = [POST | {"link": f"https://gazette.example/{n}"} for n in range(50)]
    (older,) = listing(posts).older
    assert older == URL + "&page=2"
    assert listing(posts, older).older == (URL + "&page=3",)
    assert listing(posts[:49]).older == listing([]).older == ()


def test_it_is_told_by_itself() -> None:
    """By its fields, or by its address where it is empty."""
    assert (
        read_listing(Page(url="https://x.example/", body=json.dumps([POST]).encode(), fetched_at=NOW))[0] == "wordpress"
    )
    assert read_listing(Page(url=URL, body=b"[]", fetched_at=NOW)) == ("wordpress", ListingPage(()))


@pytest.mark.parametrize(
    "said", [{"code": "rest_no_route", "message": "No route"}, {"code": 5}, "x", 5, None, [5], [{"id": 1}]]
)
def test_what_is_no_list_of_posts_is_a_fault(said: Any) -> None:
    """An error of WordPress is named by its code."""
    with pytest.raises(LookFault) as raised:
        listing(said)
    assert raised.value.outcome == Outcome.UNREADABLE
    assert ("rest_no_route" in raised.value.message) == (isinstance(said, dict) and said["code"] == "rest_no_route")
