"""What a scout found, for people before they add a source: listings, how fresh they are, the choice and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from crawler.choice import Found, Judged, newest
from crawler.scout import Scouted
from scheduler.web.words import ago
from storage.model.articles import When
from storage.model.looking import Link
from storage.text import counted, iso

FIRST = 10  # of the articles that would be read


def in_words(scouted: Scouted, now: datetime) -> str:
    """Several lines; what is chosen is marked."""
    lines = [f"{scouted.url}"]
    if scouted.site:
        lines.append(f"is read by the site file {scouted.site}")
    lines += [line for one in scouted.judged for line in _judged(one, now)]
    guesses = sum(one.is_guess for one in scouted.failed)
    lines += [f"  -  {one.url}\n       {one.fault}" for one in scouted.failed if not one.is_guess]
    lines += [f"  -  nothing to read at {counted(guesses, 'other place')} that sites often use"] * (guesses > 0)
    links = first_links(scouted.chosen)
    if links:
        lines += ["", f"The first {len(links)} articles that it would read:" if len(links) > 1 else "The article:"]
        lines += [f"  {_day(one.published):10}  {one.title or one.url}" for one in links]
    else:
        lines += ["", "Nothing here lists articles that Dateline could read."]
    return "\n".join(lines)


def as_json(scouted: Scouted) -> dict[str, Any]:
    return {
        "url": scouted.url,
        "site": scouted.site,
        "listings": [
            {
                "url": one.found.offer.url,
                "kind": one.found.offer.kind,
                "title": one.found.offer.title or one.found.listing.title,
                "told_by": one.found.offer.told_by,
                "articles": len(one.found.listing.links),
                "newest": iso(newest(one.found)),
                "chosen": one.is_chosen,
                "reason": one.reason,
            }
            for one in scouted.judged
        ],
        "failed": [{"url": one.url, "reason": str(one.fault)} for one in scouted.failed],
        "first": [
            {"url": one.url, "title": one.title, "published": iso(one.published.moment if one.published else None)}
            for one in first_links(scouted.chosen)
        ],
    }


def first_links(chosen: Sequence[Found]) -> list[Link]:
    """The first links of the chosen listings, each once."""
    links: dict[str, Link] = {}
    for one in chosen:
        for link in one.listing.links:
            links.setdefault(link.url, link)
    return list(links.values())[:FIRST]


def _judged(one: Judged, now: datetime) -> list[str]:
    found = one.found
    last = newest(found)
    fresh = f", the newest {ago(last, now)}" if last else ", without dates"
    number = len(found.listing.links)
    articles = f"{counted(number, 'article')}{fresh if number else ''}"
    sections = f", {counted(len(found.listing.listings), 'section')}" if found.listing.listings else ""
    return [
        f"  {'*' if one.is_chosen else '-'}  {found.offer.kind:9} {found.offer.url}",
        f"       {articles}{sections}; {'chosen: ' if one.is_chosen else ''}{one.reason}",
    ]


def _day(when: When | None) -> str:
    return when.moment.astimezone(UTC).date().isoformat() if when else "no date"
