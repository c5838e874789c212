"""The newspaper does what the other tests rely on: it publishes, edits, removes, breaks and counts."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from urllib.robotparser import RobotFileParser

import aiohttp
import feedparser
import pytest
from lxml import etree, html

from scheduler.demo.newspaper import Newspaper, Statistics
from scheduler.demo.texts import made_up


async def get(url: str, **headers: str) -> tuple[int, str, Mapping[str, str]]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, headers=names) as answer:
        return answer.status, await answer.text(), answer.headers


async def test_a_published_article_stands_in_every_listing_and_on_its_page(newspaper):
    """Front page, section, feed and sitemap name the same URL, and the page there holds the whole text."""
    text = made_up(1)
    url = newspaper.publish(*text, section="trade", at=datetime(2026, 7, 1, 9, 30, tzinfo=UTC))

    front = html.document_fromstring((await get(newspaper.url))[1], base_url=newspaper.url)
    front.make_links_absolute()
    assert front.xpath("//h2/a/@href") == [url]
    assert text.title in (await get(newspaper.url + "section/trade/"))[1]
    assert text.title not in (await get(newspaper.url + "section/culture/"))[1]

    feed = feedparser.parse((await get(newspaper.feed_url))[1])
    assert not feed.bozo
    assert [(one.link, one.title, one.published_parsed[:5]) for one in feed.entries] == [
        (url, text.title, (2026, 7, 1, 9, 30))
    ]
    sitemap = etree.fromstring((await get(newspaper.sitemap_url))[1].encode())
    assert sitemap.xpath("//*[local-name()='loc']/text()") == [url]

    page = html.document_fromstring((await get(url))[1])
    assert tuple(page.xpath("//div[@class='article-body']/p/text()")) == text.paragraphs
    linked = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))
    assert (linked["headline"], linked["datePublished"]) == (text.title, "2026-07-01T09:30:00+00:00")


async def test_listings_show_the_newest_twenty(newspaper):
    """What is older ages off the listings and stays at its address, so that off the list is not removed."""
    urls = [newspaper.publish(*made_up(number)) for number in range(21)]
    feed = feedparser.parse((await get(newspaper.feed_url))[1])
    assert [one.link for one in feed.entries] == urls[:0:-1]
    assert (await get(urls[0]))[0] == 200


async def test_markup_in_a_headline_stays_text(newspaper):
    """Whatever a test publishes, pages and feeds are well-formed."""
    title = 'Less < more & "quotes" </script><script>alert(1)</script>'
    url = newspaper.publish(title, ["<b>bold</b> & plain"])
    page = html.document_fromstring((await get(url))[1])
    assert page.xpath("string(//h1)") == title
    assert json.loads(page.xpath("string(//script)"))["headline"] == title
    assert not feedparser.parse((await get(newspaper.feed_url))[1]).bozo


async def test_an_edit_changes_the_page_and_its_validators(newspaper):
    """Known validators get a 304 until the text is edited, and then the new text."""
    url = newspaper.publish("The mill opens", ["The mill of Norimere opens on Monday."])
    _, first, headers = await get(url)
    status, nothing, _ = await get(url, If_None_Match=headers["ETag"])
    assert (status, nothing) == (304, "")
    assert (await get(url, If_Modified_Since=headers["Last-Modified"]))[0] == 304
    assert newspaper.statistics.not_modified == 2

    newspaper.edit(url, "Monday", "Friday")
    status, second, _ = await get(url, If_None_Match=headers["ETag"])
    assert status == 200 and "on Friday" in second and "on Monday" in first
    with pytest.raises(ValueError, match="nowhere"):
        newspaper.edit(url, "Monday", "Sunday")


async def test_the_box_beside_the_text_changes_on_every_request(newspaper):
    """Without validators two looks get different bytes that say the same."""
    newspaper.validators = False
    url, *_ = [newspaper.publish(*made_up(number)) for number in range(4)]
    (_, first, headers), (_, second, _) = await get(url), await get(url)
    assert first != second and "ETag" not in headers
    assert [html.document_fromstring(page).xpath("string(//article)") for page in (first, second)] == [
        html.document_fromstring(first).xpath("string(//article)")
    ] * 2


@pytest.mark.parametrize("status", [404, 410])
async def test_a_removed_article_leaves_the_listings_and_can_return(newspaper, status):
    """Its page answers 404 or 410 even to validators that were right; restored, it is as it was."""
    url = newspaper.publish(*made_up(1))
    _, _, headers = await get(url)
    newspaper.remove(url, status)
    assert (await get(url, If_None_Match=headers["ETag"]))[0] == status
    assert url not in (await get(newspaper.feed_url))[1]
    newspaper.restore(url)
    assert (await get(url, If_None_Match=headers["ETag"]))[0] == 304
    assert url in (await get(newspaper.feed_url))[1]


@pytest.mark.parametrize(
    "trouble, status, says",
    [
        ("500", 500, "presses are standing still"),
        ("503", 503, "presses are standing still"),
        ("429", 429, "presses are standing still"),
        ("empty200", 200, ""),
        ("captcha200", 200, "Checking your browser"),
        ("loginwall", 200, "Log in to continue"),
        ("home200", 200, "Latest news"),
    ],
)
async def test_a_broken_newspaper_answers_in_the_wrong_way(newspaper, trouble, status, says):
    """Each trouble replaces the article, not robots.txt, and ends after the requests that it was given."""
    url = newspaper.publish(*made_up(1))
    newspaper.break_(trouble, requests=1, retry_after="7")
    assert (await get(newspaper.url + "robots.txt"))[0] == 200
    got, text, headers = await get(url)
    assert got == status and says in text and made_up(1).paragraphs[-1] not in text
    assert (text == "") == (trouble == "empty200")
    assert headers.get("Retry-After") == ("7" if trouble in ("503", "429") else None)
    assert made_up(1).paragraphs[-1] in (await get(url))[1]


@pytest.mark.parametrize(
    "trouble, error", [("truncated", aiohttp.ClientPayloadError), ("reset", aiohttp.ClientOSError)]
)
async def test_a_broken_connection_ends_before_the_page_does(newspaper, trouble, error):
    """A client that checks lengths sees the cut; a reset comes before any answer."""
    url = newspaper.publish(*made_up(1))
    newspaper.break_(trouble)
    with pytest.raises(error):
        await get(url)
    newspaper.heal()
    assert (await get(url))[0] == 200


async def test_a_hanging_newspaper_answers_once_it_is_healed(newspaper):
    """A request waits, counts as in flight, and robots.txt hangs only when it is named."""
    newspaper.break_("timeout", under="/robots.txt")
    asking = asyncio.create_task(get(newspaper.url + "robots.txt"))
    await newspaper.wait_for("/robots.txt")
    assert (await get(newspaper.url))[0] == 200
    assert not asking.done() and newspaper.statistics.most_in_flight == 2
    newspaper.heal()
    assert (await asking)[0] == 504
    assert newspaper.statistics.in_flight == 0


async def test_a_client_that_gives_up_is_no_longer_in_flight(newspaper):
    """A hang is counted only as long as somebody waits for it."""
    newspaper.break_("timeout", under="/feed.xml")
    asking = asyncio.create_task(get(newspaper.feed_url))
    await newspaper.wait_for("/feed.xml")
    asking.cancel()
    await asyncio.wait([asking])
    await get(newspaper.url)
    assert newspaper.statistics.in_flight == 0


async def test_a_closed_newspaper_refuses_and_opens_again_at_its_address(newspaper):
    """After stop and start the same URLs hold what they held."""
    url = newspaper.publish(*made_up(1))
    await newspaper.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(url)
    await newspaper.start()
    assert (await get(url))[0] == 200


async def test_statistics_show_overlap_haste_and_disobedience(newspaper):
    """Two requests at once, a gap of nearly nothing, and a path against robots.txt are all seen."""
    newspaper.crawl_delay_s = 2
    _, robots, _ = await get(newspaper.url + "robots.txt")
    parser = RobotFileParser()
    parser.parse(robots.splitlines())
    closed = newspaper.publish(*made_up(1), section="members")
    assert not parser.can_fetch("Dateline", closed) and parser.crawl_delay("Dateline") == 2
    assert newspaper.statistics.disallowed == []

    newspaper.statistics = Statistics()
    newspaper.break_("timeout")  # until both are here
    began = monotonic()
    both = asyncio.gather(get(newspaper.url, User_Agent="one"), get(closed, User_Agent="two"))
    await newspaper.wait_for("/")
    await newspaper.wait_for(closed.removeprefix(newspaper.url.rstrip("/")))
    newspaper.heal()
    await both
    statistics = newspaper.statistics
    assert statistics.most_in_flight == 2
    assert 0 <= statistics.shortest_gap_s <= monotonic() - began
    assert statistics.disallowed == [closed.removeprefix(newspaper.url.rstrip("/"))]
    assert statistics.requests["/"] == 1 and statistics.user_agents == {"one": 1, "two": 1}


async def test_two_newspapers_are_two_hosts():
    """Each opens at a loopback address of its own."""
    here, there = Newspaper(), Newspaper("Tageblatt", language="ko")
    await here.start("127.0.0.2")
    await there.start("127.0.0.3")
    try:
        assert here.url.startswith("http://127.0.0.2:") and there.url.startswith("http://127.0.0.3:")
        url = there.publish(*made_up(1, "ko"))
        assert made_up(1, "ko").title in (await get(url))[1]
        with pytest.raises(KeyError):
            here.edit(url, "a", "b")
    finally:
        await here.stop()
        await there.stop()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_made_up_texts_are_distinct_and_always_the_same(language):
    """A number gives one text; two numbers share neither headline nor much wording."""
    texts = [made_up(number, language) for number in range(60)]
    assert texts == [made_up(number, language) for number in range(60)]
    assert len({text.title for text in texts}) == 60
    assert all(5 <= len(text.paragraphs) <= 8 for text in texts)
    runs = []
    for text in texts:
        words = re.findall(r"\w+", " ".join(text.paragraphs))
        runs.append(set(zip(words, words[1:], words[2:], words[3:])))
    shared = [len(a & b) / min(len(a), len(b)) for n, a in enumerate(runs) for b in runs[:n]]
    assert max(shared) < 0.35
