"""A made-up message, on which a reader's own templates are tried before anything starts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Literal

from scheduler.rendering import variables_of
from scheduler.template import Template, TemplateFault
from storage.diff import diff
from storage.model.articles import Article, Change, ChangeKind, Revision, StoryMember, When
from storage.model.telling import Alert, Delivery, DeliveryState

_WAY_OUT = "https://made-up.example/stop"
_NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
_BEFORE = Article("Ferry sails again on Monday", "The ferry sails on Monday.\n\nThe fare is 4 crowns.")
_AFTER = Article(
    "Ferry sails again on Thursday",
    "The ferry sails on Thursday.\n\nThe fare is 5 crowns.",
    published=When(_NOW, "minute"),
    language="en",
)


@cache
def variables() -> Mapping[str, Any]:
    """What a template gets for a message of three alerts: something new, something edited and something removed."""
    alerts = (_alert(1, None, _AFTER, "now"), _alert(2, _BEFORE, _AFTER, "still"), _alert(3, _AFTER, None, "no longer"))
    delivery = Delivery("made-up", "channel", "rule", DeliveryState.PENDING, _NOW, 0, None, alerts=alerts)
    return variables_of(delivery, _NOW)


def leads_out(template: Template) -> bool:
    """Does a message in this wording say how its rule is stopped: by `stop`, by one of `rules`, or by the whole of the
    built-in `text`?"""
    given = dict(variables())
    given |= {"stop": _WAY_OUT, "rules": [{"name": given["rule"], "stop": _WAY_OUT}], "text": given["text"] + _WAY_OUT}
    try:
        return _WAY_OUT in template.render(given)
    except TemplateFault:  # it fails where there is a link: then the built-in form, which has it, takes its place
        return True


def _alert(
    number: int, before: Article | None, after: Article | None, holds: Literal["now", "no longer", "still"]
) -> Alert:
    kind = ChangeKind.EDITED if before and after else ChangeKind.ADDED if after else ChangeKind.REMOVED
    stood = [Revision(place, number, place, _NOW, one) if one else None for place, one in enumerate((before, after), 1)]
    copy = StoryMember("copy", "https://copy.example/ferry", "Ferry sails", ("copy",), _NOW - timedelta(hours=1))
    change = Change(
        id=number,
        article_id=number,
        guid=f"made-up-{number}",
        kind=kind,
        cls="numbers" if kind == ChangeKind.EDITED else "",
        seen_at=_NOW,
        url=f"https://paper.example/{number}",
        sources=("paper",),
        before=stood[0],
        after=stood[1],
        diff=diff(before, after) if before and after else None,
        first_seen_at=_NOW,
        also_at=(copy,),
        story=f"made-up-{number}",
    )
    return Alert(number, "rule", holds, ("ferry",), change)
