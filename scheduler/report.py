"""What commands say of the store in words: the counts of a round, and how everything is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from shlex import quote
from typing import Any, cast

from scheduler.duration import in_words
from scheduler.size import size_in_words
from scheduler.web.words import dropped, mass
from scheduler.wrapped import columns
from storage.fates import ChannelState, Fate
from storage.heartbeat import Beat
from storage.mass import Mass, Member
from storage.model.looking import SourceState
from storage.retaining import Retained
from storage.retention import Limits, Why
from storage.stopped import Stopped
from storage.text import counted, iso, one_line
from storage.tombstones import Doomed

_STATES = {SourceState.OK: "well"}  # the word of the page and of /health; programs have the state by its own name


def minute(at: datetime | str) -> str:
    """A time as `dateline status` and `once` say it, given as such or as programs get it: 2026-11-08 14:05 UTC."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def trouble(state: str, since: str, message: str) -> str:
    """What is wrong with a source, given as its state, since when it is in it, and what its last look came to."""
    if state == SourceState.DOWN:
        return f"down since {minute(since)}, {message}"
    return f"its {'first look has not succeeded yet' if state == SourceState.NEW else 'last look failed'}: {message}"


def counts_in_words(counts: dict[str, Any]) -> str:
    """What a round came to, in a line, and a line for each source whose last look failed."""
    line = (
        f"{counted(counts['looks'], 'look')}, {counted(counts['listed'], 'article')} listed: {counts['new']} new, "
        f"{counts['edited']} edited, {counts['removed']} removed, {counts['restored']} restored; "
        f"{counted(counts['alerts'], 'alert')}, {counted(counts['delivered'], 'delivery')} sent, "
        f"{counts['pending']} waiting"
    )
    failed = (f"  {one['source']}: {trouble(one['state'], one['since'], one['message'])}" for one in counts["errors"])
    return "\n".join([line, *failed])


def status_in_words(counts: dict[str, Any]) -> str:
    """A table of the sources, with what fails at them, and how much there is of everything."""
    names = [one["name"] for one in counts["sources"]]
    width = max([len("source"), *map(columns, names)])  # a Korean letter takes two
    lines = [f"{'source':{width}}  {'state':5}  {'articles':>8}  {'last look':20}  next look"]
    for one in counts["sources"]:
        lines.append(
            f"{one['name']}{' ' * (width - columns(one['name']))}  "
            f"{_STATES.get(one['state'], one['state']):5}  {one['articles']:>8}  "
            f"{minute(one['last_look']) if one['last_look'] else 'never':20}  "
            f"{minute(one['next_look']) if one['next_look'] else '-'}"
        )
        wrong = trouble(one["state"], one["since"], one["message"]) if one["message"] else ""
        left = one["dropped"]
        said = dropped(left["looks"], left["host"], timedelta(seconds=left["delay_s"]))
        lines += [f"{'':{width}}  {each}" for each in (wrong, said) if each]
        lines += [
            f"{'':{width}}  {'layout learned anew' if each['known'] else 'pages are read in full'}: {each['message']}"
            for each in one["layouts"]
            if each["message"]
        ]
    kinds = ", ".join(f"{number} {kind}" for kind, number in counts["changes"].items()) or "none"
    states = ", ".join(f"{number} {state}" for state, number in counts["deliveries"].items() if number) or "none"
    return "\n".join(
        [
            *lines,
            "",
            f"{counted(counts['articles'], 'article')} at {counted(counts['addresses'], 'address')}, "
            f"{counted(counts['revisions'], 'revision')}",
            f"changes: {kinds}; alerts: {counts['alerts']}; deliveries: {states}",
        ]
    )


def masses_in_words(events: list[Mass]) -> str:
    """A line for each mass event, the newest first."""
    return "\n".join(f"{one.id:>4}  {_stage(one)}" for one in events) or "There has been no mass event."


def mass_in_words(one: Mass, members: list[Member]) -> str:
    """What is known of a mass event, and every article of it."""
    lines = [_stage(one), *(f"  {line[:1]} {one_line(line[1:])}" for line in one.common), ""]
    lines += [f"{each.since:%Y-%m-%d %H:%M}  {_named(each)}" for each in members]
    if one.kind == "removed" and one.ended_at is None and not one.how:
        lines += ["", f"Are they gone? dateline mass {one.id} --confirm. Has the site moved? ... --dismiss."]
    return "\n".join(lines)


def mass_as_json(one: Mass, members: list[Member]) -> dict[str, Any]:
    """Times are ISO 8601 in UTC, null where there is none yet."""
    told = asdict(one) | {"articles": len(members) or one.articles}
    told |= {"members": [asdict(each) for each in members]} if members else {}
    return cast(dict[str, Any], json.loads(json.dumps(told, default=lambda at: at.isoformat(timespec="seconds"))))


def _named(one: Member) -> str:
    return f"{one_line(one.title, 500) or '(without a title)'}\n{'':18}{one_line(one.url, 2048)}"


def _stage(one: Mass) -> str:
    verb = {"removed": "gone", "restored": "back", "edited": "changed alike"}[one.kind]
    articles = counted(one.articles, "article")
    return f"{one.began_at:%Y-%m-%d %H:%M}  {articles} of {one.source} {verb} at {one.host} ({mass(one)})"


def doomed_in_words(one: Doomed) -> str:
    """What a drop would take away."""
    lines = [
        one_line(one.title) or "(without a title)",
        f"  {one_line(one.url, 2048)}",
        f"  {counted(one.revisions, 'revision')} at {counted(one.addresses, 'address')}, "
        f"{counted(one.alerts, 'alert')}",
    ]
    if one.untold:
        were = "delivery was" if one.untold == 1 else "deliveries were"
        lines.append(f"  {one.untold} {were} not sent yet and would not be")
    return "\n".join(lines)


def retained_in_words(came_to: Retained, limits: Limits, *, dry_run: bool) -> str:
    """What went, or would go, of the bytes that servers sent, by reason, and what stays."""
    reasons = {
        Why.OLD: f"older than {in_words(limits.age)}",
        Why.SURPLUS: f"the oldest beyond {size_in_words(limits.size)}",
        Why.ORPHAN: "that no revision names",
    }
    verb = "would go" if dry_run else "gone"
    lines = [f"{verb}: {counted(came_to.files, 'file')}, {size_in_words(came_to.size)}"]
    for why, one in came_to.gone.items():
        if one.oldest is not None:
            oldest = f"the oldest of {one.oldest:%Y-%m-%d}"
            lines.append(f"  {counted(one.files, 'file')}, {size_in_words(one.size)} {reasons[why]}, {oldest}")
    stays = came_to.before.files - came_to.files, came_to.before.size - came_to.size
    kept = "stay" if dry_run else "kept"
    return "\n".join([*lines, f"{kept}: {counted(stays[0], 'file')}, {size_in_words(stays[1])}; all texts and hashes"])


def daemon_in_words(process: int | None, faults: Sequence[str]) -> list[str]:
    """Whether a daemon runs, and below it the faults of a config that is broken, a line each."""
    if process:
        runs = f"The daemon runs, process {process}"
        return [f"{runs}, with the config before this one, which is broken:", *faults] if faults else [f"{runs}."]
    if faults:
        return ["No daemon runs, and none starts until the config is mended:", *faults]
    return ["No daemon runs: `dateline run` starts it."]


def stopped_in_words(halted: list[Stopped]) -> list[str]:
    """Rules that a reader stopped, each with what starts it again."""
    return [
        f"stopped by its reader since {minute(one.at)}: rule {one.rule} in {one.channel}. "
        f"Start it again: dateline rules start {quote(one.rule)} --channel {quote(one.channel)}"
        for one in halted
    ]


def untold_in_words(paused: list[ChannelState], given_up: list[Fate], short: Mapping[str, str]) -> list[str]:
    """What keeps alerts from their readers; empty where nothing does. `short` are the ids as they are shown."""
    lines = [
        f"the channel {one.name} is paused since {minute(one.paused_at)}: {one.reason}"
        f"{f'; tried again {minute(one.probe_at)}' if one.probe_at else ''}"
        for one in paused
        if one.paused_at
    ]
    lines += ["Mended? What waits goes on once a test gets through: dateline tell CHANNEL"] * bool(lines)
    for one in given_up:
        what = f"rule {one.rule}" if one.rule else "a notice"
        lines.append(f"given up: {short[one.delivery_id]} to {one.channel}, {what}: {one.reason}")
    return [*lines, "Send one again: dateline deliveries retry ID"] if given_up else lines


def heartbeat_in_words(beat: Beat | None) -> str:
    """How the dead man's switch was last served."""
    if beat is None:
        return "heartbeat: not called yet"
    last = f"last called {minute(beat.called_at)}" if beat.called_at else "never called"
    return f"heartbeat: {last}{f'; since then {beat.reason}' if beat.reason else ''}"


def heartbeat_as_json(beat: Beat | None) -> dict[str, Any] | None:
    if beat is None:
        return None
    return {"called_at": iso(beat.called_at), "reason": beat.reason}
