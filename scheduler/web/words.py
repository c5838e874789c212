"""Times, days and states in words, for people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from scheduler.duration import in_words
from storage.archive import DownSource
from storage.fates import ChannelState, Fate
from storage.gone import LOOKS
from storage.mass import IN_TIME, Mass
from storage.model.articles import When
from storage.model.looking import SourceState
from storage.model.telling import DeliveryState
from storage.proof import Proof
from storage.text import counted, one_line, public_url
from storage.watched import WatchedSource
from storage.whereabouts import Missing

_ON_ITS_WAY = {
    DeliveryState.OPEN: "gathers alerts, first attempt",
    DeliveryState.PENDING: "next attempt",
    DeliveryState.PAUSED: "paused with its channel, next probe",
}


def day(moment: datetime) -> str:
    """A calendar day, in UTC: 8 November 2026."""
    return day_of(moment.astimezone(UTC).date())


def day_of(when: date) -> str:
    """A calendar day: 8 November 2026."""
    return f"{when.day} {when:%B} {when.year}"


def moment(at: datetime) -> str:
    """A time in UTC: 8 November 2026, 14:05 UTC."""
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def published(when: When) -> str:
    """What the site states: a day is shown as a day, no clock is made for it."""
    return day(when.moment) if when.precision == "day" else moment(when.moment)


_ORIGINS = {
    "json-ld": "the page's JSON-LD",
    "meta": "the page's metadata",
    "time": "the page's time mark",
    "list": "the site's list",
    "feed": "the site's feed",
    "url": "the address",
    "text": "the text of the page",
}


def origin(when: When) -> str:
    """Where a date was read, "" where that is not known."""
    return _ORIGINS.get(when.origin, "")


def span(length: timedelta) -> str:
    """A length of time in its largest unit: 40 s, 5 min, 3 h, 2 days."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'s' if unit == 'day' and number != 1 else ''}"
    return f"{seconds} s"


def mass(event: Mass) -> str:
    """How a mass event stands."""
    if event.ended_at:
        return f"ended {moment(event.ended_at)}: {event.how}"
    if event.how:
        by = "" if event.how == IN_TIME else " by a person"
        return f"{event.how}{by}; the daemon records it"
    return f"told {moment(event.told_at)}" if event.told_at else "looked into; not told yet"


def standing(removed_at: datetime | None, missing: Missing | None, confirm: timedelta | None = None) -> str:
    """Where a removal stands, in a sentence or two; "" for an article that is there. `confirm` is the least time that
    it is looked for."""
    if removed_at is not None:
        since = f": not there since {moment(missing.since)}, {_agree(missing.looks)}" if missing else ""
        return f"Removed; confirmed {moment(removed_at)}{since}. The copy stays."
    if missing is None:
        return ""
    what = "its address shows another article" if missing.shows_another else "it is not there"
    said = [
        f"It may be gone: {what} since {moment(missing.since)}; {min(missing.looks, LOOKS)} of {LOOKS} looks agree."
    ]
    if missing.mass_id is not None:
        said.append(f"Many of its host went with it, and all are held: mass event {missing.mass_id}.")
    elif confirm is not None:
        said.append(
            f"Confirmed {moment(missing.since + confirm)} at the earliest, while its host shows other articles."
        )
    return " ".join(said)


def _agree(looks: int) -> str:
    return f"{counted(looks, 'look')} agree{'s' * (looks == 1)}"


def proof(one: Proof) -> list[str]:
    """How it was found out that an article is gone: a line for since when, and one for each look that is kept."""
    what = "its address showed another article" if one.shows_another else "it was not there"
    agreed = f"{counted(one.number, 'look')} agreed at {one_line(one.url, 2048)}"
    looks = (f"look of {moment(at.at)}: {one_line(at.outcome)}, {one_line(at.said, 300)}" for at in one.looks)
    return [f"{what} since {moment(one.since)}; {agreed}", *looks]


def mass_headline(event: Mass) -> str:
    """What happened in a mass event, in a line, in lower case where it begins with no number."""
    one = event.articles == 1
    number, verb = f"{event.articles:,} article{'' if one else 's'}", "is" if one else "are"
    if event.kind == "removed":
        return f"{number} {verb} gone from {one_line(event.host)}"
    if event.kind == "restored":
        return f"{number} {verb} back at {one_line(event.host)}"
    return f"site-wide change at {one_line(event.source)}: {number} changed alike"


def ago(at: datetime, now: datetime) -> str:
    return "just now" if now - at < timedelta(seconds=5) else f"{span(now - at)} ago"


def ahead(at: datetime, now: datetime) -> str:
    return "due now" if at <= now else f"in {span(at - now)}"


def dropped(looks: int, host: str, delay: timedelta) -> str:
    """What there was no time for, and what would mend it; "" where nothing was left."""
    if not looks:
        return ""
    pause = f"a delay of {in_words(delay)}" if delay else "half of its time"
    return (
        f"Looks again dropped in the last 24 hours: {looks:,} at {host}: more fall due than {pause} leaves time for. "
        "Fewer times in [changes] revisit would mend it"
    )


def reading(source: WatchedSource) -> str:
    """How a source's pages are read, "" where nothing was learned of them yet."""
    if lost := next((one for one in source.layouts if one.message and not one.is_known), None):
        since = f" since {day(lost.since)}" if lost.since else ""
        return f"in full{since}, until their layout is learned anew: {lost.message}"
    known = [one for one in source.layouts if one.is_known and one.since]
    latest = max(known, key=lambda one: one.since or datetime.min.replace(tzinfo=UTC), default=None)
    if latest is None or latest.since is None:
        return ""
    anew = f" anew: {latest.message}" if latest.message else ""
    return f"by their layout, learned on {day(latest.since)}{anew}"


def state(source: WatchedSource) -> str:
    """How a source is, in a few words."""
    if not source.enabled:
        return "not watched: switched off in the configuration"
    if source.state == SourceState.NEW:
        return "its first look is under way" if not source.message else "its first look has not succeeded yet"
    if source.state == SourceState.DOWN:
        return "down"
    return "well" if not source.message else "its last look failed"


def channel(one: ChannelState) -> str:
    """How a channel is, in a few words."""
    if not one.in_config:
        return one.reason
    if one.paused_at is not None:
        return "paused"
    if one.failures:
        return "its last attempt failed"
    return "puts off what it is sent" if one.put_off else "well"


def down(one: DownSource) -> str:
    """A source that is down, in one line."""
    return f"the source {one_line(one.name)} is down since {moment(one.since)}: {one_line(one.message, 300)}"


def pause(one: ChannelState) -> str:
    """A paused channel in one line."""
    since = f" since {moment(one.paused_at)}" if one.paused_at else ""
    return f"the channel {one.name} is paused{since}: {one.reason}"


def fate(one: Fate, now: datetime) -> str:
    """What became of a delivery, without its reason."""
    if one.at is None:
        return str(one.state)
    if one.state == DeliveryState.SENT:
        return f"sent {moment(one.at)}"
    if one.at <= now and one.waits_its_turn:
        return "waits for its turn"
    return f"{_ON_ITS_WAY[one.state]} {ahead(one.at, now)}"


def receipt(one: Fate) -> str:
    """What the other side said when it took a delivery, and who that was."""
    to = f"to {one.sent_to}, " if one.sent_to else ""
    return f"{to}{one.answer}, {counted(one.attempts, 'attempt')}"


def excerpt(text: str, length: int = 280) -> str:
    """The beginning of a text on one line, cut at a word."""
    line = one_line(text, length)
    if not line.endswith("…"):
        return line
    head, _, tail = line.rpartition(" ")
    return line if len(tail) > 30 else f"{head.rstrip(' ,;:-–—')}…"  # scripts without spaces are cut where it ends


def followable(url: str) -> str:
    """The address if a reader may be sent there, else ""."""
    return public_url(url)
