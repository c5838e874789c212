"""Feeds as they are found: what their entries say, in any format, and the listing that they make."""

from __future__ import annotations

from crawler.feeds import jsonfeed, xmlfeed
from crawler.feeds.entry import Feed
from crawler.pages import Page
from storage.model.looking import Link, ListingPage
from storage.text import public_url


def read_feed(page: Page) -> Feed:
    """Return what a feed says, in XML or JSON. Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE)."""
    is_json = page.body[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return jsonfeed.read_feed(page) if is_json else xmlfeed.read_feed(page)


def as_listing(feed: Feed, url: str) -> ListingPage:
    """Return the links of a feed's entries in its order, each once; an entry without any address is left out.

    `url` is the feed's own. A link that FeedBurner put in front of the article's own gives way to it.
    """
    links: dict[str, Link] = {}
    for one in feed.entries:
        stated = one.original or one.url
        if address := public_url(stated, url) if stated else "":
            links.setdefault(address, Link(address, one.title, one.published, one.updated, one.summary))
    return ListingPage(tuple(links.values()), older=feed.older, title=feed.title, language=feed.language)
