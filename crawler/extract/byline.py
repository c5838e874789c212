"""The authors' names in the visible page: what is marked as author, what stands after "By", what closes a report."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice

from lxml.html import HtmlElement

from crawler.extract.markup import flowing
from crawler.extract.people import are_people, is_name_alone, names
from crawler.extract.title import after_headline, headline_element

_MAX_LINE = 160
_MOST = 40  # candidates that are looked at
_WITHIN = 150  # elements after the headline in which a line "By ..." is a byline
_LINES = frozenset(("p", "div", "span", "address", "li", "small", "em", "strong", "b", "a", "h2", "h3", "h4", "h5"))
# Coarse: whether any attribute is worth a closer look. As XPath with its "or" it would take five times as long.
_HINT = re.compile("uthor|yline|uteur|utor|riter|eporter|ournalist|edakt|/profile/|/by/")
_AUTHOR = re.compile(
    r"(?:^|[\s_-])(?:by-?line|(?:post|article|entry|story|meta|c|o|m|news|page|content|single)?[_-]*"
    r"(?:author|autor|auteur|writer|reporter|journalist|redakteur|redaktor|creator)e?s?)(?:$|[\s_-]|(?=[A-Z_]))"
    r"|[a-z](?:Author|Byline|Autor)|author(?:s|name)?$",
)
_NO_AUTHOR = re.compile(
    r"comment|licen[cs]e|credit|caption|image|photo|avatar|social|share|follow|position|title|role|\bjob|date|time|meta-?date"
    r"|bio(?:graphy)?\b|descri|teaser|related|snippet|newsletter|count|email|icon|more",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"comment|related|teaser|sidebar|recommend|promo|popular|most-?read|trending|licen[cs]e|credit|caption|newsletter"
    r"|snippet|read-?more|more-?(?:from|stories|news)|(?:^|[\s_-])cards?(?:$|[\s_-])|widget|see-?also",
    re.IGNORECASE,
)
_SAID_BY = re.compile(
    r"^(?:(?:written |words |story |reported |analysis |posted |article |text )?by\b"
    r"|(?:von|par|por|di|door|av|af)(?:\s|$)"
    r"|od\s|autor\w*\s*:|auteur\s*:|text\s*:|author\s*:|автор\w*\s*:?|текст\s*:|作者\s*[:：]|文\s*[/／＝]"
    r"|(?:本[报報])?[记記]者\s*)",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?P<korean>[가-힣]{2,4}(?:[·,]\s?[가-힣]{2,4}){0,4})\s?(?:선임|인턴|수습|전문|객원)?\s?(?:기자|특파원)(?=[\s=()\[\]|.@]|$)"
    r"|[(（【]?(?:本[报報]|新[华華]社)?[记記]者[:：\s]?(?P<chinese>[\u4e00-\u9fff]{2,3}(?:[、\s][\u4e00-\u9fff]{2,3}){0,4})(?=[)）】\s])"
)


def read_authors(root: HtmlElement, stated: tuple[str, ...], *, title: str, text: str) -> tuple[str, ...]:
    """Return the people that the page states; where it states none the byline's, and bodies where that has none."""
    if are_people(stated):
        return stated
    found = read_byline(root, title=title, text=text)
    return found if are_people(found) else stated or found


def read_byline(root: HtmlElement, *, title: str = "", text: str = "") -> tuple[str, ...]:
    """Return the authors that the visible page names, () where it names none.

    What is marked as author (itemprop, rel, class, the address of an author's page) comes first, nearest after the
    headline; then a line that begins with "By"; then reporters as East Asian reports name them in `text`, the body.
    """
    heading = headline_element(root, title)
    found: tuple[str, ...] = ()
    for one in (_marked(root, heading), _said(heading)):
        if are_people(one):
            return one
        found = found or one
    signed = _signed(text)
    return signed if are_people(signed) else found


def _marked(root: HtmlElement, heading: HtmlElement | None) -> tuple[str, ...]:
    """Return the names in the first place that is marked and names people, with its neighbours."""
    levels = {} if heading is None else {one: level for level, one in enumerate(heading.iterancestors())}
    nearest: list[tuple[int, HtmlElement]] = []
    hinted = (one for one in root.iter() if _HINT.search(" ".join(one.attrib.values())))
    for one in islice(hinted, _MOST * 10):
        shared = next((above for above in one.iterancestors() if above in levels), None)
        nearest.append((levels[shared] if shared is not None else len(levels), one))
    nearest.sort(key=lambda pair: pair[0])
    candidates = [one for _, one in nearest[:_MOST] if _is_author(one, levels)]
    fallback: tuple[str, ...] = ()
    for at, one in enumerate(candidates):
        found = names(_lines(one))
        if found and are_people(found):
            return _with_neighbours(one, candidates[at + 1 :], found)
        fallback = fallback or found
    return fallback


def _is_author(one: HtmlElement, around: Collection[HtmlElement]) -> bool:
    """Is the element marked as author, outside of what stands apart from the article that is `around`?"""
    if one.tag in (
        "meta",
        "link",
        "script",
        "img",
        "figure",
        "figcaption",
        "aside",
        "form",
        "input",
        "body",
        "html",
        "article",
        "main",
    ):
        return one.tag == "meta" and one.get("itemprop") == "author"
    marks = f"{one.get('class') or ''} {one.get('id') or ''} {one.get('data-testid') or ''}"
    if _NO_AUTHOR.search(marks):
        return False
    href = one.get("href") or ""
    if not (
        one.get("itemprop") in ("author", "creator")
        or "author" in (one.get("rel") or "").split()
        or any(_AUTHOR.search(mark) for mark in marks.split())
        or re.search(r"/(?:authors?|autore?s?|auteurs?|reporters?|journalists?|profile|by)/[^/]", href)
    ):
        return False
    for above in islice(one.iterancestors(), 10):
        if above in around:
            break
        if above.tag in ("nav", "aside", "figure", "figcaption") or (above.tag == "footer" and not _in_article(above)):
            return False
        if _ELSEWHERE.search(f"{above.get('class') or ''} {above.get('id') or ''}"):
            return False
    return True


def _in_article(footer: HtmlElement) -> bool:
    return next(footer.iterancestors("article"), None) is not None


def _lines(element: HtmlElement) -> list[str]:
    """Return the texts of an author element that may be names: those marked within it, else the whole, if short."""
    inner = element.xpath(
        "(.//*[@itemprop='name'] | .//*[@rel='author'] | .//a[contains(@href, '/author')])[position() <= 20]"
    )
    texts = [flowing(one) or one.get("content") or "" for one in inner]
    if any(texts):
        return [one for one in texts if len(one) <= _MAX_LINE]
    pieces = [text for one in islice(element.iterchildren("a", "span", "div", "li", "p"), 20) if (text := flowing(one))]
    if len(pieces) > 1 and are_people(pieces[:1]) and are_people(pieces[1:2]):
        return pieces
    whole = flowing(element) or element.get("content") or ""
    return [whole] if 2 <= len(whole) <= _MAX_LINE else []


def _with_neighbours(first: HtmlElement, rest: list[HtmlElement], found: tuple[str, ...]) -> tuple[str, ...]:
    """Add the names of those that are marked as the first is and stand beside it, or in boxes beside its own."""
    boxes = set(islice(first.iterancestors(), 2))
    beside = [
        one
        for one in rest
        if one.tag == first.tag
        and one.get("class") == first.get("class")
        and not boxes.isdisjoint(islice(one.iterancestors(), 2))
    ]
    return names([*found, *(line for one in beside for line in _lines(one))])


def _said(heading: HtmlElement | None) -> tuple[str, ...]:
    """Return the names of the first short line after the headline that begins with "By" in one of its languages."""
    if heading is None:
        return ()
    for one in islice(after_headline(heading), _WITHIN):
        if one.tag not in _LINES or len(one) > 6 or not (begins := (one.text or "").strip()):
            continue
        if not _SAID_BY.match(begins):
            continue
        above = one.getparent()  # for <p><b>By</b> <a>Ada Example</a></p>
        for around in (one, above) if above is not None and len(above) <= 6 else (one,):
            line = flowing(around)
            if len(line) <= _MAX_LINE and are_people(found := names([line])):
                return found
    return ()


def _signed(text: str) -> tuple[str, ...]:
    """Return who signs the text: a reporter in the words of East Asia, or a first or last paragraph that is a name."""
    signed = [*list(_SIGNED.finditer(text[:250]))[:1], *list(_SIGNED.finditer(text[-300:]))[-1:]]
    if signed:
        return names([re.sub(r"[·,]", "、", signed[0]["korean"] or signed[0]["chinese"])])
    ends = [text[:60].split("\n", 1)[0], text[-60:].rsplit("\n", 1)[-1]] if "\n" in text else []
    return next((found for one in ends if is_name_alone(one.strip()) and (found := names([one]))), ())
