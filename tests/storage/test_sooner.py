"""Addresses that are looked at before their time, and their hosts with them."""

from __future__ import annotations

from storage.siblings import siblings
from storage.sooner import look_now
from tests.storage.watch import GAZETTE, MINUTE, Watch, link


def test_what_is_planned_for_later_is_due_now_and_what_is_due_stays(watch: Watch) -> None:
    """A second asking must not push back what waits already."""
    watch.config(GAZETTE)
    watch.round([link("a"), link("b")])
    watch.later(MINUTE)
    with watch.store.reader() as connection:
        found = siblings(connection, watch.source().id)
    watch.store.write(lambda c: look_now(c, found[:1], watch.now))
    [early, late] = [watch.address(name) for name in ("b", "a")]
    assert early.next_look_at == watch.host().next_due_at == watch.now < late.next_look_at
    asked_at = watch.now
    watch.later(MINUTE)
    with watch.store.reader() as connection:
        found = siblings(connection, watch.source().id)
    watch.store.write(lambda c: look_now(c, found, watch.now))
    assert [watch.address(name).next_look_at for name in ("b", "a")] == [asked_at, watch.now]
    assert watch.host().next_due_at == asked_at
