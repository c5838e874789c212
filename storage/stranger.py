"""Is a text that stands where another was expected an article, or a page that the site shows in place of many? Pure.

Walls, filters, maintenance pages and errors come with status 200 and in words that no list knows. What gives them away
is no word: the same page stands at addresses that each had, or promised, an article of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from storage.model.articles import Article
from storage.same import is_another, is_near_title, shares_little
from storage.text import fold
from storage.verdict import COMPLETED, Act, Homes, Place, Verdict, is_of_another

LITTLE = 1_500  # characters: a wall says less
VERY_LITTLE = 600  # where no listing said what to expect, which makes nothing strange by itself
REMEMBERED = timedelta(days=1)  # how long a page at one address tells of the same page at another
UNTOLD = timedelta(hours=6)  # where no other address shows what it should, none can tell: then it is believed
MOST_COUNTED = 20  # addresses that show the same page: of a wall before a whole archive no look counts them all
_COMPARED = 4_000  # characters of a page that are compared with another's
# What differs from request to request: addresses, names of hosts, numbers and identifiers. Each run of letters and
# signs is found once and asked then: to look for them within it would cost the square of its length.
_RUN = re.compile(r"[!-~]+")
_OF_THE_REQUEST = re.compile(r"[/@\d]|[!-~]\.[a-z]", re.IGNORECASE)
# A figure with a fraction or a unit; what has more parts is a version, an address, a date or a clock.
_UNITS = (
    r"%|‰|[°$€£¥₩₽]|(?:km|cm|mm|m|kg|kt|t|hpa|mb|kn|kw|mw|км|см|мм|м|кг|т|гпа)\b"
    r"|°?[cf]\b|[度级級元円원米도]|公里|厘米|毫米|킬로|센티|미터"
)
_MEASURED = re.compile(
    rf"(?<![a-z\d.,:/])(?<!\w-)(?:\d{{1,6}}[.,]\d{{1,2}}|\d{{1,6}}(?=\s?(?:{_UNITS})))(?!\d|[.,:/-]\d)"
)
LEAST_MEASURED = 2  # of a page, from which on they are what it says
_OF_WORDS, _OF_FIGURES = 6, 2  # bytes of a mark
NO_FIGURES = bytes(_OF_FIGURES)
_NOT_OF_THE_PAGE = ("list", "feed", "url")  # where a date came from that the page itself does not state


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What other addresses of the host show: how many the same page, and what a look at those of other articles told.

    `is_asked`: there is an article elsewhere on the host to compare with. `is_well`: one showed itself since the page
    was first seen here. `is_first`: there is none yet, and further new addresses wait for their first look.
    """

    same_page: int = 0
    is_asked: bool = False
    is_well: bool = False
    is_first: bool = False


def mark_of(article: Article, titles: Sequence[str], before: bytes | None = None) -> bytes:
    """8 bytes that are equal for one page shown at two addresses: of its text without what differs from request to
    request, and without the `titles` of what was asked for, which a page may repeat.

    The last two are of what it measures: bulletins of a form differ in that alone. Where another look showed other
    figures at this address, which `before` is the mark of, these are of the request as well, and the two are 0.
    """
    said = fold(article.body[:_COMPARED])[:_COMPARED]
    for title in filter(None, map(fold, titles)):
        said = said.replace(title, " ")
    measured = _MEASURED.findall(said.casefold())
    said = _RUN.sub(lambda run: " " if _OF_THE_REQUEST.search(run[0]) else run[0], said)
    words = _digest(re.findall(r"\w+", said.casefold()), _OF_WORDS)
    mark = words + (_digest(measured, _OF_FIGURES) if len(measured) >= LEAST_MEASURED else NO_FIGURES)
    return words + NO_FIGURES if is_same_page(before, mark) and before != mark else mark


def _digest(words: Sequence[str], size: int) -> bytes:
    return blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=size).digest()


def is_same_page(before: bytes | None, mark: bytes) -> bool:
    """Do these marks of two looks at one address stand for one page, whatever figures it showed?"""
    return before is not None and before[:_OF_WORDS] == mark[:_OF_WORDS]


def marks_alike(mark: bytes, before: bytes | None) -> tuple[bytes, bytes]:
    """The least and the greatest mark that the same page has at another address. Its figures are its own once a second
    look shows them again; `before` is the mark of the first."""
    words, figures = mark[:_OF_WORDS], mark[_OF_WORDS:]
    are_its_own = before == mark and figures != NO_FIGURES
    return (mark, mark) if are_its_own else (words + NO_FIGURES, words + b"\xff" * _OF_FIGURES)


def titles_of(place: Place, homes: Homes) -> tuple[str, ...]:
    """What the article that was asked for is called."""
    return (place.listed_title, homes.own.current.article.title if homes.own else "")


def is_strange(place: Place, homes: Homes, article: Article, verdict: Verdict, now: datetime) -> bool:
    """Would the verdict take for an article, or for an edit, what has nothing to do with what was expected here?"""
    if article.listing_only:
        return False
    own = homes.own.current.article if homes.own else None
    if own is None or own.listing_only:
        expected = own.title if own else place.listed_title
        writes = verdict.act is Act.ADD or (verdict.act is Act.REVISE and verdict.cls == COMPLETED)
        is_named = bool(expected) and is_near_title(expected, article.title)
        # What a first look names may all be one wall, also of many words: a page that asks for consent.
        is_little = _is_little(place, homes, article) or (own is None and place.history)
        return writes and not is_named and not _is_dated(article) and is_little
    if verdict.act is Act.ELSEWHERE:
        # What is new itself may be the wall; an older article of another address is what the site has in its place.
        return homes.by_text is not None and now - homes.by_text.updated_at < REMEMBERED
    if verdict.act is Act.ADD:
        return is_another(own, article) or shares_little(own, article)
    if verdict.act is not Act.REVISE:
        return False
    return is_of_another(homes, article) or (len(article.body) < LITTLE and shares_little(own, article))


def doubt(place: Place, homes: Homes, article: Article, mark: bytes, around: Surroundings, now: datetime) -> str:
    """Why the strange text that bears this mark is not taken for an article now; "" if it is.

    It is one if a later look shows it again, while others of the host show what they should and none of them this page.
    """
    if around.same_page and may_be_wall(article):
        number = f"{around.same_page + 1}" if around.same_page < MOST_COUNTED else f"more than {MOST_COUNTED}"
        return f"the same page stands at {number} addresses, in place of what each should show"
    since = place.doubted_since if is_same_page(place.doubted, mark) else None
    if around.is_first and (since is None or now - since < UNTOLD):
        return "the page shows nothing of what was expected, and nothing else of the host was read yet"
    if not around.is_asked or not (homes.own or _is_little(place, homes, article)):
        return ""
    if since is None or now <= since:
        return "the page shows nothing of what was expected: it is looked at again before it is believed"
    if around.is_well or now - since >= UNTOLD:
        return ""
    return "the page shows nothing of what was expected, and no other article of the host was well since"


def _is_little(place: Place, homes: Homes, article: Article) -> bool:
    return len(article.body) < (LITTLE if any(titles_of(place, homes)) else VERY_LITTLE)


def may_be_wall(article: Article) -> bool:
    return len(article.body) < LITTLE or not _is_dated(article)


def _is_dated(article: Article) -> bool:
    """Does the page itself state when the text was published? No wall does."""
    return article.published is not None and article.published.origin not in _NOT_OF_THE_PAGE
