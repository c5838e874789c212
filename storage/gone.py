"""Is a published article gone? What each look says of it, when to look again, and when many went at once. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.model.looking import Gone, Outcome

# The server says itself that there is nothing: 404, 410, a page that says so with status 200, or its home page by a
# redirect. All other faults are the server's, and say nothing of the article.
GONE = (Outcome.NOT_FOUND,)
LOOKS = 3  # that must agree, spaced over `confirm`
WATCHED_FOR = timedelta(days=90)  # that an article which went is still looked for: it may come back
FEW, MANY = 5, 20  # up to FEW are never a mass event; more than MANY always are
STALE = 3  # times `confirm`, after which what no look says any more counts neither for an event nor against one
SHARE = 0.3  # of the articles that were looked at; in between, that many are


def is_sure(gone: Gone, now: datetime, confirm: timedelta) -> bool:
    return gone.looks >= LOOKS and now - gone.since >= confirm


def is_stale(gone: Gone, now: datetime, confirm: timedelta, *, is_said: bool) -> bool:
    """Was it said once or twice, and never again? A server that answers 404 and then 403 for good leaves it so for
    ever; it is no part of what goes weeks later, nor holds that up. `is_said`: the last look said so."""
    return not is_said and gone.looks < LOOKS and now - gone.since >= confirm * STALE


def gone_again(before: Gone | None, now: datetime, confirm: timedelta) -> Gone:
    """What one more such look makes of it. A look counts if it is spaced: three in a minute are one."""
    if before is None:
        return Gone(now, 1)
    if now < before.since + _step(confirm) * before.looks:
        return before
    return Gone(before.since, before.looks + 1)


def look_again(gone: Gone, now: datetime, confirm: timedelta) -> datetime | None:
    """When the next look counts; after the last that had to, later and later; None when it is given up. Looks that are
    late, as after a night without the daemon, are not made up for one after the other: they would be one."""
    if gone.looks < LOOKS:
        return max(gone.since + _step(confirm) * gone.looks, now + _step(confirm) / 2)
    return ask_again(gone, now, confirm)


def ask_again(gone: Gone, now: datetime, confirm: timedelta) -> datetime | None:
    """When a look is made after many that failed, at what was said to be gone: later and later, or an outage would
    leave it unsettled for good; None when it is given up."""
    passed = max(now - gone.since, confirm)
    return now + passed if passed <= WATCHED_FOR else None


def look_at_named(since: datetime | None, looked_at: datetime | None, now: datetime) -> datetime:
    """When a look is made at what is gone and a list names again: now, it may be back; but after a look in vain an hour
    later for each day that it has been gone, or a list that names it by turns would have us ask for ever."""
    if since is None or looked_at is None:
        return now
    return max(now, looked_at + (looked_at - since) / 24)


def is_mass(gone: int, looked_at: int) -> bool:
    """Did so many of a host's articles go that they went together? `looked_at` counts them, too."""
    return gone > MANY or (gone > FEW and gone >= SHARE * looked_at)


def _step(confirm: timedelta) -> timedelta:
    return confirm / (LOOKS - 1)


def round_of(confirm: timedelta) -> timedelta:
    """How long a change waits for its siblings to be looked at: 10 minutes where `confirm` is a day."""
    return confirm / 144
