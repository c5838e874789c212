"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from scheduler.feed import FeedArticle, FeedDocument, clock

CONTENT_TYPE = "application/feed+json"


def render(feed: FeedDocument) -> bytes:
    """The feed as JSON. Raises ValueError (UnicodeEncodeError) where a text is no Unicode."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.home_url,
        "feed_url": feed.self_url,
        "items": [_item(article) for article in feed.articles],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _item(article: FeedArticle) -> dict[str, Any]:
    published = article.published_clock
    item = {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "external_url": article.original_url,
        "content_html": article.html,
        "content_text": article.text,
        "summary": article.summary,
        "image": article.image,
        "date_published": clock(published).isoformat() if published else "",
        "date_modified": clock(article.updated_at).isoformat(),
        "authors": [{"name": name} for name in article.authors or article.sources[:1]],
        "tags": [tag for tag in (*article.sources, article.section) if tag],
        "language": article.language,
        # An extension (its name begins with "_"): what the format has no word for.
        "_dateline": {
            "sources": article.sources,
            "first_seen": clock(article.first_seen_at).isoformat(),
            "published_day": article.published.moment.date().isoformat() if article.published else "",
            **article.facts,
        },
    }
    return {name: value for name, value in item.items() if value or name == "content_html"}
