"""A Delivery in words: subject, text, HTML and the fields for programs. Pure; each channel takes what it can carry."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from scheduler import payload
from scheduler.links import Links
from scheduler.marked import html, markdown
from scheduler.message import Block, Message, Voice
from scheduler.places import Find, by_words
from scheduler.sending import MessageFault
from scheduler.telling import Told, told
from scheduler.template import Template, TemplateFault
from scheduler.wording import variables
from scheduler.wrapped import wrapped
from storage.model.articles import ChangeKind
from storage.model.telling import Alert, Delivery
from storage.text import clean, counted, one_line

if TYPE_CHECKING:
    import jinja2

log = logging.getLogger("dateline.tell")

SHOWN = 50  # alerts of a message in full; the others have a line each
LONGEST_SUBJECT = 180
MOST_STOPS = 10  # rules of a summary that have a link of their own
MOST_NAMED = 20  # alerts that cannot be put into words
_PLAIN_VOICE = Voice()
_KINDS = {ChangeKind.ADDED: "new", ChangeKind.EDITED: "edited", ChangeKind.REMOVED: "removed"}


def message_of(delivery: Delivery, now: datetime, voice: Voice = _PLAIN_VOICE, find: Find = by_words) -> Message:
    """Put a delivery into words. An alert that cannot be rendered is left out, counted and named. `find` says where in
    their texts the words of its alerts stand.

    Raises MessageFault where none of its alerts can.
    """
    if delivery.notice is not None:
        subject, text = delivery.notice.subject, clean(delivery.notice.text)
        fields = {"subject": one_line(subject), "text": payload.shortened(text)}
        said = f"Dateline: {subject}"
        return _plain(delivery.id, "notice", said, text, fields, created_at=delivery.created_at, worded_at=now)
    shown, broken = _told(delivery.alerts, now, voice.links, find)
    if not shown:
        raise MessageFault(f"none of its alerts can be rendered: {'; '.join(broken)}")
    own = _built_in(delivery, now, shown, broken, voice.links)
    if not voice.templates:
        return own
    try:
        given = variables(own, delivery.channel, shown[:SHOWN], len(shown), broken, voice.links)
        return _worded(own, voice.templates, given)
    except TemplateFault as fault:
        log.error("template failed channel=%s delivery=%s reason=%s", delivery.channel, delivery.id, fault)
        said = (
            f"The template of the channel {one_line(delivery.channel)} failed ({fault}): this is Dateline's own form."
        )
        return replace(_built_in(delivery, now, shown, broken, voice.links, said), fault=str(fault))


def variables_of(delivery: Delivery, now: datetime) -> Mapping[str, Any]:
    """What templates get for a delivery whose links lead nowhere. Raises MessageFault as `message_of` does."""
    links = _PLAIN_VOICE.links
    shown, broken = _told(delivery.alerts, now, links, by_words)
    own = _built_in(delivery, now, shown, broken, links)
    return variables(own, delivery.channel, shown[:SHOWN], len(shown), broken, links)


def test_message(message_id: str, channel: str, now: datetime) -> Message:
    """The message of `dateline tell`."""
    channel = one_line(channel)
    text = f"This is a test of the channel {channel}, sent at {now:%H:%M:%S} UTC on {now.day} {now:%B %Y}. It works."
    fields = {"channel": channel, "text": text}
    subject = f"Dateline: a test of {channel}"
    return _plain(message_id, "test", subject, text, fields, created_at=now, worded_at=now)


def _built_in(
    delivery: Delivery, now: datetime, shown: Sequence[Told], broken: Sequence[str], links: Links, fault: str = ""
) -> Message:
    rest = [_left_out(broken)] if broken else []
    if len(shown) > SHOWN:
        lines = [f"{one.title}\n{one.url}" for one in shown[SHOWN:]]
        rest.insert(0, f"And {len(lines)} more:\n\n" + "\n\n".join(lines))
    rule, channel = one_line(delivery.rule), one_line(delivery.channel)
    subject = one_line(f"{rule}: {_headline(shown)}", LONGEST_SUBJECT)
    rules = tuple(dict.fromkeys(one.rule for one in delivery.alerts))
    foot = f"Told by Dateline, rule{'s' * (len(rules) > 1)} {rule}.{f' {fault}' if fault else ''}"
    stops = tuple((one, links.stop(one, delivery.channel)) for one in rules)
    page, feed, stop = "", "", ""  # a summary is of several
    if len(rules) == 1:
        page, feed, stop = links.rule(rules[0]), links.feed(rules[0]), stops[0][1]
    places = [("This rule", page), ("Its feed", feed), ("All alerts", links.alerts())]
    places += _stopping(stops, channel, links)
    ways = tuple((name, url) for name, url in places if url)
    under = "\n".join([foot, *(f"{name}: {url}" for name, url in ways)])
    return Message(
        id=delivery.id,
        created_at=delivery.created_at,
        worded_at=now,
        type="alerts",
        rule=rule,
        subject=subject,
        text=wrapped("\n\n".join([*(one.as_text() for one in shown[:SHOWN]), *rest, f"-- \n{under}\n"])),
        html=_template().render(subject=subject, told=shown[:SHOWN], paragraphs=rest, foot=foot, ways=ways),
        fields={
            "rule": rule,
            **payload.fitted([record for one in shown for record in one.records]),
            "left_out": list(broken[:MOST_NAMED]),
        },
        blocks=(*(Block(one.as_text(), one.as_markdown()) for one in shown[:SHOWN]), *map(_block, rest)),
        foot=under,
        story=shown[0].story if len({one.story for one in shown}) == 1 and not broken else "",
        feed=feed,
        stop=stop,
        stops=stops,
    )


def _stopping(stops: Sequence[tuple[str, str]], channel: str, links: Links) -> Iterator[tuple[str, str]]:
    """A link that stops each rule; of hundreds the page that has them all: nobody reads so many."""
    names = ["this rule"] if len(stops) == 1 else [f"the rule {one_line(rule)}" for rule, _ in stops]
    for name, (_, url) in list(zip(names, stops, strict=True))[:MOST_STOPS]:
        yield f"Stop {name} in {channel}", url
    if len(stops) > MOST_STOPS:
        yield f"Stop another of its {len(stops)} rules", links.rules()


def _worded(own: Message, templates: Mapping[str, Template], given: Mapping[str, Any]) -> Message:
    """The message in the channel's own wording. Raises TemplateFault, also where nothing comes of it."""
    said = {name: template.render(given) for name, template in templates.items()}
    if empty := [name for name, text in said.items() if not text.strip()]:
        raise TemplateFault(f"{empty[0]}: comes out empty")
    if "subject" in said:
        own = replace(own, subject=one_line(said["subject"], LONGEST_SUBJECT))
    if "text" in said:
        own = replace(own, text=said["text"], blocks=(), foot="")
    return replace(own, html=said.get("html", own.html))


def _plain(
    message_id: str,
    kind: Literal["notice", "test"],
    subject: str,
    text: str,
    fields: Mapping[str, Any],
    *,
    created_at: datetime,
    worded_at: datetime,
) -> Message:
    subject, foot = one_line(subject, LONGEST_SUBJECT), "Told by Dateline."
    return Message(
        id=message_id,
        created_at=created_at,
        worded_at=worded_at,
        type=kind,
        rule="",
        subject=subject,
        text=wrapped(f"{text}\n\n-- \n{foot}\n"),
        html=_template().render(subject=subject, told=(), paragraphs=[text], foot=foot, ways=()),
        fields=fields,
        blocks=(_block(text),),
        foot=foot,
    )


def _block(text: str) -> Block:
    return Block(text, "  \n".join(markdown([("=", line)]) for line in text.split("\n")))


def _told(alerts: Sequence[Alert], now: datetime, links: Links, find: Find) -> tuple[list[Told], list[str]]:
    """The alerts that can be rendered, those of one change as one, and the names of those that cannot."""
    shown: list[Told] = []
    broken: list[str] = []
    of_one: dict[int, list[Alert]] = {}
    for one in alerts:
        of_one.setdefault(one.change.id, []).append(one)
    names_rules = len({one.rule for one in alerts}) > 1
    for each in of_one.values():
        try:
            shown.append(told(each, now, links, find, names_rules=names_rules))
        except Exception as reason:  # whatever a stored article may hold: the others are told
            log.exception("alerts left out change=%d", each[0].change.id)
            broken += [f"alert {one.id} ({type(reason).__name__})" for one in each]
    return shown, broken


def _left_out(broken: Sequence[str]) -> str:
    what = "1 alert" if len(broken) == 1 else f"{len(broken)} alerts"
    further = " ..." if len(broken) > MOST_NAMED else ""
    return f"{what} could not be put into words; see the page: {', '.join(broken[:MOST_NAMED])}{further}."


def _headline(shown: Sequence[Told]) -> str:
    """Of one alert what, which and where; of many how many of what, and where. What is gone stands first, since a
    subject is cut, and read for the gravest; the message keeps its order."""
    if len(shown) == 1:
        return shown[0].headline
    gravest = sorted(shown, key=lambda one: one.kind != ChangeKind.REMOVED)
    kinds = Counter(_KINDS.get(one.kind, str(one.kind)) for one in gravest)
    counts = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    sources = list(dict.fromkeys(one.source for one in gravest))
    further = f" and {counted(len(sources) - 1, 'more source')}" if len(sources) > 1 else ""
    titles = list(dict.fromkeys(one_line(one.title, 60) for one in gravest))
    return f"{counts} at {sources[0]}{further}: {'; '.join(titles[:5])}"


@cache
def _template() -> jinja2.Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        autoescape=True, loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined
    )
    environment.globals["marked"] = html
    return environment.get_template("message.html")
