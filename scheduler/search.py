"""`dateline search`: what the archive holds for a query, in words and as JSON."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.options import AS_JSON, CONFIG, refuse, refuse_store
from scheduler.wrapped import columns
from storage.text import iso

if TYPE_CHECKING:
    from scheduler.searching import Found, Hit


@click.command(context_settings={"ignore_unknown_options": True})  # -oil is of the query
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Articles on a page.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only of this, or of cour*; may be repeated.")
@click.option("--since", metavar="DAY", help='First seen on this day (UTC) or later: 2026-01-31, or "90d" ago.')
@click.option("--until", metavar="DAY", help="First seen before this day (UTC).")
@click.option("--before", type=click.IntRange(0, 2**62), metavar="NUMBER", help="Go on where a page before ended.")
@AS_JSON
@CONFIG
def search(
    query: tuple[str, ...],
    limit: int,
    sources: tuple[str, ...],
    since: str | None,
    until: str | None,
    before: int | None,
    as_json: bool,
    path: Path,
) -> None:
    """Search all articles in their newest text, the newest first. QUERY is what rules are written in: words,
    missile*, "phrases", AND OR NOT, NEAR/5, title: source: change: @list /pattern/ (several arguments are one query;
    keep its quotes from the shell).
    """
    import json
    import sys

    from scheduler.duration import day_of, since_of
    from scheduler.narrowed import Fields
    from scheduler.query.grammar import NoSuchList, QueryError
    from scheduler.salvage import ground_of
    from scheduler.searching import Asked
    from scheduler.searching import search as find
    from storage.archive import Archive
    from storage.store import WrongSchema, open_store

    ground, text, now = ground_of(path), " ".join(query), datetime.now(UTC)
    asks = Fields(text, sources)
    try:
        begin, end = since_of(since, now) if since else None, day_of(until, now) if until else None
        with closing(open_store(ground.store_url)) as store:
            archive = Archive(store)
            asks.check_sources(archive.known_sources())
            whole = asks.whole(ground.lists)
            found = find(archive, Asked(whole, begin, end, before, ground.lists), limit)
    except QueryError as reason:
        if ground.faults and isinstance(reason, NoSuchList):
            refuse([*ground.faults, "The query names a list, and no list is known until the config is mended."])
        raise click.UsageError(f"the query cannot be used, {reason}\n{_shown_at(text, reason.column)}") from None
    except ValueError as reason:
        raise click.UsageError(str(reason)) from None
    except WrongSchema as reason:
        refuse_store(ground.faults, reason)
    if as_json:
        click.echo(json.dumps(fields(whole, found, ground.base_url), ensure_ascii=False))
    else:
        click.echo(in_words(found, colours=sys.stdout.isatty()))


def in_words(found: Found, *, colours: bool) -> str:
    """A page for people; what was found is bold, or plain where `colours` is False."""
    from scheduler.story import published
    from storage.text import one_line

    lines: list[str] = []
    for one in found.hits:
        seen = f"first seen {one.found.place.first_seen_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        gone = "  REMOVED" if one.found.removed_at else ""
        title, text = (_shown(parts, colours) for parts in snippet(one))
        lines += [
            title.strip() or "(without a title)",
            f"  {', '.join(one.found.sources)}  {seen}{published(one.found.article.published)}{gone}",
        ]
        lines += [f"  {one_line(one.found.url, 2048)}"] + [f"  {text.strip()}"] * bool(text) + [""]
    lines += standing(found, f"go on with --before {found.before}")
    return "\n".join(lines)


def standing(found: Found, go_on: str) -> list[str]:
    """How complete the page is, in sentences; `go_on` says how to have the next one."""
    lines = [] if found.hits else ["Nothing was found." if found.before is None else "Nothing was found so far."]
    lines += found.strange
    if found.full:
        lines.append(f"There are more: {go_on}")
    elif found.before is not None:
        lines.append(f"Looked at {found.looked_at:,} articles; more may be there: {go_on}")
    if found.unsearched:
        lines.append(f"{found.unsearched:,} articles are still to be indexed, and are not searched yet.")
    return lines


def snippet(hit: Hit) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The headline and an extract of the text, as parts of which "!" is what was found."""
    from scheduler.excerpt import around

    article, match = hit.found.article, hit.match
    return around(article.title, match.title, length=500), around(article.body, match.body, length=300)


def fields(query: str, found: Found, base_url: str) -> dict[str, Any]:
    """The same for programs; `query` is the whole of it, with what was asked beside it; `before` goes on, null at the
    end. A snippet is a list of [sign, text]."""
    from scheduler.history_words import stated

    return {
        "query": query,
        "articles": [
            {
                "article": one.found.guid,
                "url": one.found.url,
                "page": f"{base_url.rstrip('/')}/article/{one.found.guid}",
                "title": one.found.article.title,
                "sources": list(one.found.sources),
                "first_seen_at": iso(one.found.place.first_seen_at),
                "published": stated(one.found.article.published),
                "removed_at": iso(one.found.removed_at),
                "revision": one.found.number,
                "words": list(one.match.words),
                "snippet": [list(part) for part in snippet(one)[1]],
            }
            for one in found.hits
        ],
        "before": found.before,
        "looked_at": found.looked_at,
        "unsearched": found.unsearched,
    }


def _shown(parts: tuple[Any, ...], colours: bool) -> str:
    from storage.text import one_line

    said = [(sign, one_line(f"|{text}|", 5000)[1:-1]) for sign, text in parts]
    return "".join(click.style(text, bold=True) if colours and sign == "!" else text for sign, text in said)


def _shown_at(query: str, column: int) -> str:
    """The query, and below it a mark at a column of it, where a terminal shows that."""
    line = "".join(sign if sign.isprintable() else " " for sign in query)
    return f"  {line}\n  {' ' * columns(line[: column - 1])}^"
