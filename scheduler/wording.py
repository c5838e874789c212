"""What a template of a reader's own may use: plain data, and markup of our own making. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from scheduler import marked
from scheduler.links import Links
from scheduler.message import Message
from scheduler.telling import Told
from storage.text import one_line


def variables(
    own: Message, channel: str, shown: Sequence[Told], number: int, left_out: Sequence[str], links: Links
) -> Mapping[str, Any]:
    """The variables of README's table. `own` is the message in the built-in form."""
    return {
        "rule": own.rule,
        "channel": channel,
        "subject": own.subject,
        "text": own.text,
        "count": number,
        "kinds": dict(Counter(str(one.kind) for one in shown)),
        "alerts": [_alert(one) for one in shown],
        "left_out": list(left_out),
        "feed": own.feed,
        "alerts_page": links.alerts(),
        "stop": own.stop,
        "rules": [{"name": one_line(rule), "stop": stop} for rule, stop in own.stops],
    }


def _alert(one: Told) -> dict[str, Any]:
    from markupsafe import Markup

    fields, _ = one.records[0]  # of several rules' alerts the first one's
    said = {name: fields[name] for name in _OF_FIELDS}
    return said | {
        "what": one.what,
        "headline": one.headline,
        "title": one.title,
        "url": one.url,
        "page": one.page,
        "why": fields["why"],
        "rules": list(one.rules),
        "words": list(one.words),
        "source": one.source,
        "facts": one.facts,
        "text": one.as_text(),
        "diff_text": marked.text(one.change),
        "diff_html": Markup(marked.html(one.change, inline=True)),  # noqa: S704  (every text of it is escaped)
        "title_diff_text": marked.text(one.title_change),
        "title_diff_html": Markup(marked.html(one.title_change, inline=True)),  # noqa: S704
        "excerpt_text": marked.text(one.context),
        "excerpt_html": Markup(marked.html(one.context, inline=True)),  # noqa: S704
    }


_OF_FIELDS = (
    "id", "kind", "class", "stealth", "holds", "sources", "language", "published", "seen_at", "story",
    "also_at",
)  # fmt: skip
