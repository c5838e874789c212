"""Feeds as they are found: three formats, odd links, and entities that must stay inert."""

from datetime import UTC, datetime

import pytest

from crawler.extract.dates import stated
from crawler.fault import LookFault
from crawler.feeds.entry import MAX_ENTRIES
from crawler.listings.feed import read
from crawler.pages import Page
from storage.model import ListingPage, Outcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def listing(body: str | bytes, **known: str) -> ListingPage:
    data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return read(Page(url="https://gazette.example/feed.xml", body=data, fetched_at=NOW, **known))


def rss(items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Gazette</title>{items}</channel></rss>'


def test_rss_says_title_date_and_summary() -> None:
    """Markup in a title, escaped or not, becomes plain text."""
    page = listing(
        rss(
            "<item><title>Bread &amp;amp; &lt;b&gt;soup&lt;/b&gt;</title><link>/news/1</link>"
            "<pubDate>Tue, 06 Jan 2026 10:11:12 GMT</pubDate><description>&lt;p&gt;Good.&lt;/p&gt;</description></item>"
        )
    )
    (link,) = page.links
    assert (page.title, link.url, link.title, link.summary) == (
        "The Gazette", "https://gazette.example/news/1", "Bread & soup", "Good.",
    )  # fmt: skip
    assert link.published is not None
    assert stated(link.published) == "2026-01-06T10:11:12+00:00"
    assert link.published.origin == "feed"


def test_atom_keeps_the_alternate_link_and_the_update() -> None:
    """`updated` is what changes when the article does."""
    page = listing(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>G</title><entry><title>T</title><id>tag:x</id>'
        '<link rel="self" href="/api/1"/><link rel="alternate" href="/news/1"/>'
        "<published>2026-01-06T10:00:00+09:00</published><updated>2026-01-07T10:00:00+09:00</updated></entry></feed>"
    )
    (link,) = page.links
    assert (link.url, link.lastmod) == ("https://gazette.example/news/1", "2026-01-07T10:00:00+09:00")


def test_rdf_is_read() -> None:
    """RSS 1.0 is still served in Japan and elsewhere."""
    page = listing(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="http://gazette.example/1"><title>T</title>'
        "<link>http://gazette.example/1</link><dc:date>2026-01-06T10:00:00+09:00</dc:date></item></rdf:RDF>"
    )
    assert [link.url for link in page.links] == ["http://gazette.example/1"]
    assert page.links[0].published is not None


def test_only_addresses_that_may_be_followed_are_links() -> None:
    """A guid that is an address will do; javascript, files and nothing at all will not; none comes twice."""
    page = listing(
        rss(
            "<item><title>a</title><guid>https://gazette.example/g</guid></item>"
            "<item><title>b</title><link>javascript:alert(1)</link></item>"
            "<item><title>c</title><link>file:///etc/passwd</link><guid isPermaLink='false'>77</guid></item>"
            "<item><title>d</title></item><item><title>again</title><link>https://gazette.example/g</link></item>"
        )
    )
    assert [(link.url, link.title) for link in page.links] == [("https://gazette.example/g", "a")]


def test_entities_are_inert() -> None:
    """Billions of laughs are not laughed, and no file is read."""
    grown = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    item = "<item><title>x {0}</title><link>/1</link></item>"
    for entities, name in ((f'<!ENTITY a "ha">{grown}', "&j;"), ('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")):
        page = listing(rss(item.format(name)).replace("<rss", f"<!DOCTYPE r [{entities}]><rss", 1))
        assert all(len(link.title) < 20 and "root" not in link.title for link in page.links)


def test_odd_charset_and_control_characters_are_read() -> None:
    """The header's charset is a label and never a Python codec; what XML forbids is dropped."""
    page = listing(
        rss("<item><title>a\0b\x1b\ud800 é</title><link>/1</link></item>").replace("\ud800", ""),
        content_type="text/xml; charset=rot13",
    )
    assert page.links[0].title == "ab é"
    korean = '<?xml version="1.0" encoding="euc-kr"?>' + rss("<item><title>소식</title><link>/1</link></item>")[21:]
    assert listing(korean.encode("euc-kr")).links[0].title == "소식"


def test_endless_feed_is_cut() -> None:
    """The newest entries stand first; the rest is not even parsed."""
    page = listing(rss("".join(f"<item><title>t{n}</title><link>/{n}</link></item>" for n in range(20_000))))
    assert len(page.links) == MAX_ENTRIES
    assert page.links[0].url.endswith("/0")


@pytest.mark.parametrize(
    ("body", "outcome"),
    [(b"", Outcome.NOT_WHOLE), (b"<html><p>no</html>", Outcome.UNREADABLE), (b"plain", Outcome.UNREADABLE)],
)
def test_what_is_no_feed_is_a_fault(body: bytes, outcome: Outcome) -> None:
    """An empty answer and a page of another kind are named, and never an empty feed."""
    with pytest.raises(LookFault) as raised:
        listing(body)
    assert raised.value.outcome == outcome


def test_feed_without_entries_is_no_fault() -> None:
    """A quiet source is not broken."""
    assert listing(rss("")).links == ()
