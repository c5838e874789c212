"""The text of an article on a page that nobody described: trafilatura finds it, we write it down."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from html import escape
from itertools import islice

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.fault import LookFault
from storage.model import Outcome
from storage.text import MAX_BODY, clean, fold

MAX_ELEMENTS = 30_000  # the largest of 770 real pages had 6,100; trafilatura takes 4 s for this many, 140 for 200,000
_LEAST = 250  # characters from which on a text stated in JSON-LD may stand in for a body that was not found


@dataclass(frozen=True, slots=True)
class Body:
    """`text`: paragraphs joined by a blank line; `html`: the same, sanitised. Both "" where no body was found."""

    text: str
    html: str


def read_body(root: HtmlElement, url: str, *, title: str = "", stated_text: str = "") -> Body:
    """Return the article's body.

    `stated_text` (JSON-LD articleBody) is taken where less than half as much can be found on the page, as on pages
    that scripts draw. The headline is no part of the body. The tree stays as it is. Raises LookFault(TOO_LARGE).
    """
    if sum(1 for _ in islice(root.iter(), MAX_ELEMENTS + 1)) > MAX_ELEMENTS:
        raise LookFault(Outcome.TOO_LARGE, f"the page has more than {MAX_ELEMENTS:,} elements")
    found = _found(root, url, title)
    stated = _from_text(stated_text) if len(stated_text) >= _LEAST else Body("", "")
    # Where it finds nothing trafilatura takes the same text, but as one paragraph.
    is_that = stated.text and fold(found.text) == fold(stated.text)
    return stated if is_that or len(found.text) * 2 < len(stated.text) else found


def body_of(element: HtmlElement, url: str, *, paragraphs: list[str] | None = None) -> Body:
    """Return a body that a site file found: an element, and its paragraphs where the file has chosen among them."""
    text = "\n\n".join(markup.paragraphs(element) if paragraphs is None else paragraphs)
    if paragraphs is None:
        return Body(clean(text), markup.sanitised(element, url))
    return Body(clean(text), _as_html(paragraphs))


def _found(root: HtmlElement, url: str, title: str) -> Body:
    from trafilatura import bare_extraction  # .6 s
    from trafilatura.htmlprocessing import convert_to_html
    from trafilatura.settings import Document

    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # that a page has no article is ours to say
    document = bare_extraction(
        root, url=url, output_format="html", include_comments=False, include_formatting=True, include_links=True
    )
    if not isinstance(document, Document) or document.body is None:
        return Body("", "")
    element = lxml.html.fromstring(etree.tostring(convert_to_html(document.body), encoding="unicode", method="html"))
    _drop_headline(element, title)
    return body_of(element, url)


def _drop_headline(element: HtmlElement, title: str) -> None:
    """Take the headline out where the body begins with it."""
    first = next((one for one in element.iter("h1", "h2", "h3", "p") if markup.flowing(one)), None)
    if title and first is not None and fold(markup.flowing(first)).casefold() == fold(title).casefold():
        first.drop_tree()


def _from_text(text: str) -> Body:
    if "</p>" in text or "<br" in text:
        text = "\n".join(markup.paragraphs(markup.tree(text)))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    paragraphs = [line for line in lines if line]
    return Body(clean("\n\n".join(paragraphs)), _as_html(paragraphs))


def _as_html(paragraphs: list[str]) -> str:
    return clean(
        "\n".join(f"<p>{escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in paragraphs), MAX_BODY
    )
