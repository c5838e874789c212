"""An article is said to be gone, then its host fails for days: what comes of it once the host answers again."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from tests.storage.test_mass import LINKS, NAMES, events, told_singly
from tests.storage.test_mass import watched as watched  # the fixture
from tests.storage.watch import DAY, HOUR, Watch


def looks(watch: Watch, days: int, *, gone: Collection[str], fails: Collection[str] = (), every: int = 2) -> None:
    """So many days with a look at all that is due every so many hours."""
    watch.pass_by(days * DAY, step=every * HOUR, links=LINKS, gone=gone, fails=fails)


@pytest.fixture
def outage(watched: Watch) -> Watch:
    """One of thirty answered 404 when its ladder ended, and all have answered 503 for four days since."""
    looks(watched, 1, gone=NAMES[:1])
    assert watched.address(NAMES[0]).gone_looks == 1
    looks(watched, 4, gone=(), fails=NAMES)
    return watched


def test_a_removal_is_told_after_an_outage_that_was_longer_than_all_tries(outage: Watch) -> None:
    """No ladder asks for it any more, and a look that says neither settles nothing."""
    looks(outage, 5, gone=NAMES[:1])
    assert told_singly(outage) == ["removed"]


def test_what_is_back_after_an_outage_is_suspected_no_longer(outage: Watch) -> None:
    looks(outage, 5, gone=())
    assert outage.address(NAMES[0]).gone_since is None
    assert (told_singly(outage), events(outage)) == ([], [])


def test_a_purge_within_an_outage_is_one_event_with_all_of_it(outage: Watch) -> None:
    """What was said before the outage went with the others: it is reckoned from when it is said again, or those that
    stood in between would count as looked at since."""
    looks(outage, 6, gone=NAMES[:12])
    [event] = events(outage)
    assert (event.articles, told_singly(outage), len(outage.notices())) == (12, [], 1)


def test_an_address_that_fails_for_good_is_asked_ever_more_seldom(outage: Watch) -> None:
    """And in the end no more."""
    looks(outage, 26, gone=(), fails=NAMES)
    tries = outage.address(NAMES[0]).failures
    looks(outage, 30, gone=(), fails=NAMES, every=12)
    assert tries <= outage.address(NAMES[0]).failures <= tries + 1
    looks(outage, 120, gone=(), fails=NAMES, every=12)
    assert outage.address(NAMES[0]).next_look_at is None
