"""WordPress's REST API: `/wp-json/wp/v2/posts`, which says of each post when it was modified.

https://developer.wordpress.org/rest-api/reference/posts/ says what is asked and answered.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.extract.dates import read_date
from crawler.fault import LookFault
from crawler.feeds.entry import summary_of, title_of
from crawler.pages import Page
from storage.model.articles import When
from storage.model.looking import Link, ListingPage, Outcome
from storage.text import one_line, public_url

_MAX_POSTS = 100  # the most that the API gives in one answer
_ASKED = {
    "per_page": "50",
    "orderby": "date",
    "_fields": "id,date,date_gmt,modified,modified_gmt,link,title,excerpt",
}


def posts_url(api_root: str) -> str:
    """Return where a site's newest posts are asked for, from what its pages name as `https://api.w.org/`.

    The root is `https://gazette.example/wp-json/`, or `https://gazette.example/?rest_route=/` without permalinks.
    """
    sign = "&" if "?" in api_root else "?"
    return f"{api_root.rstrip('/')}/wp/v2/posts{sign}{urlencode(_ASKED, safe=',')}"


def read(page: Page) -> ListingPage:
    """Return the posts of one answer, as the API orders them; `older` is the next page where this one is full.

    Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE).
    """
    try:
        said = json.loads(page.text().lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise LookFault(Outcome.UNREADABLE, "the answer is no JSON, or it breaks off") from None
    if isinstance(said, dict) and isinstance(said.get("code"), str):
        raise LookFault(Outcome.UNREADABLE, f"WordPress answered {said['code'][:60]!r}")
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise LookFault(Outcome.UNREADABLE, "the answer is no list of WordPress posts")
    links: dict[str, Link] = {}
    for post in said[:_MAX_POSTS]:
        if (stated := _text(post, "link")) and (address := public_url(stated, page.url)):
            links.setdefault(address, _link(post, address, page))
    if said and not links:
        raise LookFault(Outcome.UNREADABLE, "the answer is no list of WordPress posts: none has a link")
    return ListingPage(tuple(links.values()), older=_next_page(page.url, len(said)), language=page.language)


def _link(post: dict[str, Any], address: str, page: Page) -> Link:
    modified = _text(post, "modified_gmt")
    return Link(
        url=address,
        title=title_of(_rendered(post, "title")),
        published=_published(post, page),
        lastmod=one_line(f"{modified}Z" if modified else _text(post, "modified"), 60),
        summary=summary_of(_rendered(post, "excerpt") or _rendered(post, "content")),
    )


def _published(post: dict[str, Any], page: Page) -> When | None:
    """Return the date in UTC, which `date_gmt` is in; `date` is in the site's zone, which the API does not say."""
    stated = _text(post, "date_gmt")
    when = read_date(f"{stated}Z", now=page.fetched_at, origin="list") if stated else None
    local = _text(post, "date")
    if when or not local:
        return when
    return read_date(local, now=page.fetched_at, origin="list", timezone=page.timezone)


def _next_page(url: str, posts: int) -> tuple[str, ...]:
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, max_num_fields=50)) if parts.query.count("&") < 50 else {}
    per_page, number = (asked.get(name, "") for name in ("per_page", "page"))
    full = int(per_page) if per_page.isascii() and per_page.isdigit() and len(per_page) < 4 else 10
    if not posts or posts < full:
        return ()
    asked["page"] = str((int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1) + 1)
    address = public_url(parts._replace(query=urlencode(asked, safe=",/")).geturl())
    return (address,) if address else ()


def _rendered(post: dict[str, Any], name: str) -> str:
    value = post.get(name)
    return _text(value, "rendered") if isinstance(value, dict) else _text(post, name)


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value.strip() if isinstance(value, str) else ""
