"""`dateline try feed`, `sitemap`, `discover` and `robots`: what a site offers, one JSON object in and one out."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from crawler import discover
from crawler.extract.dates import stated
from crawler.fault import LookFault
from crawler.feeds import read_feed
from crawler.listings import sitemap
from crawler.pages import Page
from crawler.politeness import Rules, sitemaps_of
from crawler.trying import page_of
from storage.model.looking import Link
from storage.text import public_url

_MOST_SITEMAPS = 1000


def try_feed(record: dict[str, Any]) -> dict[str, Any]:
    """Answer {"file", "url"?, "content_type"?} with the title and all entries of a feed. {"error"} where it fails."""
    try:
        feed = read_feed(page_of({"url": "about:blank", "content_type": ""} | record))
    except (LookFault, OSError, ValueError) as fault:
        return {"file": record.get("file"), "error": str(fault)}
    entries = [
        {
            "id": one.id,
            "url": one.url,
            "title": one.title,
            "published": stated(one.published) if one.published else None,
            "summary": one.summary,
        }
        for one in feed.entries
    ]
    return {"file": record["file"], "title": feed.title, "entries": entries}


def try_robots(record: dict[str, Any]) -> dict[str, Any]:
    """Answer {"robots", "url", "agent"}: whether the agent, named by its product token, may fetch the URL."""
    texts = [record[key] for key in ("robots", "url", "agent")]
    if not all(isinstance(one, str) for one in texts):
        return {"error": '"robots", "url" and "agent" must be texts'}
    rules = Rules(texts[0], texts[2].lower())
    return {"allowed": rules.allow(texts[1]), "crawl_delay": rules.crawl_delay.total_seconds() or None}


def try_discover(record: dict[str, Any]) -> dict[str, Any]:
    """Answer {"file", "url"} with the feeds and sitemaps that the page declares. {"error"} where it fails."""
    try:
        found = [one for one in discover.offers(page_of(record)) if one.told_by == "link"]
    except (LookFault, OSError, ValueError) as fault:
        return {"file": record.get("file"), "error": str(fault)}
    feeds, sitemaps = ([one.url for one in found if one.kind == kind] for kind in ("feed", "sitemap"))
    return {"file": record["file"], "feeds": feeds, "sitemaps": sitemaps}


def try_sitemap(record: dict[str, Any]) -> dict[str, Any]:
    """Answer {"responses", "homepage"} with all pages of all sitemaps that can be reached from the home page.

    What is not in `responses` counts as missing. Unlike a look, which follows an index to its newest, this reads all.
    """
    home, responses = record["homepage"], record["responses"]
    if not isinstance(home, str):
        return {"error": '"homepage" must be a text'}
    if not isinstance(responses, list) or not all(map(_is_answer, responses)):
        return {"error": '"responses" must be a list of {"url", "body"} or {"url", "body_hex"}'}
    answers = {public_url(one["url"]): one for one in responses}
    robots = _body(answers.get(public_url(urljoin(home, "/robots.txt")), {})).decode("utf-8-sig", "replace")
    waiting = deque(sitemaps_of(robots, home))
    waiting.extend(one.url for one in discover.well_known(home) if one.kind == "sitemap")
    seen: set[str] = set()
    pages: dict[str, Link] = {}
    while waiting and len(seen) < _MOST_SITEMAPS:
        address = waiting.popleft()
        if address in seen or address not in answers:
            continue
        seen.add(address)
        try:
            listing = sitemap.read(Page(url=address, body=_body(answers[address]), fetched_at=datetime.now(UTC)))
        except LookFault:
            continue
        pages |= {one.url: one for one in listing.links if one.url not in pages}
        waiting.extend((*listing.listings, *listing.older))
    return {
        "pages": [
            {"url": one.url, "title": one.title, "lastmod": one.lastmod}
            | ({"published": stated(one.published)} if one.published else {})
            for one in pages.values()
        ]
    }


def _is_answer(one: object) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("url"), str):
        return False
    try:
        bytes.fromhex(one.get("body_hex") or "")
    except (TypeError, ValueError):
        return False
    return True


def _body(answer: dict[str, Any]) -> bytes:
    return bytes.fromhex(answer["body_hex"]) if answer.get("body_hex") else str(answer.get("body") or "").encode()
