"""What commands say of the store in words: the counts of a round, and how everything is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from scheduler.web.words import dropped, pause
from storage.fates import ChannelState, Fate


def counted(number: int, noun: str) -> str:
    """3 sources, 1 rule."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def counts_in_words(counts: dict[str, Any]) -> str:
    """What a round came to, in a line, and a line for each source whose last look failed."""
    line = (
        f"{counts['looks']} looks, {counts['listed']} articles listed: {counts['new']} new, {counts['edited']} edited, "
        f"{counts['removed']} removed, {counts['restored']} restored; {counts['alerts']} alerts, "
        f"{counts['delivered']} deliveries sent, {counts['pending']} waiting"
    )
    return "\n".join([line, *(f"  {one['source']} ({one['state']}): {one['message']}" for one in counts["errors"])])


def status_in_words(counts: dict[str, Any]) -> str:
    """A table of the sources, with what fails at them, and how much there is of everything."""
    names = [one["name"] for one in counts["sources"]]
    width = max([len("source"), *map(len, names)])
    lines = [f"{'source':{width}}  {'state':5}  {'articles':>8}  {'last look':20}  next look"]
    for one in counts["sources"]:
        lines.append(
            f"{one['name']:{width}}  {one['state']:5}  {one['articles']:>8}  {one['last_look'] or 'never':20}  "
            f"{one['next_look'] or '-'}"
        )
        left = one["dropped"]
        said = dropped(left["looks"], left["host"], timedelta(seconds=left["delay_s"]))
        lines += [f"{'':{width}}  {each}" for each in (one["message"], said) if each]
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
            f"{counts['articles']} articles at {counts['addresses']} addresses, {counts['revisions']} revisions",
            f"changes: {kinds}; alerts: {counts['alerts']}; deliveries: {states}",
        ]
    )


def untold_in_words(paused: list[ChannelState], given_up: list[Fate]) -> list[str]:
    """What keeps alerts from their readers; empty where nothing does."""
    lines = [pause(one) for one in paused]
    for one in given_up:
        what = f"rule {one.rule}" if one.rule else "a notice"
        lines.append(f"given up: {one.delivery_id} to {one.channel}, {what}: {one.reason}")
    return [*lines, "Send one again: dateline tell --again ID"] if given_up else lines
