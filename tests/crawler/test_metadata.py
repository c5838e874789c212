"""What the head of a page says: JSON-LD, meta tags, links; and the headline that all agree on."""

from datetime import UTC, datetime

import pytest

from crawler.extract.dates import stated
from crawler.extract.markup import tree
from crawler.extract.metadata import Metadata, read_metadata
from crawler.extract.people import names
from crawler.extract.title import headline
from crawler.pages import Page

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://www.gazette.example/news/ferry"


def metadata(head: str, url: str = URL) -> Metadata:
    return read_metadata(
        tree(f"<html><head>{head}</head><body></body></html>"), Page(url=url, body=b"x", fetched_at=NOW)
    )


def ld(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


def test_jsonld_of_the_page_itself_is_taken() -> None:
    """Of several articles the one that names this address; breadcrumbs and lists are none."""
    found = metadata(
        ld('[{"@type": "BreadcrumbList"}, {"@type": "NewsArticle", "headline": "Other", "url": "/news/other"}]')
        + ld(
            '{"@type": ["ReportageNewsArticle"], "headline": "Ferry", '
            '"mainEntityOfPage": {"@id": "https://gazette.example/news/ferry/"}}'
        )
    )
    assert found.titles == ("Ferry",)


@pytest.mark.parametrize(
    "json",
    ["", "{", "[" * 100_000, '{"@type": "NewsArticle", "headline": ' + "9" * 10_000 + "}", "null", "7", '"x"',
     '{"@type": [3], "headline": [[]], "author": [[[]], 5, null], "image": [[]], "publisher": 7, "url": {"a": 1}}',
     '{"@type": "Article", "headline": {"x": 1}, "author": {"name": {"name": {}}}, "datePublished": [{}]}'],
)  # fmt: skip
def test_broken_jsonld_is_passed_over(json: str) -> None:
    """Whatever stands there, the meta tags are read."""
    assert metadata(ld(json) + '<meta property="og:title" content="Ferry">').titles[-1] == "Ferry"


def test_jsonld_as_it_is_found_in_the_wild_is_read() -> None:
    """Comments round it, commas too many, line ends in texts, entities, and a surrogate without its half."""
    found = metadata(
        ld(
            '<!--\n{"@type": "NewsArticle", "headline": "Bread &amp; soup\n of \\ud800 today", '
            '"author": ["By Ada Example and Bob Example",],}\n-->'
        )
    )
    assert found.titles == ("Bread & soup of today",)
    assert found.authors == ("Ada Example", "Bob Example")


def test_future_and_filler_dates_fall_through_to_the_next_place() -> None:
    """A date that the page cannot have is not the article's; the meta tag's is."""
    found = metadata(
        ld(
            '{"@type": "NewsArticle", "headline": "F", "datePublished": "2031-01-01", '
            '"dateModified": "1970-01-01T00:00:00Z"}'
        )
        + '<meta property="article:published_time" content="2026-11-12T10:00:00+01:00">'
    )
    assert found.published is not None
    assert (stated(found.published), found.published.origin) == ("2026-11-12T10:00:00+01:00", "meta")
    assert found.modified is None


@pytest.mark.parametrize(
    ("head", "canonical"),
    [
        ('<link rel="canonical" href="/news/ferry">', "https://www.gazette.example/news/ferry"),
        ('<link rel="canonical" href="https://gazette.example/news/ferry">', "https://gazette.example/news/ferry"),
        ('<link rel="canonical" href="https://elsewhere.example/news/ferry">', ""),
        ('<link rel=canonical href=/><meta property=og:url content=/news/f>', "https://www.gazette.example/news/f"),
        ('<link rel="canonical" href="javascript:x">', ""),
        ('<link rel="canonical" href="http://127.0.0.1/">', ""),
    ],
)  # fmt: skip
def test_canonical_address_is_of_the_same_site_and_no_home_page(head: str, canonical: str) -> None:
    """A template's canonical link to its home page, or to another site, says nothing of this article."""
    assert metadata(head).canonical_url == canonical


@pytest.mark.parametrize(
    ("stated_names", "people"),
    [
        (["By Ada Example"], ("Ada Example",)),
        (["Ada Example, Bob Example und Cy Example"], ("Ada Example", "Bob Example", "Cy Example")),
        (["Ada Example", "ada example"], ("Ada Example",)),
        (["https://gazette.example/ada", "ada@gazette.example", ""], ()),
    ],
)
def test_names_are_names(stated_names: list[str], people: tuple[str, ...]) -> None:
    """No "By", no address, no e-mail, each once."""
    assert names(stated_names) == people


def test_site_is_author_only_where_nobody_else_is() -> None:
    """That the site wrote it says little of who did."""
    site = '<meta property="og:site_name" content="The Gazette"><meta name="author" content="Ada Example">'
    article = '{"@type": "NewsArticle", "headline": "F", "author": {"name": "The Gazette"}}'
    assert metadata(site + ld(article)).authors == ("Ada Example",)
    assert metadata(ld(article)).authors == ("The Gazette",)


@pytest.mark.parametrize(
    ("said", "headings", "page_title", "title"),
    [
        (["Ferry stops | The Gazette"], [], "", "Ferry stops"),
        ([], ["Ferry stops"], "Gazette - Ferry stops", "Ferry stops"),
        ([], [], "Ferry stops — gazette.example", "Ferry stops"),
        (["Ferry stops for the storm", "Ferry stops for the storm | Harbour"], [], "", "Ferry stops for the storm"),
        (["What the ferry does"], ["Ferry stops for the big storm"], "", "Ferry stops for the big storm"),
        (["SEO words"], ["Ferry stops"], "Ferry stops | The Gazette", "Ferry stops"),
        ([], ["The Gazette"], "The Gazette", ""),
        (["War - and peace"], [], "", "War - and peace"),
    ],
)
def test_headline_is_what_most_places_say_without_the_site(
    said: list[str], headings: list[str], page_title: str, title: str
) -> None:
    """A name of the site goes, a dash within a headline stays."""
    assert headline(said, headings, page_title, ["The Gazette"], "https://www.gazette.example/news/ferry") == title
