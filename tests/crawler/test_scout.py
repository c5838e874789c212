"""A look round a site: what is asked for, in which order, and what is chosen of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.fault import LookFault
from crawler.fetch import Fetched
from crawler.scout import Scouted, _Trip, _Turns
from crawler.settings import CrawlerSettings
from storage.model.looking import Outcome, RobotsFile, Validators

HOME = "https://gazette.example/"
NOW = datetime.now(UTC)
DAY = f"{NOW:%Y-%m-%d}"
ROWS = [
    (f"{HOME}news/{DAY.replace('-', '/')}/story-{n}-of-the-coast", f"What the coast saw on day {n}") for n in range(20)
]
LIST = "<html><body><main>" + "".join(f'<h2><a href="{url}">{title}</a></h2>' for url, title in ROWS) + "</main></body>"
FEED = (
    '<rss version="2.0"><channel><title>The Gazette</title>'
    + "".join(f"<item><title>{title}</title><link>{url}</link><pubDate>{DAY}</pubDate></item>" for url, title in ROWS)
    + "</channel></rss>"
)
SITEMAP = "<urlset>" + "".join(f"<url><loc>{url}</loc><lastmod>{DAY}</lastmod></url>" for url, _ in ROWS) + "</urlset>"
POSTS = json.dumps(
    [
        {"id": n, "date": f"{DAY}T01:00:00", "link": url, "title": {"rendered": title}}
        for n, (url, title) in enumerate(ROWS)
    ]
)


class Site:
    """What stands at each path; everything else is a 404."""

    def __init__(self, pages: dict[str, str], robots: str = "", refused: str = "") -> None:
        self._refused = refused
        self.pages, self._robots_txt = {"": LIST} | pages, robots
        self.asked: list[str] = []
        self.robots = SimpleNamespace(on_fetched=lambda file: None)

    def delay_of(self, host: str) -> timedelta:
        return timedelta(0)

    async def fetch(self, url: str, *, validators: Validators, delay: timedelta) -> Fetched:
        if not self.asked:
            self.robots.on_fetched(RobotsFile(HOME.rstrip("/"), 200, self._robots_txt, NOW))
        path = url.removeprefix(HOME).partition("?")[0]
        self.asked.append(path)
        if self._refused:
            raise LookFault(Outcome.NOT_ALLOWED, self._refused)
        if path not in self.pages:
            raise LookFault(Outcome.NOT_FOUND, "the server answered 404 Not Found")
        return Fetched(url, 200, self.pages[path].encode(), "text/html", "", "", NOW, b"", False, False)

    async def run(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """In place of the extraction process."""
        return function(*args, **options)


async def scouted(site: Site) -> Scouted:
    turns = _Turns(None, CrawlerSettings("Dateline"))
    return await _Trip(site, site, "", turns, lambda word: None).run(HOME)  # type: ignore[arg-type]


def chosen(seen: Scouted) -> list[str]:
    return [one.offer.url.removeprefix(HOME).partition("?")[0] for one in seen.chosen]


async def test_an_undeclared_feed_goes_before_the_sitemap_of_robots_txt() -> None:
    """Feeds are trusted more, wherever they are found."""
    site = Site({"feed/": FEED, "sitemap.xml": SITEMAP}, f"Sitemap: {HOME}sitemap.xml")
    assert chosen(await scouted(site)) == ["feed/"]


async def test_wordpress_is_found_that_nobody_declares() -> None:
    """Behind all feeds and sitemaps that are not there."""
    assert chosen(await scouted(Site({"wp-json/wp/v2/posts": POSTS}))) == ["wp-json/wp/v2/posts"]


async def test_dead_feeds_that_are_declared_hide_none() -> None:
    """They have a share of the requests, and not all."""
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/dead/{n}.rss">' for n in range(30))
    site = Site({"": f"<html><head>{links}</head>{LIST}", "feed/": FEED})
    assert chosen(await scouted(site)) == ["feed/"]


async def test_a_site_with_nothing_is_asked_little() -> None:
    """Its list page is what there is to read."""
    site = Site({})
    assert chosen(await scouted(site)) == [""]
    assert len(site.asked) <= 13


async def test_what_the_config_does_not_allow_is_asked_once() -> None:
    """It holds for the whole host: its usual places are not tried."""
    site = Site({}, refused="gazette.example is at 10.0.0.1")
    with pytest.raises(LookFault, match=r"not allowed: gazette\.example is at"):
        await scouted(site)
    assert site.asked == [""]


async def test_an_index_whose_newest_sitemap_fails_is_said() -> None:
    """The list page is taken, and the reason stands among those that failed."""
    index = f"<sitemapindex><sitemap><loc>{HOME}gone.xml</loc></sitemap></sitemapindex>"
    seen = await scouted(Site({"sitemap.xml": index}))
    assert chosen(seen) == [""]
    assert f"{HOME}gone.xml" in [one.url for one in seen.failed]
