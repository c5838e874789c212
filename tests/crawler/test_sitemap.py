"""Sitemaps: Google's, plain ones, zipped ones, and an index of many."""

import gzip
from datetime import UTC, datetime
from time import process_time

import pytest

from crawler.extract.dates import stated
from crawler.fault import LookFault
from crawler.listings.sitemap import MAX_LINKS, read
from crawler.pages import Page
from storage.model.looking import ListingPage, Outcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
)


def listing(body: str | bytes) -> ListingPage:
    data = body.encode() if isinstance(body, str) else body
    return read(Page(url="https://gazette.example/sitemap.xml", body=data, fetched_at=NOW))


def test_news_sitemap_says_title_and_date() -> None:
    """The title is the article's, not that of a picture beside it."""
    page = listing(
        HEAD + "<url><loc>https://gazette.example/1</loc>"
        "<image:image><image:title>no</image:title></image:image><news:news>"
        "<news:publication><news:name>G</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2026-11-12T10:00:00+01:00</news:publication_date>"
        "<news:title>Ferry &amp; it</news:title>"
        "</news:news></url></urlset>"
    )
    (link,) = page.links
    assert (link.url, link.title, page.language) == ("https://gazette.example/1", "Ferry & it", "en")
    assert link.published is not None
    assert stated(link.published) == "2026-11-12T10:00:00+01:00"


def test_newest_come_first_and_lastmod_is_kept_as_written() -> None:
    """`lastmod` is no publication date; it only orders, and tells that something changed."""
    page = listing(
        HEAD
        + "".join(f"<url><loc>/{day}</loc><lastmod>2026-11-0{day}</lastmod></url>" for day in (1, 3, 2))
        + "<url><loc>/0</loc></url></urlset>"
    )
    assert [link.url[-1] for link in page.links] == ["3", "2", "1", "0"]
    assert (page.links[0].lastmod, page.links[0].published) == ("2026-11-03", None)


def test_index_names_its_newest_sitemaps() -> None:
    """At most three, news first, and none of them links."""
    names = [("old", "2020-01-01"), ("pages", "2026-11-01"), ("news", "2026-10-01"), ("shop", "2026-11-02"), ("x", "")]
    body = "".join(
        f"<sitemap><loc>https://gazette.example/{n}.xml</loc><lastmod>{d}</lastmod></sitemap>" for n, d in names
    )
    page = listing(f"<sitemapindex>{body}</sitemapindex>")
    assert page.links == ()
    assert [one.rsplit("/", 1)[1] for one in page.listings] == ["news.xml", "shop.xml", "pages.xml"]


def test_zipped_sitemap_is_read_and_a_bomb_is_not() -> None:
    """What unpacks without end is refused before it is unpacked; what breaks off is not whole."""
    body = gzip.compress(f"{HEAD}<url><loc>/1</loc></url></urlset>".encode())
    assert len(listing(body).links) == 1
    with pytest.raises(LookFault) as raised:
        listing(gzip.compress(b" " * 50_000_000))
    assert raised.value.outcome == Outcome.TOO_LARGE
    with pytest.raises(LookFault) as raised:
        listing(body[:-12])
    assert raised.value.outcome == Outcome.NOT_WHOLE


def test_nothing_outside_is_loaded() -> None:
    """An external entity stays empty."""
    page = listing(
        '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>https://gazette.example/&x;</loc></url></urlset>'
    )
    assert [link.url for link in page.links] == ["https://gazette.example/"]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [(b"", Outcome.NOT_WHOLE), (b"<html/>", Outcome.UNREADABLE), (b"\x1f\x8bxx", Outcome.UNREADABLE)],
)
def test_what_is_no_sitemap_is_a_fault(body: bytes, outcome: Outcome) -> None:
    """It is named, and never an empty sitemap."""
    with pytest.raises(LookFault) as raised:
        listing(body)
    assert raised.value.outcome == outcome


def test_an_index_names_no_sitemaps_of_another_site() -> None:
    """Else it would have us look at another's pages, in front of that site's own."""
    named = ("https://rival.example/1.xml", "https://maps.gazette.example/2.xml")
    body = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in named)
    assert listing(f"<sitemapindex>{body}</sitemapindex>").listings == ("https://maps.gazette.example/2.xml",)


def test_an_address_with_a_million_fields_takes_no_longer_than_its_bytes() -> None:
    """Taken one by one from the front of a list, they took half a minute."""
    begun = process_time()
    listing(HEAD + "<url>" + "<news/>" * 800_000 + "<loc>/1</loc></url></urlset>")
    assert process_time() - begun < 15


def test_of_many_addresses_the_newest_are_kept() -> None:
    """Wherever in the file they stand."""
    rows = "".join(f"<url><loc>/{n}</loc><lastmod>2026-{n % 10 + 1:02}-01</lastmod></url>" for n in range(9_999))
    page = listing(HEAD + rows + "<url><loc>/x</loc><lastmod>2026-11-20</lastmod></url></urlset>")
    assert len(page.links) == MAX_LINKS
    assert [link.url[-2:] for link in page.links[:3]] == ["/x", "/9", "19"]
    assert {link.lastmod for link in page.links[1:]} == {"2026-10-01", "2026-09-01"}


def test_the_sitemaps_that_are_not_followed_are_older() -> None:
    """Newest first, by lastmod or else by the month in the name; where neither is, the last named is the newest."""
    months = ["2026-11", "2026-10", "2026-09", "2026-08", "2026-07"]
    body = "".join(f"<sitemap><loc>https://gazette.example/map-{month}.xml</loc></sitemap>" for month in months)
    page = listing(f"<sitemapindex>{body}</sitemapindex>")
    assert [one[-11:-4] for one in page.listings + page.older] == months
    assert len(page.listings) == 3
    body = "".join(f"<sitemap><loc>https://gazette.example/map{n}.xml</loc></sitemap>" for n in range(1, 6))
    page = listing(f"<sitemapindex>{body}</sitemapindex>")
    assert [one[-5] for one in page.listings + page.older] == ["5", "4", "3", "2", "1"]


def test_a_sitemap_that_breaks_off_keeps_whole_addresses() -> None:
    """Half an address is none."""
    whole = HEAD + "<url><loc>https://gazette.example/1</loc></url><url><loc>https://gazette.example/222</loc></url>"
    for end in range(len(HEAD) + 45, len(whole)):
        assert {link.url for link in listing(whole[:end]).links} <= {"https://gazette.example/1"}


def test_a_bare_ampersand_does_not_change_an_address() -> None:
    """The parser drops what looks like an entity of its own; in CDATA it stands for itself."""
    page = listing(
        HEAD + "<url><loc>https://gazette.example/?a=1&b=2&amp;c=3</loc></url>"
        "<url><loc><![CDATA[https://gazette.example/?a=1&d=2]]></loc></url></urlset>"
    )
    assert [link.url for link in page.links] == [
        "https://gazette.example/?a=1&b=2&c=3",
        "https://gazette.example/?a=1&d=2",
    ]


def test_a_title_that_was_escaped_twice_is_read() -> None:
    """News sitemaps are written by templates that escape what was escaped."""
    page = listing(
        HEAD
        + "<url><loc>/1</loc><news:news><news:title>A &amp;quot;B&amp;quot;</news:title></news:news></url></urlset>"
    )
    assert page.links[0].title == 'A "B"'


def test_lists_of_addresses_and_feeds_pass_for_sitemaps() -> None:
    """The protocol allows a text file, RSS and Atom."""
    page = listing("\ufeffhttps://gazette.example/1\r\n\r\nno address\r\nhttps://gazette.example/2\r\n")
    assert [link.url[-1] for link in page.links] == ["1", "2"]
    page = listing("<rss version='2.0'><channel><item><title>T</title><link>/1</link></item></channel></rss>")
    assert [(link.url, link.title) for link in page.links] == [("https://gazette.example/1", "T")]


def test_words_in_front_of_a_sitemap_are_passed_over() -> None:
    """As in front of a feed."""
    assert len(listing(f"Notice: x\n{HEAD}<url><loc>/1</loc></url></urlset>").links) == 1


def test_odd_dates_cost_little() -> None:
    """One that is in no standard form takes milliseconds to read, and a hostile sitemap has 50,000."""
    begun = process_time()
    rows = "".join(f"<url><loc>/{n}</loc><lastmod>{n} days hence or ago</lastmod></url>" for n in range(20_000))
    assert len(listing(HEAD + rows + "</urlset>").links) == MAX_LINKS
    assert process_time() - begun < 15


def test_a_prefix_that_nobody_declared_is_passed_over() -> None:
    """Templates forget to declare the namespace of news."""
    news = "<news:news><news:title>T</news:title></news:news>"
    page = listing(f"<urlset><url><loc>/1</loc>{news}</url></urlset>")
    assert [(link.url, link.title) for link in page.links] == [("https://gazette.example/1", "T")]
    assert len(listing("<s:urlset><s:url><s:loc>/1</s:loc></s:url></s:urlset>").links) <= 1
