"""Live blogs: pages that grow at their top, told by schema.org's LiveBlogPosting or by how they are built."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import deepcopy
from html import escape
from typing import Any

from lxml.html import HtmlElement

from crawler.extract import frame, jsonld, markup
from crawler.extract.body import Body
from storage.text import MAX_BODY, clean, one_line

_ENTRY = re.compile(r"(?:^|[\s_-])live[-_]?(?:blog)?[-_]*(?:post|entry|update|event|item)s?(?:$|[\s_-])", re.IGNORECASE)
_MANY = 3  # entries that are alike from which on a page is a live blog without saying so
_MAX_ENTRIES = 500


def read_live(root: HtmlElement, url: str) -> Body | None:
    """Return the entries of a live blog in the page's order, None where the page is none.

    The time and the headline of an entry are paragraphs of their own. What the page states in JSON-LD stands in where
    it shows less than half of it.
    """
    updates = _stated(root)
    shown = _shown(root, bool(updates))
    if not updates and len(shown) < _MANY:
        return None
    entries = [_paragraphs(one) for one in shown]
    stated = [_of_update(one) for one in updates]
    if _size(entries) * 2 < _size(stated):
        entries, html = stated, "\n".join(f"<p>{escape(one, quote=False)}</p>" for each in stated for one in each)
    else:
        html = "\n".join(markup.sanitised(_copy(one), url) for one in shown)
    text = clean("\n\n".join(one for each in entries for one in each))
    return Body(text, clean(html, MAX_BODY * 2)) if text else None


def _size(entries: Iterable[list[str]]) -> int:
    return sum(len(one) for each in entries for one in each)


def _stated(root: HtmlElement) -> list[dict[str, Any]]:
    if not any("liveBlogUpdate" in (one.text or "") for one in root.iter("script")):
        return []
    for thing in jsonld.things(root):
        updates = thing.get("liveBlogUpdate")
        if updates:
            each = updates if isinstance(updates, list) else [updates]
            return [one for one in each[:_MAX_ENTRIES] if isinstance(one, dict)]
    return []


def _of_update(update: dict[str, Any]) -> list[str]:
    title = one_line(jsonld.text(update.get("headline")), 500)
    text = jsonld.text(update.get("articleBody"))
    if "</p>" in text or "<br" in text:
        text = "\n".join(markup.paragraphs(markup.tree(text)))
    lines = [line for each in text.splitlines() if (line := " ".join(each.split())) and line != title]
    return [one for one in (one_line(jsonld.text(update.get("datePublished")), 60), title, *lines) if one]


def _shown(root: HtmlElement, is_stated: bool) -> list[HtmlElement]:
    """Return the elements of the entries, none within another: by their microdata, else by their class names."""
    likely = root.xpath("//*[@itemprop='liveBlogUpdate' or contains(@class, 'live') or contains(@class, 'Live')]")
    marked = [one for one in likely if one.get("itemprop") == "liveBlogUpdate"]
    named = marked or [one for one in likely if _ENTRY.search(one.get("class") or "")]
    if not named and is_stated:
        named = root.xpath("//*[contains(@itemtype, 'BlogPosting')]")
    inside = set(named)
    outer = [one for one in named if not any(above in inside for above in one.iterancestors())]
    return [one for one in outer[:_MAX_ENTRIES] if len(markup.flowing(one)) >= 40]


def _paragraphs(entry: HtmlElement) -> list[str]:
    return markup.paragraphs(_copy(entry), skip=lambda one: one.tag in ("figure", "figcaption"))


def _is_frame(element: HtmlElement) -> bool:
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in ("time", "header", "h2", "h3", "h4") or element.find(".//time") is not None:
        return False
    return tag in ("figure", "figcaption", "aside", "nav", "footer") or frame.by_tag(element, tag) in (
        frame.Kind.OUT,
        frame.Kind.UNSURE,
        frame.Kind.CAPTION,
    )


def _copy(entry: HtmlElement) -> HtmlElement:
    """Return the entry without its frame, its time as a paragraph; the tree stays as it is."""
    copy = deepcopy(entry)
    copy.tail = None
    for one in list(copy.iter()):
        is_picture = one.tag in ("figure", "figcaption")
        if one is not copy and isinstance(one.tag, str) and not is_picture and _is_frame(one):
            if one.getparent() is not None:
                one.drop_tree()
        elif one.tag == "time":
            one.tag = "p"
    return copy
