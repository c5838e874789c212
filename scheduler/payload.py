"""What a webhook's body looks like: its JSON Schema, and how many alerts find room in it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

VERSION = 1  # moves where a program that read the version before would fail or be misled; new keys do not move it
ROOM = 17_000  # bytes of alerts: Standard Webhooks asks for bodies under 20 kB
_LINE_URL = 200  # a longer address stands on the page alone
_PROVE = 3  # looks that prove a removal

Count = Annotated[int, Field(ge=0)]
Moment = Annotated[str, Field(description="ISO 8601 in UTC, such as 2026-11-20T12:00:00Z")]
Ops = Annotated[
    list[tuple[Literal["=", "-", "+", "<", ">", "…"], str]],
    Field(description="in reading order: = stayed, - went, + came, < moved away, > moved here, … a gap"),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Published(_Part):
    """The date that the page states."""

    at: Annotated[str, Field(description="a day alone where the page states no clock")]
    precision: str


class Also(_Part):
    """Where else the story stands."""

    article: str
    url: str
    title: str
    sources: list[str]


class Diff(_Part):
    """An extract of what changed, by words."""

    title: Ops
    body: Ops


class Look(_Part):
    """One that found an article gone."""

    at: Moment
    outcome: Annotated[str, Field(description='such as "not found"')]
    said: Annotated[str, Field(description='the status that was answered, such as "404", or what the page said')]


class Proof(_Part):
    """How it was found out that an article is gone."""

    url: Annotated[str, Field(description='where it was looked for; "" where it is long')]
    since: Annotated[Moment, Field(description="of the first look that found it gone")]
    number: Annotated[Count, Field(description="how many looks agreed")]
    looks: Annotated[list[Look], Field(description="the first of them, as many as are kept and find room")]
    shows_another: Annotated[bool, Field(description="its address shows another article in its place")]


class AlertData(_Part):
    id: int
    rule: str
    holds: Annotated[
        Literal["now", "no longer", "still"], Field(description="does the rule's query match after the change?")
    ]
    words: Annotated[list[str], Field(description="of the text, that made the rule hold")]
    # What was frozen before it was there has none: it is not required.
    variants: Annotated[
        list[str], Field(description="of the rule's query and its lists, that stand in the text, as they write them")
    ] = []
    kind: Literal["added", "edited", "removed", "restored"]
    class_: Annotated[str, Field(alias="class", description='of an edit, such as "numbers"; else ""')]
    change: Annotated[str, Field(description="kind and class in words")]
    stealth: Annotated[bool, Field(description="edited, and the page's own date of modification stood still")]
    article: Annotated[str, Field(description="id of the article, the same for ever")]
    title: str
    url: str
    page: Annotated[str, Field(description='the saved copy at this Dateline; "" where it has no address')]
    original_url: str
    sources: Annotated[list[str], Field(min_length=1, description="where it was seen, the first one first")]
    language: str
    published: Published | None
    seen_at: Annotated[Moment, Field(description="when the change was seen")]
    first_seen_at: Moment | None
    story: Annotated[str, Field(description="id of the article that the story began with")]
    also_at: list[Also]
    # What was frozen before there was such a page has none: it is not required.
    why: Annotated[str, Field(description='the page that says why it was raised; "" where it has no address')] = ""
    proof: Annotated[Proof | None, Field(description="of a removal; null of all else, and where none is kept")] = None
    excerpt: Annotated[str, Field(description="left out where there is no room")] = ""
    diff: Annotated[Diff | None, Field(description="left out where there is no room; null where nothing changed")] = (
        None
    )


class AlertLine(_Part):
    """An alert for which there was no room in full."""

    id: int
    kind: Literal["added", "edited", "removed", "restored"]
    article: str
    url: Annotated[str, Field(description='"" where it is long')]


class Alerts(_Part):
    subject: str
    rule: str
    alerts: list[AlertData]
    more: Annotated[list[AlertLine], Field(description="further alerts of this message, for which there was no room")]
    omitted: Annotated[Count, Field(description="how many more than that; they stand on the page of alerts")]
    left_out: Annotated[list[str], Field(description="alerts that could not be put into words")]


class NoticeData(_Part):
    """What Dateline says of itself: a source down, a channel paused."""

    subject: str
    text: str


class TestData(_Part):
    """`dateline tell CHANNEL`."""

    subject: str
    channel: str
    text: str


class _Envelope(_Part):
    schema_: Annotated[Literal[1], Field(alias="schema", description="version of this schema")]
    timestamp: Annotated[Moment, Field(description="of the delivery, the same at every attempt")]


class AlertsBody(_Envelope):
    type: Literal["alerts"]
    data: Alerts


class NoticeBody(_Envelope):
    type: Literal["notice"]
    data: NoticeData


class TestBody(_Envelope):
    type: Literal["test"]
    data: TestData


BODY: TypeAdapter[AlertsBody | NoticeBody | TestBody] = TypeAdapter(
    Annotated[AlertsBody | NoticeBody | TestBody, Field(discriminator="type")]
)


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a body."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Dateline webhook",
        "description": f"Version {VERSION}. New keys may come without a new version.",
    }
    body: dict[str, Any] = _open(BODY.json_schema(by_alias=True))
    return head | body


def _open(schema: Any) -> Any:
    """The schema without its ban on other keys: it is for receivers, to whom new ones may come. Ours are tested."""
    if isinstance(schema, dict):
        return {key: _open(value) for key, value in schema.items() if key != "additionalProperties"}
    return [_open(one) for one in schema] if isinstance(schema, list) else schema


def fitted(alerts: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], room: int = ROOM) -> dict[str, Any]:
    """The alerts, each given as its fields and its bulky extracts, as far as there is room: extracts of the first ones
    only, then the fields of the first ones only and a line for each of the others, then the number of the rest."""
    lines = [_line(fields) for fields, _ in alerts]
    full = [dict(fields) if _size(fields) <= room // 4 else _slim(fields) for fields, _ in alerts]
    sizes, line_sizes = [_size(one) for one in full], [_size(one) for one in lines]
    shown = len(full)
    while shown and sum(sizes[:shown]) + min(sum(line_sizes[shown:]), room // 2) > room:
        shown -= 1
    listed = len(full)
    while listed > shown and sum(sizes[:shown]) + sum(line_sizes[shown:listed]) > room:
        listed -= 1
    left = room - sum(sizes[:shown]) - sum(line_sizes[shown:listed])
    for one, (_, extracts) in zip(full[:shown], alerts, strict=False):
        left -= _size(extracts)
        if left > 0:
            one |= extracts
    return {"alerts": full[:shown], "more": lines[shown:listed], "omitted": len(full) - listed}


def shortened(text: str, most: int = ROOM) -> str:
    """The beginning of a text, of at most so many bytes in JSON."""
    size = 0
    for place, letter in enumerate(text):
        size += len(json.dumps(letter, ensure_ascii=False).encode()) - 2
        if size > most:
            return f"{text[: max(0, place - 1)]}…"
    return text


def _slim(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Of an alert with very long fields, what always finds room: at most 4 kB."""
    words, variants = ([one[:40] for one in fields[name][:5]] for name in ("words", "variants"))
    url = fields["url"] if len(fields["url"]) <= 1500 else ""
    bounded = {"title": fields["title"][:200], "sources": fields["sources"][:3], "url": url}
    bounded |= {"words": words, "variants": variants}
    if proof := fields["proof"]:
        looks = [{**one, "said": one["said"][:60]} for one in proof["looks"][:_PROVE]]
        at = proof["url"] if len(proof["url"]) <= _LINE_URL else ""
        bounded["proof"] = {**proof, "url": at, "looks": looks}
    return {**fields, **bounded, "original_url": "", "also_at": []}


def _line(fields: Mapping[str, Any]) -> dict[str, Any]:
    url = fields["url"] if len(fields["url"]) <= _LINE_URL else ""
    return {"id": fields["id"], "kind": fields["kind"], "article": fields["article"], "url": url}


def _size(fields: Mapping[str, Any]) -> int:
    return len(json.dumps(fields, ensure_ascii=False).encode()) + 1
