"""Are two texts at two addresses one article, an edit of it, a copy elsewhere, or two articles? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from storage.churn import edited_lines
from storage.identity import (
    COMPARED_CHARS,
    address_key,
    body_words,
    containment,
    fingerprint,
    host_of,
    same_text,
    title_key,
    words_of,
)
from storage.lengths import weight
from storage.model.articles import Article
from storage.occasions import are_of_two_days

NEAR = 0.6  # containment from which two texts may be one story: copies have .67 and more, other stories at most .5
NEAR_TITLE = 0.6  # of the words of the shorter title, that stand in the other
LINE_WORDS = 5  # a line of fewer is a label, a name, a button
FEW_WORDS = 8  # below it, what a text has for itself tells nothing
KEPT = 1 / 3  # of the shorter text, that may stay where an address is given to another article: its furniture
MOST_EDITED = 2 * COMPARED_CHARS  # of the lines of a text that the other has not: more than the words it is weighed by
BEGINNING = 10 * COMPARED_CHARS  # of two texts, in which their lines are looked for
MOST_MOVED = 2_000_000  # weight of a text that is looked through for what it has for itself, within a write
APART = 0.25  # containment of what two texts have for themselves, up to which they say different things


class Relation(StrEnum):
    SAME = "same"  # the same text, also under two addresses of one host
    EDITED = "edited"  # one article at two times
    COPY = "copy"  # the same story in nearly the same words, at another place
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Seen:
    """A text with the address that it stood at; `url` may be "" where it is not known."""

    url: str
    article: Article


@dataclass(frozen=True, slots=True)
class Related:
    relation: Relation
    similarity: float  # 0 to 1: how much of the shorter text stands in the longer one


def relate(one: Seen, other: Seen) -> Related:
    """Compare two texts, whichever was there first.

    At one address the later text is an edit, unless the address was given to another article. At another address of
    the same host nearly the same text under the same title is an edit that moved, and with the figures of another day a
    report of its own; on another host it is a copy.
    """
    place = _place(one.url, other.url)
    a, b = one.article, other.article
    if same_text(a, b):
        return Related(Relation.COPY if place == "elsewhere" else Relation.SAME, 1.0)
    near = containment(a.body, b.body)
    if place == "address":
        return Related(Relation.DIFFERENT if is_another(a, b) else Relation.EDITED, near)
    if not _is_one_story(a, b, near):
        return Related(Relation.DIFFERENT, near)
    if place == "elsewhere":
        return Related(Relation.COPY, near)
    if are_of_two_days(
        (a.title, b.title),
        _own_lines(a.body[:BEGINNING], b.body[:BEGINNING]),
        (one.url, other.url),
        (a.published, b.published),
    ):
        return Related(Relation.DIFFERENT, near)
    if fingerprint(a) == fingerprint(b):
        return Related(Relation.EDITED if a.title != b.title else Relation.SAME, near)
    return Related(Relation.EDITED if _same_title(a.title, b.title) else Relation.COPY, near)


def is_another(before: Article, after: Article) -> bool:
    """Whether an address was given to another article: another title, and of the words of the shorter text nothing
    that is not furniture of both. A rewrite keeps its title, some of its sentences, or its time of publication."""
    if is_near_title(before.title, after.title) or _same_moment(before, after):
        return False
    own, others = _own_lines(before.body[:BEGINNING], after.body[:BEGINNING])
    fewer = min(_words(own), _words(others))
    shorter = min(len(body_words(one.body[:COMPARED_CHARS])) for one in (before, after))
    if fewer < FEW_WORDS or shorter - fewer > KEPT * shorter:
        return False
    return containment("\n".join(own), "\n".join(others)) <= APART / 2


def shares_little(before: Article, after: Article) -> bool:
    """Whether hardly any words in a row of the shorter text stand in the other; so it is also of two short ones."""
    return not _same_moment(before, after) and containment(before.body, after.body) <= APART / 2


def is_near_title(one: str, other: str) -> bool:
    """Whether most words of the shorter title stand in the other."""
    words, others = set(words_of(one)), set(words_of(other))
    fewer = min(len(words), len(others))
    return bool(fewer) and len(words & others) / fewer >= NEAR_TITLE


def is_near(one: Article, other: Article) -> bool:
    """Whether two texts of different addresses tell one story in nearly the same words."""
    return _is_one_story(one, other, containment(one.body, other.body))


def is_moved(one: Article, other: Article) -> bool:
    """Whether a site's texts at two of its addresses are one article: the same title and day, and all that one says
    stands in the other, whatever frame it has there. Two reports from one form have other words at some place."""
    if title_key(one, "") != title_key(other, "") or not title_key(one, "") or not is_near(one, other):
        return False
    a, b = one.published, other.published
    if a and b and a.precision != "day" and b.precision != "day" and a.moment != b.moment:
        return False
    if max(weight(one.body), weight(other.body)) > MOST_MOVED:
        return False
    went, came = _own_lines(one.body, other.body)
    return not any(map(_is_text, went)) or not any(map(_is_text, came))


def _is_text(line: str) -> bool:
    return len(words_of(line)) >= LINE_WORDS


def _is_one_story(a: Article, b: Article, near: float) -> bool:
    # Of long texts a fingerprint costs more than all the rest, and says no more than the comparison of their lines.
    is_long = min(len(a.body), len(b.body)) > COMPARED_CHARS
    if not is_long and fingerprint(a) == fingerprint(b):
        return True
    if near < NEAR:
        return False
    if is_near_title(a.title, b.title):
        # Sites call each of a kind alike, "Press review": then the texts must agree beyond what frames them.
        return _agree_beside_furniture(a, b) or near >= (1 + NEAR) / 2
    return _agree_beside_furniture(a, b)


def _agree_beside_furniture(a: Article, b: Article) -> bool:
    """Whether what each has for itself is little, or is still alike: short articles of a site share their furniture,
    and may share more of it than they have words of their own."""
    own, others = _own_lines(a.body[:BEGINNING], b.body[:BEGINNING])
    fewer = min(_words(own), _words(others))
    if fewer < FEW_WORDS:
        return True
    shorter = min(len(body_words(one.body[:COMPARED_CHARS])) for one in (a, b))
    # A paragraph that was written anew in a long text is still the same text.
    return fewer < shorter / 3 or containment("\n".join(own), "\n".join(others)) > APART


@lru_cache(maxsize=4)  # a save asks up to six times: is it near, has it moved, is it another, to foresee and to write
def _own_lines(one: str, other: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return edited_lines(one, other, MOST_EDITED)


def _place(one: str, other: str) -> Literal["address", "host", "elsewhere"]:
    try:
        if address_key(one) == address_key(other):
            return "address"
    except ValueError:  # not a public URL: it says nothing
        return "elsewhere"
    return "host" if host_of(one).removeprefix("www.") == host_of(other).removeprefix("www.") else "elsewhere"


def _same_title(one: str, other: str) -> bool:
    """Nearly word for word: a slug is corrected with its headline, and a later report of an event has another one."""
    words, others = set(words_of(one)), set(words_of(other))
    more = max(len(words), len(others))
    return bool(more) and len(words & others) / more >= NEAR_TITLE


def _same_moment(one: Article, other: Article) -> bool:
    """Whether both were published in the same minute; a day has many articles."""
    stated = one.published
    return stated is not None and stated.precision != "day" and stated == other.published


def _words(lines: tuple[str, ...]) -> int:
    return sum(len(words_of(line)) for line in lines)
