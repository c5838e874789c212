"""Atom 1.0 (RFC 4287)."""

from __future__ import annotations

from feedgen.feed import FeedGenerator

from scheduler.feed import FeedArticle, FeedDocument, clock

CONTENT_TYPE = "application/atom+xml"


def render(feed: FeedDocument) -> bytes:
    """The feed as Atom. Raises ValueError where a text cannot stand in XML."""
    atom = FeedGenerator()
    atom.id(feed.id)
    atom.title(feed.title)
    atom.subtitle(feed.description)
    atom.author(name="Dateline")  # for entries without one (section 4.1.1)
    atom.link(href=feed.home_url, rel="alternate", type="text/html")
    atom.link(href=feed.self_url, rel="self", type=CONTENT_TYPE)
    atom.generator("Dateline")
    atom.updated(clock(feed.updated_at))  # else feedgen says "now", and the bytes differ each time
    for article in feed.articles:
        _add(atom, article)
    rendered: bytes = atom.atom_str()
    return rendered


def _add(atom: FeedGenerator, article: FeedArticle) -> None:
    entry = atom.add_entry(order="append")
    entry.id(article.id)
    entry.title(article.title)
    # One link an entry: feedgen 1.0 drops rel and type of them all (its issue 135), and none means "alternate".
    entry.link(href=article.url)
    entry.summary(article.summary)
    entry.content(article.html, type="html")
    entry.updated(clock(article.updated_at))
    if published := article.published_clock:
        entry.published(clock(published))
    for name in article.authors or article.sources[:1]:
        entry.author(name=name)
    for term in (*article.sources, article.section):
        if term:
            entry.category(term=term)
