"""What a site offers, and which of it is chosen: told by pages, without asking anyone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from crawler.choice import Found, Judged, choice
from crawler.discover import MAX_OFFERS, Offer, offers, well_known
from crawler.listings.wordpress import posts_url
from crawler.pages import Page
from storage.model.articles import When
from storage.model.looking import Link, ListingPage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME = "https://gazette.example/"


def offered(html: str, link_header: str = "", url: str = HOME) -> list[tuple[str, str, str]]:
    page = Page(url=url, body=html.encode(), fetched_at=NOW)
    return [
        (one.url.removeprefix("https://gazette.example"), one.kind, one.told_by) for one in offers(page, link_header)
    ]


def test_a_page_declares_its_feeds() -> None:
    """By type, in any spelling; other alternates are none."""
    assert offered(
        "<head><LINK REL='Alternate home' TYPE='Application/RSS+xml; charset=utf-8' HREF=' /feed/ '>"
        "<link rel=alternate type=application/feed+json href=/feed.json>"
        "<link rel=alternate type=application/json+oembed href=/oembed>"
        "<link rel=alternate type=application/json href=/wp-json/wp/v2/pages/7>"
        "<link rel=alternate hreflang=de href=/de/><link rev=alternate type=application/rss+xml href=/404>"
        "<link rel=alternate type=text/xml href=/rss.xml><link rel=sitemap href=/maps.xml></head>"
    ) == [
        ("/feed/", "feed", "link"),
        ("/rss.xml", "feed", "link"),
        ("/maps.xml", "sitemap", "link"),
        ("/feed.json", "feed", "link"),
    ]


def test_addresses_follow_the_base_of_the_page() -> None:
    """And what stands in a comment or a script is not the page's."""
    link = "<link rel=alternate type=application/atom+xml href={}>"
    html = f"<base href=/en/>{link.format('a')}<!-- {link.format('b')} --><script>'{link.format('c')}'</script>"
    assert offered(html) == [("/en/a", "feed", "link")]


def test_wordpress_names_its_api() -> None:
    """In the page's head or in the header of the answer."""
    posts = posts_url("/wp-json/")
    assert offered('<link rel="https://api.w.org/" href="/wp-json/">') == [(posts, "wordpress", "link")]
    header = '<https://gazette.example/wp-json/>; rel="https://api.w.org/", </x>; rel=preload; as=style'
    assert offered("<p>", header) == [(posts, "wordpress", "header")]


def test_links_that_look_like_feeds_are_offered() -> None:
    """By their address or by their words; those of comments and those to other sites' pages are not."""
    assert offered(
        "<a href=/news/rss.xml>All news</a><a href=/abo>RSS</a><a href=/comments/feed/>Comments</a>"
        "<a href=/feedback>Feedback</a><a href=/rss-explained>What is RSS and how do I read it?</a>"
        "<a href=https://burner.example/gazette/rss>RSS feed</a><a href=https://rival.example/rss>News</a>"
        "<a href=/sitemap.xml>Sitemap</a>"
    ) == [
        ("/news/rss.xml", "feed", "anchor"),
        ("/abo", "feed", "anchor"),
        ("https://burner.example/gazette/rss", "feed", "anchor"),
        ("/sitemap.xml", "sitemap", "anchor"),
    ]


def test_a_page_makes_only_so_many_offers() -> None:
    """A hostile one names a million."""
    html = "".join(f"<link rel=alternate type=application/rss+xml href=/{n}/feed>" for n in range(1000))
    assert len(offered(html)) == MAX_OFFERS


def test_well_known_places_are_in_the_order_of_trust() -> None:
    """Feeds, news sitemaps, sitemaps, WordPress, JSON; of a section its own feed comes first."""
    places = [one.url.removeprefix("https://gazette.example") for one in well_known(HOME)]
    order = ["/feed/", "/news-sitemap.xml", "/sitemap.xml", posts_url("/wp-json/"), "/feed.json"]
    assert [place for place in places if place in order] == order
    assert well_known("https://gazette.example/sport?x=1")[0].url == "https://gazette.example/sport/feed/"
    assert well_known("ftp://gazette.example/") == ()


def found(
    place: str, kind: str, links: Sequence[int], age_days: float = 1, title: str = "", told_by: str = "link"
) -> Found:
    when = When(NOW - timedelta(days=age_days))
    listed = tuple(Link(f"{HOME}news/{n}", "A headline", when) for n in links)
    return Found(Offer(HOME + place, kind, title, "link"), ListingPage(listed), NOW)


def chosen(*listings: Found, url: str = HOME) -> list[str]:
    return [one.found.offer.url.removeprefix(HOME) for one in choice(listings, url) if one.is_chosen]


def reasons(*listings: Found, url: str = HOME) -> dict[str, str]:
    judged: tuple[Judged, ...] = choice(listings, url)
    assert len(judged) == len(listings)
    return {one.found.offer.url.removeprefix(HOME): one.reason for one in judged}


def test_a_feed_that_shows_what_the_page_shows_is_enough() -> None:
    """It is chosen before all others, whatever the order in which they were found."""
    page, feed, posts = (
        found("", "html", range(20)),
        found("feed", "feed", range(30)),
        found("wp", "wordpress", range(50)),
    )
    assert chosen(page, posts, feed) == ["feed"]
    assert reasons(page, posts, feed) == {
        "feed": "lists 30 articles of this site; the feed is what we trust most here",
        "wp": "the feed is enough",
        "": "the feed is enough",
    }


def test_a_short_feed_gets_the_list_page_beside_it() -> None:
    """Articles fall out of it between two looks."""
    page, feed = found("", "html", range(20)), found("feed", "feed", range(10))
    assert chosen(page, feed) == ["feed", ""]
    assert reasons(page, feed)[""] == "fills the gaps of the feed, which holds 10 articles only"
    assert chosen(page, feed, found("news.xml", "sitemap", range(80))) == ["feed", "news.xml"]


def test_a_feed_that_lacks_what_the_page_shows_gets_the_page_beside_it() -> None:
    """Some feeds hold a choice of the editors."""
    page, feed = found("", "html", range(100, 120)), found("feed", "feed", range(90, 110))
    assert chosen(page, feed) == ["feed", ""]
    assert reasons(page, feed)[""] == "fills the gaps of the feed, which lacks 10 articles that the page shows first"


@pytest.mark.parametrize(
    ("feed", "reason"),
    [
        (found("comments/feed", "feed", range(20)), "lists comments"),
        (found("feed", "feed", range(20), title="Comments on: Gazette"), "lists comments"),
        (found("feed", "feed", ()), "lists nothing"),
        (
            found("feed", "feed", range(20), age_days=200),
            "is stale: its newest article is of 2026-05-07",
        ),
        (found("category/sport/feed", "feed", range(20)), "lists one section only, and the home page was given"),
        (
            Found(Offer(HOME + "feed", "feed"), ListingPage((Link("https://rival.example/1"),)), NOW),
            "leads to other sites",
        ),
    ],
)
def test_unfit_feeds_are_left_out_with_the_reason(feed: Found, reason: str) -> None:
    """The list page is read in their place."""
    page = found("", "html", range(20))
    assert chosen(page, feed) == [""]
    assert reasons(page, feed)[feed.offer.url.removeprefix(HOME)].startswith(reason)


def test_a_sections_feed_is_right_for_its_section_and_where_nothing_else_is() -> None:
    """Whoever gives a section's address wants the section."""
    section = found("category/sport/feed", "feed", range(20))
    assert chosen(section, found("", "html", range(20)), url=HOME + "category/sport/") == ["category/sport/feed"]
    assert chosen(section) == ["category/sport/feed"]


def test_an_old_feed_is_not_stale_where_nothing_is_newer() -> None:
    """A quiet site is quiet."""
    assert chosen(found("", "html", range(20), age_days=90), found("feed", "feed", range(20), age_days=90)) == ["feed"]


def test_of_nothing_nothing_is_chosen() -> None:
    """The caller then says why of each."""
    assert choice((), HOME) == ()
    assert chosen(found("feed", "feed", ())) == []
