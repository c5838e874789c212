"""Times and states in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from scheduler.web import words
from storage.fates import ChannelState, Fate
from storage.layouts import KnownLayouts
from storage.model.articles import When
from storage.model.looking import SourceState
from storage.model.telling import DeliveryState
from storage.watched import WatchedSource

AT = datetime(2026, 11, 8, 14, 5, 59, tzinfo=UTC)


def test_times_in_words():
    """Times are UTC; a day without a clock is shown as a day."""
    assert words.moment(AT) == "8 November 2026, 14:05 UTC"
    assert words.moment(AT.astimezone(timezone(timedelta(hours=9)))) == "8 November 2026, 14:05 UTC"
    assert words.published(When(AT, "minute")) == "8 November 2026, 14:05 UTC"
    assert words.published(When(AT, "day")) == "8 November 2026"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (86400, "1 day"), (200_000, "2 days")],
)
def test_spans(seconds, said):
    """A length of time is told in its largest unit."""
    assert words.span(timedelta(seconds=seconds)) == said


def test_ago_and_ahead():
    """What lies behind or before us is told from now."""
    assert words.ago(AT, AT) == "just now"
    assert words.ago(AT - timedelta(hours=2), AT) == "2 h ago"
    assert words.ahead(AT, AT) == "due now"
    assert words.ahead(AT + timedelta(minutes=3), AT) == "in 3 min"


@pytest.mark.parametrize(
    ("enabled", "state", "message", "said"),
    [
        (True, "ok", "", "well"),
        (True, "ok", "unreachable", "its last look failed"),
        (True, "down", "unreachable", "down"),
        (True, "new", "", "its first look is under way"),
        (True, "new", "unreachable", "its first look has not succeeded yet"),
        (False, "ok", "", "not watched: switched off in the configuration"),
    ],
)
def test_states(enabled, state, message, said):
    """How a source is, in a few words."""
    source = WatchedSource("Gazette", "https://x.example/", enabled, SourceState(state), AT, message, None, None, 0)
    assert words.state(source) == said


@pytest.mark.parametrize(
    ("in_config", "paused_at", "failures", "said"),
    [
        (True, None, 0, "well"),
        (True, None, 1, "its last attempt failed"),
        (True, AT, 3, "paused"),
        (False, None, 0, "refused"),
    ],
)
def test_channels(in_config, paused_at, failures, said):
    """How a channel is, in a few words; of one that left the config that is the reason."""
    assert words.channel(ChannelState("mail", in_config, paused_at, None, failures, "refused", 1)) == said


@pytest.mark.parametrize(
    ("state", "at", "said"),
    [
        ("open", AT + timedelta(seconds=20), "gathers alerts, first attempt in 20 s"),
        ("pending", AT, "next attempt due now"),
        ("pending", AT + timedelta(minutes=5), "next attempt in 5 min"),
        ("paused", AT + timedelta(hours=1), "paused with its channel, next probe in 1 h"),
        ("paused", None, "paused"),
        ("sent", AT, "sent 8 November 2026, 14:05 UTC"),
        ("given up", None, "given up"),
    ],
)
def test_fates(state, at, said):
    """What became of a delivery, and when it goes on."""
    assert words.fate(Fate("d-1", "mail", "ships", DeliveryState(state), 1, at, "refused"), AT) == said


def test_what_waits_behind_what_was_told_before_it_waits_for_its_turn():
    """It is due, nothing holds it, and it was never attempted."""
    assert words.fate(Fate("d-1", "mail", "ships", DeliveryState.PENDING, 0, AT, ""), AT) == "waits for its turn"


def test_excerpt_ends_at_a_word():
    """An extract is one line and ends at a word; a script without spaces is cut where it is full."""
    assert words.excerpt("One\n\ntwo three", 80) == "One two three"
    assert words.excerpt("One two, three four", 12) == "One two…"
    assert words.excerpt("会" * 300, 100) == "会" * 99 + "…"


def test_how_pages_are_read_is_said_in_words() -> None:
    """By what was learned, or in full and why; nothing while nothing is known."""
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    known = KnownLayouts("[]", is_known=True, since=at)
    lost = KnownLayouts("[]", message="no text was found where it stood", since=at)

    def said(*layouts: KnownLayouts) -> str:
        well = SourceState.OK
        return words.reading(WatchedSource("a", "https://a.example", True, well, AT, "", AT, AT, 1, layouts=layouts))

    assert said() == ""
    assert said(known) == "by their layout, learned on 1 March 2026"
    anew = KnownLayouts("[]", is_known=True, message="it moved", since=at)
    assert said(anew) == "by their layout, learned on 1 March 2026 anew: it moved"
    assert said(known, lost).endswith("anew: no text was found where it stood")


def test_where_a_date_was_read():
    """A reader sees whether the site states it or only its list does."""
    assert words.origin(When(AT, "day", origin="list")) == "the site's list"
    assert words.origin(When(AT)) == ""
