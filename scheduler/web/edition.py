"""From the archive's articles to a feed's: made safe, named, and one bad one left out instead of the whole feed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from scheduler.feed import FeedArticle, FeedDocument
from scheduler.web import words
from scheduler.web.content import safe_html
from storage.archive import ArchivedArticle
from storage.text import clean, one_line, public_url


def feed_article(archived: ArchivedArticle, base_url: str) -> FeedArticle:
    """The article as feeds tell it. Raises ValueError where the archive holds what cannot be told."""
    article = archived.article
    body = clean(article.body)
    html = safe_html(article)
    notes = _notes(archived) or ([] if html else ["The article has no text."])
    title = one_line(article.title) or words.excerpt(body, 100) or "Without a title"
    return FeedArticle(
        id=f"urn:uuid:{archived.guid}",
        # A link that may not be followed would lead nowhere: our own page shows the article as well.
        url=public_url(archived.url) or f"{base_url}/article/{archived.guid}",
        title=title,
        html=html + "".join(f"<p><em>{note}</em></p>" for note in notes),
        summary=" ".join([*notes, words.excerpt(body)]).strip() or title,
        first_seen_at=archived.place.first_seen_at,
        updated_at=archived.updated_at,
        published=article.published,
        sources=_named(archived.sources),
        authors=_named(article.authors),
        section=one_line(article.section, 100),
        language=one_line(article.language, 35),
        image=public_url(article.image),
    )


def _named(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in (one_line(one, 100) for one in names) if name)


def _notes(archived: ArchivedArticle) -> list[str]:
    """What no element of a format can say: in our own words, without markup."""
    notes, published = [], archived.article.published
    if published is not None and published.precision == "day":
        notes.append(f"Published on {words.published(published)}, without a time of day.")
    if archived.article.listing_only:
        notes.append("Only what the site's list says of it could be read.")
    if archived.article.teaser:
        notes.append("Only a teaser is public.")
    if archived.removed_at is not None:
        notes.append(f"No longer on the site since {words.moment(archived.removed_at)}.")
    return notes


def render_whole(render: Callable[[FeedDocument], bytes], document: FeedDocument) -> tuple[bytes, list[str]]:
    """The document in a format, and a line for each article that had to be left out of it.

    `render` raises for the whole feed where one article cannot be written; then each is tried alone.
    """
    try:
        return render(document), []
    except Exception:  # whatever it is: the others are not to suffer
        kept, left_out = [], []
        for article in document.articles:
            try:
                render(replace(document, articles=(article,)))
                kept.append(article)
            except Exception as reason:
                left_out.append(left_out_line(article.id, article.title, reason))
        return render(replace(document, articles=tuple(kept))), left_out


def left_out_line(id_: str, title: str, reason: Exception) -> str:
    why = one_line(f"{type(reason).__name__}: {reason}", 120)
    return f"left out of feeds: {one_line(title, 80)} [{id_.removeprefix('urn:uuid:')}] {why}"
