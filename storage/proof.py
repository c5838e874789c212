"""What proved that an article was gone: since when, and the looks that had to agree, each with its answer. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.text import one_line

MOST = 10  # looks that are kept, the first ones; three prove it
_LONGEST = 300  # characters of an answer in words


@dataclass(frozen=True, slots=True)
class Counted:
    """A look that counted, and what was answered: its outcome and, in words, the status or what the page said."""

    at: datetime
    outcome: str
    said: str


@dataclass(frozen=True, slots=True)
class Proof:
    """`number` of looks agreed, at `url`; of `looks`, the first of them, there are fewer where an older Dateline kept
    none. `shows_another`: the address shows another article in its place."""

    url: str
    since: datetime
    number: int
    looks: tuple[Counted, ...] = ()
    shows_another: bool = False


def showing(at: datetime, outcome: str, title: str) -> Counted:
    """A look that found another article of this title in an article's place."""
    return Counted(at, str(outcome), f'the page shows "{one_line(title, _LONGEST // 2)}"')


def counted_json(looks: tuple[Counted, ...]) -> str:
    return json.dumps([_look(one) for one in looks[:MOST]], ensure_ascii=False) if looks else ""


def counted_from(text: str) -> tuple[Counted, ...]:
    """The looks that `counted_json` wrote. Raises ValueError, KeyError and TypeError for what it did not."""
    return tuple(_counted(one) for one in json.loads(text)) if text else ()


def proof_json(proof: Proof) -> str:
    return json.dumps(as_record(proof), ensure_ascii=False)


def proof_from(text: str) -> Proof | None:
    """The proof that `proof_json` wrote; None for "". Raises as `counted_from`."""
    if not text:
        return None
    said = json.loads(text)
    looks = tuple(_counted(one) for one in said["looks"])
    return Proof(said["url"], _moment(said["since"]), int(said["number"]), looks, bool(said["shows_another"]))


def as_record(proof: Proof) -> dict[str, Any]:
    """Of JSON's types alone; times are ISO 8601 in UTC."""
    return {
        "url": proof.url,
        "since": _stamp(proof.since),
        "number": proof.number,
        "looks": [_look(one) for one in proof.looks],
        "shows_another": proof.shows_another,
    }


def _look(one: Counted) -> dict[str, str]:
    return {"at": _stamp(one.at), "outcome": one.outcome, "said": one.said[:_LONGEST]}


def _counted(said: dict[str, str]) -> Counted:
    return Counted(_moment(said["at"]), str(said["outcome"]), str(said["said"]))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")  # as the chain has its times


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
