"""Pages of a made-up newspaper, to be laid out in one way or another."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from crawler.pages import Page
from scheduler.demo.texts import made_up

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MENU = "<nav><ul>" + "".join(f'<li><a href="/s/{n}">Section {n}</a></li>' for n in range(30)) + "</ul></nav>"
TEASERS = '<aside class="more">' + "".join(
    f'<div class="teaser"><h3><a href="/n/{n}">A story {n} of the coast</a></h3><p>About mill number {n}.</p></div>'
    for n in range(10)
)


def url(number: int) -> str:
    return f"https://gazette.example/news/story-{number}-of-the-coast"


def paragraphs(number: int) -> list[str]:
    return [f"{one} That was in the year {1900 + number}." for one in made_up(number).paragraphs * 3]


def article(number: int, *, holder: str = "story", box: str = "", author: str = "Ada Beck") -> str:
    """The element that holds the text."""
    by = f'<p class="byline">By <span itemprop="author">{author}</span></p>' if author else ""
    text = "".join(f"<p>{one}</p>" for one in paragraphs(number))
    return f'<h1>{made_up(number).title}</h1>{by}<div class="{holder}">{text}{box}</div>'


def page(
    number: int, *, main: Callable[[int], str] = article, day: str = "2026-11-0{}", author: str = "Ada Beck"
) -> Page:
    headline = made_up(number).title
    ld = {
        "@type": "NewsArticle",
        "headline": headline,
        "datePublished": f"{day.format(number % 9 + 1)}T10:00:00+01:00" if day else None,
        "author": {"@type": "Person", "name": author} if author else None,
    }
    html = (
        f'<!doctype html><html lang="en"><head><title>{headline} | The Gazette</title>'
        f'<script type="application/ld+json">{json.dumps({key: one for key, one in ld.items() if one})}</script></head>'
        f"<body>{MENU}<main>{main(number)}</main>{TEASERS}</aside><footer><p>The Gazette, since 1890.</p></footer>"
        "</body></html>"
    )
    return Page(url=url(number), body=html.encode(), content_type="text/html; charset=utf-8", fetched_at=NOW)
