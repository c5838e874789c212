"""What was learned of links and layouts outlives a restart."""

from __future__ import annotations

from dataclasses import replace

from storage import layouts, shapes
from storage.layouts import KnownLayouts
from tests.storage.watch import DAY, GAZETTE, START, Watch


def test_counts_of_shapes_are_kept_and_forgotten(watch: Watch) -> None:
    """The latest counts stand; another source has its own."""
    watch.config(GAZETTE)
    source_id = watch.source().id
    for counts in ((1, 0), (2, 0), (2, 1)):
        watch.store.write(lambda c, counts=counts: shapes.keep(c, source_id, "a/long", counts))  # type: ignore[misc]
    watch.store.write(lambda c: shapes.keep(c, source_id, "b/mid", (0, 3)))
    with watch.store.reader() as connection:
        assert shapes.load(connection, source_id) == {"a/long": (2, 1), "b/mid": (0, 3)}
        assert shapes.load(connection, source_id + 1) == {}
    watch.store.write(lambda c: shapes.keep(c, source_id, "b/mid", None))
    with watch.store.reader() as connection:
        assert shapes.load(connection, source_id) == {"a/long": (2, 1)}


def test_a_layout_is_known_since_it_became_known(watch: Watch) -> None:
    """Lessons that are added meanwhile do not move the day; a loss does."""
    watch.config(GAZETTE)
    source_id = watch.source().id

    def keep(known: KnownLayouts, days: int) -> KnownLayouts:
        watch.store.write(lambda c: layouts.keep(c, source_id, "gazette.example", known, START + days * DAY))
        with watch.store.reader() as connection:
            return layouts.by_source(connection)["gazette"][0]

    assert keep(KnownLayouts("[1]"), 0) == KnownLayouts("[1]", since=START)
    assert keep(KnownLayouts("[2]", is_known=True), 1).since == START + DAY
    assert keep(KnownLayouts("[3]", is_known=True), 2) == KnownLayouts("[3]", is_known=True, since=START + DAY)
    assert keep(KnownLayouts("[]", message="moved"), 3).since == START + 3 * DAY


def test_another_way_of_reading_forgets_the_layouts(watch: Watch) -> None:
    """They were learned with the other."""
    watch.config(GAZETTE)
    source_id = watch.source().id
    watch.store.write(lambda c: layouts.keep(c, source_id, "gazette.example", KnownLayouts("[1]"), START))
    watch.config(replace(GAZETTE, language="ko"))
    with watch.store.reader() as connection:
        assert layouts.load(connection, source_id, "gazette.example") == KnownLayouts()
