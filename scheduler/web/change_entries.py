"""From changes and mass events to what a feed of changes tells: what happened in words, and the diff in its colours."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from uuid import NAMESPACE_URL, UUID, uuid5

from scheduler import marked
from scheduler.excerpt import changed, shown
from scheduler.feed import FeedArticle
from scheduler.kinds import in_full
from scheduler.web import words
from storage.chronicle import told_at
from storage.mass import Mass, Member
from storage.model.articles import Change, ChangeKind, Revision, When
from storage.text import clean, one_line, public_url

LONGEST_LAST = 600  # characters of a text that went, or is back
MOST_MEMBERS = 20  # articles of a mass event that a feed names
_HAPPENED = {
    ChangeKind.REMOVED: "It is no longer on the site. The copy stays. It said:",
    ChangeKind.RESTORED: "It is on the site again. It says:",
}


def change_entry(change: Change, base_url: str) -> FeedArticle:
    """A change as feeds tell it. Raises ValueError where the store holds what cannot be told.

    Its id follows from the article's and its own, and stays whatever becomes of either.
    """
    stands = change.after or change.before
    if stands is None:
        raise ValueError(f"the change {change.id} has no revision")
    article = stands.article
    said = in_full(change.kind, change.cls, change.stealth)
    headline = one_line(article.title) or words.excerpt(clean(article.body), 100) or "without a title"
    here, there = page_of(change, base_url), public_url(change.url)
    sources = _named(change.sources)
    facts = " · ".join([*sources, words.moment(change.seen_at), *_numbers(change.before, change.after)])
    html, text = _told(change, stands, here)
    return FeedArticle(
        id=f"urn:uuid:{uuid5(UUID(change.guid), f'change {change.id}')}",
        url=here,
        title=f"{said[0].upper()}{said[1:]}: {headline}",
        html=f"<p>{escape(facts)}</p>{html}<p>{_links(here, there)}</p>",
        summary=one_line(f"{facts}. {_extract(change) or text}", 600),
        first_seen_at=change.seen_at,
        updated_at=change.seen_at,
        published=When(change.seen_at),
        sources=sources,
        section=said,
        language=one_line(article.language, 35),
        text=f"{facts}\n\n{text}\n\n{here}" + (f"\n{there}" if there else ""),
        original_url=there,
        facts={
            "change": str(change.kind),
            "class": one_line(change.cls),
            "stealth": change.stealth,
            "article": f"urn:uuid:{change.guid}",
        },
    )


def mass_entry(one: Mass, members: Sequence[Member], base_url: str) -> FeedArticle:
    """A mass event as feeds tell it: one entry with the beginning of its list."""
    here, at = f"{base_url}/mass/{one.id}", told_at(one)
    what = words.mass_headline(one)
    stands = one_line(words.mass(one))
    rest = one.articles - len(members)
    more = [f"... and {rest:,} more."] if rest > 0 else []
    named = [(one_line(each.title, 300) or "Without a title", each.guid) for each in members]
    listed = "".join(f'<li dir="auto">{_link(f"{base_url}/article/{guid}", title)}</li>' for title, guid in named)
    lines = [one_line(line, 500) for line in one.common]
    common = "".join(marked.html([("-" if line[:1] == "-" else "+", line[1:])], inline=True) + "<br>" for line in lines)
    # Host and time stand in it so that another Dateline's event of the same number is another entry.
    name = f"dateline:mass:{one.id}:{one_line(one.host)}:{one.began_at.isoformat()}"
    return FeedArticle(
        id=f"urn:uuid:{uuid5(NAMESPACE_URL, name)}",
        url=here,
        title=f"{what[0].upper()}{what[1:]}",
        html=f"<p>{escape(stands)}</p>"
        + (f'<p dir="auto">{common}</p>' if common else "")
        + (f"<ol>{listed}</ol>" if listed else "")
        + "".join(f"<p>{line}</p>" for line in more)
        + f"<p>{_link(here, 'The whole list')}</p>",
        summary=one_line(f"{stands}. {'; '.join(title for title, _ in named)}", 600),
        first_seen_at=at,
        updated_at=max(at, one.ended_at or at),
        published=When(at),
        sources=_named((one.source,)),
        section=f"mass {one.kind}",
        text="\n".join([stands, "", *lines, *(f"- {title}" for title, _ in named), *more, "", here]),
        facts={"change": one.kind, "mass": one.id, "articles": one.articles},
    )


def page_of(change: Change, base_url: str) -> str:
    """The address on our page that shows a change: the article, compared as it was and as it is."""
    page = f"{base_url}/article/{change.guid}"
    if change.before is None or change.after is None:
        return page
    return f"{page}?revision={change.after.number}&against={change.before.number}"


def _told(change: Change, stands: Revision, here: str) -> tuple[str, str]:
    """What happened, as HTML and as plain text; `here` is its address on our page."""
    if change.diff is not None:
        whole = f"{here}&full=1#revisions" if change.before and change.after else here
        return marked.as_html(change.diff, inline=True, whole=whole), marked.as_text(change.diff, whole=whole)
    said = _HAPPENED.get(change.kind, "It was edited.")
    last = words.excerpt(clean(stands.article.body), LONGEST_LAST)
    return f'<p>{said}</p><p dir="auto">{escape(last)}</p>', f"{said}\n\n{last}"


def _extract(change: Change) -> str:
    if change.diff is None:
        return ""
    parts = (changed(shown(ops), length=300) for ops in (change.diff.title, change.diff.body))
    return " … ".join(text for text in map(marked.text, parts) if text)


def _named(sources: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in (one_line(one, 100) for one in sources) if name)


def _numbers(before: Revision | None, after: Revision | None) -> list[str]:
    return [f"revision {before.number} to {after.number}"] if before and after else []


def _links(here: str, there: str) -> str:
    links = [_link(here, "The article at Dateline, with all of its revisions")]
    return " · ".join([*links, _link(there, "The original")] if there else links)


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>'
