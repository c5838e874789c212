"""A message as it travels from the words to a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from scheduler.links import Links
from scheduler.template import Template


@dataclass(frozen=True, slots=True)
class Voice:
    """How a channel speaks: where its messages lead, and its own wording by part ("subject", "text", "html")."""

    links: Links = field(default_factory=Links)
    templates: Mapping[str, Template] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """One alert, or another paragraph, for services that cut what is long: the same in two forms."""

    text: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends. `subject` is one line; `text` and `html` say the same; `fields` is safe for JSON.

    `id` and `created_at` are the delivery's, the same at every attempt; `worded_at` is when this was put into words,
    which a digest is long after the first of its alerts. `rule` is "" for a notice or a test. `blocks` are the parts of
    the text, empty where it is a template's; `foot` stands under them.
    """

    id: str
    created_at: datetime
    worded_at: datetime
    type: Literal["alerts", "notice", "test"]
    rule: str
    subject: str
    text: str
    html: str
    fields: Mapping[str, Any]
    blocks: tuple[Block, ...] = ()
    foot: str = ""
    story: str = ""  # that all of it is about; "" where it is about several, or none
    feed: str = ""  # of the one rule that it tells of; "" where it sums up several
    stop: str = ""  # the page that stops that rule in this channel
    stops: tuple[tuple[str, str], ...] = ()  # every rule that it tells of, with that page
    fault: str = ""  # why the channel's own wording was not used
