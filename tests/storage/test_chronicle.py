"""What happened, in the order of time: single changes once they are decided on, and events that many are told as."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage.chronicle import Asked, Chronicle, Occasion
from storage.model.articles import Article
from storage.schema.articles import change, mass
from tests.press import BEGAN, Press

DAY = timedelta(days=1)


@pytest.fixture
def press(store):
    return Press(store)


@pytest.fixture
def chronicle(store):
    return Chronicle(store)


def text(title="Ferry to run all winter", body="The council met on Sunday and agreed."):
    return Article(title=title, body=body)


def kinds(chronicle, asked=Asked(), **more):
    ids = [one.id for one in chronicle.newest(asked, **more)]
    return [f"{one.kind}:{one.cls}".rstrip(":") for one in chronicle.changes(ids)]


def test_newest_first_without_what_was_added(press, chronicle):
    """Edits, removals and returns; an edit of typography alone stands only where its class is asked for."""
    guid = press.publish(text())
    press.edit(guid, body="The council met on Monday and agreed.")
    press.edit(guid, body="The council met on  Monday and agreed.")
    press.remove(guid)
    press.restore(guid)
    assert kinds(chronicle) == ["restored", "removed", "edited:numbers"]
    assert kinds(chronicle, Asked(kind="edited")) == ["edited:numbers"]
    assert kinds(chronicle, Asked(kind="edited", cls="label")) == ["edited:label"]
    assert kinds(chronicle, Asked(cls="headline")) == []


def test_what_waits_for_its_round_is_not_told(press, chronicle):
    """It may turn out to be part of an event; decided on, it stands at the time at which it was seen."""
    press.judged = False
    one, two = press.publish(text()), press.publish(text("Snow"))
    press.edit(one, title="Ferry sinks")
    press.judged = True
    press.edit(two, title="Snow falls")
    assert kinds(chronicle) == ["edited:headline"]
    press.decide()
    found = chronicle.newest(Asked())
    assert [one.guid for one in chronicle.changes([one.id for one in found])] == [two, one]


def test_history_is_no_news(press, chronicle, store):
    """An article of the first look that gets its text later."""
    press.edit(press.publish(text()), title="Ferry sinks")
    with store.writer() as connection:
        connection.execute(sa.update(change).values(history=True))
    assert kinds(chronicle) == []


def test_of_sources(press, chronicle):
    """Also of one that lists an article of another."""
    one, two = press.publish(text(), "Gazette"), press.publish(text("Snow"), "Post")
    press.edit(one, title="Ferry sinks")
    press.edit(two, title="Snow falls")
    press.attach(one, "Post")
    assert len(kinds(chronicle, Asked(("Gazette",)))) == 1
    assert len(kinds(chronicle, Asked(("Post",)))) == 2
    assert kinds(chronicle, Asked(("Nobody",))) == []


def test_pages_meet_each_change_once(press, chronicle):
    """Also where many were seen at one moment."""
    guid = press.publish(text())
    for number in range(7):
        press.edit(guid, title=f"Ferry {number}", at=BEGAN + DAY)
    pages, before = [], None
    while page := chronicle.newest(Asked(), before=before, limit=3):
        pages += page
        before = page[-1]
    assert pages == chronicle.newest(Asked())
    assert len(set(pages)) == 7


def test_a_mass_event_stands_for_all_of_its_changes(press, chronicle):
    """None of them stands alone; an event that was not told yet does not stand there."""
    press.judged = False
    guids = [press.publish(text(str(number))) for number in range(6)]
    for guid in guids:
        press.remove(guid)
    number = press.mass("removed", guids)
    assert kinds(chronicle) == []
    [event] = chronicle.events(Asked())
    assert (event.id, event.articles) == (number, 6)
    assert [one.title for one in chronicle.members(event, 2)] == ["0", "1"]
    assert chronicle.events(Asked(kind="edited")) == chronicle.events(Asked(("Post",))) == []
    with press.store.writer() as connection:
        connection.execute(sa.update(mass).values(told_at=None))
    assert chronicle.events(Asked()) == []


def test_version_tells_all_that_may_show(press, chronicle, store):
    """A change, its being decided on, an event and its end; reading gives no other."""
    press.judged = False
    guid = press.publish(text())
    versions = [chronicle.version()]
    steps = [
        lambda: press.edit(guid, title="Two"),
        press.decide,
        lambda: press.mass("edited", [guid]),
        lambda: store.write(lambda c: c.execute(sa.update(mass).values(articles=40))),
        lambda: store.write(lambda c: c.execute(sa.update(mass).values(ended_at=BEGAN, how="confirmed"))),
    ]
    for step in steps:
        step()
        versions.append(chronicle.version())
    assert len(set(versions)) == len(versions)
    chronicle.newest(Asked())
    assert chronicle.version() == versions[-1]


def test_what_was_decided_since(press, chronicle):
    """What waited then, and what came after; not what was told alone long before."""
    press.judged = False
    guid = press.publish(text())
    press.edit(guid, title="Waits")
    frontier = chronicle.frontier(10)
    assert frontier is not None and frontier[1] == {1, 2}
    press.edit(guid, title="Comes later")
    press.decide()
    assert sorted(one.id for one in chronicle.decided_since(Asked(), *frontier, limit=10)) == [2, 3]
    assert [one.id for one in chronicle.decided_since(Asked(), 1003, (), limit=10)] == []
    assert [one.id for one in chronicle.decided_since(Asked(), 1003, (2,), limit=10)] == [2]


def test_too_many_wait_to_be_remembered(press, chronicle):
    """The caller begins anew."""
    press.judged = False
    for number in range(3):
        press.publish(text(str(number)))
    assert chronicle.frontier(2) is None
    assert chronicle.frontier(3) is not None


def test_a_change_that_cannot_be_read(press, chronicle, store):
    """It is left out, and the others are told."""
    guid = press.publish(text())
    press.edit(guid, title="Two")
    press.edit(guid, title="Three")
    with store.writer() as connection:
        connection.exec_driver_sql("UPDATE change SET diff = '{' WHERE id = 2")
    assert [one.id for one in chronicle.changes([3, 2, 77])] == [3]


def test_marks_tell_what_would_be_shown_otherwise(press, chronicle):
    """Another source of the article; what is not there any more has none."""
    guid = press.publish(text())
    press.edit(guid, title="Two")
    before = chronicle.marks([2, 77])
    assert [mark[1] for mark in before] == [2]
    press.attach(guid, "Post")
    assert chronicle.marks([2]) != before


def test_days(press, chronicle):
    """How many of each kind on each day; those before the first day are left out."""
    guid = press.publish(text())
    press.edit(guid, title="A", at=BEGAN - 9 * DAY)
    press.edit(guid, title="B", at=BEGAN.replace(hour=0, minute=0))
    press.edit(guid, title="C", at=BEGAN + timedelta(hours=5))
    press.remove(guid, at=BEGAN + DAY)
    first, second = BEGAN.date(), (BEGAN + DAY).date()
    assert chronicle.days(Asked(), BEGAN) == {(first, "edited"): 2, (second, "removed"): 1}
    assert chronicle.days(Asked(kind="removed"), BEGAN) == {(second, "removed"): 1}


def test_found_by_an_index(press, store):
    """The newest are found without a look at every addition: asked of the statement itself, as it is sent."""
    asked = []
    sa.event.listen(store._reading, "before_cursor_execute", lambda *sent: asked.append(sent[2:4]))
    Chronicle(store).newest(Asked(), before=Occasion(BEGAN, 5), limit=20)
    with store.reader() as reading:
        statement, values = asked[-1]
        plan = reading.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        assert "ix_change_after_added" in str(plan.all())


def test_an_occasion_is_in_order_of_time():
    assert Occasion(BEGAN, 9) < Occasion(BEGAN + DAY, 1) < Occasion(BEGAN + DAY, 2)
