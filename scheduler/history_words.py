"""All that happened to an article, for a terminal, a file and a program: plain or coloured text, Markdown, JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler import marked
from scheduler.kinds import in_full
from scheduler.web import words
from storage.archive import Biography
from storage.model.articles import Change, Diff, Revision, When
from storage.proof import as_record
from storage.text import counted, iso, one_line
from storage.whereabouts import Leading, Told

INDENT = "    "


@dataclass(frozen=True, slots=True)
class View:
    """How a history is shown. `confirm` is how long a missing article is looked for before it counts as removed."""

    confirm: timedelta
    newest_first: bool = False
    diffs: bool = True
    full: bool = False  # diffs, however long
    colours: bool = False


def as_text(life: Biography, view: View) -> str:
    """For people, on a terminal or in a mail."""
    show = marked.as_colours if view.colours else marked.as_text
    lines = [_title(life), life.newest.guid, "", *_standing(life, view)]
    lines += ["Addresses:", *(f"  {line}" for line in _addresses(life))]
    for change in _in_order(life, view):
        lines += ["", f"{words.moment(change.seen_at)}  {_happened(change)}"]
        lines += [INDENT + line for line in _said(life, change)]
        if diff := _shown(life, change, view, show):
            lines += ["", textwrap.indent(diff, INDENT)]
    return "\n".join(lines)


def as_markdown(life: Biography, view: View) -> str:
    """CommonMark. What stands in the article is no markup."""
    lines = [f"# {_plain(_title(life))}", "", f"`{life.newest.guid}`", ""]
    lines += [f"{_plain(line)}  " for line in _standing(life, view)]
    lines += ["", *(f"- {_plain(line.strip())}" for line in _addresses(life, lead="", other=""))]
    for change in _in_order(life, view):
        lines += ["", f"## {words.moment(change.seen_at)}: {_plain(_happened(change))}", ""]
        lines += [f"- {_plain(line)}" for line in _said(life, change)]
        if diff := _shown(life, change, view, marked.as_markdown):
            lines += ["", diff]
    return "\n".join(lines)


def as_json(life: Biography, view: View) -> dict[str, Any]:
    """Everything, in the same order: times are ISO 8601 in UTC, null where there is none; diffs are [sign, text]."""
    newest, missing = life.newest, life.whereabouts.missing
    return {
        "article": newest.guid,
        "title": newest.article.title,
        "url": newest.url,
        "sources": list(newest.sources),
        "first_seen_at": iso(newest.place.first_seen_at),
        "removed_at": iso(newest.removed_at),
        "missing": _times(asdict(missing)) if missing else None,
        "addresses": [_times(asdict(one)) for one in life.whereabouts.addresses],
        "revisions": [_revision(one) for one in life.revisions],
        "changes": [_change(life, one, view) for one in _in_order(life, view)],
    }


def _title(life: Biography) -> str:
    return one_line(life.newest.article.title, 500) or "(without a title)"


def _standing(life: Biography, view: View) -> Iterator[str]:
    newest = life.newest
    number = len(life.revisions)
    where = ", ".join(one_line(one) for one in newest.sources)
    seen = words.moment(newest.place.first_seen_at)
    yield f"First seen {seen} at {where}; {counted(number, 'revision')}."
    if said := words.standing(newest.removed_at, life.whereabouts.missing, view.confirm):
        yield said


def _addresses(life: Biography, lead: str = "* ", other: str = "  ") -> Iterator[str]:
    for one in life.whereabouts.addresses:
        yield f"{lead if one.is_lead else other}{one_line(one.url, 2048)} ({'; '.join(_looked_at(one))})"


def _looked_at(one: Leading) -> Iterator[str]:
    if one.is_lead:
        yield "leads"
    yield f"last look {words.moment(one.last_look_at)}" if one.last_look_at else "not looked at yet"
    if one.fault:
        yield one_line(one.fault)
    yield f"next look {words.moment(one.next_look_at)}" if one.next_look_at else "no further look is planned"


def _in_order(life: Biography, view: View) -> Sequence[Change]:
    return life.changes if view.newest_first else life.changes[::-1]


def _happened(change: Change) -> str:
    said = in_full(change.kind, change.cls, change.stealth)
    if change.before and change.after:
        return f"{said} (revision {change.before.number} to {change.after.number})"
    return f"{said} (revision {change.after.number})" if change.after else said


def _said(life: Biography, change: Change) -> Iterator[str]:
    """How it was found out, where it is a removal, and what readers were told of it."""
    if change.proof is not None:
        yield from words.proof(change.proof)
    if (number := life.whereabouts.masses.get(change.id)) is not None:
        yield f"part of mass event {number}, which was told as a whole: dateline mass {number}"
    for one in life.whereabouts.told.get(change.id, ()):
        yield f"rule {one_line(one.rule)}, {one.holds} matches: {_told(one)}"


def _told(one: Told) -> str:
    if one.untold:
        return f"nobody was told: {one_line(one.untold)}"
    return ", ".join(f"{one_line(channel)} {state}" for channel, state in one.deliveries) or "nobody was told"


def _shown(life: Biography, change: Change, view: View, show: Callable[..., str]) -> str:
    if not view.diffs or change.diff is None:
        return ""
    return show(change.diff, show_all=view.full, whole=f"dateline history {life.newest.guid} --full")


def _plain(text: str) -> str:
    return marked.markdown([("=", text)])


def _revision(one: Revision) -> dict[str, Any]:
    article = one.article
    return {
        "number": one.number,
        "seen_at": iso(one.seen_at),
        "title": article.title,
        "body": article.body,
        "published": stated(article.published),
        "modified": stated(article.modified),
        "authors": list(article.authors),
        "language": article.language,
        "listing_only": article.listing_only,
        "snapshot": one.snapshot,
        "chain": one.chain.hex() if one.chain else None,
    }


def _change(life: Biography, one: Change, view: View) -> dict[str, Any]:
    told = life.whereabouts.told.get(one.id, ())
    known = {
        "id": one.id,
        "kind": str(one.kind),
        "class": one.cls,
        "change": in_full(one.kind, one.cls, one.stealth),
        "stealth": one.stealth,
        "proof": as_record(one.proof) if one.proof else None,
        "seen_at": iso(one.seen_at),
        "before": one.before.number if one.before else None,
        "after": one.after.number if one.after else None,
        "mass": life.whereabouts.masses.get(one.id),
        "alerts": [_times(asdict(each)) for each in told],
    }
    return known | ({"diff": _ops(one.diff)} if view.diffs else {})


def _ops(diff: Diff | None) -> dict[str, list[list[str]]] | None:
    return {"title": [list(op) for op in diff.title], "body": [list(op) for op in diff.body]} if diff else None


def stated(when: When | None) -> dict[str, str] | None:
    """A day alone where the page states no clock, as in webhooks."""
    if when is None:
        return None
    at = when.moment.date().isoformat() if when.precision == "day" else iso(when.moment)
    return {"at": str(at), "precision": when.precision}


def _times(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: iso(value) if isinstance(value, datetime) else _plain_row(value) for name, value in fields.items()}


def _plain_row(value: Any) -> Any:
    return [list(each) if isinstance(each, tuple) else each for each in value] if isinstance(value, tuple) else value
