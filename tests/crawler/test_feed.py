"""Feeds as they are found: three formats, odd links, and entities that must stay inert."""

from datetime import UTC, datetime

import pytest

from crawler.extract.dates import stated
from crawler.fault import LookFault
from crawler.feeds import read_feed
from crawler.feeds.entry import MAX_ENTRIES
from crawler.listings.feed import read
from crawler.pages import Page
from storage.model.looking import ListingPage, Outcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def listing(body: str | bytes, **known: str) -> ListingPage:
    return read(page_of(body, **known))


def page_of(body: str | bytes, **known: str) -> Page:
    data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return Page(url="https://gazette.example/feed.xml", body=data, fetched_at=NOW, **known)


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


def test_entries_without_an_address_are_entries() -> None:
    """They are no links, but a feed says them all the same."""
    feed = read_feed(page_of(rss("<item><title>a</title></item><item><title>b</title><link>/2</link></item>")))
    assert [(one.title, one.url) for one in feed.entries] == [("a", ""), ("b", "https://gazette.example/2")]


def test_an_enclosure_is_the_last_address_that_counts() -> None:
    """A recording beside the article is not the article, but better than nothing."""
    sound = '<enclosure url="https://gazette.example/1.mp3" type="audio/mpeg" length="9"/>'
    page = listing(rss(f"<item>{sound}<link>/1</link></item><item>{sound}</item>"))
    assert [link.url[-5:] for link in page.links] == ["ple/1", "1.mp3"]


def test_relative_addresses_follow_xml_base() -> None:
    """Each element may name the address that its links are relative to."""
    page = listing(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://gazette.example/en/"><title>G</title>'
        '<entry xml:base="2026/"><title>T</title><link href="ferry"/></entry></feed>'
    )
    assert [link.url for link in page.links] == ["https://gazette.example/en/2026/ferry"]


def test_the_articles_own_address_goes_before_that_of_feedburner() -> None:
    """The middleman counts clicks, and may be gone tomorrow."""
    head = '<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel>'
    item = (
        "<item><link>https://proxy.example/~r/g/1</link>"
        "<feedburner:origLink>https://gazette.example/1</feedburner:origLink></item>"
    )
    body = f"{head}{item}</channel></rss>"
    assert [link.url for link in listing(body).links] == ["https://gazette.example/1"]
    assert read_feed(page_of(body)).entries[0].url == "https://proxy.example/~r/g/1"


def test_a_feed_that_breaks_off_leaves_no_part_of_an_address_or_title() -> None:
    """What came before stays; half an address would be looked at, half a title would be an edit later."""
    whole = rss(
        "<item><title>first</title><link>/news/1</link></item>"
        "<item><link>/news/2</link><title>second piece</title></item>"
        "<item><title>third</title><link>/news/333</link></item>"
    )
    for end in range(whole.index("<item>") + 60, len(whole)):
        for link in listing(whole[:end]).links:
            assert link.url.rsplit("/", 1)[1] in ("1", "2", "333")
            assert link.title in ("", "first", "second piece", "third")


def test_words_in_front_of_a_feed_are_passed_over() -> None:
    """Servers print their own errors there."""
    body = "Warning: strtotime() in /srv/x.php on line 7<br />\n" + rss("<item><link>/1</link></item>")
    assert [link.url for link in listing(body).links] == ["https://gazette.example/1"]


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32"])
def test_wide_characters_are_read_with_and_without_a_mark(charset: str) -> None:
    """XML 1.0, appendix F: "<?" in wide characters tells them."""
    body = rss("<item><title>소식</title><link>/1</link></item>").encode(charset)
    assert [link.title for link in listing(body).links] == ["소식"]


def test_older_pages_of_a_feed_are_named() -> None:
    """RFC 5005; only within the site, and not the page itself."""
    links = "".join(
        f'<link rel="{rel}" href="{url}"/>'
        for rel, url in (
            ("self", "/feed.xml"),
            ("next", "/feed.xml?page=2"),
            ("prev-archive", "/2025.xml"),
            ("next", "https://rival.example/x"),
            ("previous", "/feed.xml?page=0"),
        )
    )
    page = listing(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>G</title>{links}</feed>')
    assert page.older == ("https://gazette.example/feed.xml?page=2", "https://gazette.example/2025.xml")


@pytest.mark.parametrize("said", ["2003", "2003-12", "soon"])
def test_no_day_is_invented(said: str) -> None:
    """A year is no first of January, as feedparser has it."""
    assert listing(rss(f"<item><link>/1</link><pubDate>{said}</pubDate></item>")).links[0].published is None


def test_an_unfinished_tag_in_a_title_is_text() -> None:
    """Only what is a whole tag is markup."""
    page = listing(rss("<item><title>Why a &lt;b is no tag</title><link>/1</link></item>"))
    assert page.links[0].title == "Why a <b is no tag"


JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "The Gazette", "language": "en",
  "next_url": "/feed.json?page=2", "items": [
  {"id": 7, "url": "/news/1", "title": "Ferry &amp; it", "date_published": "2026-01-06T10:00:00+09:00",
   "date_modified": "2026-01-07T10:00:00+09:00", "content_html": "<p>It <b>sailed</b>.</p>"},
  {"id": "https://gazette.example/news/2", "content_text": "No title."}, {"id": "x"}, 5]}"""


def test_json_feed_says_what_any_feed_says() -> None:
    """Version 1.1; an id that is an address will do, items that are none are passed over."""
    page = listing("\ufeff" + JSON_FEED)
    first, second = page.links
    assert (first.url, first.title, first.summary) == ("https://gazette.example/news/1", "Ferry & it", "It sailed.")
    assert first.published is not None
    assert (stated(first.published), first.lastmod) == ("2026-01-06T10:00:00+09:00", "2026-01-07T10:00:00+09:00")
    assert (second.url, second.summary) == ("https://gazette.example/news/2", "No title.")
    assert (page.title, page.language, page.older) == (
        "The Gazette", "en", ("https://gazette.example/feed.json?page=2",),
    )  # fmt: skip
    assert [one.id for one in read_feed(page_of(JSON_FEED)).entries] == ["7", "https://gazette.example/news/2", "x"]


@pytest.mark.parametrize("body", ["{", '{"a": 1}', '{"items": {}}', '{"items": ' + "[" * 100_000])
def test_json_that_is_no_feed_is_a_fault(body: str) -> None:
    """Another answer in JSON, one that breaks off, and one that nests without end."""
    with pytest.raises(LookFault) as raised:
        listing(body)
    assert raised.value.outcome == Outcome.UNREADABLE


def test_what_the_parser_cannot_bear_is_a_fault() -> None:
    """Feedparser breaks on some end tags without their beginning."""
    with pytest.raises(LookFault) as raised:
        listing("<rss version='2.0'><channel><image></width></image><item><title>&nope; a</title></item>")
    assert raised.value.outcome == Outcome.UNREADABLE
