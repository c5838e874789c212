"""Addresses of one kind: what they share, and what a source's links of each kind turned out to be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

MOST_COUNTED = 20  # articles and others of one shape: so few that a site which changes is learned anew
MOST_SHAPES = 200  # of one source
_SURE = 3  # of one kind, and none of the other, before a lesson counts

NUMBER = re.compile(r"\d{5,}|[0-9a-f]{12,}")
WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class LinkShape:
    """How many links of one shape turned out to be articles, and how many something else."""

    articles: int = 0
    others: int = 0

    def points(self) -> int:
        """Return 8 for what was always an article, -5 for what never was one, 0 where nothing is sure.

        A shape that failed is held back and not shut out: a dated headline still passes, and heals a wrong lesson.
        """
        if self.articles >= _SURE and self.others * 10 <= self.articles:
            return 8
        return -5 if self.others >= _SURE and not self.articles else 0


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the links of one source turned out to be, by shape; the shape that was met last stands last."""

    shapes: dict[str, LinkShape] = field(default_factory=dict)


def learned(lessons: Lessons, url: str, *, was_article: bool) -> Lessons:
    """Return the lessons with one more page read. Once counts are full, the new takes the place of its opposite."""
    name = shape(url)
    known = lessons.shapes.get(name, LinkShape())
    if was_article:
        articles = min(known.articles + 1, MOST_COUNTED)
        known = replace(known, articles=articles, others=min(known.others, MOST_COUNTED - articles))
    else:
        others = min(known.others + 1, MOST_COUNTED)
        known = replace(known, others=others, articles=min(known.articles, MOST_COUNTED - others))
    kept = [(each, counts) for each, counts in lessons.shapes.items() if each != name][-(MOST_SHAPES - 1) :]
    return Lessons(dict([*kept, (name, known)]))


def shape(url: str) -> str:
    """Return what addresses of one kind share: host, depth, first part, kinds of the others, keys of the query."""
    parts = urlsplit(url)
    pieces = parts.path.strip("/").split("/")
    kinds = [_kind(piece) for piece in pieces[1:]] if len(pieces) > 1 else [_kind(pieces[0])]
    first = _kind(pieces[0]) if len(pieces) > 1 and pieces[0].isdigit() else pieces[0] if len(pieces) > 1 else ""
    keys = ",".join(key for key, _ in parse_qsl(parts.query)) if parts.query else ""
    return f"{parts.hostname}/{first}/{'/'.join(kinds)}?{keys}"


def _kind(piece: str) -> str:
    if piece.isdigit():
        return "9" * min(len(piece), 5)
    dot = piece.rsplit(".", 1)[-1] if "." in piece else ""
    words = len(WORDS.findall(piece))
    return f"{'long' if words >= 4 else 'mid' if words >= 2 else 'one'}{'#' if NUMBER.search(piece) else ''}.{dot[:5]}"
