"""Feeds: RSS 0.9x to 2.0, RDF, CDF, Atom 0.3 and 1.0, JSON Feed."""

from __future__ import annotations

from crawler.feeds import as_listing, read_feed
from crawler.pages import Page
from storage.model.looking import ListingPage


def read(page: Page) -> ListingPage:
    """Return a feed's links in its order, each once. Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE)."""
    return as_listing(read_feed(page), page.url)
