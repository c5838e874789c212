"""A Delivery in words: subject, text, HTML and the fields for programs. Pure; each channel takes what it can carry."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from scheduler.marked import html
from scheduler.sending import MessageFault
from scheduler.telling import Told, told
from storage.model import Alert, Delivery
from storage.text import clean, one_line

if TYPE_CHECKING:
    from jinja2 import Template

log = logging.getLogger("dateline.tell")

SHOWN = 50  # alerts of a message in full; the others have a line each
ROOM = 18_000  # bytes of fields: Standard Webhooks asks for payloads under 20 kB
LONGEST_SUBJECT = 180


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends. `subject` is one line; `text` and `html` say the same; `fields` is safe for JSON.

    `id` and `created_at` are the delivery's, the same at every attempt. `rule` is "" for a notice or a test.
    """

    id: str
    created_at: datetime
    type: Literal["alerts", "notice", "test"]
    rule: str
    subject: str
    text: str
    html: str
    fields: Mapping[str, Any]


def message_of(delivery: Delivery, now: datetime) -> Message:
    """Put a delivery into words. An alert that cannot be rendered is left out, counted and named.

    Raises MessageFault where none of its alerts can.
    """
    if delivery.notice is not None:
        subject, text = delivery.notice.subject, clean(delivery.notice.text)
        fields = {"subject": one_line(subject), "text": text}
        return _plain(delivery.id, delivery.created_at, "notice", f"Dateline: {subject}", text, fields)
    shown, broken = _told(delivery.alerts, now)
    if not shown:
        raise MessageFault(f"none of its {len(delivery.alerts)} alerts can be rendered: {'; '.join(broken)}")
    rest = [_left_out(broken)] if broken else []
    if len(shown) > SHOWN:
        lines = [f"{one.title}\n{one.url}" for one in shown[SHOWN:]]
        rest.insert(0, f"And {len(lines)} more:\n\n" + "\n\n".join(lines))
    rule = one_line(delivery.rule)
    subject = one_line(f"{rule}: {_headline(shown)}", LONGEST_SUBJECT)
    foot = f"Told by Dateline, rule {rule}."
    return Message(
        id=delivery.id,
        created_at=delivery.created_at,
        type="alerts",
        rule=rule,
        subject=subject,
        text="\n\n".join([*(one.as_text() for one in shown[:SHOWN]), *rest, f"-- \n{foot}\n"]),
        html=_template().render(subject=subject, told=shown[:SHOWN], paragraphs=rest, foot=foot),
        fields={"rule": rule, "alerts": _fields(shown), "left_out": broken},
    )


def test_message(message_id: str, channel: str, now: datetime) -> Message:
    """The message of `dateline tell`."""
    channel = one_line(channel)
    text = f"This is a test of the channel {channel}, sent at {now:%H:%M:%S} UTC on {now.day} {now:%B %Y}. It works."
    return _plain(message_id, now, "test", f"Dateline: a test of {channel}", text, {"channel": channel, "text": text})


def _plain(
    message_id: str, at: datetime, kind: Literal["notice", "test"], subject: str, text: str, fields: Mapping[str, Any]
) -> Message:
    subject, foot = one_line(subject, LONGEST_SUBJECT), "Told by Dateline."
    html = _template().render(subject=subject, told=(), paragraphs=[text], foot=foot)
    return Message(message_id, at, kind, "", subject, f"{text}\n\n-- \n{foot}\n", html, fields)


def _told(alerts: Sequence[Alert], now: datetime) -> tuple[list[Told], list[str]]:
    """The alerts that can be rendered, and the names of those that cannot."""
    shown: list[Told] = []
    broken: list[str] = []
    for one in alerts:
        try:
            shown.append(told(one, now))
        except Exception as reason:  # whatever a stored article may hold: the others are told
            log.exception("alert left out id=%s", one.id)
            broken.append(f"alert {one.id} ({type(reason).__name__})")
    return shown, broken


def _left_out(broken: Sequence[str]) -> str:
    what = "1 alert" if len(broken) == 1 else f"{len(broken)} alerts"
    return f"{what} could not be put into words; see the page: {', '.join(broken)}."


def _headline(shown: Sequence[Told]) -> str:
    if len(shown) == 1:
        return shown[0].headline
    return f"{len(shown)} articles: {'; '.join(one.headline for one in shown[:5])}"


def _fields(shown: Sequence[Told]) -> list[dict[str, Any]]:
    """The fields of each alert; excerpts and diffs of the first ones only where all would take more than ROOM."""
    room = ROOM - sum(_size(one.fields) for one in shown)
    fields = []
    for one in shown:
        room -= _size(one.extracts)
        fields.append({**one.fields, **one.extracts} if room > 0 else dict(one.fields))
    return fields


def _size(fields: Mapping[str, Any]) -> int:
    return len(json.dumps(fields, ensure_ascii=False).encode()) + 1


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        autoescape=True, loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined
    )
    environment.globals["marked"] = html
    return environment.get_template("message.html")
