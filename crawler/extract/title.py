"""The headline: what several places of a page agree on, without the name of the site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from storage.text import fold

_SEPARATOR = re.compile(r"\s+[|·•»«–—-]\s+|\s*\|\s*|\s+::?\s+|\s*[–—｜]\s+")
_GOES_ON = re.compile(r"\s*[|·•»«–—｜ㅣ:-]")
_LETTERS = re.compile(r"[\W_]+")


def headline(stated: Sequence[str], headings: Sequence[str], page_title: str, sites: Sequence[str], url: str) -> str:
    """Return the headline, "" where the page has none.

    `stated` are the titles of its metadata, the best first; `headings` its h1 elements; `sites` the names of the site
    as the page gives them. A candidate counts as often as it stands in one of the places; the heading and then the
    metadata win a tie.
    """
    names = {_letters(one) for one in (*sites, *_host_names(url))} - {""}
    plain = [without_site(one, names) for one in (*stated, *headings[:3])]
    candidates = [one for one in plain if one and _letters(one) not in names]
    # <title> is the last resort: it is often shortened or rewritten for search engines.
    tail = without_site(page_title, names)
    if not candidates:
        return "" if _letters(tail) in names else tail
    everywhere = [_letters(_begun(one, candidates)) for one in (*candidates, tail)]
    heading = _letters(without_site(headings[0], names)) if headings else ""
    return max(
        (_begun(one, candidates) for one in candidates),
        key=lambda one: (everywhere.count(_letters(one)), _letters(one) == heading and len(one) > 20),
    )


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
