"""The authors' names in the visible page, where its metadata do not give them."""

from __future__ import annotations

import re
from copy import deepcopy

from lxml.html import HtmlElement

from crawler.extract.markup import flowing
from crawler.extract.metadata import names

_MARKED = "(//*[@itemprop='author' or @rel='author'])[position() <= 5]"
_MAX_LINE = 120


def read_byline(root: HtmlElement) -> tuple[str, ...]:
    """Return authors marked as such in the text, else what trafilatura takes for a byline; () if there is none."""
    marked = [flowing(one) or one.get("content") or "" for one in root.xpath(_MARKED)]
    if found := names(line for line in marked if len(line) <= _MAX_LINE):
        return found
    from trafilatura.metadata import extract_author  # .6 s

    guessed = extract_author(deepcopy(root)) or ""
    return names(re.split(r";\s*", guessed)) if len(guessed) <= _MAX_LINE else ()
