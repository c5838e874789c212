"""An article that stands on several pages: the address of the next one, and all of them as one article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.metadata import is_home
from storage.model.articles import Article
from storage.text import MAX_BODY, clean, fold, public_url

_KEYS = frozenset({"page", "p", "pg", "paged", "part", "seite", "pagina", "page_no", "pagenum"})
_PATH = re.compile(
    r"^(?P<base>.+?)(?:/(?:page|seite|pagina|p)?[-_/]?(?P<a>[1-9]\d?)/?|[-_,](?:page|seite"
    r"|p)?[-_]?(?P<b>[1-9]\d?)(?P<tail>\.[a-z]{3,5}))$"
)
_NEXT = re.compile(
    r"^[\W_]*(?:next(?: page)?|page \d+|weiter|nächste seite|suivante?|page suivante|siguiente"
    r"|página siguiente|próxima"
    r"|successiva|avanti|volgende(?: pagina)?|neste(?: side)?|nästa(?: sida)?|næste(?: side)?|seuraava"
    r"|następna|далее|следующая"
    r"|sonraki|次へ|次のページ|下一页|下一頁|다음|التالي)?[\W_]*$",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"^[\W_]*(?:view all|single page|(?:view|read|show) (?:as|on|in)? ?(?:a |one |single )*page"
    r"|full (?:article|text)|all pages"
    r"|auf einer seite(?: lesen| anzeigen)?|artikel auf einer seite(?: lesen)?|lire (?:l'article )?(?:sur"
    r"|en) une (?:seule )?page|ver (?:todo|en una p[áa]gina)"
    r"|全文(?:表示|を表示|阅读|閱讀)?|1ページで読む|阅读全文|全文を読む)[\W_]*$",
    re.IGNORECASE,
)
_MAX_LINKS = 5000


class _Place(NamedTuple):
    """An address as the text that it belongs to, and the number of the page in it."""

    text: str
    number: int


def next_page(root: HtmlElement, url: str) -> str:
    """Return the address on which the article at `url` goes on, "" where it ends here.

    It is page 2 of 3 of the same address, never another article: what is left of both addresses without the number of
    the page is equal. A page that holds all of it is preferred to the second of many.
    """
    if is_home(url):
        return ""
    here = _places(url)
    found: dict[_Place, str] = {}
    whole = ""
    # Of hundreds of links few can be pages of this text: those are looked at.
    names = {name for place in here if (name := _last(place.text))}
    for link in _links(root):
        stated = (link.get("href") or "").strip()
        if not (stated[0] in "?.&" or stated[:1].isdigit() or any(name in stated for name in names)):
            continue
        address = public_url(stated, url).partition("#")[0]
        if not address or "comment" in stated.lower() or is_home(address):
            continue
        text = markup.flowing(link) if link.tag == "a" else ""
        is_next = "next" in (link.get("rel") or "").lower().split()
        if link.tag == "a" and _WHOLE.match(text) and _is_same_text(address, url):
            whole = whole or address
        for place in _places(address):
            if (
                is_next
                or (link.tag == "a" and (text.strip("[]() ") == str(place.number) or (text and _NEXT.match(text))))
                or place.number == 1
            ):
                found.setdefault(place, address)
    for place in here:
        follower = found.get(_Place(place.text, place.number + 1), "")
        # "/news/6" after "/news/5" is another article, unless page 1 is a page of the same text.
        if follower and (place.number == 1 or _Place(place.text, 1) in found):
            return whole if whole and whole != url and place.number == 1 else follower
    return ""


def joined(parts: Sequence[Article]) -> Article:
    """Return the pages of one article as one: what the first says of it, and the text of all in their order.

    A headline or a longer paragraph that an earlier page has is not repeated. `parts` is not empty.
    """
    seen: set[str] = set()
    texts, pages = [], []
    for number, part in enumerate(parts):
        repeated = {fold(part.title), fold(parts[0].title)} if number else set()
        again = seen | repeated
        kept = [one for one in part.body.split("\n\n") if fold(one) not in again]
        texts += kept
        pages.append(_without(part.html, again) if number else part.html)
        seen |= {text for one in kept if len(text := fold(one)) >= 40}
    return replace(
        parts[0],
        body=clean("\n\n".join(texts)),
        html=clean("\n".join(one for one in pages if one), MAX_BODY * 2),
        teaser=any(one.teaser for one in parts),
        next_page=parts[-1].next_page,
    )


def _links(root: HtmlElement) -> list[HtmlElement]:
    links = []
    for number, link in enumerate(root.iter("link", "a")):
        if number == _MAX_LINKS:
            break
        if (link.get("href") or "").strip() and not (
            link.tag == "link" and "next" not in (link.get("rel") or "").lower().split()
        ):
            links.append(link)
    return links


def _places(url: str) -> list[_Place]:
    """Return how an address can be read: as the first page of itself, and as a page with a number."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    path = parts.path.rstrip("/") or "/"
    plain = urlencode(sorted((key, value) for key, value in query if key.lower() not in _KEYS))
    numbers = [value for key, value in query if key.lower() in _KEYS]
    if len(numbers) == 1 and re.fullmatch(r"[1-9]\d?", numbers[0]):
        return [_Place(f"{parts.netloc}{path}?{plain}", int(numbers[0]))]
    found = [_Place(f"{parts.netloc}{path}?{urlencode(sorted(query))}", 1)]
    if numbered := _PATH.match(parts.path):
        base = (numbered["base"] + (numbered["tail"] or "")).rstrip("/")
        found.append(_Place(f"{parts.netloc}{base}?{plain}", int(numbered["a"] or numbered["b"])))
    return found


def _last(text: str) -> str:
    """Return the last part of an address without its ending, as far as its characters need no escapes."""
    path = text.partition("?")[0].rpartition("/")[2]
    found = re.match(r"[\w-]+", path, re.ASCII)
    return found[0] if found and found.end() == len(path.partition(".")[0]) else ""


def _is_same_text(one: str, other: str) -> bool:
    """Does one address go on where the other ends, or is it the same with a question: print, all, amp?"""
    first, second = urlsplit(one), urlsplit(other)
    stem = re.sub(r"(?:\.[a-z]{3,5})?/?$", "", second.path)
    return first.netloc == second.netloc and len(stem) > 1 and first.path.startswith(stem)


def _without(html: str, texts: set[str]) -> str:
    """Return HTML of ours without the elements whose whole text is one of these."""
    if not html:
        return ""
    root = markup.tree(html)
    for one in list(root.iter("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote")):
        if one.getparent() is not None and fold(markup.flowing(one)) in texts:
            one.drop_tree()
    return markup.sanitised(root, "")
