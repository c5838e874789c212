"""What `dateline add` shows before it writes: the listings, the choice and why, the first articles."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from crawler.choice import Found, Judged
from crawler.discover import Offer
from crawler.fault import LookFault
from crawler.scout import Failed, Scouted
from scheduler import preview
from storage.model.articles import When
from storage.model.looking import Link, ListingPage, Outcome

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOME, FEED = "https://gazette.example/", "https://gazette.example/feed.xml"
MISSING = LookFault(Outcome.NOT_FOUND, "the server answered 404 Not Found")


def links(number: int, *, dated: bool = True) -> tuple[Link, ...]:
    return tuple(
        Link(f"{HOME}{one}", f"Story {one}", When(NOW - timedelta(days=one)) if dated else None)
        for one in range(1, number + 1)
    )


def judged(url: str, kind: str, listed: tuple[Link, ...], *, chosen: bool, sections: tuple[str, ...] = ()) -> Judged:
    found = Found(Offer(url, kind, "", "link"), ListingPage(listed, sections, title="The Gazette"), NOW)
    return Judged(found, chosen, "is fit" if chosen else "the feed is enough")


def test_the_choice_is_marked_and_the_first_ten_are_shown() -> None:
    """Each once where two listings have it, with its day; what has none says so."""
    feed = judged(FEED, "feed", links(8), chosen=True)
    others = [Link(f"{HOME}{name}") for name in "abc"]
    page = judged(HOME, "html", (*links(8, dated=False), *others), chosen=True)
    lines = preview.in_words(Scouted(HOME, (feed, page), ()), NOW).splitlines()
    assert lines[:5] == [
        HOME,
        f"  *  feed      {FEED}",
        "       8 articles, the newest 1 day ago; chosen: is fit",
        f"  *  html      {HOME}",
        "       11 articles, without dates; chosen: is fit",
    ]
    assert lines[5:8] == ["", "The first 10 articles that it would read:", "  2026-11-19  Story 1"]
    assert lines[-2:] == [f"  no date     {HOME}a", f"  no date     {HOME}b"]


def test_places_that_nobody_named_are_counted_and_others_named() -> None:
    """A dozen lines of 404 would hide the one that matters."""
    guesses = [Failed(f"{HOME}{one}", MISSING, True) for one in ("feed/", "rss")]
    named = Failed(FEED, LookFault(Outcome.UNREADABLE, "no feed"), False)
    page = judged(HOME, "html", links(1), chosen=True)
    words = preview.in_words(Scouted(HOME, (page,), (named, *guesses)), NOW)
    assert f"  -  {FEED}\n       layout not recognised: no feed\n" in words
    assert "  -  nothing to read at 2 other places that sites often use\n" in words
    assert "feed/" not in words
    assert "The article:\n  2026-11-19  Story 1" in words
    assert "1 article, the newest" in words


def test_a_site_file_and_sections_are_said() -> None:
    """Where a site file reads the site, and where a listing names further ones."""
    menu = judged(HOME, "html", (), chosen=False, sections=(f"{HOME}a/", f"{HOME}b/"))
    words = preview.in_words(Scouted(HOME, (menu,), (), "kcna"), NOW)
    assert words.splitlines()[:2] == [HOME, "is read by the site file kcna"]
    assert "0 articles, 2 sections; the feed is enough" in words
    assert words.endswith("\n\nNothing here lists articles that Dateline could read.")


def test_the_same_as_json() -> None:
    """Every listing and every failure, in plain values."""
    feed = judged(FEED, "feed", links(12), chosen=True)
    page = judged(HOME, "html", links(1, dated=False), chosen=False)
    told = json.loads(json.dumps(preview.as_json(Scouted(HOME, (feed, page), (Failed(f"{HOME}rss", MISSING, True),)))))
    assert told["listings"][0] == {
        "url": FEED,
        "kind": "feed",
        "title": "The Gazette",
        "told_by": "link",
        "articles": 12,
        "newest": "2026-11-19T12:00:00Z",
        "chosen": True,
        "reason": "is fit",
    }
    assert (told["listings"][1]["newest"], told["listings"][1]["chosen"]) == (None, False)
    assert told["failed"] == [{"url": f"{HOME}rss", "reason": str(MISSING)}]
    assert len(told["first"]) == preview.FIRST
    assert told["first"][0] == {"url": f"{HOME}1", "title": "Story 1", "published": "2026-11-19T12:00:00Z"}
