"""Which of the listings that a site has are to be read, and why: a decision in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.discover import Offer, is_of_comments, trust
from crawler.extract.dates import read_date
from crawler.extract.metadata import is_home, same_site
from storage.identity import address_key
from storage.model.looking import ListingPage
from storage.text import counted

_SECTION = re.compile(
    r"/(?:category|categories|tags?|topics?|author|section|rubrik|ressort|thema|themen|kategorie|categoria|categorie)/",
    re.IGNORECASE,
)
_ONE_SECTION = "lists one section only, and the home page was given"
STALE = timedelta(days=30)
SHORT_FEED = 15  # entries; a busy site pushes articles out of such a feed between two looks
_FIRST_SHOWN = 20
_COVERED = 0.8  # of the links that a page shows first


@dataclass(frozen=True, slots=True)
class Found:
    """A listing that was read: what offered it, what it lists, and when (aware UTC)."""

    offer: Offer
    listing: ListingPage
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What `choice` says of a listing: whether it is to be read, and why or why not, in plain words."""

    found: Found
    is_chosen: bool
    reason: str


def choice(found: Sequence[Found], url: str) -> tuple[Judged, ...]:
    """Say which listings to read for the address that a user gave: all that were found, in the order of trust.

    The first that is fit is chosen. A feed that is short, or that lacks what the site's list page shows, gets a news
    sitemap or the list page beside it, against gaps. Where nothing is fit but feeds of single sections, the first of
    them is chosen. None is chosen where nothing can be.
    """
    ranked = sorted(found, key=lambda one: trust(one.offer))
    freshest = max((day for one in ranked if (day := newest(one))), default=None)
    faults = [_fault(one, url, freshest) for one in ranked]
    fit = [one for one, fault in zip(ranked, faults, strict=True) if not fault]
    chosen: dict[int, str] = {}
    if fit:
        chosen = _chosen(fit)
    elif sections := [one for one, fault in zip(ranked, faults, strict=True) if fault == _ONE_SECTION]:
        chosen = {id(sections[0]): "lists one section only, but nothing else can be read"}
    first = next((one for one in ranked if id(one) in chosen), None)
    spare = f"{_named(first)} is enough" if first else "cannot be read alone"
    return tuple(
        Judged(one, id(one) in chosen, chosen.get(id(one)) or fault or spare)
        for one, fault in zip(ranked, faults, strict=True)
    )


def _chosen(fit: list[Found]) -> dict[int, str]:
    best = fit[0]
    number = len(best.listing.links)
    articles = counted(number, "article")
    reasons = {id(best): f"lists {articles} of this site; {_named(best)} is what we trust most here"}
    if best.offer.kind != "feed":
        return reasons
    shown = next((one for one in fit if one.offer.kind == "html"), None)
    beside = next((one for one in fit if _is_news(one) and len(one.listing.links) >= number), None) or shown
    missing = len(_keys(shown)[:_FIRST_SHOWN]) - _common(best, shown) if shown else 0
    if beside and number < SHORT_FEED:
        reasons[id(beside)] = f"fills the gaps of the feed, which holds {articles} only"
    elif beside and shown and missing > (1 - _COVERED) * len(_keys(shown)[:_FIRST_SHOWN]):
        lacks = counted(missing, "article")
        reasons[id(beside)] = f"fills the gaps of the feed, which lacks {lacks} that the page shows first"
    return reasons


def _fault(one: Found, url: str, freshest: datetime | None) -> str:
    """Return why a listing is unfit, "" where it is not."""
    links = one.listing.links
    latest = newest(one)
    if one.offer.kind == "feed" and (one.offer.is_of_comments or is_of_comments(one.listing.title)):
        return "lists comments"
    if not links:
        return "an index: what it names is read in its place" if one.listing.listings else "lists nothing"
    if sum(same_site(link.url, url) for link in links) * 2 < len(links):
        return "leads to other sites"
    if latest and freshest and latest < one.fetched_at - STALE and latest < freshest - timedelta(days=1):
        return f"is stale: its newest article is of {latest:%Y-%m-%d}, that of another listing of {freshest:%Y-%m-%d}"
    if one.offer.kind == "feed" and is_home(url) and _SECTION.search(urlsplit(one.offer.url).path):
        return _ONE_SECTION
    return ""


def newest(one: Found) -> datetime | None:
    """Return when the newest article of a listing was published, or a page of a sitemap changed; None if unsaid."""
    days = [link.published.moment for link in one.listing.links if link.published]
    if not days:  # sitemaps without news say when a page was last changed
        stated = {link.lastmod for link in one.listing.links[:_FIRST_SHOWN] if link.lastmod[:10].count("-") == 2}
        days = [when.moment for day in stated if (when := read_date(day, now=one.fetched_at))]
    return max(days, default=None)


def _is_news(one: Found) -> bool:
    return one.offer.kind == "sitemap" and any(link.title and link.published for link in one.listing.links)


def _common(one: Found, shown: Found) -> int:
    held = set(_keys(one))
    return sum(key in held for key in _keys(shown)[:_FIRST_SHOWN])


def _keys(one: Found) -> list[bytes]:
    return [address_key(link.url) for link in one.listing.links]


def _named(one: Found) -> str:
    names = {"feed": "the feed", "sitemap": "the sitemap", "wordpress": "WordPress's list", "html": "the list page"}
    return "the news sitemap" if _is_news(one) else names.get(one.offer.kind, "the listing")
