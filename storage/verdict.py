"""What a sighting comes to: the decision that a save carries out. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto

from storage.diff import LABEL
from storage.identity import COMPARED_CHARS, near_same, same_text, stated_day, words_of
from storage.model.articles import Article, Diff, EditClass, Revision
from storage.model.looking import Gone, Outcome
from storage.same import is_another, is_moved, is_near

COMPLETED = str(EditClass.COMPLETED)
EDITIONS = str(EditClass.EDITIONS)
LATELY = 6  # revisions, the newest: a text of one of them may take turns with the current one


class Act(Enum):
    ADD = auto()  # a new article, led by this address
    ATTACH = auto()  # the address shows revision `number` of `home`, which stays as it is
    REVISE = auto()  # `home` gets revision `number`
    AHEAD = auto()  # the address shows what its lead does not: to be looked at again after the lead was
    ELSEWHERE = auto()  # a look at the lead shows an article that is known at another address: its own is not there
    DOUBT = auto()  # it may be no article: nothing is written of it, and it is looked at again
    REDO = auto()  # the diff is missing, or made against another revision


@dataclass(frozen=True, slots=True)
class Place:
    """An address as it stands before a save."""

    id: int
    key: bytes
    host: str
    source_id: int
    history: bool
    article_id: int | None
    original_key: bytes | None  # of the address that it names as its original, now or before
    revision_number: int | None
    ahead_since: datetime | None
    listed_title: str = ""
    doubted: bytes | None = None  # the mark of the last text here that was not taken for an article
    doubted_since: datetime | None = None  # it has been shown at each look since; None: the last look showed another
    doubted_at: datetime | None = None  # the last look that showed it
    doubted_looks: int = 0  # of these, spaced as those that find an article gone


@dataclass(frozen=True, slots=True)
class Home:
    """An article that an address belongs to, or may turn out to belong to."""

    article_id: int
    number: int
    history: bool
    updated_at: datetime
    lead_id: int
    lead_host: str
    lead_looked_at: datetime | None
    lead_fails: bool
    current: Revision
    fingerprint: bytes = b""  # of `current`
    is_missed: bool = False  # its lead says that it is gone, shows another, or what may be none


@dataclass(frozen=True, slots=True)
class Homes:
    """The articles that a sighting may concern; two of them may be one.

    `shown` are the articles that said the same in some revision: id -> number of the newest that did.
    """

    own: Home | None = None  # that the address belongs to
    # Whose lead names this address as its original. Only the lead gives the lead away: else any site could copy a
    # text, name an address of its own, and take over.
    naming: Home | None = None
    named: Home | None = None  # of the address that the sighting names as its original
    by_text: Home | None = None  # of this host, the first that said the same
    by_title: Home | None = None  # of this host, the first with the same title and day
    lost: Home | None = None  # the last that lost this address to another article
    by_near: Home | None = None  # of this host, the likeliest to say nearly the same
    shown: Mapping[int, int] = field(default_factory=dict)

    def number_in(self, home: Home) -> int | None:
        return self.shown.get(home.article_id)

    def say_nearly(self, home: Home, article: Article) -> bool:
        return home.article_id in self.shown or near_same(home.current.article.body, article.body)


@dataclass(frozen=True, slots=True)
class Verdict:
    act: Act
    home: Home | None = None
    number: int | None = None  # of the revision that the address shows afterwards
    cls: str = ""
    leads: bool = False  # the address leads afterwards
    loses: Home | None = None  # whose lead the address was, and is not any more
    why: str = ""  # of a DOUBT, in words for people
    mark: bytes = b""  # of a DOUBT, by which the same page is known at another address
    fault: Outcome = Outcome.NOT_ASKED_FOR  # that the look of a DOUBT is booked as
    doubted: Gone | None = None  # of a DOUBT: since when, and at how many looks that count, its text was shown
    asks: int | None = None  # of a DOUBT: the article whose next look tells; null: any
    look_by: datetime | None = None  # of a DOUBT: when the next look counts; null: it is not waited for


@dataclass(frozen=True, slots=True)
class Earlier:
    """A revision of an article, with the class of the edit that led to it."""

    number: int
    cls: str
    article: Article
    fingerprint: bytes


def taking_turns(verdict: Verdict, lately: Sequence[Earlier], article: Article, fingerprint: bytes) -> Verdict:
    """The verdict of a revision, where its text stood here before; `lately` are the newest revisions, the newest first;
    `fingerprint` is the article's.

    A, B, A, B is the second swing: it is told as `editions`, and is the last. From then on either text is shown again
    without a revision; a text that is none of the newest ones makes one as ever.
    """
    shown = next((one for one in lately if _says(one, article, fingerprint)), None)
    if verdict.act is not Act.REVISE or verdict.cls == COMPLETED or shown is None:
        return verdict
    again = Verdict(Act.ATTACH, verdict.home, shown.number, leads=verdict.leads)
    if any(one.cls == EDITIONS for one in lately):
        return again
    swung = len(lately) > 2 and shown is lately[1] and _says(lately[2], lately[0].article, lately[0].fingerprint)
    if not swung:
        return verdict
    return again if verdict.cls == LABEL else replace(verdict, cls=EDITIONS)  # nobody is told of typography


def _says(one: Earlier, article: Article, fingerprint: bytes) -> bool:
    """Is it the same text? Of a long one the fingerprint tells: to fold six of them would hold up every other write."""
    if len(article.body) <= COMPARED_CHARS:
        return same_text(one.article, article)
    return one.fingerprint == fingerprint and same_text(replace(one.article, body=""), replace(article, body=""))


def judge(place: Place, homes: Homes, article: Article, diff: Diff | None, expected: int) -> Verdict:
    """Decide what a sighting of `article` at `place` comes to; `diff` was made against revision `expected`.

    An empty body, or what a listing tells, never takes the place of a text.
    """
    if homes.own is None:
        return _first(homes, article, diff, expected)
    if homes.own.lead_id == place.id:
        return _at_another(place, homes, article) or _at_the_lead(homes.own, article, diff, expected)
    return _beside_the_lead(place, homes, article, diff, expected)


def takes_over(place: Place, home: Home) -> bool:
    """May this address lead, since the one that does is gone? Where a site moves its articles, the old addresses fail
    while the new ones answer. Of the same host only: an outage must not hand an article to another site's copy."""
    since, looked_at = place.ahead_since, home.lead_looked_at
    looked_since = since is not None and looked_at is not None and looked_at > since
    return looked_since and home.lead_fails and place.host == home.lead_host


def _first(homes: Homes, article: Article, diff: Diff | None, expected: int) -> Verdict:
    """The address has no article yet."""
    naming, named, by_text = homes.naming, homes.named, homes.by_text
    if naming and homes.say_nearly(naming, article) and not article.listing_only and _is_no_stub(naming, article):
        return replace(_at_the_lead(naming, article, diff, expected), leads=True)
    # What listings tell is short: a headline without a text does not make two articles one.
    if by_text and not article.listing_only:
        return Verdict(Act.ATTACH, by_text, homes.number_in(by_text))
    if named and homes.say_nearly(named, article):
        return Verdict(Act.ATTACH, named, homes.number_in(named) or named.number)
    titled = homes.by_title
    if titled and not article.listing_only and is_moved(titled.current.article, article):
        return Verdict(Act.ATTACH, titled, homes.number_in(titled) or titled.number)
    near = next((one for one in (titled, homes.by_near) if one and _may_have_moved(homes, one, article)), None)
    if near and not article.listing_only:
        return Verdict(Act.AHEAD, near)  # edited under a new address, or a second report: what the lead shows tells
    return Verdict(Act.ADD, number=1, leads=True)


def _is_no_stub(home: Home, article: Article) -> bool:
    """A copy that gives its lead away has most of the text: with its first words alone any site could name an
    original of another, and have its news be an edit."""
    return len(home.current.article.body) * 2 >= len(article.body)


def _may_have_moved(homes: Homes, near: Home, article: Article) -> bool:
    """Nearly the same words of the same day: weather and markets are reported in the same words every day."""
    before = near.current.article
    if before.listing_only or not homes.say_nearly(near, article) or not is_near(before, article):
        return False
    if before.published is None or article.published is None:
        return before.published is article.published
    return stated_day(before.published) == stated_day(article.published)


def _at_another(place: Place, homes: Homes, article: Article) -> Verdict | None:
    """What a look at the lead comes to that shows another article; None where it is still this one.

    The other is new, or was here before; if it stands at another address, then the one that was asked for is gone and
    the site shows something in its place.
    """
    own = homes.own
    assert own is not None
    before = own.current.article
    if article.listing_only or before.listing_only or homes.number_in(own):
        return None
    # A rewrite keeps its time of publication; but what another article says word for word is no rewrite.
    if not is_another(replace(before, published=None) if homes.by_text else before, article) and not _changed_places(
        homes, article
    ):
        return None
    lost = homes.lost
    if lost and (homes.number_in(lost) or not is_another(lost.current.article, article)):
        return Verdict(Act.ATTACH, lost, homes.number_in(lost) or lost.number, leads=True, loses=own)
    by_text = homes.by_text
    if by_text and by_text.is_missed:  # the two changed places, or several in a ring
        return Verdict(Act.ATTACH, by_text, homes.number_in(by_text), leads=True, loses=own)
    if by_text:
        return Verdict(Act.ELSEWHERE, own, place.revision_number)
    return Verdict(Act.ADD, own, number=1, leads=True, loses=own)


def is_of_another(homes: Homes, article: Article) -> bool:
    """Whether another article of the site says this word for word under this headline, and the own one never did."""
    own, other = homes.own, homes.by_text
    if own is None or other is None or homes.number_in(own) or not article.body:
        return False
    title = words_of(article.title)
    return words_of(other.current.article.title) == title != words_of(own.current.article.title)


def _changed_places(homes: Homes, article: Article) -> bool:
    """What another says is no rewrite, whatever phrases the two share. If it is nearly the same they may have become
    one, which is an edit: they changed places only if the other is not at its own address either."""
    if not is_of_another(homes, article):
        return False
    assert homes.own is not None and homes.by_text is not None
    return homes.by_text.is_missed or not near_same(homes.own.current.article.body, article.body)


def _at_the_lead(home: Home, article: Article, diff: Diff | None, expected: int) -> Verdict:
    """Only here do other words make a revision."""
    before = home.current.article
    as_before = Verdict(Act.ATTACH, home, home.number, leads=True)
    if (article.listing_only and not before.listing_only) or (before.body and not article.body):
        return as_before
    made = diff if expected == home.number else None
    completes = is_part(before) and not is_part(article)
    same = _is_same(before, article, made)
    if same and not completes:
        return as_before
    if made is None and not same:
        return Verdict(Act.REDO, home)
    cls = COMPLETED if completes else made.cls if made else ""
    return Verdict(Act.REVISE, home, home.number + 1, cls, leads=True)


def _beside_the_lead(place: Place, homes: Homes, article: Article, diff: Diff | None, expected: int) -> Verdict:
    """Another address of the article: it may be behind, or ahead, or go its own way."""
    own = homes.own
    assert own is not None
    if article.listing_only or not article.body:
        return Verdict(Act.ATTACH, own, place.revision_number)
    if number := homes.number_in(own):
        return Verdict(Act.ATTACH, own, number)
    # A copy that names its original has furniture of its own: near is near enough, as when it was attached.
    if place.original_key and homes.say_nearly(own, article):
        return Verdict(Act.ATTACH, own, place.revision_number)
    if takes_over(place, own) and homes.say_nearly(own, article):
        return _at_the_lead(own, article, diff, expected)
    if homes.by_text and homes.by_text.is_missed:  # it came here when its own address was given to another
        return Verdict(Act.ATTACH, homes.by_text, homes.number_in(homes.by_text))
    since = place.ahead_since
    if since is None or own.lead_looked_at is None or own.lead_looked_at <= since or own.lead_fails:
        return Verdict(Act.AHEAD, own, place.revision_number)
    if homes.by_text:
        return Verdict(Act.ATTACH, homes.by_text, homes.number_in(homes.by_text))
    # A page that moved has its own furniture for as long as both of its addresses answer.
    if is_moved(own.current.article, article):
        return Verdict(Act.ATTACH, own, place.revision_number)
    return Verdict(Act.ADD, own, number=1, leads=True)


def is_part(article: Article) -> bool:
    """Is it known to be less than the whole text?"""
    return article.listing_only or article.teaser or bool(article.next_page)


def _is_same(before: Article, after: Article, diff: Diff | None) -> bool:
    if before.title == after.title and before.body == after.body:
        return True
    # Folding two texts costs more than all the rest of a save, and a diff of any other class has told already.
    return (diff is None or diff.cls == LABEL) and same_text(before, after)
