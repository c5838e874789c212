"""What a query looks at: an article's words, and what is known of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.model.articles import Article, When


@dataclass(frozen=True, slots=True)
class Text:
    """`sources` are names; `language` is a code or "" (BCP 47); it decides about stems, `lang:` and the
    letters of what is asked for behind `=`.

    `changes` are the names under which what happened to it is asked for; none where that is not known. `urls` are its
    addresses, `story` the guid of the article with which its story began, "" if it is not known.
    """

    title: str
    body: str
    sources: tuple[str, ...] = ()
    language: str = ""
    changes: frozenset[str] = frozenset()
    authors: tuple[str, ...] = ()
    section: str = ""
    urls: tuple[str, ...] = ()
    published: When | None = None
    story: str = ""


def text_of(
    article: Article,
    *,
    sources: tuple[str, ...] = (),
    changes: Collection[str] = (),
    urls: Collection[str] = (),
    story: str = "",
) -> Text:
    """An article as queries see it."""
    return Text(
        title=article.title,
        body=article.body,
        sources=sources,
        language=article.language,
        changes=frozenset(changes),
        authors=article.authors,
        section=article.section,
        urls=tuple(one for one in dict.fromkeys((*urls, article.canonical_url, article.original_url)) if one),
        published=article.published,
        story=story,
    )
