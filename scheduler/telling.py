"""An alert in words: what happened, to which article, what changed and where the words stand; of several rules that
held for one change, their alerts as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler import marked
from scheduler.excerpt import Part, around, changed, shown
from scheduler.kinds import STEALTH, in_words
from scheduler.links import Links
from scheduler.places import Find, Places, together
from storage.model.articles import Article, Change, ChangeKind, Revision, When
from storage.model.telling import Alert
from storage.proof import Proof
from storage.text import counted, iso, one_line, public_url

LONGEST_TITLE = 110  # characters of it in a subject
ALSO_SHOWN = 5  # further places of a story
OLD = timedelta(days=7)  # an article older than that is told with its date in the headline


@dataclass(frozen=True, slots=True)
class Told:
    """What rules say of one change, ready for every channel. `headline` is for a subject; the parts are for people, in
    reading order; `records` are for programs: of each alert its fields, and the bulky ones. `rules` are those that
    held; `whys` are pages that say why an alert was raised, by rule; empty where we have no address."""

    what: str
    headline: str
    title: str
    url: str
    page: str  # the saved copy; "" where we have no address
    whys: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    facts: str
    title_change: tuple[Part, ...]
    change: tuple[Part, ...]
    context: tuple[Part, ...]
    also: tuple[tuple[str, str], ...]  # where the same story stands: source and URL
    words: tuple[str, ...]
    records: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]
    kind: ChangeKind
    source: str  # where it was first seen
    story: str  # that it belongs to, or the article alone

    def as_text(self) -> str:
        """For plain text, a paragraph a line."""
        title = marked.text(self.title_change) or self.title
        texts = [marked.text(self.change), marked.text(self.context)]
        return _paragraphs([f"{self.what}: {title}", *texts, "\n".join([self.facts, *self._places()])])

    def as_markdown(self) -> str:
        """For services that show Markdown; what stands in the article is no markup."""
        title = marked.markdown(self.title_change) or marked.markdown([("=", self.title)])
        texts = [marked.markdown(self.change), marked.markdown(self.context)]
        facts = marked.markdown([("=", self.facts)])
        return _paragraphs([f"**{self.what}:** {title}", *texts, "  \n".join([facts, *self._places()])])

    def _places(self) -> list[str]:
        ours = [f"Saved copy: {self.page}"] if self.page else []
        ours += [f"{why}: {url}" for why, url in self.reasons()]
        return [self.url, *ours, *(f"Also at {source}: {url}" for source, url in self.also)]

    def reasons(self) -> list[tuple[str, str]]:
        """The pages that say why, each under a name of its own."""
        return [(f"Why {rule}" if len(self.whys) > 1 else "Why this", url) for rule, url in self.whys]


def _paragraphs(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def told(alerts: Sequence[Alert], now: datetime, links: Links, find: Find, *, names_rules: bool = False) -> Told:
    """Put the alerts of one change into words: one, or one of each rule that held. `names_rules` where the message
    tells of others as well."""
    first = alerts[0]
    change = first.change
    stands = _stands(change)
    article, placed = stands.article, [find(one, stands) for one in alerts]
    title = one_line(article.title, 300) or "(no title)"
    said = in_words(change.kind, change.cls)
    are_alike = len({one.holds for one in alerts}) == 1
    what = f"{said[0].upper()}{said[1:]}" + (f", {first.holds} matches" if are_alike else "")
    if change.kind in (ChangeKind.ADDED, ChangeKind.REMOVED):  # of what is gone no word was taken out
        what = "New" if change.kind == ChangeKind.ADDED else "Removed"
    title_change: tuple[Part, ...] = ()
    body_change: tuple[Part, ...] = ()
    if change.kind == ChangeKind.EDITED and change.diff is not None:
        title_change, body_change = changed(shown(change.diff.title), length=300), changed(shown(change.diff.body))
    context = around(article.body, together(placed).body)
    words = tuple(dict.fromkeys(one_line(word, 100) for one in alerts for word in one.words))
    url, page = public_url(change.url), links.article(one_line(change.guid))
    source = one_line(change.sources[0], 60)
    rules = tuple(one_line(one.rule) for one in alerts)
    labels = rules if are_alike else tuple(f"{one_line(one.rule)} ({one.holds} matches)" for one in alerts)
    diff = _ops(title_change, body_change)
    return Told(
        what=what,
        headline=_headline(what, title, source, article.published, now),
        title=title,
        url=url,
        page=page,
        whys=tuple((rule, why) for rule, one in zip(rules, alerts, strict=True) if (why := links.alert(one.id))),
        rules=rules,
        facts=_facts(change, article, words, labels if names_rules else (), now),
        title_change=title_change,
        change=body_change,
        context=() if body_change and (_shows(body_change, words) or not _finds(context)) else context,
        also=tuple((one_line(", ".join(one.sources)), public_url(one.url)) for one in change.also_at[:ALSO_SHOWN]),
        words=words,
        records=tuple(
            (
                _fields(one, article, title, its, url) | {"page": page, "why": links.alert(one.id)},
                {"excerpt": _plain(around(article.body, its.body)), "diff": diff},
            )
            for one, its in zip(alerts, placed, strict=True)
        ),
        kind=change.kind,
        source=source,
        story=one_line(change.story or change.guid),
    )


def _plain(parts: tuple[Part, ...]) -> str:
    return "".join(text for _, text in parts).strip()


def _shows(parts: tuple[Part, ...], words: tuple[str, ...]) -> bool:
    """Do the changed words come with all of those that were found, be it in other letters than in the headline? Then
    their context need not follow."""
    text = "".join(text for sign, text in parts if sign not in "-<").casefold()
    return all(word.casefold() in text for word in words)


def _finds(parts: tuple[Part, ...]) -> bool:
    """Does a word that was found stand in it? Behind what changed the beginning of a text without one says nothing."""
    return any(sign == "!" for sign, _ in parts)


def _stands(change: Change) -> Revision:
    """The article as it stands after the change, and before it where it is gone."""
    revision = change.after or change.before
    if revision is None:
        raise ValueError(f"the change {change.id} has no revision")
    return revision


def _headline(what: str, title: str, source: str, published: When | None, now: datetime) -> str:
    """What happened, to what, and where; the title is cut so that the place is still seen."""
    old = f", of {_day(published.moment)}" if published and now - published.moment > OLD else ""
    return f"{what[0].lower()}{what[1:]}: {one_line(title, LONGEST_TITLE)} ({source}{old})"


def _facts(change: Change, article: Article, words: tuple[str, ...], rules: tuple[str, ...], now: datetime) -> str:
    """Source, date, words and the rules, where they are to be named, on one line; of a removal since when."""
    facts = [", ".join(one_line(source) for source in change.sources)]
    if gone := change.proof:
        what = "another article at its address" if gone.shows_another else "not there"
        agreed = f"{counted(gone.number, 'look')} agree{'s' * (gone.number == 1)}"
        facts.append(f"{what} since {_day(gone.since)}, {gone.since.astimezone(UTC):%H:%M} UTC, {agreed}")
    if change.stealth:
        facts.append(STEALTH)
    if article.published:
        stated = article.published
        old = f", {(now - stated.moment).days} days ago" if now - stated.moment > OLD else ""
        facts.append(f"published {_day(stated.moment)}{_clock(stated)}{old}")
    else:
        facts.append("without a date")
    if words:
        facts.append(f"words: {', '.join(words)}")
    if rules:
        facts.append(f"rule{'s' if len(rules) > 1 else ''}: {', '.join(rules)}")
    return " · ".join(facts)


def _day(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B} {utc.year}"


def _clock(when: When) -> str:
    return "" if when.precision == "day" else f", {when.moment.astimezone(UTC):%H:%M} UTC"


def _fields(alert: Alert, article: Article, title: str, placed: Places, url: str) -> dict[str, Any]:
    change = alert.change
    return {
        "id": alert.id,
        "rule": one_line(alert.rule),
        "holds": alert.holds,
        "words": [one_line(word, 100) for word in alert.words],
        "variants": [one_line(one, 100) for one in placed.variants],
        "kind": str(change.kind),
        "class": one_line(change.cls),
        "change": in_words(change.kind, change.cls),
        "stealth": change.stealth,
        "article": one_line(change.guid),
        "title": title,
        "url": url,
        "original_url": public_url(article.original_url),
        "sources": [one_line(source) for source in change.sources],
        "language": one_line(article.language, 40),
        "published": _stated(article.published) if article.published else None,
        "seen_at": iso(change.seen_at),
        "first_seen_at": iso(change.first_seen_at) if change.first_seen_at else None,
        "story": one_line(change.story),
        "also_at": [
            {
                "article": one_line(one.guid),
                "url": public_url(one.url),
                "title": one_line(one.title, 300),
                "sources": [one_line(source) for source in one.sources],
            }
            for one in change.also_at[:ALSO_SHOWN]
        ],
        "proof": _proven(change.proof) if change.proof else None,
    }


def _proven(proof: Proof) -> dict[str, Any]:
    """How a removal was found out, for programs."""
    return {
        "url": public_url(proof.url),
        "since": iso(proof.since),
        "number": proof.number,
        "looks": [
            {"at": iso(one.at), "outcome": one_line(one.outcome), "said": one_line(one.said, 300)}
            for one in proof.looks
        ],
        "shows_another": proof.shows_another,
    }


def _stated(when: When) -> dict[str, str]:
    """A date as the site states it: "at" is a day alone where it states no clock."""
    at = f"{when.moment:%Y-%m-%d}" if when.precision == "day" else iso(when.moment)
    return {"at": at, "precision": when.precision}


def _ops(title: tuple[Part, ...], body: tuple[Part, ...]) -> dict[str, list[list[str]]] | None:
    """The extract of a diff for programs: lists of [sign, text]; None where nothing changed."""
    if not title and not body:
        return None
    return {"title": [list(one) for one in title], "body": [list(one) for one in body]}
