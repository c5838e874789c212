"""Alerts and deliveries about a bridge over the Harl that never was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from storage.diff import diff
from storage.model.articles import Article, Change, ChangeKind, Revision, When
from storage.model.telling import Alert, Delivery, DeliveryState, Notice

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = "The minister opened the new bridge over the Harl on Monday. Ten workers had built it.\n\nNobody was hurt."


def article(title: str = "Bridge opens at Harl", body: str = BODY, published: When | None = None) -> Article:
    return Article(title, body, published=published)


def alert(
    before: Article | None = None,
    after: Article | None = None,
    *,
    id: int = 1,
    holds: Literal["now", "no longer", "still"] = "now",
    words: tuple[str, ...] = ("bridge",),
    url: str = "https://post.example/a?x=1&y=2",
) -> Alert:
    """An alert for the step from `before` to `after`; the kind follows from which of them is there."""
    kind = ChangeKind.EDITED if before and after else ChangeKind.ADDED if after else ChangeKind.REMOVED
    stood = [
        one and Revision(number, 1, number, NOW - timedelta(hours=1), one)
        for number, one in enumerate((before, after), 1)
    ]
    step = diff(before, after) if before and after else None
    change = Change(id, 1, "guid-1", kind, "", NOW, url, ("harl-post",), stood[0], stood[1], step, NOW)
    return Alert(id, "bridges", holds, words, change)


def delivery(*alerts: Alert, notice: Notice | None = None, rule: str = "bridges") -> Delivery:
    return Delivery(
        "d-1", "desk", "" if notice else rule, DeliveryState.PENDING, NOW, 0, None, alerts=alerts, notice=notice
    )
