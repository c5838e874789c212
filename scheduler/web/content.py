"""What sites wrote, made safe to show: the last gate before a reader, whatever the gates before it let through."""

from __future__ import annotations

import re
from html import escape

import nh3

from storage.model.articles import Article
from storage.text import clean

# nh3 needs .5 s for 15,000 nested elements, and time grows with their square: what is longer is shown as plain text.
LONGEST_HTML = 150_000
LONGEST_TEXT = 100_000

_BLOCKS = {"p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "figure", "figcaption", "img"}
_LISTS = {"ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"}
_WORDS = {
    "a",
    "abbr",
    "b",
    "cite",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "kbd",
    "mark",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "small",
}
_SANITISER = nh3.Cleaner(
    tags=_BLOCKS | _LISTS | _WORDS | {"small", "strong", "sub", "sup"},
    clean_content_tags={"script", "style", "template", "title", "noscript"},
    attributes={
        "a": {"href", "title"},
        "img": {"src", "alt", "title"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        "*": {"lang", "dir"},
    },
    url_schemes={"http", "https"},
    url_relative="deny",  # it would lead into our own page, or the reader's
    link_rel="noopener noreferrer nofollow",
)
# nh3 writes attributes in double quotes and ">" in them as "&gt;": its output can be taken apart with these.
_IMG = re.compile("<img[^>]*>")
_ATTRIBUTE = re.compile('(src|alt)="([^"]*)"')


def safe_html(article: Article) -> str:
    """The article's text as sanitised HTML with absolute http(s) links only; its plain text where it has no HTML."""
    if article.html and len(article.html) <= LONGEST_HTML:
        # Cleaned on both sides: nh3 refuses lone surrogates, and lets "&#xFFFE;" out as the character itself.
        return clean(str(_SANITISER.clean(clean(article.html)))).strip()
    return paragraphs(article.body)


def page_html(article: Article) -> str:
    """The same for our own page, which loads nothing from elsewhere: pictures become links."""
    html = safe_html(article)
    return str(_SANITISER.clean(_IMG.sub(_picture_link, html))) if "<img" in html else html


def paragraphs(body: str) -> str:
    """Plain text as HTML, its paragraphs kept; the end of a very long one is left out, and that is said."""
    body = clean(body, LONGEST_TEXT + 1)
    cut = "<p>…</p>" if len(body) > LONGEST_TEXT else ""
    parts = (escape(part.strip()) for part in body[:LONGEST_TEXT].split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in parts if part).replace("\n", "<br>") + cut


def _picture_link(img: re.Match[str]) -> str:
    attributes = dict(_ATTRIBUTE.findall(img[0]))
    if not attributes.get("src"):
        return str(attributes.get("alt", ""))
    return f'<a href="{attributes["src"]}">[{attributes.get("alt") or "picture"}]</a>'
