"""What a page shows of itself, held against its metadata: headline, bylines, dates, zones; and their bounds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.byline import read_byline
from crawler.extract.dates import read_date, stated
from crawler.extract.markup import tree
from crawler.extract.metadata import read_metadata
from crawler.extract.people import names
from crawler.extract.title import headline, visible_headlines
from crawler.fault import LookFault
from crawler.pages import Page
from crawler.read import read_article
from storage.model.articles import Article

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://www.gazette.example/news/ferry"
TEXT = "<p>The ferry stays in the harbour until the storm has passed over the island, the company said.</p>" * 8


def article(head: str, above: str = "", url: str = URL) -> Article:
    shown = f"<main><article><h1>Ferry stops for the storm</h1>{above}{TEXT}</article></main>"
    html = f"<html lang=en><head>{head}</head><body>{shown}</body></html>"
    return read_article(Page(url=url, body=html.encode(), content_type="text/html; charset=utf-8", fetched_at=NOW))


def ld(published: str, more: str = "") -> str:
    return (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry stops for the storm", '
        f'"datePublished": "{published}"{more}}}</script>'
    )


@pytest.mark.parametrize(
    ("text", "language", "says"),
    [
        ("Domenica 06 Dicembre 2020 | 00:36", "it", "2020-12-06T00:36"),
        ("26 листопада 2025, 12:30", "uk", "2025-11-26T12:30"),
        ("26 listopada 2025", "hr", "2025-10-26"),
        ("26 listopada 2025", "pl", "2025-11-26"),
        ("24 نيسان / أبريل 2020 09:22 مساءً", "ar", "2020-04-24T21:22"),
        ("26 พ.ย. 68", "th", "2025-11-26"),
        ("26 พฤศจิกายน 2568 เวลา 12:30 น.", "th", "2025-11-26T12:30"),
        ("۵ آذر ۱۴۰۴", "fa", "2025-11-26"),
        ("1399/12/30", "fa", "2021-03-20"),
        ("二〇二五年十月二十六日", "zh", "2025-10-26"),
        ("令和7年11月26日", "ja", "2025-11-26"),
        ("Stand: 06.11.2023, 18:19 Uhr", "de", "2023-11-06T18:19"),
        ("2小时前", "zh", "2026-11-23T10:00+00:00"),
        ("gestern, 14:30", "de", "2026-11-22T14:30"),
        ("vor 3 Tagen", "de", "2026-11-20"),
    ],
)
def test_dates_of_other_tongues_and_calendars_are_read(text: str, language: str, says: str) -> None:
    """Months by name, years of Thailand, Persia and Japan, Han numerals, and distances from now."""
    found = read_date(text, now=NOW, language=language)
    assert found is not None
    assert stated(found) == says


def test_zone_is_that_of_the_clock_that_readers_see() -> None:
    """A moment in UTC and a local clock of the same minute show the zone; the day is the readers'."""
    seen = article(ld("2026-05-04T00:44:52Z"), "<div><time>3 May 2026</time> <span>21:44</span></div>").published
    assert seen is not None
    assert (stated(seen), seen.origin) == ("2026-05-03T21:44:52-03:00", "json-ld")


def test_another_moment_shows_no_zone() -> None:
    """A clock with other minutes is another moment's, and UTC stays."""
    seen = article(ld("2026-05-04T00:44:52Z"), "<p>3 May 2026, 21:50</p>").published
    assert seen is not None
    assert stated(seen) == "2026-05-04T00:44:52+00:00"


def test_impossible_dates_are_doubts() -> None:
    """The next best date counts, and the article says which it left out and why."""
    found = article(ld("2031-01-01"), "<p>3 May 2026</p>")
    assert found.published is not None
    assert (stated(found.published), found.published.origin) == ("2026-05-03", "text")
    assert found.doubts == ("published 2031-01-01 (json-ld) lies in the future",)


def test_modified_long_before_published_is_a_doubt() -> None:
    """Hours are a text that was ready before its hour; days are not."""
    assert article(ld("2026-05-04T10:00:00Z", ', "dateModified": "2026-05-04T09:00:00Z"')).doubts == ()
    assert article(ld("2026-05-04T10:00:00Z", ', "dateModified": "2026-05-01T09:00:00Z"')).doubts == (
        "modified 2026-05-01T09:00:00+00:00 lies before published 2026-05-04T10:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("above", "url", "says"),
    [
        ("<p>05/06/2026</p>", URL, "2026-05-06"),
        ("<p>05/06/2026</p>", "https://gazette.example.co.uk/ferry", "2026-06-05"),
        ("<p>05/06/2026</p><ul><li>Storm <i>23/05/2026</i></ul>", URL, "2026-06-05"),
    ],
)
def test_order_of_day_and_month_is_the_sites(above: str, url: str, says: str) -> None:
    """Another date of the page settles it, then the country of the address, then the language."""
    found = article("", above, url).published
    assert found is not None
    assert stated(found) == says


def test_jsonld_in_cdata_and_with_a_broken_part_still_dates() -> None:
    """XML habits go, and one bad quotation mark does not cost the date."""
    whole = '{"@type": "NewsArticle", "headline": "Ferry", "datePublished": "2026-05-04"}'
    broken = '{"@type": "NewsArticle", "headline": "Ferry", "datePublished": "2026-05-04", "about": "a "big" storm"}'
    for script in (f"<![CDATA[\n[{whole}]\n]]>", f"//<![CDATA[\n{whole}\n//]]>", broken):
        root = tree(f'<html><head><script type="application/ld+json">{script}</script></head></html>')
        found = read_metadata(root, Page(url=URL, body=b"x", fetched_at=NOW)).published
        assert found is not None
        assert stated(found) == "2026-05-04"


@pytest.mark.parametrize(
    ("html", "people"),
    [
        (
            '<p class="byline">By <a rel="author">Ada Example</a> and <a rel="author">Bob Example</a></p>',
            "Ada Example|Bob Example",
        ),
        ('<div class="article-author">Von Ada Example, Berlin-Korrespondentin</div>', "Ada Example"),
        ("<p><b>By</b> Ada Example, Staff Writer</p>", "Ada Example"),
        ('<a href="/authors/ada-example">Ada Example</a>', "Ada Example"),
        ('<aside><span class="author">Zed Other</span></aside>', ""),
        ('<div class="comments"><span class="author">Zed Other</span></div>', ""),
        ('<figcaption class="author">Zed Other</figcaption><p>No more.</p>', ""),
    ],
)  # fmt: skip
def test_byline_is_read_where_it_stands(html: str, people: str) -> None:
    """Marks of authors and lines that begin with By count, those of comments, asides and pictures do not."""
    found = read_byline(tree(f"<html><body><main><h1>Ferry</h1>{html}<p>Text.</p></main></body></html>"))
    assert "|".join(found) == people


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("(서울=가상통신) 홍길동 기자 = 배가 멈췄다.\n\n끝.", ("홍길동",)),
        ("船停了。\n\n（记者张三、李四）", ("张三", "李四")),
        ("Ada Example\n\nThe ferry stays.", ("Ada Example",)),
        ("The ferry stays.\n\nIt waits.", ()),
    ],
)
def test_signature_of_the_text_is_a_byline(text: str, people: tuple[str, ...]) -> None:
    """Reporters as East Asian reports name them, and a paragraph that is a name and nothing else."""
    assert read_byline(tree("<html><body><h1>Ferry</h1></body></html>"), text=text) == people


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("Analysis by Ada Example, Senior Political Analyst", ("Ada Example",)),
        ("Ada Example in Washington", ("Ada Example",)),
        ("Ada Example, ada@gazette.example", ("Ada Example",)),
        ("Par E.P.", ("E.P.",)),
        ("Di Ada Esempio e Bo Esempio", ("Ada Esempio", "Bo Esempio")),
        ("Published Monday, November 18th, 04:05 pm", ()),
        ("Follow", ()),
    ],
)
def test_roles_places_and_times_are_no_names(line: str, people: tuple[str, ...]) -> None:
    """What stands round a name in a byline goes, initials keep their dots."""
    assert names([line]) == people


def test_heading_of_a_logo_or_a_menu_is_no_headline() -> None:
    """Of several h1 those of the frame are left out, and a kicker within the headline too."""
    root = tree(
        '<html><body><h1 class="logo">Gazette</h1><nav><h1>Menu</h1></nav>'
        '<h1><span class="kicker">Storm</span> Ferry stops</h1></body></html>'
    )
    assert visible_headlines(root) == ["Ferry stops"]


def test_kicker_that_all_metadata_have_stays() -> None:
    """Without it the headline would say little away from its page."""
    said = ["Harbour: Ferry stops", "Harbour: Ferry stops"]
    assert headline(said, ["Ferry stops"], "", [], URL) == "Harbour: Ferry stops"


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.from_regex(r"\A[0-9²٣۵ :./T+Z年月日-]{1,60}\Z"),
        st.sampled_from(
            ["9999-12-31T23:59:59-14:00", "0000-00-00", "0001-01-01T00:00:00+14:00", "1" * 10_000, " /" * 9999]
        ),
    ),
    st.sampled_from(["", "en", "th", "fa", "ko", "xx"]),
)
def test_no_text_breaks_the_reading_of_dates(text: str, language: str) -> None:
    """Whatever a page states as a date is read or left."""
    found = read_date(text, now=NOW, language=language)
    assert found is None or 1900 <= found.moment.year <= 2026


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from([1, 2000]))
def test_no_metadata_break_their_reading(one: str, two: str, times: int) -> None:
    """Metadata are anybody's text, in any length."""
    both = (one + two) * times
    html = (
        f'<html><head><meta property="article:published_time" content="{one}"><meta name="author" content="{both}">'
        f'<script type="application/ld+json">{{"@type": "Article", "headline": "{both}</script></head>'
        f'<body><h1>{two}</h1><p class="byline">{both}</p><time datetime="{both}">{one}</time></body></html>'
    )
    try:
        root = tree(html)
    except LookFault:  # "<B>" two thousand times is no page to read: refused before its metadata are looked at
        return
    page = Page(url=URL, body=b"x", fetched_at=NOW)
    read_metadata(root, page)
    read_byline(root, title=one, text=both)


def test_a_lower_heading_is_the_headline_where_the_title_begins_with_it() -> None:
    """Old sites have no h1; what stands behind it in <title> is the site's name, of which nothing else tells."""
    root = tree("<h2>Menu of the week</h2><h2>Ferry stops at the pier again</h2><h3>Ferry stops</h3>")
    title = "Ferry stops at the pier again - Agency"
    assert visible_headlines(root, title) == ["Ferry stops at the pier again"]
    assert visible_headlines(root, "Another matter of the day - Agency") == []
