"""Addresses that mean more, or less, than they look: fragments that tell stories apart, many addresses of one text."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.read import read_article, read_listing
from crawler.sites.rodong import same_address
from storage.identity import address_key, canonical_url
from tests.sites.recorded import page_of

DAY = Path(__file__).parent / "kcna_co_jp" / "many_stories_listing.html"
DAY_URL = "http://www.kcna.co.jp/item/2004/200410/news10/27.htm"


def rodong(said: str, *, language: str = "en", padded: bool = True) -> str:
    packed = b64encode(said.encode()).decode()
    return f"http://www.rodong.rep.kp/{language}/index.php?{packed if padded else packed.rstrip('=')}"


def test_stories_of_one_page_stay_apart_from_the_listing_to_the_article() -> None:
    """What a listing links to by #n is one address for each n, and each is read as the story of its own number."""
    page = page_of(DAY.read_bytes(), {"url": DAY_URL})
    _, listing = read_listing(page)
    assert len({address_key(one.url) for one in listing.links}) == len(listing.links) == 2
    assert [canonical_url(one.url) for one in listing.links] == [one.url for one in listing.links]
    titles = []
    for one in listing.links:
        story = page_of(
            DAY.read_bytes(), {"url": DAY_URL, "listed": {"url": one.url, "title": one.title, "published": ""}}
        )
        titles.append(read_article(story).title)
    assert titles == [one.title for one in listing.links]


@pytest.mark.parametrize(
    "url",
    [
        rodong("12@2024-08-01-H003@15@1@@0@1"),
        rodong("12@2024-08-01-H003@2@4@@0@1@"),
        rodong("8@2024-08-01-H003@19@@mill@7", padded=False),
        rodong("12@2024-08-01-H003@15@1@@0@1").replace("=", "%3D"),
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_02_01&newsID=2024-08-01-H003",
    ],
)
def test_all_addresses_of_one_article_fold_to_one(url: str) -> None:
    """Day and serial are the article; category, place, search words and careless padding are not."""
    folded = same_address(url)
    assert folded == "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_02_01&newsID=2024-08-01-H003"
    assert same_address(folded) == folded


@pytest.mark.parametrize(
    "url",
    [
        rodong("1@@1@1@"),
        rodong("12@2024-08-01@1"),
        "http://www.rodong.rep.kp/en/index.php?%%%",
        "http://www.rodong.rep.kp/en/index.php?A",
        "http://www.rodong.rep.kp/en/",
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_01_02",
    ],
)
def test_what_names_no_article_is_left_as_it_is(url: str) -> None:
    """Lists, pictures and broken addresses are never folded into an article's."""
    assert same_address(url) == url


def test_another_serial_or_language_is_another_article() -> None:
    """The same serial in another language is another text."""
    one = rodong("12@2024-08-01-H003@15@1@@0@1")
    others = [rodong("12@2024-08-01-H004@15@1@@0@1"), rodong("12@2024-08-01-H003@15@1@@0@1", language="ko")]
    assert same_address(one) not in {same_address(other) for other in others}


@given(st.text(max_size=60))
def test_no_query_breaks_the_folding(query: str) -> None:
    """Whatever stands behind the question mark, the answer is an address that folds to itself."""
    folded = same_address(f"http://www.rodong.rep.kp/en/index.php?{query}")
    assert same_address(folded) == folded
