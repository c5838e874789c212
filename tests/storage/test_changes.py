"""Changes as rules judge them and messages tell them: both revisions, the lead's URL, every source."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from storage.changes import load_changes
from storage.model.articles import Change, ChangeKind
from storage.schema.articles import change
from tests.storage.watch import GAZETTE, HERALD, MINUTE, START, Watch, link, report


def loaded(watch: Watch, *ids: int) -> list[Change]:
    with watch.store.reader() as connection:
        return load_changes(connection, ids)


def test_an_edit_has_both_revisions_and_its_diff(watch: Watch) -> None:
    """What was added has no before; the first sight of the article stays."""
    watch.config(GAZETTE)
    watch.round([link("one")])
    watch.later(15 * MINUTE).round([link("one")], words="many complained")
    added, edited = loaded(watch, *(row.id for row in watch.rows(sa.select(change).order_by(change.c.id))))
    assert (added.kind, added.before, edited.kind) == (ChangeKind.ADDED, None, ChangeKind.EDITED)
    assert added.after == edited.before
    assert edited.after is not None and edited.after.article == report("one", "many complained")
    assert edited.after.number == 2
    assert edited.diff is not None and ("-", "nobody") in [(op, text.strip()) for op, text in edited.diff.body]
    assert (edited.url, edited.guid, edited.first_seen_at) == (link("one").url, added.guid, START)
    assert (added.seen_at, edited.seen_at) == (START, START + 15 * MINUTE)


def test_changes_come_in_the_order_that_was_asked_for(watch: Watch) -> None:
    """Those that are not known are left out; none are none."""
    watch.config(GAZETTE)
    watch.round([link(name) for name in ("a", "b", "c")])
    assert [one.id for one in loaded(watch, 3, 99, 1, 2)] == [3, 1, 2]
    assert loaded(watch) == []


def test_the_source_that_saw_it_first_is_named_first(watch: Watch) -> None:
    """Under its name of today."""
    watch.config(HERALD)
    watch.config(HERALD, GAZETTE)
    claims = {one.host: one for one in watch.claim()}
    gazette, herald = claims["gazette.example"], claims["herald.example"]
    watch.listed(gazette, gazette.listings[0], [link("one")])
    watch.listed(herald, herald.listings[0], [link("one")])
    watch.release(gazette)
    watch.round([link("one")])
    watch.config(HERALD, replace(GAZETTE, name="the gazette"))
    assert [one.sources for one in loaded(watch, 1)] == [("the gazette", "herald")]
