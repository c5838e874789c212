"""Texts of which only the beginning is public: what their pages say of it, and whose beginning they are."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from crawler.extract import jsonld
from crawler.extract.content import letters
from crawler.extract.markup import flowing
from storage.model.articles import Article

_MAX_LOOKED = 30_000
_SHORT = 600  # characters: a locked page that shows no more shows a beginning
_BEGINNING = 2500  # a text that ends in a wall and is longer was read in full: the wall asks for the next one
_LOCKED = frozenset({"locked", "paid", "premium"})


def is_teaser(root: HtmlElement, url: str, text: str, *, ends_in_wall: bool) -> bool:
    """Does the page say that the rest is for subscribers, and is `text` only the beginning?

    It says so by schema.org's isAccessibleForFree, by article:content_tier, or by a wall below the text. Pages that
    call themselves locked and show all of it (to search engines, to every tenth reader) are no teasers.
    """
    stated, is_shown, words = _stated(root, url)
    locked = stated or any(
        (one.get("content") or "").strip().lower() in _LOCKED
        for one in root.iter("meta")
        if (one.get("property") or one.get("name") or "").lower() in ("article:content_tier", "content_tier")
    )
    if words and len(text.split()) >= 0.8 * words:
        return False
    if locked:
        return not is_shown and (
            ends_in_wall or len(text) < _SHORT or text.rstrip().endswith(("…", "...")) or _is_cut(text, words)
        )
    return ends_in_wall and len(text) < _BEGINNING


def is_teaser_of(teaser: Article, full: Article) -> bool:
    """Is one text a beginning or a part of the other, longer one? So a wall that went up is no edit."""
    short, long = letters(teaser.body), letters(full.body)
    if not short or len(short) >= 0.95 * len(long):
        return False
    parts = [part for one in teaser.body.split("\n\n") if len(part := letters(one)) >= 20] or [short]
    # The last words may be cut, and an ellipsis may stand in their place.
    within = sum(len(one) for one in parts if one[: max(20, len(one) * 4 // 5)] in long)
    return within >= 0.8 * sum(len(one) for one in parts)


def _is_cut(text: str, words: int) -> bool:
    return words > 0 and len(text.split()) < 0.5 * words


def _stated(root: HtmlElement, url: str) -> tuple[bool, bool, int]:
    """Return whether JSON-LD calls the text locked, whether it is shown all the same, and its words, 0 if unknown."""
    if not any("isAccessibleForFree" in (one.text or "") for one in root.iter("script")):
        return False, False, 0
    article = jsonld.stated_article(root, url)
    if str(article.get("isAccessibleForFree")).lower() not in (
        "false",
        "http://schema.org/false",
        "https://schema.org/false",
    ):
        return False, False, 0
    words = str(article.get("wordCount") or "")
    parts = article.get("hasPart")
    shown = 0
    for part in (parts if isinstance(parts, list) else [parts])[:5]:
        selector = part.get("cssSelector") if isinstance(part, dict) else None
        if isinstance(selector, str) and (name := re.fullmatch(r"\s*\.([\w-]{1,80})\s*", selector)):
            shown += sum(
                len(flowing(one))
                for one in islice(root.iter(), _MAX_LOOKED)
                if name[1] in (one.get("class") or "").split()
            )
    return True, shown >= _BEGINNING, int(words) if re.fullmatch(r"\d{1,6}", words) else 0
