"""`dateline story`: one story at all places where it stands, in words and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.options import AS_JSON, CONFIG, load
from storage.model.articles import When
from storage.text import one_line

if TYPE_CHECKING:
    from storage.lineage import Copy  # with it comes the database, which most commands never open

SHOWN = 3  # paragraphs of each kind, that are shown of a copy


@click.command()
@click.argument("article")
@AS_JSON
@CONFIG
def story(article: str, as_json: bool, path: Path) -> None:
    """Show the story of ARTICLE: where nearly the same text stands, who had it first, what was added and dropped.

    ARTICLE is one of its addresses, its guid or its page here.
    """
    import json

    from storage.finding import NoSuchArticle, find
    from storage.lineage import lineage
    from storage.store import WrongSchema, open_store

    config = load(path)
    try:
        with closing(open_store(config.store_url)) as store, store.reader() as connection:
            found = lineage(connection, find(connection, article))
    except (WrongSchema, NoSuchArticle) as reason:
        raise click.ClickException(str(reason)) from None
    if as_json:
        click.echo(json.dumps({"story": [fields(one, found) for one in found]}, ensure_ascii=False))
    elif not found:
        click.echo("This article has not been compared with others yet: the daemon, or `dateline once`, does so.")
    else:
        click.echo("\n\n".join(in_words(number, one, found) for number, one in enumerate(found, 1)))


def in_words(number: int, one: Copy, of: Sequence[Copy]) -> str:
    """One article of a story, for people, on a few lines."""
    member = one.member
    lines = [
        f"{number}. {one_line(', '.join(member.sources))}: {one_line(member.title, 300) or '(no title)'}",
        f"   {member.url}",
        f"   first seen {member.first_seen_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC{published(member.published)}",
    ]
    if one.parent is not None:
        source = one_line(of[one.parent].member.sources[0])
        lines.append(f"   {100 * one.share:.0f} % of the shorter text in common with {one.parent + 1}. {source}")
        lines += [f"   + {one_line(text)}" for text in one.added[:SHOWN]] + _more("added", one.added)
        lines += [f"   - {one_line(text)}" for text in one.dropped[:SHOWN]] + _more("dropped", one.dropped)
    return "\n".join(lines)


def fields(one: Copy, of: Sequence[Copy]) -> dict[str, Any]:
    """The same for programs; `parent` is a guid, null for the first."""
    member = one.member
    return {
        "article": member.guid,
        "url": member.url,
        "title": member.title,
        "sources": list(member.sources),
        "first_seen_at": member.first_seen_at.astimezone(UTC).isoformat(timespec="seconds"),
        "published": member.published.moment.isoformat() if member.published else None,
        "parent": of[one.parent].member.guid if one.parent is not None else None,
        "share": round(one.share, 4),
        "added": list(one.added),
        "dropped": list(one.dropped),
    }


def published(when: When | None) -> str:
    """When an article was published, to stand behind when it was first seen; "" where its site does not say."""
    if when is None:
        return ""
    stated = when.moment.astimezone(UTC)
    return f", published {stated:%Y-%m-%d}" if when.precision == "day" else f", published {stated:%Y-%m-%d %H:%M} UTC"


def _more(what: str, texts: Sequence[str]) -> list[str]:
    return [f"     … and {len(texts) - SHOWN} more paragraphs {what}"] if len(texts) > SHOWN else []
