"""The headline: what the reader sees, if the page's metadata are about the same; without the name of the site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.markup import flowing, paragraphs
from storage.text import MAX_TITLE, fold, one_line

_SEPARATOR = re.compile(r"\s+[|·•»«–—-]\s+|\s*\|\s*|\s+::?\s+|\s*[–—｜]\s+")
_GOES_ON = re.compile(r"\s*[|·•»«–—｜ㅣ:-]")
_LETTERS = re.compile(r"[\W_]+")
_LEAST_HEADLINE = 15  # characters
_SAME_MATTER = 0.3  # likeness of two headlines of one article; those of two articles share less
_NO_HEADLINE = re.compile(r"logo|brand|bread-?crumb|hidden|popup|modal|log-?in|cookie", re.IGNORECASE)
_HEADLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:entry|post|article|story|news|page|node)[-_]*(?:title|head(?:line)?)\b|(?:^|\s)headline\b",
    re.IGNORECASE,
)
_KICKER = re.compile(
    r"kicker|overline|eyebrow|dachzeile|topline|fly-?title|pre-?title|super-?title|roof-?line|spitzmarke|volanta"
    r"|sur-?titre|occhiello|antetitulo",
    re.IGNORECASE,
)


def headline(stated: Sequence[str], headings: Sequence[str], page_title: str, sites: Sequence[str], url: str) -> str:
    """Return the headline, "" where the page has none.

    `stated` are the titles of its metadata, the best first; `headings` what `visible_headlines` found; `sites` the
    names of the site as the page gives them. What the reader sees goes before what is written for search engines: the
    heading that a stated title is about, even in other words. Without such a heading a candidate counts as often as it
    stands in one of the places.
    """
    names = {_letters(one) for one in (*sites, *_host_names(url))} - {""}
    seen = [one for one in (without_site(each, names) for each in headings[:5]) if one and _letters(one) not in names]
    told = [one for one in (without_site(each, names) for each in stated) if one and _letters(one) not in names]
    # <title> is the last resort: it is often shortened or rewritten for search engines.
    tail = without_site(page_title, names)
    tail = "" if _letters(tail) in names else tail
    places = [one for one in (*told, tail) if one]
    if seen and places:
        pairs = [_pairs(one) for one in places]
        alike = [max(_likeness(_pairs(one), each) for each in pairs) for one in seen]
        if max(alike) >= _SAME_MATTER:
            return _with_kicker(seen[alike.index(max(alike))], told)
    candidates = [*told, *seen]
    if not candidates:
        return tail
    everywhere = [_letters(_begun(one, candidates)) for one in (*candidates, tail)]
    return max((_begun(one, candidates) for one in candidates), key=lambda one: everywhere.count(_letters(one)))


def visible_headlines(root: HtmlElement, page_title: str = "") -> list[str]:
    """Return the headings that may be the article's, in page order, without the kicker above them.

    The h1 elements that are no logo, no part of the navigation and not hidden; where there is none, what is marked as
    headline or has a class that templates give to the headline; else the h2 or h3 that the page's title begins with.
    """
    found = [text for one in list(root.iter("h1"))[:20] if not _is_elsewhere(one) and (text := _heading(one))]
    if found:
        return found
    marked = root.xpath("(//*[@itemprop='headline'][not(self::meta)])[position() <= 2]")
    named = [one for one in list(root.iter("h2"))[:40] if _HEADLINE_CLASS.search(one.get("class") or "")][:1]
    found = [text for one in (*marked, *named) if not _is_elsewhere(one) and (text := _heading(one))]
    lower = islice(root.iter("h2", "h3"), 40)
    return found or [text for one in lower if not _is_elsewhere(one) and _begins(text := _heading(one), page_title)][:1]


def _begins(heading: str, title: str) -> bool:
    return len(heading) > _LEAST_HEADLINE and title.startswith(heading) and bool(_GOES_ON.match(title, len(heading)))


def headline_element(root: HtmlElement, title: str) -> HtmlElement | None:
    """Return the heading that is most like the title, the first of several alike; None where the page has none."""
    found = [one for one in islice(root.iter("h1"), 20) if not _is_elsewhere(one) and flowing(one)]
    if len(found) < 2 or not title:
        return found[0] if found else None
    pairs = _pairs(title)
    return max(found, key=lambda one: _likeness(_pairs(one_line(flowing(one), MAX_TITLE)), pairs))


def after_headline(heading: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements in and after a heading in page order, as far as six boxes round it reach."""
    yield from heading.iter()
    for above in (heading, *islice(heading.iterancestors(), 6)):
        for beside in above.itersiblings():
            yield from beside.iter()


def _heading(element: HtmlElement) -> str:
    """Return the text of a heading without a kicker, if more than the kicker stands in it."""
    kickers = {one for one in element.iterdescendants() if _KICKER.search(one.get("class") or "")}
    text = " ".join(paragraphs(element, skip=kickers.__contains__, line_breaks=False)) if kickers else ""
    return one_line(text or flowing(element), MAX_TITLE)


def _is_elsewhere(heading: HtmlElement) -> bool:
    above = list(islice(heading.iterancestors(), 12))
    return (
        any(one.tag in ("nav", "footer", "aside", "dialog") for one in above)
        or any(one.tag == "ol" for one in above[:3])
        or any(_NO_HEADLINE.search(f"{one.get('class')} {one.get('id')}") for one in (heading, *above[:3]))
    )


def _with_kicker(heading: str, told: Sequence[str]) -> str:
    """Return the heading with the kicker that all metadata put before it, without one that they all leave out."""
    letters, mine = {_letters(one) for one in told}, _letters(heading)
    if len(told) > 1 and len(letters) == 1 and mine not in letters and letters.pop().endswith(mine):
        return told[0]
    shorter = [one for one in told if len(one) > 15 and mine.endswith(_letters(one)) and _letters(one) != mine]
    return max(shorter, key=len, default=heading)


def _pairs(text: str) -> Counter[str]:
    letters = _letters(text)
    return Counter(letters[at : at + 2] for at in range(len(letters) - 1))


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Return how far two texts share their pairs of letters, 0 to 1: it works without knowing what a word is."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _begun(title: str, candidates: list[str]) -> str:
    """Return the shortest candidate that the title is with something put behind it, "| Politics" or a site's name."""
    begins = [one for one in candidates if len(one) > 15 and title.startswith(one) and _GOES_ON.match(title, len(one))]
    return min(begins, key=len, default=title)


def without_site(title: str, names: set[str]) -> str:
    """Return the title without a first or last part that is the site's name (in letters alone, as `names` are)."""
    for _ in range(3):
        cuts = list(_SEPARATOR.finditer(title))
        if not cuts:
            return title
        first, last = title[: cuts[0].start()], title[cuts[-1].end() :]
        if _letters(last) in names:
            title = title[: cuts[-1].start()].strip()
        elif _letters(first) in names:
            title = title[cuts[0].end() :].strip()
        else:
            return title
    return title


def _host_names(url: str) -> list[str]:
    """Return how a site may call itself after its host: example.co.uk, example, www.example.co.uk."""
    host = urlsplit(url).hostname or ""
    bare = re.sub(r"^(?:www\d?|m)\.", "", host)
    labels = bare.split(".")
    return [
        host,
        bare,
        labels[0],
        *(labels[-2:-1] if len(labels) > 1 else []),
        *(labels[-3:-2] if len(labels) > 2 else []),
    ]


def _letters(text: str) -> str:
    return _LETTERS.sub("", fold(text)).casefold()
