"""RSS 2.0, with the full text in content:encoded and the time of an edit in dcterms:modified."""

from __future__ import annotations

from html import escape
from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from scheduler.feed import FeedArticle, FeedDocument, clock

CONTENT_TYPE = "application/rss+xml"
_TERMS = "http://purl.org/dc/terms/"


class _Terms(BaseExtension):  # type: ignore[misc]
    """Declares the namespace of `_Modified` once, at the root."""

    def extend_ns(self) -> dict[str, str]:
        return {"dcterms": _TERMS}


class _Modified(BaseEntryExtension):  # type: ignore[misc]
    """RSS has no word for an edit: pubDate is the publication, which stays."""

    modified = ""

    def extend_rss(self, entry: Any) -> Any:
        xml_elem(f"{{{_TERMS}}}modified", entry).text = self.modified
        return entry


def render(feed: FeedDocument) -> bytes:
    """The feed as RSS. Raises ValueError where a text cannot stand in XML."""
    rss = FeedGenerator()
    rss.load_extension("dc", atom=False)
    rss.register_extension("terms", _Terms, _Modified, atom=False)  # entries that exist by now would lack it
    rss.title(feed.title)
    rss.description(feed.description)
    rss.link(href=feed.self_url, rel="self", type=CONTENT_TYPE)
    rss.link(href=feed.home_url, rel="alternate")
    rss.generator("Dateline")
    rss.lastBuildDate(clock(feed.updated_at))  # else feedgen says "now", and the bytes differ each time
    for article in feed.articles:
        _add(rss, article)
    rendered: bytes = rss.rss_str()
    return rendered


def _add(rss: FeedGenerator, article: FeedArticle) -> None:
    entry = rss.add_entry(order="append")
    entry.guid(article.id, permalink=False)
    entry.title(article.title)
    entry.link(href=article.url)
    entry.description(escape(article.summary, quote=False))  # readers take it for HTML, even where it is text
    entry.content(article.html)
    if published := article.published_clock:
        entry.pubDate(clock(published))
    entry.terms.modified = clock(article.updated_at).isoformat()
    # RSS's own `author` must be an e-mail address.
    entry.dc.dc_creator(list(article.authors or article.sources[:1]))
    for term in (*article.sources, article.section):
        if term:
            entry.category(term=term)
